"""Take wait statuses apart, translate the signal in them, and put them together again.

Exited: ``code << 8``; killed: ``n``; core dumped: ``n | 0x80``; stopped: ``n << 8 | 0x7f``; continued: a value of the
system's own. Only the signal number needs a translation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from heliograph.errors import RangeError, UnsupportedError
from heliograph.signals.model import How, Reason, Signo, State, System, Translation, WaitStatus
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.translate.numbers import Translator

__all__ = ["TranslatedStatus", "decode", "encode", "translate_status"]

_STOPPED = 0x7F
_CORE = 0x80
_SYSCALL_STOP = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedStatus:
    """A wait status of one system and the other system's; ``value`` is None if its signal is lost.

    :param signal: the translation of the signal in it, or None if it carries none.
    """

    given: int
    status: WaitStatus
    signal: Translation | None
    value: int | None


def _continued(where: System) -> int:
    if where.continued is None:
        raise UnsupportedError(f"wait statuses of {where.name}", "their layout was not collected", text=where.name)
    return where.continued


def decode(value: int, where: System, *, text: str | None = None) -> WaitStatus:
    """Take a wait status apart.

    :param value: within 0..0xffffff; bits 16 and up are a ptrace event (Linux).
    :param text: the status as the user wrote it, for the error.
    :raises RangeError: no child of ``where`` ends or stops with that status.
    """
    if value == _continued(where):
        return WaitStatus(state=State.CONTINUED)
    event, low, high = value >> 16, value & 0x7F, (value >> 8) & 0xFF
    if event and (where.family != "linux" or low != _STOPPED):
        raise RangeError(
            f"{value:#x} is no wait status of {where.name}: bits 16 and up are Linux' ptrace events", text=text
        )
    if low == 0 and not value & _CORE:
        return WaitStatus(state=State.EXITED, code=high)
    if value & 0xFF == _STOPPED:
        syscall = where.family == "linux" and high == _SYSCALL_STOP | 5
        signo = high & ~_SYSCALL_STOP if syscall else high
        number = _signo(signo, value, where, text)
        return WaitStatus(state=State.STOPPED, signo=number, syscall_stop=syscall, event=event)
    if high or low == _STOPPED or low == 0:
        raise RangeError(
            f"{value:#x} is no wait status of {where.name}: exited is code << 8, killed is the signal (| 0x80 with"
            " a core), stopped is signal << 8 | 0x7f",
            text=text,
        )
    state = State.DUMPED if value & _CORE else State.KILLED
    return WaitStatus(state=state, signo=_signo(low, value, where, text))


def _signo(number: int, value: int, where: System, text: str | None) -> int:
    if number not in where.numbers:
        raise RangeError(f"{value:#x} is no wait status of {where.name}: {number} is none of its signals", text=text)
    return number


def encode(status: WaitStatus, where: System) -> int:
    """Put a wait status together for a system; the inverse of :func:`decode`."""
    match status.state:
        case State.CONTINUED:
            return _continued(where)
        case State.EXITED:
            return (status.code or 0) << 8
        case State.KILLED:
            return status.signo or 0
        case State.DUMPED:
            return (status.signo or 0) | _CORE
        case State.STOPPED:
            signo = (status.signo or 0) | (_SYSCALL_STOP if status.syscall_stop else 0)
            return status.event << 16 | signo << 8 | _STOPPED


def translate_status(value: int, translator: Translator, *, text: str | None = None) -> TranslatedStatus:
    """Translate a wait status; the exit code, the core bit and a stop keep their meaning.

    What the other system's layout cannot say is lost, like a signal without a counterpart: 127 and up as a killer,
    and what reads as a continued child there (SIGCONT's number in FreeBSD's and Darwin's layouts).

    :param text: the status as the user wrote it, for an error.
    """
    status = decode(value, translator.source, text=text)
    _continued(translator.target)
    if status.signo is None:
        return TranslatedStatus(given=value, status=status, signal=None, value=encode(status, translator.target))
    found = _put(translator.number(Signo(status.signo)), translator)
    if found.target is None:
        return TranslatedStatus(given=value, status=status, signal=found, value=None)
    there = WaitStatus(
        state=status.state,
        signo=found.target,
        syscall_stop=status.syscall_stop and translator.target.family == "linux",
        event=status.event if translator.target.family == "linux" else 0,
    )
    there_value = encode(there, translator.target)
    if not _says(there_value, there, translator.target):
        unsaid = replace(found, target=None, how=How.LOST, reason=Reason.NO_STATUS, other=str(found.target))
        return TranslatedStatus(given=value, status=status, signal=unsaid, value=None)
    return TranslatedStatus(given=value, status=status, signal=found, value=there_value)


def _put(found: Translation, translator: Translator) -> Translation:
    """Return the translation with what a generation of lx puts into a wait status for a native signal without one."""
    row = POLICIES[translator.policy]
    if found.target is not None or not row.status or translator.target.family != "linux":
        return found
    number = next(number for number, entry in translator.target.signals.items() if row.status in entry.names)
    return replace(found, target=Signo(number), how=How.STAND_IN, reason=Reason.LX_STATUS, other=row.status)


def _says(value: int, status: WaitStatus, where: System) -> bool:
    """Return whether a wait status reads back as what it was made from."""
    try:
        return decode(value, where) == status
    except RangeError:
        return False
