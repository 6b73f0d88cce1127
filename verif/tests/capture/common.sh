# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share; read by them. Arguments: the program, a folder for what they write, the folder of the
# RISC-V programs, the plug-in for QEMU.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
twinwalk=$1 work=$2 programs=$3 plugin=$4
rm -rf "$work"
mkdir -p "$work"
cd "$work"
for tool in qemu-riscv32 qemu-riscv64 qemu-system-riscv32 qemu-system-riscv64 valgrind; do
  command -v "$tool" >/dev/null || { echo "$tool is not there: scripts/setup --test installs it"; exit 1; }
done

# status WANTED COMMAND...: runs it, keeps what it says in out and err, and wants its exit status.
status() {
  local wanted=$1 got=0
  shift
  "$@" >out 2>err </dev/null || got=$?
  [ "$got" = "$wanted" ] || { echo "exit status $got, expected $wanted: $*"; cat out err; exit 1; }
}

# says FILE TEXT: the file has the text.
says() {
  grep -qF -- "$2" "$1" || { echo "$1 does not say \"$2\":"; head -c 4000 "$1"; exit 1; }
}

# verdict TRACE CONFIGURATION: cosim says that both sides agree, on every pin and with every check; its JSON is in
# verdict.json.
verdict() {
  status 0 "$twinwalk" cosim "$1" -c "$2" --checks all --json
  mv out verdict.json
  count verdict '"PASS"'
  for name in differences content_errors isolation_errors stale_uses; do count "$name" 0; done
}

# count NAME VALUE: of the verdict, the first of that name.
count() {
  local found
  found=$(sed -n "s/^ *\"$1\": \([^,]*\),*$/\1/p" verdict.json | head -1)
  [ "$found" = "$2" ] || { echo "$1 is $found, expected $2"; exit 1; }
}

# at_least NAME NUMBER: the same.
at_least() {
  local found
  found=$(sed -n "s/^ *\"$1\": \([^,]*\),*$/\1/p" verdict.json | head -1)
  [ "${found:-0}" -ge "$2" ] || { echo "$1 is $found, expected $2 at least"; exit 1; }
}

# machine XLEN PROGRAM: the words of QEMU's command for a bare machine, in `machine`.
machine() {
  machine=("qemu-system-riscv$1" -M virt -bios none -nographic -kernel "$programs/$2$1")
}
