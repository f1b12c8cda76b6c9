"""What the answers about structures share: where facts come from, and numbers as a reader writes them."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.source import Source
from heliograph.view import Column, Table

__all__ = ["cited", "columns", "exact_of", "hexadecimal"]


def columns(**titles: str) -> tuple[Column, ...]:
    """Return columns from their ids and titles."""
    return tuple(Column(id=ident, title=title) for ident, title in titles.items())


def hexadecimal(value: int, size: int) -> str:
    """Return ``value`` with as many hexadecimal digits as ``size`` bytes have."""
    return f"{value & ((1 << (8 * size)) - 1):#0{2 * size + 2}x}"


def exact_of(value: int, size: int, form: str) -> int | str:
    """Return a value for a program: bytes (form ``b``) as all their digits, anything else as a number."""
    return value.to_bytes(size, "little").hex() if form == "b" else value


def cited(sources: Iterable[Source | None]) -> Table:
    """Return where the facts of an answer come from; shown when it is asked for."""
    names = ("fact", "project", "revision", "path", "note")
    return Table(
        id="sources",
        caption="Where the facts come from",
        columns=tuple(Column(id=name, title=name) for name in names),
        rows=[{name: getattr(source, name) for name in names} for source in dict.fromkeys(sources) if source],
        aside=True,
    )
