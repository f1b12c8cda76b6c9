"""Where the members of a structure lie: the rows of a layout with its holes, and the answer to a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from heliograph.errors import RangeError
from heliograph.genassym.model import (
    Array,
    Base,
    Enum,
    Forward,
    Function,
    Member,
    Missing,
    Place,
    Pointer,
    Qualified,
    Question,
    Struct,
    Type,
    Typedef,
    TypeId,
    Types,
)

__all__ = ["Budget", "Layout", "Part", "Row", "TypesSource", "declared", "layout_of", "place_of", "rows_of"]

_DEPTH = 64
"""Structures within each other; more of them is a circle."""
_ROWS = 100_000
"""Members of one layout; more come of structures that double at each depth."""


class Part(StrEnum):
    """What a row of a layout is."""

    MEMBER = "member"
    STRUCT = "struct"
    HOLE = "hole"
    PADDING = "padding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A member, or bits that no member has.

    :param path: from the outermost structure, such as ``t_pcb.val[1]``.
    :param type: as C declares it.
    :param ident: its type; of a hole, void.
    :param bit_offset: from the start of the outermost structure.
    :param bits: what it takes; 0 for ``[]``.
    :param field: it is a bit-field.
    :param depth: structures around it, the outermost not counted.
    """

    path: str
    type: str
    ident: TypeId
    bit_offset: int
    bits: int
    field: bool = False
    depth: int = 0
    part: Part = Part.MEMBER

    @property
    def offset(self) -> int:
        """Return the first byte that it touches."""
        return self.bit_offset // 8

    @property
    def size(self) -> int:
        """Return the bytes that it touches."""
        return -(-(self.bit_offset + self.bits) // 8) - self.offset

    @property
    def whole(self) -> bool:
        """Return whether it begins and ends at a byte and is no bit-field."""
        return not self.field and self.bit_offset % 8 == self.bits % 8 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A structure or union with its rows in the order of their places."""

    name: str
    size: int
    rows: tuple[Row, ...]

    def bits(self, part: Part) -> int:
        """Return the bits that holes or the padding take."""
        return sum(row.bits for row in self.rows if row.part is part)

    def count(self, part: Part) -> int:
        """Return how many rows are of a kind."""
        return sum(row.part is part for row in self.rows)


def declared(types: Types, ident: TypeId, name: str = "") -> str:
    """Return a type as C declares ``name`` with it: ``int (*fn)()``, ``char name[16]``."""
    before, inner, pointer = "", name, False
    for _ in range(_DEPTH):
        entry = types.entries[ident]
        if isinstance(entry, Pointer):
            inner, pointer, ident = f"*{inner}", True, entry.target
        elif isinstance(entry, Array | Function):
            if pointer:
                inner, pointer = f"({inner})", False
            if isinstance(entry, Function):
                inner, ident = f"{inner}()", entry.result
            else:
                inner, ident = f"{inner}[{'' if entry.count is None else entry.count}]", entry.element
        elif isinstance(entry, Qualified):
            ident = entry.target
            if not entry.word:
                continue
            if isinstance(types.entries[ident], Pointer):
                inner = f" {entry.word}{' ' if inner else ''}{inner}".rstrip()
            else:
                before = f"{before}{entry.word} "
        else:
            word = f"{before}{_plain(entry)}"
            space = " " if inner and not inner.startswith(" ") else ""
            return f"{word}{space}{inner}"
    return f"... {inner}"


def _plain(entry: Type) -> str:
    match entry:
        case Struct():
            keyword = "union" if entry.union else "struct"
            return f"{keyword} {entry.name}" if entry.name else f"{keyword} {{...}}"
        case Enum():
            return f"enum {entry.name}" if entry.name else "enum {...}"
        case Forward():
            return f"{entry.keyword} {entry.name}"
        case Base() | Typedef():
            return entry.name
        case _:
            return "?"


def layout_of(types: Types, ident: TypeId, name: str, *, deep: bool = False) -> Layout:
    """Return the layout of a structure or union.

    Members of anonymous ones stand among the others, as C names them so.

    :param name: how it was asked for.
    :param deep: take named structures and arrays of them apart as well.
    :raises RangeError: it is none, or it holds itself.
    """
    peeled = types.peeled(ident)
    found = types.entries[peeled]
    if not isinstance(found, Struct):
        raise RangeError(f"{name} is no structure but {declared(types, ident)!r}, which has no members", text=name)
    rows = list(rows_of(types, peeled, deep=deep))
    if not found.union:
        rows += _holes(rows, found.size)
    rows.sort(key=lambda row: (row.bit_offset, row.depth, row.bits == 0 and row.part is Part.MEMBER))
    return Layout(name=declared(types, peeled) if found.name else name, size=found.size, rows=tuple(rows))


def rows_of(types: Types, ident: TypeId, *, deep: bool = False, most: int = 1) -> Iterator[Row]:
    """Yield the members of a structure in the order of its declaration.

    :param deep: a named structure is followed by its members, and of an array of structures the first ``most``.
    :raises RangeError: the structures hold themselves.
    """
    yield from _rows(types, ident, "", 0, _Walk(deep=deep, most=most))


class Budget:
    """How much may still be looked at: structures that hold one another twice double at each depth."""

    def __init__(self, most: int = _ROWS) -> None:
        self._most = self._left = most

    def spend(self, depth: int, where: str) -> None:
        """Count one more member.

        :raises RangeError: they are too many, or too deep in each other.
        """
        self._left -= 1
        if depth > _DEPTH:
            raise RangeError(f"structures stand more than {_DEPTH} deep in each other: {where[:40]}...")
        if self._left < 0:
            raise RangeError(f"more than {self._most} members")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """How far structures are taken apart, and how far one is in them."""

    deep: bool
    most: int
    depth: int = 0
    budget: Budget = field(default_factory=Budget)

    def inside(self) -> _Walk:
        return replace(self, depth=self.depth + 1)


def _rows(types: Types, ident: TypeId, prefix: str, start: int, walk: _Walk) -> Iterator[Row]:
    struct = types.entries[ident]
    assert isinstance(struct, Struct)
    for member in struct.members:
        walk.budget.spend(walk.depth, prefix)
        inner = types.peeled(member.type)
        entry = types.entries[inner]
        at = start + member.bit_offset
        if not member.name and isinstance(entry, Struct):
            yield from _rows(types, inner, prefix, at, walk.inside())
            continue
        size = types.size(member.type)
        row = Row(
            path=f"{prefix}{member.name or '(unnamed)'}",
            type=declared(types, member.type),
            ident=member.type,
            bit_offset=at,
            bits=8 * (size or 0) if member.bit_size is None else member.bit_size,
            field=member.bit_size is not None,
            depth=prefix.count(".") + prefix.count("["),
        )
        if walk.deep:
            yield from _taken_apart(types, row, inner, walk)
        else:
            yield row


def _taken_apart(types: Types, row: Row, ident: TypeId, walk: _Walk) -> Iterator[Row]:
    """Yield a member, and what stands in it if that is structures."""
    walk.budget.spend(walk.depth, row.path)
    entry = types.entries[ident]
    if isinstance(entry, Struct):
        yield replace(row, part=Part.STRUCT)
        yield from _rows(types, ident, f"{row.path}.", row.bit_offset, walk.inside())
        return
    element = types.peeled(entry.element) if isinstance(entry, Array) else ident
    if not isinstance(entry, Array) or not isinstance(types.entries[element], Struct | Array) or not entry.count:
        yield row
        return
    size = types.size(element)
    if size is None or not _holds_structures(types, element):
        yield row
        return
    yield replace(row, part=Part.STRUCT)
    shown = min(entry.count, walk.most)
    part = replace(row, type=declared(types, entry.element), ident=entry.element, bits=8 * size, depth=row.depth + 1)
    for index in range(shown):
        at = row.bit_offset + 8 * size * index
        yield from _taken_apart(
            types, replace(part, path=f"{row.path}[{index}]", bit_offset=at), element, walk.inside()
        )
    if shown < entry.count:
        left = entry.count - shown
        at = row.bit_offset + 8 * size * shown
        last = f"..{entry.count - 1}" if left > 1 else ""
        yield replace(part, path=f"{row.path}[{shown}{last}]", bit_offset=at, bits=8 * size * left)


def _holds_structures(types: Types, ident: TypeId) -> bool:
    for _ in range(_DEPTH):
        entry = types.entries[ident]
        if not isinstance(entry, Array):
            return isinstance(entry, Struct)
        ident = types.peeled(entry.element)
    return False


def _holes(rows: Iterable[Row], size: int) -> Iterator[Row]:
    """Yield the bits that no row takes; those at the end are padding."""
    end = 0
    for row in sorted(rows, key=lambda row: row.bit_offset):
        if row.part is Part.STRUCT and row.bits:
            # Its own members, if they are rows too, show its holes.
            continue
        if row.bit_offset > end:
            yield from _gap(end, row.bit_offset, Part.HOLE)
        end = max(end, row.bit_offset + row.bits)
    if end < 8 * size:
        yield from _gap(end, 8 * size, Part.PADDING)


def _gap(start: int, end: int, part: Part) -> Iterator[Row]:
    """Yield a gap: the rest of a byte that a bit-field began, whole bytes, and the bits before one that follows."""
    after = min(-(-start // 8) * 8, end)
    cuts = [start, after, max(end // 8 * 8, after), end]
    for first, last in pairwise(cuts):
        if last > first:
            yield Row(path=str(part), type="", ident=TypeId(0), bit_offset=first, bits=last - first, part=part)


# ---------------------------------------------------------------- paths


def place_of(types: Types, question: Question) -> Place | Missing:
    """Return where a member lies, or how large a type is; members of anonymous structures are found."""
    ident = types.find(question.type) or types.find(" ".join(question.type.split()))
    if ident is None:
        return Missing(why=f"no type is called {question.type}")
    at, member = 0, None
    for number, step in enumerate(question.steps):
        inner = types.peeled(ident)
        entry = types.entries[inner]
        if isinstance(step, int):
            if not isinstance(entry, Array):
                return Missing(why=f"{declared(types, ident)} is no array", step=number)
            if entry.count is not None and step > entry.count:
                return Missing(why=f"the array has {entry.count} elements", step=number)
            at, ident, member = at + 8 * (types.size(entry.element) or 0) * step, entry.element, None
            continue
        if not isinstance(entry, Struct):
            return Missing(why=f"{declared(types, ident)} has no members", step=number)
        found = _found(types, entry, step, 0, set())
        if found is None:
            known = tuple(row.path for row in rows_of(types, inner))
            return Missing(why=f"{declared(types, ident)} has no member {step}", known=known, step=number)
        start, member = found
        at, ident = at + start, member.type
    behind = types.entries[types.peeled(ident)]
    element = types.size(behind.element) if isinstance(behind, Array) else None
    if member is not None and member.bit_size is not None:
        return Place(offset=at // 8, size=0, bit_offset=at, bit_size=member.bit_size)
    return Place(offset=at // 8, size=types.size(ident) or 0, element=element)


def _found(types: Types, struct: Struct, name: str, depth: int, seen: set[TypeId]) -> tuple[int, Member] | None:
    """Return a member with its bit offset in ``struct``, looked for in anonymous ones where they stand."""
    for member in struct.members:
        if member.name == name:
            return member.bit_offset, member
        ident = types.peeled(member.type)
        if member.name or depth > _DEPTH or ident in seen:
            continue
        seen.add(ident)
        inner = types.entries[ident]
        if isinstance(inner, Struct) and (found := _found(types, inner, name, depth + 1, seen)) is not None:
            return member.bit_offset + found[0], found[1]
    return None


class TypesSource:
    """Types that were read, as a source that answers questions.

    :param name: what it is called in messages, such as ``DWARF of unix``.
    """

    def __init__(self, types: Types, name: str) -> None:
        self.name = name
        self._types = types

    def answer(self, questions: Sequence[Question]) -> Sequence[Place | Missing]:
        """Return an answer for each question, in order."""
        return [place_of(self._types, question) for question in questions]
