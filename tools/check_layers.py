#!/usr/bin/env python3
"""Fails when a file includes what its folder may not (docs/architecture.md, "Layers").

Usage: check_layers.py [repo_root]; exit status 1 and one line per violation, 2 when there is nothing to check.

An include is judged by where it leads and by how it is spelt: there is one spelling for each header of ours
("folder/file.h", in quotes), so that no other way around the table stays open. A header that __has_include asks for
counts as included.
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
    "src/bench": {"base"},
    "src/cli": set(),
    "bindings/c": set(),
    "examples": set(),
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
    "src/bench": None,
    "src/cli": None,
    "bindings/c": None,
    "examples": None,
}
# folder -> libraries of others it may include, as <library/...>; Wasmtime is below
LIBRARIES = {
    "include/mimobox": set(),
    "src/base": {"openssl"},
    "src/engine": set(),
    "src/wasi": set(),
    "src/wasm": set(),
    "src/cache": set(),
    "src/sandbox": {"fmt", "toml++"},
    "src/bench": {"fmt"},
    "src/cli": {"CLI", "fmt", "nlohmann"},
    "bindings/c": set(),
    "examples": {"nlohmann"},
}
WASMTIME_OK = {"src/engine"}
WASMTIME = re.compile(r"(^|/)(wasmtime|wasm\.h|wasi\.h|mimobox_engine)", re.IGNORECASE)
# How src/engine may spell them: not below a folder of ours.
WASMTIME_SPELT = re.compile(r"(?:wasmtime|wasm\.h|wasi\.h|mimobox_engine|engine/include/mimobox_engine\.h$)")

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

# Headers of POSIX and of the C library, for every folder but include/mimobox; besides them, what there is of <sys/...>
# and <linux/...>.
SYSTEM = set("""
aio.h dirent.h dlfcn.h elf.h endian.h execinfo.h fcntl.h fnmatch.h getopt.h glob.h grp.h libgen.h link.h malloc.h
netdb.h poll.h pthread.h pty.h pwd.h sched.h semaphore.h spawn.h strings.h sysexits.h syslog.h termios.h ucontext.h
unistd.h utime.h
""".split())
SYSTEM_FOLDERS = {"sys", "linux"}
SYSTEM_ROOTS = [root for root in (pathlib.Path("/usr/include"), *pathlib.Path("/usr/include").glob("*-linux-*"))
                if root.is_dir()]

NOT_SOURCES = {"CMakeLists.txt"}
NOT_SOURCE_SUFFIXES = {".md", ".txt", ".py", ".rs", ".toml"}

# An unclosed quote reaches to the end of its line, as it does for compilers.
TOKEN = re.compile(
    r'(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\((?:.|\n)*?\)(?P=mark)")(?:_\w*)?'  # raw string
    r"|(?:[^\W\d]|\$)[\w$]*"  # identifier: what it ends in starts no raw string
    r"|\.?\d(?:[eEpP][+-]|'\w|[\w.])*"  # number: its ' are separators
    r'|"(?:\\.|[^"\\\n])*(?:"(?:_\w*)?)?'
    r"|'(?:\\.|[^'\\\n])*(?:'(?:_\w*)?)?"
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?(?:\*/|\Z)"
)
PREPROCESSOR = re.compile(r"^\s*(?:#|%:|\?\?=)")
DIRECTIVE = re.compile(r"^\s*(?:#|%:|\?\?=)\s*(?:include|include_next|import|embed)\b(.*)$")
MODULE = re.compile(r'^\s*(?:export\s+)?import\s*(?:[<"]|[\w.:]+\s*;)')
ASKED = re.compile(r"\b(?:__has_include(?:_next)?|__has_embed)\b")
DEFINED = re.compile(r"\b(?:defined\s*\(?|(?:el)?ifn?def)\s*(?:__has_include(?:_next)?|__has_embed)\b")
ASKED_NAME = re.compile(r'\s*\(\s*("[^"]*"|<[^>]*>)')
HEADER_NAME = re.compile(r'^\s*(?:"([^"]*)"|<([^>]*)>)\s*$')


def code_lines(text):
    """The lines of a file without comments and raw strings, continued lines joined; with their numbers."""

    def blank(match):
        token = match.group(0)
        if token.startswith("/"):
            # A comment over several lines is one space: what follows it continues the line before it.
            return " " + "\x00" * lines(token)
        if match.group("raw"):
            return '""' + "\n" * lines(token)
        return token

    def lines(token):
        return token.count("\n") + token.count("\x00")

    text = text.replace("\r\n", "\n")
    # "\x00" keeps the count of lines that were joined, at the end of the line they make, so that no token is split.
    text = re.sub(r"\\[ \t]*\n", "\x00", text.replace("\x00", " "))
    text = re.sub(r"[^\n]*\x00[^\n]*", lambda line: line[0].replace("\x00", "") + "\x00" * line[0].count("\x00"), text)
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
        if PREPROCESSOR.match(line):
            # Asking whether __has_include exists names no header.
            rest = DEFINED.sub("", line)
            for asked in ASKED.finditer(rest):
                name = ASKED_NAME.match(rest, asked.end())
                yield number, name and name.group(1)[1:-1], bool(name) and name.group(1)[0] == '"'
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
            if folder not in WASMTIME_OK:
                return f"{folder} may not include Wasmtime"
            if WASMTIME_SPELT.match(target) and not (path.parent / target).is_file():
                return None if target.endswith((".h", ".hh", ".hpp")) else "only headers are included"
        top = target.split("/")[0]
        layers = {name.split("/")[-1] for name in ALLOWED}
        if not quoted:
            if top in layers or self.own_file(target) or (path.parent / target).is_file():
                return "headers of ours go in quotes"
            if target in STANDARD:
                return None
            if folder == "include/mimobox":
                return f"{folder} may include the standard library only"
            if target in SYSTEM:
                return None
            if "/" not in target:
                return f"{folder} may not include this: neither the standard library nor the system"
            if top in SYSTEM_FOLDERS:
                return None if system_header(target) else "no such system header"
            if top not in LIBRARIES[folder]:
                return f"{folder} may not include {top}/"
            return None if target.endswith((".h", ".hpp")) else "only headers are included"
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
        if not target.endswith(".h"):
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


def system_header(target):
    """Whether the system has it; a system that keeps its headers elsewhere is not asked."""
    if not any((root / "sys/types.h").is_file() for root in SYSTEM_ROOTS):
        return target.endswith(".h")
    return target.endswith(".h") and any((root / target).is_file() for root in SYSTEM_ROOTS)


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
