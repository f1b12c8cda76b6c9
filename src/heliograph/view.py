"""The seven views: the whole vocabulary between subjects and media.

A wing returns views and knows nothing of terminals, pages or JSON; a medium draws views and knows nothing of signals
or page tables. Every view is an immutable value. Two marks are common to several:

``aside``
    the view is shown only when it is asked for (``--explain`` for Prose, ``--cite`` for the Table ``sources``).
``differs``
    the Table is the result of a comparison or of a strict translation and carries a difference or a loss. It makes
    the exit code 1; see :func:`exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "Cell",
    "Column",
    "Edge",
    "Field",
    "Finding",
    "Findings",
    "Graph",
    "Layout",
    "Listing",
    "Node",
    "Prose",
    "Row",
    "Severity",
    "Step",
    "Steps",
    "Table",
    "View",
    "cell_text",
    "columns",
    "exit_code",
]

# A cell: text, an exact integer, a truth value, a list of texts, or None for absent.
Cell = str | int | bool | tuple[str, ...] | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a Table: ``id`` is the key in rows and JSON, ``unit`` is empty for a plain number or name.

    A ``detail`` is for programs: JSON and CSV have it, what a reader looks at has not.
    """

    id: str
    title: str
    unit: str = ""
    detail: bool = False


def columns(*names: str | tuple[str, str], details: Iterable[str] = ()) -> tuple[Column, ...]:
    """Return columns by their ids; a title of its own stands in a pair, else it is the id with blanks.

    :param details: ids of the columns that are for programs only.
    """
    pairs = [(name, name.replace("_", " ")) if isinstance(name, str) else name for name in names]
    hidden = set(details)
    return tuple(Column(id=ident, title=title, detail=ident in hidden) for ident, title in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns.

    ``rows`` may be lazy; it must be iterable more than once and give the same rows each time.
    """

    id: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    caption: str = ""
    empty: str = "nothing"
    differs: bool = False
    aside: bool = False

    @property
    def shown(self) -> tuple[Column, ...]:
        """Return the columns for a reader."""
        return tuple(column for column in self.columns if not column.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A part of a Layout: ``offset`` and ``size`` in the Layout's unit.

    ``value`` is what a reader sees; ``exact`` is what a program gets: an integer, or all bytes in hexadecimal digits.
    """

    name: str
    offset: int
    size: int
    value: str = ""
    note: str = ""
    exact: int | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Fields side by side: an address, a mask, a structure, a stack frame, a memory map, a disk."""

    id: str
    unit: str
    fields: tuple[Field, ...]
    caption: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of Steps; ``before`` and ``after`` map names of the state to their values."""

    n: int
    actor: str
    title: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Numbered steps with the state before and after each: a walk, a trace, a delivery."""

    id: str
    steps: tuple[Step, ...]
    caption: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Lines of text. An ``artefact`` is the whole text output, raw: a generated or converted file.

    ``marks`` are numbers of lines (from 1) to point out.
    """

    id: str
    language: str
    text: str
    caption: str = ""
    artefact: bool = False
    marks: tuple[int, ...] = ()
    aside: bool = False


class Severity(StrEnum):
    """How much a Finding matters; ``warning`` and ``error`` make the exit code 1."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found in a file; ``line`` and ``column`` count from 1, ``end_column`` is the first one after it."""

    file: str
    line: int
    column: int
    end_column: int | None = None
    code: str
    severity: Severity
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a check found; no item means clean."""

    id: str
    items: tuple[Finding, ...]
    caption: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node of a Graph. ``source`` says where it can be read: project, path and symbol, or empty."""

    id: str
    label: str
    lane: str
    kind: str = "call"
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An edge between two nodes by their ids; ``from_`` is ``from`` in JSON."""

    from_: str
    to: str
    label: str = ""
    kind: str = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Ordered nodes in lanes, and edges: a call path. ``title`` and ``description`` go into the picture."""

    id: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    title: str = ""
    description: str = ""
    caption: str = ""
    lanes: tuple[str, ...] = field(default=())
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A paragraph that explains an answer."""

    text: str
    aside: bool = False


View = Table | Layout | Steps | Listing | Findings | Graph | Prose


def cell_text(cell: Cell) -> str:
    """Return a cell as words for a reader: nothing for absent, yes or no for a truth value, lists with commas."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, tuple):
        return ", ".join(cell)
    return str(cell)


def exit_code(views: Iterable[View]) -> int:
    """Return 1 if a Finding is a warning or an error or a Table carries a difference or a loss, else 0."""
    for view in views:
        if isinstance(view, Table) and view.differs:
            return 1
        if isinstance(view, Findings) and any(item.severity is not Severity.NOTE for item in view.items):
            return 1
    return 0
