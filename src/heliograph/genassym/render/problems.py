"""Problems of an offsets.in as findings."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.genassym.model import Problem
from heliograph.view import Finding, Findings, Prose, Severity

__all__ = ["explain_lint", "problem_findings"]

_REMARKS = {
    "unindented-member": Severity.WARNING,
    "empty-block": Severity.WARNING,
    "duplicate": Severity.NOTE,
    "macro": Severity.WARNING,
    "long-if": Severity.NOTE,
}


def problem_findings(problems: Iterable[Problem], file: str) -> Findings:
    """Return problems with their places; a remark is a warning or a note, all else an error."""
    return Findings(
        id="lint",
        items=tuple(
            Finding(
                file=file,
                line=problem.line,
                column=problem.column,
                end_column=problem.end_column,
                code=problem.code,
                severity=_REMARKS.get(problem.code, Severity.ERROR),
                message=problem.message,
                fix=problem.fix,
            )
            for problem in problems
        ),
    )


def explain_lint() -> Prose:
    """Return what the remarks mean, as one paragraph."""
    return Prose(
        text=(
            "Remarks. unindented-member: a line at the left that names a member, as no empty line stands before it."
            " empty-block: a type of which nothing is asked. duplicate: a macro that two lines define; if their values"
            " differ, gen refuses. macro: a name that the compiler itself defines, such as unix, which the original"
            " tool replaces by 1. long-if: a conditional of more than 8 lines inside a block, after which the original"
            " tool has lost the block. All else is an error, and gen writes nothing."
        ),
        aside=True,
    )
