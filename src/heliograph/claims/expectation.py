"""What must hold of an answer: a small language over the JSON of a command, in which every sentence can fail.

An expectation names a view, picks items of it with ``where``, and says one thing about them: ``count``, ``all``,
``values`` or ``sequence``. Values compare exactly; the word ``null`` stands for an absent cell, and in ``where`` a text
such as ``..31``, ``32..`` or ``1..31`` is a range of numbers and a list is any of its values. A name with a dot,
such as ``after.sp``, is the cell ``sp`` of a step's state ``after``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heliograph.claims.model import Expectation

__all__ = ["flipped", "unmet"]

_RANGE = re.compile(r"(\d*)\.\.(\d*)")
_ITEMS = ("rows", "items", "fields", "steps", "nodes", "edges")
_NULL = "null"


def unmet(expectation: Expectation, answer: Mapping[str, Any]) -> str:
    """Return why an answer does not meet an expectation, or nothing if it does.

    :param answer: the JSON object of a command.
    """
    views = [view for view in answer["views"] if expectation.view in (view.get("id"), view["view"])]
    if not views:
        shown = ", ".join(view.get("id") or view["view"] for view in answer["views"])
        return f"the answer has no view {expectation.view!r}, it has {shown or 'none'}"
    found = [item for item in _items(views[0]) if _matches(item, expectation.where)]
    if expectation.count is not None:
        return "" if len(found) == expectation.count else f"{len(found)} items match, not {expectation.count}"
    if expectation.all is not None:
        return _unlike(found, expectation.all)
    if expectation.values is not None:
        return _other_values(found, expectation.values)
    assert expectation.sequence is not None
    return _out_of_order(found, *expectation.sequence)


def _items(view: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the items of a view; a graph's are its nodes, a listing or a paragraph is one item."""
    for name in _ITEMS:
        if name in view:
            items: Sequence[Mapping[str, Any]] = view[name]
            return items
    return [view]


def _matches(item: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    return all(_is(_cell(item, name), wanted, ranges=True) for name, wanted in where.items())


def _cell(item: Mapping[str, Any], name: str) -> Any:
    """Return a cell of an item; ``after.sp`` is the cell ``sp`` of the state ``after`` of a step."""
    if name in item or "." not in name:
        return item.get(name)
    part, _, rest = name.partition(".")
    inner = item.get(part)
    return _cell(inner, rest) if isinstance(inner, Mapping) else None


def _is(cell: Any, wanted: Any, *, ranges: bool = False) -> bool:
    if wanted == _NULL:
        return cell is None
    if ranges and isinstance(wanted, list):
        return any(_is(cell, one) for one in wanted)
    if ranges and isinstance(wanted, str) and isinstance(cell, int) and (span := _RANGE.fullmatch(wanted)):
        low, high = span.groups()
        return (not low or cell >= int(low)) and (not high or cell <= int(high))
    # True is 1 in Python, and must not be here.
    return type(cell) is type(wanted) and bool(cell == wanted)


def _unlike(found: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> str:
    if not found:
        return "no item matches"
    for item in found:
        for name, value in wanted.items():
            if not _is(_cell(item, name), value):
                return f"{name} is {_cell(item, name)!r}, not {value!r}"
    return ""


def _other_values(found: Sequence[Mapping[str, Any]], wanted: Mapping[str, Sequence[Any]]) -> str:
    for name, values in wanted.items():
        cells = [_cell(item, name) for item in found]
        if len(cells) != len(values) or not all(map(_is, cells, values)):
            return f"{name} has {cells!r}, not {list(values)!r}"
    return ""


def _out_of_order(found: Sequence[Mapping[str, Any]], name: str, wanted: Sequence[Any]) -> str:
    cells = [_cell(item, name) for item in found]
    start = 0
    for value in wanted:
        ahead = next((index for index in range(start, len(cells)) if _is(cells[index], value)), None)
        if ahead is None:
            return f"{value!r} does not come in its place: {name} goes {cells!r}"
        start = ahead + 1
    return ""


def flipped(expectation: Expectation) -> Expectation:
    """Return the opposite of an expectation: what meets the one cannot meet the other."""
    if expectation.count is not None:
        return replace(expectation, count=expectation.count + 1)
    if expectation.all is not None:
        return replace(expectation, all={name: _other(value) for name, value in expectation.all.items()})
    if expectation.values is not None:
        return replace(expectation, values={name: [*values, "flipped"] for name, values in expectation.values.items()})
    assert expectation.sequence is not None
    name, values = expectation.sequence
    return replace(expectation, sequence=(name, tuple(reversed(values))))


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else "flipped"
