"""Words: columns, folding, ids, and what pictures say of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph.media.words import (
    description,
    folded,
    heading,
    layout_table,
    numeric,
    printable,
    slug,
    span_of,
    step_changes,
    visible,
    width,
)
from heliograph.view import Column, Edge, Field, Graph, Layout, Node, Row, Step, Steps, Table


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", 0), ("abc", 3), ("日本", 4), ("e\u0301", 1), ("🙂", 2), ("\u2764\ufe0f", 1), ("a\u200db", 2), ("ä", 1)],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


_text = st.text(max_size=40) | st.text(alphabet="日本 ab", max_size=60)


@given(_text, st.integers(4, 30), st.sampled_from(["", "  "]))
def test_folding_keeps_the_text_and_the_room(text: str, room: int, indent: str) -> None:
    lines = folded(text, room, indent)
    assert lines
    assert "".join("".join(lines).split()) == "".join(text.split())
    if not any(char.isspace() and char not in " \n\t" for char in text):
        assert all(width(line.strip()) <= room for line in lines)
    assert all(line.startswith(indent) for line in lines[1:])


def test_folding_keeps_words_whole() -> None:
    assert folded("two-part words stay whole", 10) == ["two-part", "words stay", "whole"]
    assert folded("日本 語語 x", 6) == ["日本", "語語 x"]
    assert folded("   日本 語語", 8, "  ") == ["   日本", "  語語"]
    assert folded("日本語", 4) == ["日本", "語"]
    assert folded("", 4) == folded("  ", 4) == [""]


@given(st.text())
def test_what_is_shown_is_one_line_and_harmless(text: str) -> None:
    assert len(visible(text)) == len(text)
    assert len(f"x{visible(text)}x".splitlines()) == 1
    assert visible(visible(text)) == visible(text)
    printable(text).encode()


def test_what_is_visible_stays() -> None:
    text = "plain ä 日本 👩‍👩‍👧 e\u0301"
    assert visible(text) == text
    assert visible("a\tb\nc\x1b[0m") == "a b c\ufffd[0m"


@given(st.text())
def test_a_slug_is_part_of_an_id(text: str) -> None:
    assert slug(text)
    assert slug(text).replace("-", "").isascii()
    assert slug(slug(text)) == slug(text)


def test_numeric_columns_hold_integers_only() -> None:
    columns = tuple(Column(id=name, title=name) for name in "abcd")
    rows: list[Row] = [{"a": 1, "b": 1, "c": True, "d": None}, {"a": None, "b": "x", "c": 1, "d": None}]
    assert numeric(Table(id="t", columns=columns, rows=rows)) == {"a"}


def test_titles_places_and_changes() -> None:
    assert heading(Column(id="a", title="size", unit="byte")) == "size (byte)"
    assert [span_of(4, size, "bit") for size in (1, 2)] == ["bit 4", "bits 4 to 5"]
    step = Step(n=1, actor="a", title="t", before={"x": "1", "y": "2"}, after={"x": "1", "y": "3", "z": "4"})
    assert list(step_changes(step)) == [("y", "2", "3"), ("z", "-", "4")]


def test_a_layout_as_a_table_leaves_empty_columns_out() -> None:
    fields = (Field(name="a", offset=0, size=4), Field(name="b", offset=4, size=4, note="n"))
    table = layout_table(Layout(id="l", unit="byte", fields=fields))
    assert [heading(column) for column in table.columns] == ["offset (byte)", "size (byte)", "name", "note"]
    assert [row["offset"] for row in table.rows] == [0, 4]


def test_descriptions() -> None:
    nodes = (Node(id="a", label="one", lane="k"), Node(id="b", label="two", lane="u"))
    graph = Graph(id="g", nodes=nodes, edges=(Edge(from_="a", to="b"),), description="A path.", lanes=("u", "k"))
    assert description(graph) == "A path. 2 nodes, 1 edge, 2 lanes (u, k), in order: 1. one. 2. two."
    steps = Steps(id="s", steps=(Step(n=1, actor="cpu", title="runs", before={}, after={"x": "1"}),))
    assert description(steps) == "1 step. 1. cpu: runs (x: - -> 1)."
    layout = Layout(id="l", unit="bit", fields=(Field(name="P", offset=0, size=1, value="1"),))
    assert description(layout) == "1 field: P = 1, bit 0."
    table = Table(id="t", columns=(Column(id="a", title="A", unit="byte"),), rows=[{"a": 1}])
    assert description(table) == "1 row; columns: A (byte)."
