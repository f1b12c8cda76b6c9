"""A Graph in the DOT language of Graphviz.

A picture with lanes is laid out like a table: a column a lane, a row a node, in the order of the path. The engine is
given the places, and draws boxes and edges. Without lanes it ranks the nodes, and invisible edges keep their order.

Only Helvetica and Courier are named: an engine without fonts (the wheel's, and the one in the browser) knows the widths
of these, takes Times for any other name without a word, and then text runs out of its box. Meaning is carried by shape
and by class, never by a colour: the page's style sheet colours the classes.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import assert_never

from heliograph.errors import UnsupportedError
from heliograph.media import Setting
from heliograph.media.words import Stop, lanes, printable, slug, stops
from heliograph.view import Edge, Findings, Graph, Layout, Listing, Prose, Steps, Table, View

__all__ = ["FONTS", "dot", "foreign_fonts", "render"]

FONTS = frozenset({"Helvetica", "Courier"})
"""The font names that may occur in DOT."""

# A kind is told apart by its shape; a kind that is not listed is a box.
_SHAPES = {
    "fault": 'shape=octagon margin="0.16,0.06"',
    "translate": "shape=box peripheries=2",
    "data": 'shape=note margin="0.14,0.07"',
    "return": 'shape=box style="rounded,dashed"',
}
_BOX = "shape=box style=rounded"
_EDGES = {"return": "style=dashed", "fault": "style=bold"}
_LABEL_WIDTH = 30


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the DOT text of every Graph.

    :raises UnsupportedError: a view that is no Graph.
    """
    for index, view in enumerate(views):
        match view:
            case Graph():
                yield from dot(view, prefix=f"p{index}-{slug(view.id)}", links=False)
            case Table() | Layout() | Steps() | Listing() | Findings() | Prose():
                raise UnsupportedError("--format dot", f"it cannot show a {type(view).__name__.lower()}")
            case _:
                assert_never(view)


def dot(graph: Graph, *, prefix: str, links: bool) -> Iterator[str]:
    """Yield the lines of the DOT text.

    :param prefix: what every id in the picture begins with, so that two pictures can share a page.
    :param links: make every node a link to ``#prefix-at-anchor``, its item in the list beside the picture.
    """
    path = [stop for stop, _links in stops(graph)]
    places = _places(graph, path) if all(stop.node.lane for stop in path) else {}
    yield f'digraph "{slug(graph.id)}" {{\n'
    yield f'  graph [id="{prefix}-graph" bgcolor=transparent pad=0.1 fontname=Helvetica fontsize=11\n'
    yield f"    {_PINNED if places else _RANKED}]\n"
    yield '  node [fontname=Courier fontsize=11 height=0.3 margin="0.1,0.05"]\n'
    yield "  edge [fontname=Helvetica fontsize=10 arrowsize=0.7]\n"
    if places:
        yield from _heads(lanes(graph), places, prefix)
    for stop in path:
        yield f"  {_node(stop, places.get(stop.anchor, ''), prefix, links=links)}\n"
    yield from _edges(graph, path, prefix, ranked=not places)
    yield "}\n"


# ---------------------------------------------------------------- lanes

_PINNED = 'layout=neato splines=true esep="+4" sep="+6"'
_RANKED = "rankdir=TB newrank=true nodesep=0.3 ranksep=0.22"
_CHARACTER, _MARGIN = 6.7, 18.0
"""Points of a character of a label, and of what stands beside it."""
_ROW, _LINE = 42.0, 13.0
_TOLD = 17.0
"""Points from a row to the next, for a further line of a node, and for a line that stands on the edge."""
_LEAST_LANE, _SHARE = 96.0, 0.62
"""Points from a lane to the next, and the part of two neighbours' widths that they need: rows do not meet."""


def _places(graph: Graph, path: Sequence[Stop]) -> dict[str, str]:
    """Return the ``pos`` attribute of every node by its anchor, and of every lane's head by :func:`_head`."""
    across, x, before = {}, 0.0, 0.0
    for lane in lanes(graph):
        labels = [stop.node.label for stop in path if stop.node.lane == lane]
        wide = max((max(map(len, _folded(label))) for label in labels), default=0) * _CHARACTER + _MARGIN
        x += max(_LEAST_LANE, _SHARE * (wide + before) / 2) if before else 0.0
        across[lane], before = x, wide
    found = {_head(index): _pos(across[lane], 0.0) for index, lane in enumerate(lanes(graph))}
    leaving = {edge.from_: edge.label for edge in graph.edges}
    y = -_ROW
    for stop in path:
        own = len(_folded(stop.node.label)) - 1
        y -= own * _LINE / 2
        found[stop.anchor] = _pos(across[stop.node.lane], y)
        told = leaving.get(stop.node.id, "")
        y -= _ROW + own * _LINE / 2 + (len(_folded(told)) * _TOLD if told else 0.0)
    return found


def _pos(x: float, y: float) -> str:
    return f'pos="{x / 72:.3f},{y / 72:.3f}!"'


def _heads(columns: Sequence[str], places: Mapping[str, str], prefix: str) -> Iterator[str]:
    """Yield the names of the lanes above them."""
    for index, lane in enumerate(columns):
        yield (
            f'  "{_head(index)}" [shape=plaintext fontname=Helvetica label={_label(lane, 22)} {places[_head(index)]} '
            f'class="helio-lane" id="{prefix}-lane-{index}" tooltip=" "]\n'
        )


def _head(index: int) -> str:
    """Return the name of a lane's head; with its blank it is no node's."""
    return f"lane {index}"


def _name(stop: Stop) -> str:
    """Return the name of a node in DOT; unlike its id it can hold no quotes or backslashes."""
    return f'"{stop.anchor}"'


def _node(stop: Stop, place: str, prefix: str, *, links: bool) -> str:
    node = stop.node
    shape = _SHAPES.get(node.kind, _BOX)
    told = "; ".join(text for text in (node.lane, node.note, node.source) if text) or node.label
    link = f' URL="#{prefix}-at-{stop.anchor}"' if links else ""
    return (
        f"{_name(stop)} [label={_label(node.label)} {shape} {place}{' ' if place else ''}"
        f'class="helio-node helio-{slug(node.kind)}" id="{prefix}-node-{stop.anchor}" '
        f"tooltip={_text(told)}{link}]"
    )


def _edges(graph: Graph, path: Sequence[Stop], prefix: str, *, ranked: bool) -> Iterator[str]:
    """Yield the edges, and where ranks make the rows an invisible one to the next node if the path has none."""
    by_id = {stop.node.id: stop for stop in path}
    joined = {(edge.from_, edge.to) for edge in graph.edges}
    for before, after in pairwise(path) if ranked else ():
        if (before.node.id, after.node.id) not in joined:
            yield f"  {_name(before)} -> {_name(after)} [style=invis]\n"
    for number, edge in enumerate(graph.edges, 1):
        yield f"  {_edge(edge, by_id[edge.from_], by_id[edge.to], f'{prefix}-edge-{number}')}\n"


def _edge(edge: Edge, before: Stop, after: Stop, ident: str) -> str:
    attributes = [
        f'class="helio-edge helio-{slug(edge.kind)}"',
        f'id="{ident}" tooltip=" "',
    ]
    if edge.label:
        attributes.append(f"label={_label(f' {edge.label} ')}")
    if edge.kind in _EDGES:
        attributes.append(_EDGES[edge.kind])
    if before.number >= after.number:
        attributes.append("constraint=false")
    return f"{_name(before)} -> {_name(after)} [{' '.join(attributes)}]"


def _text(text: str) -> str:
    """Return a DOT string for a reader, in which backslash and ampersand would otherwise be escapes."""
    escaped = printable(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n") + '"'


def _folded(text: str, columns: int = _LABEL_WIDTH) -> list[str]:
    """Return the lines of a label folded at ``columns``, words kept whole."""
    return [
        line
        for paragraph in text.split("\n")
        for line in textwrap.wrap(paragraph, columns, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _label(text: str, columns: int = _LABEL_WIDTH) -> str:
    """Return the text folded at ``columns`` as a DOT string."""
    pad = " " if text.startswith(" ") else ""
    return _text("\n".join(f"{pad}{line}{pad}" for line in _folded(text, columns)))


def foreign_fonts(source: str) -> frozenset[str]:
    """Return the font names in a DOT text that the engine has no widths for."""
    named = re.findall(r'(?:fontname|face)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,;\]>]+)', source, re.IGNORECASE)
    return frozenset(name.strip("\"'") for name in named) - FONTS
