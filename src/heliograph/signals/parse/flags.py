"""A word of flags, or the ``how`` of sigprocmask, as a user writes it.

Grammar (case does not matter)::

    flags = number | name { ( "|" | "," ) name }
    how   = decimal | "0x" hexdigits | name
    number = [ "0x" ] hexdigits
    name  = with or without its prefix: SA_, SS_, UC_, SIG_
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from heliograph.errors import ParseError, RangeError, Span, UnknownNameError
from heliograph.signals.parse.signals import integer
from heliograph.signals.tables.flags import PREFIXES, SYNONYMS, WIDTH

__all__ = ["flag_word"]

_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)")


def flag_word(text: str, kind: str, known: Mapping[str, int], where: str) -> int:
    """Return the number that ``text`` writes.

    :param known: the values of that kind by name.
    :param where: the name of the system, for messages.

    :raises ParseError: it is empty or neither a number nor names.
    :raises RangeError: it is longer than 32 bits.
    :raises UnknownNameError: a name is none of the system's.
    """
    if not text.strip():
        raise ParseError("an empty text is no number; no flags are 0", text=text)
    value = integer(text.strip()) if kind == "how" else _hexadecimal(text.strip())
    if value is None:
        value = _by_name(text, kind, known, where)
    if not 0 <= value < 1 << WIDTH:
        raise RangeError(f"{text} is longer than {WIDTH} bits" if value > 0 else f"{text} is below 0", text=text)
    return value


def _hexadecimal(text: str) -> int | None:
    match = _HEX.fullmatch(text)
    return int(match[1], 16) if match else None


def _by_name(text: str, kind: str, known: Mapping[str, int], where: str) -> int:
    value, column = 0, 1
    pieces = re.split(r"[|,]", text)
    if kind == "how" and len(pieces) > 1:
        raise ParseError("the how of sigprocmask is one number or one name", text=text)
    for piece in pieces:
        span = Span(line=1, column=column, end_column=column + max(len(piece), 1))
        word = piece.strip().upper()
        if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", word):
            numbers = "a number (decimal or 0x)" if kind == "how" else "a hexadecimal number"
            raise ParseError(f"{piece.strip()!r} is neither {numbers} nor a name", text=text, span=span)
        name = word if word.startswith(PREFIXES[kind]) else PREFIXES[kind] + word
        name = SYNONYMS.get(name, name)
        if name not in known:
            raise UnknownNameError(f"flag of {where}", piece.strip(), known, text=text, span=span)
        value |= known[name]
        column += len(piece) + 1
    return value
