"""SVG: text inside its box, documents that stand alone, pictures that share a page."""

from __future__ import annotations

from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import tables
from tests.unit.media.sample import HOSTILE, SETTING, all_views, check_html, svg_of, written

from heliograph.cli import draw_graph
from heliograph.errors import Error
from heliograph.media import Setting, drawing
from heliograph.media.svg import inline
from heliograph.media.words import width
from heliograph.view import Column, Field, Graph, Layout, Step, Steps, Table

ENGINE = Setting(draw=draw_graph)
DRAWN = (Graph, Layout, Steps, Table)

_text = st.text(max_size=12) | st.sampled_from(HOSTILE) | st.text(alphabet="日本 a", max_size=60)
layouts = st.builds(
    lambda unit, sizes, texts: Layout(
        id="l",
        unit=unit,
        fields=tuple(
            Field(name=name, offset=sum(sizes[:n]) + gap * n, size=size, value=value)
            for n, (size, (name, value, gap)) in enumerate(zip(sizes, texts, strict=False))
        ),
    ),
    st.sampled_from(["bit", "byte"]),
    st.lists(st.sampled_from([1, 2, 3, 8, 12, 64, 4096]), max_size=8),
    st.lists(st.tuples(_text, _text, st.sampled_from([0, 0, 5])), max_size=8),
)
steps = st.lists(
    st.builds(
        lambda actor, title, after, note: Step(n=1, actor=actor, title=title, before={}, after=after, note=note),
        _text,
        _text,
        st.dictionaries(_text, _text, max_size=2),
        _text,
    ),
    max_size=4,
).map(lambda found: Steps(id="s", steps=tuple(found)))


def span(text: Element) -> tuple[float, float]:
    """Return where a line of text begins and ends in a fixed-width font, 0.6 of the size a column."""
    x, wide = float(text.get("x", "")), width(text.text or "") * drawing.SIZE * 0.6
    match text.get("text-anchor", "start"):
        case "start":
            return x, x + wide
        case "middle":
            return x - wide / 2, x + wide / 2
    return x - wide, x


def check_inside(picture: drawing.Picture) -> None:
    """Assert that each text lies inside the picture, and that one between the sides of a box is not cut by them."""
    boxes = [
        {name: float(box.get(name, "")) for name in ("x", "y", "width", "height")} for box in picture.body.iter("rect")
    ]
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= picture.width + 0.02
        assert box["y"] + box["height"] <= picture.height + 0.02
    for text in picture.body.iter("text"):
        first, last = span(text)
        y = float(text.get("y", ""))
        assert first >= -0.01
        assert last <= picture.width + 0.01
        assert drawing.SIZE * 0.7 <= y <= picture.height
        around = [
            box
            for box in boxes
            if box["y"] < y <= box["y"] + box["height"] and box["x"] <= (first + last) / 2 <= box["x"] + box["width"]
        ]
        for box in around:
            assert first >= box["x"] - 0.01
            assert last <= box["x"] + box["width"] + 0.01


@given(layouts)
def test_text_of_a_layout_is_inside_its_box(view: Layout) -> None:
    check_inside(drawing.layout(view))


@given(steps)
def test_text_of_steps_is_inside_its_box(view: Steps) -> None:
    check_inside(drawing.steps(view))


@given(tables())
def test_text_of_a_table_is_inside_its_column(view: Table) -> None:
    picture = drawing.table(view)
    check_inside(picture)
    lines: dict[float, list[tuple[float, float]]] = {}
    for text in picture.body.iter("text"):
        lines.setdefault(float(text.get("y", "")), []).append(span(text))
    for spans in lines.values():
        ordered = sorted(spans)
        assert all(before[1] <= after[0] + 0.01 for before, after in pairwise(ordered))


def test_bits_run_from_the_highest_and_bytes_from_the_lowest() -> None:
    fields = (Field(name="low", offset=0, size=4), Field(name="high", offset=8, size=4))
    orders = {}
    for unit in ("bit", "byte"):
        body = drawing.layout(Layout(id="l", unit=unit, fields=fields)).body
        orders[unit] = [text.text for text in body.iter("text") if text.get("class") == "helio-name" and text.text]
        gaps = [box for box in body.iter("rect") if box.get("class") == "helio-gap"]
        assert len(gaps) == 1
    assert orders == {"bit": ["high", "low"], "byte": ["low", "high"]}


@pytest.mark.parametrize("kind", DRAWN)
def test_a_document_stands_alone(kind: type[Graph | Layout | Steps | Table]) -> None:
    text = written("svg", all_views("a name")[kind], setting=ENGINE)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    assert text.count('xmlns="http://www.w3.org/2000/svg"') == 1
    root = svg_of(text)
    assert {"viewBox", "width", "height", "role"} <= set(root.attrib)
    assert "prefers-color-scheme: dark" in (next(root.iter("style")).text or "")
    assert not list(root.iter("a"))
    check_named(root, "a name")


def check_named(svg: Element, title: str) -> None:
    by_id = {element.get("id"): element for element in svg.iter() if element.get("id")}
    name = by_id[svg.get("aria-labelledby")]
    told = by_id[svg.get("aria-describedby")]
    assert (name.tag, name.text) == ("title", title)
    assert told.tag == "desc"
    assert told.text


def test_several_views_make_one_document() -> None:
    view = all_views("a name")
    root = svg_of(written("svg", *(view[kind] for kind in DRAWN), view[Table]))
    parts = [child for child in root if child.tag == "svg"]
    assert len(parts) == 5
    bottoms = [float(part.get("y", "")) + float(part.get("height", "")) for part in parts]
    assert all(float(part.get("y", "")) > bottom for part, bottom in zip(parts[1:], bottoms, strict=False))
    assert bottoms[-1] <= float(root.get("height", "")) + 0.02
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_inline_pictures_share_a_page() -> None:
    """No id twice, no style of their own, no colour of their own; links have names."""
    graph = all_views("a name")[Graph]
    assert isinstance(graph, Graph)
    parts = [inline(graph, ENGINE, prefix=f"p-{n}", links=False) for n in range(3)]
    check_html("".join(parts))
    linked = svg_of(inline(graph, ENGINE, prefix="p"))
    check_named(linked, "a name")
    links = list(linked.iter("a"))
    assert [link.get("href") for link in links] == ["#p-at-a-name", "#p-at-b", "#p-at-c"]
    assert [link.get("aria-label") for link in links] == ["1. a name: a name", "2. k: b", "3. c"]
    colours = {element.get(name) for element in linked.iter() for name in ("fill", "stroke")}
    assert colours <= {"none", "currentColor", "transparent", None}
    assert not list(linked.iter("style"))


@pytest.mark.parametrize("kind", DRAWN)
def test_title_and_description_are_made_from_the_view(kind: type[Graph | Layout | Steps | Table]) -> None:
    empty: dict[type, Graph | Layout | Steps | Table] = {
        Graph: Graph(id="a-path", nodes=(), edges=()),
        Layout: Layout(id="a-path", unit="bit", fields=()),
        Steps: Steps(id="a-path", steps=()),
        Table: Table(id="a-path", columns=(Column(id="x", title="x"),), rows=[]),
    }
    check_named(svg_of(written("svg", empty[kind])), "a path")


@pytest.mark.parametrize("drawn", ["no svg", "<svg/>", "<svg><g/></svg>"])
def test_an_engine_that_answers_with_something_else_is_an_error(drawn: str) -> None:
    with pytest.raises(Error, match="engine answered"):
        written("svg", all_views("x")[Graph], setting=Setting(draw=lambda _dot: drawn))


def test_svg_in_html_is_the_same_picture_as_alone() -> None:
    view = all_views("x")[Layout]
    assert isinstance(view, Layout)
    alone = svg_of(written("svg", view))
    beside = svg_of(inline(view, SETTING, prefix="p"))
    assert [(text.text, text.attrib) for text in alone.iter("text")] == [
        (text.text, text.attrib) for text in beside.iter("text")
    ]
