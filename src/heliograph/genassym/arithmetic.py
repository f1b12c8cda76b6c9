"""The value of an integer expression, in 64 bits as a preprocessor and an assembler count them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from heliograph.errors import ParseError
from heliograph.genassym.model import Binary, Call, Expression, Name, Number, Ternary, Unary

__all__ = ["Function", "call_macro", "signed", "substituted", "value_of"]

_DEEPEST = 200
_MOST = 100_000
"""Steps of one evaluation: a chain of macros that each call the next one twice has no end otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function-like macro whose body is an expression."""

    parameters: tuple[str, ...]
    body: Expression


def signed(value: int) -> int:
    """Return a number as 64 bits with a sign hold it."""
    return (value + 2**63) % 2**64 - 2**63


def substituted(body: Expression, values: Mapping[str, Expression]) -> Expression:
    """Return an expression with names replaced."""
    match body:
        case Number():
            return body
        case Name(name=name):
            return values.get(name, body)
        case Call(name=name, arguments=arguments):
            return Call(name=name, arguments=tuple(substituted(argument, values) for argument in arguments))
        case Unary(operator=operator, operand=operand):
            return Unary(operator=operator, operand=substituted(operand, values))
        case Binary(operator=operator, left=left, right=right):
            return Binary(operator=operator, left=substituted(left, values), right=substituted(right, values))
        case Ternary(condition=condition, then=then, otherwise=otherwise):
            return Ternary(
                condition=substituted(condition, values),
                then=substituted(then, values),
                otherwise=substituted(otherwise, values),
            )
        case _:
            assert_never(body)


def call_macro(call: Call, functions: Mapping[str, Function]) -> Expression:
    """Return what a call stands for: ``_CONST(x)`` is x and ``_MUL(a, b)`` is a * b, as Solaris' assembler headers say.

    :raises ParseError: no such macro, or the number of arguments is another.
    """
    given = call.arguments
    if call.name == "_CONST" and len(given) == 1:
        return given[0]
    if call.name == "_MUL" and len(given) == 2:
        return Binary(operator="*", left=given[0], right=given[1])
    found = functions.get(call.name)
    if found is None:
        raise ParseError(f"no function-like macro is called {call.name}", text=call.name)
    if len(found.parameters) != len(given):
        raise ParseError(f"{call.name} takes {len(found.parameters)} arguments, not {len(given)}", text=call.name)
    return substituted(found.body, dict(zip(found.parameters, given, strict=True)))


def value_of(
    body: Expression,
    lookup: Callable[[str], int],
    functions: Mapping[str, Function] | None = None,
    depth: int = 0,
    steps: list[int] | None = None,
) -> int:
    """Return the value of an expression, -2**63 <= value < 2**63.

    :param lookup: the value of a macro; raises for one that has none.
    :param functions: the function-like macros; None for a preprocessor's conditional, which has none left.
    :raises ParseError: a division by zero, an unknown macro, macros without end.
    """
    steps = steps or [_MOST]
    steps[0] -= 1
    if depth > _DEEPEST or steps[0] < 1:
        raise ParseError("the macros of this expression have no end")

    def value(part: Expression) -> int:
        return value_of(part, lookup, functions, depth + 1, steps)

    match body:
        case Number():
            return signed(body.value)
        case Name():
            return lookup(body.name)
        case Call():
            # The arguments first: put in as they are, they would be evaluated each time that the macro names them.
            given = tuple(Number(value=value(argument), text="") for argument in body.arguments)
            return value(call_macro(Call(name=body.name, arguments=given), functions or {}))
        case Unary():
            inner = value(body.operand)
            return signed({"-": -inner, "+": inner, "~": ~inner}.get(body.operator, int(not inner)))
        case Ternary():
            return value(body.then) if value(body.condition) else value(body.otherwise)
        case Binary():
            left = value(body.left)
            if body.operator == "&&":
                return int(bool(left) and bool(value(body.right)))
            if body.operator == "||":
                return int(bool(left) or bool(value(body.right)))
            return signed(_binary(body.operator, left, value(body.right)))
        case _:
            assert_never(body)


def _binary(operator: str, left: int, right: int) -> int:
    if operator in ("/", "%"):
        if right == 0:
            raise ParseError("a division by zero")
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if operator == "/" else left - quotient * right
    if operator in ("<<", ">>"):
        if not 0 <= right < 64:
            raise ParseError(f"a shift by {right} of 64 bits")
        return left << right if operator == "<<" else left >> right
    arithmetic = {
        "*": left * right,
        "+": left + right,
        "-": left - right,
        "&": left & right,
        "^": left ^ right,
        "|": left | right,
        "<": int(left < right),
        "<=": int(left <= right),
        ">": int(left > right),
        ">=": int(left >= right),
        "==": int(left == right),
        "!=": int(left != right),
    }
    return arithmetic[operator]
