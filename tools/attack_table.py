#!/usr/bin/env python3
"""The table of attacks in docs/security.md, made from tests/security/cases.toml and the tests themselves.

Usage: attack_table.py [--write] [ROOT]

A test belongs to the case whose number it carries ("Attack24.X", "Attack27Concurrent.X", "X.Attack24Y") and to those
that name it in `also`. Without --write: exit status 1 and one line per fault, when the table in the document is not
the one that would be made, a case has neither a test nor a reason, or names a test that does not exist, or a test
carries the number of no case.
"""
import argparse
import fnmatch
import pathlib
import re
import sys
import tomllib

CASES = "tests/security/cases.toml"
DOCUMENT = "docs/security.md"
BEGIN = "<!-- attacks: made by tools/attack_table.py, do not edit by hand -->"
END = "<!-- end of attacks -->"
KEYS = {"number", "section", "attack", "expected", "also", "reason", "open"}

# GoogleTest's macros in C++, add_test in CMake. A test that is disabled is none.
GTEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", re.MULTILINE)
CTEST = re.compile(r"\badd_test\(\s*NAME\s+([\w.]+)")
NUMBER = re.compile(r"(?:^|\.)Attack(\d\d)(?!\d)")


def tests_of(root):
    """The names of all tests, as "Suite.Name", without the prefixes and suffixes of instantiations."""
    names = set()
    for path in sorted((root / "tests").rglob("*_test.cc")):
        for suite, name in GTEST.findall(path.read_text(encoding="utf-8")):
            if not suite.startswith("DISABLED_") and not name.startswith("DISABLED_"):
                names.add(f"{suite}.{name}")
    for path in sorted((root / "tests").rglob("CMakeLists.txt")):
        names.update(name for name in CTEST.findall(path.read_text(encoding="utf-8")) if "." in name)
    return names


def check_case(case, position):
    """What is wrong with the data of a case."""
    where = f"{CASES}: case {case.get('number', f'at place {position}')}"
    faults = [f"{where}: unknown key {key}" for key in sorted(set(case) - KEYS)]
    if case.get("number") != position:
        faults.append(f"{where}: its number should be {position}")
    for key in ("section", "attack", "expected"):
        if not isinstance(case.get(key), str) or not case[key]:
            faults.append(f"{where}: {key} is missing")
    return faults


def match(cases, names):
    """(tests of each case by number, faults)."""
    faults = []
    found = {case["number"]: set() for case in cases}
    for name in sorted(names):
        for number in {int(digits) for digits in NUMBER.findall(name)}:
            if number in found:
                found[number].add(name)
            else:
                faults.append(f"{name}: there is no case {number} in {CASES}")
    for case in cases:
        number = case["number"]
        for pattern in case.get("also", []):
            hits = fnmatch.filter(names, pattern)
            if not hits:
                faults.append(f"{CASES}: case {number}: there is no test {pattern}")
            found[number].add(pattern)
        if not found[number] and not case.get("reason"):
            faults.append(f"{CASES}: case {number} has neither a test nor a reason why not")
        if found[number] and case.get("reason"):
            faults.append(f"{CASES}: case {number} has tests now: drop its `reason`, or say in `open` what they leave out")
    return found, faults


def shorten(names):
    """One entry a suite: `Suite.Name`, or `Suite.*` with how many."""
    suites = {}
    for name in names:
        suite, _, rest = name.partition(".")
        suites.setdefault(suite, []).append(rest)
    entries = []
    for suite in sorted(suites, key=lambda text: (not text.startswith("Attack"), text)):
        rests = suites[suite]
        if len(rests) == 1 or "*" in rests:
            entries.append(f"`{suite}.{'*' if '*' in rests else rests[0]}`")
        else:
            entries.append(f"`{suite}.*` ({len(rests)})")
    return ", ".join(entries)


def verdict(case, tests):
    if not tests:
        return "not tried: " + case["reason"]
    if case.get("open"):
        return "holds; open: " + case["open"]
    return "holds"


def table(cases, found):
    with_tests = sum(1 for case in cases if found[case["number"]])
    lines = [BEGIN, "",
             f"{len(cases)} cases, {with_tests} with tests. A verdict of \"holds\" is as good as the last run of the tests beside it.", ""]
    section = None
    for case in cases:
        if case["section"] != section:
            section = case["section"]
            lines += ([""] if lines[-1].startswith("|") else []) + [
                f"### {section}", "", "| | Attack | What has to happen | Tests | Verdict |", "|---|---|---|---|---|"]
        tests = found[case["number"]]
        cells = [str(case["number"]), case["attack"], case["expected"], shorten(tests) or "none", verdict(case, tests)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, "", END])


def replace(text, made):
    """The document with the table in it, or None when it has no place for one."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        return None
    return text[:begin] + made + text[end + len(END):]


def run(root, write):
    with (root / CASES).open("rb") as file:
        cases = tomllib.load(file)["case"]
    faults = [fault for position, case in enumerate(cases, 1) for fault in check_case(case, position)]
    if faults:
        return faults
    found, faults = match(cases, tests_of(root))
    if faults:
        return faults
    document = root / DOCUMENT
    text = document.read_text(encoding="utf-8")
    wanted = replace(text, table(cases, found))
    if wanted is None:
        return [f"{DOCUMENT}: no place for the table: the lines {BEGIN!r} and {END!r} are missing"]
    if wanted == text:
        return []
    if write:
        document.write_text(wanted, encoding="utf-8")
        return []
    return [f"{DOCUMENT}: the table is not that of the tests: run tools/attack_table.py --write"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"put the table into {DOCUMENT}")
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).resolve().parent.parent, type=pathlib.Path)
    arguments = parser.parse_args()
    faults = run(arguments.root, arguments.write)
    print("\n".join(faults) if faults else "attacks: the table is up to date")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
