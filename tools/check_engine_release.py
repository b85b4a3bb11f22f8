#!/usr/bin/env python3
"""Fails when the engine that is pinned in engine/Cargo.toml is not the one to ship.

Usage: check_engine_release.py [--advisories FILE | --without-advisories]

Asks two things, by cargo and where cargo's own configuration says (so it is no part of the offline suite):
  1. whether the crate index has a newer release of the same line (48.0.x);
  2. whether an advisory names a crate of engine/Cargo.lock: by `cargo audit --json`, or from its answer in FILE.
Exit status: 0 all is well, 1 a newer release or an advisory, 2 something could not be asked. What could be is told
all the same.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

ENGINE = "wasmtime-c-api-impl"
ROOT = pathlib.Path(__file__).resolve().parent.parent


class CannotAsk(Exception):
    """Something is missing to find out."""


def pinned(manifest):
    """The version in the text of engine/Cargo.toml, which has to name one exactly."""
    wanted = tomllib.loads(manifest)["dependencies"][ENGINE]["version"]
    if not wanted.startswith("="):
        raise CannotAsk(f"engine/Cargo.toml does not pin {ENGINE} to one version, but to {wanted!r}")
    return wanted[1:]


def line_of(version):
    """"48.0" of "48.0.8"."""
    return ".".join(version.split(".")[:2])


def version_in(lock):
    """The version of the engine in the text of a Cargo.lock."""
    for package in tomllib.loads(lock).get("package", []):
        if package["name"] == ENGINE:
            return package["version"]
    raise CannotAsk(f"cargo's answer has no {ENGINE}")


def ask_index(line):
    """The newest release of a line, as cargo resolves it."""
    with tempfile.TemporaryDirectory(prefix="engine-release-") as folder:
        crate = pathlib.Path(folder)
        (crate / "src").mkdir()
        (crate / "src/lib.rs").touch()
        (crate / "Cargo.toml").write_text(
            '[package]\nname = "question"\nversion = "0.0.0"\nedition = "2021"\n'
            f'[dependencies]\n{ENGINE} = {{ version = "~{line}", default-features = false }}\n')
        done = run_cargo(["generate-lockfile", "--manifest-path", str(crate / "Cargo.toml")])
        if done.returncode != 0:
            raise CannotAsk(f"cargo could not ask the crate index:\n{done.stderr.strip()[-500:]}")
        return version_in((crate / "Cargo.lock").read_text())


def run_cargo(words):
    try:
        return subprocess.run(["cargo", *words], capture_output=True, text=True, check=False, timeout=600)
    except FileNotFoundError as missing:
        raise CannotAsk("there is no cargo in PATH") from missing


def ask_advisories():
    done = run_cargo(["audit", "--json", "--file", str(ROOT / "engine/Cargo.lock")])
    if not done.stdout.lstrip().startswith("{"):
        raise CannotAsk(why_no_advisories(done.stderr))
    return done.stdout


def why_no_advisories(said):
    """A sentence about why `cargo audit`, which said this, has no answer, and the way out."""
    if "no such command" in said:
        return ("whether an advisory names what the engine is made of: the cargo-audit command is not installed; get it "
                "by `cargo install cargo-audit --locked`, or give `cargo audit --json`'s answer from another machine by "
                "--advisories FILE")
    return f"whether an advisory names what the engine is made of: `cargo audit` failed: {said.strip()[-500:]}"


def advisories_in(answer):
    """One sentence for each advisory in an answer of `cargo audit --json`."""
    found = json.loads(answer)["vulnerabilities"]["list"]
    return [f"{one['advisory']['id']}: {one['package']['name']} {one['package']['version']}: {one['advisory']['title']}"
            + (f" (mended in {', '.join(one['versions']['patched'])})" if one.get("versions", {}).get("patched") else "")
            for one in found]


def judge_release(ours, newest):
    """What is wrong with the release: sentences."""
    if newest == ours:
        return []
    return [f"the engine is {ours}, and {newest} is out: change engine/Cargo.toml, run "
            "`cargo update --manifest-path engine/Cargo.toml` and the whole suite (SECURITY.md says how fast)"]


def check_release():
    """The exit status of the first question, whose answer is printed."""
    ours = pinned((ROOT / "engine/Cargo.toml").read_text())
    wrong = judge_release(ours, ask_index(line_of(ours)))
    print("\n".join(wrong) if wrong else f"{ENGINE} {ours} is the newest of its line")
    return 1 if wrong else 0


def check_advisories(file):
    """The same for the second one."""
    found = advisories_in(file.read_text() if file else ask_advisories())
    print("\n".join(f"advisory {one}" for one in found) if found else "no advisory names what the engine is made of")
    return 1 if found else 0


def answer(question, *arguments):
    """The exit status of a question, also when it could not be asked."""
    try:
        return question(*arguments)
    except CannotAsk as why:
        print(f"cannot say: {why}")
        return 2


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--advisories", type=pathlib.Path, help="an answer of `cargo audit --json` instead of asking")
    parser.add_argument("--without-advisories", action="store_true", help="only the first question")
    arguments = parser.parse_args(words)
    statuses = [answer(check_release)]
    if not arguments.without_advisories:
        statuses.append(answer(check_advisories, arguments.advisories))
    # What is wrong comes before what is not known.
    return 1 if 1 in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
