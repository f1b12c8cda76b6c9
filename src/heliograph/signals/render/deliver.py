"""A run of the delivery machine as Steps: who runs, with the state before and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from heliograph.signals.model import Libc
from heliograph.signals.render.words import name_of
from heliograph.signals.tables.delivery import PARTS, PATHS, Path
from heliograph.signals.translate.thread import Setup, State, Visit, stack_needed, systems_of
from heliograph.view import Finding, Findings, Prose, Severity, Step, Steps

__all__ = ["deliver_steps", "explain_deliver", "stack_findings"]

_GS = {"solaris": "1c3 (Solaris')", "linux": "1cb (Linux')"}
_ENDS = {
    "interrupted": "The interrupted code goes on with the stack pointer, the mask and the %gs that it had.",
    "fault": "libc's first access through %gs faulted, because nothing had loaded the native selector before it.",
    "bad_frame": "The brand found no magic word behind the frame: it cannot know where the native context is.",
    "reset_exit": (
        "SA_RESETHAND had set the brand's entry back to the default. For this signal Solaris does not reset the"
        " kernel's side, so the signal still arrives at the brand, which finds no handler and ends the process."
    ),
    "loop": (
        "setsigacthandler was called twice with the same routine, so the pointer it returned as the old one is that"
        " routine itself. The jump to libc's handler goes there (inferred from the source, not seen on a machine)."
    ),
    "sigpwr_exit": "The brand's own handler for SIGPWR ends the process, as Linux would.",
    "pending": "The thread blocks the signal, so nothing more happens until the mask lets it in.",
    "refused": "The signal has no Solaris number in this generation, so nothing was sent.",
    "discarded": "There is no handler, and the default action is to ignore the signal.",
    "default": "There is no handler that the kernel knows of, so it takes the default action.",
}


def deliver_steps(setup: Setup, visits: Sequence[Visit], libc: Libc) -> Steps:
    """Return a run as numbered steps."""
    path = PATHS[setup.path]
    program, _native = systems_of(path)
    return Steps(
        id="deliver",
        caption=f"{name_of(program, setup.signal, libc)} ({setup.signal} on {program.name}), path {path.name}:"
        f" {path.summary} ({path.revision})",
        steps=tuple(_step(number, visit, path, libc) for number, visit in enumerate(visits, 1)),
    )


def _step(number: int, visit: Visit, path: Path, libc: Libc) -> Step:
    part = PARTS[visit.phase]
    title = f"{part.label}: {part.duty}"
    if visit.phase == "default":
        title = f"{part.label}: {visit.before.note}"
    if visit.phase == "sigpwr_exit":
        title = f"{part.label}: {path.power}"
    return Step(
        n=number,
        actor=part.lane,
        title=title,
        before=_shown(visit.before, path, libc),
        after=_shown(visit.after, path, libc),
        note=visit.after.note,
    )


def _shown(state: State, path: Path, libc: Libc) -> dict[str, str]:
    program, native = systems_of(path)
    where = program if state.numbering == "linux" else native
    known = where.numbers
    name = name_of(where, state.number, libc) if state.number in known else "?"
    return {
        "signal": f"{state.number} ({name}, {'Linux' if state.numbering == 'linux' else 'Solaris'} number)",
        "sp": f"{state.sp:#010x}",
        "%gs": _GS[state.gs],
        "mask": _set(state.mask, path, libc),
        "pending": _set(state.pending, path, libc),
        "frames": str(len(state.frames)),
        "disposition": "default" if state.reset else "handler",
        "interposer": state.installed.entry,
    }


def _set(numbers: Iterable[int], path: Path, libc: Libc) -> str:
    _program, native = systems_of(path)
    return ", ".join(f"{name_of(native, number, libc)} ({number})" for number in sorted(numbers)) or "empty"


def stack_findings(setup: Setup, text: str) -> tuple[Findings, ...]:
    """Return a warning if the alternate stack is too small for one delivery; nothing is shown without one."""
    if setup.onstack is None:
        return ()
    needed, size = stack_needed(setup, PATHS[setup.path]), setup.onstack[1]
    if size >= needed:
        return ()
    column = text.index(",") + 2
    item = Finding(
        file="--altstack",
        line=1,
        column=column,
        end_column=len(text) + 1,
        code="altstack-too-small",
        severity=Severity.WARNING,
        message=f"the stack has {size} bytes, one delivery takes {needed} before the handler's first instruction",
        fix=f"at least {needed} bytes, and what the handler itself needs",
    )
    return (Findings(id="findings", items=(item,)),)


def explain_deliver(setup: Setup, visits: Sequence[Visit]) -> Prose:
    """Return where a run ended and why, and what the model leaves out."""
    path = PATHS[setup.path]
    text = f"The steps are a run of the machine that also draws helio signals flow ({path.revision}). "
    text += _ENDS.get(visits[-1].phase, "")
    text += (
        " Stack pointers count the frames of the kernel and of the brand; libc's own routines take a few more bytes,"
        " as its compiler chose, and are counted as none."
    )
    return Prose(text=text, aside=True)
