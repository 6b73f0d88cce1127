# shellcheck shell=bash disable=SC2154
# Good traces of each kind and form, and the commands that read one. Read after common.sh.
# SPDX-License-Identifier: Apache-2.0
cat >program.twt <<'TEXT'
twinwalk program 1
bits: 64
---
map start=0x4000000 length=0x2000 prot=r-x use=code name="/lib/ld.so"
map start=0x1ffefff000 length=0x1000 prot=rw- use=stack grows-down
fetch va=0x4000100 size=4
store va=0x1ffefffff8 size=8
load va=0x1ffefffff0 size=8
end 5
TEXT
cat >mmu.twt <<'TEXT'
twinwalk mmu 1
needs.mode: Sv39
---
image pa=0x80000000 value=0x200000cf
control satp=0x8000300000080000 privilege=S sum=0 mxr=0
load va=0x1008 size=8 after=-1
load va=0x40000000 size=8 after=-1
store va=0x1010 size=4 after=-1
end 5
TEXT
"$twinwalk" golden mmu.twt -c base39 -o golden.twt >/dev/null
for kind in program mmu golden; do "$twinwalk" convert $kind.twt -o $kind.twb; done
