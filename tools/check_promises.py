#!/usr/bin/env python3
"""Fails when a promise of SECURITY.md is held by no test, or a document names a test that there is not.

Usage: check_promises.py [ROOT]; exit status 1 and one line per fault.

A promise is a row of a table whose last column is headed "Held by". Names of tests are `Suite.Name` or `Suite.*`.
"""
import fnmatch
import pathlib
import re
import sys

import attack_table

PROMISES = "SECURITY.md"
# Documents whose tests have to exist; what else stands in backticks there is left alone.
DOCUMENTS = ["SECURITY.md", "docs/guest-view.md", "docs/embedding.md"]
NAME = re.compile(r"`(?:\w+/)?([A-Z]\w+\.(?:\*|[A-Z]\w+)|[a-z_]+\.(?:\*|[A-Z]\w+))`")


def names_in(line):
    return NAME.findall(line)


def fuzz_tests(root):
    """Replays of corpora are tests too (cmake/Fuzzers.cmake)."""
    return {f"fuzz_corpus.{path.stem}" for path in (root / "fuzz").rglob("*_fuzz.cc")}


def package_tests(root):
    found = set()
    for path in (root / "tests").rglob("CMakeLists.txt"):
        found.update(f"package.{name}" for name in re.findall(r"mimobox_add_package_test\((\w+)",
                                                              path.read_text(encoding="utf-8")))
    return found


def faults_in(root):
    tests = attack_table.tests_of(root) | fuzz_tests(root) | package_tests(root)
    # Suites of GoogleTest may be meant by how they begin ("SigpipeGuard*.*").
    faults = []
    promises = 0
    for document in DOCUMENTS:
        held_by = False
        for number, line in enumerate((root / document).read_text(encoding="utf-8").splitlines(), 1):
            where = f"{document}:{number}"
            for name in names_in(line):
                if not fnmatch.filter(tests, name):
                    faults.append(f"{where}: there is no test {name}")
            if not line.startswith("|"):
                held_by = False
            elif line.rstrip().endswith("| Held by |"):
                held_by = True
            elif held_by and not line.startswith("|---"):
                promises += 1
                if not names_in(line):
                    faults.append(f"{where}: a promise that no test holds")
    if promises == 0:
        faults.append(f"{PROMISES}: no promises: its tables end with the column \"Held by\"")
    return faults


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    faults = faults_in(root)
    print("\n".join(faults) if faults else "promises: each is held by a test")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
