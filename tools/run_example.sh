#!/bin/bash
# Runs the example guest on real input under limits, and shows its output and the verdict.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
input=README.md
[ -f "$input" ] || input=CMakeLists.txt
run=(build/release/bin/mimobox-wasm run -v --timeout 5s --memory 64M build/release/guests/wordcount.wasm)

printf '\n$ %s < %s\n' "${run[*]}" "$input"
"${run[@]}" <"$input"
code=$?
printf '\n'
case $code in
  0) verdict="exited, status 0, within 5 s and 64 MiB" ;;
  124) verdict="stopped by the time limit (--timeout)" ;;
  137) verdict="stopped by the memory limit (--memory)" ;;
  134) verdict="trapped" ;;
  *) verdict="status $code, see above" ;;
esac
printf 'verdict: %s\n' "$verdict"
exit $code
