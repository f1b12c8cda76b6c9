"""CTF of the three families, typed by hand, and twenty objects as gcc writes them."""

from __future__ import annotations

import random
import struct

import pytest
from tests.unit.genassym.objects import compiled, ctf, elf, opened, shape, struct_of
from tests.unit.genassym.test_dwarf import LP64

from heliograph.errors import ParseError, UnsupportedError
from heliograph.genassym.model import Array, Base, Encoding, Enum, Forward, Function, Qualified, Types
from heliograph.genassym.parse.ctf import ctf_types
from heliograph.genassym.parse.objects import object_types

Row = tuple[str, int, int, list[int | str | tuple[int | str, ...]]]

TYPES: list[Row] = [
    ("int", 1, 4, [1 << 24 | 32]),  # 1
    ("foo", 6, 16, [("a", 1, 0), ("b", 3, 32), ("p", 4, 64)]),  # 2
    ("unsigned", 1, 4, [5]),  # 3: five bits
    ("", 3, 2, []),  # 4: a pointer
    ("color", 8, 4, [("RED", 0), ("BLUE", -1)]),  # 5
    ("foo_t", 10, 2, []),  # 6
    ("", 12, 1, []),  # 7
    ("bar", 9, 7, []),  # 8: a union that is declared
    ("", 4, 0, [1, 1, 7]),  # 9
    ("long", 1, 4, [1 << 24 | 32]),  # 10
    ("", 5, 1, []),  # 11
    ("char", 1, 1, [3 << 24 | 8]),  # 12
    ("void", 1, 0, [0]),  # 13
    ("double", 2, 8, [2 << 24 | 64]),  # 14
    ("huge", 6, 0x20000000, [("a", 1, 0), ("z", 1, 0xFFFFFF00)]),  # 15
]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("family", ["illumos", "freebsd", "gnu"])
def test_types_by_hand(family: str, big: bool, zipped: bool) -> None:
    types = ctf_types(opened(ctf(family, TYPES, big=big, zipped=zipped)), "x")
    assert (types.big_endian, types.pointer_size) == (big, 4)
    assert shape(types, "struct foo") == (16, [("a", 0, None, 4), ("b", 32, 5, 4), ("p", 64, None, 4)])
    assert shape(types, "struct huge") == (0x20000000, [("a", 0, None, 4), ("z", 0xFFFFFF00, None, 4)])
    entries = types.entries
    assert entries[5] == Enum(name="color", size=4, values=(("RED", 0), ("BLUE", -1)))
    assert entries[7] == Qualified(word="const", target=types.names["int"])
    assert entries[8] == Forward(keyword="union", name="bar")
    assert isinstance(entries[9], Array)
    assert entries[9].count == 7
    assert isinstance(entries[11], Function)
    assert entries[12] == Base(name="char", size=1, encoding=Encoding.CHAR)
    assert entries[13] == entries[0] == Base(name="void", size=0, encoding=Encoding.VOID)
    assert types.find("foo") == types.peeled(types.names["foo_t"]) == 2
    assert len(entries) == 16


def test_a_slice() -> None:
    rows: list[Row] = [("int", 1, 4, [1 << 24 | 32]), ("", 14, 4, [1, 3, 5]), ("foo", 6, 4, [("a", 2, 8)])]
    types = ctf_types(opened(ctf("gnu", rows)), "x")
    assert shape(types, "struct foo") == (4, [("a", 11, 5, 4)])


def test_texts_of_the_object_around() -> None:
    data = bytearray(ctf("gnu", [("foo", 6, 4, [])]))
    data[52:56] = struct.pack("<I", 1 << 31 | 1)
    whole = elf([(".ctf", bytes(data)), (".strtab", b"\0bar\0")])
    types, holder = object_types(opened(whole), "x")
    assert holder == "CTF"
    assert types.find("bar") == 1


# ---------------------------------------------------------------- gcc

_BASES = ("char", "short", "int", "long", "long long", "double", "float", "void *", "_Bool", "unsigned char")


def source(seed: int) -> str:
    """Return C with fifteen structures; arrays have one dimension, as gcc 12 turns the others round."""
    choose = random.Random(seed)
    lines = []
    for number in range(15):
        members = []
        for index in range(choose.randint(1, 14)):
            base = choose.choice(_BASES)
            what = choose.randrange(8)
            if what == 0:
                members.append(f"unsigned m{index} : {choose.randint(1, 31)};")
            elif what == 1:
                members.append(f"{base} m{index}[{choose.randint(1, 9)}];")
            elif what == 2 and number:
                members.append(f"struct s{choose.randrange(number)} m{index};")
            elif what == 3:
                members.append(f"union {{ {base} u{index}; int v{index}; }};")
            elif what == 4:
                members.append(f"struct {{ {base} x; char y; }} m{index};")
            else:
                members.append(f"{base} m{index};")
        lines.append(f"struct s{number} {{ {' '.join(members)} }} v{number};")
    return "\n".join(lines)


def flat(types: Types, name: str) -> list[tuple[str, int, int | None, int | None]]:
    """Return the shape of a structure."""
    return shape(types, name)[1]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("cc", ["gcc -m64", "gcc -m32"])
def test_objects_of_gcc(cc: str, seed: int) -> None:
    """CTF says what DWARF says of the same unit."""
    text = source(seed)
    ctf_of, holder = object_types(opened(compiled(cc, "-gctf", text)), "x.o")
    dwarf_of, other = object_types(opened(compiled(cc, "-g", text)), "x.o")
    assert (holder, other) == ("CTF", "DWARF")
    assert ctf_of.pointer_size == dwarf_of.pointer_size
    for number in range(15):
        assert shape(ctf_of, f"struct s{number}") == shape(dwarf_of, f"struct s{number}")


def test_the_sample_of_gcc() -> None:
    types, _holder = object_types(opened(compiled("gcc", "-gctf")), "x.o")
    size, members = shape(types, "struct outer")
    assert (size, members[:-1]) == (LP64[0], LP64[1][:-1])


# ---------------------------------------------------------------- damaged


@pytest.mark.parametrize("family", ["illumos", "freebsd", "gnu"])
def test_what_is_cut_off(family: str) -> None:
    whole = ctf(family, TYPES)
    for size in (3, 10, 35, len(whole) - 1):
        with pytest.raises(ParseError, match=r"CTF \+ 0x"):
            ctf_types(opened(whole[:size]), "x")
    zipped = ctf(family, TYPES, zipped=True)
    with pytest.raises(ParseError):
        ctf_types(opened(zipped[:-9]), "x")


def test_a_kind_that_is_not_known() -> None:
    with pytest.raises(ParseError, match="kind 20"):
        ctf_types(opened(ctf("freebsd", [("x", 20, 0, [])])), "x")


def test_a_bomb() -> None:
    data = bytearray(ctf("illumos", TYPES, zipped=True))
    data[32:36] = struct.pack("<I", 1 << 30)
    with pytest.raises(ParseError, match="grows to"):
        ctf_types(opened(bytes(data)), "x")


def test_references_that_lead_nowhere() -> None:
    types = ctf_types(opened(ctf("gnu", [("foo", 6, 4, [("a", 9, 0)]), ("bar", 10, 9, [])])), "x")
    with pytest.raises(ParseError, match="type 9 of 2"):
        struct_of(types, "struct foo")
    with pytest.raises(ParseError, match="type 9 of 2"):
        types.peeled(types.names["bar"])


def test_a_child_is_not_joined_with_its_parent() -> None:
    data = bytearray(ctf("illumos", [("foo", 6, 4, [("a", 9, 0)])]))
    data[8:12] = struct.pack("<I", 1)
    types = ctf_types(opened(bytes(data)), "x")
    with pytest.raises(UnsupportedError, match="parent"):
        struct_of(types, "struct foo")


def test_another_version() -> None:
    data = bytearray(ctf("illumos", TYPES))
    data[2] = 1
    with pytest.raises(UnsupportedError, match="version 1"):
        ctf_types(opened(bytes(data)), "x")
