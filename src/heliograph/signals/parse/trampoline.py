r"""Machine code as a user copies it from a debugger.

Grammar::

    code  = { byte | run } with spaces, commas or semicolons between
    byte  = "0x" hexdigit hexdigit | "\x" hexdigit hexdigit
    run   = hexdigit hexdigit { hexdigit hexdigit }

The bytes stand in the order of memory: ``58 b8 77`` and ``58b877`` are the same three.
"""

from __future__ import annotations

import re

from heliograph.errors import ParseError, RangeError, Span

__all__ = ["LONGEST_CODE", "code_bytes"]

LONGEST_CODE = 256
"""Bytes that are read; a trampoline has 7 to 9."""

_PIECE = re.compile(r"[^\s,;]+")
_PREFIXED = re.compile(r"(?:(?:0[xX]|\\x)[0-9a-fA-F]{2})+")
_PREFIX = re.compile(r"0[xX]|\\x")
_RUN = re.compile(r"[0-9a-fA-F]+")
_SHOWN = 24


def code_bytes(text: str) -> bytes:
    """Return the bytes that a text writes.

    :raises ParseError: it has none, or something in it is no byte; the span says where.
    :raises RangeError: there are more than ``LONGEST_CODE``.
    """
    found = b""
    for match in _PIECE.finditer(text):
        piece = match[0]
        span = Span(line=1, column=match.start() + 1, end_column=match.end() + 1)
        if _PREFIXED.fullmatch(piece):
            piece = _PREFIX.sub("", piece)
        elif not _RUN.fullmatch(piece):
            raise ParseError(_why(piece), text=text, span=span)
        elif len(piece) % 2:
            raise ParseError(f"{_short(piece)!r} has an odd number of digits: a byte is two", text=text, span=span)
        found += bytes.fromhex(piece)
        if len(found) > LONGEST_CODE:
            raise RangeError(f"more than {LONGEST_CODE} bytes; a trampoline has 7 to 9", text=text, span=span)
    if not found:
        span = Span(line=1, column=1, end_column=len(text) + 1 if text else 2)
        raise ParseError("no bytes: give hexadecimal digits, such as '58 b8 77 00 00 00 cd 80'", text=text, span=span)
    return found


def _why(piece: str) -> str:
    """Return what is wrong with a piece that is no byte and no run."""
    if re.fullmatch(r"0[xX][0-9a-fA-F]+", piece):
        return (
            f"{_short(piece)!r} is a word, and its bytes stand in memory the other way round;"
            " give bytes (x/8xb in gdb) in the order of memory"
        )
    return f"{_short(piece)!r} is no hexadecimal byte"


def _short(piece: str) -> str:
    return piece if len(piece) <= _SHOWN else f"{piece[:_SHOWN]}..."
