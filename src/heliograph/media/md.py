"""Views as Markdown: CommonMark with the tables of GitHub's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from heliograph.media import Setting
from heliograph.media.words import Link, Stop, heading, layout_table, numeric, step_changes, stops
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


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the Markdown of each view, with an empty line between two; an artefact stands alone."""
    artefacts = [view for view in views if isinstance(view, Listing) and view.artefact]
    for index, view in enumerate(artefacts or views):
        if index:
            yield "\n"
        yield from _view(view)


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


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
            yield f"{_paragraph(view.text)}\n"
        case _:
            assert_never(view)


def _paragraph(text: str) -> str:
    """Return a paragraph; what would start a list or a heading is no such thing here."""
    return re.sub(r"^([-+]|\d+[.)])", lambda match: f"\\{match[1]}" if len(match[1]) == 1 else match[1], _plain(text))


def _caption(text: str) -> Iterator[str]:
    if text:
        yield f"**{_plain(text)}**\n\n"


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
        yield f"{_plain(table.empty)}\n"


def _steps(steps: Steps) -> Iterator[str]:
    yield from _caption(steps.caption)
    for step in steps.steps:
        yield f"{step.n}. **{_plain(step.actor)}**: {_plain(step.title)}\n"
        for name, before, after in step_changes(step):
            yield f"   - {_plain(name)}: {_plain(before)} → {_plain(after)}\n"
        if step.note:
            yield f"   - {_plain(step.note)}\n"


def _fence(listing: Listing) -> Iterator[str]:
    """Yield a block whose fence is longer than any run of backquotes in it."""
    runs = re.findall(r"`{3,}", listing.text)
    fence = "`" * (max((len(run) for run in runs), default=2) + 1)
    yield f"{fence}{re.sub(r'[^A-Za-z0-9+-]', '', listing.language)}\n"
    yield listing.text.rstrip("\n") + "\n"
    yield f"{fence}\n"


def _findings(findings: Findings) -> Iterator[str]:
    yield from _caption(findings.caption)
    if not findings.items:
        yield "clean: nothing found\n"
    for item in findings.items:
        yield _finding(item)


def _finding(item: Finding) -> str:
    place = f"{item.file}:{item.line}:{item.column}".replace("`", "'")
    fix = f" Fix: {_plain(item.fix)}." if item.fix else ""
    return f"- `{place}` **{item.severity}**: {_plain(item.message)} ({_plain(item.code)}).{fix}\n"


def _graph(graph: Graph) -> Iterator[str]:
    yield from _caption(graph.caption or graph.title)
    for stop, links in stops(graph):
        yield f"{stop.number}. {_stop(stop, links)}\n"


def _stop(stop: Stop, links: Sequence[Link]) -> str:
    node = stop.node
    lane = f"{_plain(node.lane)}: " if node.lane else ""
    note = f" – {_plain(node.note)}" if node.note else ""
    text = f"{lane}**{_plain(node.label)}**{note}"
    for link in links:
        to = f" {link.target.node.label}" if link.target else ""
        text += f" →{_plain(to)}{': ' if to and link.edge.label else ' '}{_plain(link.edge.label)}".rstrip()
    return text
