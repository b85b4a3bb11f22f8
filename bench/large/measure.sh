#!/bin/bash
# What a module of some 20 MB costs: as a process at its first, second and third run, and in process from the cache.
#
#   bench/large/measure.sh BUILD        BUILD: the folder of a release build with benchmarks
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?the folder of a build}" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

GOOS=wasip1 GOARCH=wasm GO111MODULE=off go build -o "$folder/large.wasm" "$here/main.go"
ls -l "$folder/large.wasm"
mkdir -m 700 "$folder/cache"
for run in first second third; do
  sleep 3  # what was just written is hashed again at each use
  echo "== $run run"
  time MIMOBOX_CACHE_DIR=$folder/cache "$build/bin/mimobox-wasm" run --compile-timeout 120s --timeout 60s --stats \
    "$folder/large.wasm" </dev/null
done
du -sh "$folder/cache"
MIMOBOX_BENCH_MODULE=$folder/large.wasm "$build/bin/cache_bench"
