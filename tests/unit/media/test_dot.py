"""DOT: fonts that the engine knows, the order of the nodes, ids that are the only ones of their kind."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from tests.strategies import graphs
from tests.unit.media.sample import HOSTILE, SETTING, all_views, check_html, svg_of, written

from heliograph.cli import draw_graph
from heliograph.media import Setting, dot
from heliograph.media.words import stops
from heliograph.view import Edge, Graph, Node

ENGINE = Setting(draw=draw_graph)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def ids(source: str) -> Counter[str]:
    return Counter(re.findall(r' id="([^"]*)"', source))


def path(*idents: str, edges: tuple[Edge, ...] = ()) -> Graph:
    nodes = tuple(Node(id=ident, label=ident, lane="kernel" if n % 2 else "libc") for n, ident in enumerate(idents))
    return Graph(id="g", nodes=nodes, edges=edges)


def test_only_known_fonts_are_named() -> None:
    source = written("dot", all_views("some text")[Graph])
    assert "fontname" in source
    assert dot.foreign_fonts(source) == frozenset()


@pytest.mark.parametrize(
    "source",
    [
        "node [fontname=Times]",
        'node [fontname="Times"]',
        "node [FontName = Times, fontsize=9]",
        "a [label=<<font face='Times'>x</font>>]",
        'a [label=<<FONT FACE="Times">x</FONT>>]',
    ],
)
def test_a_foreign_font_is_caught(source: str) -> None:
    assert dot.foreign_fonts(f"digraph {{ {source} }}") == {"Times"}
    assert dot.foreign_fonts(f"digraph {{ {source.replace('Times', 'Courier')} }}") == frozenset()


def test_nodes_keep_their_order() -> None:
    """In the text, and from the top of the picture down, whatever the edges say."""
    idents = ["d", "b", "e", "a", "c"]
    graph = path(*idents, edges=(Edge(from_="c", to="d"), Edge(from_="e", to="b"), Edge(from_="d", to="b")))
    source = written("dot", graph)
    assert re.findall(r"^  \"(\w)\" \[", source, re.MULTILINE) == idents
    root = svg_of(written("svg", graph, setting=ENGINE))
    tops = {}
    for group in root.iter("g"):
        match = re.fullmatch(r"p0-g-node-(\w)", group.get("id", ""))
        if match:
            tops[match[1]] = float(next(group.iter("text")).get("y", ""))
    assert sorted(tops, key=tops.__getitem__) == idents


def test_ids_are_unique_whatever_the_nodes_are_called() -> None:
    """Ids that fold to one word, and words that the picture uses itself."""
    hard = path("a-3", "a", "a!", "title", "desc", "graph", "lane 0", "edge-1", "node-a", "at-a", "日本", "本日", "x")
    both = (hard, hard)
    for setting in (SETTING, ENGINE):
        check_html(written("html", *both, setting=setting))
    assert max(ids(written("dot", *both)).values()) == 1
    drawn = [element.get("id") for element in svg_of(written("svg", *both, setting=ENGINE)).iter() if element.get("id")]
    assert len(drawn) == len(set(drawn))


@given(graphs())
def test_anchors_of_any_graph_are_unique(graph: Graph) -> None:
    anchors = [stop.anchor for stop, _links in stops(graph)]
    assert len(set(anchors)) == len(graph.nodes)
    assert max(ids(written("dot", graph, graph)).values()) == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_strings_are_whole(text: str) -> None:
    """Nothing of the text is left outside a DOT string."""
    source = written("dot", all_views(text)[Graph])
    outside = _STRING.sub("", source)
    assert '"' not in outside
    assert set(re.findall(r"[^\w\s=\[\]{};.>-]", outside)) == set()


def test_the_engine_reads_every_hostile_text_and_shows_it() -> None:
    """One picture with a node for each, so that the engine is started once."""
    nodes = tuple(Node(id=f"{text}-{n}", label=text, lane=text, note=text) for n, text in enumerate(HOSTILE))
    edges = tuple(Edge(from_=a.id, to=b.id, label=a.label) for a, b in pairwise(nodes))
    root = svg_of(written("svg", Graph(id="g", nodes=nodes, edges=edges), setting=ENGINE))
    shown = {"".join((text.text or "").split()) for text in root.iter("text")}
    for text in ("<script>alert(1)</script>", "trailing\\", "\\|", "&amp; & \"double\" 'single'", "日本語の長い名前"):
        assert "".join(text.split()) in shown
    assert not list(root.iter("script"))


@settings(max_examples=5)
@given(graphs())
def test_any_graph_is_drawn(graph: Graph) -> None:
    svg_of(written("svg", graph, setting=ENGINE))
