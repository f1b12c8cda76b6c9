"""A compatibility layer's own table: comma-separated values with the header ``from,to[,name]``."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from heliograph.errors import ParseError, Span

__all__ = ["TableRow", "layer_table"]

_NO_COUNTERPART = {"", "-", "-1", "0", "none", "null"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a compatibility layer's own table; each cell with its column in the line, from 1."""

    line: int
    cells: tuple[tuple[str, int], ...]

    @property
    def source(self) -> tuple[str, int]:
        """Return the cell ``from``."""
        return self.cells[0]

    @property
    def target(self) -> tuple[str, int]:
        """Return the cell ``to``."""
        return self.cells[1]

    @property
    def name(self) -> tuple[str, int]:
        """Return the cell ``name``, empty if there is none."""
        return self.cells[2]

    @property
    def no_target(self) -> bool:
        """Return whether the table says that the signal has no counterpart."""
        return self.target[0].casefold() in _NO_COUNTERPART


def layer_table(text: str, name: str) -> list[TableRow]:
    """Read a table with the header ``from,to[,name]`` in any order; further columns are left alone.

    Empty lines and lines that start with ``#`` are skipped.

    :param name: the file's name, for messages.
    :raises ParseError: a column is missing from the header or a cell from a row; with file, line and column.
    """
    header: dict[str, int] | None = None
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = _cells(line, number, name)
        if header is None:
            header = _header(cells, line, number, name)
            continue
        for wanted in ("from", "to"):
            if header[wanted] >= len(cells):
                raise ParseError(
                    f"the row has no column {wanted!r}: {len(cells)} cells where the header needs {header[wanted] + 1}",
                    text=line,
                    span=Span(file=name, line=number, column=len(line) + 1, end_column=len(line) + 2),
                )
        column = header.get("name", len(cells))
        label = cells[column] if column < len(cells) else ("", len(line) + 1)
        found.append(TableRow(line=number, cells=(cells[header["from"]], cells[header["to"]], label)))
    if header is None:
        raise ParseError("no header: the first line is from,to[,name]", text="", span=Span(file=name, line=1, column=1))
    return found


def _cells(line: str, number: int, name: str) -> list[tuple[str, int]]:
    """Return the cells of a line with the column where each starts."""
    try:
        texts = next(csv.reader([line], strict=True, skipinitialspace=True))
    except csv.Error as error:
        span = Span(file=name, line=number, column=1, end_column=len(line) + 1)
        raise ParseError(f"not a row of comma-separated values: {error}", text=line, span=span) from error
    cells = []
    position = 0
    for text in texts:
        start = line.find(text.strip(), position) if text.strip() else position
        cells.append((text.strip(), max(start, position) + 1))
        position = line.find(",", max(start, position) + len(text.strip())) + 1 or len(line)
    return cells


def _header(cells: list[tuple[str, int]], line: str, number: int, name: str) -> dict[str, int]:
    names = [text.casefold() for text, _column in cells]
    for wanted in ("from", "to"):
        if wanted not in names:
            raise ParseError(
                f"the header has no column {wanted!r}; it is from,to[,name]",
                text=line,
                span=Span(file=name, line=number, column=1, end_column=len(line) + 1),
            )
    return {text: index for index, text in enumerate(names)}
