"""The words of the wing: names of signals as a reader writes them, and the sentence behind each reason."""

from __future__ import annotations

from typing import assert_never

from heliograph.signals.model import How, Libc, Reason, System, Translation, Written
from heliograph.signals.system import realtime_range
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.tables.systems import LIBC_RESERVED
from heliograph.signals.translate.numbers import Translator, is_lx

__all__ = ["counted_by", "name_of", "note_of", "why", "written_name"]


def name_of(where: System, number: int, libc: Libc) -> str:
    """Return a signal's name with SIG; a real-time signal that the C library keeps for itself is ``SIG32``."""
    entry = where.signals.get(number)
    if entry is not None:
        return entry.names[0]
    ends = realtime_range(where, libc)
    if ends is None or not ends[0] <= number <= ends[1]:
        return f"SIG{number}"
    if number == ends[0]:
        return "SIGRTMIN"
    return "SIGRTMAX" if number == ends[1] else f"SIGRTMIN+{number - ends[0]}"


def written_name(where: System, signal: Written, libc: Libc) -> str:
    """Return the name that the user wrote, or the name of the number he wrote."""
    return signal.name or name_of(where, signal.number, libc)


def note_of(where: System, number: int, libc: Libc) -> str:
    """Return what a list should add to a signal: its other names, or who keeps it."""
    entry = where.signals.get(number)
    if entry is not None:
        notes = [f"also {', '.join(entry.names[1:])}"] if entry.names[1:] else []
        notes += [f"{name} shares the number" for name in entry.sharing]
        return "; ".join(notes)
    ends = realtime_range(where, libc)
    if where.realtime is None or ends is None:
        return ""
    if number < ends[0]:
        return f"real-time index {number - where.realtime.first}; {libc} keeps it for itself"
    if number > ends[1]:
        return f"real-time index {number - where.realtime.first}; {libc} does not give it out"
    return f"real-time index {number - where.realtime.first}"


def counted_by(*systems: System, libc: Libc) -> str:
    """Return the phrase that names the counting of real-time signals, or nothing where there is no choice."""
    linux = next((where for where in systems if where.family == "linux" and where.realtime), None)
    if linux is None or linux.realtime is None:
        return ""
    first = linux.realtime.first + LIBC_RESERVED[libc]
    return f"SIGRTMIN of Linux is {first} as {'the kernel' if libc is Libc.KERNEL else libc} counts"


def why(found: Translation, translator: Translator, libc: Libc) -> str:
    """Return the sentence behind a translation."""
    sentence = _reason(found, translator)
    if found.index is not None:
        counted = counted_by(translator.source, translator.target, libc=libc)
        sentence += f"; {counted}" if counted else ""
    if found.how is How.LOST and is_lx(translator.policy):
        row = POLICIES[translator.policy]
        sentence += f"; {row.policy}: {row.unmapped if translator.source.family == 'linux' else row.unmapped_back}"
    return sentence


def _reason(found: Translation, translator: Translator) -> str:
    source, target = translator.source.name, translator.target.name
    match found.reason:
        case Reason.NAME:
            return "by name"
        case Reason.ALIAS:
            return f"by its other name {found.other}"
        case Reason.RT_INDEX:
            return f"by real-time index {found.index}"
        case Reason.RT_LAST:
            return f"{translator.policy} sends the last real-time signal to the last one"
        case Reason.STAND_IN:
            return f"{translator.policy} lets {found.other} stand in: {target} has no {found.name}"
        case Reason.NO_NAME:
            return f"{target} has no {found.name}"
        case Reason.SHARED_TARGET:
            number = _number_of(translator.target, found.other)
            return f"on {target} {found.name} shares {number} with {found.other}, which is listed first"
        case Reason.SHARED_SOURCE:
            return f"on {source} {found.name} shares {found.source} with {found.other}, which is listed first"
        case Reason.TAKEN:
            return f"its only counterpart on {target}, {found.other}, goes to {source}'s {_owner(found, translator)}"
        case Reason.RT_BEYOND:
            return f"real-time index {found.index}; {target} has {len(translator.target.realtime or ())} of them"
        case Reason.RT_MIDDLE:
            return f"real-time index {found.index} has no counterpart in {translator.policy}"
        case Reason.NO_RT:
            return f"real-time index {found.index}; {target} has no real-time signals"
        case Reason.NO_SIGNAL:
            return f"{source} has no signal {found.source}"
        case Reason.NO_BIT:
            return f"its number {found.other} on {target} does not fit a set there"
        case Reason.NO_STATUS:
            return f"its number on {target} is {found.other}, and no wait status there can say so"
        case Reason.LX_STATUS:
            return (
                f"{target} has no {found.name or f'signal for {found.source}'}; {translator.policy} puts {found.other}"
            )
        case _:
            assert_never(found.reason)


def _number_of(where: System, name: str) -> int:
    return next(entry.number for entry in where.signals.values() if name in entry.names)


def _owner(found: Translation, translator: Translator) -> str:
    """Return the source's name for the signal that has taken the counterpart of ``found``."""
    taken = _number_of(translator.target, found.other)
    return next(other.name for other in translator.all() if other.target == taken)
