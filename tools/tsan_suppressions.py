#!/usr/bin/env python3
"""Prints TSan's suppressions for the engine: one line for each crate of a Cargo.lock.

Usage: tsan_suppressions.py CARGO_LOCK

Rust's code is not instrumented: TSan sees its memory accesses through malloc, free and memcpy only, and none
of the atomics that order them, so every report with a frame of Rust's in it is noise. Our own code stays
under watch: no function of ours has a name that begins as these do.
"""
import sys
import tomllib

# The library of the language itself; Cargo.lock does not list it.
STANDARD = ["alloc", "core", "std"]


def main(lock_path):
    with open(lock_path, "rb") as lock:
        packages = tomllib.load(lock)["package"]
    crates = sorted({package["name"].replace("-", "_") for package in packages} | set(STANDARD))
    print("# Made by tools/tsan_suppressions.py, which says why.")
    for crate in crates:
        print(f"race:^{crate}::")
    # Implementations of traits: _<hashbrown..raw..RawTable<T> as ...>, with < and > spelt $LT$ and $GT$.
    print("race:^_*LT*GT*")
    # Names that gcc's runtime does not demangle: the older mangling, with its hash, and the newer one.
    print("race:^_ZN*17h")
    print("race:^_R")
    # The engine's handler of faults allocates the backtrace of a trap. It is reached from guest code only, which
    # holds no lock of an allocator; our own handler stays under watch.
    for frame in ["wasmtime::runtime::vm::traphandlers::", "alloc::raw_vec::", "_ZN5alloc7raw_vec"]:
        print(f"signal:^{frame}")


if __name__ == "__main__":
    main(sys.argv[1])
