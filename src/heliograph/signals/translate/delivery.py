"""The state machine of signal delivery. Every figure and every trace of a path is a run of it.

A :class:`Setup` is what the experiment starts from; a :class:`State` is what changes on the way: who runs, which
number the signal has and in whose numbering, %gs, the thread's mask. Each phase looks at the state and returns the
next one; :func:`deliver` follows them to an end and returns the visits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from heliograph.signals.model import Action, How, Policy, Signo, System
from heliograph.signals.system import system_called
from heliograph.signals.tables.delivery import PATHS, Path
from heliograph.signals.translate.numbers import Translator

__all__ = ["Setup", "State", "Visit", "deliver", "systems_of"]

_END = ""
_CANNOT_CATCH = ("SIGKILL", "SIGSTOP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the experiment starts from.

    :param path: a name of ``tables.delivery.PATHS``.
    :param signal: the number that is sent: Linux' on a brand path, the native one otherwise.
    :param handler: the program has registered a handler for it.
    :param interposer: what makes %gs native before libc runs is in place.
    :param blocked: native numbers that the thread blocks.
    :param handler_mask: native numbers that the handler's sa_mask adds.
    """

    path: str
    signal: Signo
    handler: bool = True
    interposer: bool = True
    blocked: frozenset[int] = frozenset()
    handler_mask: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The thread and the signal at one moment.

    :param phase: the part that acts next, a key of ``tables.delivery.PARTS``; empty at the end.
    :param number: the signal's number in ``numbering`` (``linux`` or ``native``).
    :param gs: whose selector %gs holds, ``linux`` or ``solaris``.
    :param mask: native numbers that the thread blocks now.
    :param pending: native numbers that wait for the mask.
    :param note: what the last phase did, for the reader.
    """

    phase: str
    number: int
    numbering: str
    gs: str
    mask: frozenset[int]
    pending: frozenset[int] = frozenset()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A phase with the state before and after it."""

    phase: str
    before: State
    after: State


Phase = Callable[[Setup, Path, State], State]


def systems_of(path: Path) -> tuple[System, System]:
    """Return the systems (of the program, of the kernel) of a path; the same one twice for a native process."""
    native = system_called(path.native)
    return (system_called("linux-i386") if path.brand else native), native


def deliver(setup: Setup) -> tuple[Visit, ...]:
    """Follow a signal from its generation to the handler, or to where it ends.

    :raises KeyError: there is no such path.
    """
    path = PATHS[setup.path]
    state = State(
        phase="kill" if path.brand else "kernel",
        number=setup.signal,
        numbering="linux" if path.brand else "native",
        gs="linux" if path.brand else "solaris",
        mask=setup.blocked,
    )
    visits = []
    while state.phase != _END:
        after = PHASES[state.phase](setup, path, replace(state, note=""))
        visits.append(Visit(phase=state.phase, before=state, after=after))
        state = after
    return tuple(visits)


def _kill(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="lx_kill")


def _generate(_setup: Setup, path: Path, state: State) -> State:
    """Translate at generation: the kernel must never see a Linux number."""
    linux, native = systems_of(path)
    found = Translator(linux, native, Policy(path.policy)).number(Signo(state.number))
    if found.target is None:
        return replace(state, phase="refused", note=f"no Solaris number for Linux {state.number}")
    return replace(
        state, phase="kernel", number=found.target, numbering="native", note=f"{state.number} -> {found.target}"
    )


def _post(setup: Setup, path: Path, state: State) -> State:
    """Look at mask and disposition as the kernel does, and find the function it enters."""
    _program, native = systems_of(path)
    action = native.action(state.number)
    catchable = _catchable(native, state.number)
    if state.number in state.mask and catchable:
        return replace(state, phase="pending", pending=state.pending | {state.number})
    if _registered(setup, path, state.number) and catchable:
        return replace(state, phase=_entry(path, setup))
    if action in (Action.IGNORE, Action.CONTINUE):
        return replace(state, phase="discarded")
    return replace(state, phase="default", note=str(action))


def _catchable(where: System, number: int) -> bool:
    entry = where.signals.get(number)
    return entry is None or entry.names[0] not in _CANNOT_CATCH


def _registered(setup: Setup, path: Path, native: int) -> bool:
    """Return whether the kernel knows a handler: the program's, or the one a brand always has for SIGPWR."""
    return setup.handler or (path.brand and _is_power(path, native))


def _is_power(path: Path, native: int) -> bool:
    entry = system_called(path.native).signals.get(native)
    return entry is not None and entry.names[0] == "SIGPWR"


def _entry(path: Path, setup: Setup) -> str:
    """Return the first function after the kernel: what setsigacthandler installed, or libc's own."""
    if path.fixer and path.fixer != path.interposer:
        return path.fixer
    return path.interposer if path.interposer and setup.interposer else "sigacthandler"


def _interpose(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="sigacthandler", gs="solaris", note="%gs: Linux' -> Solaris'")


def _send(setup: Setup, _path: Path, state: State) -> State:
    if not setup.interposer:
        return replace(state, phase="sigacthandler", note="%gs left as it was")
    return replace(state, phase="sigacthandler", gs="solaris", note="%gs: Linux' -> Solaris'")


def _libc_entry(_setup: Setup, _path: Path, state: State) -> State:
    if state.gs != "solaris":
        return replace(state, phase="fault")
    return replace(state, phase="call_user_handler")


def _libc_call(setup: Setup, path: Path, state: State) -> State:
    blocked = state.mask | setup.handler_mask | {state.number}
    return replace(
        state,
        phase="lx_call_user_handler" if path.brand else "handler",
        mask=blocked,
        note=f"blocks {state.number} while the handler runs",
    )


def _brand_call(setup: Setup, path: Path, state: State) -> State:
    """Translate at delivery, and hand over to Linux code with its own %gs."""
    linux, native = systems_of(path)
    found = Translator(native, linux, Policy(path.policy)).number(Signo(state.number))
    assert found.target is not None and found.how is not How.LOST, "generation lets through only what has a way back"
    after = replace(state, number=found.target, numbering="linux", note=f"{state.number} -> {found.target}")
    if not setup.handler and _is_power(path, state.number):
        return replace(after, phase="sigpwr_exit")
    if path.jumper:
        return replace(after, phase=path.jumper[0])
    return replace(after, phase="handler", gs="linux")


def _build_frame(_setup: Setup, path: Path, state: State) -> State:
    return replace(state, phase=path.jumper[1])


def _jump(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="handler", gs="linux", note="%gs: Solaris' -> Linux'")


def _end(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase=_END)


PHASES: Mapping[str, Phase] = {
    "kill": _kill,
    "lx_kill": _generate,
    "kernel": _post,
    "lx_sendsig": _send,
    "lx_sigacthandler": _interpose,
    "sigacthandler": _libc_entry,
    "call_user_handler": _libc_call,
    "lx_call_user_handler": _brand_call,
    "lx_sigdeliver": _build_frame,
    "lx_jump_to_linux": _jump,
    "handler": _end,
    "pending": _end,
    "discarded": _end,
    "default": _end,
    "refused": _end,
    "sigpwr_exit": _end,
    "fault": _end,
}
"""Who acts next, by the name of the phase: the machine's whole transition table."""
