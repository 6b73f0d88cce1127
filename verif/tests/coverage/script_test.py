"""scripts/coverage finds what is not reached and what is wrong with its exclusions. Each test makes a small tree, with a
program in the place of `twinwalk` that writes a tally, and breaks one thing.

SPDX-License-Identifier: Apache-2.0
"""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "coverage"
POINTS = [f"walk.steps.{n}" for n in range(99)] + ["fence.never"]
PROGRAM = """#!/bin/sh
while [ $# -gt 1 ]; do
  if [ "$1" = --coverage ]; then cp "$(dirname "$0")/../tally" "$2"; fi
  shift
done
exit $(cat "$(dirname "$0")/../status")
"""


def script():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("coverage_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("coverage_script", loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["coverage_script"] = module
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


class Campaign(unittest.TestCase):
    """Runs scripts/coverage --functional on a tree in a scratch folder."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "verif/coverage").mkdir(parents=True)
        (self.root / "build/bin").mkdir(parents=True)
        self.write("build/bin/twinwalk", PROGRAM)
        (self.root / "build/bin/twinwalk").chmod(0o755)
        self.write("build/status", "0")
        self.write("build/tally", "".join(f"{point}\t1\n" for point in POINTS[:-1]))
        self.write("verif/coverage/points.tsv", "# points\n" + "".join(f"{point}\ta point\n" for point in POINTS))
        self.write("verif/coverage/exclusions.tsv", "# none but one\nfunctional\tfence.*\ta rule\n")
        self.write("verif/coverage/plan.tsv", "base39\trandom:10\t--seed 1\tall\n")

    def write(self, name, text):
        (self.root / name).write_text(text)

    def check(self, status, *words):
        """The script's exit status, and what it says."""
        command = [sys.executable, str(SCRIPT), "--functional", "--root", str(self.root), "--build", str(self.root / "build")]
        done = subprocess.run(command, capture_output=True, text=True)
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, said)
        for word in words:
            self.assertIn(word, said)

    def test_all_reached_or_excluded_is_at_its_targets(self):
        self.check(0, "functional points", "99", "100.00", "at its targets")

    def test_a_missing_point_is_named(self):
        self.write("build/tally", "".join(f"{point}\t1\n" for point in POINTS[1:-1]))
        self.check(1, "missing: functional: walk.steps.0: a point", "below its targets")

    def test_a_point_that_was_counted_no_time_is_missing(self):
        self.write("build/tally", "".join(f"{point}\t{int(point != 'walk.steps.7')}\n" for point in POINTS[:-1]))
        self.check(1, "missing: functional: walk.steps.7")

    def test_an_excluded_point_that_was_reached_is_wrong(self):
        self.write("build/tally", "".join(f"{point}\t3\n" for point in POINTS))
        self.check(1, "excluded by fence.*, and reached 3 times: fence.never")

    def test_an_exclusion_that_matches_nothing_is_wrong(self):
        self.write("verif/coverage/exclusions.tsv", "functional\tfence.*\ta rule\nfunctional\tfance.*\ta rule\n")
        self.check(1, "an exclusion matches nothing: fance.*")

    def test_a_point_that_is_not_listed_is_wrong(self):
        self.write("build/tally", "".join(f"{point}\t1\n" for point in POINTS[:-1]) + "walk.stops\t1\n")
        self.check(1, "a point that is not in points.tsv: walk.stops")

    def test_two_percent_may_be_excluded(self):
        self.write("build/tally", "".join(f"{point}\t1\n" for point in POINTS[1:-1]))
        self.write("verif/coverage/exclusions.tsv", "functional\tfence.*\ta rule\nfunctional\twalk.steps.0\ta rule\n")
        self.check(0, "100.00")

    def test_more_than_two_percent_may_not(self):
        self.write("build/tally", "".join(f"{point}\t1\n" for point in POINTS[2:-1]))
        self.write("verif/coverage/exclusions.tsv",
                   "functional\tfence.*\ta rule\nfunctional\twalk.steps.0\ta rule\nfunctional\twalk.steps.1\ta rule\n")
        self.check(1, "3 of 100 are excluded: more than 2 %")

    def test_an_exclusion_has_a_reason(self):
        self.write("verif/coverage/exclusions.tsv", "functional\tfence.*\t\n")
        self.check(2, "exclusions.tsv:1: expected 3 fields")

    def test_an_exclusion_of_an_unknown_kind_is_refused(self):
        self.write("verif/coverage/exclusions.tsv", "functionel\tfence.*\ta rule\n")
        self.check(2, "there is no kind functionel")

    def test_a_run_that_finds_a_difference_ends_the_campaign(self):
        self.write("build/status", "1")
        self.check(2, "random:10")

    def test_tallies_are_added_up(self):
        self.write("verif/coverage/plan.tsv", "base39\trandom:10\t--seed 1\tall\nbase39\trandom:10\t--seed 2\tall\n")
        self.write("build/tally", "".join(f"{point}\t2\n" for point in POINTS))
        self.check(1, "reached 4 times")


class Measures(unittest.TestCase):
    """What is read from Verilator's and gcov's files."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "rtl").mkdir()
        (self.root / "rtl/tw_a.sv").write_text("module tw_a;\n  if (x) begin\n")
        (self.root / "model/spec").mkdir(parents=True)
        (self.root / "model/spec/a.c").write_text("if (a)\n")
        self.script = script()

    def record(self, kind, line, what, where, count):
        fields = {"f": f"{self.root}/rtl/tw_a.sv", "l": line, "n": 3, "page": f"v_{kind}/tw_a", "o": what, "h": where}
        return "C '" + "".join(f"\x01{key}\x02{value}" for key, value in fields.items()) + f"' {count}\n"

    def points(self, *texts):
        files = []
        for number, text in enumerate(texts):
            files.append(self.root / f"{number}.dat")
            files[-1].write_text("# SystemC::Coverage-3\n" + text)
        return self.script.rtl_points(self.script.Sources(self.root), files)

    def test_instances_and_runs_of_a_module_are_one(self):
        first = self.record("toggle", 1, "x[3]", "dut.a", 0) + self.record("toggle", 1, "x[3]", "dut.b", 2)
        points = self.points(first, self.record("toggle", 1, "x[3]", "dut.c", 5))["rtl-toggle"]
        self.assertEqual([(point.name, point.count) for point in points], [("rtl/tw_a.sv: x[3]", 7)])

    def test_bits_and_branches_are_points_of_their_own(self):
        text = self.record("toggle", 1, "x[0]", "dut", 1) + self.record("toggle", 1, "x[1]", "dut", 0)
        text += self.record("branch", 2, "if", "dut", 0) + self.record("branch", 2, "else", "dut", 4)
        points = self.points(text)
        self.assertEqual([point.count for point in points["rtl-toggle"]], [1, 0])
        self.assertEqual([(point.place, point.count) for point in points["rtl-branch"]],
                         [("rtl/tw_a.sv:2: if (x) begin (if)", 0), ("rtl/tw_a.sv:2: if (x) begin (else)", 4)])

    def test_branches_of_a_header_are_put_together(self):
        found = {}
        sources = self.script.Sources(self.root)
        for counts in ((0, 3), (2, 0)):
            lines = [{"line_number": 1, "function_name": "f", "branches": [{"count": count} for count in counts]}]
            self.script.c_file_add(sources, "model/spec/a.c", lines, found)
        self.assertEqual([(point.name, point.count) for point in found.values()],
                         [("model/spec/a.c: f: if (a) #0", 2), ("model/spec/a.c: f: if (a) #1", 3)])

    def test_brackets_in_a_pattern_are_brackets(self):
        (self.root / "exclusions.tsv").write_text("rtl-toggle\trtl/tw_a.sv: x[3]\ta reason\n")
        exclusions = self.script.read_exclusions(self.root / "exclusions.tsv")["rtl-toggle"]
        points = [self.script.Point("rtl/tw_a.sv: x[3]", ""), self.script.Point("rtl/tw_a.sv: x3", "", 1)] + [
            self.script.Point(f"y[{n}]", "", 1) for n in range(98)]
        row = self.script.judge("rtl-toggle", points, exclusions)
        self.assertTrue(row.good(), row)

    def test_nothing_measured_is_not_good(self):
        self.assertFalse(self.script.judge("rtl-line", [], []).good())


if __name__ == "__main__":
    unittest.main()
