"""Systems by name: the rows of the tables joined to one model.

A system is written ``os[-arch][-generation]``; its name or an alias, in any case.
"""

from __future__ import annotations

from functools import cache

from heliograph.errors import UnknownNameError
from heliograph.signals.model import Action, Libc, MaskSpelling, RealTime, Signal, Signo, System
from heliograph.signals.tables.numbers import NAMED, REALTIME, SOURCES
from heliograph.signals.tables.systems import LIBC_RESERVED, SHARING, SYSTEMS, SystemRow

__all__ = ["all_systems", "realtime_range", "system_called", "system_names"]


def all_systems() -> list[System]:
    """Return every system in the order of the table."""
    return [_system(row) for row in SYSTEMS]


def system_names() -> list[str]:
    """Return all names and aliases of systems, names first."""
    return [row.name for row in SYSTEMS] + [alias for row in SYSTEMS for alias in row.aliases]


def system_called(text: str) -> System:
    """Return the system of that name or alias.

    :raises UnknownNameError: there is none; the message names the nearest ones.
    """
    wanted = text.casefold()
    for row in SYSTEMS:
        if wanted == row.name.casefold() or wanted in row.aliases:
            return _system(row)
    starting = [row.name for row in SYSTEMS if _family(row) == wanted]
    if starting:
        raise UnknownNameError(
            "system", text, (), hint=f"which one: {', '.join(starting)}? helio signals systems lists them"
        )
    raise UnknownNameError("system", text, system_names(), hint="helio signals systems lists them")


def _family(row: SystemRow) -> str:
    os = row.name.partition("-")[0]
    return "solaris" if os == "illumos" else os


@cache
def _system(row: SystemRow) -> System:
    sharing = SHARING.get(row.group, ())
    signals = {
        number: Signal(
            number=Signo(number),
            names=tuple(name for name in names if name not in sharing),
            sharing=tuple(name for name in names if name in sharing),
            action=Action(action) if action else None,
        )
        for number, names, action in NAMED[row.group]
    }
    realtime = None
    if row.group in REALTIME:
        first, last, action = REALTIME[row.group]
        if row.realtime:
            first, last = row.realtime
        realtime = RealTime(first=Signo(first), last=Signo(last), action=Action(action))
    return System(
        name=row.name,
        summary=row.summary,
        aliases=row.aliases,
        family=_family(row),
        signals=signals,
        realtime=realtime,
        mask=MaskSpelling(word_bits=row.words[0], words=row.words[1]) if row.words else None,
        continued=row.continued,
        rt_last_in_libc=row.rt_last_in_libc,
        lx=row.lx,
        note=row.note,
        sources=SOURCES[row.group] + row.sources,
    )


def realtime_range(where: System, libc: Libc) -> tuple[int, int] | None:
    """Return the numbers of SIGRTMIN and SIGRTMAX as ``libc`` gives them out, or None without real-time signals.

    Only Linux leaves the choice to a C library; elsewhere ``libc`` changes nothing.
    """
    if where.realtime is None:
        return None
    first, last = where.realtime.first, where.realtime.last
    if where.family != "linux":
        return first, last
    if libc is not Libc.KERNEL and where.rt_last_in_libc is not None:
        return first + LIBC_RESERVED[libc], where.rt_last_in_libc
    return first + LIBC_RESERVED[libc], last
