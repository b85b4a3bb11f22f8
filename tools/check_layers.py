#!/usr/bin/env python3
"""Fails when a file includes what its folder may not (docs/architecture.md, "Layers").

Usage: check_layers.py [repo_root]; exit status 1 and one line per violation, 2 when there is nothing to check.

An include is judged by where it leads and by how it is spelt: there is one spelling for each header of ours
("folder/file.h", in quotes), so that no other way around the table stays open.
"""
import pathlib
import posixpath
import re
import sys

# folder -> folders of src/ whose headers it may include besides its own
ALLOWED = {
    "include/mimobox": set(),
    "src/base": set(),
    "src/engine": {"base"},
    "src/wasi": {"base"},
    "src/wasm": {"base"},
    "src/cache": {"base", "engine"},
    "src/sandbox": {"base", "engine", "wasi", "wasm", "cache"},
    "src/cli": set(),
    "bindings/c": set(),
}
# folder -> public headers it may include; None: all of them
PUBLIC = {
    "include/mimobox": None,
    "src/base": set(),
    "src/engine": {"mimobox/error.h", "mimobox/result.h"},
    "src/wasi": set(),
    "src/wasm": set(),
    "src/cache": {"mimobox/error.h", "mimobox/result.h"},
    "src/sandbox": None,
    "src/cli": None,
    "bindings/c": None,
}
WASMTIME_OK = {"src/engine"}
WASMTIME = re.compile(r"(^|/)(wasmtime|wasm\.h|wasi\.h|mimobox_engine)", re.IGNORECASE)
# What src/cli may take from elsewhere: <folder/...> of these, and headers of the system.
CLI_LIBRARIES = {"CLI", "fmt", "nlohmann", "sys", "linux"}

STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem flat_map flat_set
format forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream iterator
latch limits list locale map mdspan memory memory_resource mutex new numbers numeric optional ostream print queue
random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack
stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream system_error thread tuple
type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version
assert.h ctype.h errno.h fenv.h float.h inttypes.h limits.h locale.h math.h setjmp.h signal.h stdarg.h stdatomic.h
stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h time.h uchar.h wchar.h wctype.h
""".split())

NOT_SOURCES = {"CMakeLists.txt"}
NOT_SOURCE_SUFFIXES = {".md", ".txt", ".py", ".rs", ".toml"}

TOKEN = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=mark)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?(?:\*/|\Z)"
)
DIRECTIVE = re.compile(r"^\s*(?:#|%:|\?\?=)\s*(?:include|include_next|import|embed)\b(.*)$")
MODULE = re.compile(r'^\s*(?:export\s+)?import\s*(?:[<"]|[\w.:]+\s*;)')
HEADER_NAME = re.compile(r'^\s*(?:"([^"]*)"|<([^>]*)>)\s*$')


def code_lines(text):
    """The lines of a file without comments and raw strings, continued lines joined; with their numbers."""

    def blank(match):
        token = match.group(0)
        if token.startswith("/"):
            return " " + "\n" * token.count("\n") if "\n" not in token else joined(token)
        if token.startswith("R"):
            return '""' + "\n" * token.count("\n")
        return token

    def joined(token):
        # A comment over several lines is one space: what follows it continues the line before it.
        return " " + "\x00" * token.count("\n")

    text = text.replace("\r\n", "\n")
    # "\x00" keeps the count of lines that were joined.
    text = re.sub(r"\\[ \t]*\n", "\x00", text)
    text = TOKEN.sub(blank, text)
    number = 1
    for line in text.split("\n"):
        yield number, line.replace("\x00", "")
        number += 1 + line.count("\x00")


def includes(text):
    """(line, target, quoted) of each include; target None when it cannot be read."""
    for number, line in code_lines(text):
        if MODULE.match(line):
            yield number, None, False
            continue
        directive = DIRECTIVE.match(line)
        if not directive:
            continue
        name = HEADER_NAME.match(directive.group(1))
        if not name:
            yield number, None, False
        elif name.group(1) is not None:
            yield number, name.group(1), True
        else:
            yield number, name.group(2), False


class Checker:
    def __init__(self, root):
        self.root = root
        self.violations = []
        self.edges = {}  # file -> {included file of ours}

    def report(self, path, number, why):
        self.violations.append(f"{path.relative_to(self.root)}:{number}: {why}")

    def own_file(self, target):
        """The file of ours that an include leads to, whatever include folder the build passes."""
        for base in ("include", "src", "", "bindings", "engine/include"):
            path = self.root / base / target
            if path.is_file():
                return path
        return None

    def why_not(self, folder, path, target, quoted):
        """Why a file of the folder may not include the target, or None."""
        if target != posixpath.normpath(target) or target.startswith(("/", "..")) or "\\" in target:
            return "spell includes plainly, without ./, ../, // and /"
        if WASMTIME.search(target):
            return None if folder in WASMTIME_OK else f"{folder} may not include Wasmtime"
        top = target.split("/")[0]
        layers = {name.split("/")[-1] for name in ALLOWED}
        if not quoted:
            if top in layers or self.own_file(target) or (path.parent / target).is_file():
                return "headers of ours go in quotes"
            if folder == "include/mimobox" and target not in STANDARD:
                return f"{folder} may include the standard library only"
            if folder == "src/cli" and "/" in target and top not in CLI_LIBRARIES:
                return f"{folder} may not include {top}/"
            return None
        if "/" not in target:
            return "include by folder (\"folder/file.h\")"
        if top == "mimobox":
            public = PUBLIC[folder]
            if public is not None and target not in public:
                return f"{folder} may not include this public header"
        elif top not in layers:
            return "only headers of ours go in quotes, by their folder"
        elif f"src/{top}" != folder and f"bindings/{top}" != folder and top not in ALLOWED[folder]:
            return f"{folder} may not include {top}/"
        if not target.endswith((".h", ".inc", ".def")):
            return "only headers are included"
        if not self.own_file(target):
            return "no such header"
        return None

    def check_file(self, folder, path):
        if path.is_symlink():
            self.report(path, 1, "no symbolic links among the sources")
            return
        edges = self.edges.setdefault(path, {})
        for number, target, quoted in includes(path.read_text(encoding="utf-8", errors="replace")):
            if target is None:
                self.report(path, number, "includes are literal: no macro, no import")
                continue
            why = self.why_not(folder, path, target, quoted)
            if why:
                self.report(path, number, f"{why}: {target}")
            own = self.own_file(target)
            if own:
                edges.setdefault(own, number)

    def check_folders(self):
        for parent in ("include", "src", "bindings"):
            if not (self.root / parent).is_dir():
                continue
            for path in sorted((self.root / parent).iterdir()):
                name = f"{parent}/{path.name}"
                if path.is_dir() and name not in ALLOWED:
                    self.report(path, 1, "folder is not in the table of tools/check_layers.py")
                elif not path.is_dir() and is_source(path):
                    self.report(path, 1, f"sources belong in a folder of {parent}/")

    def check_cycles(self):
        state = {}

        def visit(path, trail):
            state[path] = "open"
            for target, number in self.edges.get(path, {}).items():
                if state.get(target) == "open":
                    names = [p.relative_to(self.root).as_posix() for p in trail[trail.index(target):] + [target]]
                    self.report(path, number, "cycle: " + " -> ".join(names))
                elif target not in state:
                    visit(target, trail + [target])
            state[path] = "done"

        for path in sorted(self.edges):
            if path not in state:
                visit(path, [path])

    def run(self):
        self.check_folders()
        for folder in ALLOWED:
            for path in sorted((self.root / folder).rglob("*")):
                if path.is_symlink() or (path.is_file() and is_source(path)):
                    self.check_file(folder, path)
        self.check_cycles()
        return self.violations


def is_source(path):
    """Whatever is not known to be something else: a new file kind is checked from its first day."""
    return path.name not in NOT_SOURCES and path.suffix not in NOT_SOURCE_SUFFIXES


def main(root):
    root = pathlib.Path(root).resolve()
    if not (root / "src").is_dir() or not (root / "include").is_dir():
        print(f"{root}: no src/ and include/ here")
        return 2
    violations = Checker(root).run()
    print("\n".join(violations) if violations else "layers: no violation")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
