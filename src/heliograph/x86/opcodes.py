"""The instructions that are known: opcode -> mnemonic and operands. Written by hand.

An operand is written as in the manuals: a letter for where it is, one for its size.

====  ===========================================================================
E, M  ModRM's r/m: a register or memory; memory only
G, S  ModRM's reg: a general register; a segment register
Z     the low three bits of the opcode: a general register
A     the accumulator: al, ax, eax or rax
O     memory at an address in the instruction, without ModRM
I, J  a number; a distance from the end of the instruction
b, w  8 bits; 16 bits
v, z  the operand size; the same, but 32 bits of code for 64
s     8 bits of code, sign extended to the operand size
====  ===========================================================================

Source: Intel SDM vol. 2, appendix A.2 and A.3; AMD64 APM vol. 3, appendix A.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from heliograph.x86.registers import SegmentRegister

__all__ = ["GROUPS", "OPCODES", "Opcode", "Width"]


class Width(Enum):
    """What decides the operand size."""

    PLAIN = auto()
    """32 bits; 16 with the prefix 66; 64 with REX.W."""
    STACK = auto()
    """As PLAIN, but 64 bits in 64-bit mode (the manuals' superscript d64): push and pop."""
    NEAR = auto()
    """The width of the mode (f64): near branches."""
    NONE = auto()
    """The instruction has no size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opcode:
    """A row: what an opcode means.

    :param operands: as the table above writes them, the destination first; or a segment register.
    :param i386_only: it raises #UD in 64-bit mode.
    """

    mnemonic: str
    operands: tuple[str | SegmentRegister, ...] = ()
    width: Width = Width.PLAIN
    i386_only: bool = False


def _row(
    mnemonic: str, *operands: str | SegmentRegister, width: Width = Width.PLAIN, i386_only: bool = False
) -> Opcode:
    return Opcode(mnemonic=mnemonic, operands=operands, width=width, i386_only=i386_only)


def _eight(first: int, row: Opcode) -> dict[int, Opcode]:
    """Return the rows of an opcode whose low three bits are a register."""
    return {first + low: row for low in range(8)}


_STACK, _NEAR, _NONE = Width.STACK, Width.NEAR, Width.NONE
_ES, _CS, _SS, _DS, _FS, _GS = SegmentRegister

OPCODES: Mapping[int, Opcode] = {
    0x06: _row("push", _ES, width=_STACK, i386_only=True),
    0x07: _row("pop", _ES, width=_STACK, i386_only=True),
    0x0E: _row("push", _CS, width=_STACK, i386_only=True),
    0x16: _row("push", _SS, width=_STACK, i386_only=True),
    0x17: _row("pop", _SS, width=_STACK, i386_only=True),
    0x1E: _row("push", _DS, width=_STACK, i386_only=True),
    0x1F: _row("pop", _DS, width=_STACK, i386_only=True),
    **_eight(0x50, _row("push", "Zv", width=_STACK)),
    **_eight(0x58, _row("pop", "Zv", width=_STACK)),
    0x68: _row("push", "Iz", width=_STACK),
    0x6A: _row("push", "Is", width=_STACK),
    0x88: _row("mov", "Eb", "Gb"),
    0x89: _row("mov", "Ev", "Gv"),
    0x8A: _row("mov", "Gb", "Eb"),
    0x8B: _row("mov", "Gv", "Ev"),
    0x8C: _row("mov", "Ev", "Sw"),
    0x8D: _row("lea", "Gv", "M"),
    0x8E: _row("mov", "Sw", "Ev"),
    0x90: _row("nop", width=_NONE),
    0xA0: _row("mov", "Ab", "Ob"),
    0xA1: _row("mov", "Av", "Ov"),
    0xA2: _row("mov", "Ob", "Ab"),
    0xA3: _row("mov", "Ov", "Av"),
    **_eight(0xB0, _row("mov", "Zb", "Ib")),
    **_eight(0xB8, _row("mov", "Zv", "Iv")),
    0xC2: _row("ret", "Iw", width=_NEAR),
    0xC3: _row("ret", width=_NEAR),
    0xCC: _row("int3", width=_NONE),
    0xCD: _row("int", "Ib", width=_NONE),
    0xE9: _row("jmp", "Jz", width=_NEAR),
    0xEB: _row("jmp", "Jb", width=_NEAR),
    0xF4: _row("hlt", width=_NONE),
    0xFA: _row("cli", width=_NONE),
    0xFB: _row("sti", width=_NONE),
    0x0F05: _row("syscall", width=_NONE),
    0x0F0B: _row("ud2", width=_NONE),
    0x0FA0: _row("push", _FS, width=_STACK),
    0x0FA1: _row("pop", _FS, width=_STACK),
    0x0FA8: _row("push", _GS, width=_STACK),
    0x0FA9: _row("pop", _GS, width=_STACK),
}
"""Opcodes of one byte, and of two from 0x0f00 on."""

GROUPS: Mapping[int, Mapping[int, Opcode]] = {
    0x8F: {0: _row("pop", "Ev", width=_STACK)},
    0xC6: {0: _row("mov", "Eb", "Ib")},
    0xC7: {0: _row("mov", "Ev", "Iz")},
    0xFF: {4: _row("jmp", "Ev", width=_NEAR), 6: _row("push", "Ev", width=_STACK)},
    0x0F1F: {0: _row("nop", "Ev")},
}
"""Opcodes whose meaning ModRM's reg completes: opcode -> reg -> row."""
