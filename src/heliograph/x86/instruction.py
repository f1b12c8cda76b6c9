"""An instruction and its operands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heliograph.x86.registers import Mode, Register, SegmentRegister

__all__ = [
    "EffectiveAddress",
    "Immediate",
    "Instruction",
    "Operand",
    "Reason",
    "Relative",
    "Undecoded",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Immediate:
    """A number in the instruction.

    :param value: 0 <= value < 2**bits, sign extended from what is encoded.
    :param encoded: bits of it in the code.
    """

    value: int
    bits: int
    encoded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A target as a distance in bytes from the end of the instruction, -2**31 <= displacement < 2**31."""

    displacement: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveAddress:
    """A place in memory: segment:displacement(base,index,scale).

    :param access: bits that are read or written there: 8, 16, 32 or 64.
    :param bits: the address size: 16, 32 or 64; base and index are registers of that width.
    :param segment: the override, or None where the default holds (ss with a base of sp or bp, else ds).
    :param scale: 1, 2, 4 or 8.
    :param displacement: signed, in bytes; ``has_displacement`` tells a zero that is encoded from none.
    :param relative: the base is the address of the next instruction (rip).
    :param sib: a SIB byte encodes it; only the text cares.
    :param absolute: the displacement, of the address size, stands in the code without ModRM.
    """

    access: int
    bits: int
    segment: SegmentRegister | None = None
    base: Register | None = None
    index: Register | None = None
    scale: int = 1
    displacement: int = 0
    has_displacement: bool = False
    relative: bool = False
    sib: bool = False
    absolute: bool = False

    @property
    def default_segment(self) -> SegmentRegister:
        """Return the segment that holds without an override: SDM vol. 1, 3.7.4."""
        stack = self.base is not None and self.base.number in (4, 5)
        return SegmentRegister.SS if stack else SegmentRegister.DS


Operand = Register | SegmentRegister | Immediate | EffectiveAddress | Relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """An instruction.

    :param offset: where it starts, in bytes from the start of the code.
    :param code: its bytes, 1..15 of them.
    :param mnemonic: the manuals' name in lower case, without a suffix for the size.
    :param operands: in the manuals' order: the destination first.
    :param bits: the operand size: 8, 16, 32 or 64.
    :param idle: the names of its prefixes that change nothing, such as ``cs`` or ``rex.W``.
    """

    offset: int
    code: bytes
    mode: Mode
    mnemonic: str
    operands: tuple[Operand, ...]
    bits: int
    idle: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Return the number of its bytes."""
        return len(self.code)


class Reason(StrEnum):
    """Why bytes are no instruction."""

    TRUNCATED = "truncated"
    TOO_LONG = "too long"
    INVALID = "invalid"
    """The manuals say that it raises #UD."""
    UNKNOWN = "unknown"
    """A CPU may know it; this decoder does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecoded:
    """Bytes that were not decoded.

    :param offset: where they start, in bytes from the start of the code.
    :param code: the bytes that were looked at.
    :param message: what is wrong, in a few words.
    """

    offset: int
    code: bytes
    reason: Reason
    message: str
