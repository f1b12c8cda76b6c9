"""Expressions: how they are read and what they are worth."""

from __future__ import annotations

import pytest

from heliograph.errors import ParseError
from heliograph.genassym.arithmetic import value_of
from heliograph.genassym.parse.expression import expression, number


def value(text: str) -> int:
    return value_of(expression(text), {"A": 5, "B": 0x38}.__getitem__, {})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("1 << 4 | 1", 17),
        ("-1", -1),
        ("~0", -1),
        ("!5 + !0", 1),
        ("7 / -2", -3),
        ("-7 % 3", -1),
        ("0x10 + 010 + 0b11", 27),
        ("1ULL << 63", -(2**63)),
        ("0xffffffffffffffff", -1),
        ("1 ? 2 : 3 ? 4 : 5", 2),
        ("0 && 1 / 0", 0),
        ("1 || 1 / 0", 1),
        ("'A' + '\\n'", 75),
        ("5 > 3 == 1", 1),
        ("B + 3 * A", 0x47),
        ("_MUL(_CONST(3), 8) + B", 0x50),
        ("8 - 3 - 2", 3),
        ("1 != 2", 1),
        ("6 & 3 ^ 1", 3),
    ],
)
def test_values(text: str, wanted: int) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "a value is missing at the end"),
        ("1 +", 4, "a value is missing at the end"),
        ("1 2", 3, "an operator is missing before '2'"),
        ("(1", 3, "')' is missing at the end"),
        ("1 @ 2", 3, "'@' has no place"),
        ("09", 1, "'09' is no integer of C"),
        ("1.5", 1, "'1.5' is no integer"),
        ("1 ? 2", 6, "':' is missing"),
        ("f(1 2)", 5, "',' is missing before '2'"),
        ("(" * 100, 62, "at most 60 deep"),
        ("-" * 100, 62, "at most 60 deep"),
        ("1" + "+1" * 1000, None, "too long"),
        ("9" * 5000, 1, "no integer of C"),
    ],
)
def test_what_is_no_expression(text: str, column: int | None, message: str) -> None:
    with pytest.raises(ParseError, match=message.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")) as caught:
        expression(text)
    assert caught.value.span is not None
    assert column is None or caught.value.span.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [("1 / 0", "division by zero"), ("1 << 64", "shift by 64"), ("f(1)", "called f"), ("_MUL(1)", "called _MUL")],
)
def test_what_has_no_value(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        value(text)


@pytest.mark.parametrize(("text", "wanted"), [("10u", 10), ("0x1FUL", 31), ("1e3", None), ("0b2", None), ("08", None)])
def test_numbers(text: str, wanted: int | None) -> None:
    assert number(text) == wanted
