"""Sparse pages."""

from __future__ import annotations

import pytest

from heliograph.errors import RangeError
from heliograph.x86.memory import PAGE, Access, Missing, Pages

RO = Access.READ


def test_what_is_mapped_is_read_across_pages() -> None:
    memory = Pages().map(PAGE - 2, b"abcd")
    assert memory.read(PAGE - 2, 4) == b"abcd"
    assert memory.read(PAGE + 2, 2) == b"\0\0"
    assert set(memory.pages) == {0, 1}
    assert Pages().map(0, b"", size=3 * PAGE).read(PAGE, 2 * PAGE) == bytes(2 * PAGE)


def test_what_is_not_there_is_named_by_its_first_byte() -> None:
    memory = Pages().map(0, b"x").map(2 * PAGE, b"y", RO)
    assert memory.read(PAGE - 1, 2) == Missing(address=PAGE, present=False)
    assert memory.read(PAGE + 5, 1) == Missing(address=PAGE + 5, present=False)
    assert memory.write(2 * PAGE, b"z") == Missing(address=2 * PAGE, present=True)
    assert memory.read(2 * PAGE, 1, Access.FETCH) == Missing(address=2 * PAGE, present=True)


def test_a_write_gives_another_memory_and_shares_the_rest() -> None:
    memory = Pages().map(0, b"", size=3 * PAGE)
    after = memory.write(PAGE - 1, b"ab")
    assert isinstance(after, Pages)
    assert (after.read(PAGE - 1, 2), memory.read(PAGE - 1, 2)) == (b"ab", b"\0\0")
    assert after.pages[2] is memory.pages[2]


def test_a_write_is_whole_or_not_at_all() -> None:
    memory = Pages().map(0, b"q")
    assert memory.write(PAGE - 1, b"ab") == Missing(address=PAGE, present=False)
    assert memory.read(0, 1) == b"q"


def test_mapping_again_keeps_what_is_not_written() -> None:
    memory = Pages().map(0, b"abc").map(1, b"X", RO)
    assert memory.read(0, 3) == b"aXc"
    assert memory.pages[0].access == RO
    with pytest.raises(RangeError):
        Pages().map(-1, b"x")
