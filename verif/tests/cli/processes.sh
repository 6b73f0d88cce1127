# Traces of processes that the tests of this folder play; read by them after common.sh.
# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# two_processes [HEADER...]: a parent and its copy; the child writes a page that both have, and ends.
two_processes() {
  printf 'twinwalk program 3\nbits: 32\ntitle: a copy on write\n'
  [ $# = 0 ] || printf '%s\n' "$@"
  cat <<'TRACE'
---
map start=0x10000 length=0x2000 prot=r-x use=code name="code"
map start=0x400000 length=0x4000 prot=rw- use=data
fetch va=0x10000 size=4
store va=0x400000 size=4
store va=0x401008 size=4
fork id=0x10000
thread id=0x10001
fetch va=0x10004 size=4
load va=0x400000 size=4
store va=0x400000 size=4
load va=0x401008 size=4
exit id=0x10000
thread id=1
fetch va=0x10008 size=4
load va=0x400000 size=4
store va=0x401008 size=4
end 16
TRACE
}

# An address is unmapped, and used as if it were not.
unmapped_and_used() {
  cat <<'TRACE'
twinwalk program 3
bits: 32
title: a load behind munmap
---
map start=0x10000 length=0x2000 prot=r-x use=code name="code"
map start=0x400000 length=0x4000 prot=rw- use=data
fetch va=0x10000 size=4
store va=0x400000 size=4
load va=0x400000 size=4
unmap start=0x400000 length=0x1000
fetch va=0x10004 size=4
load va=0x400000 size=4
end 8
TRACE
}

# pages_in_turn PAGES TIMES [HEADER...]: one process stores to each page in turn.
pages_in_turn() {
  local pages=$1 times=$2
  shift 2
  printf 'twinwalk program 3\nbits: 32\ninterleaving: none\n'
  [ $# = 0 ] || printf '%s\n' "$@"
  awk -v pages="$pages" -v times="$times" 'BEGIN {
    print "---"
    print "map start=0x10000 length=0x2000 prot=r-x use=code name=\"code\""
    printf "map start=0x400000 length=0x%x prot=rw- use=data\n", pages * 4096
    for (i = 0; i < times; i++)
      for (page = 0; page < pages; page++) {
        printf "fetch va=0x%x size=4\n", 65536 + 4 * (page % 64)
        printf "%s va=0x%x size=8\n", i % 2 ? "load" : "store", 4194304 + 4096 * page + 8 * (page % 500)
      }
    print "end " 2 + 2 * pages * times
  }'
}
