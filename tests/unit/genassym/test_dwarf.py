"""DWARF as compilers write it, in every version, class and byte order at hand, and as nobody should."""

from __future__ import annotations

import struct

import pytest
from tests.unit.genassym.objects import compiled, elf, opened, shape, struct_of

from heliograph.errors import Error, ParseError, UnsupportedError
from heliograph.genassym.model import Array, Base, Encoding, Enum, Forward, Function, Pointer, Qualified, Typedef, Types
from heliograph.genassym.parse.dwarf import dwarf_types
from heliograph.genassym.parse.elf import Elf
from heliograph.genassym.parse.objects import object_types


def types_of(data: bytes) -> Types:
    return dwarf_types(Elf(opened(data), "x.o"))


LP64 = (
    176,
    [
        ("c", 0, None, 1),
        ("md", 32, None, 60),
        ("in", 512, None, 24),
        ("col", 704, None, 4),
        ("b1", 736, 3, 4),
        ("b2", 739, 7, 4),
        ("b3", 768, 40, 8),
        ("sc", 808, 4, 1),
        ("f", 832, None, 8),
        ("fn", 896, None, 8),
        ("name", 960, None, 16),
        ("vi", 1088, None, 4),
        ("flag", 1120, None, 1),
        ("ld", 1152, None, 16),
        ("fl", 1280, None, 4),
        ("uu", 1344, None, 8),
        ("z", 1408, None, 0),
        ("flex", 1408, None, None),
    ],
)
FLAGS = [
    *(f"-gdwarf-{version}" for version in (2, 3, 4, 5)),
    "-gdwarf-5 -gdwarf64",
    "-gdwarf-5 -gz=zlib",
    "-gdwarf-4 -gz=zlib-gnu",
    "-gdwarf-5 -fdebug-types-section",
    "-gdwarf-4 -fdebug-types-section",
    "-gdwarf-3 -gstrict-dwarf",
]


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("cc", ["gcc -m64", "clang --target=x86_64-linux-gnu", "aarch64-linux-gnu-gcc"])
def test_lp64(cc: str, flags: str) -> None:
    types = types_of(compiled(cc, flags))
    assert shape(types, "struct outer") == LP64
    assert (types.pointer_size, types.big_endian) == (8, False)


@pytest.mark.parametrize("version", [2, 3, 4, 5])
@pytest.mark.parametrize(
    ("cc", "size", "b3", "ld", "big"),
    [
        ("gcc -m32", 144, 650, 960, False),
        ("arm-linux-gnueabihf-gcc", 144, 650, 960, False),
        ("powerpc-linux-gnu-gcc", 160, 650, 1024, True),
    ],
)
def test_ilp32(cc: str, size: int, b3: int, ld: int, big: bool, version: int) -> None:
    types = types_of(compiled(cc, f"-gdwarf-{version}"))
    found, members = shape(types, "struct outer")
    places = {name: (offset, bits) for name, offset, bits, _bytes in members}
    assert found == size
    assert (places["b1"], places["b3"], places["sc"]) == ((640, 3), (b3, 40), (b3 + 40, 4))
    assert places["ld"] == (ld, None)
    assert (types.pointer_size, types.big_endian) == (4, big)


@pytest.mark.parametrize("version", [4, 5])
def test_a_split_object(version: int) -> None:
    assert shape(types_of(compiled("gcc", f"-gdwarf-{version} -gsplit-dwarf", want="x.dwo")), "struct outer") == LP64


def test_kinds_of_types() -> None:
    types = types_of(compiled("gcc"))
    entries, names = types.entries, types.names
    members = {member.name: entries[member.type] for member in struct_of(types, "struct outer").members}
    assert members["c"] == Base(name="char", size=1, encoding=Encoding.CHAR)
    assert members["flag"] == Base(name="_Bool", size=1, encoding=Encoding.BOOL)
    assert members["ld"] == Base(name="long double", size=16, encoding=Encoding.FLOAT)
    assert members["col"] == entries[names["enum color"]]
    assert members["col"] == Enum(name="color", size=4, values=(("RED", 0), ("GREEN", 5), ("BLUE", -1)))
    matrix = members["md"]
    assert isinstance(matrix, Array)
    assert matrix.count == 3
    row = entries[matrix.element]
    assert isinstance(row, Array)
    assert row.count == 5
    assert entries[row.element] == Base(name="int", size=4, encoding=Encoding.SIGNED)
    assert isinstance(members["z"], Array)
    assert members["z"].count == 0
    assert isinstance(members["flex"], Array)
    assert members["flex"].count is None
    pointer = members["f"]
    assert isinstance(pointer, Pointer)
    assert entries[pointer.target] == Forward(keyword="struct", name="fwd")
    alias = members["fn"]
    assert isinstance(alias, Typedef)
    pointer = entries[alias.target]
    assert isinstance(pointer, Pointer)
    assert isinstance(entries[pointer.target], Function)
    outer = members["vi"]
    assert isinstance(outer, Qualified)
    assert isinstance(entries[outer.target], Qualified)
    assert {outer.word, entries[outer.target].word} == {"const", "volatile"}  # type: ignore[union-attr]


def test_names() -> None:
    types = types_of(compiled("gcc"))
    assert types.find("outer") == types.names["struct outer"]
    assert types.find("number") == types.names["union number"]
    assert types.find("color") == types.names["enum color"]
    assert types.find("ulong_t") == types.names["ulong_t"]
    assert "struct fwd" not in types.names
    assert types.find("nothing") is None
    assert {"struct outer", "struct inner", "union number", "ulong_t", "int"} <= set(types.names)
    assert len(types.names) == len(set(types.names)) == len(types.entries)


def test_a_typedef_goes_before_a_tag() -> None:
    types = types_of(compiled("gcc", source="typedef int foo; struct foo { long a; }; foo f; struct foo g;"))
    assert types.find("foo") == types.names["foo"]
    assert types.size(types.names["foo"]) == 4


def test_a_declaration_is_no_definition() -> None:
    assert types_of(compiled("gcc", source="struct foo; struct foo *f;")).find("foo") is None


def test_the_object_whose_types_were_split_off() -> None:
    types = types_of(compiled("gcc", "-gdwarf-5 -gsplit-dwarf"))
    assert types.find("outer") is None


# ---------------------------------------------------------------- written by hand

INFO_HEAD = 11
"""Bytes before the entries of a unit."""


def unit(abbreviations: bytes, entries: bytes, *, version: int = 4, extra: bytes = b"", offset: int = 0) -> bytes:
    """Return an object with one unit of 32-bit DWARF."""
    body = struct.pack("<HIB", version, offset, 8) + entries
    return elf([(".debug_info", struct.pack("<I", len(body)) + body + extra), (".debug_abbrev", abbreviations)])


# 1: compile unit with children; 2: structure (name string, size data1) with children; 3: member (name, type ref4,
# location data1); 4: base type (name, size, encoding); 5: structure with sibling.
ABBREVIATIONS = bytes.fromhex(
    "01 11 01 00 00"
    "02 13 01 03 08 0b 0b 00 00"
    "03 0d 00 03 08 49 13 38 0b 00 00"
    "04 24 00 03 08 0b 0b 3e 0b 00 00"
    "05 13 01 01 13 03 08 0b 0b 00 00"
    "00"
)
INT = b"\x04int\0\x04\x05"


def test_a_unit_written_by_hand() -> None:
    at = INFO_HEAD + 1
    entries = b"\x01" + INT + b"\x02foo\0\x08" + b"\x03a\0" + struct.pack("<I", at) + b"\x04" + b"\0" + b"\0"
    types = types_of(unit(ABBREVIATIONS, entries))
    assert shape(types, "struct foo") == (8, [("a", 32, None, 4)])


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        (b"\x01\x07", "abbreviation 7"),
        (b"\x01\x02foo", "does not end"),
        (b"\x01\x05" + struct.pack("<I", 3) + b"foo\0\x08\0\0", "sibling"),
        (b"\x01\x05" + struct.pack("<I", 12) + b"foo\0\x08\0\0", "sibling"),
        (b"\x01\x05" + struct.pack("<I", 9999) + b"foo\0\x08\0\0", "sibling"),
        (b"\x01\x02foo\0\x08\x03a\0" + struct.pack("<I", 9999) + b"\0\0\0", "where no entry is"),
        (b"\x01\x02foo\0\x08\x03a\0" + struct.pack("<I", 1) + b"\0\0\0", "where no entry is"),
        (b"\x01\x02foo\0\x08\x03a\0" + struct.pack("<I", 11) + b"\0\0\0", "a type is expected"),
        (b"\x01" + b"\x80" * 30, "does not end"),
    ],
)
def test_entries_that_cannot_be_read(entries: bytes, why: str) -> None:
    types = types_of(unit(ABBREVIATIONS, entries))

    def read_all() -> None:
        for name in types.names:
            for member in struct_of(types, name).members:
                types.size(member.type)

    with pytest.raises(ParseError, match=why) as caught:
        read_all()
    assert ".debug_info + 0x" in caught.value.message


def test_a_typedef_of_itself() -> None:
    """A circle is a type without a size, not a reader that never ends."""
    abbreviations = bytes.fromhex("01 11 01 00 00 02 16 00 03 08 49 13 00 00 00")
    types = types_of(unit(abbreviations, b"\x01\x02foo\0" + struct.pack("<I", 12) + b"\0"))
    assert types.size(types.names["foo"]) is None


def test_an_array_of_itself() -> None:
    abbreviations = bytes.fromhex(
        "01 11 01 00 00 02 01 01 49 13 00 00 03 21 00 2f 0b 00 00 04 16 00 03 08 49 13 00 00 00"
    )
    entries = b"\x01\x02" + struct.pack("<I", 12) + b"\x03\x7f\0" + b"\x04foo\0" + struct.pack("<I", 12) + b"\0"
    types = types_of(unit(abbreviations, entries))
    assert types.size(types.names["foo"]) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff" * 4, "does not fit"),
        (struct.pack("<I", 100), "does not fit"),
        (struct.pack("<IHIB", 7, 4, 0, 3), "an address of 3 bytes"),
        (struct.pack("<IHIB", 7, 1, 0, 8), "DWARF 1 is not known"),
        (struct.pack("<IHIB", 7, 6, 0, 8), "DWARF 6 is not known"),
    ],
)
def test_units_that_are_none(data: bytes, why: str) -> None:
    with pytest.raises(Error, match=why) as caught:
        types_of(elf([(".debug_info", data), (".debug_abbrev", b"\0")]))
    assert ".debug_info + 0x0" in caught.value.message


@pytest.mark.parametrize(
    ("abbreviations", "why"),
    [
        (b"", "no end"),
        (b"\x01\x11\x01\x03\x08", "no end"),
        (b"\x01\x11\x01\x03\x7f\x00\x00\x00", "form 0x7f"),
        (b"\x80" * 40, "no end"),
    ],
)
def test_abbreviations_that_cannot_be_read(abbreviations: bytes, why: str) -> None:
    types = types_of(unit(abbreviations or b"\x01", b"\x01\0"))
    with pytest.raises(ParseError, match=why) as caught:
        types.find("foo")
    assert ".debug_abbrev + 0x0" in caught.value.message


def test_units_cannot_make_one_table_many() -> None:
    """Tables that overlap would be read again for each unit."""
    table = b"".join(bytes([1 + n % 100, 0x34, 0, 3, 8, 0, 0]) for n in range(2000)) + b"\0"
    units = b"".join(struct.pack("<IHIBB", 8, 4, 7 * n, 8, 1) for n in range(2000))
    types = types_of(elf([(".debug_info", units), (".debug_abbrev", table)]))
    with pytest.raises(ParseError, match="overlap"):
        types.find("foo")


def test_an_object_without_debugging_information() -> None:
    with pytest.raises(UnsupportedError, match=r"no \.debug_info"):
        types_of(elf([(".text", b"x")]))
    with pytest.raises(UnsupportedError, match=r"neither \.debug_info nor"):
        object_types(opened(elf([(".text", b"x")])), "x.o")
    with pytest.raises(ParseError, match="neither an ELF object"):
        object_types(opened(b"#!/bin/sh\n"), "x.o")
