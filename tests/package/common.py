"""What the tests of the package share. The build tells them where things are (CMakeLists.txt here)."""
import os
import pathlib
import re
import shutil
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parent.parent
BUILD = pathlib.Path(os.environ["MIMOBOX_BUILD_DIR"])
CMAKE = os.environ["MIMOBOX_CMAKE"]
CXX = os.environ["MIMOBOX_CXX"]
CC = os.environ["MIMOBOX_CC"]
LAUNCHER = os.environ.get("MIMOBOX_LAUNCHER", "")
ENGINE_ROOT = os.environ["MIMOBOX_ENGINE_ROOT"]
RELEASE = os.environ["MIMOBOX_BUILD_TYPE"] == "Release"  # sections per function, no debug information
HELLO = BUILD / "guests" / "hello.wasm"


def run(*command, code=0, **options):
    """The output of a command, both streams together; any other exit status than `code` is a failure."""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", **options)
    if code is not None and done.returncode != code:
        raise AssertionError(f"{' '.join(words)}\nended with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout


def scratch(name):
    """An empty folder in the build's."""
    folder = BUILD / "package_test" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def configure(source, build, *options, code=0):
    settings = [f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_C_COMPILER={CC}", "-DCMAKE_BUILD_TYPE=Debug"]
    if LAUNCHER:
        settings += [f"-DCMAKE_CXX_COMPILER_LAUNCHER={LAUNCHER}", f"-DCMAKE_C_COMPILER_LAUNCHER={LAUNCHER}"]
    environment = {name: value for name, value in os.environ.items() if name not in ("DESTDIR", "CMAKE_PREFIX_PATH")}
    return run(CMAKE, "-G", "Ninja", "-S", source, "-B", build, f"-DMIMOBOX_SOURCE_DIR={SOURCE}", *settings, *options,
               code=code, env=environment)


def build(folder, *targets):
    return run(CMAKE, "--build", folder, "-j", "2", *(["--target", *targets] if targets else []))


def global_symbols(archive):
    """Of a library: {name: binding} of all that it defines for others."""
    found = {}
    for line in run("readelf", "-sW", archive).splitlines():
        words = re.sub(r"\[<other>[^]]*\]", "", line).split()
        if len(words) == 8 and words[4] in ("GLOBAL", "WEAK", "UNIQUE") and words[6] != "UND":
            found[words[7]] = words[4]
    return found


def undefined_symbols(archive):
    return {line.split()[-1] for line in run("readelf", "-sW", archive).splitlines() if re.search(r"\bUND \S", line)}


def main():
    unittest.main(verbosity=2)
