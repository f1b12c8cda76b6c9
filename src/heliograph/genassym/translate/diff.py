"""What moved in the structures of two objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from heliograph.errors import UnknownNameError
from heliograph.genassym.model import Struct, TypeId, Types
from heliograph.genassym.translate.layout import Row, rows_of

__all__ = ["Change", "changes", "structures"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference of one member, or with an empty ``member`` of a structure.

    :param kind: ``added``, ``removed``, ``moved``, ``resized``, ``retyped``, with commas if it is several.
    """

    struct: str
    member: str
    kind: str
    old: Row | int | None
    new: Row | int | None


def structures(types: Types) -> Iterator[str]:
    """Yield the names of the structures and unions that are defined."""
    for name in types.names:
        if name.startswith(("struct ", "union ")):
            yield name


def changes(old: Types, new: Types, names: Iterable[str] = ()) -> Iterator[Change]:
    """Yield what differs, by structures in order.

    :param names: structures or typedefs; none means all that both or one have.
    :raises UnknownNameError: one that neither has.
    """
    given = tuple(names)
    if given:
        for name in given:
            one, other = old.find(name), new.find(name)
            if one is None and other is None:
                raise UnknownNameError("type of either object", name, {*old.names, *new.names})
            yield from _compared(name, old, one, new, other)
        return
    for name in sorted({*structures(old), *structures(new)}):
        yield from _compared(name, old, old.names.get(name), new, new.names.get(name))


def _compared(name: str, old: Types, one: TypeId | None, new: Types, other: TypeId | None) -> Iterator[Change]:
    before = None if one is None else _struct(old, one)
    after = None if other is None else _struct(new, other)
    if before is None or after is None:
        if before is not after:
            kind = "added" if before is None else "removed"
            yield Change(
                struct=name,
                member="",
                kind=kind,
                old=before[1].size if before else None,
                new=after[1].size if after else None,
            )
        return
    if before[1].size != after[1].size:
        yield Change(struct=name, member="", kind="resized", old=before[1].size, new=after[1].size)
    olds, news = _members(old, before[0]), _members(new, after[0])
    for member in [*olds, *(member for member in news if member not in olds)]:
        was, now = olds.get(member), news.get(member)
        if kind := _kind(was, now):
            yield Change(struct=name, member=member, kind=kind, old=was, new=now)


def _struct(types: Types, ident: TypeId) -> tuple[TypeId, Struct] | None:
    peeled = types.peeled(ident)
    entry = types.entries[peeled]
    return (peeled, entry) if isinstance(entry, Struct) else None


def _members(types: Types, ident: TypeId) -> dict[str, Row]:
    """Return the members by name; padding that has no name is no member."""
    return {row.path: row for row in rows_of(types, ident) if row.path != "(unnamed)"}


def _kind(was: Row | None, now: Row | None) -> str:
    if was is None or now is None:
        return "added" if was is None else "removed"
    parts = []
    if was.bit_offset != now.bit_offset:
        parts.append("moved")
    if was.bits != now.bits or was.field != now.field:
        parts.append("resized")
    if was.type != now.type:
        parts.append("retyped")
    return ", ".join(parts)
