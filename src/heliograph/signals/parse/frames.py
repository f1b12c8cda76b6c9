"""Addresses and values for a frame as a user writes them.

Grammar::

    address = decimal | "0x" hexdigits
    onstack = address "," size
    value   = NAME "=" ( [ "-" ] decimal | "0x" hexdigits )
"""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.errors import ParseError, RangeError, Span, UnknownNameError
from heliograph.signals.parse.signals import integer
from heliograph.signals.tables.layouts import Member

__all__ = ["address", "alternate_stack", "field_value"]


def address(text: str, word: int) -> int:
    """Return an address.

    :param word: bytes of a pointer.
    :raises ParseError: the text is no number.
    :raises RangeError: it does not fit a pointer.
    """
    value = integer(text.strip())
    if value is None:
        raise ParseError(f"{text!r} is no address: a decimal number, or 0x and hexadecimal digits", text=text)
    if not 0 <= value < 1 << (8 * word):
        raise RangeError(f"{text} is no address of {8 * word} bits", text=text)
    return value


def alternate_stack(text: str, word: int) -> tuple[int, int]:
    """Return the address and the size of an alternate stack.

    :raises ParseError: there are not two numbers.
    :raises RangeError: the stack is empty or ends beyond the last address.
    """
    parts = text.split(",")
    if len(parts) != 2:
        raise ParseError(f"{text!r}: an address and a size with a comma between, such as 0x10000,8192", text=text)
    base, size = address(parts[0], word), address(parts[1], word)
    if not size:
        raise RangeError(f"{text}: the alternate stack is empty", text=text)
    if base + size > 1 << (8 * word):
        raise RangeError(f"{text}: the alternate stack ends beyond the last address", text=text)
    return base, size


def field_value(text: str, members: Iterable[Member]) -> tuple[str, int]:
    """Return a field's name and the value it is given.

    :param members: the fields there are.
    :raises UnknownNameError: there is no such field.
    :raises RangeError: the value does not fit it.
    """
    name, equals, number = text.partition("=")
    known = {member[0]: member for member in members}
    name = name.strip()
    if not equals:
        raise ParseError(f"{text!r} is no NAME=VALUE", text=text)
    if name not in known:
        raise UnknownNameError("field of the frame", name, known, text=text, span=_place(0, len(name)))
    value = integer(number.strip())
    if value is None:
        span = _place(len(text) - len(number), len(number))
        raise ParseError(f"{number!r} is no number: decimal, or 0x and hexadecimal digits", text=text, span=span)
    _name, _offset, size, form = known[name]
    low = -(1 << (8 * size - 1)) if form == "i" else 0
    high = (1 << (8 * size - 1)) if form == "i" else 1 << (8 * size)
    # A field that holds signed numbers may be given as its bits.
    if form == "i" and high <= value < high * 2 and number.strip()[:2] in ("0x", "0X"):
        value -= high * 2
    if not low <= value < high:
        span = _place(len(text) - len(number), len(number))
        raise RangeError(f"{number} does not fit the {size} bytes of {name}", text=text, span=span)
    return name, value


def _place(start: int, length: int) -> Span:
    return Span(line=1, column=start + 1, end_column=start + 1 + max(length, 1))
