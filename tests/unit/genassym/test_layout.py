"""Layouts, offsets and sizes: typed by hand through BTF, and by the commands."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.door import ask, table
from tests.unit.genassym.objects import btf, compiled, opened

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError, UnknownNameError, UnsupportedError
from heliograph.files import MemoryFiles
from heliograph.genassym.model import Missing, Place, Question, Types
from heliograph.genassym.parse.btf import btf_types
from heliograph.genassym.translate.layout import Part, TypesSource, declared, layout_of, rows_of

SIGNED = 1 << 24
TYPES: list[tuple[str, int, bool, int, list[int | str]]] = [
    ("int", 1, False, 4, [SIGNED | 32]),  # 1
    ("char", 1, False, 1, [8]),  # 2
    ("", 5, False, 4, ["u_int", 1, 0, "u_char", 2, 0]),  # 3: anonymous union
    ("inner", 4, False, 8, ["low", 2, 0, "high", 1, 32]),  # 4
    ("", 3, False, 0, [4, 1, 3]),  # 5: struct inner [3]
    (
        "foo",  # 6
        4,
        True,
        64,
        ["c", 2, 0, "a", 1, 3 << 24 | 8, "b", 1, 2 << 24 | 12, "i", 1, 32, "", 3, 64, "in", 4, 96, "many", 5, 160],
    ),
    ("foo_t", 8, False, 6, []),  # 7
    ("", 2, False, 6, []),  # 8: struct foo *
    ("", 13, False, 1, []),  # 9: int ()
    ("", 2, False, 9, []),  # 10: int (*)()
    ("", 3, False, 0, [10, 1, 4]),  # 11: int (*[4])()
    ("", 10, False, 8, []),  # 12: struct foo *const
    ("", 10, False, 2, []),  # 13: const char
    ("", 2, False, 13, []),  # 14: const char *
    ("", 3, False, 0, [2, 1, 5]),  # 15: char [5]
    ("", 2, False, 15, []),  # 16: char (*)[5]
    ("loop", 4, False, 8, ["self", 18, 0]),  # 17
    ("loop_t", 8, False, 17, []),  # 18
    ("twice", 4, False, 8, ["", 20, 0, "", 20, 32]),  # 19
    ("again", 4, False, 8, ["", 19, 0, "", 19, 0]),  # 20: each holds the other twice
]


@pytest.fixture
def types() -> Types:
    return btf_types(opened(btf(TYPES)), "x")


@pytest.mark.parametrize(
    ("ident", "name", "text"),
    [
        (1, "", "int"),
        (1, "x", "int x"),
        (8, "", "struct foo *"),
        (8, "x", "struct foo *x"),
        (10, "fn", "int (*fn)()"),
        (11, "fn", "int (*fn[4])()"),
        (12, "x", "struct foo * const x"),
        (14, "x", "const char *x"),
        (15, "x", "char x[5]"),
        (16, "x", "char (*x)[5]"),
        (3, "", "union {...}"),
        (7, "", "foo_t"),
    ],
)
def test_declarations(types: Types, ident: Any, name: str, text: str) -> None:
    assert declared(types, ident, name) == text


def test_rows(types: Types) -> None:
    found = layout_of(types, types.names["foo_t"], "foo_t")
    rows = [(row.path, row.bit_offset, row.bits, row.field) for row in found.rows]
    assert rows == [
        ("c", 0, 8, False),
        ("a", 8, 3, True),
        ("hole", 11, 1, False),
        ("b", 12, 2, True),
        ("hole", 14, 2, False),
        ("hole", 16, 16, False),
        ("i", 32, 32, False),
        ("u_int", 64, 32, False),
        ("u_char", 64, 8, False),
        ("in", 96, 64, False),
        ("many", 160, 192, False),
        ("padding", 352, 160, False),
    ]
    assert (found.name, found.size) == ("struct foo", 64)
    assert found.bits(Part.HOLE) == 19
    assert found.bits(Part.PADDING) == 160


def test_rows_in_depth(types: Types) -> None:
    found = layout_of(types, types.names["struct foo"], "foo", deep=True)
    rows = [(row.path, row.offset, row.size) for row in found.rows if row.offset >= 12]
    assert rows == [
        ("in", 12, 8),
        ("in.low", 12, 1),
        ("hole", 13, 3),
        ("in.high", 16, 4),
        ("many", 20, 24),
        ("many[0]", 20, 8),
        ("many[0].low", 20, 1),
        ("hole", 21, 3),
        ("many[0].high", 24, 4),
        ("many[1..2]", 28, 16),
        ("padding", 44, 20),
    ]


def test_the_bits_of_a_layout_are_all_there(types: Types) -> None:
    """Members, holes and padding of a structure come to its size."""
    found = layout_of(types, types.names["struct foo"], "foo")
    assert sum(row.bits for row in found.rows if row.path != "u_char") == 8 * found.size


@pytest.mark.parametrize("name", ["struct loop", "struct twice", "struct again"])
@pytest.mark.parametrize("deep", [False, True])
def test_structures_that_hold_themselves(types: Types, name: str, deep: bool) -> None:
    if name == "struct loop" and not deep:
        assert len(list(rows_of(types, types.names[name]))) == 1
        return
    with pytest.raises(RangeError, match=r"deep in each other|members"):
        list(rows_of(types, types.names[name], deep=deep))


@pytest.mark.parametrize(
    ("type_name", "steps", "place"),
    [
        ("foo_t", (), Place(offset=0, size=64)),
        ("int", (), Place(offset=0, size=4)),
        ("foo", ("i",), Place(offset=4, size=4)),
        ("foo", ("u_char",), Place(offset=8, size=1)),
        ("foo", ("in", "high"), Place(offset=16, size=4)),
        ("foo", ("many",), Place(offset=20, size=24, element=8)),
        ("foo", ("many", 2, "high"), Place(offset=40, size=4)),
        ("foo", ("many", 3), Place(offset=44, size=8)),
        ("foo", ("b",), Place(offset=1, size=0, bit_offset=12, bit_size=2)),
    ],
)
def test_places(types: Types, type_name: str, steps: tuple[str | int, ...], place: Place) -> None:
    assert TypesSource(types, "BTF").answer([Question(type=type_name, steps=steps)]) == [place]


@pytest.mark.parametrize(
    ("type_name", "steps", "why", "step"),
    [
        ("bar", (), "no type is called bar", -1),
        ("foo", ("x",), "has no member x", 0),
        ("foo", ("i", "x"), "int has no members", 1),
        ("foo", ("i", 1), "int is no array", 1),
        ("foo", ("many", 4), "the array has 3 elements", 1),
        ("twice", ("x",), "has no member x", 0),
    ],
)
def test_places_that_are_none(types: Types, type_name: str, steps: tuple[str | int, ...], why: str, step: int) -> None:
    if type_name == "twice":
        with pytest.raises(RangeError):
            TypesSource(types, "BTF").answer([Question(type=type_name, steps=steps)])
        return
    (found,) = TypesSource(types, "BTF").answer([Question(type=type_name, steps=steps)])
    assert isinstance(found, Missing)
    assert why in found.why
    assert found.step == step


# ---------------------------------------------------------------- commands

FILES = {"x": btf(TYPES)}


def fields(*argv: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    code, found = ask("genassym", "layout", *argv, "--from", "x", files=FILES)
    assert code == 0
    return found["views"][0], found["views"][0]["fields"]


def test_the_layout() -> None:
    view, found = fields("struct foo")
    assert (view["id"], view["unit"]) == ("layout", "byte")
    by_name = {field["name"]: field for field in found}
    assert by_name["a"] == {"name": "a", "offset": 1, "size": 1, "value": "int", "note": "bit_offset 8, bit_size 3"}
    assert by_name["i"] == {"name": "i", "offset": 4, "size": 4, "value": "int", "note": by_name["i"]["note"]}
    assert by_name["many"]["value"] == "struct inner [3]"
    assert sum(field["name"] == "(hole)" for field in found) == 3


def test_cache_lines() -> None:
    _view, found = fields("struct foo", "--cacheline", "8")
    notes = {field["name"]: field["note"] for field in found}
    assert notes["u_int"] == "cache line 1"
    assert notes["in"] == "cache lines 1 to 2"
    assert notes["many"] == "cache lines 2 to 5"
    _view, found = fields("struct foo", "--cacheline", "0")
    assert not any("cache" in (field["note"] or "") for field in found)


def test_the_caption_counts() -> None:
    text = run(["genassym", "layout", "foo", "--from", "x"], files=MemoryFiles(FILES)).render(width=200)
    assert "".join(text).startswith(
        "struct foo: 64 bytes, 1 cache line of 64, 3 holes of 2 bytes and 3 bits in all, 20 bytes of padding\n"
    )


def test_the_picture() -> None:
    picture = "".join(
        run(["genassym", "layout", "foo", "--from", "x", "--format", "svg"], files=MemoryFiles(FILES)).render()
    )
    assert picture.startswith("<?xml")
    assert "many" in picture


def test_offsetof() -> None:
    files = MemoryFiles(FILES)
    text = "".join(run(["genassym", "offsetof", "foo_t", "many[2].high", "--from", "x"], files=files).render())
    assert text == "offsetof (foo_t, many[2].high) = 0x28, sizeof (...->many[2].high) = 0x4\n"
    text = "".join(run(["genassym", "offsetof", "foo_t", "b", "--from", "x"], files=files).render())
    assert text == "offsetof (foo_t, b) = 0x1, bit offset = 0xc, width = 2\n"
    _code, found = ask("genassym", "offsetof", "foo_t", "b", "--from", "x", files=FILES)
    (row,) = table(found, "offsetof")
    assert (row["offset"], row["bit_offset"], row["bit_size"]) == (1, 12, 2)


def test_sizeof() -> None:
    text = "".join(run(["genassym", "sizeof", "struct  foo", "--from", "x"], files=MemoryFiles(FILES)).render())
    assert text == "sizeof (struct  foo) = 0x40\n"
    _code, found = ask("genassym", "sizeof", "foo_t", "--from", "x", files=FILES)
    assert table(found, "sizeof") == [{"type": "foo_t", "size": 64}]


@pytest.mark.parametrize(
    ("argv", "kind", "why"),
    [
        (("layout", "fo_t"), UnknownNameError, "did you mean foo_t"),
        (("layout", "int"), RangeError, "has no members"),
        (("layout", "foo", "--types", "dwarf"), ParseError, "no DWARF"),
        (("offsetof", "foo", "hi"), UnknownNameError, "unknown member"),
        (("offsetof", "foo", "i.x"), ParseError, "int has no members"),
        (("offsetof", "foo", "a..b"), ParseError, "no path"),
        (("sizeof", "bar"), UnknownNameError, "unknown type of x"),
        (("sizeof", ""), UnknownNameError, "unknown type of x"),
        (("layout", "loop", "--deep"), RangeError, "deep"),
    ],
)
def test_what_cannot_be_answered(argv: tuple[str, ...], kind: type[Error], why: str) -> None:
    with pytest.raises(kind, match=why):
        run(["genassym", *argv, "--from", "x"], files=MemoryFiles(FILES))


def test_an_object_whose_types_were_split_off() -> None:
    files = MemoryFiles({"x.o": compiled("gcc", "-gdwarf-5 -gsplit-dwarf")})
    with pytest.raises(UnsupportedError, match=r"\.dwo"):
        run(["genassym", "layout", "outer", "--from", "x.o"], files=files)


def test_an_object_of_gcc() -> None:
    files = {"x.o": compiled("gcc")}
    code, found = ask("genassym", "layout", "outer", "--from", "x.o", files=files)
    assert code == 0
    by_name = {field["name"]: field for field in found["views"][0]["fields"]}
    assert by_name["b2"]["note"].startswith("bit_offset 739, bit_size 7")
    assert by_name["md"]["value"] == "int [3][5]"
