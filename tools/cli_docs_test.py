#!/usr/bin/env python3
"""Tests of cli_docs.py on a made-up command; with --command EXE --docs DIR, of what was made of a real one."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import cli_docs

MAIN = """\
Does things. With 'quotes', a back\\slash and

.a line that begins with a dot.

Usage: tool [OPTIONS] COMMAND
       tool FILE

Commands:
  run      Run a thing; it's
           told on two lines
  cache    Work on the cache

Options:
  -V, --version  Print the version

Examples:
  tool run --dir . -- x
"""
RUN = """\
Runs a thing.

Usage: tool run [OPTIONS] FILE [ARGS...]

Options:
  --dir HOST[::GUEST]     A folder [read-write]: may be
                          repeated
  --stdin FILE
                          Where input comes from
  --interrupt auto|epoch  How it's stopped
      --long-only         Without a short one
  -t, --timeout TIME      Time; without it
                          --long-only is as good
Output:
  --json[=FILE]           One object
  -q                      Say nothing

Exit status: the guest's own, or:
  124 time limit               126 not a module
"""
CACHE = """\
Works on the cache.

Usage: tool cache COMMAND

Commands:
  clear  Remove it

Options:
  -h, --help  Print this text
"""
SCRIPT = """#!/bin/sh
case "$*" in
  "run --help") cat "$0.run" ;;
  "cache --help") cat "$0.cache" ;;
  "cache clear --help") exit 1 ;;
  "--help") cat "$0.main" ;;
  *) exit 1 ;;
esac
"""

BASH = r"""
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
%s 2>/dev/null
printf '%%s\n' "${COMPREPLY[@]}"
"""


def complete(path, name, *words):
    done = subprocess.run(["bash", "-c", BASH % cli_docs.identifier(name), "bash", str(path), name, *words],
                          capture_output=True, text=True)
    return done.stdout.split()


def check_syntax(test, folder, name):
    """Each shell that is here reads its file; groff has nothing to say about the man page."""
    for shell, suffix, option in (("bash", "bash", "-n"), ("zsh", "zsh", "-n"), ("fish", "fish", "--no-execute")):
        if shutil.which(shell):
            script = folder / f"completions/{name}.{suffix}"
            done = subprocess.run([shell, option, script], capture_output=True, text=True)
            test.assertEqual((done.returncode, done.stderr), (0, ""), shell)
    if shutil.which("groff"):
        page = folder / f"man/{name}.1"
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", page], capture_output=True, text=True)
        test.assertEqual((done.returncode, done.stderr), (0, ""))


class MadeUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        tool = cls.folder / "tool"
        tool.write_text(SCRIPT)
        tool.chmod(0o755)
        for name, text in (("main", MAIN), ("run", RUN), ("cache", CACHE)):
            (cls.folder / f"tool.{name}").write_text(text)
        cls.make = [sys.executable, "-B", cli_docs.__file__, "--version", "1.2", "--output", cls.folder, "--", tool]
        subprocess.run(cls.make, check=True)
        cls.man = (cls.folder / "man/tool.1").read_text()
        cls.bash = cls.folder / "completions/tool.bash"

    def test_parses_options(self):
        options = {(o.short, o.long): (o.value, o.text, o.kind()) for o in cli_docs.parse(RUN).options}
        self.assertEqual(options, {
            ("", "--dir"): ("HOST[::GUEST]", "A folder [read-write]: may be repeated", "folder"),
            ("", "--stdin"): ("FILE", "Where input comes from", "file"),
            ("", "--interrupt"): ("auto|epoch", "How it's stopped", ["auto", "epoch"]),
            ("", "--long-only"): ("", "Without a short one", ""),
            ("-t", "--timeout"): ("TIME", "Time; without it --long-only is as good", "none"),
            ("", "--json"): ("[=FILE]", "One object", ""),
            ("-q", ""): ("", "Say nothing", ""),
        })

    def test_parses_sections(self):
        main = cli_docs.parse(MAIN)
        self.assertEqual(main.usage, ["tool [OPTIONS] COMMAND", "tool FILE"])
        self.assertEqual(main.commands, [("run", "Run a thing; it's told on two lines"),
                                         ("cache", "Work on the cache")])
        self.assertEqual([section.title for section in main.sections], ["Examples"])
        status = cli_docs.parse(RUN).sections[0]
        self.assertEqual((status.title, status.lead), ("Exit status", "the guest's own, or:"))
        self.assertEqual(status.lines, ["124 time limit               126 not a module"])

    def test_man_page_has_everything(self):
        for text in (".SH NAME", ".SH SYNOPSIS", ".SH EXIT STATUS", ".SH EXAMPLES", ".SS cache clear",
                     "\\-\\-interrupt", "1.2", "\\&.a line", "back\\eslash"):
            self.assertIn(text, self.man)

    def test_shells_and_groff_read_them(self):
        check_syntax(self, self.folder, "tool")

    def test_bash_completes(self):
        self.assertEqual(complete(self.bash, "tool", ""), ["run", "cache"])
        self.assertEqual(complete(self.bash, "tool", "r"), ["run"])
        self.assertEqual(complete(self.bash, "tool", "--v"), ["--version"])
        self.assertEqual(complete(self.bash, "tool", "run", "--t"), ["--timeout"])
        self.assertEqual(complete(self.bash, "tool", "run", "--interrupt", ""), ["auto", "epoch"])
        self.assertEqual(complete(self.bash, "tool", "run", "--timeout", "a"), [])
        self.assertEqual(complete(self.bash, "tool", "run", "--timeout", "1s", "--lo"), ["--long-only"])
        self.assertEqual(complete(self.bash, "tool", "cache", ""), ["clear"])

    def test_bash_leaves_the_guests_words_alone(self):
        self.assertEqual(complete(self.bash, "tool", "run", "x.wasm", "--t"), [])
        self.assertEqual(complete(self.bash, "tool", "x.wasm", "--v"), [])

    def test_a_command_that_prints_the_help_above_has_no_options_of_its_own(self):
        (self.folder / "tool.cache").write_text(MAIN)
        self.addCleanup((self.folder / "tool.cache").write_text, CACHE)
        tree = cli_docs.collect([str(self.folder / "tool")])
        self.assertEqual([(node.name(), len(node.options)) for node in cli_docs.flatten(tree)],
                         [("", 1), ("run", 7), ("cache", 0)])

    def test_refuses_a_help_that_it_does_not_understand(self):
        for text in ("Nothing here.\n", "Usage: x\n\nCommands:\n  run  Run\n"):
            (self.folder / "tool.main").write_text(text)
            (self.folder / "tool.run").write_text("Runs.\n")
            self.addCleanup((self.folder / "tool.main").write_text, MAIN)
            self.addCleanup((self.folder / "tool.run").write_text, RUN)
            done = subprocess.run(self.make, capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("cli_docs: ", done.stderr)


class Real(unittest.TestCase):
    """Whatever the command's help says about options and commands is in the documents."""

    command = docs = None

    def test_nothing_is_lost(self):
        if self.command is None:
            self.skipTest("no --command given")
        name = pathlib.Path(self.command).name
        man = (self.docs / f"man/{name}.1").read_text().replace("\\-", "-")
        texts = [(self.docs / f"completions/{name}.{shell}").read_text() for shell in ("bash", "zsh", "fish")]
        seen = 0
        for path in [[], *([name] for name, _ in cli_docs.ask([self.command]).commands)]:
            help_text = subprocess.run([self.command, *path, "--help"], capture_output=True, text=True).stdout
            for line in help_text.splitlines():
                for word in line.split()[:2] if line.startswith("  -") else []:
                    word = word.rstrip(",").split("[")[0]
                    if word.startswith("--"):
                        seen += 1
                        self.assertIn(f"\\fB{word}\\fR", man)
                        self.assertIn(word, texts[0])
                        self.assertIn(f"{word}[", texts[1])
                        self.assertIn(f"-l {word[2:]} ", texts[2])
            for name_, _ in cli_docs.parse(help_text).commands:
                self.assertIn(f".SS {' '.join([*path, name_])}\n", man)
        self.assertGreater(seen, 3)
        self.assertIn(".SH EXIT STATUS", man)
        self.assertIn(".SH EXAMPLES", man)
        check_syntax(self, self.docs, name)


if __name__ == "__main__":
    if "--command" in sys.argv:
        at = sys.argv.index("--command")
        Real.command, Real.docs = sys.argv[at + 1], pathlib.Path(sys.argv[at + 3])
        del sys.argv[at:at + 4], MadeUp
    unittest.main(verbosity=2)
