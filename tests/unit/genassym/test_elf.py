"""Sections of ELF: found, decompressed, relocated, and refused."""

from __future__ import annotations

import struct
import zlib

import pytest
from tests.unit.genassym.objects import ELF, elf, opened

from heliograph.errors import ParseError, UnsupportedError
from heliograph.genassym.parse.elf import LIMIT, Elf


def first(data: bytes) -> bytes:
    """Return the bytes of the first section."""
    found = Elf(opened(data), "x")
    return found.whole(found.sections[1])


@pytest.mark.parametrize("big", [False, True])
def test_sections_are_found_by_their_names(big: bool) -> None:
    found = Elf(opened(elf([(".debug_info", b"abc"), (".BTF", b"de")], big=big)), "x")
    assert [section.name for section in found.debug("info")] == [".debug_info"]
    assert found.whole(found.called(".nothing", ".BTF")[0]) == b"de"
    assert found.called(".nothing") == []
    assert (found.big_endian, found.wide) == (big, True)


def test_a_section_is_read_by_offset() -> None:
    found = Elf(opened(elf([(".debug_info", b"abcdef")])), "x")
    content = found.bytes_of(found.sections[1])
    assert content.read(2, 3) == b"cde"
    assert content.read(4, 9) == b"ef"
    assert content.read(6, 1) == content.read(-1, 2) == b""


@pytest.mark.parametrize("big", [False, True])
def test_a_compressed_section(big: bool) -> None:
    head = struct.pack(">IIQQ" if big else "<IIQQ", 1, 0, 500, 1)
    assert first(elf([(".debug_info", head + zlib.compress(b"x" * 500))], big=big, flags=ELF.COMPRESSED)) == b"x" * 500


def test_a_section_compressed_the_old_way() -> None:
    data = b"ZLIB" + (500).to_bytes(8, "big") + zlib.compress(b"x" * 500)
    assert first(elf([(".zdebug_info", data)])) == b"x" * 500


@pytest.mark.parametrize(
    ("size", "data", "why"),
    [
        (499, zlib.compress(b"x" * 500), "another size"),
        (501, zlib.compress(b"x" * 500), "another size"),
        (500, b"garbage", "does not decompress"),
        (LIMIT + 1, zlib.compress(b"x" * 500), "the limit is"),
        (100_000_000, zlib.compress(b"x" * 100_000_000), "the limit is"),
    ],
)
def test_a_compressed_section_that_is_not_what_it_says(size: int, data: bytes, why: str) -> None:
    head = struct.pack("<IIQQ", 1, 0, size, 1)
    with pytest.raises(ParseError, match=why) as caught:
        first(elf([(".debug_info", head + data)], flags=ELF.COMPRESSED))
    assert ".debug_info + 0x0" in caught.value.message


def test_another_compression_is_named() -> None:
    with pytest.raises(UnsupportedError, match="method 2"):
        first(elf([(".debug_info", struct.pack("<IIQQ", 2, 0, 9, 1) + b"123456789")], flags=ELF.COMPRESSED))


@pytest.mark.parametrize(
    ("machine", "big", "kind", "found"),
    [
        (62, False, 10, "1300000099999999"),
        (62, False, 1, "1300000000000000"),
        (183, False, 258, "1300000099999999"),
        (183, False, 257, "1300000000000000"),
        (43, True, 23, "0000001399999999"),
        (43, True, 54, "0000000000000013"),
        (22, True, 4, "0000001399999999"),
        (21, True, 38, "0000000000000013"),
        (243, False, 2, "1300000000000000"),
        (243, False, 35, "ac99999999999999"),
        (243, False, 39, "8699999999999999"),
        (62, False, 17, "9999999999999999"),
    ],
)
def test_relocations(machine: int, big: bool, kind: int, found: str) -> None:
    data = elf([(".debug_info", b"\x99" * 8)], big=big, kind=ELF.REL, machine=machine, relocations=[(0, 1, kind, 3)])
    assert first(data).hex() == found


def test_relocations_of_a_linked_file_are_done_already() -> None:
    assert first(elf([(".debug_info", bytes(8))], relocations=[(0, 1, 10, 3)])) == bytes(8)


@pytest.mark.parametrize(
    ("entry", "why"),
    [((5, 1, 10, 0), "outside"), ((0, 2, 10, 0), "symbol 2"), ((2**63, 1, 1, 0), "outside")],
)
def test_relocations_that_cannot_be_applied(entry: tuple[int, int, int, int], why: str) -> None:
    with pytest.raises(ParseError, match=why):
        first(elf([(".debug_info", bytes(8))], kind=ELF.REL, relocations=[entry]))


def test_an_unknown_relocation_is_no_guess() -> None:
    with pytest.raises(UnsupportedError, match=r"type 99.* x86-64"):
        first(elf([(".debug_info", bytes(8))], kind=ELF.REL, relocations=[(0, 1, 99, 0)]))
    with pytest.raises(UnsupportedError, match="machine 4242"):
        first(elf([(".debug_info", bytes(8))], kind=ELF.REL, machine=4242, relocations=[(0, 1, 1, 0)]))


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x09\x01" + bytes(60), b"\x7fELF\x02\x01" + bytes(20)])
def test_what_is_no_elf(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        Elf(opened(data), "x")
    assert caught.value.span is not None
    assert caught.value.span.offset is not None


def test_tables_outside_the_file() -> None:
    data = elf([(".debug_info", b"abc")])
    with pytest.raises(ParseError, match="section table"):
        Elf(opened(data[:-1]), "x")
    cut = bytearray(data)
    cut[0x3C:0x3E] = b"\xff\xfe"
    with pytest.raises(ParseError, match="section table of 65279 rows"):
        Elf(opened(bytes(cut)), "x")


def test_a_section_that_ends_behind_the_file() -> None:
    data = bytearray(elf([(".debug_info", b"abc")]))
    found = Elf(opened(bytes(data)), "x")
    at = len(data) - 64 * len(found.sections) + 64 + 32
    data[at : at + 8] = (1 << 40).to_bytes(8, "little")
    with pytest.raises(ParseError, match="end behind the file"):
        first(bytes(data))


def test_a_file_that_has_no_sections() -> None:
    head = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0)
    assert Elf(opened(b"\x7fELF\x02\x01\x01" + bytes(9) + head), "x").sections == ()


def test_the_same_bytes_a_thousand_times() -> None:
    """Sections that overlap cannot make a small file large."""
    found = Elf(opened(elf([(".debug_info", bytes(4000))])), "x")

    def again() -> None:
        for _ in range(1000):
            found.bytes_of(found.sections[1])

    with pytest.raises(ParseError, match="many times"):
        again()
