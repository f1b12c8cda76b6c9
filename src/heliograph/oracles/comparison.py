"""What a comparison with a judge is, and what comes of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from heliograph.oracles.judges import judge

__all__ = ["Comparison", "Known", "Outcome", "Said", "compare"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One question, our answer and the judge's."""

    key: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A difference that was looked into: named and dated, and why it is right that it stays.

    :param theirs: what the judge says; another answer is a new difference.
    """

    comparison: str
    key: str
    theirs: str
    date: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A set of questions put to a judge and to us.

    :param ask: puts them; run only where the judge is.
    """

    id: str
    judge: str
    about: str
    ask: Callable[[], Iterable[Said]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a comparison: how many questions, how many answers equal, and the rest."""

    comparison: Comparison
    version: str
    compared: int
    equal: int
    known: tuple[Said, ...]
    different: tuple[Said, ...]

    def __str__(self) -> str:
        """Return the counts in one line."""
        return (
            f"{self.comparison.id}: {self.compared} compared, {self.equal} equal, {len(self.known)} known differences,"
            f" {len(self.different)} different (judge: {self.version})"
        )


def compare(comparison: Comparison, known: Iterable[Known]) -> Outcome:
    """Run a comparison.

    :raises OracleMissingError: its judge is not on this machine.
    """
    version = judge(comparison.judge).version() or ""
    expected = {(row.key, row.theirs) for row in known if row.comparison == comparison.id}
    said = list(comparison.ask())
    unequal = [one for one in said if one.ours != one.theirs]
    return Outcome(
        comparison=comparison,
        version=version,
        compared=len(said),
        equal=len(said) - len(unequal),
        known=tuple(one for one in unequal if (one.key, one.theirs) in expected),
        different=tuple(one for one in unequal if (one.key, one.theirs) not in expected),
    )
