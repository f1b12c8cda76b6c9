"""What several commands of the wing share: reading an offsets.in with a compiler, and telling all that is wrong."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from heliograph.errors import Error, ParseError, Span, UsageError
from heliograph.files import Files
from heliograph.genassym.backends.probe import CompileError, Probe
from heliograph.genassym.model import Define, Problem
from heliograph.genassym.parse.offsets_in import OffsetsIn, has_conditionals, offsets_in
from heliograph.genassym.parse.preprocess import Macro
from heliograph.genassym.translate.defines import defines, questions
from heliograph.view import View

__all__ = ["Generated", "Views", "cc_option", "failed", "file_argument", "generate", "probe_of", "read"]

Views = tuple[View, ...]

cc_option = click.option(
    "--cc", metavar="COMMAND", default="cc", show_default=True, help="The C compiler with its options, in one word."
)
file_argument = click.argument("file", metavar="OFFSETS.IN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """An offsets.in with all that was asked.

    :param problems: what is wrong; if anything is, the definitions are not whole.
    """

    text: str
    parsed: OffsetsIn
    found: Sequence[Define]
    problems: Sequence[Problem]
    compiler: dict[str, Macro]


def probe_of(cc: str, file: str) -> Probe:
    """Return the compiler of ``--cc``.

    :raises UsageError: the quotes in it are not closed, or it is empty.
    """
    try:
        words = shlex.split(cc)
    except ValueError as error:
        raise UsageError(f"--cc: {str(error).lower()}", text=cc) from error
    return Probe(words=words, file=file)


def read(files: Files, file: str, probe: Probe) -> tuple[str, OffsetsIn, dict[str, Macro]]:
    """Return the text of an offsets.in, what it asks for, and the compiler's own macros if conditionals need them."""
    text = files.text(file)
    compiler = probe.macros() if has_conditionals(text) else {}
    return text, offsets_in(text, compiler, probe.command_line()), compiler


def generate(files: Files, file: str, probe: Probe) -> Generated:
    """Read an offsets.in and answer it. Errors of the compiler in its directives are problems at their lines."""
    text, parsed, compiler = read(files, file, probe)
    probe.source = parsed.source
    asked = questions(parsed.entries)
    try:
        answers = dict(zip(asked, probe.answer(asked), strict=True))
    except CompileError as error:
        known = {problem.line for problem in parsed.problems}
        others = [problem for problem in _complaints(error, file, text.split("\n")) if problem.line not in known]
        told = sorted([*parsed.problems, *others], key=lambda problem: (problem.line, problem.column))
        return Generated(text=text, parsed=parsed, found=(), problems=told, compiler=compiler)
    found, problems = defines(parsed.entries, answers)
    lines = text.split("\n")
    placed = [_with_line(problem, lines) for problem in problems]
    told = sorted([*parsed.problems, *placed], key=lambda problem: (problem.line, problem.column))
    return Generated(text=text, parsed=parsed, found=found, problems=told, compiler=compiler)


def _with_line(problem: Problem, lines: Sequence[str]) -> Problem:
    return Problem(
        code=problem.code,
        message=problem.message,
        line=problem.line,
        column=problem.column,
        end_column=problem.end_column,
        text=lines[problem.line - 1],
        fix=problem.fix,
    )


def _complaints(error: CompileError, file: str, lines: Sequence[str]) -> Iterable[Problem]:
    """Yield the compiler's errors at their lines of the offsets.in; those of a header at the line that includes it."""
    for complaint in error.complaints:
        if complaint.file == file and 1 <= complaint.line <= len(lines):
            line, column, message = complaint.line, max(complaint.column, 1), complaint.message
        else:
            place = f"{complaint.file}:{complaint.line}" if complaint.line else complaint.file
            line = complaint.included if 1 <= complaint.included <= len(lines) else 1
            column, message = 1, f"the compiler says of {place}: {complaint.message}"
        text = lines[line - 1]
        column = min(column, len(text) + 1)
        end = len(text) + 1 if len(text) + 1 > column else column + 1
        yield Problem(code="compiler", message=message, line=line, column=column, end_column=end, text=text)


def failed(problems: Sequence[Problem], file: str) -> Error:
    """Return all problems as one error, the first with the others behind it."""
    errors = [
        ParseError(
            problem.message,
            text=problem.text,
            span=Span(file=file, line=problem.line, column=problem.column, end_column=problem.end_column),
        )
        for problem in problems
    ]
    first, *others = errors
    first.more = tuple(others)
    return first
