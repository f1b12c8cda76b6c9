"""What is wrong with a frame that was read, and with the place where one would be built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from heliograph.signals.system import system_called
from heliograph.signals.tables.frames import MAGIC, MIN_ALTSTACK, RETCODE
from heliograph.signals.translate.frames import Placement, Shape, Stack

__all__ = ["FrameFault", "check_frame", "check_place"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFault:
    """A fault by its code; ``field`` and the numbers fill its sentence in ``render``.

    :param offset: where in the bytes it is.
    """

    code: str
    field: str = ""
    found: int = 0
    wanted: int = 0
    offset: int = 0


def check_place(shape: Shape, stack: Stack, placed: Placement) -> Iterator[FrameFault]:
    """Yield what is wrong with the stack of a frame to be built."""
    align = shape.abi.word
    if stack.sp % align:
        yield FrameFault(code="misaligned-sp", field="sp", found=stack.sp, wanted=align)
    if stack.alternate is None:
        return
    base, size = stack.alternate
    if not stack.moves:
        yield FrameFault(code="already-onstack", field="sp", found=stack.sp)
        if placed.address >= base:
            return
        yield FrameFault(
            code="altstack-too-small", field="ss_size", found=stack.sp - base, wanted=stack.sp - placed.address
        )
        return
    if shape.abi.family == "linux" and size < MIN_ALTSTACK:
        yield FrameFault(code="altstack-refused", field="ss_size", found=size, wanted=MIN_ALTSTACK)
    if placed.address < base:
        yield FrameFault(code="altstack-too-small", field="ss_size", found=size, wanted=base + size - placed.address)


def check_frame(shape: Shape, values: Mapping[str, int], left_over: int = 0) -> Iterator[FrameFault]:
    """Yield what is wrong with a frame that was read.

    :param left_over: bytes that follow it in the file.
    """
    places = {part.name: part.offset for part in shape.parts}

    def fault(code: str, field: str, wanted: int) -> FrameFault:
        at = places[field.partition(".")[0]]
        return FrameFault(code=code, field=field, found=values[field], wanted=wanted, offset=at)

    if "magic" in values and values["magic"] != MAGIC:
        yield fault("wrong-magic", "magic", MAGIC)
    if "fpstate.magic" in values and values["fpstate.magic"] not in (0, 0xFFFF):
        yield fault("wrong-fp-magic", "fpstate.magic", 0)
    if "retaddr" in values and values["retaddr"] != (1 << (8 * shape.abi.word)) - 1:
        yield fault("wrong-retaddr", "retaddr", (1 << (8 * shape.abi.word)) - 1)
    retcode = int.from_bytes(RETCODE.get(shape.frame.kind, b""), "little")
    # The last byte is whatever follows the seven of the rt trampoline.
    if "retcode" in values and (values["retcode"] ^ retcode) & ((1 << 56) - 1):
        yield fault("no-trampoline", "retcode", retcode)
    yield from _signals(shape, values, fault)
    first, second = ("pinfo", "puc") if shape.has("pinfo") else ("sip", "ucp")
    if first in values and second in values and values[first] and values[second]:
        wanted = values[first] - shape.offset("siginfo") + shape.offset("ucontext")
        if values[second] != wanted:
            yield fault("wrong-pointers", second, wanted)
    if left_over:
        yield FrameFault(code="left-over", found=left_over, wanted=shape.size, offset=shape.size)


def _signals(
    shape: Shape, values: Mapping[str, int], fault: Callable[[str, str, int], FrameFault]
) -> Iterator[FrameFault]:
    """Yield what is wrong with the signal numbers."""
    numbers = system_called(shape.abi.system).numbers
    number = next((name for name in ("sig", "signo") if name in values), "")
    inner = "siginfo.si_signo" if "siginfo.si_signo" in values else ""
    if number and values[number] not in numbers:
        yield fault("no-signal", number, 0)
    elif inner and not number and values[inner] not in numbers:
        yield fault("no-signal", inner, 0)
    if number and inner and values[inner] != values[number]:
        yield fault("two-signals", inner, values[number])
