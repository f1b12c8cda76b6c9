"""The CPU: a state and what one instruction makes of it.

:func:`step` is a function from a state to the next one and an event; it never raises. What is modelled is what a
program in user mode can see, and the privilege checks that keep it there: general and segment registers, eip or rip,
eflags as a word, paging by presence and permission. Interrupts from outside, single stepping and the handlers of
faults are not.

Sources: Intel SDM vol. 2 (each instruction), vol. 3, 5 (protection) and 6 (interrupts and exceptions); AMD64 APM
vol. 3 for syscall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from enum import IntEnum

from heliograph.errors import RangeError
from heliograph.x86.decode import LONGEST, decode
from heliograph.x86.instruction import (
    EffectiveAddress,
    Immediate,
    Instruction,
    Operand,
    Reason,
    Relative,
    Undecoded,
)
from heliograph.x86.memory import Access, Memory, Missing
from heliograph.x86.registers import SP, Mode, Register, SegmentRegister, register
from heliograph.x86.segments import NULL, Refused, Segment, Table, is_null, load, loaded, rpl

__all__ = [
    "Event",
    "Fault",
    "Halted",
    "Retired",
    "State",
    "Syscall",
    "Unknown",
    "Vector",
    "run",
    "start",
    "step",
]

_CS, _SS, _FS, _GS = SegmentRegister.CS, SegmentRegister.SS, SegmentRegister.FS, SegmentRegister.GS
_IF, _IOPL_SHIFT = 1 << 9, 12
_RF = 1 << 16
_RCX, _R11 = 1, 11
_CANONICAL_BITS = 48


class Vector(IntEnum):
    """An exception's number: SDM vol. 3, table 6-1."""

    BP = 3
    OF = 4
    UD = 6
    NP = 11
    SS = 12
    GP = 13
    PF = 14


_SYSCALL_GATE = 0x80
_TRAPS = {3: Vector.BP, 4: Vector.OF}
"""The software interrupts that a program may use beside 0x80, as Linux and Solaris set their gates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """The instruction is done, and the next one follows."""

    instruction: Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class Syscall:
    """The kernel is entered; the state is the one that its entry sees.

    :param gate: ``int 0x80`` or ``syscall``.
    :param number: eax or rax, 0 <= number < 2**32 or 2**64.
    """

    instruction: Instruction
    gate: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """``hlt`` in ring 0: the CPU waits for an interrupt."""

    instruction: Instruction


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An exception or a software interrupt.

    After a trap (``int3``, ``int n``) the state is the one behind it, after any other the one before the instruction.

    :param vector: 0..255.
    :param error_code: as the CPU pushes it, or None where it pushes none.
    :param address: for #PF, the linear address (cr2).
    """

    vector: int
    error_code: int | None = None
    address: int | None = None
    instruction: Instruction | None = None
    why: str = ""

    @property
    def name(self) -> str:
        """Return ``#GP`` and the like; a vector without a name is ``int 0x21``."""
        try:
            return f"#{Vector(self.vector).name}"
        except ValueError:
            return f"int {self.vector:#x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Bytes that a CPU may know and this one does not; the state is the one before them."""

    undecoded: Undecoded


Event = Retired | Syscall | Halted | Fault | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the CPU knows between two instructions.

    :param registers: the general registers by number, 8 or 16, each 0 <= value < 2**mode.bits.
    :param ip: eip or rip.
    :param flags: eflags or rflags.
    :param segments: es, cs, ss, ds, fs, gs.
    :param table: the descriptors that segment registers are loaded from.
    """

    mode: Mode
    registers: tuple[int, ...]
    ip: int
    flags: int
    segments: tuple[Segment, ...]
    memory: Memory
    table: Table = field(default_factory=dict)

    @property
    def cpl(self) -> int:
        """Return the current privilege level, 0..3: the rpl of cs."""
        return rpl(self.segments[_CS].selector)

    @property
    def sp(self) -> int:
        """Return the stack pointer."""
        return self.registers[SP]

    def __getitem__(self, name: str) -> int:
        """Return a register, a part of one, or a selector by its name.

        :raises UnknownNameError: the mode has none of that name.
        """
        if name in (self.mode.ip, "ip"):
            return self.ip
        if name.upper() in SegmentRegister.__members__:
            return self.segments[SegmentRegister[name.upper()]].selector
        row = register(name, self.mode)
        return self.registers[row.number] >> (8 if row.high else 0) & (1 << row.bits) - 1


def start(
    mode: Mode,
    *,
    ip: int,
    memory: Memory,
    selectors: Mapping[SegmentRegister, int],
    table: Table,
    registers: Mapping[str, int] | None = None,
    flags: int = 0x202,
) -> State:
    """Return a state to begin with; what is not given is 0, and a null selector.

    :param selectors: a code segment for cs at least; its rpl is the ring.
    :param registers: whole registers by name, such as ``{"esp": 0xbffff000}``.
    :raises RangeError: a number does not fit, or there is no descriptor for a selector.
    :raises UnknownNameError: the mode has no such register.
    """
    values = [0] * mode.registers
    for name, value in (registers or {}).items():
        row = register(name, mode)
        if row.bits != mode.bits or not 0 <= value < 1 << mode.bits:
            raise RangeError(f"{name} is to be a whole register of {mode.bits} bits, its value within them")
        values[row.number] = value
    segments = [replaced(NULL, usable=mode is Mode.AMD64)] * len(SegmentRegister)
    for which, selector in selectors.items():
        if is_null(selector):
            continue
        if selector & 0xFFFC not in table:
            raise RangeError(f"there is no descriptor for the selector {selector:#x} of {which.word}")
        segments[which] = loaded(selector, table[selector & 0xFFFC])
    return State(
        mode=mode,
        registers=tuple(values),
        ip=ip,
        flags=flags,
        segments=tuple(segments),
        memory=memory,
        table=table,
    )


def run(state: State, limit: int) -> Iterator[tuple[State, Event, State]]:
    """Yield (before, event, after) for every instruction until one does not retire, ``limit`` of them at most."""
    for _ in range(limit):
        after, event = step(state)
        yield state, event, after
        if not isinstance(event, Retired):
            return
        state = after


def step(state: State) -> tuple[State, Event]:
    """Execute one instruction.

    :return: the state after it and what came of it; after a fault, the state as it was.
    """
    work = _Work(state)
    try:
        found = work.fetch()
        if isinstance(found, Undecoded):
            return state, _undecoded(found)
        work.instruction = found
        work.ip = (state.ip + found.length) & work.mask
        event = _EXECUTE[found.mnemonic](work, found)
        return work.state(), event
    except _FaultError as fault:
        return state, replaced(fault.fault, instruction=work.instruction)


def _undecoded(found: Undecoded) -> Event:
    match found.reason:
        case Reason.INVALID:
            return Fault(vector=Vector.UD, why=found.message)
        case Reason.TOO_LONG:
            return Fault(vector=Vector.GP, error_code=0, why=found.message)
        case _:
            return Unknown(undecoded=found)


class _FaultError(Exception):
    """Ends an instruction; :func:`step` makes a value of it."""

    def __init__(self, vector: Vector, why: str, *, error_code: int | None = 0, address: int | None = None) -> None:
        super().__init__(why)
        self.fault = Fault(vector=vector, error_code=error_code, address=address, why=why)


class _Work:
    """One instruction at work: a copy of the state that may be changed, and dropped."""

    def __init__(self, state: State) -> None:
        self.before = state
        self.mode = state.mode
        self.mask = (1 << state.mode.bits) - 1
        self.registers = list(state.registers)
        self.segments: Sequence[Segment] = state.segments
        self.memory = state.memory
        self.flags = state.flags
        self.ip = state.ip
        self.instruction: Instruction | None = None

    def state(self) -> State:
        return State(
            mode=self.mode,
            registers=tuple(self.registers),
            ip=self.ip,
            flags=self.flags,
            segments=tuple(self.segments),
            memory=self.memory,
            table=self.before.table,
        )

    # ---- registers

    def register(self, which: Register) -> int:
        return self.registers[which.number] >> (8 if which.high else 0) & (1 << which.bits) - 1

    def set_register(self, which: Register, value: int) -> None:
        """Write a register: 32 bits clear the upper half of 64, fewer leave the rest (SDM vol. 1, 3.4.1.1)."""
        if which.bits >= 32:
            self.registers[which.number] = value
        else:
            shift = 8 if which.high else 0
            kept = self.registers[which.number] & ~((1 << which.bits) - 1 << shift)
            self.registers[which.number] = kept | value << shift

    # ---- memory

    def linear(self, which: SegmentRegister, offset: int, size: int, access: Access) -> int:
        """Return the linear address of ``size`` bytes in a segment, checked.

        Source: SDM vol. 3, 5.3 (limit), 5.5 (type), 5.4.1 (null); vol. 1, 3.3.7.1 (canonical).
        """
        segment = self.segments[which]
        vector = Vector.SS if which is _SS else Vector.GP
        if self.mode is Mode.AMD64:
            address = (offset + (segment.base if which in (_FS, _GS) else 0)) & self.mask
            for end in (address, (address + size - 1) & self.mask):
                if not _canonical(end):
                    raise _FaultError(vector, f"the address {end:#x} is not canonical")
            return address
        if not segment.usable:
            raise _FaultError(Vector.GP, f"%{which.word} is null, and has no memory")
        if access is Access.WRITE and not segment.writable:
            raise _FaultError(Vector.GP, f"the segment of %{which.word} cannot be written")
        if access is Access.READ and not segment.readable:
            raise _FaultError(Vector.GP, f"the segment of %{which.word} cannot be read")
        # A segment of 4 GiB has no end to exceed: the manual leaves open what happens at its edge; here it wraps.
        if segment.limit < self.mask and offset + size - 1 > segment.limit:
            raise _FaultError(vector, f"{offset:#x} is beyond the limit {segment.limit:#x} of %{which.word}")
        return (segment.base + offset) & self.mask

    def _pieces(self, address: int, size: int) -> Iterator[tuple[int, int]]:
        """Yield an access as (address, size), in two parts where it wraps at the end of the address space."""
        room = self.mask + 1 - address
        yield address, min(size, room)
        if size > room:
            yield 0, size - room

    def read_at(self, which: SegmentRegister, offset: int, bits: int) -> int:
        address = self.linear(which, offset, bits // 8, Access.READ)
        data = b""
        for where, size in self._pieces(address, bits // 8):
            piece = self.memory.read(where, size)
            if isinstance(piece, Missing):
                raise self._page_fault(piece, Access.READ)
            data += piece
        return int.from_bytes(data, "little")

    def write_at(self, which: SegmentRegister, offset: int, bits: int, value: int) -> None:
        address = self.linear(which, offset, bits // 8, Access.WRITE)
        data = value.to_bytes(bits // 8, "little")
        for where, size in self._pieces(address, bits // 8):
            done = self.memory.write(where, data[:size])
            if isinstance(done, Missing):
                raise self._page_fault(done, Access.WRITE)
            self.memory, data = done, data[size:]

    def _page_fault(self, missing: Missing, access: Access) -> _FaultError:
        """Return #PF with its error code: present, write, user, fetch are bits 0, 1, 2, 4 (SDM vol. 3, 4.7)."""
        code = missing.present | (access is Access.WRITE) << 1 | (self.before.cpl == 3) << 2
        code |= (access is Access.FETCH) << 4
        verb = {Access.READ: "read", Access.WRITE: "written", Access.FETCH: "executed"}[access]
        why = f"{missing.address:#x} {'may not be' if missing.present else 'is not there to be'} {verb}"
        return _FaultError(Vector.PF, why, error_code=code, address=missing.address)

    def fetch(self) -> Instruction | Undecoded:
        """Decode at eip or rip; code that ends in a page that is not there is a page fault only if it is needed."""
        start = self.linear(_CS, self.ip, 1, Access.FETCH)
        window, stop = b"", None
        while len(window) < LONGEST and stop is None:
            where = (start + len(window)) & self.mask
            size = min(LONGEST - len(window), 4096 - where % 4096)
            piece = self.memory.read(where, size, Access.FETCH)
            if isinstance(piece, Missing):
                stop = piece
            else:
                window += piece
        found = decode(window, self.mode)
        if stop is not None and (not window or _ran_out(found)):
            raise self._page_fault(stop, Access.FETCH)
        return found

    # ---- operands

    def offset(self, operand: EffectiveAddress) -> int:
        """Return the offset that an operand names."""
        value = operand.displacement
        if operand.relative:
            value += self.ip
        if operand.base:
            value += self.register(operand.base)
        if operand.index:
            value += self.register(operand.index) * operand.scale
        return value & (1 << operand.bits) - 1

    def get(self, operand: Operand) -> int:
        """Return an operand's value."""
        match operand:
            case Register():
                return self.register(operand)
            case SegmentRegister():
                return self.segments[operand].selector
            case Immediate():
                return operand.value
            case Relative():
                return (self.ip + operand.displacement) & self.mask
            case EffectiveAddress():
                where = operand.default_segment if operand.segment is None else operand.segment
                return self.read_at(where, self.offset(operand), operand.access)

    def put(self, operand: Operand, value: int) -> None:
        """Write an operand; ``value`` is cut to its width."""
        match operand:
            case Register():
                self.set_register(operand, value & (1 << operand.bits) - 1)
            case SegmentRegister():
                self.load(operand, value & 0xFFFF)
            case EffectiveAddress():
                where = operand.default_segment if operand.segment is None else operand.segment
                self.write_at(where, self.offset(operand), operand.access, value & (1 << operand.access) - 1)
            case _:
                raise AssertionError("no instruction writes to a number")

    def load(self, which: SegmentRegister, selector: int) -> None:
        found = load(which, selector, table=self.before.table, cpl=self.before.cpl, mode=self.mode)
        if isinstance(found, Refused):
            raise _FaultError(
                Vector[found.vector], f"%{which.word} cannot hold {selector:#x}", error_code=found.error_code
            )
        self.segments = [found if number == which else old for number, old in enumerate(self.segments)]

    def push(self, bits: int, value: int) -> None:
        sp = (self.registers[SP] - bits // 8) & self.mask
        self.write_at(_SS, sp, bits, value & (1 << bits) - 1)
        self.registers[SP] = sp

    def pop(self, bits: int) -> int:
        value = self.read_at(_SS, self.registers[SP], bits)
        self.registers[SP] = (self.registers[SP] + bits // 8) & self.mask
        return value

    def jump(self, target: int) -> None:
        if self.mode is Mode.AMD64 and not _canonical(target):
            raise _FaultError(Vector.GP, f"the target {target:#x} is not canonical")
        if self.mode is Mode.I386 and target > self.segments[_CS].limit:
            raise _FaultError(Vector.GP, f"the target {target:#x} is beyond the limit of %cs")
        self.ip = target


def _canonical(address: int) -> bool:
    """Tell whether bits 47 to 63 of an address are equal."""
    return address >> _CANONICAL_BITS - 1 in (0, (1 << 65 - _CANONICAL_BITS) - 1)


def _ran_out(found: Instruction | Undecoded) -> bool:
    return isinstance(found, Undecoded) and found.reason is Reason.TRUNCATED


# ---- the instructions


def _mov(work: _Work, found: Instruction) -> Event:
    destination, source = found.operands
    work.put(destination, work.get(source))
    return Retired(instruction=found)


def _lea(work: _Work, found: Instruction) -> Event:
    destination, source = found.operands
    assert isinstance(source, EffectiveAddress)
    work.put(destination, work.offset(source))
    return Retired(instruction=found)


def _push(work: _Work, found: Instruction) -> Event:
    """Push; of a selector, all of the operand is written, its upper part zero (recent CPUs may leave that alone)."""
    work.push(found.bits, work.get(found.operands[0]))
    return Retired(instruction=found)


def _pop(work: _Work, found: Instruction) -> Event:
    """Pop; the stack pointer has grown before the destination's address is computed."""
    value = work.pop(found.bits)
    work.put(found.operands[0], value)
    return Retired(instruction=found)


def _ret(work: _Work, found: Instruction) -> Event:
    target = work.pop(found.bits)
    if found.operands:
        work.registers[SP] = (work.registers[SP] + work.get(found.operands[0])) & work.mask
    work.jump(target)
    return Retired(instruction=found)


def _jmp(work: _Work, found: Instruction) -> Event:
    work.jump(work.get(found.operands[0]))
    return Retired(instruction=found)


def _nop(_work: _Work, found: Instruction) -> Event:
    return Retired(instruction=found)


def _int(work: _Work, found: Instruction) -> Event:
    return _interrupt(work, found, work.get(found.operands[0]))


def _int3(work: _Work, found: Instruction) -> Event:
    return _interrupt(work, found, Vector.BP)


def _interrupt(work: _Work, found: Instruction, number: int) -> Event:
    """Go through a gate: those of 3, 4 and 0x80 are open to all rings, any other to ring 0 (SDM vol. 3, 6.12.1.1)."""
    if number == _SYSCALL_GATE:
        return Syscall(instruction=found, gate="int 0x80", number=work.registers[0] & 0xFFFFFFFF)
    if number in _TRAPS:
        return Fault(vector=_TRAPS[number], instruction=found, why="a trap")
    if work.before.cpl:
        raise _FaultError(Vector.GP, f"the gate of {number:#x} is not open to ring 3", error_code=number << 3 | 2)
    return Fault(vector=number, instruction=found, why="a software interrupt")


def _syscall(work: _Work, found: Instruction) -> Event:
    """Enter the kernel: rcx := rip, r11 := rflags without RF. In 32-bit mode only AMD's CPUs have it."""
    if work.mode is Mode.I386:
        raise _FaultError(Vector.UD, "syscall is of 64-bit mode", error_code=None)
    work.registers[_RCX] = work.ip
    work.registers[_R11] = work.flags & ~_RF
    return Syscall(instruction=found, gate="syscall", number=work.registers[0])


def _ud2(_work: _Work, _found: Instruction) -> Event:
    raise _FaultError(Vector.UD, "ud2 is there to be undefined", error_code=None)


def _hlt(work: _Work, found: Instruction) -> Event:
    if work.before.cpl:
        raise _FaultError(Vector.GP, "hlt is for ring 0")
    return Halted(instruction=found)


def _cli(work: _Work, found: Instruction) -> Event:
    return _interrupt_flag(work, found, on=False)


def _sti(work: _Work, found: Instruction) -> Event:
    return _interrupt_flag(work, found, on=True)


def _interrupt_flag(work: _Work, found: Instruction, *, on: bool) -> Event:
    if work.before.cpl > work.flags >> _IOPL_SHIFT & 3:
        raise _FaultError(Vector.GP, f"{found.mnemonic} is for rings up to IOPL")
    work.flags = work.flags | _IF if on else work.flags & ~_IF
    return Retired(instruction=found)


_EXECUTE: Mapping[str, Callable[[_Work, Instruction], Event]] = {
    "cli": _cli,
    "hlt": _hlt,
    "int": _int,
    "int3": _int3,
    "jmp": _jmp,
    "lea": _lea,
    "mov": _mov,
    "nop": _nop,
    "pause": _nop,
    "pop": _pop,
    "push": _push,
    "ret": _ret,
    "sti": _sti,
    "syscall": _syscall,
    "ud2": _ud2,
}
"""What carries out an instruction, by its mnemonic."""
