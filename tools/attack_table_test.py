#!/usr/bin/env python3
"""Tests of attack_table.py on small trees of its own."""
import pathlib
import tempfile
import unittest

import attack_table

CASE = '[[case]]\nnumber = 1\nsection = "Time"\nattack = "a loop"\nexpected = "ends"\n'
DOCUMENT = f"# Title\n\n{attack_table.BEGIN}\n{attack_table.END}\n\nbehind\n"


class AttackTable(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.put(attack_table.DOCUMENT, DOCUMENT)

    def put(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def faults(self, cases, tests="", write=True):
        self.put(attack_table.CASES, cases)
        self.put("tests/security/some_test.cc", tests)
        return attack_table.run(self.root, write)

    def document(self):
        return (self.root / attack_table.DOCUMENT).read_text(encoding="utf-8")

    def test_puts_the_tests_of_a_case_beside_it(self):
        self.assertEqual(self.faults(CASE, "TEST_P(Attack01, Loop) {}\nTEST(Attack01Concurrent, Two) {}\n"), [])
        self.assertIn("| 1 | a loop | ends | `Attack01.Loop`, `Attack01Concurrent.Two` | holds |", self.document())
        self.assertTrue(self.document().endswith("\n\nbehind\n"))

    def test_is_stale_once_a_test_comes(self):
        self.assertEqual(self.faults(CASE, "TEST(Attack01, Loop) {}\n"), [])
        self.assertEqual(self.faults(CASE, "TEST(Attack01, Loop) {}\n", write=False), [])
        [fault] = self.faults(CASE, "TEST(Attack01, Loop) {}\nTEST(Attack01, Other) {}\n", write=False)
        self.assertIn("--write", fault)

    def test_wants_a_test_or_a_reason(self):
        [fault] = self.faults(CASE)
        self.assertIn("neither a test nor a reason", fault)
        self.assertEqual(self.faults(CASE + 'reason = "waits"\n'), [])
        self.assertIn("not tried: waits", self.document())

    def test_wants_no_reason_beside_a_test(self):
        [fault] = self.faults(CASE + 'reason = "waits"\n', "TEST(Attack01, Loop) {}\n")
        self.assertIn("drop its `reason`", fault)

    def test_a_disabled_test_is_none(self):
        [fault] = self.faults(CASE, "TEST(Attack01, DISABLED_Loop) {}\n")
        self.assertIn("neither a test", fault)

    def test_knows_tests_by_other_names(self):
        self.assertEqual(self.faults(CASE + 'also = ["Wall.*"]\n', "TEST_F(Wall, Ends) {}\n"), [])
        self.assertIn("`Wall.*`", self.document())
        [fault] = self.faults(CASE + 'also = ["Wall.*"]\n', "TEST(Attack01, Loop) {}\n")
        self.assertIn("there is no test Wall.*", fault)

    def test_a_number_needs_a_case(self):
        [fault] = self.faults(CASE, "TEST(Attack01, A) {}\nTEST(Attack02, B) {}\n")
        self.assertIn("there is no case 2", fault)

    def test_cases_are_numbered_in_order_and_complete(self):
        self.assertIn("should be 1", self.faults(CASE.replace("= 1", "= 2"))[0])
        self.assertIn("unknown key", self.faults(CASE + 'why = "x"\n')[0])
        self.assertIn("expected is missing", self.faults(CASE.replace('"ends"', '""'))[0])


if __name__ == "__main__":
    unittest.main()
