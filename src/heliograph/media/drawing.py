"""Our own drawings of Layout, Steps and Table: boxes and fixed-width text, which need no engine.

All text is set in a fixed-width font, so that its width is known without one: 0.6 of the size a column in Courier and
in nearly every font that stands in for it; boxes are sized for :data:`COLUMN`, which is a little more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from heliograph.media.words import cell_word, folded, heading, numeric, printable, slug, step_changes, width
from heliograph.view import Field, Layout, Step, Steps, Table, cell_text

__all__ = ["COLUMN", "SIZE", "Picture", "layout", "number", "steps", "table"]

SIZE = 13.0
"""Size of the text in user units."""

COLUMN = SIZE * 0.62
"""Width of a column of text in user units."""

_FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', Courier, monospace"
_LINE = SIZE * 1.4
_PAD = 6.0
_ROOM = 90
"""Columns that a drawing may take before it folds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing without a frame: its size in user units, and its elements.

    :param em: user units that make one em of the text around it.
    """

    width: float
    height: float
    em: float
    body: Element


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def _group() -> Element:
    return Element("g", {"font-family": _FONT, "font-size": number(SIZE), "fill": "currentColor"})


def _text(parent: Element, x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> None:
    """Draw one line whose baseline is ``y``; ``kind`` is the class."""
    attributes = {"x": number(x), "y": number(y), "xml:space": "preserve"}
    if kind:
        attributes["class"] = kind
    if anchor != "start":
        attributes["text-anchor"] = anchor
    SubElement(parent, "text", attributes).text = printable(text)


def _box(parent: Element, x: float, y: float, wide: float, high: float, kind: str, **more: str) -> None:
    sizes = {"x": number(x), "y": number(y), "width": number(wide), "height": number(high)}
    SubElement(parent, "rect", {**sizes, "class": kind, "fill": "none", "stroke": "currentColor", **more})


def _rule(parent: Element, y: float, wide: float, kind: str) -> None:
    ends = {"x1": "0", "y1": number(y), "x2": number(wide), "y2": number(y)}
    SubElement(parent, "line", {**ends, "class": kind, "stroke": "currentColor"})


def _shortened(text: str, columns: int) -> str:
    """Return ``text`` cut to ``columns`` with an ellipsis; the words beside the picture hold all of it."""
    kept = text
    while width(kept) > columns:
        kept = kept.removesuffix("…")[:-1] + "…"
    return kept


# ---------------------------------------------------------------- Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """A field, or a gap between two, as it will be drawn: ``first`` and ``last`` are numbers above its corners."""

    name: str
    value: str
    first: str
    last: str
    size: int
    gap: bool

    def columns(self) -> int:
        """Return the columns of text that the box must hold."""
        corners = width(self.first) + (width(self.last) + 2 if self.last else 0)
        return min(max(width(self.name), width(self.value), corners), _ROOM - 2)


def layout(view: Layout) -> Picture:
    """Draw the fields side by side, with their offsets above, in as many rows as they need.

    Bits run from the highest on the left, as manuals draw them; bytes run from the lowest.
    """
    body = _group()
    cells = list(_cells(view))
    full = _ROOM * COLUMN
    total = sum(cell.size for cell in cells) or 1
    sizes = [max(cell.columns() * COLUMN + 2 * _PAD, full * cell.size / total) for cell in cells]
    has_value = any(cell.value for cell in cells)
    high = _LINE * (2 if has_value else 1) + _PAD
    x = y = widest = 0.0
    for cell, wide in zip(cells, sizes, strict=True):
        taken = min(wide, full)
        if x and x + taken > full + 0.01:
            x, y = 0.0, y + high + _LINE + 2 * _PAD
        _draw_cell(body, cell, x, y + _LINE, taken, high)
        x += taken
        widest = max(widest, x)
    return Picture(width=widest + 2, height=y + _LINE + high + 2, em=SIZE * 1.2, body=body)


def _draw_cell(body: Element, cell: _Cell, x: float, y: float, wide: float, high: float) -> None:
    kind = "helio-gap" if cell.gap else "helio-field"
    _box(body, x + 1, y, wide, high, kind, **({"stroke-dasharray": "3 3"} if cell.gap else {}))
    _text(body, x + 3, y - 4, cell.first, kind="helio-offset")
    if cell.last:
        _text(body, x + wide - 1, y - 4, cell.last, kind="helio-offset", anchor="end")
    columns = int((wide - _PAD) / COLUMN)
    middle = x + 1 + wide / 2
    _text(body, middle, y + _LINE, _shortened(cell.name, columns), kind="helio-name", anchor="middle")
    if cell.value:
        _text(body, middle, y + 2 * _LINE, _shortened(cell.value, columns), kind="helio-value", anchor="middle")


def _cells(view: Layout) -> Iterator[_Cell]:
    """Yield the fields and the gaps between them in drawing order."""
    bits = view.unit == "bit"
    ordered = sorted(view.fields, key=lambda field: field.offset)
    parts: list[_Cell] = []
    end = ordered[0].offset if ordered else 0
    for field in ordered:
        if field.offset > end:
            parts.append(_cell(Field(name="", offset=end, size=field.offset - end), bits=bits, gap=True))
        parts.append(_cell(field, bits=bits, gap=False))
        end = max(end, field.offset + field.size)
    yield from reversed(parts) if bits else parts


def _cell(field: Field, *, bits: bool, gap: bool) -> _Cell:
    low, high = str(field.offset), str(field.offset + field.size - 1)
    single = field.size <= 1
    first, last = (high, low) if bits else (low, high)
    return _Cell(
        name=field.name,
        value=field.value,
        first=low if single else first,
        last="" if single else last,
        size=field.size,
        gap=gap,
    )


# ---------------------------------------------------------------- Steps


def steps(view: Steps) -> Picture:
    """Draw a box a step, from the top down, with what the step alters."""
    body = _group()
    y, widest = 1.0, 0.0
    blocks = [list(_step_lines(step)) for step in view.steps]
    columns = max((width(text) for block in blocks for text, _kind in block), default=0)
    widest = columns * COLUMN + 2 * _PAD
    for index, block in enumerate(blocks):
        if index:
            middle = widest / 2
            points = f"M{number(middle)} {number(y)}v{number(_LINE - 4)}m-4 -5l4 5l4 -5"
            SubElement(body, "path", {"d": points, "class": "helio-edge", "fill": "none", "stroke": "currentColor"})
            y += _LINE - 4
        high = len(block) * _LINE + _PAD
        _box(body, 1, y, widest, high, "helio-step", rx="4")
        for line, (text, kind) in enumerate(block, 1):
            _text(body, 1 + _PAD, y + line * _LINE, text, kind=kind)
        y += high
    return Picture(width=widest + 2, height=y + 1, em=SIZE * 1.2, body=body)


def _step_lines(step: Step) -> Iterator[tuple[str, str]]:
    """Yield (text, class) of the lines of a step, folded."""
    yield from _folded(f"{step.n}. {step.actor}: {step.title}", "helio-name", "   ")
    for name, before, after in step_changes(step):
        yield from _folded(f"   {name}: {before} → {after}", "helio-change", "     ")
    if step.note:
        yield from _folded(f"   {step.note}", "helio-note", "   ")


def _folded(text: str, kind: str, indent: str) -> Iterator[tuple[str, str]]:
    for line in folded(text, _ROOM, indent):
        yield line, kind


# ---------------------------------------------------------------- Table


def table(view: Table) -> Picture:
    """Draw the rows as text under ruled headings; a long cell is folded."""
    body = _group()
    right = numeric(view)
    heads = [[heading(column)] for column in view.shown]
    rows = [[folded(cell_text(row.get(column.id)), _ROOM // 2) for column in view.shown] for row in view.rows]
    words = [[cell_word(row.get(column.id)) for column in view.shown] for row in view.rows]
    if not rows:
        rows, words = [[[f"({view.empty})"]]], [[""]]
    sizes = _column_widths([heads, *rows], len(view.shown))
    lefts = [2 + sum(sizes[:index]) for index in range(len(sizes))]
    edges = [
        (left + size - 2 * _PAD, "end") if column.id in right else (left, "start")
        for column, left, size in zip(view.shown, lefts, sizes, strict=True)
    ]
    _draw_row(body, heads, ["helio-head"] * len(heads), edges, 0)
    y = _LINE + _PAD
    full = sum(sizes) + 2
    _rule(body, y, full, "helio-rule")
    for cells, marks in zip(rows, words, strict=True):
        _draw_row(body, cells, [f"helio-is-{slug(mark)}" if mark else "" for mark in marks], edges, y)
        y += max(map(len, cells)) * _LINE + _PAD / 2
    return Picture(width=full, height=y + _PAD, em=SIZE * 1.2, body=body)


def _column_widths(rows: Sequence[Sequence[Sequence[str]]], count: int) -> list[float]:
    widths = [0] * count
    for row in rows:
        for index, lines in enumerate(row):
            widths[index] = max(widths[index], *map(width, lines))
    return [columns * COLUMN + 2 * _PAD for columns in widths]


def _draw_row(
    body: Element,
    cells: Sequence[Sequence[str]],
    kinds: Sequence[str],
    edges: Sequence[tuple[float, str]],
    y: float,
) -> None:
    for lines, kind, (x, anchor) in zip(cells, kinds, edges, strict=False):
        for index, line in enumerate(lines, 1):
            _text(body, x, y + index * _LINE, line, kind=kind, anchor=anchor)
