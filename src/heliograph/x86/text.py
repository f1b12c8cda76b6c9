"""An instruction in AT&T syntax, as GNU as reads and objdump prints it.

The source comes first, registers carry ``%`` and numbers ``$``; a suffix says the size where no register does.
"""

from __future__ import annotations

from typing import assert_never

from heliograph.x86.instruction import EffectiveAddress, Immediate, Instruction, Operand, Relative, Undecoded
from heliograph.x86.registers import SP, Mode, Register, SegmentRegister

__all__ = ["operand_text", "text"]

_SUFFIX = {8: "b", 16: "w", 32: "l", 64: "q"}
_STACKED = ("push", "pop")


def text(found: Instruction | Undecoded, *, origin: int = 0) -> str:
    """Return an instruction as text, such as ``mov $0x77,%eax``; bytes that are none as ``.byte 0x0f``.

    :param origin: the address of offset 0; targets of branches are shown as addresses.
    """
    if isinstance(found, Undecoded):
        return ".byte " + ",".join(f"{byte:#04x}" for byte in found.code)
    idle = list(found.idle)
    if found.mnemonic == "nop" and not found.operands and "data16" in idle:
        # The two bytes 66 90 are written as what nop once was.
        idle.remove("data16")
        return " ".join([*idle, "xchg %ax,%ax"])
    if any(_is_short(operand, found.mode) for operand in found.operands):
        idle.append("addr32" if found.mode is Mode.AMD64 else "addr16")
    words = [*idle, _mnemonic(found)]
    operands = [operand_text(operand, found, origin) for operand in reversed(found.operands)]
    if found.mnemonic == "jmp" and not isinstance(found.operands[0], Relative):
        operands[0] = f"*{operands[0]}"
    if operands:
        words.append(",".join(operands))
    return " ".join(words)


def _mnemonic(found: Instruction) -> str:
    """Return the mnemonic with the suffix that its operands need."""
    first = found.operands[0] if found.operands else None
    if found.mnemonic == "mov" and found.mode is Mode.AMD64 and any(map(_is_long, found.operands)):
        return "movabs"
    if any(isinstance(operand, Register) for operand in found.operands):
        return found.mnemonic
    memory = isinstance(first, EffectiveAddress)
    if found.mnemonic in _STACKED:
        # The size of the mode goes without saying.
        return found.mnemonic + ("w" if found.bits == 16 else "")
    sized = memory and (found.mnemonic == "nop" or any(isinstance(one, Immediate) for one in found.operands))
    return found.mnemonic + (_SUFFIX[found.bits] if sized else "")


def _is_long(operand: Operand) -> bool:
    """Tell whether an operand is what mov alone can hold: a number or an address of 64 bits."""
    return (isinstance(operand, Immediate) and operand.encoded == 64) or _is_absolute(operand, 64)


def _is_absolute(operand: Operand, bits: int) -> bool:
    """Tell whether an operand is an address of so many bits without ModRM."""
    return isinstance(operand, EffectiveAddress) and operand.absolute and operand.bits == bits


def _is_short(operand: Operand, mode: Mode) -> bool:
    """Tell whether an operand is an address alone, shorter than the mode's: no register in the text says so."""
    if not isinstance(operand, EffectiveAddress) or operand.bits == mode.bits:
        return False
    return operand.base is None and operand.index is None and not operand.sib and not operand.relative


def operand_text(operand: Operand, found: Instruction, origin: int = 0) -> str:
    """Return one operand of ``found``."""
    match operand:
        case Register():
            return f"%{operand.name}"
        case SegmentRegister():
            return f"%{operand.word}"
        case Immediate():
            return f"${operand.value:#x}"
        case Relative():
            target = origin + found.offset + found.length + operand.displacement
            return f"{target & _mask(found.mode.bits):#x}"
        case EffectiveAddress():
            return _address_text(operand, found.mode)
        case _:
            assert_never(operand)


def _address_text(operand: EffectiveAddress, mode: Mode) -> str:
    segment = f"%{operand.segment.word}:" if operand.segment is not None else ""
    base = f"%{operand.base.name}" if operand.base else ""
    if operand.relative:
        base = "%rip" if operand.bits == 64 else "%eip"
    index = _index_text(operand, mode)
    if not base and not index:
        where = operand.displacement
        # An address is a number without a sign; only 16 bits of ModRM are a displacement even then.
        return f"{segment}{where if operand.bits == 16 and not operand.absolute else where & _mask(operand.bits):#x}"
    displacement = f"{operand.displacement:#x}" if operand.has_displacement else ""
    return f"{segment}{displacement}({base}{index})"


def _index_text(operand: EffectiveAddress, mode: Mode) -> str:
    """Return the index with its scale; a SIB byte without an index that another encoding would do without has eiz."""
    if operand.bits == 16:
        return f",%{operand.index.name}" if operand.index and operand.base else ""
    if operand.index:
        return f",%{operand.index.name},{operand.scale}"
    if not operand.sib:
        return ""
    if operand.base is None:
        # In 64-bit mode SIB without base and index is how an address alone is written; elsewhere ModRM can.
        needed = mode is Mode.I386 or operand.bits == 32
    else:
        needed = operand.base.number & 7 != SP
    name = "riz" if operand.bits == 64 else "eiz"
    return f",%{name},{operand.scale}" if needed or operand.scale > 1 else ""


def _mask(bits: int) -> int:
    return (1 << bits) - 1
