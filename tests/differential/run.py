#!/usr/bin/env python3
"""Random programs and rows of WASI calls in ours and in the other runtimes that are installed.

Usage: run.py --command mimobox-wasm [--rounds N] [--seed N] [--kinds programs,wasi]

Programs have to print the same bytes everywhere. Of rows of calls the first call that two runtimes answer differently is
looked at. Two refusals by other names, and what ours refuses while another does it, are listed. What ours does while
another refuses it, and other results of what both do, fail unless tests/differential/judged.toml says why. Exit status:
0 no such difference, 1 there is one, 2 no other runtime is installed.
"""
import argparse
import collections
import fnmatch
import pathlib
import random
import re
import sys
import tempfile
import tomllib

import peers
import programs
import wasi_sequences

HERE = pathlib.Path(__file__).resolve().parent
SUCCESS = 0


def errno_names():
    """The names of src/wasi/errno.h by their number."""
    text = (HERE.parent.parent / "src/wasi/errno.h").read_text(encoding="utf-8")
    body = text[text.index("enum class Errno"):]
    names = re.findall(r"^\s*k(\w+)\s*(?:=\s*(\d+))?,", body[:body.index("};")], re.MULTILINE)
    numbers, number = {}, -1
    for name, given in names:
        number = int(given) if given else number + 1
        numbers[number] = name.upper()
    return numbers


def first_difference(a, b):
    """The place of the first call that two outputs disagree on, or None."""
    length = max(len(a), len(b)) // 2
    for number in range(length):
        if a[2 * number:2 * number + 2] != b[2 * number:2 * number + 2]:
            return number
    return None


def judge(judged, peer, call, mine, other):
    for entry in judged:
        if (fnmatch.fnmatchcase(peer, entry["peer"]) and fnmatch.fnmatchcase(call, entry["call"])
                and entry["ours"] in ("*", mine) and entry["theirs"] in ("*", other)):
            return entry
    return None


def compare_programs(mine, others, seed, rounds, out):
    wrong = traps = 0
    for number in range(rounds):
        binary = programs.make(random.Random(f"program {seed} {number}"))
        ours = peers.run(mine, binary)
        traps += ours.end == "trap"
        for other in others:
            theirs = peers.run(other, binary)
            if theirs != ours:
                wrong += 1
                out(f"program {seed}/{number}: ours {ours.end} {ours.output.hex()}, {other.name} {theirs.end} {theirs.output.hex()}")
    out(f"programs: {rounds} ({traps} of them trap), {wrong} differences")
    return wrong


def compare_sequences(mine, others, seed, rounds, judged, out):
    names = errno_names()
    counts = collections.Counter()
    examples, wrong = {}, 0
    agreed = 0
    escapes, silent = collections.Counter(), collections.Counter()
    for number in range(rounds):
        sequence = wasi_sequences.Sequence(random.Random(f"wasi {seed} {number}"))

        def answers(peer):
            with tempfile.TemporaryDirectory(prefix="differential-") as folder:
                # Some levels deep: not every peer stays inside, and what leaves is to meet this folder only.
                place = pathlib.Path(folder) / "1/2/3/4"
                place.mkdir(parents=True)
                grant = wasi_sequences.prepare(place)
                got = peers.run(peer, sequence.binary, grant)
                canary = place / "canary"
                if not canary.is_file() or canary.read_text() != "the canary sings":
                    escapes[peer.name] += 1
                return got

        ours = answers(mine)
        if len(ours.output) != 2 * len(sequence.words):
            wrong += 1
            out(f"wasi {seed}/{number}: ours did not finish its row")
            continue
        for other in others:
            theirs = answers(other)
            if not theirs.output:  # a timeout on a busy machine, or a crash: nothing to compare
                silent[other.name] += 1
                continue
            at = first_difference(ours.output, theirs.output)
            if at is None:
                agreed += 1
                continue
            call = sequence.words[at].split("(")[0]

            a, b = answer_at(ours, at), answer_at(theirs, at)
            key = (other.name, call, told(names, a, b), told(names, b, a))
            counts[key] += 1
            examples.setdefault(key, (kind_of(a, b), f"wasi {seed}/{number}: {sequence.words[at]}"))
    out(f"wasi: {rounds} rows, {agreed} of {rounds * len(others)} alike to their end")
    for name, times in sorted(escapes.items()):
        out(f"  {name} changed the canary outside the grant in {times} rows")
    for name, times in sorted(silent.items()):
        out(f"  {name} gave no answer at all in {times} rows")
    wrong += escapes[mine.name]
    for key, times in sorted(counts.items(), key=lambda item: (examples[item[0]], item[0])):
        peer, call, mine_said, other_said = key
        kind, example = examples[key]
        entry = judge(judged, peer, call, mine_said, other_said)
        fails = kind in ("ours grants", "results differ") and not entry
        wrong += fails
        out(f"  {kind}{' (NOT JUDGED)' if fails else ''}: {peer}, {call}: ours {mine_said}, theirs {other_said}, {times} times; "
            f"{example}" + (f"; {entry['why']}" if entry else ""))
    return wrong


def answer_at(got, number):
    """The errno and the result of a call, or None when the row ended before."""
    pair = got.output[2 * number:2 * number + 2]
    return pair if len(pair) == 2 else None


def kind_of(mine, other):
    if other is None:
        return "theirs ended there"
    if SUCCESS not in (mine[0], other[0]):
        return "both refuse"
    if mine[0] != SUCCESS:
        return "ours refuses"
    return "ours grants" if other[0] != SUCCESS else "results differ"


def told(names, answer, other):
    """An answer in words, with the result where the errnos are the same."""
    if answer is None:
        return "no answer"
    word = names.get(answer[0], str(answer[0]))
    return f"{word} {answer[1]}" if other is not None and answer[0] == other[0] else word


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="programs,wasi")
    arguments = parser.parse_args()
    others = peers.installed()
    if not others:
        print("no other runtime is in PATH: wasmtime, wazero or node")
        return 2
    print(f"against {', '.join(other.name for other in others)}; seed {arguments.seed}, {arguments.rounds} rounds")
    mine = peers.ours(arguments.command.resolve())
    wrong = 0
    if "programs" in arguments.kinds:
        wrong += compare_programs(mine, others, arguments.seed, arguments.rounds, print)
    if "wasi" in arguments.kinds:
        judged = tomllib.loads((HERE / "judged.toml").read_text(encoding="utf-8")).get("judged", [])
        wrong += compare_sequences(mine, others, arguments.seed, arguments.rounds, judged, print)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
