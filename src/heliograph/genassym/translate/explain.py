"""How a definition comes to its value: the sum of its terms, and the definitions that it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heliograph.errors import ParseError, UnknownNameError
from heliograph.genassym.arithmetic import Function, call_macro, value_of
from heliograph.genassym.model import Binary, Call, Define, Expression, Kind, Name, Number, Unary
from heliograph.genassym.translate.defines import functions_of

__all__ = ["Explanation", "Term", "explain"]

_DEEPEST = 60
_MOST = 2000
"""Terms of one sum; each macro may double them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A term of a sum: ``factor`` times the definition ``name`` of value ``value``; a bare number has no name."""

    factor: int
    name: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A definition, the terms of its value (none if it is no sum), and all that it stands on, itself first."""

    define: Define
    terms: tuple[Term, ...]
    chain: tuple[Define, ...]


def explain(name: str, found: Sequence[Define]) -> Explanation:
    """Take a definition apart.

    :raises UnknownNameError: nothing of that name is defined.
    """
    by_name: dict[str, Define] = {}
    for define in found:
        if define.name:
            by_name.setdefault(define.name, define)
    if name not in by_name:
        raise UnknownNameError("definition", name, by_name, text=name)
    functions = functions_of(found)
    reader = _Sum(by_name, functions)
    try:
        terms = tuple(reader.terms(Name(name=name), 1, 0)) if by_name[name].kind is Kind.VERBATIM else ()
    except ParseError:
        terms = ()
    return Explanation(define=by_name[name], terms=terms, chain=tuple(_chain(name, by_name)))


class _Sum:
    """Definitions as sums of those that come from types."""

    def __init__(self, by_name: dict[str, Define], functions: dict[str, Function]) -> None:
        self._by_name = by_name
        self._functions = functions
        self._count = 0

    def _lookup(self, name: str) -> int:
        define = self._by_name.get(name)
        if define is None or define.value is None:
            raise ParseError(f"{name} has no value")
        return define.value

    def terms(self, body: Expression, factor: int, depth: int) -> list[Term]:
        """Return the terms of ``factor`` times an expression.

        :raises ParseError: it is no sum.
        """
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST:
            raise ParseError("the definition has no end")
        match body:
            case Number():
                return [Term(factor=factor, name="", value=body.value)]
            case Name():
                define = self._by_name.get(body.name)
                if define is not None and define.body is not None and define.parameters is None:
                    return self.terms(define.body, factor, depth + 1)
                return [Term(factor=factor, name=body.name, value=self._lookup(body.name))]
            case Call():
                return self.terms(call_macro(body, self._functions), factor, depth + 1)
            case Unary(operator="+" | "-"):
                return self.terms(body.operand, factor if body.operator == "+" else -factor, depth + 1)
            case Binary(operator="+" | "-"):
                sign = factor if body.operator == "+" else -factor
                return [*self.terms(body.left, factor, depth + 1), *self.terms(body.right, sign, depth + 1)]
            case Binary(operator="*"):
                for number, other in ((body.left, body.right), (body.right, body.left)):
                    plain = self._constant(number, depth)
                    if plain is not None:
                        return self.terms(other, factor * plain, depth + 1)
                raise ParseError("a product of two definitions is no sum")
            case _:
                return [Term(factor=factor, name="", value=value_of(body, self._lookup, self._functions))]

    def _constant(self, body: Expression, depth: int) -> int | None:
        """Return the value of an expression in which no name stands, else None."""

        def none(name: str) -> int:
            raise ParseError(f"{name} is a name")

        try:
            return value_of(body, none, self._functions, depth)
        except ParseError:
            return None


def _chain(name: str, by_name: dict[str, Define]) -> list[Define]:
    """Return a definition and those that it stands on, each once, in the order of their use."""
    found: dict[str, Define] = {}
    waiting = [name]
    while waiting:
        word = waiting.pop()
        define = by_name.get(word)
        if define is None or word in found:
            continue
        found[word] = define
        if define.body is not None:
            waiting += reversed(list(_names(define.body)))
    return list(found.values())


def _names(body: Expression) -> list[str]:
    match body:
        case Name():
            return [body.name]
        case Number():
            return []
        case Call():
            return [body.name, *(name for argument in body.arguments for name in _names(argument))]
        case Unary():
            return _names(body.operand)
        case Binary():
            return [*_names(body.left), *_names(body.right)]
        case _:
            return [*_names(body.condition), *_names(body.then), *_names(body.otherwise)]
