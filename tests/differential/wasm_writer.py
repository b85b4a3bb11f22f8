"""WebAssembly binaries, written by hand: as much as the differential tests need."""
import struct

I32, I64, F32, F64 = 0x7F, 0x7E, 0x7D, 0x7C


def leb(value):
    """Unsigned LEB128."""
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def sleb(value):
    """Signed LEB128."""
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        done = (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40)
        out.append(byte | (0 if done else 0x80))
        if done:
            return bytes(out)


def vec(items):
    items = list(items)
    return leb(len(items)) + b"".join(items)


def name(text):
    return leb(len(text)) + text.encode()


def i32_const(value):
    return b"\x41" + sleb((value & 0xFFFFFFFF) - (1 << 32 if value & 0x80000000 else 0))


def i64_const(value):
    value &= (1 << 64) - 1
    return b"\x42" + sleb(value - (1 << 64 if value >> 63 else 0))


def f32_const(value):
    return b"\x43" + struct.pack("<f", value)


def f64_const(value):
    return b"\x44" + struct.pack("<d", value)


class Module:
    """Imports first, then functions; one memory of 16 pages, exported as "memory"."""

    def __init__(self):
        self.types = []
        self.imports = []
        self.functions = []
        self.data = []

    def type_of(self, params, results):
        made = b"\x60" + vec(bytes([t]) for t in params) + vec(bytes([t]) for t in results)
        if made not in self.types:
            self.types.append(made)
        return self.types.index(made)

    def add_import(self, field, params, results, module="wasi_snapshot_preview1"):
        """The index of the function."""
        self.imports.append(name(module) + name(field) + b"\x00" + leb(self.type_of(params, results)))
        return len(self.imports) - 1

    def add_function(self, params, results, local_types, body):
        """The index of the function, whose locals come behind its parameters."""
        code = vec(leb(1) + bytes([t]) for t in local_types) + body + b"\x0b"
        self.functions.append((self.type_of(params, results), leb(len(code)) + code))
        return len(self.imports) + len(self.functions) - 1

    def add_data(self, at, contents):
        self.data.append(b"\x00" + i32_const(at) + b"\x0b" + leb(len(contents)) + contents)

    def binary(self, start):
        def section(number, contents):
            return bytes([number]) + leb(len(contents)) + contents

        return (b"\0asm\x01\0\0\0" + section(1, vec(self.types)) + section(2, vec(self.imports))
                + section(3, vec(leb(kind) for kind, _ in self.functions)) + section(5, vec([b"\x00\x10"]))
                + section(7, vec([name("memory") + b"\x02\x00", name("_start") + b"\x00" + leb(start)]))
                + section(10, vec(code for _, code in self.functions)) + section(11, vec(self.data)))
