"""What the delivery machine works on: the experiment's setup, the thread's state, a frame on its stack, a visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heliograph.signals.model import Signo, System
from heliograph.signals.system import system_called
from heliograph.signals.tables.delivery import NATIVE_FRAME, SIZES, Path

__all__ = ["Frame", "Installed", "Phase", "Setup", "State", "Visit", "is_power", "stack_needed", "systems_of"]

INTERRUPTED_SP = 0x08047F00
"""Where the stack of a 32-bit Solaris process ends, near enough for an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the experiment starts from.

    :param path: a name of ``tables.delivery.PATHS``.
    :param signal: the number that is sent: Linux' on a brand path, the native one otherwise.
    :param handler: the program has registered a handler for it.
    :param interposer: what makes %gs native before libc runs is in place.
    :param blocked: native numbers that the thread blocks.
    :param handler_mask: native numbers that the handler's sa_mask adds.
    :param home: follow the way back too, to the instruction after the interruption.
    :param siginfo: the handler was registered with SA_SIGINFO; it chooses the Linux frame.
    :param nodefer: with SA_NODEFER.
    :param resethand: with SA_RESETHAND.
    :param onstack: with SA_ONSTACK, for the stack (address, bytes) of sigaltstack; None without one.
    :param critical: the signal arrives while libc is in a critical region.
    :param magic: the word behind the Linux frame is intact when the handler returns.
    :param nested: a native number that arrives while the handler runs, 0 for none.
    :param calls: how often the brand calls setsigacthandler: 0, 1 or 2.
    :param late: it calls it after the program has registered its handler.
    :param new_thread: the thread is created after all that.
    :param sp: the interrupted stack pointer.
    """

    path: str
    signal: Signo
    handler: bool = True
    interposer: bool = True
    blocked: frozenset[int] = frozenset()
    handler_mask: frozenset[int] = frozenset()
    home: bool = False
    siginfo: bool = False
    nodefer: bool = False
    resethand: bool = False
    onstack: tuple[int, int] | None = None
    critical: bool = False
    magic: bool = True
    nested: int = 0
    calls: int = 1
    late: bool = False
    new_thread: bool = False
    sp: int = INTERRUPTED_SP


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What one delivery has put on the stack, and what it will restore.

    :param interrupted: stack pointer, %gs, mask and numbering to go back to.
    :param number: the native number that is being delivered.
    :param native: the address of the native frame.
    :param linux: the address and the bytes of the Linux frame; bytes 0 before there is one.
    """

    sp: int
    gs: str
    mask: frozenset[int]
    numbering: str
    shown: int
    number: int
    native: int
    linux: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What setsigacthandler and sigaction have left in libc's data, which is the process', not the thread's.

    :param current: the routine that the next sigaction will give to the kernel.
    :param entry: the routine that the kernel enters for the signal.
    :param jumps_to: where lx_sigacthandler jumps: what setsigacthandler returned as the old one.
    """

    current: str = "sigacthandler"
    entry: str = "sigacthandler"
    jumps_to: str = "sigacthandler"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The thread and the signal at one moment.

    :param phase: the part that acts next, a key of ``tables.delivery.PARTS``; empty at the end.
    :param number: the signal's number in ``numbering`` (``linux`` or ``native``).
    :param gs: whose selector %gs holds, ``linux`` or ``solaris``.
    :param mask: native numbers that the thread blocks now.
    :param pending: native numbers that wait for the mask.
    :param sp: the stack pointer.
    :param frames: what the deliveries under way have put on the stack, the innermost last.
    :param installed: what libc knows of interposers.
    :param reset: the disposition was set back to the default by SA_RESETHAND.
    :param critical: libc is in a critical region.
    :param deferred: the native number that libc remembers until it leaves the region, 0 for none.
    :param arrived: the nested signal has been sent.
    :param note: what the last phase did, for the reader.
    """

    phase: str
    number: int
    numbering: str
    gs: str
    mask: frozenset[int]
    pending: frozenset[int] = frozenset()
    sp: int = INTERRUPTED_SP
    frames: tuple[Frame, ...] = ()
    installed: Installed = Installed()
    reset: bool = False
    critical: bool = False
    deferred: int = 0
    arrived: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A phase with the state before and after it."""

    phase: str
    before: State
    after: State


Phase = Callable[[Setup, Path, State], State]


def stack_needed(setup: Setup, path: Path) -> int:
    """Return the bytes of stack that one delivery takes, up to the handler's first instruction."""
    if not path.brand:
        return NATIVE_FRAME
    sizes = SIZES[path.name]
    linux = sizes.record + (sizes.rt if setup.siginfo else sizes.old)
    # The brand of 2019 has its native frames on a stack of their own.
    return linux if path.jumper else NATIVE_FRAME + linux


def systems_of(path: Path) -> tuple[System, System]:
    """Return the systems (of the program, of the kernel) of a path; the same one twice for a native process."""
    native = system_called(path.native)
    return (system_called("linux-i386") if path.brand else native), native


def is_power(path: Path, native: int) -> bool:
    """Return whether a native number is SIGPWR, for which the brand always has a handler."""
    entry = system_called(path.native).signals.get(native)
    return entry is not None and entry.names[0] == "SIGPWR"
