#!/usr/bin/env python3
"""Runs a checkout of the official tests of WASI preview 1 (WebAssembly/wasi-testsuite) with the command.

Usage: wasi_testsuite.py --command mimobox-wasm [--skips FILE] [--only PATTERN] CHECKOUT

A test is a .wasm or .wat below CHECKOUT/tests/*/testsuite; a .json of the same name says arguments, folders,
environment, exit code and output, as the suite's doc/specification.md has it. Each test gets fresh copies of its
folders. The skip list names tests that are left out, each with its reason; an entry that fits no test is told.
Exit status: 0 when all that ran passed, 1 otherwise.
"""
import argparse
import dataclasses
import fnmatch
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib

KEYS = {"args", "dirs", "env", "exit_code", "stdout", "stderr"}
TIMEOUT_SECONDS = 60


@dataclasses.dataclass
class Test:
    """One program and what it has to do."""
    name: str  # its path below CHECKOUT/tests, without the suffix
    program: pathlib.Path
    args: list
    dirs: list
    env: dict
    exit_code: int
    stdout: str | None
    stderr: str | None


def find_tests(checkout):
    """(tests, faults): all tests of the checkout, and what cannot be understood about it."""
    tests, faults = [], []
    root = checkout / "tests"
    programs = sorted(path for suite in sorted(root.glob("*/testsuite"))
                      for pattern in ("*.wasm", "*.wat") for path in suite.rglob(pattern))
    for program in programs:
        name = program.relative_to(root).with_suffix("").as_posix()
        said = program.with_suffix(".json")
        specification = json.loads(said.read_text(encoding="utf-8")) if said.is_file() else {}
        unknown = sorted(set(specification) - KEYS)
        if unknown:
            faults.append((name, f"{said.name} says {', '.join(unknown)}, which this adapter does not know"))
            continue
        tests.append(Test(name, program, specification.get("args", []), specification.get("dirs", []),
                          specification.get("env", {}), specification.get("exit_code", 0),
                          specification.get("stdout"), specification.get("stderr")))
    return tests, faults


def read_skips(path):
    with path.open("rb") as file:
        skips = tomllib.load(file).get("skip", [])
    for skip in skips:
        if set(skip) != {"test", "reason"} or not skip["reason"]:
            raise SystemExit(f"{path}: an entry has a `test` (a pattern) and a `reason`: {skip}")
    return skips


def command_line(command, test, folders):
    words = [str(command), "run", "--quiet", "--no-default-env", "--timeout", "30s"]
    for guest, host in folders.items():
        words += ["--dir", f"{host}::{guest}"]
    for name, value in test.env.items():
        words += ["--env", f"{name}={value}"]
    return [*words, str(test.program), *test.args]


def run_test(command, test):
    """What is wrong with how the test went: a list of sentences."""
    with tempfile.TemporaryDirectory(prefix="wasi-testsuite-") as scratch:
        folders = {}
        for number, name in enumerate(test.dirs):
            copy = pathlib.Path(scratch) / str(number)
            source = test.program.parent / name
            if not source.is_dir():
                return [f"its folder {name} is missing"]
            shutil.copytree(source, copy, symlinks=True)
            folders[name] = copy
        try:
            done = subprocess.run(command_line(command, test, folders), stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIMEOUT_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return [f"it did not end within {TIMEOUT_SECONDS} s"]
    wrong = []
    if done.returncode != test.exit_code:
        shown = done.stderr.decode(errors="replace").strip()[-400:]
        wrong.append(f"exit status {done.returncode} instead of {test.exit_code}" + (f": {shown}" if shown else ""))
    for stream, wanted, got in (("stdout", test.stdout, done.stdout), ("stderr", test.stderr, done.stderr)):
        if wanted is not None and got != wanted.encode():
            wrong.append(f"{stream} is {got[:200]!r} instead of {wanted[:200]!r}")
    return wrong


def run_suite(command, checkout, skips, only="*", out=print):
    """Runs all; the number of failures."""
    tests, faults = find_tests(checkout)
    if not tests and not faults:
        raise SystemExit(f"{checkout}: no tests there (tests/*/testsuite/*.wasm): is it a checkout of wasi-testsuite?")
    names = [test.name for test in tests] + [name for name, _ in faults]
    unused = [skip["test"] for skip in skips if not fnmatch.filter(names, skip["test"])]

    def reason_of(name):
        return next((skip["reason"] for skip in skips if fnmatch.fnmatchcase(name, skip["test"])), None)

    passed = skipped = failed = 0
    for name, why in faults:
        if reason_of(name):
            skipped += 1
            continue
        failed += 1
        out(f"FAILED  {name}: {why}")
    for test in tests:
        if not fnmatch.fnmatchcase(test.name, only):
            continue
        reason = reason_of(test.name)
        if reason:
            skipped += 1
            out(f"skipped {test.name}: {reason}")
            continue
        wrong = run_test(command, test)
        if wrong:
            failed += 1
            out(f"FAILED  {test.name}: " + "; ".join(wrong))
        else:
            passed += 1
    for pattern in unused:
        out(f"note: the skip list has {pattern}, which is no test of this checkout")
    out(f"{passed} passed, {skipped} skipped, {failed} failed")
    return failed


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", required=True, type=pathlib.Path, help="the command to test")
    parser.add_argument("--skips", type=pathlib.Path, default=here.parent / "tests/conformance/wasi_testsuite_skips.toml")
    parser.add_argument("--only", default="*", help="a pattern of names")
    parser.add_argument("checkout", help="where the official tests are")
    arguments = parser.parse_args()
    if not arguments.checkout:
        raise SystemExit("where is a checkout of wasi-testsuite? make conformance WASI_TESTSUITE=DIR")
    return 1 if run_suite(arguments.command.resolve(), pathlib.Path(arguments.checkout), read_skips(arguments.skips),
                          arguments.only) else 0


if __name__ == "__main__":
    sys.exit(main())
