"""The registers: their numbers in an encoding, their widths, their names.

Source: Intel SDM vol. 1, 3.4, and vol. 2, 2.1.5 and 2.2.1; AMD64 APM vol. 1, 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from heliograph.errors import UnknownNameError

__all__ = ["REGISTERS", "SP", "Mode", "Register", "SegmentRegister", "register"]

_LEGACY = ("ax", "cx", "dx", "bx", "sp", "bp", "si", "di")
_LETTERS = {8: "b", 16: "w", 32: "d", 64: ""}
_HIGH = ("ah", "ch", "dh", "bh")

SP = 4
"""The number of the stack pointer, as of esp, rsp and sp."""


class Mode(StrEnum):
    """How the CPU reads code: 32-bit protected mode with 32-bit segments, or 64-bit mode."""

    I386 = "i386"
    AMD64 = "amd64"

    @property
    def bits(self) -> int:
        """Return the width of a register and of an address, 32 or 64."""
        return 64 if self is Mode.AMD64 else 32

    @property
    def registers(self) -> int:
        """Return how many general registers there are, 8 or 16."""
        return 16 if self is Mode.AMD64 else 8

    @property
    def ip(self) -> str:
        """Return the name of the instruction pointer."""
        return "rip" if self is Mode.AMD64 else "eip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A general register, or a part of one.

    :param number: 0..15, as in an encoding with its REX bit.
    :param bits: 8, 16, 32 or 64.
    :param high: the second byte of ax, cx, dx or bx (``number`` 0..3, ``bits`` 8).
    """

    number: int
    bits: int
    high: bool = False

    @property
    def name(self) -> str:
        """Return its name without ``%``."""
        if self.high:
            return _HIGH[self.number]
        if self.number >= 8:
            return f"r{self.number}{_LETTERS[self.bits]}"
        word = _LEGACY[self.number]
        match self.bits:
            case 8:
                return f"{word[0]}l" if self.number < SP else f"{word}l"
            case 16:
                return word
            case 32:
                return f"e{word}"
            case _:
                return f"r{word}"


class SegmentRegister(IntEnum):
    """A segment register by its number in an encoding."""

    ES = 0
    CS = 1
    SS = 2
    DS = 3
    FS = 4
    GS = 5

    @property
    def word(self) -> str:
        """Return its name without ``%``."""
        return self.name.lower()


REGISTERS: Mapping[str, Register] = {
    row.name: row
    for bits in (8, 16, 32, 64)
    for number in range(16)
    for row in (
        Register(number=number, bits=bits),
        *((Register(number=number, bits=8, high=True),) if bits == 8 and number < len(_HIGH) else ()),
    )
}
"""Every general register by its name."""


def register(name: str, mode: Mode) -> Register:
    """Return the register of that name.

    :raises UnknownNameError: the mode has no such register.
    """
    known = {word: row for word, row in REGISTERS.items() if row.bits <= mode.bits and _reachable(row, mode)}
    if name not in known:
        raise UnknownNameError(f"register of {mode}", name, known)
    return known[name]


def _reachable(row: Register, mode: Mode) -> bool:
    """Tell whether an instruction of the mode can name the register: spl, bpl, sil, dil need a REX prefix."""
    return mode is Mode.AMD64 or (row.number < 8 and (row.bits > 8 or row.high or row.number < SP))
