"""Views as text for a pipe, and the same text with colour for a terminal.

Both come from one function that yields lines of styled pieces, so that what a terminal shows without its escapes is
what a pipe gets at the same width. rich is loaded only when a terminal is written to, and is handed finished pieces:
it neither wraps nor guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import IO, assert_never

from heliograph.media import Setting
from heliograph.media.words import CLEAN, folded, heading, layout_table, leads, step_changes, stops, visible
from heliograph.media.words import width as columns_of
from heliograph.view import (
    Cell,
    Finding,
    Findings,
    Graph,
    Layout,
    Listing,
    Prose,
    Severity,
    Steps,
    Table,
    View,
    cell_text,
)

__all__ = ["Line", "lines", "render", "write_terminal"]

Line = tuple[tuple[str, str], ...]
"""A line: pieces of (text, style). The styles are the keys of :data:`STYLES`."""

STYLES = {
    "": "",
    "caption": "bold",
    "head": "bold dim",
    "dim": "dim",
    "good": "green",
    "change": "yellow",
    "bad": "bold red",
    "name": "cyan",
}

_CELL_STYLES = {
    "same": "good",
    "renumbered": "change",
    "stand-in": "change",
    "lost": "bad",
    "missing": "bad",
    "yes": "change",
}
_SEVERITY_STYLES = {Severity.NOTE: "dim", Severity.WARNING: "change", Severity.ERROR: "bad"}
_GAP = "  "
_PROSE_WIDTH = 80
_LEAST_LAST = 26


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the plain text of the views, a line each."""
    for line in lines(views, width=setting.width):
        yield "".join(text for text, _style in line) + "\n"


def write_terminal(views: Sequence[View], stream: IO[str], *, width: int, colour: bool) -> None:
    """Write the views to a terminal.

    :param width: columns; tables fold their last column to fit.
    :param colour: False leaves the text as :func:`render` gives it.
    """
    if not colour:
        for line in lines(views, width=width):
            stream.write("".join(text for text, _style in line) + "\n")
        return
    console_module, text_module = import_module("rich.console"), import_module("rich.text")
    console = console_module.Console(file=stream, markup=False, emoji=False, highlight=False, soft_wrap=True)
    for line in lines(views, width=width):
        pieces = [(text, STYLES[style]) for text, style in line]
        console.print(text_module.Text.assemble(*pieces), crop=False, overflow="ignore", no_wrap=True)


def lines(views: Sequence[View], *, width: int | None) -> Iterator[Line]:
    """Yield all lines, with an empty one between two views. An artefact is the whole text: the rest is left out.

    An artefact is raw; elsewhere what a terminal would obey, such as an escape in a file's name, shows as U+FFFD.
    """
    artefacts = [view for view in views if isinstance(view, Listing) and view.artefact]
    if artefacts:
        for artefact in artefacts:
            yield from (((line, ""),) for line in artefact.text.rstrip("\n").split("\n"))
        return
    for index, view in enumerate(views):
        if index:
            yield ()
        for line in _view(view, width):
            yield tuple((visible(text), style) for text, style in line)


def _view(view: View, width: int | None) -> Iterator[Line]:
    match view:
        case Table():
            yield from _table(view, width)
        case Layout():
            yield from _table(layout_table(view), width)
        case Steps():
            yield from _steps(view, width)
        case Listing():
            if view.caption:
                yield ((view.caption, "caption"),)
            yield from _listing(view)
        case Findings():
            yield from _findings(view)
        case Graph():
            yield from _graph(view, width)
        case Prose():
            yield from _paragraph(view.text, width)
        case _:
            assert_never(view)


def _paragraph(text: str, width: int | None, indent: str = "", style: str = "") -> Iterator[Line]:
    room = min(width or _PROSE_WIDTH, 100)
    for line in folded(text, max(room - len(indent), 8)) if text.strip() else ():
        yield ((indent + line, style),)


def _table(table: Table, width: int | None) -> Iterator[Line]:
    if table.caption:
        yield from _paragraph(table.caption, width, style="caption")
    columns = table.shown
    heads = [heading(column) for column in columns]
    widths = [columns_of(head) for head in heads]
    right = [True] * len(columns)
    count = 0
    for row in table.rows:
        count += 1
        for index, column in enumerate(columns):
            cell = row.get(column.id)
            widths[index] = max(widths[index], columns_of(cell_text(cell)))
            right[index] &= cell is None or (isinstance(cell, int) and not isinstance(cell, bool))
    if not count:
        yield ((f"({table.empty})", "dim"),)
        return
    fixed = sum(widths[:-1]) + len(_GAP) * (len(columns) - 1)
    if width is not None and fixed - len(_GAP) > width:
        yield from _records(table, heads, width)
        return
    room = None if width is None else max(width - fixed, 0)
    fold_below = room is not None and room < min(widths[-1], _LEAST_LAST) and len(columns) > 1
    shown = len(columns) - 1 if fold_below else len(columns)
    sides = zip(heads, widths, right, strict=True)
    aligned = [_padded(text, size, side) for text, size, side in sides]
    yield ((_GAP.join(aligned[:shown]).rstrip(), "head"),)
    for row in table.rows:
        cells = [row.get(column.id) for column in columns]
        if fold_below:
            yield _row(cells[:shown], widths, right)
            yield from _paragraph(cell_text(cells[-1]), width, indent="    ", style="dim")
        else:
            yield from _folded_row(cells, widths, right, fixed, room)


def _records(table: Table, heads: Sequence[str], width: int) -> Iterator[Line]:
    """Yield a block of lines for each row, ``title  value``: the table is wider than the terminal."""
    label = max(map(columns_of, heads))
    for number, row in enumerate(table.rows):
        if number:
            yield ()
        for head, column in zip(heads, table.shown, strict=True):
            text = cell_text(row.get(column.id))
            if not text:
                continue
            first, *more = folded(text, max(width - label - len(_GAP), 8))
            yield ((head + " " * (label - columns_of(head) + len(_GAP)), "head"), (first, _CELL_STYLES.get(text, "")))
            for rest in more:
                yield ((" " * (label + len(_GAP)) + rest, ""),)


def _padded(text: str, size: int, right: bool) -> str:
    blanks = " " * (size - columns_of(text))
    return blanks + text if right else text + blanks


def _row(cells: Sequence[Cell], widths: Sequence[int], right: Sequence[bool]) -> Line:
    pieces: list[tuple[str, str]] = []
    for index, cell in enumerate(cells):
        text = cell_text(cell)
        padded = _padded(text, widths[index], right[index])
        if index:
            pieces.append((_GAP, ""))
        pieces.append((padded, _CELL_STYLES.get(text, "")))
    if pieces:
        pieces[-1] = (pieces[-1][0].rstrip(), pieces[-1][1])
    return _trimmed(pieces)


def _trimmed(pieces: Sequence[tuple[str, str]]) -> Line:
    """Return the pieces without white space at the end of the line."""
    kept = list(pieces)
    while kept and not kept[-1][0].rstrip():
        kept.pop()
    if kept:
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return tuple(kept)


def _folded_row(
    cells: Sequence[Cell], widths: Sequence[int], right: Sequence[bool], fixed: int, room: int | None
) -> Iterator[Line]:
    last = cell_text(cells[-1])
    if room is None or columns_of(last) <= room:
        yield _row(cells, widths, right)
        return
    first, *more = folded(last, max(room, 8))
    yield _row([*cells[:-1], first], [*widths[:-1], 0], [*right[:-1], False])
    for rest in more:
        yield ((" " * fixed + rest, ""),)


def _steps(steps: Steps, width: int | None) -> Iterator[Line]:
    if steps.caption:
        yield from _paragraph(steps.caption, width, style="caption")
    number_width = len(str(len(steps.steps)))
    for step in steps.steps:
        indent = " " * (number_width + 2)
        first, *more = folded(f"{step.actor}: {step.title}", max((width or 10_000) - len(indent), 8))
        actor = min(len(step.actor), len(first))
        yield ((f"{step.n:>{number_width}}. ", "dim"), (first[:actor], "name"), (first[actor:], ""))
        for rest in more:
            yield ((indent + rest, ""),)
        for name, before, after in step_changes(step):
            yield ((f"{indent}{name}: {before} -> {after}", "change"),)
        if step.note:
            yield from _paragraph(step.note, width, indent=indent, style="dim")


def _listing(listing: Listing) -> Iterator[Line]:
    for number, line in enumerate(listing.text.rstrip("\n").split("\n"), 1):
        yield ((line, "change" if number in listing.marks else ""),)


def _findings(findings: Findings) -> Iterator[Line]:
    if findings.caption:
        yield ((findings.caption, "caption"),)
    if not findings.items:
        yield ((CLEAN, "good"),)
    for item in findings.items:
        yield from _finding(item)


def _finding(item: Finding) -> Iterator[Line]:
    yield (
        (f"{item.file}:{item.line}:{item.column}: ", ""),
        (str(item.severity), _SEVERITY_STYLES[item.severity]),
        (f": {item.message} ", ""),
        (f"[{item.code}]", "dim"),
    )
    if item.fix:
        yield ((f"  fix: {item.fix}", "good"),)


def _graph(graph: Graph, width: int | None) -> Iterator[Line]:
    """Yield the nodes in order, each with its lane and with the edges that leave it elsewhere than to the next."""
    if graph.caption or graph.title:
        yield from _paragraph(graph.caption or graph.title, width, style="caption")
    lane_width = max((columns_of(node.lane) for node in graph.nodes), default=0)
    number_width = len(str(len(graph.nodes)))
    for stop, links in stops(graph):
        number, node = stop.number, stop.node
        style = {"fault": "bad", "translate": "change"}.get(node.kind, "")
        yield (
            (f"{number:>{number_width}}. ", "dim"),
            (_padded(node.lane, lane_width, False), "name"),
            (_GAP + node.label, style),
        )
        indent = " " * (number_width + 2 + lane_width + len(_GAP))
        if node.note:
            yield from _paragraph(node.note, width, indent=indent, style="dim")
        for link in links:
            yield ((indent + leads(link, "->"), "dim"),)
