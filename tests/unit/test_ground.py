"""The ground floor's small rooms: errors, bits, views."""

from __future__ import annotations

import pytest

from heliograph.bits import bits_of, from_bits, join_words, split_words
from heliograph.errors import (
    Error,
    FileError,
    OracleMissingError,
    ParseError,
    RangeError,
    Span,
    UnknownNameError,
    UnsupportedError,
    UsageError,
    nearest,
)
from heliograph.view import Cell, Column, Finding, Findings, Prose, Severity, Table, View, cell_text, exit_code


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        (Error, "error", 2),
        (UsageError, "usage", 2),
        (ParseError, "parse", 2),
        (FileError, "file", 2),
        (RangeError, "range", 2),
        (OracleMissingError, "oracle-missing", 3),
    ],
)
def test_kinds_of_error(kind: type[Error], name: str, code: int) -> None:
    error = kind("what", text="text", span=Span(line=1, column=2))
    assert (error.kind, error.exit_code, error.message, str(error)) == (name, code, "what", "what")
    assert isinstance(error, Error)


def test_errors_that_make_their_message() -> None:
    error = UnknownNameError("dog", "fito", ["Fido", "Rex"], hint="dogs lists them")
    assert error.message == "unknown dog: 'fito'; did you mean Fido? (dogs lists them)"
    assert (error.text, error.suggestions, error.kind) == ("fito", ["Fido"], "unknown-name")
    assert UnknownNameError("dog", "x", []).message == "unknown dog: 'x'"
    assert UnsupportedError("flying", "no wings").message == "flying: no wings"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(), "<argument>"),
        (Span(file="f"), "f"),
        (Span(file="f", line=3), "f:3"),
        (Span(file="-", line=3, column=4, end_column=6), "-:3:4"),
        (Span(file="f", offset=255), "f:+0xff"),
    ],
)
def test_places(span: Span, text: str) -> None:
    assert str(span) == text


def test_nearest_names() -> None:
    known = ["SIGUSR1", "SIGUSR2", "SIGURG", "SIGKILL", "SIGUSR3", "SIGUSR4"]
    assert len(nearest("sigusr", known)) == 3
    assert nearest("sigkil", known)[0] == "SIGKILL"
    assert nearest("zzz", known) == []
    assert nearest("", known) == []


def test_an_unknown_name_is_told_the_nearest_even_if_none_is_near() -> None:
    known = (name for name in ("smartos", "solaris-2005", "linux", "aix"))
    assert (
        "nothing is like it, the nearest: solaris-2005, smartos"
        in UnknownNameError("system", "sunos5.11", known).message
    )
    assert UnknownNameError("system", "zzz", ["linux"]).message == "unknown system: 'zzz'"


@pytest.mark.parametrize(("value", "numbers"), [(0, []), (1, [0]), (0b1010, [1, 3]), (1 << 127, [127])])
def test_bits(value: int, numbers: list[int]) -> None:
    assert list(bits_of(value)) == numbers
    assert from_bits(numbers) == value


def test_words() -> None:
    assert split_words(0x1122334455667788, 32, 2) == (0x55667788, 0x11223344)
    assert split_words(0x1122334455667788, 32, 1) == (0x55667788,)
    assert split_words(1, 32, 3) == (1, 0, 0)
    assert join_words((0x55667788, 0x11223344), 32) == 0x1122334455667788
    assert join_words((), 32) == 0


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (-5, "-5"),
        ("", ""),
        ("x", "x"),
        (("a", "b"), "a, b"),
        ((), ""),
    ],
)
def test_cells(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def table(*, differs: bool) -> Table:
    return Table(id="t", columns=(Column(id="a", title="a"),), rows=(), differs=differs)


def found(*severities: Severity) -> Findings:
    items = [Finding(file="f", line=1, column=1, code="c", severity=one, message="m") for one in severities]
    return Findings(id="f", items=tuple(items))


@pytest.mark.parametrize(
    ("views", "code"),
    [
        ((), 0),
        ((Prose(text="x"),), 0),
        ((table(differs=False), found()), 0),
        ((table(differs=False), table(differs=True)), 1),
        ((found(Severity.NOTE),), 0),
        ((found(Severity.NOTE, Severity.WARNING),), 1),
        ((found(Severity.ERROR), table(differs=False)), 1),
    ],
)
def test_exit_codes(views: tuple[View, ...], code: int) -> None:
    assert exit_code(views) == code
