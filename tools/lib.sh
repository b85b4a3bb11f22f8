# Shared by the scripts of this folder; sourced, not run.

rust_minimum=1.95

say() { printf '%s\n' "mimobox: $*" >&2; }
die() { say "error: $*"; exit 1; }

# version_at_least HAVE WANTED
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

rust_is_new_enough() {
  command -v cargo >/dev/null 2>&1 || return 1
  rust_version=$(rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ -n "$rust_version" ] && version_at_least "${rust_version%%-*}" "$rust_minimum"
}

# Puts a cargo and rustc that are new enough first in PATH; fails when there is none.
find_rust() {
  rust_is_new_enough && return 0
  for rust_dir in "${CARGO_HOME:-$HOME/.cargo}/bin" /usr/local/cargo/bin; do
    [ -x "$rust_dir/cargo" ] || continue
    PATH="$rust_dir:$PATH"
    export PATH
    rust_is_new_enough && return 0
    # An older default of rustup beside a newer stable.
    RUSTUP_TOOLCHAIN=stable
    export RUSTUP_TOOLCHAIN
    rust_is_new_enough && return 0
    unset RUSTUP_TOOLCHAIN
  done
  return 1
}
