"""A shared library of functions that return 0, for Linux on x86-64, written without a compiler.

The file has two segments, code with the tables of names, and the dynamic section, which older C libraries write to. Its
format is that of the System V ABI (gabi), chapters 4 and 5.
"""

import struct
from collections.abc import Sequence

RETURN_0 = b"\x31\xc0\xc3"
"""xor eax, eax; ret"""
ELF64 = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
SHARED_OBJECT, X86_64, FORMAT = 3, 62, 1
HEADER_BYTES, SEGMENT_BYTES, SYMBOL_BYTES, PAGE = 64, 56, 24, 0x1000
LOAD, DYNAMIC, STACK = 1, 2, 0x6474E551
EXECUTE, WRITE, READ = 1, 2, 4
HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME = 4, 5, 6, 10, 11, 14
GLOBAL_FUNCTION, DEFINED = 0x12, 1
SEGMENTS = 4


def stub_library(name: str, functions: Sequence[str]) -> bytes:
    """Return the content of the library `name`, which exports the functions."""
    names = b"\0" + b"".join(each.encode() + b"\0" for each in (*functions, name))
    hashes = _hashes(len(functions))
    start = HEADER_BYTES + SEGMENTS * SEGMENT_BYTES
    symbols = start + len(hashes)
    strings = symbols + SYMBOL_BYTES * (len(functions) + 1)
    code = strings + len(names)
    table = _symbols(functions, code)
    end = code + len(RETURN_0) + -(code + len(RETURN_0)) % 8
    dynamic = _dynamic(start, symbols, strings, names, len(names) - len(name) - 1)
    content = hashes + table + names + RETURN_0
    return (_header() + _segments(end, len(dynamic)) + content).ljust(end, b"\0") + dynamic


def _hashes(functions: int) -> bytes:
    """Return a hash table with one bucket, a chain of all symbols. Symbol 0 is none."""
    chain = [0, *range(2, functions + 1), 0]
    return struct.pack(f"<{4 + len(chain) - 1}I", 1, len(chain), 1, *chain)


def _symbols(functions: Sequence[str], code: int) -> bytes:
    found, place = bytes(SYMBOL_BYTES), 1
    for function in functions:
        found += struct.pack("<IBBHQQ", place, GLOBAL_FUNCTION, 0, DEFINED, code, len(RETURN_0))
        place += len(function) + 1
    return found


def _dynamic(hashes: int, symbols: int, strings: int, names: bytes, own_name: int) -> bytes:
    entries = {HASH: hashes, STRTAB: strings, SYMTAB: symbols, STRSZ: len(names), SYMENT: SYMBOL_BYTES}
    entries |= {SONAME: own_name, 0: 0}
    return b"".join(struct.pack("<qQ", tag, value) for tag, value in entries.items())


def _header() -> bytes:
    sizes = (HEADER_BYTES, SEGMENT_BYTES, SEGMENTS, 0, 0, 0)
    return ELF64 + struct.pack("<HHIQQQI6H", SHARED_OBJECT, X86_64, FORMAT, 0, HEADER_BYTES, 0, 0, *sizes)


def _segments(end: int, dynamic: int) -> bytes:
    """Return the segments: everything up to `end` as code, and the dynamic section in the next page."""
    moved = end + PAGE
    found = [
        (LOAD, READ | EXECUTE, 0, 0, end, PAGE),
        (LOAD, READ | WRITE, end, moved, dynamic, PAGE),
        (DYNAMIC, READ | WRITE, end, moved, dynamic, 8),
        (STACK, READ | WRITE, 0, 0, 0, 16),
    ]
    return b"".join(
        struct.pack("<IIQQQQQQ", kind, rights, offset, address, address, size, size, align)
        for kind, rights, offset, address, size, align in found
    )
