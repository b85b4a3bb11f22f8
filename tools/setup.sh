#!/bin/bash
# Installs what is missing to build and test on Debian 12 and Ubuntu 24.04, as root or with sudo. Quick and
# silent about what is there already.
#
#   tools/setup.sh [lint] [rust-guests]    with "lint" also clang-format and clang-tidy; with "rust-guests"
#                                          Debian's Rust for WASI, for tests of programs in Rust
#
# MIMOBOX_INSTALL_RUST=1 installs Rust without asking, =0 never does.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/tools/lib.sh"

packages=(g++ make cmake ninja-build python3 ca-certificates curl git util-linux pkg-config
  libcli11-dev libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libgtest-dev libgmock-dev libbenchmark-dev libssl-dev
  wasi-libc)

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo -- "$@"
  else
    die "root is needed, and there is no sudo; as root: $*"
  fi
}

llvm_packages() {
  local version=$1
  printf '%s\n' "clang-$version" "lld-$version" "libclang-rt-$version-dev" "libclang-rt-$version-dev-wasm32"
  if [[ " $wanted " = *" lint "* ]]; then
    printf '%s\n' "clang-format-$version" "clang-tidy-$version"
  fi
}

missing_of() {
  local package
  for package in "$@"; do
    installed "$package" || printf '%s\n' "$package"
  done
}

install_packages() {
  local missing
  missing=($(missing_of "${packages[@]}" $(llvm_packages 19)))
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null 2>&1 ||
    die "no apt-get here: install by hand what these packages of Debian hold: ${missing[*]}"

  say "installing: ${missing[*]}"
  as_root apt-get update -q >&2 || say "apt-get update failed; trying with the lists that are there"
  if ! apt-cache show clang-19 >/dev/null 2>&1 && apt-cache show clang-18 >/dev/null 2>&1; then
    say "no package clang-19 here: taking clang-18 for the guests (the fuzz and clang presets need 19)"
    missing=($(missing_of "${packages[@]}" $(llvm_packages 18)))
    [ "${#missing[@]}" -gt 0 ] || return 0
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 ||
    die "packages were not installed; try: apt-get update && apt-get install ${missing[*]}"
}

may_install_rust() {
  case "${MIMOBOX_INSTALL_RUST:-}" in
    1) return 0 ;;
    0) return 1 ;;
  esac
  if [ "${CI:-}" = true ] || [ ! -t 0 ] || [ ! -t 2 ]; then
    say "no terminal to ask on: going ahead (MIMOBOX_INSTALL_RUST=0 prevents it)"
    return 0
  fi
  local answer
  read -r -p "mimobox: install it now? [y/N] " answer
  [[ "$answer" = [yY]* ]]
}

install_rust() {
  find_rust && return 0
  say "Rust >= $rust_minimum is needed to build the engine; rustup (https://rustup.rs) would install it into" \
    "${RUSTUP_HOME:-$HOME/.rustup} and ${CARGO_HOME:-$HOME/.cargo}"
  may_install_rust ||
    die "no Rust >= $rust_minimum: install it from https://rustup.rs, or run again with MIMOBOX_INSTALL_RUST=1"
  local rustup=${CARGO_HOME:-$HOME/.cargo}/bin/rustup
  if [ -x "$rustup" ]; then
    "$rustup" toolchain install stable --profile minimal >&2 || die "rustup could not install Rust (stable)"
  else
    local script
    script=$(mktemp)
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs -o "$script" || {
      rm -f "$script"
      die "cannot fetch rustup; install Rust >= $rust_minimum by hand (https://rustup.rs)"
    }
    sh "$script" -y --profile minimal --default-toolchain stable --no-modify-path >&2 ||
      die "rustup could not install Rust; install Rust >= $rust_minimum by hand (https://rustup.rs)"
    rm -f "$script"
  fi
  find_rust || die "rustup's stable is older than Rust $rust_minimum: run \`rustup update stable\`"
}

wanted=$*
if [[ " $wanted " = *" rust-guests "* ]]; then
  packages+=(rustc libstd-rust-dev-wasm32 lld-14)
fi
install_packages
cmake_version=$(cmake --version | sed -n '1s/[^0-9]*//p')
version_at_least "$cmake_version" 3.25 || die "cmake $cmake_version is too old: 3.25 or newer is needed"
install_rust
