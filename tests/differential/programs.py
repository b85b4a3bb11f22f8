"""Random programs: what they compute does not depend on the engine, so every runtime has to print the same bytes.

NaNs have more than one form, and which one an operation gives is the engine's choice. So nothing looks at the bits of a
float: a NaN is replaced before it is counted in.
"""
import wasm_writer as w

# (opcode, operands, result)
OPERATIONS = (
    [(bytes([code]), (w.I32, w.I32), w.I32) for code in (*range(0x46, 0x50), *range(0x6A, 0x6D), *range(0x71, 0x79))]
    + [(bytes([code]), (w.I64, w.I64), w.I32) for code in range(0x51, 0x5B)]
    + [(bytes([code]), (w.F32, w.F32), w.I32) for code in range(0x5B, 0x61)]
    + [(bytes([code]), (w.F64, w.F64), w.I32) for code in range(0x61, 0x67)]
    + [(bytes([code]), (w.I64, w.I64), w.I64) for code in (*range(0x7C, 0x7F), *range(0x83, 0x8B))]
    + [(bytes([code]), (w.F32, w.F32), w.F32) for code in range(0x92, 0x98)]
    + [(bytes([code]), (w.F64, w.F64), w.F64) for code in range(0xA0, 0xA6)]
    + [(bytes([code]), (w.I32,), w.I32) for code in (0x45, 0x67, 0x68, 0x69, 0xC0, 0xC1)]
    + [(bytes([code]), (w.I64,), w.I64) for code in (0x79, 0x7A, 0x7B, 0xC2, 0xC3, 0xC4)]
    + [(bytes([code]), (w.F32,), w.F32) for code in range(0x8B, 0x92)]
    + [(bytes([code]), (w.F64,), w.F64) for code in range(0x99, 0xA0)]
    + [(b"\x50", (w.I64,), w.I32), (b"\xA7", (w.I64,), w.I32), (b"\xAC", (w.I32,), w.I64), (b"\xAD", (w.I32,), w.I64)]
    + [(b"\xFC" + bytes([code]), (source,), result) for code, source, result in (
        (0, w.F32, w.I32), (1, w.F32, w.I32), (2, w.F64, w.I32), (3, w.F64, w.I32),
        (4, w.F32, w.I64), (5, w.F32, w.I64), (6, w.F64, w.I64), (7, w.F64, w.I64))]
    + [(bytes([code]), (source,), result) for code, source, result in (
        (0xB2, w.I32, w.F32), (0xB3, w.I32, w.F32), (0xB4, w.I64, w.F32), (0xB5, w.I64, w.F32), (0xB6, w.F64, w.F32),
        (0xB7, w.I32, w.F64), (0xB8, w.I32, w.F64), (0xB9, w.I64, w.F64), (0xBA, w.I64, w.F64), (0xBB, w.F32, w.F64))]
)
# Division and remainder: they trap, which has to be the same everywhere too.
DIVISIONS = ([(bytes([code]), w.I32) for code in range(0x6D, 0x71)] + [(bytes([code]), w.I64) for code in range(0x7F, 0x83)])
LOADS = {w.I32: (0x28, 0x2C, 0x2D, 0x2E, 0x2F), w.I64: (0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35)}
STORES = {w.I32: (0x36, 0x3A, 0x3B), w.I64: (0x37, 0x3C, 0x3D, 0x3E), w.F32: (0x38,), w.F64: (0x39,)}
EDGES = {w.I32: (0, 1, -1, 2**31 - 1, -2**31, 31, 32, 255), w.I64: (0, 1, -1, 2**63 - 1, -2**63, 63, 64),
         w.F32: (0.0, -0.0, 1.5, -2.5, 3e38, 1e-40, float("inf"), 4294967296.0),
         w.F64: (0.0, -0.0, 0.5, -1e300, 1e-310, float("-inf"), 9223372036854775808.0)}
CONST = {w.I32: w.i32_const, w.I64: w.i64_const, w.F32: w.f32_const, w.F64: w.f64_const}
TYPES = (w.I32, w.I64, w.F32, w.F64)
LOCALS = [w.I32] * 3 + [w.I64] * 3 + [w.F32] * 2 + [w.F64] * 2
HASH, COUNTER = 1 + len(LOCALS), 2 + len(LOCALS)  # behind the parameter and the locals
MEMORY_MASK = 0xFFFF8
RESULT_AT, IOVEC_AT = 0, 16


class Function:
    """A function (i32) -> i64 of random statements."""

    def __init__(self, random):
        self.random = random

    def local(self, kind):
        return self.random.choice([1 + i for i, one in enumerate(LOCALS) if one == kind])

    def expression(self, kind, depth):
        random = self.random
        pick = random.random()
        if depth == 0 or pick < 0.15:
            if random.random() < 0.5:
                return b"\x20" + w.leb(self.local(kind))
            edge = random.choice(EDGES[kind])
            return CONST[kind](edge if random.random() < 0.6 or kind in (w.F32, w.F64) else random.getrandbits(64))
        if pick < 0.25 and kind in LOADS:
            return (self.address(depth - 1) + bytes([random.choice(LOADS[kind])]) + b"\x00" + w.leb(random.randrange(64)))
        if pick < 0.32 and kind in (w.I32, w.I64):
            code = random.choice([code for code, one in DIVISIONS if one == kind])
            divisor = self.expression(kind, depth - 1)
            if random.random() < 0.95:  # odd, so never 0
                divisor += CONST[kind](1) + (b"\x72" if kind == w.I32 else b"\x84")
            return self.expression(kind, depth - 1) + divisor + code
        if pick < 0.37:
            return (self.expression(kind, depth - 1) + self.expression(kind, depth - 1)
                    + self.expression(w.I32, depth - 1) + b"\x1B")  # select
        code, operands, _ = random.choice([one for one in OPERATIONS if one[2] == kind])
        return b"".join(self.expression(operand, depth - 1) for operand in operands) + code

    def address(self, depth):
        return self.expression(w.I32, depth) + w.i32_const(MEMORY_MASK) + b"\x71"

    def statement(self, depth, in_loop):
        random = self.random
        pick = random.random()
        kind = random.choice(TYPES)
        if pick < 0.15:
            # Floats are stored as what they count as, since a load may look at them as integers.
            value = self.counted(kind, self.expression(kind, 3)) if kind in (w.F32, w.F64) else self.expression(kind, 3)
            stored = w.I64 if kind in (w.F32, w.F64) else kind
            return self.address(2) + value + bytes([random.choice(STORES[stored])]) + b"\x00\x00"
        if pick < 0.3 and depth > 0:
            return (self.expression(w.I32, 2) + b"\x04\x40" + self.block(depth - 1, in_loop) + b"\x05"
                    + self.block(depth - 1, in_loop) + b"\x0b")
        if pick < 0.4 and depth > 0 and not in_loop:
            counter = b"\x20" + w.leb(COUNTER)
            return (w.i32_const(random.randrange(1, 40)) + b"\x21" + w.leb(COUNTER) + b"\x03\x40" + self.block(depth - 1, True)
                    + counter + w.i32_const(1) + b"\x6B\x22" + w.leb(COUNTER) + b"\x0D\x00\x0b")
        if pick < 0.6:
            return self.count(self.counted(kind, self.expression(kind, 4)))
        return self.expression(kind, 4) + b"\x21" + w.leb(self.local(kind))

    def block(self, depth, in_loop):
        return b"".join(self.statement(depth, in_loop) for _ in range(self.random.randrange(1, 5)))

    @staticmethod
    def counted(kind, value):
        """A value as i64 in which a NaN has one form."""
        if kind == w.I64:
            return value
        if kind == w.I32:
            return value + b"\xAD"
        if kind == w.F32:
            value += b"\xBB"  # promoted
        # max(x, -inf) of a NaN is a NaN, so it is told by x != x, and truncated to 0 by saturation; the rest keeps its
        # size coarsely and its low bits by way of a multiplication that is exact.
        return value + b"\xFC\x06" + value + w.f64_const(1048576.0) + b"\xA2\xFC\x06\x85"

    @staticmethod
    def count(value):
        return (b"\x20" + w.leb(HASH) + w.i64_const(6364136223846793005) + b"\x7E" + value + b"\x7C\x21" + w.leb(HASH))

    def body(self):
        statements = b"".join(self.statement(3, False) for _ in range(self.random.randrange(4, 12)))
        seeds = (b"\x20\x00\x21\x01" + b"\x20\x00\xAC\x21\x04" + b"\x20\x00\xB2\x21\x07" + b"\x20\x00\xB7\x21\x09")
        end = b"".join(self.count(self.counted(kind, b"\x20" + w.leb(1 + i))) for i, kind in enumerate(LOCALS))
        return seeds + statements + end + b"\x20" + w.leb(HASH)


def make(random):
    """The binary of a program that prints 8 bytes for each of its calls, until one traps."""
    module = w.Module()
    write = module.add_import("fd_write", [w.I32] * 4, [w.I32])
    functions = [module.add_function([w.I32], [w.I64], [*LOCALS, w.I64, w.I32], Function(random).body())
                 for _ in range(random.randrange(1, 4))]
    body = b""
    for _ in range(6):
        argument = random.choice((0, 1, -1, 7, random.getrandbits(32)))
        body += w.i32_const(RESULT_AT) + w.i32_const(argument) + b"\x10" + w.leb(random.choice(functions)) + b"\x37\x03\x00"
        # The memory is the programs' own: the list is written anew each time.
        body += w.i32_const(IOVEC_AT) + w.i32_const(RESULT_AT) + b"\x36\x02\x00" + w.i32_const(IOVEC_AT + 4) + w.i32_const(8) + b"\x36\x02\x00"
        body += w.i32_const(1) + w.i32_const(IOVEC_AT) + w.i32_const(1) + w.i32_const(IOVEC_AT + 8) + b"\x10" + w.leb(write) + b"\x1A"
    return module.binary(module.add_function([], [], [], body))
