"""A trampoline's run as views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from heliograph.signals.tables.trampolines import Call
from heliograph.signals.translate.trampoline import STEPS, Run, Stop
from heliograph.view import Column, Prose, Row, Step, Steps, Table
from heliograph.x86.cpu import Event, Fault, Halted, Retired, State, Syscall, Unknown
from heliograph.x86.instruction import Instruction, Undecoded
from heliograph.x86.registers import SP, Register
from heliograph.x86.text import text

__all__ = ["explain_trampoline", "run_steps", "sources_table", "syscall_table", "trampoline_table"]

_AX = 0
_NEAR = 1024
"""Bytes around the frame within which an address is shown by its distance."""


def trampoline_table(found: Run) -> Table:
    """Return the bytes and their instructions."""
    name = found.known.name if found.known else "no known trampoline"
    return Table(
        id="trampoline",
        caption=f"{name}: {found.known.summary}" if found.known else f"{name}; as {found.row.mode} code",
        columns=(
            Column(id="offset", title="offset"),
            Column(id="bytes", title="bytes"),
            Column(id="instruction", title="instruction"),
            Column(id="note", title="note"),
        ),
        rows=[
            {
                "offset": part.offset,
                "bytes": part.code.hex(" "),
                "instruction": text(part, origin=found.setting.code),
                "note": _part_note(found, part),
            }
            for part in found.parts
        ],
    )


def _part_note(found: Run, part: Instruction | Undecoded) -> str | None:
    if found.known is not None and part.offset >= len(found.known.code):
        rest = found.code[len(found.known.code) :]
        return "padding: the kernel's copy has 8 bytes" if rest == found.known.padding else "not reached"
    return part.message if isinstance(part, Undecoded) else None


def run_steps(found: Run) -> Steps:
    """Return the run, from the handler's ``ret`` to the system call and the frame that it takes."""
    names = _shown(found)
    steps = [
        Step(
            n=number,
            actor="handler" if number == 1 else "trampoline",
            title=_title(stop),
            before=_values(stop.before, names, found),
            after=_values(stop.after, names, found),
            note=_note(stop, found),
        )
        for number, stop in enumerate(found.stops, 1)
    ]
    if found.call is not None:
        last = _values(found.stops[-1].after, names, found)
        steps.append(
            Step(
                n=len(steps) + 1,
                actor="kernel",
                title=f"{found.call.name}: the frame is at {_sp(found)} - {found.call.back}",
                before=last,
                after=last,
                note=_frame_note(found, found.call),
            )
        )
    return Steps(
        id="run", steps=tuple(steps), caption=f"From the handler's ret, in a frame of {found.row.name}, executed"
    )


def _sp(found: Run) -> str:
    return Register(number=SP, bits=found.row.mode.bits).name


def _shown(found: Run) -> tuple[int, ...]:
    """Return the numbers of the registers to show: the stack pointer, the accumulator, and what the run alters."""
    first, last = found.stops[0].before, found.stops
    changed = {n for n in range(len(first.registers)) for stop in last if stop.after.registers[n] != first.registers[n]}
    return (SP, _AX, *sorted(changed - {SP, _AX}))


def _values(state: State, numbers: tuple[int, ...], found: Run) -> dict[str, str]:
    values = {state.mode.ip: _place(state.ip, found)}
    for number in numbers:
        values[Register(number=number, bits=state.mode.bits).name] = _place(state.registers[number], found)
    return values


def _place(value: int, found: Run) -> str:
    """Return a number as a distance from the handler, the trampoline or the frame where it is near one."""
    there = found.setting
    for name, start, least, most in (
        ("handler", there.handler, 0, 1),
        ("trampoline", there.code, 0, len(found.code)),
        ("frame", there.frame, -_NEAR, _NEAR),
    ):
        if least <= value - start <= most:
            return f"{name}{value - start:+d}" if value != start else name
    return f"{value:#x}"


def _title(stop: Stop) -> str:
    event = stop.event
    match event:
        case Unknown():
            return text(event.undecoded)
        case Fault(instruction=None):
            return event.name
        case Fault() | Retired() | Syscall() | Halted():
            assert event.instruction is not None
            # A target of a branch is an address, and the instruction knows only its distance.
            return text(event.instruction, origin=stop.before.ip)
        case _:
            assert_never(event)


def _note(stop: Stop, found: Run) -> str:
    event = stop.event
    match event:
        case Retired():
            return f"takes {stop.word} from the frame" if stop.word else _given_up(stop, found)
        case Syscall():
            call = found.call
            name = f"{call.name} of {call.abi}" if call else "which does not return from a handler"
            return f"system call {event.number}, {name}"
        case Fault() | Halted() | Unknown():
            return ended(event)
        case _:
            assert_never(event)


def _given_up(stop: Stop, found: Run) -> str:
    return f"given up after {STEPS} instructions" if stop is found.stops[-1] else ""


def ended(event: Event) -> str:
    """Return why a run ended without a system call."""
    match event:
        case Fault():
            code = f", error code {event.error_code:#x}" if event.error_code is not None else ""
            return f"{event.name}{code}: {event.why}"
        case Halted():
            return "the CPU halts"
        case Unknown():
            return f"not run: {event.undecoded.message}"
        case Retired():
            return f"no end after {STEPS} instructions"
        case Syscall():
            return "a system call"
        case _:
            assert_never(event)


def _frame_note(found: Run, call: Call) -> str:
    off = found.sp_minus_frame - call.back
    if off:
        return f"{abs(off)} bytes {'above' if off > 0 else 'below'} the frame: what it restores is not what was saved"
    if call.frame != found.row.frame:
        return f"its address is right, but it is read as the {call.frame} frame and is the {found.row.frame} one"
    return "that is where it is"


def syscall_table(found: Run) -> Table:
    """Return the system call that the run reached; no row if it reached none."""
    rows: list[Row] = []
    event = found.event
    if isinstance(event, Syscall):
        rows = [
            {
                "number": event.number,
                "number_hex": f"{event.number:#x}",
                "name": found.call.name if found.call else None,
                "abi": found.call.abi if found.call else None,
                "gate": event.gate,
                "sp_minus_frame": found.sp_minus_frame,
                "sp_minus_frame_hex": f"{found.sp_minus_frame:#x}",
                "trampoline": found.known.name if found.known else None,
                "seen": found.known.seen if found.known else (),
            }
        ]
    return Table(
        id="syscall",
        caption="The system call reached",
        columns=(
            Column(id="number", title="number"),
            Column(id="number_hex", title="number, hex", detail=True),
            Column(id="name", title="name"),
            Column(id="abi", title="ABI"),
            Column(id="gate", title="by"),
            Column(id="sp_minus_frame", title=f"{_sp(found)} - frame", unit="byte"),
            Column(id="sp_minus_frame_hex", title=f"{_sp(found)} - frame, hex", detail=True),
            Column(id="trampoline", title="trampoline"),
            Column(id="seen", title="seen in"),
        ),
        rows=rows,
        empty=f"none: {ended(event)}",
    )


def explain_trampoline(found: Run) -> Prose:
    """Return what the run shows, in words."""
    return Prose(text=" ".join(_sentences(found)), aside=True)


def _sentences(found: Run) -> Iterator[str]:
    yield (
        "The bytes were not looked up but executed: a handler's ret takes the return address that stands at the start"
        " of the frame (the kernel calls it pretcode) and so arrives at the trampoline, which enters the kernel."
    )
    if found.row.mode.bits == 32:
        yield (
            "The two frames of i386 have a trampoline each. The old frame, of a handler without SA_SIGINFO, keeps the"
            " signal number right above the return address; its trampoline pops that word, and sigreturn (119) finds"
            " the frame 8 bytes below esp. The rt frame, of a handler with SA_SIGINFO, goes home through rt_sigreturn"
            " (173) without a pop, 4 bytes below. A pop before 173, or a 119 in a frame with siginfo, mixes the two."
        )
        yield (
            "The kernel writes these bytes into every i386 frame, also when the handler returns through the vdso or"
            " through a restorer of the C library, and never reads them back: they are a mark by which gdb knows a"
            " signal frame, which compares them byte for byte. That is why a C library, and lx, must have exactly"
            " these."
        )
    else:
        yield (
            "On x86_64 there is one frame and one trampoline. It is the C library's: the kernel writes no code into"
            " the frame and demands a restorer. rt_sigreturn (15) finds the frame 8 bytes below rsp, as ret alone has"
            " moved it. gdb compares the bytes; a shorter mov to eax does the same and is not recognised."
        )
    if found.known is None:
        yield "The bytes given begin with none of the known trampolines."


def sources_table(found: Run) -> Table:
    """Return where the facts come from; shown when it is asked for."""
    names = ("fact", "project", "revision", "path", "note")
    row = found.known or found.row
    return Table(
        id="sources",
        caption="Where the facts come from",
        columns=tuple(Column(id=name, title=name) for name in names),
        rows=[{name: getattr(source, name) for name in names} for source in row.sources],
        aside=True,
    )
