"""One command through :func:`heliograph.cli.run`, its answer as JSON, and a checker of that JSON's shape.

The checker is typed from the interface and knows nothing of the writer.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heliograph.cli import run
from heliograph.files import MemoryFiles

__all__ = ["DATA", "ROOT", "ask", "check_answer", "rows", "table", "tsv"]

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"

_KEYS = {
    "table": ("id", "columns", "rows"),
    "findings": ("id", "items"),
    "layout": ("id", "unit", "fields"),
    "steps": ("id", "steps"),
    "graph": ("id", "nodes", "edges"),
    "listing": ("id", "language", "text", "artefact"),
    "prose": ("text",),
}
_PARTS: Mapping[str, Mapping[str, Any]] = {
    "columns": {"id": str, "title": str, "unit": str},
    "items": {
        "file": str,
        "line": int,
        "column": int,
        "end_column": int | None,
        "code": str,
        "severity": str,
        "message": str,
        "fix": str | None,
    },
    "fields": {"name": str, "offset": int, "size": int, "value": int | str | None, "note": str | None},
    "steps": {"n": int, "actor": str, "title": str, "before": dict, "after": dict, "note": str | None},
    "nodes": {"id": str, "label": str, "lane": str, "kind": str, "source": str | None},
    "edges": {"from": str, "to": str, "label": str | None, "kind": str},
}


def tsv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a TSV whose comment lines start with ``#``."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def ask(
    *argv: str, files: Mapping[str, bytes | str] | None = None, stdin: bytes | str = b""
) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON of a command; its shape is checked on the way."""
    words = [*map(str, argv), "--format", "json"]
    answer = run(words, files=MemoryFiles(files, stdin=stdin))
    text = "".join(answer.render())
    found: dict[str, Any] = json.loads(text)
    assert found["command"] == words
    check_answer(found)
    return answer.exit_code, found


def table(found: Mapping[str, Any], ident: str) -> list[dict[str, Any]]:
    """Return the rows of the table ``ident`` of an answer."""
    (one,) = [view for view in found["views"] if view["view"] == "table" and view["id"] == ident]
    got: list[dict[str, Any]] = one["rows"]
    return got


def rows(*argv: str, ident: str = "", stdin: str = "") -> list[dict[str, Any]]:
    """Return the rows of one table of a command's answer; by default the one named as the subcommand."""
    _code, found = ask(*argv, stdin=stdin)
    return table(found, ident or argv[1])


def check_answer(found: Any) -> None:
    """Assert that an object has the one shape of all answers."""
    assert list(found) == ["command", "version", "views"]
    assert all(isinstance(word, str) for word in found["command"])
    assert isinstance(found["version"], str)
    for view in found["views"]:
        kind = view["view"]
        assert tuple(view) == ("view", *_KEYS[kind])
        for key in _KEYS[kind]:
            if key in ("id", "text", "language"):
                assert isinstance(view[key], str), key
            elif key == "artefact":
                assert isinstance(view[key], bool)
            elif key == "unit":
                assert view[key] in ("bit", "byte")
            elif key == "rows":
                _check_rows(view)
            else:
                _check_parts(view[key], _PARTS[key])
        if kind == "graph":
            known = {node["id"] for node in view["nodes"]}
            assert all({edge["from"], edge["to"]} <= known for edge in view["edges"])


def _check_rows(view: Any) -> None:
    ids = [column["id"] for column in view["columns"]]
    assert len(set(ids)) == len(ids)
    for row in view["rows"]:
        assert sorted(row) == sorted(ids)
        for name, cell in row.items():
            assert _is_cell(cell), (name, cell)
            if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) > 2**53:
                assert f"{name}_hex" in ids


def _is_cell(cell: Any) -> bool:
    if isinstance(cell, list):
        return all(isinstance(item, str) for item in cell)
    return cell is None or isinstance(cell, str | int)


def _check_parts(parts: Any, wanted: Mapping[str, Any]) -> None:
    for part in parts:
        # A value that is a number has a twin that no reader of JSON can spoil.
        twins = ["value_hex"] if isinstance(part.get("value"), int) else []
        assert sorted(part) == sorted([*wanted, *twins])
        if twins:
            assert int(part["value_hex"], 16) == part["value"]
        for key, kind in wanted.items():
            assert isinstance(part[key], kind), (key, part[key])
            assert not isinstance(part[key], bool), key
