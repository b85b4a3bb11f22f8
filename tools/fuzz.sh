#!/bin/bash
# Runs the fuzzers of build/fuzz (libFuzzer), one after the other.
#
#   tools/fuzz.sh SECONDS [NAME...]   each fuzzer, or those named, for so long; what is new stays in build/fuzz/corpus
#   tools/fuzz.sh --record SECONDS [NAME...]   the same, and a line each in fuzz/log.csv
#   tools/fuzz.sh --merge [NAME...]   puts what is new and reaches more code into fuzz/corpus
#   tools/fuzz.sh --hours             how long each has run in all, by fuzz/log.csv
#
# FUZZ_PRESET=fuzz-signals takes the fuzzers of that preset, in build/fuzz-signals.
#
# An input that breaks something is kept in build/fuzz/crashes; the exit status is 1 then.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/lib.sh
build=build/${FUZZ_PRESET:-fuzz}
log=fuzz/log.csv
# Larger inputs are no use in a corpus that every test run replays.
largest=4096

names() {
  if [ "$#" -gt 0 ]; then
    printf '%s\n' "$@"
  else
    find fuzz -name '*_fuzz.cc' | sed 's|.*/||; s|_fuzz\.cc$||' | LC_ALL=C sort
  fi
}

fuzz_one() {
  local name=$1 seconds=$2 output status=0
  mkdir -p "$build/corpus/$name" $build/crashes "fuzz/corpus/$name"
  output=$build/$name.log
  # A fuzzer of the whole library shares the process with its engine, whose memory is not instrumented.
  ASAN_OPTIONS=detect_leaks=0 "$build/bin/${name}_fuzz" -max_total_time="$seconds" -max_len=$largest -timeout=60 \
    -rss_limit_mb=4096 -print_final_stats=1 -artifact_prefix="$build/crashes/$name-" \
    "$build/corpus/$name" "fuzz/corpus/$name" >"$output" 2>&1 || status=$?
  local executions
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output")
  say "$name: $seconds s, ${executions:-0} inputs, $(find "$build/corpus/$name" -type f | wc -l) new in $build/corpus"
  if [ "$status" != 0 ]; then
    say "$name FAILED: see $output and $build/crashes"
    return 1
  fi
  if [ "$record" = yes ]; then
    printf '%s,%s,%s,%s\n' "$(date -u +%F)" "$name" "$seconds" "${executions:-0}" >>"$log"
  fi
}

merge_one() {
  local name=$1
  mkdir -p "$build/corpus/$name" "fuzz/corpus/$name"
  ASAN_OPTIONS=detect_leaks=0 "$build/bin/${name}_fuzz" -set_cover_merge=1 -max_len=$largest \
    "fuzz/corpus/$name" "$build/corpus/$name" >"$build/$name.merge.log" 2>&1 ||
    die "$name: merging failed: see $build/$name.merge.log"
  say "$name: $(find "fuzz/corpus/$name" -type f | wc -l) inputs in fuzz/corpus"
}

hours() {
  awk -F, 'NR > 1 { seconds[$2] += $3; runs[$2] += $4 }
    END { for (name in seconds) printf "%s %.2f h %d inputs\n", name, seconds[name] / 3600, runs[name] }' "$log" |
    LC_ALL=C sort
}

record=no
case "${1:-}" in
  --hours) hours; exit 0 ;;
  --merge)
    shift
    for name in $(names "$@"); do merge_one "$name"; done
    exit 0
    ;;
  --record) record=yes; shift ;;
esac
[[ "${1:-}" =~ ^[0-9]+$ ]] || die "how many seconds for each fuzzer? (tools/fuzz.sh SECONDS [NAME...])"
seconds=$1
shift
status=0
for name in $(names "$@"); do
  fuzz_one "$name" "$seconds" || status=1
done
exit $status
