"""Values in raw bytes, in both byte orders."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.unit.door import ask, table
from tests.unit.genassym.objects import btf, compiled
from tests.unit.genassym.test_layout import FILES

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError, UsageError
from heliograph.files import MemoryFiles

SIGNED, BOOL = 1 << 24, 4 << 24
KINDS: list[tuple[str, int, bool, int, list[int | str]]] = [
    ("int", 1, False, 4, [SIGNED | 32]),  # 1
    ("unsigned int", 1, False, 4, [32]),  # 2
    ("char", 1, False, 1, [8]),  # 3
    ("_Bool", 1, False, 1, [BOOL | 8]),  # 4
    ("float", 16, False, 4, []),  # 5
    ("double", 16, False, 8, []),  # 6
    ("color", 6, True, 4, ["RED", 0, "GREEN", 5, "BLUE", 0xFFFFFFFF]),  # 7
    ("flags", 6, False, 4, ["A", 1, "B", 2, "C", 4]),  # 8
    ("", 2, False, 1, []),  # 9
    ("", 3, False, 0, [3, 1, 8]),  # 10: char [8]
    ("", 3, False, 0, [1, 1, 3]),  # 11: int [3]
    ("pair", 4, False, 8, ["x", 1, 0, "y", 1, 32]),  # 12
    ("", 3, False, 0, [12, 1, 2]),  # 13: struct pair [2]
    ("long double", 16, False, 16, []),  # 14
    ("long unsigned int", 1, False, 8, [64]),  # 15
    ("", 3, False, 0, [8, 1, 2]),  # 16: enum flags [2]
]


def kinds(*members: tuple[str, int, int], size: int, flag: bool = False) -> dict[str, bytes | str]:
    words: list[int | str] = []
    for name, kind, offset in members:
        words += [name, kind, offset]
    return {"x": btf([*KINDS, ("s", 4, flag, size, words)])}


def values(files: dict[str, bytes | str], data: bytes, *argv: str) -> dict[str, dict[str, Any]]:
    code, found = ask("genassym", "print", "struct s", "--from", "x", "--bytes", data.hex(), *argv, files=files)
    assert code == 0
    return {row["member"]: row for row in table(found, "print")}


@pytest.mark.parametrize(
    ("kind", "form", "value", "text"),
    [
        (1, "i", -2, "-2"),
        (2, "I", 0xFFFFFFFE, "0xfffffffe"),
        (2, "I", 0, "0"),
        (3, "B", 65, "'A'"),
        (3, "B", 7, "0x7"),
        (4, "B", 1, "true"),
        (4, "B", 9, "9"),
        (5, "f", 1.5, "1.5"),
        (6, "d", -0.1, "-0.10000000000000001"),
        (7, "i", 5, "5 (GREEN)"),
        (7, "i", -1, "-1 (BLUE)"),
        (7, "i", 6, "6 (no enumerator)"),
        (8, "I", 5, "0x5 (A|C)"),
        (8, "I", 2, "2 (B)"),
        (8, "I", 9, "9 (no enumerator)"),
        (9, "Q", 0xFFFF800000001000, "0xffff800000001000"),
        (9, "Q", 0, "0"),
    ],
)
@pytest.mark.parametrize("endian", ["big", "little"])
def test_scalars(kind: int, form: str, value: float, text: str, endian: str) -> None:
    data = struct.pack((">" if endian == "big" else "<") + form, value)
    found = values(kinds(("m", kind, 0), size=len(data)), data, "--endian", endian)
    assert found["m"]["value"] == text
    if form not in "fd":
        assert found["m"]["number"] == value
        assert found["m"]["number_hex"] == f"{value:#x}"


def test_a_float_of_more_bits_is_shown_as_bytes() -> None:
    found = values(kinds(("m", 14, 0), size=16), bytes(range(16)))
    assert found["m"]["value"] == f"bytes {bytes(range(16)).hex()}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"hello\0\0\0", '"hello"'),
        (b"8 bytes!", '"8 bytes!"'),
        (b'a"\\\n\0\xff\xff\xff', '"a\\"\\\\\\n"'),
        (bytes(8), '""'),
        (b"\0abcdefg", "[ 0x0, 'a', 'b', 'c', 'd', 'e', 'f', 'g' ]"),
        (b"\xffbcdefgh", "[ 0xff, 'b', 'c', 'd', 'e', 'f', 'g', 'h' ]"),
    ],
)
def test_arrays_of_char(data: bytes, text: str) -> None:
    assert values(kinds(("m", 10, 0), size=8), data)["m"]["value"] == text


def test_arrays() -> None:
    files = kinds(("m", 11, 0), ("p", 13, 96), ("f", 16, 224), size=36)
    data = struct.pack("<9i", 1, -2, 3, 4, 5, 6, 7, 1, 6)
    found = values(files, data)
    assert found["m"]["value"] == "[ 1, -2, 3 ]"
    assert found["f"]["value"] == "[ 1 (A), 0x6 (B|C) ]"
    assert [(name, row["offset"], row["value"]) for name, row in found.items() if name.startswith("p")] == [
        ("p", 12, ""),
        ("p[0]", 12, ""),
        ("p[0].x", 12, "4"),
        ("p[0].y", 16, "5"),
        ("p[1]", 20, ""),
        ("p[1].x", 20, "6"),
        ("p[1].y", 24, "7"),
    ]
    short = values(files, data, "--limit", "1")
    assert short["m"]["value"] == "[ 1, ... ]"
    assert "p[1]" not in short
    assert values(files, bytes(36))["m"]["value"] == "[ 0 x 3 ]"


def test_bit_fields() -> None:
    """a:3, b:7 signed, c:6 in one unsigned int; the first one is at the low end, or big endian at the high one."""
    bits = [("a", 2, 3 << 24), ("b", 1, 7 << 24 | 3), ("c", 2, 6 << 24 | 10)]
    files = kinds(*bits, size=4, flag=True)
    little = (5 | (-3 & 0x7F) << 3 | 33 << 10).to_bytes(4, "little")
    big = (5 << 29 | (-3 & 0x7F) << 22 | 33 << 16).to_bytes(4, "big")
    for data, endian in ((little, "little"), (big, "big")):
        found = values(files, data, "--endian", endian)
        assert [found[name]["number"] for name in "abc"] == [5, -3, 33]
        assert (found["b"]["bit_offset"], found["b"]["bit_size"], found["b"]["offset"]) == (3, 7, 0)
        assert found["b"]["type"] == "int : 7"


def test_a_type_that_is_no_structure() -> None:
    _code, found = ask("genassym", "print", "int", "--from", "x", "--bytes", "2a000000", files=kinds(size=0))
    assert [(row["member"], row["value"]) for row in table(found, "print")] == [("int", "42")]


def test_bytes_of_a_file() -> None:
    files = {**kinds(("m", 2, 0), size=4), "core": b"\0\0\0\x2a\0\0\0\xff"}
    argv = ["genassym", "print", "s", "--from", "x", "--file", "core", "--at"]
    _code, found = ask(*argv, "0x3", files=files)
    assert table(found, "print")[0]["number"] == 42
    with pytest.raises(RangeError, match="end behind its 8 bytes"):
        run([*argv, "5"], files=MemoryFiles(files))
    _code, found = ask("genassym", "print", "s", "--from", "x", "--file", "-", files=files, stdin=b"\x07\0\0\0")
    assert table(found, "print")[0]["number"] == 7


@pytest.mark.parametrize(
    ("argv", "kind", "why"),
    [
        ((), UsageError, "either --bytes HEX or --file"),
        (("--bytes", "00", "--file", "x"), UsageError, "either"),
        (("--bytes", "00", "--at", "1"), UsageError, "--file"),
        (("--bytes", "0g"), ParseError, "no hexadecimal digit"),
        (("--bytes", "000"), ParseError, "left over"),
        (("--bytes", "0x00 00"), RangeError, "has 8 bytes, and there are 2"),
        (("--file", "x", "--at", "q"), ParseError, "no number"),
        (("--file", "x", "--at", "-1"), RangeError, "below 0"),
    ],
)
def test_what_cannot_be_answered(argv: tuple[str, ...], kind: type[Error], why: str) -> None:
    with pytest.raises(kind, match=why):
        run(["genassym", "print", "pair", "--from", "x", *argv], files=MemoryFiles(kinds(size=0)))


def test_structures_that_hold_themselves() -> None:
    for name in ("loop", "twice", "again"):
        with pytest.raises(RangeError):
            run(["genassym", "print", name, "--from", "x", "--bytes", "00" * 8], files=MemoryFiles(FILES))


@pytest.mark.parametrize(("cc", "endian"), [("gcc", "<"), ("powerpc-linux-gnu-gcc", ">")])
def test_an_object_of_gcc(cc: str, endian: str) -> None:
    """The order of the bytes is the object's."""
    files = {"x": compiled(cc)}
    data = bytearray(200)
    data[4:8] = struct.pack(endian + "i", -7)
    code, found = ask("genassym", "print", "outer", "--from", "x", "--bytes", data.hex(), files=files)
    assert code == 0
    by_name = {row["member"]: row for row in table(found, "print")}
    assert by_name["md[0]"]["value"] == "[ -7, 0, 0, 0, 0 ]"
    assert by_name["name"]["value"] == '""'


def test_a_number_that_no_machine_has_is_shown_as_bytes() -> None:
    rows: list[tuple[str, int, bool, int, list[int | str]]] = [("int", 1, False, 3000, [SIGNED | 32])]
    _code, found = ask("genassym", "print", "int", "--from", "x", "--bytes", "01" * 3000, files={"x": btf(rows)})
    assert table(found, "print")[0]["value"] == f"bytes {'01' * 64}..."
