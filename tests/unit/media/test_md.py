"""Markdown: a parser that nobody here wrote reads back what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from tests.strategies import tables
from tests.unit.media.sample import HOSTILE, all_views, written

from heliograph.media.words import heading, printable
from heliograph.view import (
    Column,
    Findings,
    Graph,
    Layout,
    Listing,
    Prose,
    Step,
    Steps,
    Table,
    View,
    cell_text,
)

PARSER = MarkdownIt("commonmark").enable("table")


def squeezed(text: str) -> str:
    """Return text as HTML shows it: runs of white space are one blank."""
    return " ".join(printable(text).split())


def parsed(*views: View) -> list[Token]:
    return PARSER.parse(written("md", *views))


def kinds(tokens: Sequence[Token]) -> set[str]:
    return {token.type for token in tokens}


def said(token: Token) -> str:
    """Return the text of an inline token; anything but text, emphasis and code in it is a fault."""
    children = token.children or []
    assert {child.type for child in children} <= {"text", "strong_open", "strong_close", "code_inline"}, children
    return "".join(child.content for child in children)


def lines(tokens: Sequence[Token]) -> list[str]:
    return [said(token) for token in tokens if token.type == "inline"]


def cells(table: Table) -> list[list[str]]:
    """Return the cells of a written table, a list a row."""
    rows: list[list[str]] = []
    inside = False
    for token in parsed(table):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("td_open", "th_open"):
            inside = True
        elif token.type in ("td_close", "th_close"):
            inside = False
        elif token.type == "inline" and inside:
            rows[-1].append(said(token))
    return rows


def expected(table: Table) -> list[list[str]]:
    heads = [squeezed(heading(column)) for column in table.shown]
    rows = [[squeezed(cell_text(row[column.id])) for column in table.shown] for row in table.rows]
    return [heads, *rows] if rows else []


@pytest.mark.parametrize("text", HOSTILE)
def test_cells_are_read_back(text: str) -> None:
    table = all_views(text)[Table]
    assert isinstance(table, Table)
    assert cells(table) == expected(table)


@given(tables())
def test_cells_of_any_table_are_read_back(table: Table) -> None:
    assert cells(table) == expected(table)


@pytest.mark.parametrize("text", HOSTILE)
def test_prose_is_one_paragraph(text: str) -> None:
    tokens = parsed(all_views(text)[Prose])
    assert kinds(tokens) == {"paragraph_open", "inline", "paragraph_close"}
    assert lines(tokens) == [squeezed(text)]


@given(st.text(max_size=20))
def test_any_prose_is_one_paragraph(text: str) -> None:
    tokens = parsed(Prose(text=text))
    assert "".join(lines(tokens)) == squeezed(text)
    assert kinds(tokens) <= {"paragraph_open", "inline", "paragraph_close"}


@pytest.mark.parametrize("text", HOSTILE)
def test_steps_are_one_list_with_the_changes_below(text: str) -> None:
    view = all_views(text)[Steps]
    assert isinstance(view, Steps)
    tokens = parsed(view)
    flat = squeezed(text)
    assert [token.type for token in tokens].count("ordered_list_open") == 1
    assert [token.type for token in tokens].count("bullet_list_open") == 1
    changed = {f"{flat}: - → {flat}", f"m: old → {flat}", flat}
    assert lines(tokens) == [flat, f"{flat}: {flat}", *lines(tokens)[2:-1], "b: nothing changes"]
    assert set(lines(tokens)[2:-1]) == changed


def test_changes_stay_below_their_step_behind_number_nine() -> None:
    steps = tuple(Step(n=n, actor="a", title="t", before={}, after={"x": str(n)}) for n in range(8, 102))
    levels = [token.level for token in parsed(Steps(id="s", steps=steps)) if token.type == "bullet_list_open"]
    assert levels == [2] * len(steps)


@pytest.mark.parametrize("text", HOSTILE)
def test_findings_are_items_with_their_place(text: str) -> None:
    tokens = parsed(all_views(text)[Findings])
    flat = squeezed(text)
    assert [token.type for token in tokens].count("list_item_open") == 1
    assert lines(tokens)[1] == f"{squeezed(text + ':3:4')} warning: {flat} (code). Fix: {flat}."


def test_no_finding_is_said() -> None:
    assert lines(parsed(Findings(id="f", items=()))) == ["clean: nothing found"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_graph_is_one_list(text: str) -> None:
    tokens = parsed(all_views(text)[Graph])
    flat = squeezed(text)
    assert [token.type for token in tokens].count("list_item_open") == 3
    first = lines(tokens)[1]
    assert first.startswith(f"{flat}: {flat} – {flat}. Source: {flat} ")
    assert "→ c" in first
    assert lines(tokens)[2] == f"k: b → {flat}"
    assert lines(tokens)[3] == "c"


@pytest.mark.parametrize("text", [*HOSTILE, "```\nfence\n```", "~~~~", "````"])
def test_a_listing_is_kept_to_the_letter(text: str) -> None:
    (fence,) = (token for token in parsed(all_views(text)[Listing]) if token.type == "fence")
    assert fence.content.rstrip("\n") == re.sub("\r\n?", "\n", printable(text)).rstrip("\n")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_layout_is_a_table(text: str) -> None:
    tokens = parsed(all_views(text)[Layout])
    assert [token.type for token in tokens].count("tr_open") == 3
    assert squeezed(text) in lines(tokens)


def test_numbers_are_set_flush_right_and_an_empty_table_says_so() -> None:
    columns = (Column(id="n", title="n"), Column(id="t", title="t"))
    styles = [
        token.attrs.get("style")
        for token in parsed(Table(id="t", columns=columns, rows=[{"n": 1, "t": "x"}]))
        if token.type == "td_open"
    ]
    assert styles == ["text-align:right", None]
    assert lines(parsed(Table(id="t", columns=columns, rows=[], empty="# none"))) == ["# none"]
