#!/usr/bin/env python3
"""Whether the pages of a range lay in the same frames, in the same order, in a machine and in a golden trace of it.

Usage: same_pairs.py MACHINE.txt GOLDEN.twt FIRST BEHIND (hexadecimal)
SPDX-License-Identifier: Apache-2.0
"""
import re
import sys

PLAYED = ("fetch", "load", "store", "amo", "control", "pmp", "pte", "fence")


def changes(pairs: list[tuple[int, int]], first: int, behind: int) -> list[tuple[int, int]]:
    """The pairs of pages of the range, each when it is new or another one than before."""
    frames: dict[int, int] = {}
    found = []
    for va, pa in pairs:
        page, frame = va >> 12, pa >> 12
        if first <= va < behind and frames.get(page) != frame:
            frames[page] = frame
            found.append((page, frame))
    return found


def machine_pairs(path: str) -> list[tuple[int, int]]:
    line = re.compile(r"^\d+ [ILSA] ([0-9a-f]+),\d+,([0-9a-f]+)$")
    with open(path, encoding="ascii") as text:
        matches = (line.match(each) for each in text)
        return [(int(m[1], 16), int(m[2], 16)) for m in matches if m]


def golden_pairs(path: str) -> list[tuple[int, int]]:
    """In the order of the accesses, not of the answers; a kernel's own are in another range."""
    vas: dict[int, int] = {}
    pas: dict[int, int] = {}
    number = 0
    with open(path, encoding="ascii") as text:
        for each in text:
            word = each.split(" ", 1)[0]
            fields = dict(field.split("=", 1) for field in each.split() if "=" in field)
            if word in PLAYED and not each.endswith(":\n"):
                if "va" in fields and word != "fence":
                    vas[number] = int(fields["va"], 16)
                number += 1
            elif word == "answer" and "pa" in fields:
                pas[int(fields["of"])] = int(fields["pa"], 16)
    return [(vas[n], pas[n]) for n in sorted(pas)]


def main() -> int:
    machine, golden, first, behind = sys.argv[1], sys.argv[2], int(sys.argv[3], 16), int(sys.argv[4], 16)
    expected = changes(machine_pairs(machine), first, behind)
    found = changes(golden_pairs(golden), first, behind)
    if not expected or expected != found:
        print(f"pages and frames of the machine: {expected}\nof the golden trace: {found}")
        return 1
    print(f"{len(expected)} pairs are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
