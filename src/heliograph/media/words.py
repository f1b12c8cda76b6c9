"""What several media say of a view in words: titles, descriptions, and the text equivalents of pictures.

Nothing here is typed by hand for one picture: every sentence is made from the view, so that a picture and what is said
of it cannot disagree.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from heliograph.view import Cell, Column, Edge, Graph, Layout, Node, Step, Steps, Table, cell_text

__all__ = [
    "CLEAN",
    "IN_WORDS",
    "Link",
    "Stop",
    "cell_word",
    "changes",
    "description",
    "folded",
    "heading",
    "lanes",
    "layout_table",
    "leads",
    "numeric",
    "printable",
    "slug",
    "span_of",
    "step_changes",
    "stops",
    "title",
    "told",
    "visible",
    "width",
]

CLEAN = "clean: nothing found"
"""What Findings without an item say."""

IN_WORDS = "The same in words"
"""The heading of what stands beside a picture."""

# Verdicts: cells that hold exactly one of these words may be marked by a medium, beside the word itself.
_VERDICTS = frozenset({"same", "renumbered", "stand-in", "lost", "missing", "yes", "no"})

# What XML 1.0 cannot hold, apart from tab and line feed.
_UNPRINTABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a terminal obeys instead of showing it, what would end a line, and what no encoding can write.
_BLANKS = re.compile("[\t-\r\u0085\u2028\u2029]")
_OBEYED = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge as its first node tells it; ``target`` is None when it only leads to the next node."""

    edge: Edge
    target: Stop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A node of a Graph with its number (from 1) and an anchor that no other node of the graph has."""

    number: int
    node: Node
    anchor: str


def printable(text: str) -> str:
    """Return ``text`` with U+FFFD for every character that XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)


def visible(text: str) -> str:
    """Return ``text`` as one line for a terminal: blanks for white space, U+FFFD for what a terminal would obey."""
    return text if text.isprintable() else _OBEYED.sub("\ufffd", _BLANKS.sub(" ", text))


def slug(text: str) -> str:
    """Return ``text`` as a part of an id: letters, digits and hyphens, never empty."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "x"


def width(text: str) -> int:
    """Return how many columns ``text`` takes in a fixed-width font."""
    return len(text) if text.isascii() else sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def folded(text: str, room: int, indent: str = "") -> list[str]:
    """Return the lines of ``text`` folded at ``room`` columns, words kept whole where they fit; at least one line.

    :param indent: what every line but the first begins with.
    """
    if width(text) == len(text):
        return textwrap.wrap(text, room, subsequent_indent=indent, break_on_hyphens=False) or [""]
    lines = [text[: len(text) - len(text.lstrip())] if text.strip() else ""]
    for word in text.split():
        begun = f"{lines[-1]} {word}" if lines[-1].strip() else f"{lines[-1]}{word}"
        if width(begun) <= room:
            lines[-1] = begun
            continue
        if lines[-1].strip():
            lines.append(indent)
        for char in word:
            if lines[-1].strip() and width(lines[-1] + char) > room:
                lines.append(indent)
            lines[-1] += char
    return lines


def cell_word(cell: Cell) -> str:
    """Return the verdict that a cell consists of, or nothing."""
    text = cell_text(cell)
    return text if text in _VERDICTS else ""


def heading(column: Column) -> str:
    """Return a column's title with its unit."""
    return f"{column.title} ({column.unit})" if column.unit else column.title


def numeric(table: Table) -> frozenset[str]:
    """Return the ids of the columns that hold integers and nothing else; these are set flush right."""
    with_number: set[str] = set()
    with_text: set[str] = set()
    for row in table.rows:
        for column in table.columns:
            cell = row.get(column.id)
            if cell is not None:
                is_number = isinstance(cell, int) and not isinstance(cell, bool)
                (with_number if is_number else with_text).add(column.id)
    return frozenset(with_number - with_text)


def layout_table(layout: Layout) -> Table:
    """Return the fields of a Layout as a Table; columns that are empty throughout are left out."""
    rows: list[Mapping[str, Cell]] = [
        {"offset": f.offset, "size": f.size, "name": f.name, "value": f.value, "note": f.note} for f in layout.fields
    ]
    names = [n for n in ("offset", "size", "name", "value", "note") if any(row[n] not in ("", None) for row in rows)]
    columns = tuple(Column(id=n, title=n, unit=layout.unit if n in ("offset", "size") else "") for n in names)
    return Table(id=layout.id, caption=layout.caption, columns=columns, rows=rows)


def step_changes(step: Step) -> Iterator[tuple[str, str, str]]:
    """Yield (name, before, after) for every part of the state that the step alters; ``-`` is what was not there."""
    for name, after in step.after.items():
        before = step.before.get(name)
        if before != after:
            yield name, "-" if before is None else before, after


def changes(step: Step) -> str:
    """Return what a step alters, in one line."""
    return "; ".join(f"{name}: {before} -> {after}" for name, before, after in step_changes(step))


def lanes(graph: Graph) -> tuple[str, ...]:
    """Return the lanes in their order: those that the graph lists, then the others as the nodes bring them."""
    return tuple(dict.fromkeys(lane for lane in (*graph.lanes, *(node.lane for node in graph.nodes)) if lane))


def stops(graph: Graph) -> tuple[tuple[Stop, tuple[Link, ...]], ...]:
    """Return the nodes in order, each with the edges that are worth telling: those with a label or to elsewhere."""
    found: dict[str, Stop] = {}
    anchors: set[str] = set()
    for number, node in enumerate(graph.nodes, 1):
        anchor = slug(node.id)
        while anchor in anchors:
            anchor = f"{anchor}-{number}"
        anchors.add(anchor)
        found[node.id] = Stop(number=number, node=node, anchor=anchor)
    return tuple((stop, tuple(_links(graph.edges, stop, found))) for stop in found.values())


def _links(edges: Iterable[Edge], stop: Stop, found: Mapping[str, Stop]) -> Iterator[Link]:
    for edge in edges:
        if edge.from_ == stop.node.id:
            target = found[edge.to]
            is_next = target.number == stop.number + 1
            if edge.label or not is_next:
                yield Link(edge=edge, target=None if is_next else target)


def told(node: Node) -> str:
    """Return what is said of a node beside its name: the note, and where it can be read."""
    return ". ".join(text for text in (node.note, f"Source: {node.source}" if node.source else "") if text)


def leads(link: Link, arrow: str = "→") -> str:
    """Return an edge as its first node tells it: an arrow, where it leads, and its label."""
    to = f" {link.target.node.label}" if link.target else ""
    label = f"{': ' if to else ' '}{link.edge.label}" if link.edge.label else ""
    return f"{arrow}{to}{label}"


def title(view: Table | Layout | Steps | Graph) -> str:
    """Return the name of a picture: its title or caption, else its id as words."""
    own = view.title if isinstance(view, Graph) else ""
    return printable(own or view.caption or view.id.replace("-", " ").replace("_", " "))


def description(view: Table | Layout | Steps | Graph) -> str:
    """Return what a picture shows, for a reader who does not see it."""
    match view:
        case Table():
            return printable(_table_in_words(view))
        case Layout():
            return printable(_layout_in_words(view))
        case Steps():
            return printable(f"{_count(len(view.steps), 'step')}. " + " ".join(map(_step_in_words, view.steps))).strip()
        case Graph():
            return printable(_graph_in_words(view))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table_in_words(table: Table) -> str:
    rows = sum(1 for _row in table.rows)
    return f"{_count(rows, 'row')}; columns: {', '.join(heading(column) for column in table.shown)}."


def span_of(offset: int, size: int, unit: str) -> str:
    """Return a field's place in words, such as ``bits 12 to 20`` or ``byte 4``."""
    if size == 1:
        return f"{unit} {offset}"
    return f"{unit}s {offset} to {offset + size - 1}"


def _layout_in_words(layout: Layout) -> str:
    parts = [
        f"{field.name}{' = ' + field.value if field.value else ''}, {span_of(field.offset, field.size, layout.unit)}"
        for field in layout.fields
    ]
    return f"{_count(len(parts), 'field')}: {'; '.join(parts)}."


def _step_in_words(step: Step) -> str:
    altered = changes(step)
    return f"{step.n}. {step.actor}: {step.title}{' (' + altered + ')' if altered else ''}."


def _graph_in_words(graph: Graph) -> str:
    in_lanes = lanes(graph)
    counted = f"{_count(len(graph.nodes), 'node')}, {_count(len(graph.edges), 'edge')}"
    if in_lanes:
        counted += f", {_count(len(in_lanes), 'lane')} ({', '.join(in_lanes)})"
    path = " ".join(f"{stop.number}. {stop.node.label}." for stop, _links in stops(graph))
    told = f"{graph.description.rstrip('.')}. " if graph.description else ""
    return f"{told}{counted}, in order: {path}"
