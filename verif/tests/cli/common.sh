# shellcheck shell=bash disable=SC2034
# What the tests of this folder share; read by them. Arguments: the program, a folder for what they write, the sources.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
twinwalk=$1 work=$2 source=$3
trace=$source/traces/captured/true.twb
export work trace
rm -rf "$work"
mkdir -p "$work"
cd "$work"

# status WANTED COMMAND...: runs it, keeps what it says in out and err, and wants its exit status.
status() {
  local wanted=$1 got=0
  shift
  "$@" >out 2>err </dev/null || got=$?
  [ "$got" = "$wanted" ] || { echo "exit status $got, expected $wanted: $*"; cat out err; exit 1; }
}

# says FILE TEXT: the file has the text.
says() {
  grep -qF -- "$2" "$1" || { echo "$1 does not say \"$2\":"; cat "$1"; exit 1; }
}
