"""What is worth a remark in an offsets.in that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from heliograph.genassym.model import Block, Entry, MemberLine, Problem, Verbatim, Word

__all__ = ["lint"]

_MARKER = 8
"""Lines that the preprocessor leaves out in a row before it writes a line marker instead of empty lines."""


def _problem(code: str, message: str, word: Word, fix: str = "") -> Problem:
    end = word.column + len(word.text)
    return Problem(code=code, message=message, line=word.line, column=word.column, end_column=end, fix=fix)


def lint(
    text: str, entries: Sequence[Entry], unindented: Iterable[Word], compiler: Mapping[str, object]
) -> list[Problem]:
    """Return remarks, in the order of the lines.

    :param text: the file.
    :param unindented: the members that are not indented.
    :param compiler: the macros that the compiler defines of itself, by name.
    """
    found = [
        _problem(
            "unindented-member",
            f"{word.text} names a member of the type above, for no empty line stands between",
            word,
            fix="indent it, or put an empty line before it",
        )
        for word in unindented
    ]
    found += _blocks(entries)
    found += _names(entries)
    for entry in entries:
        words = [entry.path] if isinstance(entry, MemberLine) else [entry.type] if isinstance(entry, Block) else []
        found += [
            _problem("macro", f"{step} is a macro of the compiler: the original tool replaces it here", word)
            for word in words
            for step in word.text.split(".")
            if step in compiler
        ]
    found += _stretches(text)
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def _blocks(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield blocks that ask for nothing."""
    last: Block | None = None
    for entry in [*entries, None]:
        if isinstance(entry, Verbatim):
            continue
        if last is not None and last.size is None and not isinstance(entry, MemberLine):
            message = f"nothing is asked of {last.type.text}: no size, no member"
            yield _problem("empty-block", message, last.type)
        last = entry if isinstance(entry, Block) else None


def _names(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield macros that two lines define."""
    lines: dict[str, int] = {}
    for entry in entries:
        words: list[tuple[str, Word]] = []
        if isinstance(entry, MemberLine):
            words = [(entry.define, entry.name or entry.path)]
        elif isinstance(entry, Block):
            words = [(word.text, word) for word in (entry.size, entry.shift) if word is not None]
        for name, word in words:
            if name in lines:
                yield _problem("duplicate", f"{name} is defined in line {lines[name]} already", word)
            lines.setdefault(name, word.line)


def _stretches(text: str) -> Iterator[Problem]:
    """Yield conditionals inside a block that hide so many lines that the original tool loses the block."""
    lines = text.split("\n")
    start = 0
    for number, line in enumerate(lines, 1):
        if line.startswith("#if"):
            start = number
        elif line.startswith("#e") and start:
            after = lines[number] if number < len(lines) else ""
            if number - start > _MARKER and after[:1].isspace() and after.strip():
                message = f"if its {number - start - 1} lines are left out, the original tool ends the block here"
                yield _problem("long-if", message, Word(text=lines[start - 1], line=start, column=1))
            start = 0 if line.startswith("#endif") else number
