"""Claims as views: the list, the card, the report, the coverage; and JUnit for machines that read it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from heliograph.claims.calendar import Row as CalendarRow
from heliograph.claims.inventory import Coverage
from heliograph.claims.model import (
    Check,
    Cited,
    CommandCheck,
    Expectation,
    JudgeCheck,
    PropertyCheck,
    ReadCheck,
    Record,
    Verdict,
    Verified,
)
from heliograph.view import Listing, Prose, Row, Table, View, columns

__all__ = [
    "MARKS",
    "card",
    "claims_table",
    "counts",
    "coverage_table",
    "dates_table",
    "differences",
    "how_to_run",
    "judges_table",
    "junit",
    "verified_table",
]

MARKS = {
    Verdict.CONFIRMED: "✓",
    Verdict.CONTRADICTED: "✗",
    Verdict.DIFFERS: "≠",
    Verdict.TESTIMONY: "“",
    Verdict.ABSENT: "?",
}
"""A sign beside the word, so that neither colour nor sign alone carries a verdict."""


_DETAILS = {"subject", "source", "judge"}
"""Columns of a list of claims that its card shows to a reader."""


def _row(found: Verified, sources: Mapping[str, Cited]) -> Row:
    claim = found.claim
    return {
        "id": claim.id,
        "subject": claim.subject,
        "sentence": claim.sentence,
        "verdict": str(found.verdict),
        "evidence": str(claim.evidence),
        "source": "; ".join(str(sources[key]) for key in claim.said),
        "judge": found.judge or None,
    }


def claims_table(verified: Iterable[Verified], sources: Mapping[str, Cited]) -> Table:
    """Return claims with their verdicts."""
    rows = [_row(found, sources) for found in verified]
    return Table(
        id="claims",
        caption=f"{len(rows)} claims",
        columns=columns("id", "subject", "verdict", "evidence", "source", "judge", "sentence", details=_DETAILS),
        rows=rows,
        empty="no claim",
    )


def verified_table(verified: Sequence[Verified], sources: Mapping[str, Cited]) -> Table:
    """Return claims with the verdict of today and the reviewed one; another one makes the exit code 1."""
    changed = [found for found in verified if found.changed]
    absent = sum(1 for found in verified if found.verdict is Verdict.ABSENT)
    caption = f"{len(verified)} claims checked, {len(changed)} with another verdict than the reviewed one"
    return Table(
        id="claims",
        caption=caption + (f", {absent} without their judge" if absent else ""),
        columns=columns(
            *("id", "subject", "verdict", "reviewed", "evidence", "source", "judge", "sentence", "why"),
            details=_DETAILS | (set() if changed else {"why"}),
        ),
        rows=[
            {
                **_row(found, sources),
                "reviewed": str(found.claim.verdict),
                "why": _why(found) if found.changed else None,
            }
            for found in verified
        ],
        differs=bool(changed),
        empty="no claim",
    )


def _why(found: Verified) -> str:
    """Return the checks that came out against the reviewed verdict."""
    return "; ".join(
        (f"{result.check.about}: " if result.check.about else "") + (result.seen or "holds")
        for result in found.results
        if not result.holds or found.claim.verdict is Verdict.CONTRADICTED
    )


def how_to_run(check: Check) -> str:
    """Return the command that repeats a check."""
    match check:
        case CommandCheck():
            line = "helio " + shlex.join(check.command)
            return f"printf %s {shlex.quote(check.stdin)} | {line}" if check.stdin else line
        case PropertyCheck():
            return f"law {check.name}"
        case JudgeCheck():
            return f"judge {check.comparison}"
        case ReadCheck():
            return f"read {check.source}"
        case _:
            assert_never(check)


def expects(expectation: Expectation) -> str:
    """Return an expectation in words."""
    where = " and ".join(f"{name} is {_written(value)}" for name, value in expectation.where.items())
    of = f"{expectation.view}" + (f" where {where}" if where else "")
    if expectation.count is not None:
        return f"{of}: {expectation.count} items"
    if expectation.all is not None:
        return f"{of}: " + ", ".join(f"{name} is {_written(value)}" for name, value in expectation.all.items())
    if expectation.values is not None:
        return f"{of}: " + ", ".join(f"{name} goes {_written(values)}" for name, values in expectation.values.items())
    assert expectation.sequence is not None
    return f"{of}: {expectation.sequence[0]} goes through {', '.join(map(str, expectation.sequence[1]))}"


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def card(found: Verified, sources: Mapping[str, Cited]) -> tuple[View, ...]:
    """Return all that is known of a claim: sentence, checks with the commands to repeat them, sources, history."""
    claim = found.claim
    views: list[View] = [
        Prose(text=f"{claim.id}. {claim.sentence}"),
        Table(
            id="verdict",
            columns=columns("verdict", "reviewed", "evidence", "subject", "judge"),
            rows=[
                {
                    "verdict": f"{MARKS[found.verdict]} {found.verdict}",
                    "reviewed": str(claim.verdict),
                    "evidence": str(claim.evidence),
                    "subject": claim.subject,
                    "judge": found.judge or None,
                }
            ],
            differs=found.changed,
        ),
    ]
    if claim.account:
        views.append(differences([found]))
    views.append(_checks_table(found))
    views.append(_said_table(claim.said, sources))
    if claim.history:
        rows: list[Row] = [{"date": day, "verdict": word, "remark": remark} for day, word, remark in claim.history]
        views.append(Table(id="history", caption="History", columns=columns("date", "verdict", "remark"), rows=rows))
    return tuple(views)


def _checks_table(found: Verified) -> Table:
    rows: list[Row] = []
    for result in found.results:
        check = result.check
        expected = (
            "; ".join(expects(one) for one in check.expectations) if isinstance(check, CommandCheck) else result.seen
        )
        rows.append(
            {
                "about": check.about or None,
                "holds": result.holds,
                "run": how_to_run(check),
                "expected": expected,
            }
        )
    return Table(
        id="checks",
        caption="Checks",
        columns=columns("about", "holds", "run", "expected"),
        rows=rows,
        empty="no check: testimony",
    )


def _said_table(keys: Sequence[str], sources: Mapping[str, Cited]) -> Table:
    return Table(
        id="said",
        caption="Who says it",
        columns=columns("kind", "title", "revision", "path", "note"),
        rows=[
            {
                "kind": sources[key].kind,
                "title": sources[key].title,
                "revision": sources[key].revision,
                "path": sources[key].path or None,
                "note": sources[key].note or None,
            }
            for key in keys
        ],
    )


def differences(verified: Iterable[Verified]) -> Table:
    """Return the claims on which account, public source and observation part, the three side by side."""
    return Table(
        id="differences",
        caption="Where account, public source and observation part",
        columns=columns("id", ("account", "the author's account"), ("public", "the public source"), "observed"),
        rows=[
            {
                "id": found.claim.id,
                "account": found.claim.account,
                "public": found.claim.public,
                "observed": found.claim.observed,
            }
            for found in verified
            if found.claim.account
        ],
        empty="no difference",
    )


def counts(verified: Sequence[Verified], covered: Sequence[Coverage]) -> tuple[Table, Table, Table]:
    """Return how many claims have each verdict and each kind of evidence, and how far the inventory is covered."""
    verdicts = Counter(found.verdict for found in verified)
    evidence = Counter(str(found.claim.evidence) for found in verified)
    states = Counter(row.state for row in covered)
    return (
        Table(
            id="verdicts",
            caption=f"{len(verified)} claims by verdict",
            columns=columns("verdict", "claims"),
            rows=[{"verdict": f"{MARKS[word]} {word}", "claims": verdicts[word]} for word in Verdict],
        ),
        Table(
            id="evidence",
            caption="By what the verdict rests on",
            columns=columns("evidence", "claims"),
            rows=[{"evidence": word, "claims": number} for word, number in sorted(evidence.items())],
        ),
        Table(
            id="coverage",
            caption=f"The {len(covered)} rows of the inventory",
            columns=columns("state", "rows"),
            rows=[{"state": word, "rows": number} for word, number in sorted(states.items())],
        ),
    )


def coverage_table(covered: Sequence[Coverage]) -> Table:
    """Return every row of the inventory with its state."""
    return Table(
        id="coverage",
        caption=f"The {len(covered)} rows of the inventory",
        columns=columns("id", "post", "state", "differs", "topic"),
        rows=[
            {
                "id": row.item.id,
                "post": row.item.post,
                "state": row.state,
                "differs": row.item.differs,
                "topic": row.item.topic,
            }
            for row in covered
        ],
    )


def judges_table(records: Mapping[str, Record]) -> Table:
    """Return what each judge said last, with its version."""
    return Table(
        id="judges",
        caption="What the judges said last",
        columns=columns("comparison", "judge", "version", "date", "compared", "equal", "known", "different"),
        rows=[
            {
                "comparison": row.comparison,
                "judge": row.judge,
                "version": row.version,
                "date": row.date,
                "compared": row.compared,
                "equal": row.equal,
                "known": row.known,
                "different": row.different,
            }
            for row in records.values()
        ],
        empty="no judge was recorded yet: python tools/record_oracle.py",
    )


def dates_table(rows: Sequence[CalendarRow]) -> Table:
    """Return the calendar rows."""
    return Table(
        id="dates",
        caption="What a calendar says",
        columns=columns("id", "said", "computed", "agrees", "what"),
        rows=[
            {"id": row.id, "said": row.said, "computed": row.computed, "agrees": row.agrees, "what": row.what}
            for row in rows
        ],
    )


def template(ident: str, subject: str, today: str) -> Listing:
    """Return a filled register for a new claim; it is valid as it stands, and its check holds."""
    text = f'''# A register of one claim. Check it:  helio claims verify --file THIS_FILE
# Then move the [[claim]] block into src/heliograph/claims/data/{subject}.toml.
subject = "{subject}"

[[claim]]
id = "{ident}"
# What is claimed: a number, an order, a name or a behaviour, in your own words.
sentence = "SIGUSR1 is 10 on x86 Linux and 16 on Solaris."
# Who says it: keys of src/heliograph/claims/data/sources.toml.
said = ["lx-2008"]
# computed, executed, live kernel, compiled source, public source read or testimony
evidence = "computed"
# What you expect to come out: confirmed, contradicted, differs-by-revision (or testimony, without a check).
verdict = "confirmed"
history = [["{today}", "confirmed", "first check"]]

[[claim.check]]
# A helio command. Instead of command: property = "NAME", judge = "COMPARISON", or read = "SOURCE" with seen and date.
command = "signals map USR1 --from linux --to solaris-2005"

[[claim.check.expect]]
# The id of a view in the answer (--format json shows it), and exactly one of count, all, values, sequence.
view = "map"
where = {{ signal = "SIGUSR1" }}
all = {{ from = 10, to = 16 }}
'''
    return Listing(id="new", language="toml", text=text, artefact=True)


def junit(verified: Sequence[Verified]) -> str:
    """Return the result as JUnit XML: a changed verdict is a failure, an absent judge is skipped."""
    failed = sum(1 for found in verified if found.changed)
    skipped = sum(1 for found in verified if found.verdict is Verdict.ABSENT)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name="helio claims" tests="{len(verified)}" failures="{failed}" skipped="{skipped}">',
    ]
    for found in verified:
        case = f"<testcase classname={quoteattr(found.claim.subject)} name={quoteattr(found.claim.id)}"
        if found.changed:
            message = f"{found.verdict}, reviewed as {found.claim.verdict}"
            lines.append(f"  {case}><failure message={quoteattr(message)}>{escape(_why(found))}</failure></testcase>")
        elif found.verdict is Verdict.ABSENT:
            lines.append(f"  {case}><skipped message={quoteattr('the judge is absent')}/></testcase>")
        else:
            lines.append(f"  {case}/>")
    lines.append("</testsuite>")
    return "\n".join(lines) + "\n"
