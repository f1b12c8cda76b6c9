r"""What the preprocessor does to the directive part of an offsets.in, line by line, so that no line loses its number.

Comments become blanks, continued lines are joined, conditionals are decided, and the macros of the file and of the
command line are replaced. A compiler's own macros (``__LP64__``, ``unix``) are seen by conditionals alone: the original
replaces them in names of members too, so that ``unix`` becomes 1. A ``#`` line leaves an empty line, as ``cc -E`` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from heliograph.errors import ParseError
from heliograph.genassym.arithmetic import value_of
from heliograph.genassym.model import Problem
from heliograph.genassym.parse.expression import expression

__all__ = ["Macro", "Preprocessor", "command_line_macros", "defined_macros", "joined", "without_comments"]

_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?|[A-Za-z_$][\w$]*|\.?[0-9](?:[eEpP][+-]|[\w.])*|\s+|.")
_DIRECTIVE = re.compile(r"#\s*(\w*)\s*(.*)", re.DOTALL)
_DEFINE = re.compile(r"([A-Za-z_$][\w$]*)(\([^()]*\))?\s*(.*)", re.DOTALL)
_DEFINED = re.compile(r"\bdefined\s*(?:\(\s*([A-Za-z_$][\w$]*)\s*\)|([A-Za-z_$][\w$]*))")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_CONTINUED = re.compile(r"\\[ \t]*$")
_DEEPEST = 60
_MOST = 200_000
"""Characters that one line may grow to."""
_MOST_IN_ALL = 4_000_000
"""Characters that all lines with macros may grow to."""

Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A macro; ``own`` ones are of the file or the command line, the others of the compiler."""

    parameters: tuple[str, ...] | None
    body: str
    own: bool = True


def joined(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines with those that end in a backslash joined to the next ones, under the number of the first."""
    first, parts = 0, [""]
    for number, text in lines:
        first = first or number
        parts.append(_CONTINUED.sub(" ", text))
        if not _CONTINUED.search(text):
            yield first, "".join(parts)
            first, parts = 0, [""]
    if first:
        yield first, "".join(parts)


def without_comments(lines: Iterable[Line]) -> Iterator[tuple[int, str, bool]]:
    """Yield lines with comments turned into as many blanks; the flag is set where one is open at the end of the line.

    Each open comment is told once more by a last line of number 0 if the text ends inside it.
    """
    opened = 0
    for number, text in lines:
        kept = []
        position = 0
        while position < len(text):
            if opened:
                stop = text.find("*/", position)
                end = len(text) if stop < 0 else stop + 2
                kept.append(" " * (end - position))
                position = end
                opened = opened if stop < 0 else 0
            elif text.startswith("//", position):
                break
            elif text.startswith("/*", position):
                opened = number
                kept.append("  ")
                position += 2
            else:
                match = _TOKEN.match(text, position)
                assert match is not None
                kept.append(match[0])
                position = match.end()
        yield number, "".join(kept), bool(opened)
    if opened:
        yield 0, str(opened), True


def defined_macros(text: str) -> dict[str, Macro]:
    """Read what ``cc -dM -E`` prints: the macros of a compiler."""
    found = {}
    for line in text.split("\n"):
        if line.startswith("#define ") and (match := _DEFINE.fullmatch(line[8:].strip())):
            found[match[1]] = replace(_macro(match), own=False)
    return found


def command_line_macros(words: Iterable[str]) -> dict[str, Macro | None]:
    """Return the macros that ``-D`` defines, and None for those that ``-U`` takes away."""
    found: dict[str, Macro | None] = {}
    waiting = iter(words)
    for word in waiting:
        if word[:2] not in ("-D", "-U"):
            continue
        name, equals, body = (word[2:] or next(waiting, "")).partition("=")
        if word[:2] == "-U":
            found[name] = None
        elif match := _DEFINE.fullmatch(f"{name} {body if equals else '1'}"):
            found[match[1]] = _macro(match)
    return found


def _macro(match: re.Match[str]) -> Macro:
    parameters = None if match[2] is None else tuple(word.strip() for word in match[2][1:-1].split(",") if word.strip())
    return Macro(parameters=parameters, body=match[3].strip())


@dataclass(slots=True)
class _Condition:
    """An open ``#if``: where it stands, whether the part is read, whether any part was, whether #else was met."""

    line: int
    active: bool
    taken: bool
    otherwise: bool = False


@dataclass(slots=True)
class Preprocessor:
    """The state between lines.

    :param macros: what is defined; changed by ``#define`` and ``#undef``.
    :param problems: what was wrong so far.
    """

    macros: dict[str, Macro]
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Condition] = field(default_factory=list)
    _left: int = _MOST_IN_ALL

    def lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        r"""Yield the lines that are read, with macros replaced; a ``#`` line is an empty one."""
        for number, text, _ in without_comments(joined(lines)):
            if number == 0:
                self._problem(int(text), 1, 2, "unclosed-comment", "the comment that starts here has no end", "/*")
            elif text.startswith("#"):
                self._directive(number, text)
                yield number, ""
            elif all(condition.active for condition in self._open):
                try:
                    yield number, self.replaced(text, own=True)
                except ParseError as error:
                    self._problem(number, 1, len(text) + 1, "macro", error.message, text)
        for condition in self._open:
            self._problem(condition.line, 1, 2, "unclosed-if", "the conditional that starts here has no #endif", "#")

    def _problem(self, line: int, column: int, end: int, code: str, message: str, text: str) -> None:
        problem = Problem(code=code, message=message, line=line, column=column, end_column=end, text=text)
        self.problems.append(problem)

    def _directive(self, number: int, text: str) -> None:
        match = _DIRECTIVE.match(text)
        assert match is not None
        word, rest = match[1], match[2].strip()
        active = all(condition.active for condition in self._open)
        outer = all(condition.active for condition in self._open[:-1])

        def wrong(message: str) -> None:
            self._problem(number, 1, len(text) + 1, "directive", message, text)

        if word in ("if", "ifdef", "ifndef"):
            true = active and self._true(word, rest, number, text, match.start(2))
            self._open.append(_Condition(line=number, active=true, taken=true))
        elif word in ("elif", "elifdef", "elifndef", "else", "endif"):
            if not self._open:
                wrong(f"#{word} without #if")
                return
            last = self._open[-1]
            if word == "endif":
                self._open.pop()
                return
            if last.otherwise:
                wrong(f"#{word} after the #else of the conditional in line {last.line}")
                return
            last.otherwise = word == "else"
            last.active = (
                not last.taken
                and outer
                and (last.otherwise or self._true(word[2:], rest, number, text, match.start(2)))
            )
            last.taken = last.taken or last.active
        elif not active:
            return
        elif word == "define":
            if found := _DEFINE.fullmatch(rest):
                self.macros[found[1]] = _macro(found)
            else:
                wrong("#define needs a name")
        elif word == "undef":
            self.macros.pop(rest, None)
        elif word == "error":
            wrong(f"#error {rest}")

    def _true(self, word: str, rest: str, number: int, text: str, start: int) -> bool:
        """Return whether a condition holds; a wrong one does not, and is a problem."""
        if word in ("ifdef", "ifndef", "def", "ndef"):
            match = _IDENTIFIER.match(rest)
            if match is None:
                self._problem(number, start + 1, start + 2, "directive", f"#{word} needs a name", text)
                return False
            return (match[0] in self.macros) == (word in ("ifdef", "def"))
        try:
            decided = _DEFINED.sub(lambda found: str(int((found[1] or found[2]) in self.macros)), rest)
            return value_of(expression(self.replaced(decided, own=False)), lambda _name: 0) != 0
        except ParseError as error:
            self._problem(number, start + 1, len(text) + 1, "directive", error.message, text)
            return False

    def replaced(self, text: str, *, own: bool) -> str:
        """Return a text with its macros replaced.

        :param own: replace only what the file and the command line define.
        :raises ParseError: it grows without end.
        """
        known = {name: macro for name, macro in self.macros.items() if macro.own} if own else self.macros
        if not known:
            return text
        given = min(_MOST, self._left)
        budget = [given]
        try:
            return _expanded(text, known, frozenset(), budget)
        finally:
            self._left -= given - max(budget[0], 0)


def _expanded(text: str, macros: Mapping[str, Macro], hidden: frozenset[str], budget: list[int]) -> str:
    if len(hidden) > _DEEPEST:
        raise ParseError(f"macros nest more than {_DEEPEST} deep")
    tokens = _TOKEN.findall(text)
    found = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        macro = macros.get(token)
        if macro is None or token in hidden:
            found.append(token)
        elif macro.parameters is None:
            found.append(_expanded(macro.body, macros, hidden | {token}, budget))
        else:
            arguments, after = _arguments(tokens, index)
            if arguments is None:
                found.append(token)
                continue
            index = after
            given = [_expanded(argument, macros, hidden, budget).strip() for argument in arguments]
            values = dict(zip(macro.parameters, given, strict=False))
            body = "".join(values.get(part, part) for part in _TOKEN.findall(macro.body))
            found.append(_expanded(body, macros, hidden | {token}, budget))
        budget[0] -= len(found[-1])
        if budget[0] < 0:
            raise ParseError(f"the macros of this line make more than {_MOST} characters of it, or too many in all")
    return "".join(found)


def _arguments(tokens: list[str], index: int) -> tuple[list[str] | None, int]:
    """Return the arguments from an opening parenthesis on, and the index after them; None if there is no call."""
    while index < len(tokens) and tokens[index].isspace():
        index += 1
    if index >= len(tokens) or tokens[index] != "(":
        return None, index
    depth, arguments = 0, [""]
    for position in range(index, len(tokens)):
        token = tokens[position]
        if token == ")" and depth == 1:
            return arguments, position + 1
        if token == "," and depth == 1:
            arguments.append("")
        elif depth:
            arguments[-1] += token
        depth += (token == "(") - (token == ")")
    return None, index
