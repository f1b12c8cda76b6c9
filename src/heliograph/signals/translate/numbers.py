"""Translate signal numbers between two systems: names decide, real-time signals go by their index.

A system's signals are matched with another's in three rounds, so that the map is injective and its inverse is the map
of the other direction: first where both list the same name first, then by aliases, then by the few names that mean
the same signal everywhere (``tables.systems.SYNONYMS``). A name whose number belongs to another signal listed before
it is never a counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from heliograph.errors import UnsupportedError
from heliograph.signals.model import How, Policy, Reason, Signal, Signo, System, Translation, Written
from heliograph.signals.system import system_called
from heliograph.signals.tables.policies import POLICIES, STAND_INS
from heliograph.signals.tables.systems import SYNONYMS

__all__ = ["Translator", "is_lx"]


def is_lx(policy: Policy) -> bool:
    """Return whether the policy is a generation of lx."""
    return POLICIES[policy].source is not None


@dataclass(frozen=True, slots=True)
class Translator:
    """The map of signal numbers from one system to another under a policy.

    :raises UnsupportedError: an lx policy between systems that lx does not know.
    """

    source: System
    target: System
    policy: Policy = Policy.STRICT

    def __post_init__(self) -> None:
        """Refuse a policy that says nothing about these systems."""
        if not is_lx(self.policy):
            return
        sides = {True: self.source.lx, False: self.target.lx}
        families = {self.source.family, self.target.family}
        if families != {"linux", "solaris"} or not any(sides.values()):
            raise UnsupportedError(
                f"policy {self.policy} from {self.source.name} to {self.target.name}",
                "lx runs x86 Linux programs on Solaris: one side is linux-i386 or linux-x86_64, the other"
                " solaris-2005, solaris-11 or illumos",
                text=self.policy,
            )

    def all(self) -> Iterator[Translation]:
        """Yield the translation of every signal number of the source in order."""
        for number in self.source.numbers:
            yield self.number(number)

    def written(self, signal: Written) -> Translation:
        """Translate a signal as the user wrote it.

        A name that shares its number with another signal of either system is lost: the number would arrive as the
        other signal.
        """
        by_number = self.number(signal.number)
        if signal.name is None or signal.number not in self.source.signals:
            return by_number
        entry = self.source.signals[signal.number]
        if signal.name in entry.sharing:
            return _lost(signal.number, Reason.SHARED_SOURCE, name=signal.name, other=entry.names[0])
        owner = _sharing(self.target).get(signal.name)
        if owner is not None and by_number.how is not How.STAND_IN:
            return _lost(signal.number, Reason.SHARED_TARGET, name=signal.name, other=owner)
        return by_number

    def number(self, number: Signo) -> Translation:
        """Translate a signal number of the source system."""
        if self.source.realtime and number in self.source.realtime:
            return self._realtime(number)
        entry = self.source.signals[number]
        if is_lx(self.policy):
            counterpart = self._stand_in(entry)
            if counterpart is not None:
                return Translation(
                    source=number,
                    target=counterpart.number,
                    how=How.STAND_IN,
                    reason=Reason.STAND_IN,
                    name=entry.names[0],
                    other=counterpart.names[0],
                )
        return self._named(entry)

    def _named(self, entry: Signal) -> Translation:
        found = _matches(self.source, self.target).get(entry.number)
        first = entry.names[0]
        if found is not None:
            target, name = found
            how = How.SAME if target == entry.number else How.RENUMBERED
            reason = Reason.NAME if name == first else Reason.ALIAS
            return Translation(source=entry.number, target=target, how=how, reason=reason, name=first, other=name)
        sharing, owned = _sharing(self.target), _by_name(self.target)
        for name in _also_called(entry):
            if name in sharing:
                return _lost(entry.number, Reason.SHARED_TARGET, name=name, other=sharing[name])
            if name in owned:
                return _lost(entry.number, Reason.TAKEN, name=first, other=owned[name].names[0])
        return _lost(entry.number, Reason.NO_NAME, name=first)

    def _stand_in(self, entry: Signal) -> Signal | None:
        """Return the signal that lx lets stand in for ``entry`` on the target, in either direction."""
        for linux, solaris in STAND_INS:
            wanted = (linux, solaris) if self.source.family == "linux" else (solaris, linux)
            if wanted[0] in entry.names:
                return _by_name(self.target).get(wanted[1])
        return None

    def _realtime(self, number: Signo) -> Translation:
        ours, theirs = self.source.realtime, self.target.realtime
        assert ours is not None
        index = number - ours.first
        if theirs is None:
            return _lost(number, Reason.NO_RT, index=index)
        reason = Reason.RT_INDEX
        target = theirs.first + index
        if is_lx(self.policy):
            # lx ties the last to the last, so the index holds only below the smaller side's last one.
            shared = min(len(ours), len(theirs)) - 1
            if number == ours.last:
                reason, target = Reason.RT_LAST, theirs.last
            elif index >= shared:
                return _lost(number, Reason.RT_MIDDLE, index=index)
        elif target > theirs.last:
            return _lost(number, Reason.RT_BEYOND, index=index)
        how = How.SAME if target == number else How.RENUMBERED
        return Translation(source=number, target=Signo(target), how=how, reason=reason, index=index)


def _lost(number: Signo, reason: Reason, *, name: str = "", other: str = "", index: int | None = None) -> Translation:
    return Translation(source=number, target=None, how=How.LOST, reason=reason, name=name, other=other, index=index)


def _also_called(entry: Signal) -> list[str]:
    """Return the names of a signal, then those that mean the same everywhere."""
    names = list(entry.names)
    for group in SYNONYMS:
        if any(name in entry.names for name in group):
            names += [name for name in group if name not in names]
    return names


def _by_name(where: System) -> dict[str, Signal]:
    """Return the signals of a system by each name that is a counterpart."""
    return {name: entry for entry in where.signals.values() for name in entry.names}


def _sharing(where: System) -> dict[str, str]:
    """Return the names that are no counterpart, with the name that is listed before them."""
    return {name: entry.names[0] for entry in where.signals.values() for name in entry.sharing}


def _matches(source: System, target: System) -> dict[int, tuple[Signo, str]]:
    """Return source number to (target number, the target's name by which it was found)."""
    return _matches_of(source.name, target.name)


@cache
def _matches_of(source_name: str, target_name: str) -> dict[int, tuple[Signo, str]]:
    """Match two systems by name: a System holds dictionaries and cannot be a key of the cache itself."""
    source, target = system_called(source_name), system_called(target_name)
    found: dict[int, tuple[Signo, str]] = {}
    taken: set[int] = set()
    for ours, theirs in ((_first_only, _first_only), (_own_names, _own_names), (_also_called, _own_names)):
        by_name = {name: entry for entry in target.signals.values() for name in theirs(entry)}
        for entry in source.signals.values():
            free = (name for name in ours(entry) if name in by_name and by_name[name].number not in taken)
            name = next(free, None) if entry.number not in found else None
            if name is not None:
                found[entry.number] = (by_name[name].number, name)
                taken.add(by_name[name].number)
    return found


def _first_only(entry: Signal) -> list[str]:
    return [entry.names[0]]


def _own_names(entry: Signal) -> list[str]:
    return list(entry.names)
