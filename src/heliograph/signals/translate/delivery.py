"""The state machine of signal delivery. Every figure and every trace of a path is a run of it.

A Setup is what the experiment starts from; a State is what changes on the way: who runs, which number the signal has
and in whose numbering, %gs, masks, the stack. Each phase looks at the state and returns the next one; :func:`deliver`
follows them to an end and returns the visits. The phases of the way back are in ``homeward``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from heliograph.errors import RangeError
from heliograph.signals.model import Action, How, Policy, Signo, System
from heliograph.signals.tables.delivery import NATIVE_FRAME, PATHS, SIZES, Path
from heliograph.signals.translate import homeward
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.thread import Frame, Phase, Setup, State, Visit, is_power, systems_of

__all__ = ["PHASES", "Setup", "State", "Visit", "deliver", "systems_of"]

_END = ""
_CANNOT_CATCH = ("SIGKILL", "SIGSTOP")
_MOST = 200
"""Visits after which a run has lost its way: a jump to itself is stopped long before."""


def deliver(setup: Setup) -> tuple[Visit, ...]:
    """Follow a signal from its generation to the handler, or to where it ends.

    :raises KeyError: there is no such path.
    :raises RangeError: a frame would begin below address 0.
    """
    path = PATHS[setup.path]
    # In a critical region of libc, native code runs, and with its own %gs.
    native_code = not path.brand or setup.critical
    state = State(
        phase=homeward.first_phase(setup, path),
        number=setup.signal,
        numbering="linux" if path.brand else "native",
        gs="solaris" if native_code else "linux",
        mask=setup.blocked,
        sp=setup.sp,
        installed=homeward.installed(setup, path),
        critical=setup.critical,
    )
    visits: list[Visit] = []
    while state.phase != _END and len(visits) < _MOST:
        after = PHASES[state.phase](setup, path, replace(state, note=""))
        visits.append(Visit(phase=state.phase, before=state, after=after))
        state = after
    if min(visit.after.sp for visit in visits) < 0:
        raise RangeError(f"no room for the frames below {setup.sp:#x}: the stack pointer would go below 0")
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
    """Look at mask and disposition as the kernel does, build the native frame, and enter the function it knows."""
    _program, native = systems_of(path)
    action = native.action(state.number)
    catchable = _catchable(native, state.number)
    if state.number in state.mask and catchable:
        return replace(state, phase="pending", pending=state.pending | {state.number})
    if _registered(setup, path, state.number) and catchable and not _forgotten(path, state):
        return _framed(setup, path, replace(state, phase=_entry(path, state)))
    if action in (Action.IGNORE, Action.CONTINUE):
        return replace(state, phase="discarded")
    return replace(state, phase="default", note=str(action))


def _catchable(where: System, number: int) -> bool:
    entry = where.signals.get(number)
    return entry is None or entry.names[0] not in _CANNOT_CATCH


def _registered(setup: Setup, path: Path, native: int) -> bool:
    """Return whether the kernel knows a handler: the program's, or the one a brand always has for SIGPWR."""
    return setup.handler or (path.brand and is_power(path, native))


def _forgotten(path: Path, state: State) -> bool:
    """Return whether the kernel has set the disposition back, as SA_RESETHAND asks; not for these three on Solaris."""
    _program, native = systems_of(path)
    name = native.signals[state.number].names[0] if state.number in native.signals else ""
    return state.reset and name not in ("SIGILL", "SIGTRAP", "SIGPWR")


def _framed(setup: Setup, path: Path, state: State) -> State:
    """Push the native frame: onto the alternate stack if the handler asked for it and is not on it yet."""
    top = state.sp
    if setup.onstack and not path.jumper and not _on(setup.onstack, state.sp):
        top = sum(setup.onstack)
    elif path.jumper:
        # The brand of 2019 keeps a native stack apart from the Linux one.
        top = homeward.NATIVE_STACK - sum(NATIVE_FRAME for _frame in state.frames)
    frame = Frame(
        sp=state.sp,
        gs=state.gs,
        mask=state.mask,
        numbering="linux" if path.brand and state.gs == "linux" else "native",
        shown=state.number,
        number=state.number,
        native=(top - NATIVE_FRAME) & ~3,
    )
    return replace(state, sp=frame.native, frames=(*state.frames, frame))


def _on(stack: tuple[int, int], sp: int) -> bool:
    return stack[0] < sp <= sum(stack)


def _entry(path: Path, state: State) -> str:
    """Return the first function after the kernel: what setsigacthandler installed, or libc's own."""
    if path.fixer and path.fixer != path.interposer:
        return path.fixer
    return state.installed.entry


def _interpose(_setup: Setup, _path: Path, state: State) -> State:
    target = "loop" if state.installed.jumps_to == "lx_sigacthandler" else state.installed.jumps_to
    note = "%gs was Solaris' already" if state.gs == "solaris" else "%gs: Linux' -> Solaris'"
    return replace(state, phase=target, gs="solaris", note=note)


def _send(setup: Setup, _path: Path, state: State) -> State:
    if not setup.interposer:
        return replace(state, phase="sigacthandler", note="%gs left as it was")
    return replace(state, phase="sigacthandler", gs="solaris", note="%gs: Linux' -> Solaris'")


def _libc_entry(_setup: Setup, _path: Path, state: State) -> State:
    if state.gs != "solaris":
        return replace(state, phase="fault")
    if state.critical:
        return replace(state, phase="defer")
    return replace(state, phase="call_user_handler")


def _libc_call(setup: Setup, path: Path, state: State) -> State:
    """Set the handler's mask; SA_NODEFER leaves the signal itself out, unless sa_mask names it."""
    own = frozenset() if setup.nodefer else frozenset({state.number})
    note = "SA_NODEFER: the signal stays open" if setup.nodefer else f"blocks {state.number} while the handler runs"
    return replace(
        state,
        phase="lx_call_user_handler" if path.brand else "handler",
        mask=state.mask | setup.handler_mask | own,
        reset=state.reset or (setup.resethand and not path.brand),
        note=note,
    )


def _brand_call(setup: Setup, path: Path, state: State) -> State:
    """Translate at delivery, and hand over to Linux code with its own %gs."""
    linux, native = systems_of(path)
    found = Translator(native, linux, Policy(path.policy)).number(Signo(state.number))
    assert found.target is not None and found.how is not How.LOST, "generation lets through only what has a way back"
    after = replace(state, number=found.target, numbering="linux", note=f"{state.number} -> {found.target}")
    if (state.reset or not setup.handler) and is_power(path, state.number):
        return replace(after, phase="sigpwr_exit")
    if state.reset:
        return replace(after, phase="reset_exit")
    after = replace(after, reset=setup.resethand)
    if path.jumper:
        return replace(after, phase=path.jumper[0])
    return replace(_linux_frame(setup, path, after), phase="handler", gs="linux")


def _linux_frame(setup: Setup, path: Path, state: State) -> State:
    """Write the Linux frame below the record for the way back; SA_SIGINFO chooses its kind."""
    sizes = SIZES[path.name]
    size = sizes.rt if setup.siginfo else sizes.old
    top = state.sp
    if path.jumper:
        interrupted = state.frames[-1].sp
        top = sum(setup.onstack) if setup.onstack and not _on(setup.onstack, interrupted) else interrupted
    base = (top - sizes.record - size) & ~3
    frame = replace(state.frames[-1], linux=base, size=size, shown=state.number)
    return replace(state, sp=base, frames=(*state.frames[:-1], frame))


def _build_frame(setup: Setup, path: Path, state: State) -> State:
    return replace(_linux_frame(setup, path, state), phase=path.jumper[1])


def _jump(_setup: Setup, _path: Path, state: State) -> State:
    return replace(state, phase="handler", gs="linux", note="%gs: Solaris' -> Linux'")


def _handle(setup: Setup, _path: Path, state: State) -> State:
    """Run the program's function, and let the nested signal arrive meanwhile."""
    if not setup.home:
        return replace(state, phase=_END)
    if setup.nested and not state.arrived:
        after = replace(state, phase="kernel", number=setup.nested, numbering="native", arrived=True)
        return replace(after, note=f"another signal arrives: {setup.nested}")
    return replace(state, phase="return")


def _wait(_setup: Setup, _path: Path, state: State) -> State:
    """Leave a blocked signal pending; a handler that was interrupted for it goes on."""
    if not state.frames:
        return replace(state, phase=_END)
    frame = state.frames[-1]
    numbering = "linux" if frame.linux else "native"
    return replace(state, phase="return", number=frame.shown, numbering=numbering)


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
    "handler": _handle,
    "pending": _wait,
    "discarded": _end,
    "default": _end,
    "refused": _end,
    "sigpwr_exit": _end,
    "reset_exit": _end,
    "loop": _end,
    "fault": _end,
    **homeward.PHASES,
}
"""Who acts next, by the name of the phase: the machine's whole transition table."""
