#!/usr/bin/env python3
"""Tests of check_engine_release.py on saved replies: nothing is asked."""
import contextlib
import io
import json
import subprocess
import unittest
from unittest import mock

import check_engine_release as check

MANIFEST = '[dependencies]\nwasmtime-c-api-impl = { version = "=48.0.8", default-features = false }\n'
LOCK = ('version = 4\n\n[[package]]\nname = "anyhow"\nversion = "1.0.0"\n\n'
        '[[package]]\nname = "wasmtime-c-api-impl"\nversion = "48.0.9"\n')

# What `cargo audit --json` says, cut to what is read and a little around it.
REPLY = json.dumps({
    "database": {"advisory-count": 900, "last-commit": None, "last-updated": None},
    "lockfile": {"dependency-count": 80},
    "vulnerabilities": {
        "found": True,
        "count": 1,
        "list": [{
            "advisory": {"id": "RUSTSEC-0000-0001", "package": "wasmtime", "title": "guests reach the host",
                         "date": "2026-01-01", "aliases": ["CVE-0000-0001"]},
            "versions": {"patched": [">=48.0.9, <49.0.0"], "unaffected": []},
            "affected": None,
            "package": {"name": "wasmtime", "version": "48.0.8", "dependencies": []},
        }],
    },
    "warnings": {},
})
QUIET = json.dumps({"vulnerabilities": {"found": False, "count": 0, "list": []}, "warnings": {}})


class EngineRelease(unittest.TestCase):
    def test_reads_the_pinned_version(self):
        self.assertEqual(check.pinned(MANIFEST), "48.0.8")
        self.assertEqual(check.line_of("48.0.8"), "48.0")
        with self.assertRaises(check.CannotAsk):
            check.pinned(MANIFEST.replace("=48.0.8\"", "48\""))

    def test_pinned_version_of_the_project_can_be_read(self):
        version = check.pinned((check.ROOT / "engine/Cargo.toml").read_text())
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")
        self.assertEqual(check.version_in((check.ROOT / "engine/Cargo.lock").read_text()), version)

    def test_a_newer_release_of_the_line_fails(self):
        newest = check.version_in(LOCK)
        self.assertEqual(newest, "48.0.9")
        [sentence] = check.judge_release("48.0.8", newest)
        self.assertIn("48.0.9 is out", sentence)
        self.assertEqual(check.judge_release("48.0.9", newest), [])

    def test_an_advisory_fails(self):
        [advisory] = check.advisories_in(REPLY)
        self.assertEqual(advisory, "RUSTSEC-0000-0001: wasmtime 48.0.8: guests reach the host "
                                   "(mended in >=48.0.9, <49.0.0)")
        self.assertEqual(check.advisories_in(QUIET), [])

    def test_an_answer_that_is_none_is_told(self):
        with self.assertRaises(check.CannotAsk):
            check.version_in('version = 4\n')

    def run_with(self, newest, audit, *words):
        """(exit status, output) where the index and `cargo audit` answer so."""
        said = io.StringIO()
        ours = check.pinned((check.ROOT / "engine/Cargo.toml").read_text())
        with mock.patch.object(check, "ask_index", lambda line: newest or ours), \
             mock.patch.object(check, "run_cargo", lambda words: audit), contextlib.redirect_stdout(said):
            status = check.main(list(words))
        return status, said.getvalue()

    def test_says_what_is_missing_and_what_could_be_asked(self):
        absent = subprocess.CompletedProcess([], 101, "", "error: no such command: `audit`\n")
        status, said = self.run_with(None, absent)
        self.assertEqual(status, 2)
        self.assertIn("is the newest of its line", said)
        self.assertIn("cargo install cargo-audit", said)
        status, said = self.run_with("48.0.999", absent)
        self.assertEqual(status, 1, "what is wrong comes first")
        self.assertIn("48.0.999 is out", said)
        self.assertEqual(self.run_with(None, absent, "--without-advisories")[0], 0)

    def test_an_advisory_is_the_exit_status(self):
        self.assertEqual(self.run_with(None, subprocess.CompletedProcess([], 0, QUIET, ""))[0], 0)
        status, said = self.run_with(None, subprocess.CompletedProcess([], 1, REPLY, ""))
        self.assertEqual(status, 1)
        self.assertIn("advisory RUSTSEC-0000-0001", said)
        broken = subprocess.CompletedProcess([], 1, "", "error: couldn't fetch the database\n")
        status, said = self.run_with(None, broken)
        self.assertEqual(status, 2)
        self.assertIn("couldn't fetch", said)


if __name__ == "__main__":
    unittest.main()
