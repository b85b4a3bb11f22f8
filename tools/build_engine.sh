#!/bin/bash
# Builds engine/ once into the per-user cache and prints the folder that holds it:
#
#   <cache>/<key>/lib/libmimobox_engine.a  <cache>/<key>/include/{wasmtime.h,wasmtime/...,mimobox_engine.h}
#   <cache>/<key>/share/third-party.txt    the crates in it, with their licences
#
# <cache> is $MIMOBOX_ENGINE_CACHE, by default ~/.cache/mimobox-wasm/engine; <key> is a digest of all that
# goes into the library, so every checkout of the same engine shares it. Progress goes to standard error.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/tools/lib.sh"

engine=$root/engine
notices=$root/tools/third_party_notices.py
cache=${MIMOBOX_ENGINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mimobox-wasm/engine}
layout=3  # of the folder that this script makes

[ -f "$engine/src/lib.rs" ] || die "no engine/src/lib.rs"
find_rust || die "the engine needs Rust >= $rust_minimum: run \`make setup\`, or install it from https://rustup.rs"

# Panic messages name source files: not those of the machine that happened to build the engine.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
outer_flags=${RUSTFLAGS:-}
export RUSTFLAGS="$outer_flags --remap-path-prefix=$cargo_home=cargo"

key() {
  (
    cd "$engine"
    printf 'layout %s\nflags %s\n' "$layout" "$outer_flags"
    rustc -vV
    find Cargo.toml Cargo.lock src include -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
    sha256sum <"$notices"
  ) | sha256sum | cut -c1-16
}

# The headers with the generated conf.h are an output of the build script of wasmtime-c-api-impl: cargo's
# messages say where that is for exactly this build.
read_messages() {
  python3 -c '
import json, sys
include = library = ""
for line in sys.stdin:
    if not line.startswith("{"):
        continue
    message = json.loads(line)
    if message["reason"] == "build-script-executed" and "wasmtime-c-api-impl" in message["package_id"]:
        include = message["out_dir"] + "/include"
    if message["reason"] == "compiler-artifact" and message["target"]["name"] == "mimobox_engine":
        library = next(name for name in message["filenames"] if name.endswith(".a"))
print(include)
print(library)
'
}

output=$cache/$(key)
if [ ! -f "$output/lib/libmimobox_engine.a" ]; then
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  if ! flock -n 9; then
    say "waiting for another build of the engine ($cache/lock)"
    flock 9
  fi
fi
if [ ! -f "$output/lib/libmimobox_engine.a" ]; then
  say "building the engine into $output (some minutes, once per user)"
  start=$SECONDS
  # rustup's proxies and cmake must not see the settings of the build around this one.
  unset CFLAGS CXXFLAGS LDFLAGS CC CXX
  found=$(cargo build --release --locked --manifest-path "$engine/Cargo.toml" --target-dir "$cache/target" \
    --message-format=json-render-diagnostics 9>&- | read_messages) || die "cargo could not build the engine"
  include=$(sed -n 1p <<<"$found")
  library=$(sed -n 2p <<<"$found")
  [ -f "$include/wasmtime/conf.h" ] || die "the build left no wasmtime/conf.h"
  [ -f "$library" ] || die "the build left no libmimobox_engine.a"
  [ "$output" = "$cache/$(key)" ] || die "engine/ was changed during the build; run again"

  fresh=$(mktemp -d "$cache/tmp.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  mkdir "$fresh/lib" "$fresh/share"
  cp "$library" "$fresh/lib/libmimobox_engine.a"
  cp -r "$include" "$fresh/include"
  cp "$engine"/include/*.h "$fresh/include/"
  python3 -B "$notices" "$fresh/share/third-party.txt" || die "the licences of the engine's crates were not found"
  chmod -R a+rX "$fresh"
  rm -rf "$output"
  mv "$fresh" "$output"
  trap - EXIT
  say "engine built in $((SECONDS - start)) s"
fi
printf '%s\n' "$output"
