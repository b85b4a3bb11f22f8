#!/usr/bin/env python3
"""What calls on files cost in this project's host, in others' and natively, in one run.

    bench/peers/compare_files.py --command build/release/bin/mimobox-wasm [--check]

The same C program (file_costs.c) runs natively and under each host, in turns, each time in a new
folder; the lowest of all rounds counts. Peers are found on PATH or by option; which are missing is
said. Standard output goes to /dev/null. --check: exit 1 when a peer that is there is faster at
anything.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def build(folder, compiler, guest_compiler):
    """The program, natively and as a guest."""
    source = os.path.join(HERE, "file_costs.c")
    native = os.path.join(folder, "file_costs")
    module = os.path.join(folder, "file_costs.wasm")
    flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra"]
    subprocess.run([compiler, *flags, "-o", native, source], check=True)
    subprocess.run([guest_compiler, "--target=wasm32-wasi", *flags, "-o", module, source], check=True)
    return native, module


def hosts(options, native, module):
    """Name -> function from a folder to the command line; the missing ones by name, too."""
    node_script = os.path.join(HERE, "node_wasi.mjs")
    found = {
        "native": lambda folder: [native, folder],
        "mimobox": lambda folder: [options.command, "run", "--timeout", "none", "--dir", f"{folder}::/w",
                                   module, "/w"],
    }
    peers = {
        "wasmtime": lambda tool: lambda folder: [tool, "run", "--dir", f"{folder}::/w", module, "/w"],
        "wazero": lambda tool: lambda folder: [tool, "run", "-mount", f"{folder}:/w", module, "/w"],
        "node": lambda tool: lambda folder: [tool, "--no-warnings", node_script, module, folder],
    }
    missing = []
    for name, make in peers.items():
        tool = getattr(options, name) or shutil.which(name)
        if tool:
            found[name] = make(tool)
        else:
            missing.append(name)
    return found, missing


def measure(command, scratch):
    """Name of a measure -> nanoseconds, of one run."""
    folder = tempfile.mkdtemp(dir=scratch)
    try:
        with open(os.devnull, "wb") as null:
            run = subprocess.run(command(folder), stdout=null, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        shutil.rmtree(folder)
    lines = [line.split() for line in run.stderr.splitlines()]
    costs = {line[0]: float(line[1]) for line in lines if len(line) == 2}
    if run.returncode != 0 or not costs:
        sys.exit(f"{command(folder)[0]} ended with {run.returncode}:\n{run.stderr}")
    return costs


def lowest(results):
    return {name: min(run[name] for run in results) for name in results[0]}


def print_table(costs, names):
    print(f"{'nanoseconds a call':18}" + "".join(f"{name:>18}" for name in names))
    for measure_name, native in costs["native"].items():
        row = f"{measure_name:18}"
        for name in names:
            value = costs[name][measure_name]
            row += f"{value:10.0f} {value / native:6.2f}x"
        print(row)


def behind(costs, names):
    """What peers are faster at."""
    return [
        f"{name} is ahead at {measure_name}: {costs[name][measure_name]:.0f} ns, ours {ours:.0f} ns"
        for measure_name, ours in costs["mimobox"].items()
        for name in names
        if name not in ("native", "mimobox") and costs[name][measure_name] < ours
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", required=True, help="the mimobox-wasm to measure")
    for peer in ("wasmtime", "wazero", "node"):
        parser.add_argument(f"--{peer}", help=f"the {peer} to compare with (default: the one on PATH)")
    parser.add_argument("--cc", default="cc", help="C compiler for the native program")
    parser.add_argument("--guest-cc", default="clang-19", help="C compiler for wasm32-wasi")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true", help="exit 1 when a peer is ahead at anything")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        native, module = build(scratch, options.cc, options.guest_cc)
        commands, missing = hosts(options, native, module)
        results = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                results[name].append(measure(command, scratch))
        costs = {name: lowest(runs) for name, runs in results.items()}
    print_table(costs, list(commands))
    for name in missing:
        print(f"{name}: not measured, it is not on PATH (--{name} says where it is)")
    ahead = behind(costs, commands)
    for line in ahead:
        print(line)
    return 1 if options.check and (ahead or missing) else 0


if __name__ == "__main__":
    sys.exit(main())
