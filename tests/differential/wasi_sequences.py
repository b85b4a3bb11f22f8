"""Random rows of calls on a granted folder. The guest prints two bytes for each: the errno, and a result's low byte."""
import wasm_writer as w

I, L = w.I32, w.I64
# name -> the types of its parameters; all give an errno.
CALLS = {
    "path_open": (I, I, I, I, I, L, L, I, I), "fd_close": (I,), "fd_read": (I, I, I, I), "fd_write": (I, I, I, I),
    "fd_pread": (I, I, I, L, I), "fd_pwrite": (I, I, I, L, I), "fd_seek": (I, L, I, I), "fd_tell": (I, I),
    "fd_filestat_set_size": (I, L), "fd_filestat_get": (I, I), "fd_sync": (I,), "path_create_directory": (I, I, I),
    "path_remove_directory": (I, I, I), "path_unlink_file": (I, I, I), "path_rename": (I, I, I, I, I, I),
    "path_link": (I, I, I, I, I, I, I), "path_symlink": (I, I, I, I, I), "path_readlink": (I, I, I, I, I, I),
    "path_filestat_get": (I, I, I, I, I), "path_filestat_set_times": (I, I, I, I, L, L, I),
}
PATHS = ("a", "b", "d", "d/a", "d/e", "link", "out", "absolute", "a/", "d/", "d/.", "d/..", "..", "../canary", "./a", "new",
         "dangling", "loop", "d/../a", "out/canary", "/a", "", "nowhere/a", "a/b", "d//a")
# What C libraries ask for: all that is offered.
FILE_RIGHTS, FOLDER_RIGHTS, INHERITED_RIGHTS = 0x8E001FF, 0x7BFFE11, 0xFFFFFFF
GRANT = 3

PATHS_AT, IOVEC_AT, SLOTS_AT, RESULT_AT, BUFFER_AT, OUTPUT_AT = 1024, 64, 128, 96, 4096, 65536
SLOTS = 4
RESULTS = {"fd_read", "fd_write", "fd_pread", "fd_pwrite", "fd_tell", "path_readlink"}


def prepare(folder):
    """What the guest is granted, and beside it what it must not reach."""
    grant = folder / "grant"
    grant.mkdir()
    (folder / "canary").write_text("the canary sings")
    (grant / "a").write_text("text of a")
    (grant / "d").mkdir()
    (grant / "d/a").write_text("another")
    for link, target in (("link", "a"), ("out", ".."), ("absolute", str(folder / "canary")), ("dangling", "nothing"),
                         ("loop", "loop")):
        (grant / link).symlink_to(target)
    return grant


class Sequence:
    """The calls in words, and the module that makes them."""

    def __init__(self, random, length=24):
        self.random = random
        self.module = w.Module()
        self.functions = {call: self.module.add_import(call, params, [I]) for call, params in CALLS.items()}
        self.places = {}
        at = PATHS_AT
        for path in PATHS:
            self.places[path] = at
            self.module.add_data(at, path.encode())
            at += 64
        self.module.add_data(IOVEC_AT, BUFFER_AT.to_bytes(4, "little") + (10).to_bytes(4, "little"))
        self.module.add_data(BUFFER_AT, b"0123456789" * 2)
        # A slot without a descriptor holds a number that is none.
        self.module.add_data(SLOTS_AT, (1000).to_bytes(4, "little") * SLOTS)
        self.words = []
        body = b""
        for number in range(length):
            body += self.call(number)
        body += (w.i32_const(IOVEC_AT) + w.i32_const(OUTPUT_AT) + b"\x36\x02\x00" + w.i32_const(IOVEC_AT + 4)
                 + w.i32_const(2 * length) + b"\x36\x02\x00")
        body += (w.i32_const(1) + w.i32_const(IOVEC_AT) + w.i32_const(1) + w.i32_const(RESULT_AT) + b"\x10"
                 + w.leb(self.functions["fd_write"]) + b"\x1A")
        self.binary = self.module.binary(self.module.add_function([], [], [], body))

    def slot(self):
        number = self.random.randrange(SLOTS)
        return f"slot{number}", w.i32_const(SLOTS_AT + 4 * number) + b"\x28\x02\x00"

    def call(self, number):
        random = self.random
        kind = random.choice((*CALLS, "path_open", "path_open", "path_open"))
        words, code = [], b""
        path_next = kind.startswith("path_")

        def add(word, bytes_):
            nonlocal code
            words.append(str(word))
            code += bytes_

        def number32(*choices):
            value = random.choice(choices)
            add(value, w.i32_const(value))

        def number64(*choices):
            value = random.choice(choices)
            add(value, w.i64_const(value))

        def path():
            text = random.choice(PATHS)
            add(repr(text), w.i32_const(self.places[text]) + w.i32_const(len(text.encode())))

        def iovec():
            add("iovec", w.i32_const(IOVEC_AT) + w.i32_const(1))

        def result():
            code_of = w.i32_const(RESULT_AT)
            add("result", code_of)

        # Each call starts without a result of the one before it.
        before = w.i32_const(RESULT_AT) + w.i64_const(0) + b"\x37\x03\x00"
        if path_next and kind != "path_symlink":
            add("grant", w.i32_const(GRANT))
        elif not path_next:
            add(*self.slot())
        if kind == "path_open":
            number32(0, 1)
            path()
            folder = random.random() < 0.2
            number32(2) if folder else number32(0, 0, 1, 5, 8, 9)
            number64(FOLDER_RIGHTS if folder else FILE_RIGHTS)
            number64(INHERITED_RIGHTS if folder else 0)
            number32(0, 0, 1)
            slot = random.randrange(SLOTS)
            add(f"slot{slot}", w.i32_const(SLOTS_AT + 4 * slot))
        elif kind in ("fd_read", "fd_write"):
            iovec()
            result()
        elif kind in ("fd_pread", "fd_pwrite"):
            iovec()
            number64(0, 3, 100)
            result()
        elif kind == "fd_seek":
            number64(0, 5, -3, 1000)
            number32(0, 1, 2, 3)
            result()
        elif kind == "fd_tell":
            result()
        elif kind == "fd_filestat_set_size":
            number64(0, 4, 100)
        elif kind == "fd_filestat_get":
            add("buffer", w.i32_const(BUFFER_AT + 64))
        elif kind in ("path_create_directory", "path_remove_directory", "path_unlink_file"):
            path()
        elif kind == "path_rename":
            path()
            add("grant", w.i32_const(GRANT))
            path()
        elif kind == "path_link":
            number32(0, 1)
            path()
            add("grant", w.i32_const(GRANT))
            path()
        elif kind == "path_symlink":
            path()
            add("grant", w.i32_const(GRANT))
            path()
        elif kind == "path_readlink":
            path()
            add("buffer", w.i32_const(BUFFER_AT + 256) + w.i32_const(100))
            result()
        elif kind == "path_filestat_get":
            number32(0, 1)
            path()
            add("buffer", w.i32_const(BUFFER_AT + 64))
        elif kind == "path_filestat_set_times":
            number32(0, 1)
            path()
            number64(0, 10**18)
            number64(0, 10**18)
            number32(0, 5, 10, 3, 15)
        self.words.append(f"{kind}({', '.join(words)})")
        at = OUTPUT_AT + 2 * number
        code = (before + w.i32_const(at) + code + b"\x10" + w.leb(self.functions[kind]) + b"\x3A\x00\x00")
        if kind in RESULTS:
            code += w.i32_const(at + 1) + w.i32_const(RESULT_AT) + b"\x2D\x00\x00\x3A\x00\x00"
        return code
