"""Build a frame from values, take one apart, and find where it lies on the stack.

Every field of a frame has one name; :func:`decode_frame` of what :func:`build_frame` made gives back its values. The
siginfo in a frame has the fields of the arm that its own signal and code choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from heliograph.errors import RangeError, UnsupportedError
from heliograph.signals.system import system_called
from heliograph.signals.tables.contexts import CONTEXTS, fpstate
from heliograph.signals.tables.frames import FRAMES, MAGIC, POST, RETCODE, TAILS, Frame, Part
from heliograph.signals.tables.layouts import ABIS, Abi, Member
from heliograph.signals.translate.layouts import read, read_all, write_all
from heliograph.signals.translate.siginfo import arm_of, members_of, signal_name

__all__ = [
    "Placement",
    "Shape",
    "Stack",
    "Term",
    "arm_in",
    "build_frame",
    "decode_frame",
    "default_values",
    "frame_members",
    "place_frame",
    "shape_of",
    "solaris_gap",
]

_FXSAVE = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A frame in a layout: its parts with their offsets, and its size in bytes.

    :param core: bytes of the frame proper, without what lx puts above it.
    """

    frame: Frame
    layout: str
    parts: tuple[Part, ...]
    size: int
    core: int

    @property
    def abi(self) -> Abi:
        """Return the ABI of the structures in it."""
        return ABIS[self.frame.abi]

    def offset(self, name: str) -> int:
        """Return where a part begins."""
        return next(part.offset for part in self.parts if part.name == name)

    def has(self, name: str) -> bool:
        """Return whether there is such a part."""
        return any(part.name == name for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Where the thread's stack is when the signal arrives.

    :param sp: the stack pointer.
    :param alternate: (address, size) of an alternate stack that the handler asked for, or None.
    :param xstate: bytes of the processor's extended state; 512 for a plain FXSAVE.
    """

    sp: int
    alternate: tuple[int, int] | None
    xstate: int

    @property
    def moves(self) -> bool:
        """Return whether the handler goes to the alternate stack: it does not if the thread is there already."""
        if self.alternate is None:
            return False
        base, size = self.alternate
        return not base < self.sp <= base + size


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A line of the placement: a name, the expression with names, and the value."""

    name: str
    expression: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a frame lies: its address, the address of the fp state (0 if there is none), and the terms."""

    address: int
    floating: int
    terms: tuple[Term, ...]


def shape_of(kind: str, layout: str | None = None, *, gap: int = 0) -> Shape:
    """Return a frame in a layout, its own if none is named.

    :param gap: bytes between ucontext and siginfo on solaris-amd64, 0 or 8: what alignment needs.
    :raises UnsupportedError: the kind cannot be laid out so.
    """
    frame = FRAMES[kind]
    wanted = layout or frame.layout
    if wanted not in frame.layouts:
        raise UnsupportedError(
            f"layout {wanted} of {kind}", f"it has the layouts {', '.join(frame.layouts)}", text=wanted
        )
    word = ABIS[frame.abi].word
    parts = POST if wanted == "post" else frame.parts
    if gap:
        parts = tuple(replace(part, offset=part.offset + gap) if part.name == "siginfo" else part for part in parts)
    core = parts[-1].offset + parts[-1].size
    parts += tuple(replace(part, offset=part.offset + core) for part in TAILS.get((wanted, word), ()))
    return Shape(frame=frame, layout=wanted, parts=parts, size=parts[-1].offset + parts[-1].size, core=core)


def _structure(part: Part, abi: Abi, arm: str) -> tuple[Member, ...]:
    """Return the members of a part from its own beginning."""
    if part.form == "siginfo":
        return members_of(abi, arm)
    if part.form == "fpstate":
        return fpstate(abi.word, prefix="")
    return CONTEXTS[abi.family, abi.word][part.form].members


def frame_members(shape: Shape, arm: str = "kill") -> tuple[Member, ...]:
    """Return every field of a frame by its dotted name.

    :param arm: the arm of the siginfo in it.
    """
    found: list[Member] = []
    for part in shape.parts:
        if len(part.form) == 1:
            found.append((part.name, part.offset, part.size, part.form))
            continue
        found += [
            (f"{part.name}.{name}", part.offset + offset, size, form)
            for name, offset, size, form in _structure(part, shape.abi, arm)
        ]
    return tuple(found)


def arm_in(shape: Shape, signo: int, code: int) -> str:
    """Return the arm of the siginfo in a frame."""
    return arm_of(shape.abi, signal_name(system_called(shape.abi.system), signo), code)[0]


def solaris_gap(data: bytes) -> int:
    """Return the bytes between ucontext and siginfo in a frame of solaris-amd64: 8 if the number stands behind them.

    Where the number of the frame and the one of its siginfo differ, the length of the data tells.
    """
    signo = data[8:12]
    without, behind = data[888:892] == signo, data[896:900] == signo
    if any(signo) and without != behind:
        return 8 if behind else 0
    return 8 if len(data) == FRAMES["solaris-amd64"].size + 8 else 0


def build_frame(shape: Shape, values: Mapping[str, int], background: bytes = b"") -> bytes:
    """Put a frame together.

    :param values: by dotted name; a field without a value keeps its background.
    :param background: what was on the stack before, zero where it is too short.
    """
    arm = arm_in(shape, values.get("siginfo.si_signo", 0), values.get("siginfo.si_code", 0))
    into = bytearray(background[: shape.size].ljust(shape.size, b"\0"))
    write_all(into, frame_members(shape, arm), values)
    return bytes(into)


def decode_frame(shape: Shape, data: bytes) -> dict[str, int]:
    """Return the values of every field of a frame; ``data`` has at least its size."""
    arm = "kill"
    if shape.has("siginfo"):
        base = shape.offset("siginfo")
        header = {member[0]: read(data, member, base=base) for member in members_of(shape.abi, "none")}
        arm = arm_in(shape, header["si_signo"], header["si_code"])
    return read_all(data, frame_members(shape, arm))


def _down(value: int, to: int) -> int:
    return value // to * to


def _up(value: int, to: int) -> int:
    return -(-value // to) * to


class _Arithmetic:
    """Collects the terms of a placement as they are computed."""

    def __init__(self) -> None:
        self.terms: list[Term] = []

    def term(self, name: str, expression: str, value: int) -> int:
        self.terms.append(Term(name=name, expression=expression, value=value))
        return value


def place_frame(shape: Shape, stack: Stack) -> Placement:
    """Return where a frame lies, by the formula of its kind.

    :raises RangeError: there is no room below.
    """
    sums = _Arithmetic()
    sums.term("sp", "the stack pointer at the signal", stack.sp)
    if shape.layout == "post":
        placed = _post(shape, stack, sums)
    elif shape.layout == "lx-2006":
        placed = _lx_2006(shape, stack, sums)
    elif shape.layout == "lx-2019":
        placed = _lx_2019(shape, stack, sums)
    elif shape.layout == "solaris":
        placed = _solaris(shape, stack, sums)
    else:
        placed = _linux(shape, stack, sums)
    address, floating = placed
    if address < 0:
        raise RangeError(f"no room for the frame below the stack pointer {stack.sp:#x}: it would begin at {address:#x}")
    return Placement(address=address, floating=floating, terms=tuple(sums.terms))


def _post(shape: Shape, stack: Stack, sums: _Arithmetic) -> tuple[int, int]:
    """Place the frame of the post right below the stack pointer: it says nothing of alignment."""
    start = stack.sp
    if stack.moves:
        assert stack.alternate is not None
        start = sums.term("start", "ss_sp + ss_size", sum(stack.alternate))
    address = sums.term("frame", "start - size; the post gives no alignment", start - shape.size)
    return address, _fpstate_in(shape, address)


def _linux(shape: Shape, stack: Stack, sums: _Arithmetic) -> tuple[int, int]:
    wide = shape.abi.word == 8
    if stack.moves:
        assert stack.alternate is not None
        start = sums.term("start", "ss_sp + ss_size", sum(stack.alternate))
    elif wide:
        start = sums.term("start", "sp - 128, the red zone", stack.sp - 128)
    else:
        start = sums.term("start", "sp", stack.sp)
    if shape.has("fpstate"):
        size = sums.term("size", "the frame with the fp state in it", shape.core)
        if wide:
            address = sums.term("frame", "down(start - size, 16) - 8", _down(start - size, 16) - 8)
        else:
            address = sums.term("frame", "down(start - size + 4, 16) - 4", _down(start - size + 4, 16) - 4)
        return address, sums.term("fpstate", f"frame + {shape.offset('fpstate')}", address + shape.offset("fpstate"))
    extra = 4 if stack.xstate > _FXSAVE else 0
    more = "xstate_size + 4, for the second magic" if extra else "a plain FXSAVE image"
    state = sums.term("X", more, stack.xstate + extra)
    size = sums.term("size", "the frame", shape.core)
    if wide:
        floating = sums.term("fp", "down(start - X, 64)", _down(start - state, 64))
        return sums.term("frame", "down(fp - size, 16) - 8", _down(floating - size, 16) - 8), floating
    floating = sums.term("fp", "down(start - X, 64) - 112", _down(start - state, 64) - 112)
    return sums.term("frame", "down(fp - size + 4, 16) - 4", _down(floating - size + 4, 16) - 4), floating


def _fpstate_in(shape: Shape, address: int) -> int:
    return address + shape.offset("fpstate") if shape.has("fpstate") else 0


def _lx_2006(shape: Shape, stack: Stack, sums: _Arithmetic) -> tuple[int, int]:
    """Place the frame below the native stack pointer of lx_call_user_handler; nothing is aligned.

    On an alternate stack the native kernel's frame comes first, and libc's own frames after it: their size is not
    known here, so the place is the highest that can be.
    """
    start = stack.sp
    if stack.moves:
        assert stack.alternate is not None
        base, size = stack.alternate
        native = FRAMES["solaris-i386"].size
        start = sums.term(
            "start",
            f"up(ss_sp, 4) + up(ss_size, 4) - 4 - {native}, the native frame; libc's frames lower it further",
            _up(base, 4) + _up(size, 4) - 4 - native,
        )
    tail = sums.term("record", "start - 16: magic, ucontext pointer, ebp, return address", start - 16)
    address = sums.term("frame", f"record - {shape.core}; nothing is aligned", tail - shape.core)
    return address, _fpstate_in(shape, address)


def _lx_2019(shape: Shape, stack: Stack, sums: _Arithmetic) -> tuple[int, int]:
    wide = shape.abi.word == 8
    align, reserve = (16, 128) if wide else (4, 0)
    start = stack.sp
    if stack.moves:
        assert stack.alternate is not None
        base, size = stack.alternate
        start = sums.term(
            "start", f"up(ss_sp, {align}) + up(ss_size, {align}) - {align}", _up(base, align) + _up(size, align) - align
        )
    below = f"down(start - {reserve}, {align})" if reserve else f"down(start, {align})"
    start = sums.term("top", below, _down(start - reserve, align))
    record = sums.term("record", f"top - {4 * shape.abi.word}", start - 4 * shape.abi.word)
    gap = 8 if wide else 0
    expression = f"record - {shape.core}" + (" - 8, so that frame % 16 is 8" if wide else "")
    address = sums.term("frame", expression, record - shape.core - gap)
    return address, _fpstate_in(shape, address)


def _solaris(shape: Shape, stack: Stack, sums: _Arithmetic) -> tuple[int, int]:
    wide = shape.abi.word == 8
    align = 16 if wide else 4
    start = stack.sp - (128 if wide else 0)
    if stack.moves:
        assert stack.alternate is not None
        base, size = stack.alternate
        start = sums.term(
            "start", f"up(ss_sp, {align}) + up(ss_size, {align}) - {align}", _up(base, align) + _up(size, align) - align
        )
    else:
        sums.term("start", "sp - 128, the reserved bytes" if wide else "sp", start)
    entry = 8 if wide else 4
    top = sums.term("top", f"down(start, {entry})", _down(start, entry))
    least = FRAMES[shape.frame.kind].size
    address = sums.term("frame", f"top - {least}", top - least)
    if wide and address % 16 == 0:
        address = sums.term("frame", "frame - 8, so that frame % 16 is 8", address - 8)
    size = shape.parts[-1].size
    sums.term("siginfo", f"top - {size}", top - size)
    return address, 0


def default_values(shape: Shape, placed: Placement, stack: Stack, signo: int) -> dict[str, int]:
    """Return the values that follow from the placement and the signal; registers other than the stack pointer are 0."""
    values = {member[0]: 0 for member in frame_members(shape)}
    wide, linux = shape.abi.word == 8, shape.abi.family == "linux"
    own = {
        "sig": signo,
        "signo": signo,
        "siginfo.si_signo": signo,
        "retaddr": (1 << (8 * shape.abi.word)) - 1,
        "magic": MAGIC,
        "retcode": int.from_bytes(RETCODE.get(shape.frame.kind, b""), "little"),
    }
    for pointer, part in (("pinfo", "siginfo"), ("puc", "ucontext"), ("sip", "siginfo"), ("ucp", "ucontext")):
        if shape.has(part):
            own[pointer] = placed.address + shape.offset(part)
    if shape.has("retcode"):
        own["pretcode"] = placed.address + shape.offset("retcode")
    prefix = "sigcontext." if shape.has("sigcontext") else "ucontext.uc_mcontext."
    registers = _registers(wide, linux, stack.sp, placed.floating)
    own.update({prefix + ("" if linux else "gregs.") + name: value for name, value in registers.items()})
    if shape.layout == "linux" and linux and not shape.has("fpstate") and stack.xstate > _FXSAVE:
        own["ucontext.uc_flags"] = 7 if wide else 1
    if not linux:
        own["ucontext.uc_flags"] = 0xF
    if stack.alternate is not None:
        own["ucontext.uc_stack.ss_sp"], own["ucontext.uc_stack.ss_size"] = stack.alternate
    values.update({name: value for name, value in own.items() if name in values})
    return values


def _registers(wide: bool, linux: bool, sp: int, floating: int) -> dict[str, int]:
    """Return the registers that are known without the program: the stack, the flags, Linux' selectors."""
    if wide:
        return {"rsp": sp, "eflags": 0x202, "cs": 0x33, "ss": 0x2B, "fpstate": floating} if linux else {"rsp": sp}
    selectors = {"cs": 0x23, "ss": 0x2B, "ds": 0x2B, "es": 0x2B, "fpstate": floating, "eflags": 0x202}
    return {"esp": sp, "esp_at_signal": sp, **selectors} if linux else {"uesp": sp}
