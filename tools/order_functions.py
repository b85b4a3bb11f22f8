#!/usr/bin/env python3
"""Writes cmake/first_functions.ld: the functions that a start of the command runs, to be linked side by side.

    tools/order_functions.py BUILD MODULE

BUILD is a folder in which the release preset was built, MODULE a small program. The command is linked again with a
map, runs MODULE step by step (some tens of seconds; x86_64 only), and each piece of code that it enters becomes a
line. Names that hold a hash of the compiler's get a wildcard in its place; a line that fits nothing is ignored, so
an old file costs some page faults and nothing else.
"""
import argparse
import bisect
import ctypes
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "cmake" / "first_functions.ld"
HEAD = """/* The code that a start of the command runs, side by side: fewer pages to map. Made by tools/order_functions.py. */
SECTIONS
{
  .text.first : ALIGN(4096)
  {
"""
TAIL = """  }
}
INSERT BEFORE .text;
"""

PTRACE_TRACEME, PTRACE_PEEKUSER, PTRACE_SINGLESTEP, PTRACE_SETOPTIONS = 0, 3, 9, 0x4200
PTRACE_O_TRACECLONE, PTRACE_O_EXITKILL = 1 << 3, 1 << 20
WALL = 0x40000000  # waitpid: threads too
RIP = 16 * 8  # in struct user


def link_with_map(build: Path, folder: Path) -> tuple[Path, Path]:
    commands = subprocess.run(["ninja", "-C", build, "-t", "commands", "mimobox-wasm"],
                              check=True, capture_output=True, text=True).stdout
    link = next(line for line in reversed(commands.splitlines()) if " -o bin/mimobox-wasm " in line)
    command, map_file = folder / "mimobox-wasm", folder / "map"
    link = link.replace(" -o bin/mimobox-wasm ", f" -o {command} -Wl,-Map,{map_file} ")
    subprocess.run(link, shell=True, check=True, cwd=build)
    return command, map_file


def read_map(map_file: Path) -> list[tuple[int, int, str, str]]:
    """(address, size, section, file) of each piece of code, by address."""
    pieces = []
    line_of_piece = re.compile(r"^ (\.text\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")
    text = re.sub(r"^( \.text\S*)\n\s+", r"\1 ", map_file.read_text(), flags=re.MULTILINE)
    for line in text.splitlines():
        found = line_of_piece.match(line)
        if found and int(found[2], 16) and int(found[3], 16):
            pieces.append((int(found[2], 16), int(found[3], 16), found[1], found[4]))
    return sorted(pieces)


def mapped_at(pid: int, command: Path) -> int:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        if line.endswith(str(command)):
            return int(line.split("-")[0], 16)
    sys.exit(f"{command} is not mapped")


def trace(words: list[str]) -> list[int]:
    """The addresses that the threads of the command run, from where it is mapped, the first ones first."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.restype = ctypes.c_long
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    pid = os.fork()
    if pid == 0:
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        libc.ptrace(PTRACE_TRACEME, 0, None, None)
        os.execv(words[0], words)
    os.waitpid(pid, 0)
    libc.ptrace(PTRACE_SETOPTIONS, pid, None, PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE)
    base = mapped_at(pid, Path(words[0]))
    seen: dict[int, None] = {}
    stopped = pid
    passed_on = 0
    while True:
        seen[libc.ptrace(PTRACE_PEEKUSER, stopped, RIP, None) - base] = None
        libc.ptrace(PTRACE_SINGLESTEP, stopped, None, passed_on)
        while True:
            stopped, status = os.waitpid(-1, WALL)
            if os.WIFSTOPPED(status):
                break
            if stopped == pid and status != 0:
                sys.exit(f"the command ended with status {status}")
            if stopped == pid:
                return list(seen)
        # A new thread begins with SIGSTOP, and the clone itself is told by SIGTRAP.
        stop = os.WSTOPSIG(status)
        passed_on = 0 if stop in (signal.SIGTRAP, signal.SIGSTOP) else stop


def pattern(section: str, file: str) -> str | None:
    archive = re.search(r"([^/]+\.a)\((.+)\)$", file)
    if re.fullmatch(r"\.text\.(_Z|_R|[a-z]+_).*", section) or (section != ".text" and not archive):
        name = re.sub(r"17h[0-9a-f]{16}E", "17h*E", section)
        return f"*({re.sub(r'Cs[0-9a-zA-Z]+_', 'Cs*_', name)})"
    if archive and "rcgu" not in archive[2]:
        library = re.sub(r"-[0-9.]+\.a$", "*.a", archive[1])  # libm-2.36.a
        return f"*{library}:{archive[2]}({section})"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("module", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command, map_file = link_with_map(options.build, Path(folder))
        pieces = read_map(map_file)
        os.environ["MIMOBOX_CACHE_DIR"] = f"{folder}/cache"
        os.mkdir(f"{folder}/cache", 0o700)
        words = [str(command), "run", str(options.module.resolve())]
        for _ in range(2):  # the cache is filled then
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        addresses = trace(words)
    starts = [piece[0] for piece in pieces]
    lines: dict[str, None] = {}
    total = 0
    met = set()
    for address in addresses:
        at = bisect.bisect_right(starts, address) - 1
        if at < 0 or at in met or address >= pieces[at][0] + pieces[at][1]:
            continue
        met.add(at)
        line = pattern(pieces[at][2], pieces[at][3])
        if line:
            lines[line] = None
            total += pieces[at][1]
    OUTPUT.write_text(HEAD + "".join(f"    {line}\n" for line in lines) + TAIL)
    print(f"{OUTPUT}: {len(lines)} lines, {total >> 10} KiB of code")


if __name__ == "__main__":
    main()
