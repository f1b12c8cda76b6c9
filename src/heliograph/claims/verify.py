"""Run checks and say what follows: verdicts, and whether they are still the reviewed ones."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, assert_never

import heliograph
from heliograph.claims.expectation import unmet
from heliograph.claims.model import (
    Check,
    Claim,
    CommandCheck,
    JudgeCheck,
    PropertyCheck,
    ReadCheck,
    Record,
    Result,
    Verdict,
    Verified,
)
from heliograph.claims.properties import PROPERTIES
from heliograph.errors import Error, OracleMissingError

__all__ = ["SLOW", "Bench", "Store", "agrees", "package_digest", "verdict_of", "verify"]

SLOW = 0.2
"""Seconds from which on the result of a check is kept."""

Asked = Callable[[Sequence[str], str], tuple[Mapping[str, Any], int]]
"""Runs a helio command with a standard input: its JSON object and its exit code."""

JudgeNow = Callable[[str], Record]
"""Puts a comparison to its judge now; raises OracleMissingError if it is absent."""


@dataclass(slots=True)
class Store:
    """Results of slow checks, by the content of code and input. ``changed`` says that it should be written."""

    kept: dict[str, str] = field(default_factory=dict)
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What checking needs.

    :param ask: runs a helio command in this process.
    :param records: what the judges said last.
    :param judge: asks a judge now; None outside the oracle session.
    :param store: results of slow checks.
    """

    ask: Asked
    records: Mapping[str, Record]
    judge: JudgeNow | None = None
    store: Store = field(default_factory=Store)


@cache
def package_digest() -> str:
    """Return a digest of heliograph's own code and data, part of the key of every kept result."""
    folder = Path(heliograph.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".toml", ".tsv"):
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def verify(claims: Iterable[Claim], bench: Bench) -> list[Verified]:
    """Check claims in order.

    :return: each with today's verdict; a check whose command cannot be answered any more does not hold.
    """
    return [_verify(claim, bench) for claim in claims]


def _verify(claim: Claim, bench: Bench) -> Verified:
    results = tuple(_run(check, bench) for check in claim.checks)
    return Verified(
        claim=claim,
        verdict=verdict_of(results),
        results=results,
        judge=", ".join(dict.fromkeys(_judge(check, bench) for check in claim.checks if isinstance(check, JudgeCheck))),
    )


def verdict_of(results: Sequence[Result]) -> Verdict:
    """Return the verdict that follows from the checks of a claim."""
    said = [result.holds for result in results]
    if not said:
        return Verdict.TESTIMONY
    if None in said:
        return Verdict.ABSENT
    if all(said):
        return Verdict.CONFIRMED
    return Verdict.DIFFERS if any(said) else Verdict.CONTRADICTED


def _run(check: Check, bench: Bench) -> Result:
    match check:
        case CommandCheck():
            return _kept(
                check, f"{check.command} {check.stdin} {check.exit_code} {check.expectations}", bench, _command
            )
        case PropertyCheck():
            return _kept(check, check.name, bench, _property)
        case JudgeCheck():
            return _judged(check, bench)
        case ReadCheck():
            return Result(check=check, holds=check.agrees, seen=f"read on {check.date}: {check.seen}")
        case _:
            assert_never(check)


def _kept(check: Any, key: str, bench: Bench, run: Callable[[Any, Bench], str]) -> Result:
    """Return the result of a check, from the store if it was slow and nothing of it has changed since."""
    known = ""
    if bench.store.kept:
        known = hashlib.sha256(f"{package_digest()} {key}".encode()).hexdigest()
        if known in bench.store.kept:
            seen = bench.store.kept[known]
            return Result(check=check, holds=not seen, seen=seen)
    start = time.perf_counter()
    try:
        seen = run(check, bench)
    except Error as error:
        return Result(check=check, holds=False, seen=error.message)
    if time.perf_counter() - start > SLOW:
        bench.store.kept[known or hashlib.sha256(f"{package_digest()} {key}".encode()).hexdigest()] = seen
        bench.store.changed = True
    return Result(check=check, holds=not seen, seen=seen)


def _command(check: CommandCheck, bench: Bench) -> str:
    answer, code = bench.ask(check.command, check.stdin)
    if code != check.exit_code:
        return f"exit code {code}, not {check.exit_code}"
    return next((why for why in (unmet(one, answer) for one in check.expectations) if why), "")


def _property(check: PropertyCheck, bench: Bench) -> str:
    return PROPERTIES[check.name](lambda words: bench.ask(words, "")[0])


def _judged(check: JudgeCheck, bench: Bench) -> Result:
    record = bench.records.get(check.comparison)
    if bench.judge is not None:
        try:
            now = bench.judge(check.comparison)
        except OracleMissingError as missing:
            last = _said(record) if record else "it was never recorded"
            return Result(check=check, holds=None, seen=f"{missing.message}; last: {last}")
        if record is None or not agrees(now, record):
            last = _said(record) if record else "nothing"
            seen = f"the judge says {_said(now)}; the record says {last} (tools/record_oracle.py writes it)"
            return Result(check=check, holds=False, seen=seen)
        return Result(check=check, holds=now.different == 0 and now.compared > 0, seen=_said(now))
    if record is None:
        return Result(check=check, holds=None, seen="no judge was asked here, and none is on record")
    return Result(check=check, holds=record.different == 0 and record.compared > 0, seen=_said(record))


def agrees(now: Record, record: Record) -> bool:
    """Return whether a judge says today what its record says.

    Another version of a judge knows a few signals or instructions more or less, so the number of questions may move;
    the number of differences may not, and a judge that is asked less than half as much has not been asked.
    """
    return now.different == record.different and 2 * now.compared >= record.compared


def _said(record: Record) -> str:
    return (
        f"{record.compared} compared, {record.different} different, by {record.judge} ({record.version})"
        f" on {record.date}"
    )


def _judge(check: JudgeCheck, bench: Bench) -> str:
    record = bench.records.get(check.comparison)
    return f"{record.judge}, {record.version}, {record.date}" if record else check.comparison


def load_store(text: str) -> Store:
    """Return the results in a text that :func:`dump_store` made; anything else is an empty store."""
    try:
        kept = json.loads(text)
    except ValueError:
        return Store()
    if not isinstance(kept, dict):
        return Store()
    return Store(kept={str(key): str(value) for key, value in kept.items()})


def dump_store(store: Store) -> bytes:
    """Return the store as JSON."""
    return json.dumps(store.kept, indent=1, sort_keys=True).encode()
