"""No bytes make a reader of types fail other than by an Error, nor keep it long."""

from __future__ import annotations

import random
import time
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.genassym.objects import btf, compiled, ctf, elf, opened
from tests.unit.genassym.test_btf import TYPES as BTF_TYPES
from tests.unit.genassym.test_ctf import TYPES as CTF_TYPES
from tests.unit.genassym.test_dwarf import ABBREVIATIONS, INT, unit

from heliograph.cli import run
from heliograph.errors import Error
from heliograph.files import MemoryFiles
from heliograph.genassym.model import Struct, Types
from heliograph.genassym.parse.objects import object_types
from heliograph.genassym.translate.diff import changes
from heliograph.genassym.translate.layout import Part, declared, layout_of
from heliograph.genassym.translate.print import printed

LIMIT = 3.0
"""Seconds for one mutated object, whose sound form takes milliseconds."""


@cache
def sound() -> list[bytes]:
    """Return what is mutated: each family written by hand, and an object of gcc where there is one."""
    entries = b"\x01" + INT + b"\x02foo\0\x08" + b"\x03a\0\x0c\0\0\0\x04" + b"\0" + b"\0"
    found = [
        btf(BTF_TYPES),
        btf(BTF_TYPES, big=True),
        elf([(".BTF", btf(BTF_TYPES))]),
        *(
            ctf(family, CTF_TYPES, zipped=zipped)
            for family in ("illumos", "freebsd", "gnu")
            for zipped in (False, True)
        ),
        unit(ABBREVIATIONS, entries),
    ]
    for flags in ("-gdwarf-5", "-gdwarf-2", "-gdwarf-4 -gz=zlib", "-gdwarf-5 -fdebug-types-section", "-gctf", "-gbtf"):
        try:
            found.append(compiled("gcc", flags))
        except pytest.skip.Exception:
            continue
    return found


def everything(types: Types) -> None:
    """Ask for all that a file can be asked for."""
    names = list(types.names)[:60]
    for name in names:
        try:
            ident = types.names[name]
            declared(types, ident, "x")
            size = types.size(ident)
            entry = types.entries[types.peeled(ident)]
            if isinstance(entry, Struct):
                layout_of(types, ident, name)
                layout_of(types, ident, name, deep=True)
            if size is not None and size < 5000:
                printed(types, ident, bytes(range(256)) * 20, big_endian=types.big_endian, limit=4)
        except Error:
            continue
    list(changes(types, types, names[:5]))


def survives(data: bytes) -> None:
    start = time.monotonic()
    refused: Error | None
    try:
        everything(object_types(opened(data), "x")[0])
    except Error as error:
        # Tested as a value: what it says is as much of the promise as that it is one.
        refused = error
    else:
        refused = None
    assert refused is None or (refused.message and refused.exit_code == 2)
    assert time.monotonic() - start < LIMIT


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a sound file with a few bytes or words set to other values, and perhaps cut off."""
    data = bytearray(draw(st.sampled_from(sound())))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(data) - 1))
        if draw(st.booleans()):
            data[at] = draw(st.integers(0, 255))
        else:
            width = draw(st.sampled_from((2, 4, 8)))
            value = draw(st.sampled_from((0, 1, 0x7F, 0x80, 0xFF, 1 << 15, (1 << 16) - 1, 1 << 31, (1 << 64) - 1)))
            data[at : at + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")
    if draw(st.integers(0, 5)) == 0:
        del data[draw(st.integers(0, len(data))) :]
    return bytes(data)


@given(mutated())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_objects(data: bytes) -> None:
    survives(data)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"\x9f\xeb\x01\0", b"\xf1\xcf\x02\0", b"\xcf\xf1\x03\0", b"\xdf\xf2\x04\1"]),
)
@settings(max_examples=150, deadline=None)
def test_random_bytes_behind_a_magic(data: bytes, magic: bytes) -> None:
    survives(magic + data)


@given(st.binary(max_size=120), st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_random_entries_and_abbreviations(entries: bytes, abbreviations: bytes) -> None:
    survives(unit(abbreviations, entries))
    survives(unit(ABBREVIATIONS, b"\x01" + entries))


@given(st.binary(max_size=200), st.sampled_from(["info", "abbrev", "str", "str_offsets", "types"]))
@settings(max_examples=100, deadline=None)
def test_random_sections(data: bytes, name: str) -> None:
    survives(elf([(".debug_info", data), (f".debug_{name}", data)]))
    survives(elf([(f".debug_{name}", data)], flags=0x800))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 300), st.integers(-5, 5)), max_size=5))
@settings(max_examples=100, deadline=None)
def test_random_relocations(entries: list[tuple[int, int, int, int]]) -> None:
    survives(elf([(".debug_info", bytes(32))], kind=1, relocations=entries))


@given(st.sampled_from(["struct foo", "foo_t", "color"]), st.binary(min_size=16, max_size=16))
@settings(max_examples=100, deadline=None)
def test_any_bytes_can_be_printed(name: str, data: bytes) -> None:
    """Both byte orders, and each member once."""
    for endian in ("big", "little"):
        argv = ["genassym", "print", name, "--from", "x", "--bytes", data.hex(), "--endian", endian]
        answer = run(argv, files=MemoryFiles({"x": btf(BTF_TYPES)}))
        assert answer.exit_code == 0
        assert "".join(answer.render())


@given(st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_a_layout_has_each_bit_once(seed: int) -> None:
    """Members, holes and padding of a structure without unions cover it, and nothing twice."""
    choose = random.Random(seed)
    words: list[int | str] = []
    at = 0
    for number in range(choose.randint(1, 12)):
        at += choose.choice((0, 0, 8, 32, 5))
        bits = choose.choice((0, 1, 7, 12))
        if not bits:
            at = -(-at // 32) * 32
        words += [f"m{number}", 1, bits << 24 | at]
        at += bits or 32
    size = -(-at // 8) + choose.randint(0, 3)
    data = btf([("int", 1, False, 4, [1 << 24 | 32]), ("s", 4, True, size, words)])
    types, _holder = object_types(opened(data), "x")
    rows = layout_of(types, types.names["struct s"], "s").rows
    end = 0
    for row in rows:
        assert row.bit_offset == end
        end += row.bits
    assert end == 8 * size
    assert all(row.bits for row in rows if row.part is not Part.MEMBER)
