"""The values of a structure in raw bytes, as mdb's ``::print`` shows them."""

from __future__ import annotations

import struct as packing
from collections.abc import Iterator
from dataclasses import dataclass

from heliograph.errors import RangeError
from heliograph.genassym.model import Array, Base, Encoding, Enum, Pointer, Struct, TypeId, Types
from heliograph.genassym.translate.layout import Budget, declared

__all__ = ["Printed", "printed"]

_ROWS = 20_000
"""Members and elements of one answer."""
_WIDEST = 16
"""Bytes of the largest number of any C compiler."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A member with its value; one that holds others has none.

    :param number: its bits as an integer, signed if its type is; None for what is no number.
    """

    path: str
    depth: int
    bit_offset: int
    size: int
    type: str
    value: str
    number: int | None = None
    bit_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    types: Types
    data: bytes
    big: bool
    limit: int
    budget: Budget


def printed(types: Types, ident: TypeId, data: bytes, *, big_endian: bool, limit: int, name: str = "") -> list[Printed]:
    """Return the values of a type in ``data``.

    :param data: its bytes, no fewer than it has.
    :param limit: elements of an array that are shown.
    :param name: what the outermost value is called if it is no structure.
    :raises RangeError: the bytes are too few, or the type has no size, or too many members.
    """
    size = types.size(ident)
    if size is None:
        raise RangeError(f"{declared(types, ident)!r} has no size, and so no value")
    if len(data) < size:
        raise RangeError(f"{declared(types, ident)} has {size} bytes, and there are {len(data)}")
    given = _Given(types=types, data=data[:size], big=big_endian, limit=limit, budget=Budget(_ROWS))
    entry = types.entries[types.peeled(ident)]
    if isinstance(entry, Struct):
        return list(_members(given, entry, "", 0, 0))
    return list(_value(given, ident, name, 0, 0, None))


def _members(given: _Given, struct: Struct, prefix: str, start: int, depth: int) -> Iterator[Printed]:
    for member in struct.members:
        given.budget.spend(depth, prefix)
        at = start + member.bit_offset
        if not member.name:
            inner = given.types.entries[given.types.peeled(member.type)]
            if isinstance(inner, Struct):
                yield from _members(given, inner, prefix, at, depth + 1)
            continue
        yield from _value(given, member.type, f"{prefix}{member.name}", at, depth, member.bit_size)


def _value(given: _Given, ident: TypeId, path: str, at: int, depth: int, bits: int | None) -> Iterator[Printed]:
    types = given.types
    entry = types.entries[types.peeled(ident)]
    size = types.size(ident)
    known = {"path": path, "depth": depth, "bit_offset": at, "type": declared(types, ident)}
    if bits is not None:
        number = _bits(given, at, bits)
        if number is None:
            yield _row(known, 0, "(outside)", None, bits)
            return
        if _signed(entry) and number >> (bits - 1) & 1:
            number -= 1 << bits
        yield _row(known, -(-(at % 8 + bits) // 8), _text(entry, number, None), number, bits)
    elif isinstance(entry, Struct):
        yield _row(known, entry.size, "", None)
        yield from _members(given, entry, f"{path}.", at, depth + 1)
    elif isinstance(entry, Array):
        yield from _array(given, entry, known, path, at, depth, size)
    elif size is None or not isinstance(entry, Base | Enum | Pointer):
        yield _row(known, 0, "", None)
    else:
        yield _row(known, size, *_scalar(given, entry, at, size))


def _row(known: dict[str, object], size: int, value: str, number: int | None, bits: int | None = None) -> Printed:
    path, depth, at, kind = known["path"], known["depth"], known["bit_offset"], known["type"]
    assert isinstance(path, str)
    assert isinstance(depth, int)
    assert isinstance(at, int)
    assert isinstance(kind, str)
    return Printed(
        path=path, depth=depth, bit_offset=at, size=size, type=kind, value=value, number=number, bit_size=bits
    )


def _array(
    given: _Given, array: Array, known: dict[str, object], path: str, at: int, depth: int, size: int | None
) -> Iterator[Printed]:
    types = given.types
    inner = types.peeled(array.element)
    element, each, count = types.entries[inner], types.size(array.element), array.count
    given.budget.spend(depth, path)
    if not count or not each or size is None:
        yield _row(known, 0, "[ ]", None)
        return
    raw = given.data[at // 8 : at // 8 + size]
    if isinstance(element, Base) and element.encoding is Encoding.CHAR and (text := _string(raw)) is not None:
        yield _row(known, size, text, None)
        return
    shown = min(count, given.limit)
    more = ", ..." if shown < count else ""
    if isinstance(element, Struct | Array):
        yield _row(known, size, "", None)
        for index in range(shown):
            given.budget.spend(depth, path)
            yield from _value(given, array.element, f"{path}[{index}]", at + 8 * each * index, depth + 1, None)
        return
    if not isinstance(element, Base | Enum | Pointer):
        yield _row(known, size, "", None)
        return
    if not any(raw):
        yield _row(known, size, f"[ 0 x {count} ]", None)
        return
    values = [_scalar(given, element, at + 8 * each * index, each)[0] for index in range(shown)]
    yield _row(known, size, f"[ {', '.join(values)}{more} ]", None)


def _string(raw: bytes) -> str | None:
    """Return bytes as a string of C, or None if they are none: what precedes the first zero must be printable."""
    text, zero, rest = raw.partition(b"\0")
    if not zero and not text:
        return None
    if any(not 0x20 <= byte < 0x7F and byte not in b"\t\n\r" for byte in text):
        return None
    if not text and any(rest):
        return None
    shown = text.decode("ascii").replace("\\", "\\\\").replace('"', '\\"')
    for char, spelled in (("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        shown = shown.replace(char, spelled)
    return f'"{shown}"'


def _bits(given: _Given, at: int, bits: int) -> int | None:
    """Return the bits of a bit-field: counted from the least significant one, or big endian from the most."""
    first, end = at // 8, -(-(at + bits) // 8)
    if end > len(given.data) or not 0 < bits <= 8 * _WIDEST:
        return None
    raw = given.data[first:end]
    if given.big:
        shift = 8 * len(raw) - at % 8 - bits
        return int.from_bytes(raw, "big") >> shift & ((1 << bits) - 1)
    return int.from_bytes(raw, "little") >> at % 8 & ((1 << bits) - 1)


def _signed(entry: object) -> bool:
    if isinstance(entry, Base):
        return entry.encoding is Encoding.SIGNED
    return isinstance(entry, Enum) and any(value < 0 for _name, value in entry.values)


def _scalar(given: _Given, entry: Base | Enum | Pointer, at: int, size: int) -> tuple[str, int | None]:
    raw = given.data[at // 8 : at // 8 + size]
    if len(raw) < size:
        return "(outside)", None
    if size > _WIDEST:
        return f"bytes {raw[:64].hex()}{'...' if size > 64 else ''}", None
    number = int.from_bytes(raw, "big" if given.big else "little", signed=_signed(entry))
    if isinstance(entry, Base) and entry.encoding is Encoding.FLOAT:
        form = {2: "e", 4: "f", 8: "d"}.get(size)
        if form is None:
            # 80 bits or 128: the type does not say which.
            return f"bytes {raw.hex()}", None
        return f"{packing.unpack(('>' if given.big else '<') + form, raw)[0]:.{9 if size < 8 else 17}g}", None
    return _text(entry, number, size), number


def _text(entry: object, number: int, size: int | None) -> str:
    """Return a number as its type is read; ``size`` is None for a bit-field."""
    if isinstance(entry, Enum):
        return _enumerator(entry, number)
    if isinstance(entry, Pointer):
        return f"{number:#x}" if number else "0"
    if isinstance(entry, Base):
        if entry.encoding is Encoding.BOOL and number in (0, 1):
            return ("false", "true")[number]
        if entry.encoding is Encoding.CHAR and size == 1:
            return f"{chr(number)!r}" if 0x20 <= number < 0x7F else f"{number:#x}"
        if entry.encoding is Encoding.UNSIGNED:
            return f"{number:#x}" if number else "0"
    return str(number)


def _enumerator(entry: Enum, number: int) -> str:
    """Return the enumerator of a value, or the ones that it is put together of."""
    left, names = number, []
    for name, value in entry.values:
        if value == number:
            return f"{number} ({name})"
        if value > 0 and value & (value - 1) == 0 and left >= 0 and left & value:
            left &= ~value
            names.append(name)
    if names and not left:
        return f"{number:#x} ({'|'.join(names)})"
    return f"{number} (no enumerator)"
