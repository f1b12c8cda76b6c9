"""The registers by name and number."""

from __future__ import annotations

import pytest

from heliograph.errors import UnknownNameError
from heliograph.x86.registers import REGISTERS, Mode, SegmentRegister, register


def test_every_register_has_a_name_of_its_own() -> None:
    assert len(REGISTERS) == 4 * 16 + 4
    assert all(row.name == name for name, row in REGISTERS.items())


@pytest.mark.parametrize(
    ("name", "number", "bits", "high"),
    [
        ("al", 0, 8, False),
        ("ah", 0, 8, True),
        ("bh", 3, 8, True),
        ("spl", 4, 8, False),
        ("r8b", 8, 8, False),
        ("sp", 4, 16, False),
        ("r15w", 15, 16, False),
        ("edi", 7, 32, False),
        ("r9d", 9, 32, False),
        ("rbp", 5, 64, False),
        ("r12", 12, 64, False),
    ],
)
def test_names(name: str, number: int, bits: int, high: bool) -> None:
    found = register(name, Mode.AMD64)
    assert (found.number, found.bits, found.high) == (number, bits, high)


@pytest.mark.parametrize("name", ["rax", "r8d", "spl", "sil", "eip", "gs", ""])
def test_i386_has_no_such_register(name: str) -> None:
    with pytest.raises(UnknownNameError, match="register of i386"):
        register(name, Mode.I386)


def test_modes() -> None:
    assert [(mode.bits, mode.registers, mode.ip) for mode in Mode] == [(32, 8, "eip"), (64, 16, "rip")]
    assert [which.word for which in SegmentRegister] == ["es", "cs", "ss", "ds", "fs", "gs"]
