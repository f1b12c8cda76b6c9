"""Bytes as a user writes them: hexadecimal digits with white space between bytes, or a file that holds them raw.

Grammar::

    bytes = [ "0x" ] { hexdigit hexdigit | white space }

A file is taken as text if it holds nothing else, and as raw bytes otherwise.
"""

from __future__ import annotations

import re

from heliograph.errors import ParseError, RangeError, Span

__all__ = ["hex_bytes", "image", "whole"]

_TEXT = re.compile(rb"(?:0[xX])?[0-9a-fA-F\s]*")
_WRONG = re.compile(r"[^0-9a-fA-F\s]")


def hex_bytes(text: str) -> bytes:
    """Return the bytes that ``text`` writes.

    :raises ParseError: a character is no hexadecimal digit, or a digit is alone.
    """
    start = len(text) - len(text.lstrip())
    skip = start + (2 if text[start : start + 2] in ("0x", "0X") else 0)
    wrong = _WRONG.search(text, skip)
    if wrong:
        place = Span(line=1, column=wrong.start() + 1, end_column=wrong.start() + 2)
        raise ParseError(f"{wrong[0]!r} is no hexadecimal digit", text=text, span=place)
    digits = "".join(text[skip:].split())
    if not digits:
        raise ParseError("no bytes in an empty text", text=text)
    if len(digits) % 2:
        raise ParseError(f"{len(digits)} hexadecimal digits: the last byte has only one", text=text)
    return bytes.fromhex(digits)


def image(data: bytes, name: str) -> bytes:
    """Return the bytes of a file: of hexadecimal text, or the file as it is.

    :raises ParseError: it is empty, or hexadecimal text with a digit alone.
    """
    if not data:
        raise ParseError("no bytes in an empty file", span=Span(file=name, offset=0))
    if not _TEXT.fullmatch(data):
        return data
    try:
        return hex_bytes(data.decode("ascii"))
    except ParseError as error:
        raise ParseError(error.message, span=Span(file=name, offset=len(data))) from error


def whole(data: bytes, size: int, what: str, *, name: str | None = None, more: bool = False) -> bytes:
    """Return the first ``size`` bytes, all of ``data`` unless ``more`` may follow.

    :param what: what the bytes are, for messages.
    :param name: the file they came from.
    :raises ParseError: too few; the span holds the offset where they end.
    :raises RangeError: too many.
    """
    if len(data) < size:
        missing = size - len(data)
        raise ParseError(
            f"truncated: the bytes end at offset {len(data)}, {what} needs {size} ({missing} more)",
            span=Span(file=name, offset=len(data)),
        )
    if len(data) > size and not more:
        raise RangeError(f"{len(data)} bytes: {what} has {size}", span=Span(file=name, offset=size))
    return data[:size]
