"""BTF: typed by hand in both byte orders, and as gcc writes it."""

from __future__ import annotations

import pytest
from tests.unit.genassym.objects import btf, compiled, opened, shape, struct_of
from tests.unit.genassym.test_dwarf import LP64

from heliograph.errors import ParseError, UnsupportedError
from heliograph.genassym.model import Array, Base, Encoding, Enum, Forward, Function, Qualified
from heliograph.genassym.parse.btf import btf_types
from heliograph.genassym.parse.objects import object_types

SIGNED, CHAR, BOOL = 1 << 24, 2 << 24, 4 << 24
TYPES: list[tuple[str, int, bool, int, list[int | str]]] = [
    ("int", 1, False, 4, [SIGNED | 32]),  # 1
    ("foo", 4, True, 16, ["a", 1, 0, "b", 1, 3 << 24 | 32, "", 3, 64]),  # 2
    ("", 5, False, 8, ["x", 1, 0, "y", 4, 0]),  # 3
    ("", 2, False, 2, []),  # 4: a pointer to foo
    ("color", 6, False, 4, ["RED", 0, "BLUE", 0xFFFFFFFF]),  # 5
    ("foo_t", 8, False, 2, []),  # 6
    ("", 10, False, 9, []),  # 7: const volatile
    ("bar", 7, True, 0, []),  # 8: a union that is declared
    ("", 9, False, 1, []),  # 9
    ("", 3, False, 0, [1, 1, 7]),  # 10
    ("", 13, False, 1, ["p", 1]),  # 11
    ("long unsigned int", 1, False, 4, [32]),  # 12
    ("big", 19, True, 8, ["LOW", 0, 0x80000000, "HIGH", 5, 1]),  # 13
    ("char", 1, False, 1, [SIGNED | 8]),  # 14
    ("double", 16, False, 8, []),  # 15
    ("user", 18, False, 1, []),  # 16
    ("old", 4, False, 4, ["w", 18, 4]),  # 17
    ("unsigned int", 1, False, 4, [2 << 16 | 5]),  # 18: a bit-field of older BTF
    ("main", 12, False, 11, []),  # 19
]


@pytest.mark.parametrize("big", [False, True])
def test_types_by_hand(big: bool) -> None:
    types = btf_types(opened(btf(TYPES, big=big)), "x")
    assert (types.big_endian, types.pointer_size) == (big, 4)
    assert shape(types, "struct foo") == (16, [("a", 0, None, 4), ("b", 32, 3, 4), ("", 64, None, 8)])
    assert shape(types, "struct old") == (4, [("w", 6, 5, 4)])
    entries = types.entries
    assert entries[0] == Base(name="void", size=0, encoding=Encoding.VOID)
    assert entries[5] == Enum(name="color", size=4, values=(("RED", 0), ("BLUE", -1)))
    assert entries[13] == Enum(name="big", size=8, values=(("LOW", -(1 << 63)), ("HIGH", 1 << 32 | 5)))
    assert entries[7] == Qualified(word="const", target=entries[7].target)  # type: ignore[union-attr]
    assert types.size(types.peeled(types.names["foo_t"])) == 16
    assert entries[8] == Forward(keyword="union", name="bar")
    assert isinstance(entries[10], Array)
    assert entries[10].count == 7
    assert isinstance(entries[11], Function)
    assert isinstance(entries[19], Function)
    assert entries[14] == Base(name="char", size=1, encoding=Encoding.CHAR)
    assert entries[15] == Base(name="double", size=8, encoding=Encoding.FLOAT)
    assert isinstance(entries[16], Qualified)
    assert len(entries) == 20
    assert types.find("foo") == 2
    assert types.find("color") == 5
    assert types.find("oo") is None
    assert set(types.names) >= {"struct foo", "foo_t", "enum color", "enum big", "int"}
    assert len(types.names) == len(set(types.names))


def test_btf_of_gcc() -> None:
    types, holder = object_types(opened(compiled("gcc", "-gbtf")), "x.o")
    assert holder == "BTF"
    size, members = shape(types, "struct outer")
    assert (size, members[:-1]) == (LP64[0], LP64[1][:-1])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x9f\xeb\x01", r"BTF \+ 0x0: no BTF header"),
        (btf(TYPES)[:-1], "outside"),
        (btf([("x", 25, False, 0, [])]), r"BTF \+ 0x18: a type of a kind"),
        (btf([("int", 1, False, 4, [])]), "cut off"),
        (btf([("x", 4, False, 0, ["a", 1, 0]), ("y", 4, False, 0, [])])[:-1] + b"\0", None),
    ],
)
def test_what_cannot_be_read(data: bytes, why: str | None) -> None:
    if why is None:
        assert btf_types(opened(data), "x").find("x") is not None
        return
    with pytest.raises(ParseError, match=why):
        btf_types(opened(data), "x")


def test_references_that_lead_nowhere() -> None:
    types = btf_types(opened(btf([("foo", 4, False, 8, ["a", 99, 0]), ("", 14, False, 1, [0])])), "x")
    member = struct_of(types, "struct foo").members[0]
    with pytest.raises(ParseError, match=r"type 99 of 3"):
        types.size(member.type)
    with pytest.raises(ParseError, match="of kind 14"):
        types.entries[2]


def test_another_version() -> None:
    data = bytearray(btf(TYPES))
    data[2] = 2
    with pytest.raises(UnsupportedError, match="version 2"):
        btf_types(opened(bytes(data)), "x")


def test_names_that_cannot_be_spelled_are_left_out() -> None:
    data = btf([("foo", 4, False, 0, []), ("bar", 4, False, 0, [])])
    for spoilt in (data.replace(b"bar", b"\xff\xfe\xfd"), data.replace(b"bar", b"\0\0\0")):
        types = btf_types(opened(spoilt), "x")
        assert list(types.names) == ["struct foo"]
        assert len(types.names) == 1
