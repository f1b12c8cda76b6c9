"""From the lines of an offsets.in, and answers about its types, to the definitions of an assym.h."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from heliograph.errors import ParseError, nearest
from heliograph.genassym.arithmetic import Function, value_of
from heliograph.genassym.model import (
    Block,
    Define,
    Entry,
    Kind,
    MemberLine,
    Missing,
    Place,
    Problem,
    Question,
    Verbatim,
    Word,
)

__all__ = ["defines", "evaluated", "functions_of", "questions"]


def questions(entries: Sequence[Entry]) -> list[Question]:
    """Return what has to be asked, each question once: sizes that are named, and every member."""
    found: dict[Question, None] = {}
    inside = ""
    for entry in entries:
        if isinstance(entry, Block):
            inside = entry.type.text
            if entry.size is not None:
                found[Question(type=inside)] = None
        elif isinstance(entry, MemberLine):
            found[Question(type=inside, steps=entry.steps)] = None
    return list(found)


def defines(
    entries: Sequence[Entry], answers: Mapping[Question, Place | Missing]
) -> tuple[list[Define], list[Problem]]:
    """Return the definitions in the order of the file, and what is wrong; if anything is, write nothing.

    :param answers: one for each of :func:`questions`.
    """
    builder = _Builder(answers)
    for entry in entries:
        if isinstance(entry, Block):
            builder.block(entry)
        elif isinstance(entry, MemberLine):
            builder.member(entry)
        else:
            builder.verbatim(entry)
    return evaluated(builder.found), builder.problems


class _Builder:
    """The definitions so far."""

    def __init__(self, answers: Mapping[Question, Place | Missing]) -> None:
        self.found: list[Define] = []
        self.problems: list[Problem] = []
        self._answers = answers
        self._inside = ""
        self._block: Word | None = None
        self._known: dict[str, Define] = {}
        self._failed: set[str] = set()

    def _wrong(self, code: str, message: str, word: Word, fix: str = "") -> None:
        end = word.column + len(word.text)
        self.problems.append(
            Problem(code=code, message=message, line=word.line, column=word.column, end_column=end, fix=fix)
        )

    def _answer(self, question: Question, word: Word) -> Place | None:
        """Return where something lies; if nobody knows, say so, for a type once in each block."""
        answer = self._answers[question]
        if isinstance(answer, Place):
            return answer
        if answer.step < 0:
            if question.type in self._failed:
                return None
            self._failed.add(question.type)
            word = self._block or word
        steps = question.steps
        bad = str(steps[answer.step]) if 0 <= answer.step < len(steps) else question.type
        close = nearest(bad, (name for name in answer.known if name != bad))
        message = answer.why + (f"; did you mean {' or '.join(close)}?" if close else "")
        self._wrong("unknown-type" if answer.step < 0 else "unknown-member", message, word)
        return None

    def _add(
        self,
        name: str,
        value: int,
        kind: Kind,
        word: Word,
        path: str = "",
        bits: tuple[int, int] | None = None,
    ) -> None:
        define = Define(
            name=name,
            value=value,
            text=f"#define\t{name}\t{value:#x}",
            line=word.line,
            kind=kind,
            type=self._inside,
            path=path,
            bits=bits,
        )
        before = self._known.setdefault(name, define)
        if before.value != value:
            message = f"{name} is {value:#x} here and {before.value:#x} in line {before.line}"
            self._wrong("redefined", message, word, fix="give one of them a name of its own")
        self.found.append(define)

    def block(self, block: Block) -> None:
        """Define the size and the shift."""
        self._inside, self._block = block.type.text, block.type
        self._failed.discard(self._inside)
        if block.size is None:
            return
        place = self._answer(Question(type=self._inside), block.type)
        if place is None:
            return
        if place.size <= 0:
            self._wrong("no-size", f"{self._inside} has no size", block.type)
            return
        self._add(block.size.text, place.size, Kind.SIZE, block.size)
        if block.shift is None:
            return
        if place.size & (place.size - 1):
            message = f"{self._inside} is {place.size} bytes ({place.size:#x}): not a power of 2, so it has no shift"
            self._wrong("no-shift", message, block.shift)
            return
        self._add(block.shift.text, place.size.bit_length() - 1, Kind.SHIFT, block.shift)

    def member(self, member: MemberLine) -> None:
        """Define the offset, and of an array the step from one element to the next."""
        place = self._answer(Question(type=self._inside, steps=member.steps), member.path)
        if place is None:
            return
        word = member.name or member.path
        bits = None if place.bit_offset is None else (place.bit_offset, place.bit_size or 0)
        self._add(member.define, place.offset, Kind.OFFSET, word, member.path.text, bits)
        if place.element is not None:
            self._add(f"{member.define}_INCR", place.element, Kind.INCREMENT, word, member.path.text)

    def verbatim(self, line: Verbatim) -> None:
        """Copy a line."""
        self.found.append(
            Define(
                name=line.name,
                value=None,
                text=line.text,
                line=line.line,
                kind=Kind.VERBATIM,
                body=line.body,
                parameters=line.parameters,
            )
        )


def functions_of(found: Sequence[Define]) -> dict[str, Function]:
    """Return the function-like macros among definitions."""
    return {
        define.name: Function(parameters=define.parameters, body=define.body)
        for define in found
        if define.parameters is not None and define.body is not None
    }


def evaluated(found: Sequence[Define]) -> list[Define]:
    """Return definitions with the values of those that are expressions over others; what has none stays None."""
    by_name: dict[str, Define] = {}
    for define in found:
        if define.name and define.parameters is None:
            by_name.setdefault(define.name, define)
    functions = functions_of(found)
    values: dict[str, int] = {}
    open_: set[str] = set()

    def lookup(name: str) -> int:
        if name in values:
            return values[name]
        define = by_name.get(name)
        if define is None or name in open_ or len(open_) > 60:
            raise ParseError(f"{name} has no value")
        if define.value is not None:
            values[name] = define.value
        elif define.body is None:
            raise ParseError(f"{name} is no integer")
        else:
            open_.add(name)
            try:
                values[name] = value_of(define.body, lookup, functions)
            finally:
                open_.discard(name)
        return values[name]

    def of(define: Define) -> int | None:
        if define.value is not None or define.body is None or define.parameters is not None:
            return define.value
        try:
            return value_of(define.body, lookup, functions)
        except ParseError:
            return None

    return [replace(define, value=of(define)) for define in found]
