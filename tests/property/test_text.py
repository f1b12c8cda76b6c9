"""Text for a pipe and text for a terminal are one text."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import SYSTEMS, tables, views

from heliograph.cli import run
from heliograph.media import Setting
from heliograph.media.text import render, write_terminal
from heliograph.media.words import heading
from heliograph.media.words import width as columns_of
from heliograph.view import Listing, Table, View, cell_text

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True, scope="module")
def _colours() -> Iterator[None]:
    """Let rich believe that the stream is a terminal with colours, whatever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm-256color")
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            patch.delenv(name, raising=False)
        yield


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(shown: list[View], width: int, *, coloured: bool) -> str:
    stream = Terminal()
    write_terminal(shown, stream, width=width, colour=coloured)
    return stream.getvalue()


def piped(shown: list[View], width: int | None) -> str:
    return "".join(render(shown, Setting(width=width)))


@settings(max_examples=200)
@given(st.lists(views, max_size=3), st.integers(40, 200))
def test_a_terminal_without_its_escapes_is_a_pipe(shown: list[View], width: int) -> None:
    plain = piped(shown, width)
    assert ESCAPE.sub("", terminal(shown, width, coloured=True)) == plain
    assert terminal(shown, width, coloured=False) == plain
    assert "\x1b" not in plain


@given(st.lists(views, min_size=1, max_size=3))
def test_no_line_ends_in_blanks(shown: list[View]) -> None:
    if not any(isinstance(view, Listing) for view in shown):
        for width in (None, 60):
            assert all(line == line.rstrip() for line in piped(shown, width).split("\n"))


def squeezed(text: str) -> str:
    return "".join(text.split())


@given(tables(), st.integers(20, 200))
def test_folding_loses_no_cell(table: Table, width: int) -> None:
    shown = squeezed(piped([table], width))
    for row in table.rows:
        for column in table.columns:
            assert squeezed(cell_text(row[column.id])) in shown


def fixed(table: Table) -> int:
    """Return the columns that everything but the last column of a table takes, which is never folded."""
    widths = [
        max([columns_of(heading(column)), *(columns_of(cell_text(row[column.id])) for row in table.rows)])
        for column in table.columns[:-1]
    ]
    return sum(widths) + 2 * len(widths)


@given(tables(), st.integers(40, 200))
def test_a_table_folds_its_last_column(table: Table, width: int) -> None:
    """No line is wider than the terminal, but for a head and a column that cannot be narrower."""
    titles = [columns_of(heading(column)) for column in table.columns]
    most = max(width, max(titles) + 2 + 8, min(fixed(table), width + 2) + max(titles[-1], 8))
    assert all(len(line) <= most for line in piped([table], width).split("\n"))


ANSWERS = [
    ["map", "USR1", "STKFLT", "RTMIN+3", "50", "--from", "linux", "--to", "solaris-2005", "--policy", "lx-2006"],
    ["diff", "linux", "illumos", "--explain"],
    ["default", "--compare", "linux", "darwin"],
    ["policies"],
    ["mask", "ffffffffffffffff", "--from", "linux", "--to", "solaris-2005"],
    ["wait", "0x8b", "--from", "linux", "--to", "illumos", "--explain"],
    ["systems", "--cite"],
    ["deliver", "--path", "lx-2006", "--nested", "USR2", "--explain"],
    ["flow", "--path", "lx-2006", "--explain"],
    ["flow", "--path", "lx-now", "--signal", "PWR", "--no-handler"],
    *(["list", "--system", where.name] for where in SYSTEMS[:3]),
]


@pytest.mark.parametrize("argv", ANSWERS, ids=lambda argv: argv[0])
@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_answers_fit_a_terminal(argv: list[str], width: int) -> None:
    answer = run(["signals", *argv])
    text = "".join(answer.render(width=width))
    assert max(map(columns_of, text.splitlines())) <= width
    for view in answer.views:
        if isinstance(view, Table):
            cells = [cell_text(row[column.id]) for row in view.rows for column in view.columns]
            assert all(squeezed(cell) in squeezed(text) for cell in cells)
