"""Signal frames: lay out, place, build, decode."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import UsageError
from heliograph.signals.cli.options import SignalType, Views
from heliograph.signals.parse.frames import address, alternate_stack, field_value
from heliograph.signals.parse.siginfo import image, whole
from heliograph.signals.parse.signals import signal
from heliograph.signals.render import frames as render
from heliograph.signals.system import system_called
from heliograph.signals.tables.frames import FRAMES, LAYOUTS, XSTATE_SIZE
from heliograph.signals.translate.frame_checks import check_frame, check_place
from heliograph.signals.translate.frames import (
    Shape,
    Stack,
    arm_in,
    build_frame,
    decode_frame,
    default_values,
    frame_members,
    place_frame,
    shape_of,
    solaris_gap,
)

__all__ = ["frame"]


@click.command(
    "frame",
    cls=Command,
    epilog=examples(
        "helio signals frame --kind linux-i386-rt",
        "helio signals frame --kind linux-x86_64-rt --sp 0x7ffd1000 --onstack 0x10000,8192 --explain",
        "helio signals frame --kind lx-i386 --layout post",
        "helio signals frame --kind linux-i386-rt --set siginfo.si_signo=11 --dump > frame.hex",
        "helio signals frame --kind linux-i386-rt --decode frame.hex",
    ),
)
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(list(FRAMES)),
    required=True,
    help=f"Whose frame it is: {', '.join(FRAMES)}.",
)
@click.option("--sp", metavar="ADDR", help="The stack pointer when the signal arrives; a usual one if it is not said.")
@click.option(
    "--xstate-size",
    "xstate",
    type=click.IntRange(512, 1 << 20),
    default=XSTATE_SIZE,
    show_default=True,
    help="Bytes of the processor's extended state; 512 is a plain FXSAVE.",
)
@click.option("--onstack", metavar="SP,SIZE", help="The handler runs on this alternate stack.")
@click.option("--layout", type=click.Choice(LAYOUTS), help="The order of the post, of a generation of lx, or of Linux.")
@click.option("--signal", "word", metavar="SIG", default="USR1", show_default=True, type=SignalType())
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, help="Give a field a value.")
@click.option("--dump", is_flag=True, help="Print the bytes alone, as --decode reads them.")
@click.option("--decode", metavar="FILE", help="Read a frame, raw or as hexadecimal text; - is standard input.")
@pass_ports
def frame(
    ports: Ports,
    kind: str,
    sp: str | None,
    xstate: int,
    onstack: str | None,
    layout: str | None,
    word: str,
    settings: tuple[str, ...],
    dump: bool,
    decode: str | None,
) -> Views:
    """Lay out, place, build and decode a signal frame.

    The fields with offsets and values, and the arithmetic that places the frame on the stack. --decode reads a frame
    and checks it. The exit code is 1 if something is wrong: a stack that is too small, a magic that is not there.
    """
    shape = shape_of(kind, layout)
    if decode is not None:
        if sp or onstack or settings or dump:
            raise UsageError("--decode reads a frame; --sp, --onstack, --set and --dump build one")
        return _decoded(ports, shape, decode)
    width = shape.abi.word
    stack = Stack(
        sp=shape.frame.sp if sp is None else address(sp, width),
        alternate=None if onstack is None else alternate_stack(onstack, width),
        xstate=xstate,
    )
    placed = place_frame(shape, stack)
    if kind == "solaris-amd64":
        shape = shape_of(kind, layout, gap=placed.terms[-1].value - placed.address - shape.offset("siginfo"))
    number = signal(word, system_called(shape.abi.system)).number
    values = default_values(shape, placed, stack, number)
    for setting in settings:
        arm = arm_in(shape, values.get("siginfo.si_signo", 0), values.get("siginfo.si_code", 0))
        name, value = field_value(setting, frame_members(shape, arm))
        values[name] = value
    data = build_frame(shape, values)
    faults = list(check_place(shape, stack, placed))
    return (
        render.frame_layout(shape, data, placed.address),
        render.frame_parts(shape),
        render.placement_table(placed),
        *((render.frame_findings(faults, "<stack>"),) if faults else ()),
        *((render.frame_dump(data),) if dump else ()),
        render.explain_frame(shape, values),
        render.frame_sources(shape),
    )


def _decoded(ports: Ports, shape: Shape, name: str) -> Views:
    """Read a frame and say what is wrong with it."""
    data = image(ports.files.read(name), name)
    if shape.frame.kind == "solaris-amd64" and (gap := solaris_gap(data)):
        shape = shape_of(shape.frame.kind, gap=gap)
    what = f"a frame of kind {shape.frame.kind}, layout {shape.layout},"
    kept = whole(data, shape.size, what, name=name, more=True)
    values = decode_frame(shape, kept)
    faults = list(check_frame(shape, values, len(data) - len(kept)))
    return (
        render.frame_layout(shape, kept, None),
        render.frame_parts(shape),
        render.frame_findings(faults, name),
        render.explain_frame(shape, values),
        render.frame_sources(shape),
    )
