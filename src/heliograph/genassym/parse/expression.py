"""Integer expressions as C's preprocessor and assemblers read them.

Grammar, with the precedence of C::

    expression = binary [ "?" expression ":" expression ]
    binary     = unary { operator unary }       operator: * / % + - << >> < <= > >= == != & ^ | && ||
    unary      = { "+" | "-" | "~" | "!" } primary
    primary    = number | character | name | name "(" [ expression { "," expression } ] ")" | "(" expression ")"
    number     = decimal | "0" octal | "0x" hexadecimal | "0b" binary, with any of the suffixes u, l, ul, ll, ull
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from heliograph.errors import ParseError, Span
from heliograph.genassym.model import Binary, Call, Expression, Name, Number, Ternary, Unary

__all__ = ["expression", "number"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)|(?P<name>[A-Za-z_$][\w$]*)|'(?P<char>\\.|[^'\\])'
    |(?P<operator><<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>&^|~!?:(),]))""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uU]?[lL]{0,2}|[lL]{1,2}[uU])")
_LEVELS = {
    operator: level
    for level, operators in enumerate(
        ("||", "&&", "|", "^", "&", "== !=", "< <= > >=", "<< >>", "+ -", "* / %"),
        1,
    )
    for operator in operators.split()
}
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11}
_DEEPEST = 60
_LONGEST = 40
"""Characters of a number that are read: 64 binary digits do not occur in such a file, and Python's limit is far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    start: int
    stop: int


def number(text: str) -> int | None:
    """Return an integer constant of C, None if the text is none."""
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > _LONGEST:
        return None
    digits = match[1]
    if digits[:2].lower() in ("0x", "0b"):
        return int(digits, 0)
    if digits[0] == "0":
        return int(digits, 8) if set(digits) <= set("01234567") else None
    return int(digits)


def expression(text: str) -> Expression:
    """Read an integer expression.

    :raises ParseError: the text is none; the span has columns of ``text``.
    """
    return _Reader(text).whole()


class _Reader:
    """The tokens of an expression and how far they are read."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[_Token] = []
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                start = position
                while text[start].isspace():
                    start += 1
                raise self._error(f"{text[start]!r} has no place in an expression", start, start + 1)
            kind = match.lastgroup or ""
            self._tokens.append(_Token(kind=kind, text=match[kind], start=match.start(kind), stop=match.end()))
            position = match.end()
        self._next = 0

    def _error(self, message: str, start: int, stop: int) -> ParseError:
        return ParseError(message, text=self._text, span=Span(line=1, column=start + 1, end_column=stop + 1))

    def _here(self, message: str) -> ParseError:
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            return self._error(f"{message} before {token.text!r}", token.start, token.stop)
        return self._error(f"{message} at the end", len(self._text), len(self._text) + 1)

    def _peek(self) -> str:
        """Return the next token if it is an operator, else nothing."""
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        return token.text if token is not None and token.kind == "operator" else ""

    def _expect(self, text: str) -> None:
        if self._peek() != text:
            raise self._here(f"{text!r} is missing")
        self._next += 1

    def whole(self) -> Expression:
        """Return the expression that is the whole text."""
        found = self._expression(0)
        if self._next < len(self._tokens):
            raise self._here("an operator is missing")
        return found

    def _expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise self._here(f"expressions nest at most {_DEEPEST} deep: one too many")
        condition = self._binary(1, depth)
        if self._peek() != "?":
            return condition
        self._next += 1
        then = self._expression(depth + 1)
        self._expect(":")
        return Ternary(condition=condition, then=then, otherwise=self._expression(depth + 1))

    def _binary(self, level: int, depth: int) -> Expression:
        left = self._unary(depth)
        chain = 0
        while (operator := self._peek()) and _LEVELS.get(operator, 0) >= level:
            self._next += 1
            chain += 1
            if chain > 10 * _DEEPEST:
                raise self._here("the expression is too long")
            left = Binary(operator=operator, left=left, right=self._binary(_LEVELS[operator] + 1, depth + 1))
        return left

    def _unary(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise self._here(f"expressions nest at most {_DEEPEST} deep: one too many")
        operator = self._peek()
        if operator in ("+", "-", "~", "!") and operator:
            self._next += 1
            return Unary(operator=operator, operand=self._unary(depth + 1))
        return self._primary(depth)

    def _primary(self, depth: int) -> Expression:
        if self._next >= len(self._tokens):
            raise self._here("a value is missing")
        token = self._tokens[self._next]
        if token.kind == "number":
            value = number(token.text)
            if value is None:
                raise self._error(f"{token.text!r} is no integer of C", token.start, token.stop)
            self._next += 1
            return Number(value=value, text=token.text)
        if token.kind == "char":
            self._next += 1
            value = ord(token.text) if len(token.text) == 1 else _ESCAPES.get(token.text[1], ord(token.text[1]))
            return Number(value=value, text=f"'{token.text}'")
        if token.kind == "name":
            self._next += 1
            if self._peek() != "(":
                return Name(name=token.text)
            self._next += 1
            arguments = []
            while self._peek() != ")":
                arguments.append(self._expression(depth + 1))
                if self._peek() != ")":
                    self._expect(",")
            self._next += 1
            return Call(name=token.text, arguments=tuple(arguments))
        if token.text == "(":
            self._next += 1
            inner = self._expression(depth + 1)
            self._expect(")")
            return inner
        raise self._here("a value is missing")
