"""Bytes -> instructions.

An instruction is prefixes, an opcode of one or two bytes, ModRM, SIB, a displacement, a number: at most 15 bytes. What
the manuals leave open, such as a prefix given twice, is left unknown rather than guessed.

Source: Intel SDM vol. 2, chapter 2; AMD64 APM vol. 3, chapter 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from heliograph.x86.instruction import (
    EffectiveAddress,
    Immediate,
    Instruction,
    Operand,
    Reason,
    Relative,
    Undecoded,
)
from heliograph.x86.opcodes import GROUPS, OPCODES, Opcode, Width
from heliograph.x86.registers import Mode, Register, SegmentRegister

__all__ = ["LONGEST", "decode", "disassemble"]

LONGEST = 15
"""Bytes of the longest instruction: SDM vol. 2, 2.3.11."""

_SEGMENTS = {
    0x26: SegmentRegister.ES,
    0x2E: SegmentRegister.CS,
    0x36: SegmentRegister.SS,
    0x3E: SegmentRegister.DS,
    0x64: SegmentRegister.FS,
    0x65: SegmentRegister.GS,
}
_OPERAND_SIZE, _ADDRESS_SIZE, _LOCK, _REPNE, _REPE = 0x66, 0x67, 0xF0, 0xF2, 0xF3
_PREFIX_GROUP = {
    **dict.fromkeys(_SEGMENTS, "segment"),
    _OPERAND_SIZE: "operand size",
    _ADDRESS_SIZE: "address size",
    _LOCK: "lock or repeat",
    _REPNE: "lock or repeat",
    _REPE: "lock or repeat",
}
_DS = 0x3E
_SELECTOR_MOVES = (0x8C, 0x8E)
_W, _R, _X, _B = 8, 4, 2, 1
# ModRM's r/m with 16-bit addresses: base and index. SDM vol. 2, table 2-1.
_PAIRS_16 = ((3, 6), (3, 7), (5, 6), (5, 7), (6, None), (7, None), (5, None), (3, None))
_BP, _BX_ONLY = 5, 7


class _StopError(Exception):
    """Ends a decode; it never leaves this module."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def decode(code: bytes, mode: Mode, offset: int = 0) -> Instruction | Undecoded:
    """Decode the instruction at ``offset``.

    :param code: any bytes.
    :param offset: bytes, 0 <= offset <= len(code).
    :return: the instruction; or why the bytes are none, never an exception.
    """
    found = _decode(bytes(code[offset : offset + LONGEST]), mode)
    return replace(found, offset=offset) if offset else found


def disassemble(code: bytes, mode: Mode) -> Iterator[Instruction | Undecoded]:
    """Yield what ``code`` consists of, in order; a byte at which no instruction starts is passed over alone."""
    offset = 0
    while offset < len(code):
        found = decode(code, mode, offset)
        if isinstance(found, Undecoded):
            found = replace(found, code=code[offset : offset + 1])
        yield found
        offset += len(found.code)


@lru_cache(maxsize=4096)
def _decode(window: bytes, mode: Mode) -> Instruction | Undecoded:
    reader = _Reader(window, mode)
    try:
        return reader.instruction()
    except _StopError as stop:
        return Undecoded(offset=0, code=window[: max(reader.at, 1)], reason=stop.reason, message=stop.message)


class _Reader:
    """One instruction on its way from bytes; it remembers which prefixes had an effect."""

    def __init__(self, window: bytes, mode: Mode) -> None:
        self.window = window
        self.mode = mode
        self.at = 0
        self.prefixes: dict[str, int] = {}
        self.rex = 0
        self.used: set[str] = set()
        self.rex_used = 0
        self.indirect = False
        self._modrm: int | None = None

    # ---- bytes

    def byte(self) -> int:
        if self.at >= len(self.window):
            if self.at >= LONGEST:
                raise _StopError(Reason.TOO_LONG, f"longer than {LONGEST} bytes")
            raise _StopError(Reason.TRUNCATED, "the bytes end inside an instruction")
        self.at += 1
        return self.window[self.at - 1]

    def number(self, bits: int, *, signed: bool) -> int:
        """Read a little-endian number of ``bits`` bits."""
        return int.from_bytes(bytes(self.byte() for _ in range(bits // 8)), "little", signed=signed)

    @property
    def modrm(self) -> tuple[int, int, int]:
        """Return mod, reg and r/m; the byte is read once."""
        if self._modrm is None:
            self._modrm = self.byte()
        return self._modrm >> 6, self._modrm >> 3 & 7, self._modrm & 7

    def bit(self, which: int, shift: int) -> int:
        """Return a bit of REX as the bit ``shift`` of a register's number."""
        self.rex_used |= which
        return 1 << shift if self.rex & which else 0

    # ---- the whole

    def instruction(self) -> Instruction:
        opcode = self._prefixes()
        row = self._row(opcode)
        if row.i386_only and self.mode is Mode.AMD64:
            raise _StopError(Reason.INVALID, f"{row.mnemonic} of this kind is not in 64-bit mode")
        self.indirect = row.mnemonic == "jmp" and "Ev" in row.operands
        if self.indirect and self.mode is Mode.I386 and self.prefixes.get("segment") == _DS:
            raise _StopError(Reason.UNKNOWN, "ds before an indirect jump: an override, or notrack")
        bits = self._bits(row, opcode)
        # A number comes after ModRM, SIB and displacement, whatever the order of the operands.
        operands = tuple(self._operand(code, bits, opcode) for code in row.operands)
        if self.prefixes.get("lock or repeat") == _LOCK:
            raise _StopError(Reason.INVALID, f"lock {row.mnemonic}: nothing that can be locked")
        mnemonic = self._repeated(row)
        if len(operands) == 2 and operands[0] is SegmentRegister.CS:
            raise _StopError(Reason.INVALID, "cs is loaded by jumps only")
        return Instruction(
            offset=0,
            code=self.window[: self.at],
            mode=self.mode,
            mnemonic=mnemonic,
            operands=operands,
            bits=bits,
            idle=tuple(self._idle()),
        )

    def _prefixes(self) -> int:
        """Read the prefixes, and return the opcode after them; from 0x0f00 on, it was two bytes."""
        while (value := self.byte()) in _PREFIX_GROUP:
            group = _PREFIX_GROUP[value]
            if group in self.prefixes:
                raise _StopError(Reason.UNKNOWN, f"two prefixes for {group}")
            self.prefixes[group] = value
        if self.mode is Mode.AMD64 and value & 0xF0 == 0x40:
            self.rex = value
            value = self.byte()
            if value in _PREFIX_GROUP or value & 0xF0 == 0x40:
                raise _StopError(Reason.UNKNOWN, "a prefix after REX, which loses its effect")
        return 0x0F00 | self.byte() if value == 0x0F else value

    def _row(self, opcode: int) -> Opcode:
        if opcode in OPCODES:
            return OPCODES[opcode]
        if opcode in GROUPS:
            _mod, reg, _rm = self.modrm
            row = GROUPS[opcode].get(reg)
            if row is not None:
                return row
            raise _StopError(Reason.UNKNOWN, f"opcode {_opcode_text(opcode)} /{reg} is not known here")
        raise _StopError(Reason.UNKNOWN, f"opcode {_opcode_text(opcode)} is not known here")

    def _bits(self, row: Opcode, opcode: int) -> int:
        """Return the operand size."""
        small = "operand size" in self.prefixes
        if row.width is Width.NEAR:
            if small:
                raise _StopError(Reason.UNKNOWN, "an operand size for a near branch: Intel and AMD differ")
            return self.mode.bits
        if row.width is Width.NONE:
            if opcode == 0x90 and self.rex and (small or self.bit(_B, 3)):
                raise _StopError(Reason.UNKNOWN, "xchg, of which nop is a case, is not known here")
            return self.mode.bits
        if any(isinstance(code, str) and code[1:] == "b" for code in row.operands):
            return 8
        if row.width is Width.STACK and self.mode is Mode.AMD64:
            wide = self.rex & _W  # it wins over the other prefix, and then says what holds anyway
            if small and not wide:
                self.used.add("operand size")
                return 16
            return 64
        if self.bit(_W, 0):
            return 64
        if small:
            self.used.add("operand size")
        return 16 if small else 32

    def _repeated(self, row: Opcode) -> str:
        """Return the mnemonic; a repeat prefix makes pause of nop and is idle before ret."""
        prefix = self.prefixes.get("lock or repeat")
        if prefix is None or (prefix == _REPE and row.mnemonic == "ret"):
            return row.mnemonic
        if prefix == _REPE and row.mnemonic == "nop" and not row.operands:
            self.used.add("lock or repeat")
            return "pause"
        raise _StopError(Reason.UNKNOWN, f"a repeat prefix before {row.mnemonic}")

    def _idle(self) -> Iterator[str]:
        """Yield the names of the prefixes that had no effect, as an assembler writes them."""
        for group, value in self.prefixes.items():
            if group not in self.used:
                match group:
                    case "segment":
                        yield "notrack" if self.indirect and value == _DS else _SEGMENTS[value].word
                    case "operand size":
                        yield "data16"
                    case "address size":
                        yield "addr32" if self.mode is Mode.AMD64 else "addr16"
                    case _:
                        yield "repz"
        bare = self.rex == 0x40 and "byte register" not in self.used
        if bare or self.rex & 0xF & ~self.rex_used:
            letters = "".join(letter for letter, bit in zip("WRXB", (_W, _R, _X, _B), strict=True) if self.rex & bit)
            yield f"rex.{letters}" if letters else "rex"

    # ---- operands

    def _operand(self, code: str | SegmentRegister, bits: int, opcode: int) -> Operand:
        if isinstance(code, SegmentRegister):
            return code
        size = {"b": 8, "w": 16}.get(code[1:], bits)
        match code[0]:
            case "E":
                return self._rm(size, opcode)
            case "M":
                if self.modrm[0] == 3:
                    raise _StopError(Reason.INVALID, "lea of a register")
                return self._address(bits)
            case "G":
                return self._register(self.modrm[1] | self.bit(_R, 3), size)
            case "S":
                if self.modrm[1] > SegmentRegister.GS:
                    raise _StopError(Reason.INVALID, f"there is no segment register {self.modrm[1]}")
                return SegmentRegister(self.modrm[1])
            case "Z":
                return self._register(opcode & 7 | self.bit(_B, 3), size)
            case "A":
                return Register(number=0, bits=size)
            case "O":
                return self._offset(size)
            case "J":
                return Relative(displacement=self.number(8 if code == "Jb" else 32, signed=True))
            case _:
                encoded = {"s": 8, "z": min(size, 32)}.get(code[1:], size)
                value = self.number(encoded, signed=True) & (1 << size) - 1
                return Immediate(value=value, bits=size, encoded=encoded)

    def _register(self, number: int, bits: int) -> Register:
        """Return a general register; with any REX, the byte registers 4 to 7 are spl, bpl, sil, dil."""
        if bits == 8 and 4 <= number < 8:
            if not self.rex:
                return Register(number=number - 4, bits=8, high=True)
            self.used.add("byte register")
        return Register(number=number, bits=bits)

    def _rm(self, size: int, opcode: int) -> Operand:
        mod, _reg, rm = self.modrm
        if mod != 3:
            return self._address(16 if opcode in _SELECTOR_MOVES else size)
        return self._register(rm | self.bit(_B, 3), size)

    def _address_bits(self) -> int:
        """Return the address size: that of the mode, or the next smaller one with the prefix 67."""
        small = "address size" in self.prefixes
        self.used.add("address size")
        return self.mode.bits >> small

    def _segment(self) -> SegmentRegister | None:
        """Return the override; in 64-bit mode only those of fs and gs are one (SDM vol. 1, 3.7.4)."""
        prefix = self.prefixes.get("segment")
        if prefix is None:
            return None
        found = _SEGMENTS[prefix]
        if self.mode is Mode.AMD64 and found < SegmentRegister.FS:
            return None
        self.used.add("segment")
        return found

    def _offset(self, size: int) -> EffectiveAddress:
        """Read an address that stands in the code as it is."""
        bits = self._address_bits()
        where = self.number(bits, signed=False)
        return EffectiveAddress(
            access=size,
            bits=bits,
            segment=self._segment(),
            displacement=where,
            has_displacement=True,
            absolute=True,
        )

    def _address(self, size: int) -> EffectiveAddress:
        bits = self._address_bits()
        if bits == 16:
            return self._address_16(size)
        mod, _reg, rm = self.modrm
        base: int | None = rm
        index, scale, sib = None, 1, rm == 4
        if sib:
            value = self.byte()
            base, scale = value & 7, 1 << (value >> 6)
            index = value >> 3 & 7 | self.bit(_X, 3)
        width = (0, 8, 32)[mod]
        # mod 0 with a base of 5 is a displacement alone, and without SIB in 64-bit mode one from rip.
        relative = False
        if mod == 0 and base == _BP:
            relative = not sib and self.mode is Mode.AMD64
            base, width = None, 32
        displacement = self.number(width, signed=True) if width else 0
        return EffectiveAddress(
            access=size,
            bits=bits,
            segment=self._segment(),
            base=None if base is None else Register(number=base | self.bit(_B, 3), bits=bits),
            # A stack pointer is no index: the number 4, which is not r12, means none.
            index=None if index in (None, 4) else Register(number=index or 0, bits=bits),
            scale=scale,
            displacement=displacement,
            has_displacement=width > 0,
            relative=relative,
            sib=sib,
        )

    def _address_16(self, size: int) -> EffectiveAddress:
        mod, _reg, rm = self.modrm
        base, index = _PAIRS_16[rm]
        width = (0, 8, 16)[mod]
        alone = mod == 0 and rm == 6
        displacement = self.number(16 if alone else width, signed=True) if width or alone else 0
        return EffectiveAddress(
            access=size,
            bits=16,
            segment=self._segment(),
            base=None if alone else Register(number=base, bits=16),
            index=None if index is None else Register(number=index, bits=16),
            displacement=displacement,
            has_displacement=alone or width > 0,
        )


def _opcode_text(opcode: int) -> str:
    return f"{opcode >> 8:02x} {opcode & 0xFF:02x}" if opcode > 0xFF else f"{opcode:02x}"
