"""From a handler's ``ret`` to the system call: a trampoline, executed.

The process has a handler that is about to return, the low end of a frame under its stack pointer, and the trampoline
where the frame's return address points. What comes of it is what the CPU says, for any bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.signals.tables.trampolines import CALLS, SETTINGS, TRAMPOLINES, Call, Setting, Trampoline
from heliograph.x86.cpu import Event, Retired, State, Syscall, run, start
from heliograph.x86.decode import disassemble
from heliograph.x86.instruction import Instruction, Undecoded
from heliograph.x86.memory import Access, Pages
from heliograph.x86.registers import SP, Mode, Register

__all__ = ["STEPS", "Run", "Stop", "call_of", "execute", "recognise"]

STEPS = 64
"""Instructions after which a run is given up."""

_SIGNAL = 10
_RET = b"\xc3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One instruction of a run: the states around it and what came of it.

    :param word: the word of the frame that it took from the stack, or nothing.
    """

    before: State
    event: Event
    after: State
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A trampoline and what came of running it.

    :param row: the ABI whose frame and mode it ran in.
    :param code: its bytes, all of them.
    :param known: the trampoline whose bytes these are, or None.
    :param parts: the instructions of ``code``.
    :param call: the system call by which it left, or None if it reached none that takes a frame off.
    """

    row: Trampoline
    code: bytes
    known: Trampoline | None
    parts: tuple[Instruction | Undecoded, ...]
    stops: tuple[Stop, ...]
    call: Call | None

    @property
    def setting(self) -> Setting:
        """Return the process that it ran in."""
        return SETTINGS[self.row.mode]

    @property
    def event(self) -> Event:
        """Return what ended the run; a retired instruction if it was given up."""
        return self.stops[-1].event

    @property
    def sp_minus_frame(self) -> int:
        """Return the bytes from the frame to the stack pointer at the end."""
        return self.stops[-1].after.sp - self.setting.frame


def recognise(code: bytes, mode: Mode | None = None) -> Trampoline | None:
    """Return the trampoline with which ``code`` begins, or None; this is all that gdb looks at."""
    rows = (row for row in TRAMPOLINES.values() if mode in (None, row.mode))
    return next((row for row in rows if code.startswith(row.code)), None)


def execute(row: Trampoline, code: bytes | None = None) -> Run:
    """Run ``code``, or the trampoline itself, from the ``ret`` of a handler that the frame of ``row`` called.

    :param code: 1 byte or more.
    """
    bytes_ = row.code + row.padding if code is None else code
    stops = tuple(
        Stop(before=before, event=event, after=after, word=_word(row, before, event))
        for before, event, after in run(_begin(row, bytes_), STEPS)
    )
    return Run(
        row=row,
        code=bytes_,
        known=recognise(bytes_, row.mode),
        parts=tuple(disassemble(bytes_, row.mode)),
        stops=stops,
        call=call_of(stops[-1].event),
    )


def call_of(event: Event) -> Call | None:
    """Return the system call that an event is, if it takes a frame off."""
    if not isinstance(event, Syscall):
        return None
    return next((row for row in CALLS if (row.gate, row.number) == (event.gate, event.number)), None)


def _begin(row: Trampoline, code: bytes) -> State:
    """Return the process whose handler is about to return."""
    there = SETTINGS[row.mode]
    size = row.mode.bits // 8
    values = {"pretcode": there.code, "sig": _SIGNAL, "pinfo": there.frame + 16, "puc": there.frame + 144}
    low = b"".join(values.get(word.name, 0).to_bytes(size, "little") for word in row.words)
    memory = (
        Pages()
        .map(there.handler, _RET, Access.READ | Access.FETCH)
        .map(there.code, code, Access.READ | Access.FETCH)
        .map(there.frame - there.stack, b"", Access.READ | Access.WRITE, size=2 * there.stack)
        .map(there.frame, low, Access.READ | Access.WRITE)
    )
    return start(
        row.mode,
        ip=there.handler,
        memory=memory,
        selectors=there.selectors,
        table=there.descriptors,
        registers={Register(number=SP, bits=row.mode.bits).name: there.frame},
    )


def _word(row: Trampoline, before: State, event: Event) -> str:
    """Return the word of the frame that an instruction took from the stack."""
    if not isinstance(event, Retired) or event.instruction.mnemonic not in ("pop", "ret"):
        return ""
    offset = before.sp - SETTINGS[row.mode].frame
    return next((word.name for word in row.words if word.offset == offset), "")
