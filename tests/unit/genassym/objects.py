"""Objects for the tests of the type readers: small writers of ELF, BTF and CTF, and what compilers make of one source.

The writers are typed from the formats and know nothing of the readers.
"""

from __future__ import annotations

import shlex
import shutil
import struct
import tempfile
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from heliograph.files import MemoryFiles, RandomAccess
from heliograph.genassym.model import Member, Struct, Types
from heliograph.process import run

__all__ = ["ELF", "SOURCE", "btf", "compiled", "ctf", "elf", "opened", "shape", "struct_of"]

SOURCE = """
typedef unsigned long ulong_t;
typedef int (*fn_t)(int, char *);
enum color { RED, GREEN = 5, BLUE = -1 };
struct fwd;
union number { int a; double d; char c[3]; };
struct inner { short s; union { int x; long y; }; struct { char p, q; } named; };
struct outer {
    char c; int md[3][5]; struct inner in; enum color col;
    unsigned b1 : 3, b2 : 7; unsigned long long b3 : 40; signed char sc : 4;
    struct fwd *f; fn_t fn; char name[16]; volatile const int vi; _Bool flag;
    long double ld; float fl; union number uu; int z[0]; char flex[];
};
struct outer *outer; struct fwd *forward; ulong_t word;
"""
"""One of each kind of member."""


def opened(data: bytes) -> RandomAccess:
    """Return bytes for reading by offset."""
    return MemoryFiles({"x": data}).open("x")


def struct_of(types: Types, name: str) -> Struct:
    """Return a structure by its name."""
    found = types.entries[types.names[name]]
    assert isinstance(found, Struct)
    return found


def shape(types: Types, name: str) -> tuple[int, list[tuple[str, int, int | None, int | None]]]:
    """Return the size and, of each member, name, bit offset, bits of a bit-field and bytes."""
    found = struct_of(types, name)
    return found.size, [(m.name, m.bit_offset, m.bit_size, _bytes(types, m)) for m in found.members]


def _bytes(types: Types, member: Member) -> int | None:
    return types.size(member.type)


@cache
def compiled(cc: str, flags: str = "-g", source: str = SOURCE, *, want: str = "x.o") -> bytes:
    """Return the object that a compiler makes; the test is skipped only where it makes none with such flags at all."""
    words = shlex.split(cc)
    if shutil.which(words[0]) is None:
        pytest.skip(f"no {words[0]}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.c")
        path.write_text("int x;")
        argv = [*words, "-c", *shlex.split(flags), "-fno-eliminate-unused-debug-types", str(path)]
        argv += ["-o", str(Path(folder, "x.o"))]
        empty = run(argv)
        if empty.code:
            pytest.skip(f"{cc} {flags}: {empty.err.splitlines()[0]}")
        path.write_text(source)
        done = run(argv)
        assert done.code == 0, done.err
        return Path(folder, want).read_bytes()


# ---------------------------------------------------------------- ELF


class ELF:
    """The numbers of ELF that the tests need."""

    REL, EXEC, RELA, NOBITS, COMPRESSED = 1, 2, 4, 8, 0x800


def elf(
    sections: Sequence[tuple[str, bytes]],
    *,
    big: bool = False,
    kind: int = ELF.EXEC,
    machine: int = 62,
    flags: int = 0,
    relocations: Sequence[tuple[int, int, int, int]] = (),
) -> bytes:
    """Return a 64-bit ELF file.

    :param flags: of all sections.
    :param relocations: (offset, symbol, type, addend) for the first section; symbol 1 has the value 0x10.
    """
    order = ">" if big else "<"
    rows: list[tuple[str, int, int, bytes, int, int]] = [("", 0, 0, b"", 0, 0)]
    rows += [(name, 1, flags, data, 0, 0) for name, data in sections]
    if relocations:
        symbols = bytes(24) + struct.pack(order + "IBBHQQ", 0, 0, 0, 0, 0x10, 0)
        table = b"".join(
            struct.pack(order + "QQq", at, symbol << 32 | what, addend) for at, symbol, what, addend in relocations
        )
        rows.append((".symtab", 2, 0, symbols, 0, 0))
        rows.append((".rela", 4, 0, table, len(rows) - 1, 1))
    names = b"\0"
    offsets = []
    for name, *_rest in [*rows, (".shstrtab",)]:
        offsets.append(len(names) if name else 0)
        names += str(name).encode() + b"\0" if name else b""
    rows.append((".shstrtab", 3, 0, names, 0, 0))
    body, headers = b"", b""
    for (_name, sort, mark, data, link, info), offset in zip(rows, offsets, strict=True):
        at = 64 + len(body)
        headers += struct.pack(order + "IIQQQQIIQQ", offset, sort, mark, 0, at, len(data), link, info, 1, 0)
        body += data
    ident = b"\x7fELF\x02" + (b"\x02" if big else b"\x01") + b"\x01" + bytes(9)
    head = struct.pack(
        order + "HHIQQQIHHHHHH", kind, machine, 1, 0, 0, 64 + len(body), 0, 64, 0, 0, 64, len(rows), len(rows) - 1
    )
    return ident + head + body + headers


# ---------------------------------------------------------------- BTF


def btf(types: Sequence[tuple[str, int, bool, int, Sequence[int | str]]], *, big: bool = False) -> bytes:
    """Return BTF.

    :param types: (name, kind, flag, size or type, words that follow); a text among the words becomes its offset.
    """
    order = ">" if big else "<"
    texts = {"": 0}
    strings = b"\0"

    def offset(text: str) -> int:
        nonlocal strings
        if text not in texts:
            texts[text] = len(strings)
            strings += text.encode() + b"\0"
        return texts[text]

    each = {4: 3, 5: 3, 6: 2, 13: 2, 15: 3, 19: 3}
    body = b""
    for name, kind, flag, last, more in types:
        words = [offset(word) if isinstance(word, str) else word for word in more]
        vlen = len(words) // each[kind] if kind in each else 0
        info = flag << 31 | kind << 24 | vlen
        body += struct.pack(f"{order}{3 + len(words)}I", offset(name), info, last, *words)
    head = struct.pack(order + "HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(body), len(body), len(strings))
    return head + body + strings


# ---------------------------------------------------------------- CTF


def ctf(
    family: str,
    types: Sequence[tuple[str, int, int, Sequence[int | str | tuple[int | str, ...]]]],
    *,
    big: bool = False,
    zipped: bool = False,
) -> bytes:
    """Return CTF of ``illumos``, ``freebsd`` or ``gnu``.

    :param types: (name, kind, size or type, what follows): words of an integer or an array, else rows of members as
        (name, type, bit offset) or of enumerators as (name, value); a slice is (type, offset, bits).
    """
    order = ">" if big else "<"
    wide = family != "illumos"
    large = 1 << 29 if wide else 8192
    strings = b"\0"

    def offset(text: int | str) -> int:
        nonlocal strings
        if not isinstance(text, str):
            return text
        if not text:
            return 0
        strings += text.encode() + b"\0"
        return len(strings) - len(text.encode()) - 1

    body = b""
    for name, kind, last, more in types:
        rows = [row for row in more if isinstance(row, tuple)]
        vlen = len(rows) if kind in (6, 7, 8) else 0
        info = kind << 26 | 1 << 25 | vlen if wide else kind << 11 | 1 << 10 | vlen
        sentinel = 0xFFFFFFFF if wide else 0xFFFF
        huge = kind in (6, 7) and last >= sentinel
        body += struct.pack(order + ("III" if wide else "IHH"), offset(name), info, sentinel if huge else last)
        if huge:
            body += struct.pack(order + "II", last >> 32, last & 0xFFFFFFFF)
        if kind in (1, 2):
            body += struct.pack(order + "I", more[0])
        elif kind == 4:
            body += struct.pack(order + ("III" if wide else "HHI"), *more)
        elif kind == 14:
            body += struct.pack(order + "IHH", *more)
        for row in rows if kind in (6, 7, 8) else ():
            word, *rest = row
            at = offset(word)
            if kind == 8:
                body += struct.pack(order + "Ii", at, rest[0])
                continue
            target, place = int(rest[0]), int(rest[1])
            if last >= large:
                high, low = place >> 32, place & 0xFFFFFFFF
                if family == "gnu":
                    body += struct.pack(order + "IIII", at, high, target, low)
                elif wide:
                    body += struct.pack(order + "IIII", at, target, high, low)
                else:
                    body += struct.pack(order + "IHHII", at, target, 0, high, low)
            elif family == "gnu":
                body += struct.pack(order + "III", at, place, target)
            else:
                body += struct.pack(order + ("III" if wide else "IHH"), at, target, place)
    content = body + strings
    magic, version = {"illumos": (0xCFF1, 2), "freebsd": (0xCFF1, 3), "gnu": (0xDFF2, 4)}[family]
    head = struct.pack(order + "HBB", magic, version, int(zipped))
    parts = (0, len(body), len(strings))
    head += struct.pack(order + ("12I" if family == "gnu" else "8I"), *[0] * (9 if family == "gnu" else 5), *parts)
    return head + (zlib.compress(content) if zipped else content)
