# shellcheck shell=bash disable=SC2034
# What the tests of this folder share; read by them. Arguments: the program, a folder for what they write, the sources.
#
# There is a folder `there` with a file `kept` in each form of output. After every refusal they are what they were, and
# nothing else is in it; nor is anything left in the folder of temporary files.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
shopt -s lastpipe
twinwalk=$1 work=$2 source=$3
rm -rf "$work"
mkdir -p "$work/there" "$work/tmp" "$work/bad" "$work/bin"
cd "$work"
export TMPDIR=$work/tmp
OUTPUTS=(kept.fst kept.gtkw kept.twb kept.twt kept.xml)
for output in "${OUTPUTS[@]}"; do echo precious >"there/$output"; done
checked=0 wrong=0

# complain TEXT: counts what is wrong with the last command, and goes on.
complain() {
  wrong=$((wrong + 1))
  echo "$1: ${command[*]}"
  head -c 600 err
}

# untouched: the outputs that were there are as they were, and nothing is left beside them.
untouched() {
  local entries=(there/* there/.[!.]* tmp/* tmp/.[!.]*) output
  [ "${entries[*]}" = "$(printf 'there/%s ' "${OUTPUTS[@]}")there/.[!.]* tmp/* tmp/.[!.]*" ] || {
    complain "left behind: ${entries[*]}"
    rm -rf there/* there/.[!.]* tmp/* tmp/.[!.]*
    for output in "${OUTPUTS[@]}"; do echo precious >"there/$output"; done
  }
  for output in "${OUTPUTS[@]}"; do
    [ "$(<"there/$output")" = precious ] && continue
    complain "$output was changed"
    echo precious >"there/$output"
  done
}

# refused TEXT... -- COMMAND...: exit status 2, one line on standard error that has every TEXT, and nothing touched.
refused() {
  local texts=() got=0 lines text
  while [ "$1" != -- ]; do texts+=("$1"); shift; done
  shift
  command=("$@")
  "$twinwalk" "$@" >out 2>err <"${input:-/dev/null}" || got=$?
  checked=$((checked + 1))
  [ $got = 2 ] || complain "exit status $got"
  mapfile -t lines <err
  [ ${#lines[@]} = 1 ] || complain "${#lines[@]} lines on standard error"
  [[ ${lines[0]:-} = "twinwalk: "* ]] || complain "no message"
  [[ ${lines[0]:-} = *[[:cntrl:]]* ]] && complain "control characters in the message"
  for text in "${texts[@]}"; do [[ ${lines[0]:-} = *"$text"* ]] || complain "does not say \"$text\""; done
  untouched
}

# misused COMMAND...: exit status 2, a line that says what is wrong, and a sentence that points at --help.
misused() {
  local got=0 lines # argp may break its line
  command=("$@")
  "$twinwalk" "$@" >out 2>err </dev/null || got=$?
  checked=$((checked + 1))
  [ $got = 2 ] || complain "exit status $got"
  mapfile -t lines <err
  if [ ${#lines[@]} -gt 3 ] || [[ ${lines[1]:-Try} != Try* ]]; then complain "too much on standard error"; fi
  [[ ${lines[0]:-} = twinwalk*": "* ]] || complain "no message"
  [[ ${lines[*]} = *"--help"* ]] || complain "does not point at --help"
  [ ! -s out ] || complain "something on standard output"
  untouched
}

# summary WHAT: how many were checked, and the test's exit status.
summary() {
  echo "$checked $1, $wrong wrong"
  [ $wrong = 0 ] && [ $checked -gt 0 ]
}
