"""The nouns of the claims: sources, checks, claims, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = [
    "Check",
    "Cited",
    "Claim",
    "CommandCheck",
    "Evidence",
    "Expectation",
    "JudgeCheck",
    "Place",
    "PropertyCheck",
    "ReadCheck",
    "Record",
    "Result",
    "Verdict",
    "Verified",
]


class Verdict(StrEnum):
    """What the checks say of a sentence."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    DIFFERS = "differs-by-revision"
    TESTIMONY = "testimony"
    ABSENT = "judge-absent"


class Evidence(StrEnum):
    """What a verdict rests on, the strongest kind that a claim has."""

    COMPUTED = "computed"
    EXECUTED = "executed"
    LIVE_KERNEL = "live kernel"
    COMPILED = "compiled source"
    READ = "public source read"
    TESTIMONY = "testimony"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a register."""

    file: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """Somebody or something that says a sentence: a post, a file of a public tree at a revision, a manual.

    :param key: the word by which registers cite it.
    :param kind: ``post``, ``source``, ``manual``, ``issue`` or ``observation``.
    :param title: the post's title, the project's name, the manual's name.
    :param revision: a date, a commit or an edition.
    :param path: the file inside the project.
    """

    key: str
    kind: str
    title: str
    revision: str
    path: str = ""
    note: str = ""

    def __str__(self) -> str:
        """Return it in one line."""
        if self.kind == "post":
            return f"post “{self.title}”, {self.revision}"
        return f"{self.title}@{self.revision}" + (f" {self.path}" if self.path else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must hold of one view of an answer; exactly one of the last four is set.

    :param view: the id of the view, or its kind where it has no id.
    :param where: cell to value, list of values or range; only matching items count.
    :param count: how many items match.
    :param all: cell to value in every matching item, of which there is at least one.
    :param values: cell to the values of the matching items in order.
    :param sequence: cell and values that follow each other in this order, others may stand between.
    """

    place: Place
    view: str
    where: Mapping[str, Any]
    count: int | None = None
    all: Mapping[str, Any] | None = None
    values: Mapping[str, Sequence[Any]] | None = None
    sequence: tuple[str, tuple[Any, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandCheck:
    """A helio command with what must hold of its answer.

    :param about: which revision or reading the check is about; empty where there is only one.
    """

    place: Place
    about: str
    command: tuple[str, ...]
    stdin: str
    exit_code: int
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyCheck:
    """A law over several commands, by its name in ``properties.PROPERTIES``."""

    place: Place
    about: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck:
    """A comparison of the oracles, by its id. Outside the oracle session its last record counts."""

    place: Place
    about: str
    comparison: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCheck:
    """A reading of a public source: who reads it again sees the same.

    :param source: the key of the source.
    :param seen: what stands there, in our words.
    :param date: the day it was read.
    :param agrees: whether it agrees with the sentence.
    """

    place: Place
    about: str
    source: str
    seen: str
    date: str
    agrees: bool


Check = CommandCheck | PropertyCheck | JudgeCheck | ReadCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence that can be checked.

    :param said: keys of the sources that say it.
    :param verdict: the verdict that was reviewed last; another one is a failure.
    :param account: for differing rows, the author's account.
    :param public: for differing rows, the public source at a revision.
    :param observed: for differing rows, what was observed.
    :param history: (date, verdict, remark), oldest first.
    """

    place: Place
    id: str
    subject: str
    sentence: str
    said: tuple[str, ...]
    evidence: Evidence
    verdict: Verdict
    checks: tuple[Check, ...]
    account: str = ""
    public: str = ""
    observed: str = ""
    history: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a judge said last: tools/record_oracle.py writes it."""

    comparison: str
    judge: str
    version: str
    date: str
    compared: int
    equal: int
    known: int
    different: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one check.

    :param holds: None if nothing could be said: the judge is absent and there is no record.
    :param seen: why it does not hold, or what it rests on.
    """

    check: Check
    holds: bool | None
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A claim with its verdict of today."""

    claim: Claim
    verdict: Verdict
    results: tuple[Result, ...]
    judge: str = ""

    @property
    def changed(self) -> bool:
        """Return whether the verdict is another than the reviewed one; an absent judge changes nothing."""
        return self.verdict is not self.claim.verdict and self.verdict is not Verdict.ABSENT
