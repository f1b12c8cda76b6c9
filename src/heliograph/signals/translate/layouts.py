"""Read and write the members of a structure, and find the bytes that none of them covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from heliograph.signals.tables.layouts import Member

__all__ = ["Order", "clip", "gaps", "order_of", "read", "read_all", "write", "write_all"]

Order = Literal["little", "big"]


def order_of(word: str) -> Order:
    """Return a byte order as ``int.from_bytes`` wants it."""
    return "big" if word == "big" else "little"


def read(data: bytes, member: Member, order: Order = "little", base: int = 0) -> int:
    """Return the value of a member; bytes (form ``b``) as one number, the first byte lowest."""
    _name, offset, size, form = member
    piece = data[base + offset : base + offset + size]
    return int.from_bytes(piece, "little" if form == "b" else order, signed=form == "i")


def read_all(data: bytes, members: Iterable[Member], order: Order = "little", base: int = 0) -> dict[str, int]:
    """Return the values of members by name."""
    return {member[0]: read(data, member, order, base) for member in members}


def clip(value: int, size: int, form: str) -> int:
    """Return what is left of ``value`` in ``size`` bytes: the low ones, read as the form reads them."""
    low = value & ((1 << (8 * size)) - 1)
    return low - (1 << (8 * size)) if form == "i" and low >> (8 * size - 1) else low


def write(into: bytearray, member: Member, value: int, order: Order = "little", base: int = 0) -> None:
    """Put a value into its member; what does not fit is cut off."""
    _name, offset, size, form = member
    low = value & ((1 << (8 * size)) - 1)
    into[base + offset : base + offset + size] = low.to_bytes(size, "little" if form == "b" else order)


def write_all(
    into: bytearray, members: Iterable[Member], values: Mapping[str, int], order: Order = "little", base: int = 0
) -> None:
    """Put the values into the members of their names; a member without a value stays as it is."""
    for member in members:
        if member[0] in values:
            write(into, member, values[member[0]], order, base)


def gaps(members: Iterable[Member], size: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, size) of the bytes that no member covers, low offset first."""
    at = 0
    for _name, offset, length, _form in sorted(members, key=lambda member: member[1]):
        if offset > at:
            yield at, offset - at
        at = max(at, offset + length)
    if at < size:
        yield at, size - at
