#!/bin/bash
# Builds and tests in stages, goes on after a stage that failed, and ends with one line per stage.
#
#   tools/run_tests.sh        release suite (not what is labelled slow); ASan + UBSan: unit, conformance, not the slow ones; TSan: concurrent
#   tools/run_tests.sh all    the whole suite everywhere, both compilers, without the engine, lint
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/lib.sh
jobs=$(nproc)
results=()
status=0

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" && cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}
}

# run_ctest PRESET [ARGUMENT...]
run_ctest() {
  local preset=$1
  shift
  "${ctest_wrapper[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$jobs" "$@"
}

stage() {
  local name=$1 start=$SECONDS
  shift
  say "=== $name"
  if "$@"; then
    results+=("ok      $name ($((SECONDS - start)) s)")
  else
    results+=("FAILED  $name ($((SECONDS - start)) s)")
    status=1
  fi
}

# TSan of gcc 12 cannot map its shadow where the kernel randomizes more than 28 bits.
ctest_wrapper=()
without_aslr() {
  local bits
  bits=$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)
  if [ "$bits" -gt 28 ] && setarch -R true 2>/dev/null; then
    ctest_wrapper=(setarch -R)
  fi
  "$@"
  local code=$?
  ctest_wrapper=()
  return $code
}

release_suite() { build release && run_ctest release -LE '^slow$'; }
asan_suite() { build asan unit_tests conformance_tests && run_ctest asan -L '^(unit|conformance)$' -LE '^slow$'; }
tsan_suite() { build tsan && run_ctest tsan -R Concurrent; }
full_suite() { build "$1" && run_ctest "$1"; }

if [ "${1:-}" = all ]; then
  stage "release: whole suite" full_suite release
  stage "asan: whole suite" full_suite asan
  stage "tsan: whole suite" without_aslr full_suite tsan
  stage "dev (gcc, warnings are errors): whole suite" full_suite dev
  stage "clang (warnings are errors): whole suite" full_suite clang
  stage "no-engine: unit and conformance" full_suite no-engine
  stage "fuzz: builds, corpora replayed" full_suite fuzz
  stage "lint" tools/lint.sh
else
  stage "release: suite" release_suite
  stage "asan: unit and conformance" asan_suite
  stage "tsan: concurrent tests" without_aslr tsan_suite
fi

printf '\n'
printf '%s\n' "${results[@]}"
exit $status
