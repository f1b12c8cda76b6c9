"""Views as one JSON object; the shape is the same for every command and part of the interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, assert_never

from heliograph.media import Setting
from heliograph.view import Field, Findings, Graph, Layout, Listing, Prose, Steps, Table, View

__all__ = ["error_object", "render"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(", ", ": "))
_SURROGATE = re.compile("[\ud800-\udfff]")


def _encode(value: Any) -> str:
    """Return JSON as UTF-8 can carry it: half a pair, such as a byte of an odd argument, is written as an escape."""
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", _ENCODER.encode(value))


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield ``{"command", "version", "views"}``; the rows of a Table come one a line, as they are read."""
    yield f'{{"command": {_encode(list(setting.argv))}, "version": {_encode(setting.version)}, "views": ['
    for index, view in enumerate(views):
        yield ",\n" if index else "\n"
        yield from _view(view)
    yield "\n]}\n"


def _view(view: View) -> Iterator[str]:
    match view:
        case Table():
            head = {"view": "table", "id": view.id, "columns": [_column(column) for column in view.columns]}
            yield from _with_items(head, "rows", (dict(row) for row in view.rows))
        case Findings():
            yield from _with_items({"view": "findings", "id": view.id}, "items", map(_finding, view.items))
        case Layout():
            head = {"view": "layout", "id": view.id, "unit": view.unit}
            yield from _with_items(head, "fields", map(_field, view.fields))
        case Steps():
            yield from _with_items({"view": "steps", "id": view.id}, "steps", map(_step, view.steps))
        case Graph():
            names = ("id", "label", "lane", "kind", "source")
            yield _encode(
                {
                    "view": "graph",
                    "id": view.id,
                    "nodes": [{name: getattr(node, name) for name in names} for node in view.nodes],
                    "edges": [
                        {"from": edge.from_, "to": edge.to, "label": edge.label, "kind": edge.kind}
                        for edge in view.edges
                    ],
                }
            )
        case Listing():
            yield _encode(
                {
                    "view": "listing",
                    "id": view.id,
                    "language": view.language,
                    "text": view.text,
                    "artefact": view.artefact,
                }
            )
        case Prose():
            yield _encode({"view": "prose", "text": view.text})
        case _:
            assert_never(view)


def _with_items(head: Mapping[str, Any], key: str, items: Any) -> Iterator[str]:
    """Yield the object ``head`` with a list ``key`` whose items are encoded one by one."""
    yield f'{_encode(head)[:-1]}, "{key}": ['
    for index, item in enumerate(items):
        yield (",\n  " if index else "\n  ") + _encode(item)
    yield "]}"


def _column(column: Any) -> dict[str, str]:
    return {"id": column.id, "title": column.title, "unit": column.unit}


def _finding(finding: Any) -> dict[str, Any]:
    return {
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_column": finding.end_column,
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "fix": finding.fix or None,
    }


def _field(field: Field) -> dict[str, Any]:
    """Return a field; an integer has its twin in hexadecimal, for readers that cannot hold one above 2^53."""
    exact = field.exact if field.exact is not None else field.value or None
    found = {"name": field.name, "offset": field.offset, "size": field.size, "value": exact}
    if isinstance(exact, int):
        found["value_hex"] = f"{exact:#x}"
    return {**found, "note": field.note}


def _step(step: Any) -> dict[str, Any]:
    return {
        "n": step.n,
        "actor": step.actor,
        "title": step.title,
        "before": dict(step.before),
        "after": dict(step.after),
        "note": step.note,
    }


def error_object(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return the JSON object that goes to standard error, one line.

    :param errors: each with the keys kind, message and span; those after the first become its list ``more``.
    """
    first, *others = errors
    return _encode({"error": {**first, "more": others} if others else first}) + "\n"
