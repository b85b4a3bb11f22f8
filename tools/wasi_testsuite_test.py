#!/usr/bin/env python3
"""Tests of wasi_testsuite.py on a small tree that is laid out as a checkout is.

Usage: wasi_testsuite_test.py --command mimobox-wasm
"""
import argparse
import json
import pathlib
import sys
import tempfile
import unittest

import wasi_testsuite

COMMAND = None

# Exits with a number, after it wrote a line to a descriptor.
SAY = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 100) "%s\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 100)) (i32.store (i32.const 4) (i32.const %d))
    (drop (call $write (i32.const %d) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const %d))))"""

# Exits with what environ_sizes_get says the count is, plus 10 times the number of arguments.
COUNT = """(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $environ (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 8) (i32.const 12)))
    (call $exit (i32.add (i32.load (i32.const 0)) (i32.mul (i32.const 10) (i32.load (i32.const 8)))))))"""

# Removes the file "f" of its first folder and exits with the errno.
REMOVE = """(module
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "f")
  (func (export "_start") (call $exit (call $unlink (i32.const 3) (i32.const 0) (i32.const 1)))))"""


def say(text, descriptor=1, code=0):
    return SAY % (text, len(text) + 1, descriptor, code)


class Adapter(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.suite = self.root / "tests/c/testsuite/wasm32-wasip1"
        self.suite.mkdir(parents=True)
        (self.suite / "manifest.json").write_text('{"name": "ours"}')
        self.lines = []

    def put(self, name, program, specification=None, suite=None):
        folder = suite or self.suite
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.wat").write_text(program)
        if specification is not None:
            (folder / f"{name}.json").write_text(json.dumps(specification))

    def run_all(self, skips=(), **more):
        return wasi_testsuite.run_suite(COMMAND, self.root, list(skips), out=self.lines.append, **more)

    def test_passes_what_does_as_it_says(self):
        self.put("silent", say("x", 9))
        self.put("code", say("hello", 1, 7), {"exit_code": 7, "stdout": "hello\n"})
        self.put("error", say("wrong", 2), {"stderr": "wrong\n"})
        self.put("count", COUNT, {"args": ["a", "b"], "env": {"A": "1", "B": "x y"}, "exit_code": 32})
        self.assertEqual(self.run_all(), 0, self.lines)
        self.assertEqual(self.lines, ["4 passed, 0 skipped, 0 failed"])

    def test_fails_what_does_not(self):
        self.put("code", say("x", 1, 7))
        self.put("output", say("hello"), {"stdout": "hullo\n"})
        self.put("count", COUNT, {"env": {}, "exit_code": 11})
        self.put("broken", "(module")
        self.assertEqual(self.run_all(), 4)
        self.assertIn("exit status 7 instead of 0", "\n".join(self.lines))
        self.assertIn("stdout is", "\n".join(self.lines))

    def test_each_run_has_fresh_copies_of_its_folders(self):
        (self.suite / "dir").mkdir()
        (self.suite / "dir/f").write_text("here")
        self.put("remove", REMOVE, {"dirs": ["dir"]})
        self.assertEqual(self.run_all(), 0, self.lines)
        self.assertEqual(self.run_all(), 0, self.lines)
        self.assertEqual((self.suite / "dir/f").read_text(), "here")

    def test_a_missing_folder_is_a_failure(self):
        self.put("remove", REMOVE, {"dirs": ["nowhere"]})
        self.assertEqual(self.run_all(), 1)
        self.assertIn("nowhere is missing", self.lines[0])

    def test_skips_what_the_list_names_and_tells_what_it_names_in_vain(self):
        self.put("code", say("x", 1, 7))
        self.put("other", say("x"), {"operations": []}, self.root / "tests/rust/testsuite/wasm32-wasip3")
        skips = [{"test": "c/*/code", "reason": "because"}, {"test": "*/wasm32-wasip3/*", "reason": "components"},
                 {"test": "gone", "reason": "old"}]
        self.assertEqual(self.run_all(skips), 0, self.lines)
        self.assertIn("skipped c/testsuite/wasm32-wasip1/code: because", self.lines)
        self.assertTrue(any("gone" in line for line in self.lines))

    def test_what_it_does_not_understand_is_a_failure(self):
        self.put("new", say("x"), {"operations": []})
        self.assertEqual(self.run_all(), 1)
        self.assertIn("operations", self.lines[0])

    def test_a_folder_without_tests_is_refused(self):
        with self.assertRaises(SystemExit):
            self.run_all()

    def test_the_skip_list_of_the_project_has_a_reason_for_each(self):
        folder = pathlib.Path(__file__).resolve().parent.parent
        self.assertGreater(len(wasi_testsuite.read_skips(folder / "tests/conformance/wasi_testsuite_skips.toml")), 0)
        bad = self.root / "skips.toml"
        bad.write_text('[[skip]]\ntest = "x"\n')
        with self.assertRaises(SystemExit):
            wasi_testsuite.read_skips(bad)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    COMMAND = arguments.command.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
