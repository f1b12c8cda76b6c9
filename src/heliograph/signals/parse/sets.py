"""Sets of signals and wait statuses as a user or a kernel writes them.

Grammar::

    mask      = hex                    one number, bit n-1 for signal n
              | hex { "," hex }        words of the system's own width, low word first
    hex       = [ "0x" ] hexdigits
    status    = lines such as "SigCgt: 0000000000014002" of a /proc/PID/status
    wait      = decimal | "0x" hexdigits
"""

from __future__ import annotations

import re

from heliograph.bits import bits_of, join_words
from heliograph.errors import Error, ParseError, RangeError, Span, UnsupportedError
from heliograph.signals.model import MaskSpelling, SignalSet, Signo, System
from heliograph.signals.parse.signals import integer

__all__ = ["mask", "mask_spelling", "status_masks", "wait_status", "written_mask"]

_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)")
_STATUS_LINE = re.compile(r"\s*(SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt):\s*(\S*)\s*")


def mask_spelling(where: System, *, old: bool = False) -> MaskSpelling:
    """Return how a system keeps a set of signals.

    :param old: Linux' ``old_sigset_t``: a single 32-bit word.
    :raises UnsupportedError: the layout of its sets was not collected, or it has no old sets.
    """
    if old:
        if where.family != "linux":
            raise UnsupportedError(f"old signal sets of {where.name}", "only Linux has old_sigset_t")
        return MaskSpelling(word_bits=32, words=1)
    if where.mask is None:
        raise UnsupportedError(f"signal sets of {where.name}", "their layout was not collected", text=where.name)
    return where.mask


def mask(text: str, where: System, *, old: bool = False, span: Span | None = None) -> tuple[Signo, ...]:
    """Return the members of the set that ``text`` writes, in order.

    A member may be beyond the system's last signal as long as its bit fits the set: it is reported, not dropped.

    :param span: where the text stands, if it came from a file.
    :raises ParseError: the text is empty or no mask.
    :raises RangeError: it is longer than a set of the system.
    """
    spelling = mask_spelling(where, old=old)
    kind = f"{'old ' if old else ''}set of {where.name}"
    size = f"{spelling.bits} bits ({spelling.words} x {spelling.word_bits})"
    if not text.strip():
        raise ParseError(
            f"an empty text is no mask; the empty {kind} is 0, and a full one has {size}", text=text, span=span
        )
    words: list[int] = []
    offset = 0
    for piece in text.split(","):
        place = span or Span(line=1, column=offset + 1, end_column=offset + 1 + max(len(piece), 1))
        match = _HEX.fullmatch(piece.strip())
        if not match:
            raise ParseError(
                f"{piece.strip()!r} is no hexadecimal number; a mask is one number (bit n-1 for signal n)"
                f" or words of {spelling.word_bits} bits, low word first, with commas; a set has {size}",
                text=text,
                span=place,
            )
        words.append(int(match[1], 16))
        if "," in text and words[-1].bit_length() > spelling.word_bits:
            raise RangeError(f"the word {words[-1]:x} is longer than {spelling.word_bits} bits", text=text, span=place)
        offset += len(piece) + 1
    value = words[0] if len(words) == 1 else join_words(words, spelling.word_bits)
    if value.bit_length() > spelling.bits or (len(words) > 1 and len(words) > spelling.words):
        raise RangeError(
            f"the mask is longer than {'an' if old else 'a'} {kind}, which has {size}", text=text, span=span
        )
    return tuple(Signo(bit + 1) for bit in bits_of(value))


def written_mask(text: str, where: System, *, old: bool = False) -> SignalSet:
    """Return the set that a word of the command line writes: a mask, or one line such as ``SigCgt: 0000000000014a03``.

    :raises ParseError: the text is empty or no mask.
    :raises RangeError: it is longer than a set of the system.
    """
    line = _STATUS_LINE.fullmatch(text)
    return SignalSet(label=line[1] if line else "", members=mask(line[2] if line else text, where, old=old))


def status_masks(text: str, name: str, where: System, *, old: bool = False) -> list[SignalSet]:
    """Return the sets in a text: the signal lines of a /proc/PID/status, or a single mask.

    :param name: the file's name, for messages.
    :raises ParseError: a line is malformed, or there is no mask; with file, line and column.
    """
    sets = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if match := _STATUS_LINE.fullmatch(line):
            start = match.start(2) + 1
            span = Span(file=name, line=number, column=start, end_column=max(match.end(2) + 1, start + 1))
            sets.append(SignalSet(label=match[1], members=_mask_in(line, match[2], where, old, span)))
    if sets:
        return sets
    filled = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not filled:
        raise ParseError("no mask in an empty text", text="", span=Span(file=name, line=1, column=1))
    if len(filled) > 1:
        number, line = filled[1]
        raise ParseError(
            "one mask, or the SigBlk, SigIgn, SigCgt lines of a /proc/PID/status, and nothing else",
            text=line,
            span=Span(file=name, line=number, column=1, end_column=len(line) + 1),
        )
    number, line = filled[0]
    span = Span(file=name, line=number, column=1, end_column=len(line) + 1)
    return [SignalSet(label="", members=_mask_in(line, line.strip(), where, old, span))]


def _mask_in(line: str, text: str, where: System, old: bool, span: Span) -> tuple[Signo, ...]:
    """Read a mask that stands in a file, with the whole line as the text of an error."""
    try:
        return mask(text, where, old=old, span=span)
    except Error as error:
        error.text = line
        raise


def wait_status(text: str) -> int:
    """Return a wait status, decimal or 0x hexadecimal.

    :raises ParseError: the text is no number.
    :raises RangeError: it is not within 0..0xffffff (bits 16 and up carry a ptrace event).
    """
    word = text.strip()
    value = integer(word)
    if value is None:
        raise ParseError(f"{text!r} is no wait status: a decimal number, or 0x and hexadecimal digits", text=text)
    if not 0 <= value <= 0xFFFFFF:
        raise RangeError(f"a wait status is within 0..0xffff (0xffffff with a ptrace event), not {text}", text=text)
    return value
