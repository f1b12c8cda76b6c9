"""Views as comma-separated values: a header line of column ids, then a line a row; an empty line between views."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from heliograph.errors import UnsupportedError
from heliograph.media import Setting
from heliograph.view import Cell, Findings, Graph, Layout, Listing, Prose, Steps, Table, View, cell_text

__all__ = ["render"]


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the lines of each view; absent cells are empty, lists are joined by commas."""
    for index, view in enumerate(views):
        if index:
            yield "\n"
        for row in _records(view):
            line = io.StringIO()
            # With this terminator a cell that holds either of its characters is quoted by every Python.
            csv.writer(line, lineterminator="\r\n").writerow([cell_text(cell) for cell in row])
            yield line.getvalue().removesuffix("\r\n") + "\n"


def _records(view: View) -> Iterator[Iterable[Cell]]:
    match view:
        case Table():
            yield [column.id for column in view.columns]
            for row in view.rows:
                yield [row.get(column.id) for column in view.columns]
        case Layout():
            yield ["name", "offset", "size", "value", "note"]
            for field in view.fields:
                yield [field.name, field.offset, field.size, field.value, field.note]
        case Steps():
            names = list(dict.fromkeys(name for step in view.steps for name in (*step.before, *step.after)))
            yield ["n", "actor", "title", *names, "note"]
            for step in view.steps:
                yield [step.n, step.actor, step.title, *(step.after.get(name) for name in names), step.note]
        case Findings():
            yield ["file", "line", "column", "end_column", "code", "severity", "message", "fix"]
            for item in view.items:
                yield [
                    item.file,
                    item.line,
                    item.column,
                    item.end_column,
                    item.code,
                    str(item.severity),
                    item.message,
                    item.fix,
                ]
        case Graph() | Listing() | Prose():
            raise UnsupportedError("--format csv", f"it cannot show a {type(view).__name__.lower()}")
        case _:
            assert_never(view)
