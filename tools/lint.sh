#!/bin/bash
# clang-format and clang-tidy 19 over our own sources; nothing is changed. `tools/lint.sh --fix` formats.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/lib.sh
for tool in clang-format-19 clang-tidy-19 run-clang-tidy-19; do
  command -v "$tool" >/dev/null || die "no $tool: apt-get install clang-format-19 clang-tidy-19"
done

mapfile -t files < <(
  for folder in include src tests fuzz bench bindings examples cmake; do
    [ ! -d "$folder" ] || find "$folder" -name '*.h' -o -name '*.cc'
  done | LC_ALL=C sort
)
[ "${#files[@]}" -gt 0 ] || die "no sources"
if [ "${1:-}" = --fix ]; then
  clang-format-19 -i "${files[@]}"
  exit 0
fi
status=0
clang-format-19 --dry-run --Werror "${files[@]}" || status=1
cmake --preset clang >/dev/null
# Only what the library and the command are made of: test macros expand to what the checks forbid.
run-clang-tidy-19 -quiet -j "$(nproc)" -p build/clang "^$PWD/src/.*\.cc$" || status=1
exit $status
