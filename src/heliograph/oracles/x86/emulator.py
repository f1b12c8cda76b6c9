"""Unicorn in ring 3: what single instructions do, and the trampolines."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any

from heliograph.oracles.comparison import Said
from heliograph.oracles.x86.questions import (
    AT,
    CODE,
    CODE_SIZE,
    DATA,
    DATA_SIZE,
    QUESTIONS,
    SELECTORS,
    TABLE,
    Seen,
    event_word,
    instructions,
    prepared,
    see,
    state_of,
    values,
)
from heliograph.signals.tables.trampolines import SETTINGS, TRAMPOLINES, Trampoline
from heliograph.signals.translate.trampoline import execute
from heliograph.x86.cpu import Fault, Retired, step
from heliograph.x86.decode import LONGEST
from heliograph.x86.instruction import EffectiveAddress, Immediate, Instruction
from heliograph.x86.memory import Access
from heliograph.x86.registers import Mode, Register, SegmentRegister
from heliograph.x86.segments import Descriptor
from heliograph.x86.text import text

__all__ = ["against_unicorn", "by_name", "null_gs", "trampolines"]

_STEPPED = 3000
"""Samples for each mode."""

_GDT = 0x300000
_CS, _SS, _DS, _ES, _FS, _GS = (SegmentRegister[name] for name in ("CS", "SS", "DS", "ES", "FS", "GS"))
_WIDE_CODE = (0x08, 0x30)
"""Code segments that are 64-bit ones where the mode is."""


def _descriptor_bytes(selector: int, found: Descriptor, mode: Mode) -> bytes:
    """Return a descriptor as the CPU reads it: SDM vol. 3, 3.4.5; a limit of 4 GiB in pages."""
    kind = (0x19 if found.code else 0x11) | found.open << 1
    access = found.present << 7 | found.dpl << 5 | kind
    flags = 0xA if mode is Mode.AMD64 and selector in _WIDE_CODE else 0xC
    base = found.base
    low = b"\xff\xff" + (base & 0xFFFFFF).to_bytes(3, "little")
    return low + bytes([access, flags << 4 | 0xF, base >> 24])


class _Machine:
    """Unicorn in ring 3: flat segments, a GDT, and the pages of the questions."""

    def __init__(self, mode: Mode, pages: Iterable[tuple[int, int]] = ((DATA, DATA_SIZE), (CODE, CODE_SIZE))) -> None:
        self.mode = mode
        self.unicorn: Any = import_module("unicorn")
        self.names: Any = import_module("unicorn.x86_const")
        wide = mode is Mode.AMD64
        self.machine: Any = self.unicorn.Uc(
            self.unicorn.UC_ARCH_X86, self.unicorn.UC_MODE_64 if wide else self.unicorn.UC_MODE_32
        )
        for address, size in ((_GDT, 0x1000), *pages):
            self.machine.mem_map(address, size)
        self._enter_ring_3()
        self.saved = self.machine.context_save()
        self.log: list[str] = []
        self._watch()

    def number(self, name: str) -> int:
        found: int = getattr(self.names, f"UC_X86_REG_{name.upper()}")
        return found

    def _enter_ring_3(self) -> None:
        """Load the descriptors and leave ring 0 by iret: there is no other way to a cs and an ss of ring 3."""
        table = bytearray(0x100)
        for selector, row in TABLE.items():
            table[selector : selector + 8] = _descriptor_bytes(selector, row, self.mode)
        self.machine.mem_write(_GDT, bytes(table))
        self.machine.reg_write(self.number("gdtr"), (0, _GDT, 0x77, 0))
        if self.mode is Mode.I386:
            self.machine.reg_write(self.number("ss"), 0x10)
            self.machine.reg_write(self.number("cs"), 0x08)
        size = self.mode.bits // 8
        stub, stack = _GDT + 0x800, _GDT + 0x900
        self.machine.mem_write(stub, b"\x48\xcf" if size == 8 else b"\xcf")
        frame = (stub + 16, SELECTORS[self.mode][_CS], 0x202, stack, SELECTORS[self.mode][_SS])
        self.machine.mem_write(stack, b"".join(word.to_bytes(size, "little") for word in frame))
        self.machine.reg_write(self.number(Register(number=4, bits=self.mode.bits).name), stack)
        self.machine.emu_start(stub, 0, count=1)
        for which in (_DS, _ES, _FS, _GS):
            self.machine.reg_write(self.number(which.word), SELECTORS[self.mode][which])

    def _watch(self) -> None:
        def interrupt(machine: Any, number: int, _data: Any) -> None:
            self.log.append(Fault(vector=number).name)
            machine.emu_stop()

        def syscall(machine: Any, _data: Any) -> None:
            self.log.append("syscall")
            machine.emu_stop()

        def memory(_machine: Any, _kind: int, _address: int, _size: int, _value: int, _data: Any) -> bool:
            self.log.append("#PF")
            return False

        self.machine.hook_add(self.unicorn.UC_HOOK_INTR, interrupt)
        self.machine.hook_add(self.unicorn.UC_HOOK_MEM_INVALID, memory)
        if self.mode is Mode.AMD64:
            self.machine.hook_add(self.unicorn.UC_HOOK_INSN, syscall, None, 1, 0, self.names.UC_X86_INS_SYSCALL)

    def registers(self) -> tuple[int, ...]:
        names = (Register(number=n, bits=self.mode.bits).name for n in range(self.mode.registers))
        return tuple(self.machine.reg_read(self.number(name)) for name in names)

    def put(self, registers: Sequence[int]) -> None:
        """Start from ring 3 anew, with these registers."""
        self.machine.context_restore(self.saved)
        for number, value in enumerate(registers):
            self.machine.reg_write(self.number(Register(number=number, bits=self.mode.bits).name), value)

    def step(self, ip: int) -> str:
        """Run the instruction at ``ip``, and return what came of it."""
        self.log.clear()
        self.machine.ctl_remove_cache(CODE, CODE + CODE_SIZE)
        try:
            self.machine.emu_start(ip, 0, count=1)
        except self.unicorn.UcError as error:
            if error.errno == self.unicorn.UC_ERR_INSN_INVALID:
                return "#UD"
            # The next instruction is fetched although it is not run; that it is not there is its own fault.
            if error.errno == self.unicorn.UC_ERR_FETCH_UNMAPPED and self.ip() != ip:
                return "retired"
            return self.log[-1] if self.log else str(error)
        return self.log[-1] if self.log else "retired"

    def ip(self) -> int:
        found: int = self.machine.reg_read(self.number(self.mode.ip))
        return found

    def see(self, event: str) -> Seen:
        selectors = tuple(self.machine.reg_read(self.number(which.word)) for which in SegmentRegister)
        data = bytes(self.machine.mem_read(DATA, DATA_SIZE))
        return Seen(event=event, registers=self.registers(), ip=self.ip(), selectors=selectors, data=data)


def _both(machine: _Machine, code: bytes, registers: Sequence[int], data: bytes) -> tuple[str, str]:
    """Run one instruction on both and return what each has to show."""
    state = state_of(machine.mode, code, registers, data)
    before = see(state, "")
    after, event = step(state)
    machine.put(registers)
    machine.machine.mem_write(DATA, data)
    machine.machine.mem_write(AT, (code + b"\x90" * LONGEST)[:LONGEST])
    theirs = machine.see(machine.step(AT))
    return see(after, event_word(event)).against(before), theirs.against(before)


def _is_asked_by_name(found: Instruction) -> bool:
    """Tell whether an instruction is one of those in which the emulator is known to be laxer than a CPU."""
    first = found.operands[0] if found.operands else None
    match found.mnemonic:
        case "int":
            return found.code[-1] not in (3, 4, 0x80)
        case "syscall":
            return found.mode is Mode.I386
        case "ret":
            return isinstance(first, Immediate) and first.value >= 0x8000
        case "mov":
            if isinstance(found.operands[1], Immediate) and any("R" in word[3:] for word in found.idle):
                return True
            return found.mode is Mode.I386 and isinstance(first, EffectiveAddress) and first.segment is _CS
    return False


def against_unicorn(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: random instructions with random registers and memory."""

    def ask() -> Iterator[Said]:
        machine = _Machine(mode)
        rnd = random.Random(f"{mode} values")
        for found in instructions(mode, _STEPPED, 5):
            if _is_asked_by_name(found):
                continue
            ours, theirs = _both(machine, found.code, *values(rnd, found))
            if "not canonical" not in ours:
                yield Said(key=f"{found.code.hex(' ')}: {text(found)}", ours=ours, theirs=theirs)

    return ask


def by_name() -> Iterator[Said]:
    """Ask the questions by name."""
    machines = {mode: _Machine(mode) for mode in Mode}
    for row in QUESTIONS:
        registers, data = prepared(row)
        ours, theirs = _both(machines[row.mode], bytes.fromhex(row.code), registers, data)
        yield Said(key=row.name, ours=ours, theirs=theirs)


def null_gs() -> Iterator[Said]:
    """Load a null selector into gs and read through it: what would have happened without lx_sigacthandler."""
    for mode, code in ((Mode.I386, "65 a1 10 00 00 00"), (Mode.AMD64, "65 48 8b 04 25 10 00 00 00")):
        machine = _Machine(mode)
        load, read = bytes.fromhex("8e e8"), bytes.fromhex(code)
        registers = [0] * mode.registers
        state = state_of(mode, load + read, registers, bytes(DATA_SIZE))
        after, _event = step(state)
        _after, event = step(after)
        machine.put(registers)
        machine.machine.mem_write(AT, load + read)
        machine.step(AT)
        yield Said(key=f"{mode}: read through a null gs", ours=event_word(event), theirs=machine.step(machine.ip()))


def _page(address: int) -> int:
    return address & ~0xFFF


def trampolines() -> Iterator[Said]:
    """Run each trampoline from the handler's ret to the system call, and compare after every instruction."""
    for row in TRAMPOLINES.values():
        yield from _trampoline(row)


def _place(event: str, ip: int, registers: Sequence[int], frame: int) -> str:
    return f"{event} ip {ip:#x} sp frame{registers[4] - frame:+d} ax {registers[0]:#x}"


def _trampoline(row: Trampoline) -> Iterator[Said]:
    there, ours = SETTINGS[row.mode], execute(row)
    frame = _page(there.frame)
    machine = _Machine(row.mode, [(_page(there.handler), 0x1000), (_page(there.code), 0x1000), (frame, 0x1000)])
    begin = ours.stops[0].before
    for address, size in ((there.handler, 1), (there.code, len(ours.code)), (frame, 0x1000)):
        memory = begin.memory.read(address, size, Access.READ)
        # The stack need not fill its page; what is there is what both see.
        if isinstance(memory, bytes):
            machine.machine.mem_write(address, memory)
    machine.put(begin.registers)
    ip = begin.ip
    for n, stop in enumerate(ours.stops, 1):
        event = machine.step(ip)
        # In the hook of syscall the instruction pointer has not moved yet.
        ip = machine.ip()
        registers = machine.registers()
        after = stop.after
        what = text(stop.event.instruction) if isinstance(stop.event, Retired) else "the call"
        yield Said(
            key=f"{row.name} {n}: {what}",
            ours=_place(event_word(stop.event), after.ip, after.registers, there.frame),
            theirs=_place(event, ip, registers, there.frame),
        )
    cs = machine.machine.reg_read(machine.number("cs"))
    yield Said(key=f"{row.name}: ring", ours=str(begin.cpl), theirs=str(cs & 3))
