"""`cmake --install` into a scratch prefix, moved elsewhere: its files, its symbols, its users."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import common
from common import BUILD, CMAKE, CXX, HELLO, HERE, RELEASE, SOURCE, run

INSTALLED = """
bin/mimobox-wasm
include/mimobox/sandbox.h
lib/libmimobox.a
lib/cmake/mimobox/mimobox-config.cmake
lib/cmake/mimobox/mimobox-config-version.cmake
lib/pkgconfig/mimobox.pc
share/man/man1/mimobox-wasm.1
share/bash-completion/completions/mimobox-wasm
share/zsh/site-functions/_mimobox-wasm
share/fish/vendor_completions.d/mimobox-wasm.fish
share/doc/mimobox-wasm/copyright
share/doc/mimobox-wasm/LICENSE-MIT
share/doc/mimobox-wasm/LICENSE-APACHE
share/doc/mimobox-wasm/third-party.txt
""".split()


def build_rival(folder):
    """The second Rust library; None where there is no cargo."""
    find = f'. "{SOURCE}/tools/lib.sh"; find_rust || exit 3; exec cargo build --release --offline --locked'
    command = ["bash", "-c", f'{find} --quiet --manifest-path "{HERE}/rival/Cargo.toml" --target-dir "{folder}"']
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 3:
        return None
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return folder / "release" / "librival.a"


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = common.scratch("install")
        environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
        run(CMAKE, "--install", BUILD, "--prefix", cls.folder / "first", env=environment)
        cls.prefix = cls.folder / "moved"
        (cls.folder / "first").rename(cls.prefix)
        libraries = list(cls.prefix.glob("lib*/**/libmimobox.a"))
        assert len(libraries) == 1, libraries
        cls.library = libraries[0]

    def test_notices_name_each_crate_of_the_engine(self):
        notices = (self.prefix / "share/doc/mimobox-wasm/third-party.txt").read_text(encoding="utf-8")
        named = set(re.findall(r"^([\w-]+) [0-9.]+\S*(?: \(\w+\))?: ", notices, re.MULTILINE))
        named |= set(re.findall(r"^[\w-]+ [0-9.]+\S* \((\w+)\): ", notices, re.MULTILINE))
        # Rust's standard library is its own crates and those that its notice lists.
        self.assertIn("\nRust standard library, ", notices)
        named |= set(re.findall(r"^([\w-]+), of the Rust standard library: ", notices, re.MULTILINE))
        named |= set(re.findall(r"^\s*\W ([\w-]+)-[0-9]+\.[0-9]+\S*$", notices, re.MULTILINE))
        named |= {"alloc", "compiler_builtins", "core", "panic_abort", "rustc-std-workspace-alloc",
                  "rustc-std-workspace-core", "std", "std_detect", "unwind"}
        named.add("mimobox-engine")
        members = run("ar", "t", f"{common.ENGINE_ROOT}/lib/libmimobox_engine.a").split()
        # A crate's objects are called by its name and a hash; those of C code in a crate by a hash alone.
        crates = {match.group(1).replace("_", "-")
                  for name in members if (match := re.match(r"(\w+)-[0-9a-f]{16}\.\w+\.", name))}
        self.assertGreater(len(crates), 50)
        self.assertEqual(crates - {name.replace("_", "-") for name in named}, set())

    def test_notices_hold_the_texts(self):
        notices = (self.prefix / "share/doc/mimobox-wasm/third-party.txt").read_text(encoding="utf-8")
        for text in ("Permission is hereby granted, free of charge", "Apache License", "LLVM Exceptions"):
            self.assertIn(text, notices)
        self.assertNotIn(str(pathlib.Path.home()), notices)

    def test_files(self):
        libdir = self.library.parent.relative_to(self.prefix).as_posix()
        found = {path.relative_to(self.prefix).as_posix() for path in self.prefix.rglob("*") if path.is_file()}
        for name in INSTALLED:
            if name.startswith("lib/"):
                name = libdir + name.removeprefix("lib")
            self.assertIn(name, found)
        headers = {path.name for path in (SOURCE / "include/mimobox").glob("*.h")}
        self.assertEqual({path.name for path in (self.prefix / "include/mimobox").iterdir()}, headers)
        self.assertEqual([name for name in found if name.endswith(".a")], [f"{libdir}/libmimobox.a"])

    def test_no_file_names_the_folder_of_the_build(self):
        for path in self.prefix.rglob("*"):
            if path.is_file() and (RELEASE or path.parent.name not in ("bin", self.library.parent.name)):
                for secret in (str(self.folder), str(BUILD)):
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def test_only_the_public_namespace_is_visible(self):
        symbols = common.global_symbols(self.library)
        self.assertGreater(len(symbols), 10)
        strangers = [name for name in symbols if "N7mimobox" not in name and "NK7mimobox" not in name]
        self.assertEqual(strangers, [])
        readable = subprocess.run(["c++filt"], input="\n".join(symbols), capture_output=True, text=True).stdout
        for name in ("wasi", "engine", "base", "internal", "cache", "wasm", "cli"):
            for line in readable.splitlines():
                owner = line.split("(")[0]
                self.assertNotIn(f"mimobox::{name}::", owner)
        self.assertIn("mimobox::Runtime::create(", readable)

    def test_names_of_llvm_objects_are_gone(self):
        sections = run("readelf", "-SW", self.library)
        self.assertNotIn(".llvmbc", sections)
        self.assertNotIn("GROUP", sections)

    def test_command_runs(self):
        self.assertIn("hello", run(self.prefix / "bin/mimobox-wasm", "run", HELLO))

    def test_find_package_and_headers_alone(self):
        build = self.folder / "cmake"
        common.configure(HERE / "consumer", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        common.build(build)
        self.assertIn("hello", run(build / "consumer", HELLO))
        run(build / "version_only")
        if RELEASE:
            self.assertLess((build / "version_only").stat().st_size,
                            (build / "consumer").stat().st_size // 4)

    def test_find_package_refuses_another_version(self):
        project = self.folder / "version"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\nfind_package(mimobox 99 REQUIRED)\n")
        output = common.configure(project, project / "build", f"-DCMAKE_PREFIX_PATH={self.prefix}", code=1)
        self.assertIn("99", output)

    def test_pkg_config(self):
        environment = {**os.environ, "PKG_CONFIG_PATH": str(self.library.parent / "pkgconfig")}
        if not shutil.which("pkg-config"):
            self.skipTest("no pkg-config")
        self.assertEqual(run("pkg-config", "--validate", "mimobox", env=environment), "")
        flags = run("pkg-config", "--cflags", "--libs", "mimobox", env=environment).split()
        program = self.folder / "by_pkg_config"
        run(CXX, "-std=c++23", HERE / "consumer/consumer.cc", *flags, "-o", program)
        self.assertIn("hello", run(program, HELLO))

    def test_beside_a_second_rust_library(self):
        rival = build_rival(self.folder / "rival")
        if rival is None:
            self.skipTest("no cargo")
        build = self.folder / "beside"
        common.configure(HERE / "consumer", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DRIVAL={rival}")
        common.build(build, "consumer_with_rival", "rival_first")
        self.assertIn("hello", run(build / "consumer_with_rival", HELLO))
        self.assertIn("hello", run(build / "rival_first", HELLO))


if __name__ == "__main__":
    common.main()
