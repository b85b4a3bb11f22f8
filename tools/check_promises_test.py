#!/usr/bin/env python3
"""Tests of check_promises.py on a small tree of its own."""
import pathlib
import tempfile
import unittest

import check_promises

TABLE = "| A guest | Held by |\n|---|---|\n"


class Promises(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "docs").mkdir()
        (self.root / "tests").mkdir()
        (self.root / "fuzz").mkdir()
        (self.root / "fuzz/x_fuzz.cc").touch()
        (self.root / "tests/a_test.cc").write_text("TEST(Wall, Holds) {}\n")
        for document in check_promises.DOCUMENTS:
            (self.root / document).write_text("text\n")

    def faults(self, text, document="SECURITY.md"):
        (self.root / document).write_text(text)
        return check_promises.faults_in(self.root)

    def test_each_promise_needs_a_test(self):
        self.assertEqual(self.faults(TABLE + "| stays | `Wall.Holds`, `fuzz_corpus.*` |\n"), [])
        [fault] = self.faults(TABLE + "| stays | `Wall.*` |\n| is quiet | we hope |\n")
        self.assertIn("SECURITY.md:4: a promise that no test holds", fault)

    def test_names_have_to_exist(self):
        [fault] = self.faults(TABLE + "| stays | `Wall.Holds`, `Wall.Falls` |\n")
        self.assertIn("no test Wall.Falls", fault)
        self.faults(TABLE + "| stays | `Wall.*` |\n")
        [fault] = self.faults("see `Gate.*`\n", "docs/guest-view.md")
        self.assertIn("no test Gate.*", fault)

    def test_other_tables_promise_nothing(self):
        self.assertEqual(self.faults(TABLE + "| a | `Wall.*` |\n\n| x | y |\n|---|---|\n| 1 | `config.h` |\n"), [])

    def test_a_page_without_promises_is_a_fault(self):
        [fault] = self.faults("nothing\n")
        self.assertIn("no promises", fault)


if __name__ == "__main__":
    unittest.main()
