#!/usr/bin/env python3
"""Tests of the differential tests: ours against itself, and against a peer that is made to differ.

Usage: differential_test.py --command mimobox-wasm
"""
import argparse
import pathlib
import random
import sys
import unittest

import peers
import programs
import run
import wasi_sequences

COMMAND = None


class Liar:
    """A peer whose answers are ours with one byte changed."""

    def __init__(self, number, errno, result=None):
        self.name = "liar"
        self.words = peers.ours(COMMAND).words
        self.number, self.errno, self.result = number, errno, result


def lie(peer, got):
    output = bytearray(got.output)
    output[2 * peer.number] = peer.errno
    if peer.result is not None:
        output[2 * peer.number + 1] = peer.result
    return peers.Outcome(got.end, bytes(output))


class Differential(unittest.TestCase):
    def setUp(self):
        self.lines = []
        self.mine = peers.ours(COMMAND)
        honest = peers.run
        self.addCleanup(setattr, peers, "run", honest)
        peers.run = lambda peer, *rest: lie(peer, honest(peer, *rest)) if isinstance(peer, Liar) else honest(peer, *rest)

    def test_programs_run_and_print(self):
        ends = set()
        for number in range(12):
            got = peers.run(self.mine, programs.make(random.Random(f"test {number}")))
            ends.add(got.end)
            self.assertEqual(len(got.output) % 8, 0)
        self.assertEqual(ends, {"exit 0", "trap"})

    def test_ours_agrees_with_itself(self):
        twin = peers.Peer("twin", self.mine.words)
        self.assertEqual(run.compare_programs(self.mine, [twin], 3, 4, self.lines.append), 0, self.lines)
        self.assertEqual(run.compare_sequences(self.mine, [twin], 3, 4, [], self.lines.append), 0, self.lines)
        self.assertIn("wasi: 4 rows, 4 of 4 alike to their end", self.lines)

    def test_rows_do_something(self):
        answers = set()
        for number in range(4):
            sequence = wasi_sequences.Sequence(random.Random(f"rows {number}"))
            self.assertEqual(len(sequence.words), 24)
        rows = []
        run.compare_sequences(self.mine, [Liar(0, 99)], 3, 4, [], rows.append)
        answers.update(line.split("ours ")[1].split(",")[0] for line in rows if "ours " in line)
        self.assertGreater(len(answers), 1)

    def test_what_ours_grants_has_to_be_judged(self):
        # Sequence "wasi 3 0" is looked at for a call that succeeds.
        seed, number = self.successful_call()
        liar = Liar(number, 63)
        self.assertEqual(run.compare_sequences(self.mine, [liar], seed, 1, [], self.lines.append), 1)
        self.assertTrue(any("ours grants (NOT JUDGED)" in line for line in self.lines), self.lines)
        judged = [{"peer": "liar", "call": "*", "ours": "SUCCESS", "theirs": "PERM", "why": "it lies"}]
        self.assertEqual(run.compare_sequences(self.mine, [liar], seed, 1, judged, self.lines.append), 0)
        self.assertTrue(any("it lies" in line for line in self.lines))

    def successful_call(self):
        for seed in range(50):
            seen = []
            run.compare_sequences(self.mine, [Liar(0, 63)], seed, 1, [], seen.append)
            if any("ours grants" in line for line in seen):
                return seed, 0
        self.fail("no row begins with a call that succeeds")
        return None


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", required=True, type=pathlib.Path)
    arguments, rest = parser.parse_known_args()
    COMMAND = arguments.command.resolve()
    unittest.main(argv=[sys.argv[0], *rest])
