"""Views as Markdown: CommonMark with the tables of GitHub's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from heliograph.media import Setting
from heliograph.media.words import (
    CLEAN,
    Link,
    Stop,
    heading,
    layout_table,
    leads,
    numeric,
    printable,
    step_changes,
    stops,
    told,
)
from heliograph.view import (
    Finding,
    Findings,
    Graph,
    Layout,
    Listing,
    Prose,
    Steps,
    Table,
    View,
    cell_text,
)

__all__ = ["render"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&])")
_BEGINS_BLOCK = re.compile(r"^([-+=]|\d+(?=[.)]))")


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the Markdown of each view, with an empty line between two; an artefact stands alone."""
    artefacts = [view for view in views if isinstance(view, Listing) and view.artefact]
    for index, view in enumerate(artefacts or views):
        if index:
            yield "\n"
        yield from _view(view)


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, in one line, behind other text of that line."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def _first(text: str) -> str:
    """Return text that Markdown shows as it is at the start of a block, where it begins no list and no heading."""
    return _BEGINS_BLOCK.sub(lambda match: f"{match[1]}\\" if match[1].isdigit() else f"\\{match[1]}", _plain(text))


def _strong(text: str) -> str:
    """Return text set strong, or nothing."""
    return f"**{plain}**" if (plain := _plain(text)) else ""


def _code(text: str) -> str:
    """Return a span of code whose fence is longer than any run of backquotes in it."""
    shown = " ".join(printable(text).split())
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _view(view: View) -> Iterator[str]:
    match view:
        case Table():
            yield from _table(view)
        case Layout():
            yield from _table(layout_table(view))
        case Steps():
            yield from _steps(view)
        case Listing():
            yield from _caption(view.caption)
            yield from _fence(view)
        case Findings():
            yield from _findings(view)
        case Graph():
            yield from _graph(view)
        case Prose():
            yield f"{_first(view.text)}\n"
        case _:
            assert_never(view)


def _caption(text: str) -> Iterator[str]:
    if strong := _strong(text):
        yield f"{strong}\n\n"


def _table(table: Table) -> Iterator[str]:
    yield from _caption(table.caption)
    numbers = numeric(table)
    columns = table.shown
    empty = True
    for row in table.rows:
        if empty:
            yield f"| {' | '.join(_plain(heading(column)) for column in columns)} |\n"
            yield f"|{'|'.join('---:' if column.id in numbers else '---' for column in columns)}|\n"
            empty = False
        yield f"| {' | '.join(_plain(cell_text(row.get(column.id))) for column in columns)} |\n"
    if empty:
        yield f"{_first(table.empty)}\n"


def _steps(steps: Steps) -> Iterator[str]:
    yield from _caption(steps.caption)
    for step in steps.steps:
        yield f"{step.n}. {_strong(step.actor)}: {_plain(step.title)}\n"
        indent = " " * len(f"{step.n}. ")
        for name, before, after in step_changes(step):
            yield f"{indent}- {_first(name)}: {_plain(before)} → {_plain(after)}\n"
        if step.note:
            yield f"{indent}- {_first(step.note)}\n"


def _fence(listing: Listing) -> Iterator[str]:
    """Yield a block whose fence is longer than any run of backquotes in it."""
    text = printable(listing.text).rstrip("\n")
    runs = re.findall(r"`{3,}", text)
    fence = "`" * (max((len(run) for run in runs), default=2) + 1)
    yield f"{fence}{re.sub(r'[^A-Za-z0-9+-]', '', listing.language)}\n"
    yield f"{text}\n"
    yield f"{fence}\n"


def _findings(findings: Findings) -> Iterator[str]:
    yield from _caption(findings.caption)
    if not findings.items:
        yield f"{CLEAN}\n"
    for item in findings.items:
        yield _finding(item)


def _finding(item: Finding) -> str:
    place = _code(f"{item.file}:{item.line}:{item.column}")
    fix = f" Fix: {_plain(item.fix)}." if item.fix else ""
    return f"- {place} **{item.severity}**: {_plain(item.message)} ({_plain(item.code)}).{fix}\n"


def _graph(graph: Graph) -> Iterator[str]:
    yield from _caption(graph.caption or graph.title)
    for stop, links in stops(graph):
        yield f"{stop.number}. {_stop(stop, links)}\n"


def _stop(stop: Stop, links: Sequence[Link]) -> str:
    node = stop.node
    lane = f"{_first(node.lane)}: " if node.lane else ""
    note = f" – {_plain(told(node))}" if told(node) else ""
    return f"{lane}{_strong(node.label)}{note}" + "".join(f" {_plain(leads(link))}" for link in links)
