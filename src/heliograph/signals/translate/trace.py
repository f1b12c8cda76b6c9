"""Check the pairs of numbers in an lx log against the tables of the lx generations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from heliograph.signals.model import Pair, Policy, Signo, System
from heliograph.signals.system import system_called
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.translate.numbers import Translator

__all__ = ["LX", "agreeing", "compared_systems", "pairs"]

LX = tuple(policy for policy, row in POLICIES.items() if row.native)
"""The generations of lx, oldest first."""


def agreeing(native: int, linux: int, policies: Sequence[Policy] = LX) -> tuple[Policy, ...]:
    """Return the generations whose table sends ``linux`` to ``native``.

    A number outside the systems' ranges agrees with none.
    """
    return tuple(policy for policy in policies if _agrees(native, linux, policy))


def _agrees(native: int, linux: int, policy: Policy) -> bool:
    solaris = POLICIES[policy].native
    assert solaris is not None
    translator = Translator(system_called("linux"), system_called(solaris), policy)
    return linux in translator.source.numbers and translator.number(Signo(linux)).target == native


def compared_systems(policies: Sequence[Policy]) -> tuple[System, ...]:
    """Return the systems whose numbers a log is checked against: Linux, and what each generation of lx ran on."""
    names = dict.fromkeys(POLICIES[policy].native or "" for policy in policies)
    return (system_called("linux"), *(system_called(name) for name in names))


def pairs(met: Iterable[tuple[int, int, int, int, int]], policies: Sequence[Policy] = LX) -> list[Pair]:
    """Count the distinct pairs of a log, in the order in which they were met first.

    :param met: (native, linux, line, column, end column), read once, so that a log of any length fits.
    """
    counts: dict[tuple[int, int], int] = {}
    places: dict[tuple[int, int], tuple[int, int, int]] = {}
    for native, linux, line, column, end in met:
        key = (native, linux)
        if key in counts:
            counts[key] += 1
        else:
            counts[key] = 1
            places[key] = (line, column, end)
    return [
        Pair(
            native=native,
            linux=linux,
            count=count,
            line=places[native, linux][0],
            column=places[native, linux][1],
            end_column=places[native, linux][2],
            agrees=agreeing(native, linux, policies),
        )
        for (native, linux), count in counts.items()
    ]
