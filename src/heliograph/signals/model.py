"""The nouns of the signals wing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from heliograph.source import Source

__all__ = [
    "Action",
    "Code",
    "How",
    "Libc",
    "MaskSpelling",
    "Pair",
    "Policy",
    "PolicyRow",
    "RealTime",
    "Reason",
    "Signal",
    "SignalSet",
    "Signo",
    "State",
    "System",
    "Translation",
    "WaitStatus",
    "Written",
]

Signo = NewType("Signo", int)
"""A signal number, 1 or more; it means nothing without its System."""


class Action(StrEnum):
    """What happens to a process that has no handler for a signal."""

    TERMINATE = "terminate"
    CORE = "core"
    IGNORE = "ignore"
    CONTINUE = "ignore(continue)"
    STOP = "stop"


class Libc(StrEnum):
    """Whose SIGRTMIN is meant on Linux: the kernel's 32, or the first that a C library leaves to programs."""

    GLIBC = "glibc"
    MUSL = "musl"
    KERNEL = "kernel"


class Policy(StrEnum):
    """What happens to a signal that has no counterpart."""

    STRICT = "strict"
    DROP = "drop"
    LX_2006 = "lx-2006"
    LX_2008 = "lx-2008"
    LX_2019 = "lx-2019"


class How(StrEnum):
    """How a signal came across."""

    SAME = "same"
    RENUMBERED = "renumbered"
    STAND_IN = "stand-in"
    LOST = "lost"


class Reason(StrEnum):
    """Why a signal came across as it did; the sentence is made in ``render``."""

    NAME = "the same name"
    ALIAS = "another name of the same signal"
    RT_INDEX = "the same real-time index"
    RT_LAST = "lx sends the last real-time signal to the last one"
    STAND_IN = "lx lets another signal stand in"
    NO_NAME = "no signal of that name"
    SHARED_TARGET = "the name's number belongs to another signal there"
    SHARED_SOURCE = "the name's number belongs to another signal here"
    TAKEN = "the counterpart is taken by another signal"
    RT_BEYOND = "too few real-time signals"
    RT_MIDDLE = "lx has no counterpart for it"
    NO_RT = "no real-time signals"
    NO_SIGNAL = "no signal of the source has that number"
    NO_BIT = "the set has no bit for it"
    NO_STATUS = "a wait status cannot say it"
    LX_STATUS = "lx puts another signal into the wait status"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A named signal of a System.

    :param number: its number.
    :param names: with ``SIG``; the first is the one the source lists first, the others are aliases of it.
    :param sharing: names of *other* signals that the system gives the same number.
    :param action: the default action, or None if it was not collected.
    """

    number: Signo
    names: tuple[str, ...]
    sharing: tuple[str, ...] = ()
    action: Action | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RealTime:
    """The real-time signals ``first``..``last`` (both included), counted as the kernel counts them."""

    first: Signo
    last: Signo
    action: Action | None

    def __contains__(self, number: object) -> bool:
        """Return whether ``number`` is one of them."""
        return isinstance(number, int) and self.first <= number <= self.last

    def __len__(self) -> int:
        """Return how many there are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskSpelling:
    """How a system keeps a set of signals.

    :param word_bits: bits of a word of its sigset.
    :param words: words of a set, low word first.
    """

    word_bits: int
    words: int

    @property
    def bits(self) -> int:
        """Return the bits of a whole set."""
        return self.word_bits * self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An operating system, generation and architecture, as far as its signals go.

    :param name: ``os[-arch][-generation]``.
    :param summary: a phrase for lists.
    :param aliases: further names that are accepted.
    :param family: ``linux``, ``solaris`` or the name of the system.
    :param signals: the named signals by number.
    :param realtime: its real-time signals, or None.
    :param mask: how it keeps a set of signals, or None if that was not collected.
    :param continued: the wait status of a continued child, or None if wait statuses were not collected.
    :param rt_last_in_libc: the last real-time signal that a C library gives out, where it is not the kernel's.
    :param lx: the system can be the Linux side of an lx zone.
    :param note: a caution for lists.
    """

    name: str
    summary: str
    aliases: tuple[str, ...]
    family: str
    signals: Mapping[int, Signal]
    realtime: RealTime | None
    mask: MaskSpelling | None
    continued: int | None
    rt_last_in_libc: int | None
    lx: bool
    note: str
    sources: tuple[Source, ...]

    @property
    def last(self) -> int:
        """Return the highest signal number."""
        return self.realtime.last if self.realtime else max(self.signals)

    @property
    def numbers(self) -> list[Signo]:
        """Return the numbers of all signals in order."""
        realtime = range(self.realtime.first, self.realtime.last + 1) if self.realtime else range(0)
        return [Signo(number) for number in sorted({*self.signals, *realtime})]

    def action(self, number: int) -> Action | None:
        """Return the default action of a signal, or None if it was not collected."""
        if self.realtime and number in self.realtime:
            return self.realtime.action
        return self.signals[number].action


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A policy with the revision behind its word.

    :param native: the Solaris system that this generation of lx ran on; None for policies of no generation.
    :param unmapped: what lx does to a Linux signal without a Solaris number.
    :param unmapped_back: what it does to a Solaris signal without a Linux number.
    :param status: the Linux signal that it puts into a wait status for such a one; empty if it puts none.
    """

    policy: Policy
    summary: str
    native: str | None
    unmapped: str
    unmapped_back: str
    source: Source | None
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A signal as the user wrote it: the number it stands for, and the name if he wrote one."""

    number: Signo
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A signal of one system and what becomes of it on another.

    :param target: the number on the other system, or None if the signal is lost.
    :param name: the name by which it was looked up; empty for a real-time signal.
    :param other: the name that the reason is about, such as the one listed first.
    :param index: the real-time index, for the reasons about real-time signals.
    """

    source: Signo
    target: Signo | None
    how: How
    reason: Reason
    name: str = ""
    other: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSet:
    """A set of signals that was read: its label (``SigCgt``, or empty), and the members' numbers in order."""

    label: str
    members: tuple[Signo, ...]


class State(StrEnum):
    """What a wait status says of a child."""

    EXITED = "exited"
    KILLED = "killed"
    DUMPED = "killed, core dumped"
    STOPPED = "stopped"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStatus:
    """A wait status, taken apart.

    :param code: the exit code, 0..255, if the child exited.
    :param signo: the signal that killed or stopped it.
    :param syscall_stop: bit 7 of the stop signal is set, as PTRACE_O_TRACESYSGOOD makes it.
    :param event: the ptrace event in bits 16 and up, 0 for none.
    """

    state: State
    code: int | None = None
    signo: int | None = None
    syscall_stop: bool = False
    event: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A finding's code with the sentence that explains it."""

    code: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A native number and the Linux number beside it in an lx log.

    :param count: how often the pair was met.
    :param line: line and column (from 1) where it was met first.
    :param agrees: the policies whose table has the pair.
    """

    native: int
    linux: int
    count: int
    line: int
    column: int
    end_column: int
    agrees: tuple[Policy, ...]
