r"""The file offsets.in.

The first characters of a physical line say where it goes::

    #include...     to the compiler
    #...            to the compiler, and decides here which lines are read
    \#...           into the output, without the backslash
    \...            nowhere: a comment
    other           names a type or a member

A line that ends in a backslash goes on in the next one. Once conditionals are decided, comments are blank and macros
replaced (:mod:`heliograph.genassym.parse.preprocess`), the lines that are left follow ::

    file   = { line }
    line   = empty | "\#" text | type [ size [ shift ] ] | path [ name ]
    path   = identifier { "." identifier | "[" number "]" }

with white space between words. A line names a type if it is the first, or the first after an empty line and not
indented; it names a member of the last type otherwise. A ``#`` line counts as an empty one, whatever it hides; an
unindented ``\#`` line after an empty one ends the block as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from heliograph.errors import ParseError
from heliograph.genassym.model import Block, Entry, Expression, MemberLine, Problem, SourceLine, Verbatim, Word
from heliograph.genassym.parse.expression import expression
from heliograph.genassym.parse.preprocess import Line, Macro, Preprocessor, joined

__all__ = ["OffsetsIn", "has_conditionals", "offsets_in", "split_lines", "steps_of"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_WORD = re.compile(r"\S+")
_STEP = re.compile(r"([A-Za-z_$][\w$]*)|\[([0-9]{1,9})\]|(\.)")
_CONTINUED = re.compile(r"\\[ \t]*$")
_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?|\s+|[^\s\"']+")
_VERBATIM_DEFINE = re.compile(r"#\s*define\s+([A-Za-z_$][\w$]*)(\([^()]*\))?(?:\s+(.*))?", re.DOTALL)
_CONDITIONAL = re.compile(r"#\s*(?:if|elif)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetsIn:
    """What was read.

    :param source: the lines for the compiler.
    :param entries: the lines that ask for something, in order.
    :param unindented: members that are not indented, which no real file has.
    :param problems: what was wrong.
    """

    source: tuple[SourceLine, ...]
    entries: tuple[Entry, ...]
    unindented: tuple[Word, ...]
    problems: tuple[Problem, ...]


def split_lines(text: str) -> tuple[list[SourceLine], list[Line]]:
    """Return the lines for the compiler, and those that are read here; both with their numbers."""
    source: list[Line] = []
    rest: list[Line] = []
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    into: list[list[Line]] = []
    for number, line in enumerate(lines, 1):
        if not into:  # A continued line goes where its first line went: the original sends it here alone.
            if line.startswith("\\") and not line.startswith("\\#"):
                continue
            into = [rest]
            if line.startswith("#include"):
                into = [source]
            elif line.startswith("#"):
                into = [source, rest]
        for part in into:
            part.append((number, line))
        if not _CONTINUED.search(line):
            into = []
    return [SourceLine(text=line, line=number) for number, line in joined(source)], rest


def has_conditionals(text: str) -> bool:
    """Return whether a file has an ``#if``, and so needs to know what the compiler defines."""
    return any(_CONDITIONAL.match(line) for line in text.split("\n"))


def offsets_in(
    text: str,
    compiler: Mapping[str, Macro] | None = None,
    command_line: Mapping[str, Macro | None] | None = None,
) -> OffsetsIn:
    """Read an offsets.in. Whatever is wrong is a :class:`Problem`, so that one run tells all of it.

    :param compiler: the macros that the compiler defines of itself.
    :param command_line: the macros of ``-D``; None takes one away, as ``-U`` does.
    """
    source, rest = split_lines(text)
    macros = dict(compiler or {})
    for name, macro in (command_line or {}).items():
        macros.pop(name, None)
        if macro is not None:
            macros[name] = macro
    preprocessor = Preprocessor(macros)
    reader = _Reader(text.split("\n"))
    for number, line in preprocessor.lines(rest):
        reader.line(number, line)
    problems = sorted([*preprocessor.problems, *reader.problems], key=lambda problem: (problem.line, problem.column))
    problems = [_with_text(problem, text.split("\n")) for problem in problems]
    return OffsetsIn(
        source=tuple(source),
        entries=tuple(reader.entries),
        unindented=tuple(reader.unindented),
        problems=tuple(problems),
    )


def _with_text(problem: Problem, lines: Sequence[str]) -> Problem:
    """Return a problem with its physical line, and its columns inside it: a joined line can be longer."""
    text = lines[problem.line - 1]
    column = min(problem.column, len(text) + 1)
    return Problem(
        code=problem.code,
        message=problem.message,
        line=problem.line,
        column=column,
        end_column=max(min(problem.end_column, len(text) + 1), column + 1),
        text=text,
        fix=problem.fix,
    )


class _Reader:
    """The state machine over the lines that are left."""

    def __init__(self, physical: Sequence[str]) -> None:
        self.entries: list[Entry] = []
        self.unindented: list[Word] = []
        self.problems: list[Problem] = []
        self._physical = physical
        self._inside = False
        self._blank = False
        self._skipping = False

    def line(self, number: int, text: str) -> None:
        """Take the next line."""
        if not text.strip():
            self._blank, self._skipping = True, False
            return
        if self._blank:
            self._blank = False
            if not text[0].isspace():
                self._inside = False
        if text.startswith("\\#"):
            self.entries.append(_verbatim(text[1:], number))
        elif self._skipping:
            return
        elif self._inside:
            self._member(number, text)
        else:
            self._type(number, text)

    def _words(self, number: int, text: str) -> list[Word]:
        """Return the words; one that a macro has moved is placed where the line starts."""
        there = self._physical[number - 1]
        words = []
        for match in _WORD.finditer(text):
            start = match.start() if there.startswith(match[0], match.start()) else there.find(match[0])
            words.append(Word(text=match[0], line=number, column=max(start, 0) + 1))
        return words

    def _wrong(self, code: str, message: str, first: Word, last: Word | None = None) -> None:
        last = last or first
        self.problems.append(
            Problem(
                code=code,
                message=message,
                line=first.line,
                column=first.column,
                end_column=last.column + len(last.text),
            )
        )

    def _macro_name(self, word: Word | None) -> bool:
        if word is None or _IDENTIFIER.fullmatch(word.text):
            return True
        self._wrong("macro-name", f"{word.text!r} is no name for a macro", word)
        return False

    def _type(self, number: int, text: str) -> None:
        words = self._words(number, text)
        self._inside, self._skipping = True, True
        if len(words) > 3:
            message = f"a type with the names of its size and shift is 3 words at most, not {len(words)}"
            self._wrong("words", message, words[3], words[-1])
        elif words[0].text in ("struct", "union", "enum") and len(words) > 1:
            message = f"write the tag alone, {words[1].text}: a type is one word"
            self._wrong("type-name", message, words[0], words[1])
        elif not _IDENTIFIER.fullmatch(words[0].text):
            self._wrong("type-name", f"{words[0].text!r} is no name of a type; a typedef can give it one", words[0])
        else:
            type_, size, shift = [*words, None, None][:3]
            assert type_ is not None
            self._skipping = not (self._macro_name(size) and self._macro_name(shift))
            if not self._skipping:
                self.entries.append(Block(type=type_, size=size, shift=shift))

    def _member(self, number: int, text: str) -> None:
        words = self._words(number, text)
        if not text[0].isspace():
            self.unindented.append(words[0])
        if len(words) > 2:
            message = f"a member and the name of its offset are 2 words at most, not {len(words)}"
            if len(words) == 3 and not text[0].isspace():
                message += "; an empty line before a type starts a new block"
            self._wrong("words", message, words[2], words[-1])
            return
        steps = steps_of(words[0].text)
        if steps is None:
            self._wrong("member-path", f"{words[0].text!r} is no path to a member, such as a.b or a[2].b", words[0])
        elif self._macro_name(words[1] if len(words) == 2 else None):
            self.entries.append(MemberLine(path=words[0], steps=steps, name=words[1] if len(words) == 2 else None))


def steps_of(path: str) -> tuple[str | int, ...] | None:
    """Return a path taken apart, None if it is none."""
    steps: list[str | int] = []
    position, dot = 0, True
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None or len(steps) > 64:
            return None
        name, index, point = match.groups()
        if (name is not None) != dot or (index is not None and not steps):
            return None
        dot = point is not None
        if name is not None:
            steps.append(name)
        elif index is not None:
            steps.append(int(index))
        position = match.end()
    return None if dot else tuple(steps)


def _verbatim(text: str, number: int) -> Verbatim:
    """Return a line of the output, each stretch of blanks made one outside of strings, as ``cc -E`` does."""
    plain = "".join(" " if part.isspace() else part for part in _TEXT.findall(text)).strip()
    match = _VERBATIM_DEFINE.fullmatch(plain)
    if match is None:
        return Verbatim(text=plain, line=number)
    parameters = None if match[2] is None else tuple(_parameters(match[2]))
    return Verbatim(text=plain, line=number, name=match[1], parameters=parameters, body=_body(match[3] or ""))


def _parameters(text: str) -> Iterator[str]:
    yield from (word.strip() for word in text[1:-1].split(",") if word.strip())


def _body(text: str) -> Expression | None:
    try:
        return expression(text)
    except ParseError:
        return None
