"""What the judges are asked: instructions drawn by chance or chosen by name, and the machine that they run in."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heliograph.x86.cpu import Event, Fault, Halted, Retired, State, Syscall, Unknown, start
from heliograph.x86.decode import LONGEST, decode
from heliograph.x86.instruction import EffectiveAddress, Instruction
from heliograph.x86.memory import Pages
from heliograph.x86.opcodes import GROUPS, OPCODES
from heliograph.x86.registers import Mode, Register, SegmentRegister
from heliograph.x86.segments import Descriptor

__all__ = [
    "AT",
    "CODE",
    "CODE_SIZE",
    "DATA",
    "DATA_SIZE",
    "QUESTIONS",
    "SELECTORS",
    "TABLE",
    "Question",
    "Seen",
    "event_word",
    "instructions",
    "prepared",
    "see",
    "state_of",
    "values",
]

_PREFIXES = (0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3)

DATA, DATA_SIZE = 0x10000, 0x4000
CODE, CODE_SIZE = 0x400000, 0x1000
AT = CODE + 0x800
_ES, _CS, _SS, _DS, _FS, _GS = SegmentRegister

TABLE: Mapping[int, Descriptor] = {
    0x08: Descriptor(code=True, dpl=0),
    0x10: Descriptor(dpl=0),
    0x20: Descriptor(code=True),
    0x28: Descriptor(),
    0x30: Descriptor(code=True),
    0x40: Descriptor(present=False),
    0x48: Descriptor(open=False),
    0x50: Descriptor(code=True, open=False),
    0x60: Descriptor(base=DATA + 0x1000),
    0x68: Descriptor(base=DATA + 0x2000),
}
"""The descriptors of the machine: as Linux lays them out, and some that may not be loaded."""

SELECTORS = {
    Mode.I386: {_CS: 0x23, _SS: 0x2B, _DS: 0x2B, _ES: 0x2B, _FS: 0x6B, _GS: 0x63},
    Mode.AMD64: {_CS: 0x33, _SS: 0x2B, _DS: 0x2B, _ES: 0x2B, _FS: 0x6B, _GS: 0x63},
}
TRIED = (0, 3, 0x2B, 0x28, 0x63, 0x6B, 0x23, 0x33, 0x10, 0x13, 0x40, 0x43, 0x4B, 0x53, 0x67, 0x7B)
"""Selectors to load: null, good ones, ring 0's, absent, read-only, execute-only, of an LDT, beyond the table."""


def sample(rnd: random.Random, mode: Mode) -> bytes:
    """Return 15 bytes that begin like an instruction more often than chance would have it."""
    found = bytes(rnd.choice(_PREFIXES) for _ in range(rnd.choice((0, 0, 0, 1, 1, 2, 3))))
    if mode is Mode.AMD64 and rnd.random() < 0.5:
        found += bytes([0x40 | rnd.randrange(16)])
    opcode = rnd.choice([*OPCODES, *GROUPS, *GROUPS, 0x88, 0x89, 0x8B, 0x8C, 0x8D, 0x8E])
    found += bytes([0x0F, opcode & 0xFF] if opcode > 0xFF else [opcode])
    if opcode in GROUPS and rnd.random() < 0.8:
        found += bytes([rnd.randrange(256) & ~0x38 | rnd.choice([*GROUPS[opcode]]) << 3])
    return (found + rnd.randbytes(LONGEST))[:LONGEST]


def instructions(mode: Mode, count: int, seed: int) -> list[Instruction]:
    """Return what is decoded of ``count`` samples; every tenth is chance alone."""
    rnd = random.Random(f"{mode} {seed}")
    samples = (rnd.randbytes(LONGEST) if n % 10 == 0 else sample(rnd, mode) for n in range(count))
    return [found for found in (decode(sample, mode) for sample in samples) if isinstance(found, Instruction)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What can be seen of a machine after one instruction."""

    event: str
    registers: tuple[int, ...]
    ip: int
    selectors: tuple[int, ...]
    data: bytes

    def against(self, before: Seen) -> str:
        """Return in words what has changed."""
        if self.event not in ("retired", "int 0x80", "syscall"):
            return self.event
        words = [self.event, f"ip {self.ip:#x}"]
        pairs = enumerate(zip(before.registers, self.registers, strict=True))
        # A hook replaces the emulator's own syscall, which would write these two.
        hidden = (1, 11) if self.event == "syscall" else ()
        words += [f"r{n}={new:#x}" for n, (old, new) in pairs if old != new and n not in hidden]
        segments = zip(SegmentRegister, before.selectors, self.selectors, strict=True)
        words += [f"{which.word}={new:#x}" for which, old, new in segments if old != new]
        changed = (n for n, (old, new) in enumerate(zip(before.data, self.data, strict=True)) if old != new)
        words += [f"[{DATA + n:#x}]={self.data[n]:02x}" for n in changed]
        return " ".join(words)


def event_word(event: Event) -> str:
    """Return what came of an instruction, in a word that a judge can say as well."""
    match event:
        case Syscall():
            return event.gate
        case Fault():
            return f"{event.name} (not canonical)" if "not canonical" in event.why else event.name
        case Retired():
            return "retired"
        case Halted():
            return "halted"
        case Unknown():
            return "unknown"


def see(state: State, event: str) -> Seen:
    """Return what can be seen of our machine."""
    data = state.memory.read(DATA, DATA_SIZE)
    assert isinstance(data, bytes)
    return Seen(
        event=event,
        registers=state.registers,
        ip=state.ip,
        selectors=tuple(segment.selector for segment in state.segments),
        data=data,
    )


def state_of(mode: Mode, code: bytes, registers: Sequence[int], data: bytes) -> State:
    """Return our machine before an instruction at ``AT``."""
    names = [Register(number=n, bits=mode.bits).name for n in range(mode.registers)]
    padded = (code + b"\x90" * LONGEST)[:LONGEST]
    return start(
        mode,
        ip=AT,
        memory=Pages().map(CODE, b"", size=CODE_SIZE).map(AT, padded).map(DATA, data),
        selectors=SELECTORS[mode],
        table=TABLE,
        registers=dict(zip(names, registers, strict=True)),
    )


def values(rnd: random.Random, found: Instruction) -> tuple[list[int], bytes]:
    """Return registers and memory with which an instruction mostly finds something to do.

    Values stay low enough for every sum of them to be canonical; what is not is asked by name.
    """
    bits = found.mode.bits
    data = bytearray(rnd.randbytes(DATA_SIZE))

    def pointer() -> int:
        # Not into the first page: unicorn 2.1.4 takes some writes there for writes to the code, and starts anew.
        return DATA + rnd.randrange(0x1040, DATA_SIZE - 64)

    def value() -> int:
        return rnd.choice((pointer(), rnd.randrange(1 << 12), rnd.randrange(1 << min(bits, 40)), -rnd.randrange(1, 99)))

    registers = [value() & (1 << bits) - 1 for _ in range(found.mode.registers)]
    sp = registers[4] = pointer() & ~7
    for operand in found.operands:
        if isinstance(operand, EffectiveAddress) and operand.base and rnd.random() < 0.95:
            index = registers[operand.index.number] * operand.scale if operand.index else 0
            wanted = pointer() - operand.displacement - index
            if operand.index is None or operand.index.number != operand.base.number:
                registers[operand.base.number] = wanted & (1 << operand.bits) - 1
        if isinstance(operand, SegmentRegister) and found.mnemonic in ("mov", "pop"):
            selector = rnd.choice(TRIED)
            source = found.operands[-1]
            if isinstance(source, Register):
                registers[source.number] = selector
            data[sp - DATA : sp - DATA + 2] = selector.to_bytes(2, "little")
    if found.mnemonic == "ret":
        data[sp - DATA : sp - DATA + bits // 8] = (CODE + rnd.randrange(0x400)).to_bytes(bits // 8, "little")
    return registers, bytes(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One instruction asked by name: its bytes, and what eax and the top of the stack hold."""

    name: str
    mode: Mode
    code: str
    value: int = 0


_LOADS = (("mov %ax,%gs", "8e e8"), ("pop %gs", "0f a9"), ("mov %ax,%ss", "8e d0"))
QUESTIONS = (
    *(
        Question(name=f"{mode}: {name} of {selector:#x}", mode=mode, code=code, value=selector)
        for mode in Mode
        for name, code in _LOADS
        for selector in TRIED
    ),
    Question(name="i386: mov %gs:0x10,%eax", mode=Mode.I386, code="65 a1 10 00 00 00"),
    Question(name="i386: mov %fs:0x10,%eax", mode=Mode.I386, code="64 a1 10 00 00 00"),
    Question(name="i386: mov %eax,%gs:0x10", mode=Mode.I386, code="65 a3 10 00 00 00", value=0x12345678),
    Question(name="amd64: mov %gs:0x10,%rax", mode=Mode.AMD64, code="65 48 8b 04 25 10 00 00 00"),
    Question(name="amd64: mov %fs:0x10,%rax", mode=Mode.AMD64, code="64 48 8b 04 25 10 00 00 00"),
    Question(name="i386: mov %cs:0x10000,%eax", mode=Mode.I386, code="2e a1 00 00 01 00"),
    Question(name="i386: mov %eax,%cs:0x10000", mode=Mode.I386, code="2e a3 00 00 01 00"),
    Question(name="i386: int $0x21", mode=Mode.I386, code="cd 21"),
    Question(name="amd64: int $0x21", mode=Mode.AMD64, code="cd 21"),
    Question(name="i386: syscall", mode=Mode.I386, code="0f 05"),
    Question(name="amd64: read what is not canonical", mode=Mode.AMD64, code="48 8b 00", value=0x8000_0000_0000),
    Question(name="amd64: jump to what is not canonical", mode=Mode.AMD64, code="ff e0", value=0x8000_0000_0000),
    Question(name="amd64: movabs 0x10010,%al", mode=Mode.AMD64, code="a0 10 00 01 00 00 00 00 00"),
    Question(name="i386: lock mov %eax,(%eax)", mode=Mode.I386, code="f0 89 00", value=DATA),
    Question(name="i386: mov %ax,%cs", mode=Mode.I386, code="8e c8", value=0x23),
    Question(name="i386: mov %segment 6,%eax", mode=Mode.I386, code="8c f0"),
    Question(name="i386: lea %eax,%eax", mode=Mode.I386, code="8d c0"),
    Question(name="amd64: push %ds", mode=Mode.AMD64, code="1e"),
    Question(name="i386: ret $0x8000", mode=Mode.I386, code="c2 00 80"),
    Question(name="amd64: ret $0x8000", mode=Mode.AMD64, code="c2 00 80"),
    Question(name="amd64: rex.RB movl $0x4030201,(%r9)", mode=Mode.AMD64, code="45 c7 01 01 02 03 04"),
    Question(name="i386: longer than 15 bytes", mode=Mode.I386, code="2e 66 67 8b 80 00 00" + " 90" * 8),
)


def prepared(row: Question) -> tuple[list[int], bytes]:
    """Return the registers and the memory in which a question by name is asked."""
    data = bytearray(DATA_SIZE)
    sp = 0x3000
    data[sp : sp + 8] = row.value.to_bytes(8, "little")
    for place, mark in ((0x10, 0x10), (0x1010, 0x11), (0x2010, 0x12)):
        data[place] = mark
    registers = [0] * row.mode.registers
    registers[0], registers[4] = row.value, DATA + sp
    if row.mode is Mode.AMD64:
        registers[9] = DATA
    return registers, bytes(data)
