"""A frame as a Layout, its parts, where it is placed, its bytes, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from heliograph.signals.model import Libc
from heliograph.signals.render.contexts import value_of
from heliograph.signals.render.layouts import cited, columns, exact_of
from heliograph.signals.render.words import name_of
from heliograph.signals.system import system_called
from heliograph.signals.tables.frames import WHY_POST
from heliograph.signals.translate.frame_checks import FrameFault
from heliograph.signals.translate.frames import Placement, Shape, arm_in, frame_members
from heliograph.signals.translate.layouts import gaps, read
from heliograph.signals.translate.siginfo import code_of, signal_name
from heliograph.view import Field, Finding, Findings, Layout, Listing, Prose, Row, Severity, Table

__all__ = [
    "explain_frame",
    "frame_dump",
    "frame_findings",
    "frame_layout",
    "frame_parts",
    "frame_sources",
    "placement_table",
]

_FAULTS = {
    "misaligned-sp": (
        Severity.WARNING,
        "the stack pointer {found:#x} is not a multiple of {wanted}: the kernels round down, lx-2006 aligns nothing",
    ),
    "already-onstack": (Severity.NOTE, "the thread is on the alternate stack already: the frame goes below {found:#x}"),
    "altstack-refused": (Severity.WARNING, "sigaltstack refuses {found} bytes with ENOMEM: MINSIGSTKSZ is {wanted}"),
    "altstack-too-small": (
        Severity.WARNING,
        "the alternate stack has {found} bytes and the frame needs {wanted}: delivery ends in SIGSEGV",
    ),
    "wrong-magic": (
        Severity.ERROR,
        "magic is {found:#x}, not {wanted:#x}: lx up to 2008 ends the process, lx-2019 falls back on its own copy",
    ),
    "wrong-fp-magic": (Severity.WARNING, "magic of the fp state is {found:#x}: 0 (xmm is valid) or 0xffff"),
    "wrong-retaddr": (Severity.WARNING, "retaddr is {found:#x}, and the kernel writes {wanted:#x}"),
    "no-trampoline": (
        Severity.NOTE,
        "retcode holds no trampoline: nothing runs it, but debuggers no longer recognise the frame",
    ),
    "no-signal": (Severity.WARNING, "{field} is {found}, which is no signal"),
    "two-signals": (Severity.WARNING, "{field} is {found}, and the frame is for signal {wanted}"),
    "wrong-pointers": (Severity.WARNING, "{field} is {found:#x}; beside the siginfo of this frame it is {wanted:#x}"),
    "left-over": (Severity.NOTE, "{found} bytes follow the {wanted} of the frame"),
}


def frame_layout(shape: Shape, data: bytes, address: int | None) -> Layout:
    """Return a frame with every byte accounted for, lowest address first."""
    base = shape.offset("siginfo") if shape.has("siginfo") else None
    signo = code = 0
    if base is not None:
        signo, code = (int.from_bytes(data[base + at : base + at + 4], "little", signed=True) for at in _header(shape))
    members = frame_members(shape, arm_in(shape, signo, code))
    notes = {part.name: part.note for part in shape.parts}
    where = system_called(shape.abi.system)
    signal = signal_name(where, signo)
    if base is not None:
        notes["siginfo.si_code"] = ": ".join(filter(None, code_of(shape.abi.codes, signal, code)))
        notes["siginfo.si_signo"] = name_of(where, signo, Libc.GLIBC) if signal else ""
    fields = [
        Field(
            name=member[0],
            offset=member[1],
            size=member[2],
            value=value_of(read(data, member), member),
            note=notes.get(member[0], ""),
            exact=exact_of(read(data, member), member[2], member[3]),
        )
        for member in members
    ]
    for at, size in _cut(gaps(members, shape.size), shape):
        piece = data[at : at + size]
        value = piece.hex() if any(piece) else "0"
        fields.append(Field(name=_unused(shape, at), offset=at, size=size, value=value, exact=piece.hex()))
    place = "" if address is None else f" at {address:#x}"
    return Layout(
        id="frame",
        unit="byte",
        caption=f"{shape.frame.kind}, layout {shape.layout}: {shape.frame.summary}; {shape.size} bytes{place}",
        fields=tuple(sorted(fields, key=lambda field: field.offset)),
    )


def _header(shape: Shape) -> tuple[int, int]:
    """Return where si_signo and si_code stand in a siginfo."""
    return (0, 8) if shape.abi.family == "linux" else (0, 4)


def _cut(pieces: Iterable[tuple[int, int]], shape: Shape) -> Iterator[tuple[int, int]]:
    """Yield the pieces cut where a part begins or ends, so that none belongs to two."""
    edges = sorted({edge for part in shape.parts for edge in (part.offset, part.offset + part.size)})
    for at, size in pieces:
        cuts = [at, *(edge for edge in edges if at < edge < at + size), at + size]
        yield from ((one, other - one) for one, other in pairwise(cuts))


def _unused(shape: Shape, at: int) -> str:
    """Return the name of bytes that no field covers: in the part around them, or between two parts."""
    part = next((part for part in shape.parts if part.offset <= at < part.offset + part.size), None)
    return f"gap_{at}" if part is None else f"{part.name}.unused_{at - part.offset}"


def frame_parts(shape: Shape) -> Table:
    """Return the parts of a frame: the picture that books draw."""
    rows: list[Row] = [
        {
            "part": part.name,
            "offset": part.offset,
            "size": part.size,
            "note": part.note + ("; left as it was on the stack" if part.left else ""),
        }
        for part in shape.parts
    ]
    return Table(
        id="frame_parts",
        caption="The parts, lowest address first",
        columns=columns(part="part", offset="offset", size="size", note="what it is"),
        rows=rows,
    )


def placement_table(placed: Placement) -> Table:
    """Return the arithmetic that places a frame, a term a row."""
    rows: list[Row] = [
        {
            "term": term.name,
            "expression": term.expression,
            "value": term.value,
            "value_hex": f"{term.value:#x}",
        }
        for term in placed.terms
    ]
    return Table(
        id="placement",
        caption=f"Where it lies: down(a, n) is a rounded down to a multiple of n; frame % 16 is {placed.address % 16}",
        columns=columns(term="term", expression="is", value="value", value_hex="hex"),
        rows=rows,
    )


def frame_dump(data: bytes) -> Listing:
    """Return the bytes of a frame as text that --decode reads again."""
    lines = "\n".join(data[at : at + 16].hex(" ") for at in range(0, len(data), 16))
    return Listing(id="frame_bytes", language="text", text=lines, artefact=True)


def frame_findings(faults: Iterable[FrameFault], file: str) -> Findings:
    """Return what is wrong, with the offset in the bytes as the column."""
    items = []
    for fault in faults:
        severity, sentence = _FAULTS[fault.code]
        message = sentence.format(field=fault.field, found=fault.found, wanted=fault.wanted)
        items.append(
            Finding(file=file, line=1, column=fault.offset + 1, code=fault.code, severity=severity, message=message)
        )
    return Findings(id="frame_findings", items=tuple(items), caption="What is wrong with it" if items else "")


def explain_frame(shape: Shape, values: Mapping[str, int]) -> Prose:
    """Return how a handler meets the frame, as one paragraph."""
    if shape.abi.family == "solaris":
        text = (
            "Solaris pushes siginfo, ucontext and a small frame whose return address is -1: its handler is libc's"
            " sigacthandler, which ends with setcontext and never returns."
        )
    else:
        text = (
            "A Linux handler returns through pretcode into a trampoline that calls sigreturn, and the kernel finds the"
            " frame just below the stack pointer. i386 has two frames, chosen by SA_SIGINFO alone; x86-64 has one, with"
            " siginfo, and leaves siginfo as it was on the stack if the handler did not ask for it."
        )
    if shape.layout.startswith("lx"):
        text += (
            " lx builds the frame that Linux had up to 2.6.27, with the fp state inside, and above it a record with the"
            " magic deadf00d by which sigreturn finds the native context."
        )
    if shape.layout == "post":
        text += f" {WHY_POST}"
    unset = "pretcode" in values and not values["pretcode"] and shape.abi.word == 8
    return Prose(text=text + (" Set pretcode to the program's sa_restorer." if unset else ""), aside=True)


def frame_sources(shape: Shape) -> Table:
    """Return where the layout and the formula come from."""
    return cited(shape.frame.sources)
