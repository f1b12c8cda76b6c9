"""Text to model: signals, masks, wait statuses, a layer's table, an lx log.

Grammar (case does not matter in names)::

    signal    = [ "SIG" ] NAME | number | [ "SIG" ] number | realtime
    realtime  = [ "SIG" ] ( "RTMIN" [ "+" decimal ] | "RTMAX" [ "-" decimal ] )
    number    = decimal | "0x" hexdigits
    mask      = hex                    one number, bit n-1 for signal n
              | hex { "," hex }        words of the system's own width, low word first
    hex       = [ "0x" ] hexdigits
    status    = lines such as "SigCgt: 0000000000014002" of a /proc/PID/status
    pair      = number "(lx" number ")"

A number is never negative and never 0: 0 is kill's probe for a process, not a signal.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from heliograph.bits import bits_of, join_words
from heliograph.errors import Error, ParseError, RangeError, Span, UnknownNameError, UnsupportedError
from heliograph.signals.model import Libc, MaskSpelling, SignalSet, Signo, System, Written
from heliograph.signals.system import realtime_range

__all__ = [
    "LOG_PAIR",
    "TableRow",
    "layer_table",
    "log_pairs",
    "mask",
    "mask_spelling",
    "signal",
    "signal_names",
    "status_masks",
    "wait_status",
]

LOG_PAIR = re.compile(r"(?<![\w.])([0-9]{1,9})\s*\(lx\s+([0-9]{1,9})\)")
"""A native number with the Linux one in brackets, as lx writes them into its debug log."""

_NUMBER = re.compile(r"[+-]?[0-9]+")
_LONGEST = 18
"""Digits of a decimal number that are read; a longer one is out of every range."""
_HEX_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+")
_REALTIME = re.compile(r"RT(MIN|MAX)(?:([+-])([0-9]{1,9}))?")
_HEX = re.compile(r"(?:0[xX])?([0-9a-fA-F]+)")
_STATUS_LINE = re.compile(r"\s*(SigPnd|ShdPnd|SigBlk|SigIgn|SigCgt):\s*(\S*)\s*")
_NO_COUNTERPART = {"", "-", "-1", "0", "none", "null"}


def signal_names(where: System, libc: Libc) -> list[str]:
    """Return the names that :func:`signal` accepts, with ``SIG``, for messages and completion."""
    names = [name for entry in where.signals.values() for name in (*entry.names, *entry.sharing)]
    ends = realtime_range(where, libc)
    if ends:
        names += ["SIGRTMIN", *(f"SIGRTMIN+{n - ends[0]}" for n in range(ends[0] + 1, ends[1])), "SIGRTMAX"]
    return names


def _limits(where: System) -> str:
    """Return the numbers of a system as ranges, such as ``1..33, 65..126``."""
    ranges: list[list[int]] = []
    for number in where.numbers:
        if ranges and ranges[-1][1] + 1 == number:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{low}..{high}" if low != high else str(low) for low, high in ranges)


def signal(text: str, where: System, libc: Libc = Libc.GLIBC) -> Written:
    """Read a signal of ``where``: a name with or without SIG, an alias, a number, RTMIN+k or RTMAX-k.

    :raises RangeError: the number, or the real-time index, is none of the system's; the message names the limits.
    :raises UnknownNameError: the name is none of the system's; the message names the nearest ones.
    """
    folded = text.strip().upper()
    if not folded:
        raise ParseError(f"an empty word is no signal of {where.name}", text=text)
    bare = folded.removeprefix("SIG")
    # A plain number is never a name: gdb calls its number 45 SIG33.
    for candidate in () if folded[-1:].isdigit() and _NUMBER.fullmatch(folded) else (folded, f"SIG{folded}"):
        for entry in where.signals.values():
            if candidate in entry.names or candidate in entry.sharing:
                return Written(number=entry.number, name=candidate)
    if _NUMBER.fullmatch(bare) or _HEX_NUMBER.fullmatch(bare):
        return Written(number=_known_number(_integer(bare), where, text))
    if match := _REALTIME.fullmatch(bare):
        return Written(number=_realtime(match, where, libc, text))
    raise UnknownNameError(
        f"signal of {where.name}",
        text,
        _spelled_like(folded, signal_names(where, libc)),
        hint=f"helio signals list --system {where.name} lists them",
        text=text,
    )


def _integer(text: str) -> int:
    """Return a decimal or 0x number; one of too many digits becomes a number that is out of every range."""
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    return int(text[: _LONGEST + 1])


def _spelled_like(folded: str, names: Iterable[str]) -> list[str]:
    """Return the names with SIG or without it, as the user writes them."""
    return [name if folded.startswith("SIG") else name.removeprefix("SIG") for name in names]


def _known_number(number: int, where: System, text: str) -> Signo:
    if number == 0:
        raise RangeError(
            f"0 is no signal of {where.name}, it is kill's probe for a process; signals are {_limits(where)}", text=text
        )
    if number not in where.signals and not (where.realtime and number in where.realtime):
        raise RangeError(f"{text} is no signal of {where.name}; signals are {_limits(where)}", text=text)
    return Signo(number)


def _realtime(match: re.Match[str], where: System, libc: Libc, text: str) -> Signo:
    ends = realtime_range(where, libc)
    if ends is None:
        raise RangeError(f"{where.name} has no real-time signals", text=text)
    end, sign, digits = match.groups()
    step = int(digits or 0)
    low, high = ends
    number = low + step if end == "MIN" else high - step
    counted = f" as {libc} counts" if where.family == "linux" else ""
    if (sign == "-") == (end == "MIN") and step:
        raise RangeError(f"real-time signals are written RTMIN+k or RTMAX-k, not RT{end}{sign}k", text=text)
    if not low <= number <= high:
        raise RangeError(
            f"{text} is outside the real-time signals of {where.name}: RTMIN+0..RTMIN+{high - low}"
            f" are {low}..{high}{counted}",
            text=text,
        )
    return Signo(number)


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
        raise ParseError(f"an empty text is no mask; the empty {kind} is 0", text=text, span=span)
    words = []
    offset = 0
    for piece in text.split(","):
        match = _HEX.fullmatch(piece.strip())
        if not match:
            raise ParseError(
                f"{piece.strip() or 'nothing'!r} is no hexadecimal number; a mask is one number (bit n-1 for signal n)"
                f" or words of {spelling.word_bits} bits, low word first, with commas",
                text=text,
                span=span or Span(line=1, column=offset + 1, end_column=offset + 1 + max(len(piece), 1)),
            )
        words.append(int(match[1], 16))
        offset += len(piece) + 1
    if len(words) == 1:
        value = words[0]
    else:
        for word in words:
            if word.bit_length() > spelling.word_bits:
                raise RangeError(f"the word {word:x} is longer than {spelling.word_bits} bits", text=text, span=span)
        value = join_words(words, spelling.word_bits)
    if value.bit_length() > spelling.bits or (len(words) > 1 and len(words) > spelling.words):
        raise RangeError(f"the mask is longer than a {kind}, which has {size}", text=text, span=span)
    return tuple(Signo(bit + 1) for bit in bits_of(value))


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
    if not (_HEX_NUMBER.fullmatch(word) or _NUMBER.fullmatch(word)):
        raise ParseError(f"{text!r} is no wait status: a decimal number, or 0x and hexadecimal digits", text=text)
    value = _integer(word)
    if not 0 <= value <= 0xFFFFFF:
        raise RangeError(f"a wait status is within 0..0xffff (0xffffff with a ptrace event), not {text}", text=text)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a compatibility layer's own table; each cell with its column in the line, from 1."""

    line: int
    cells: tuple[tuple[str, int], ...]

    @property
    def source(self) -> tuple[str, int]:
        """Return the cell ``from``."""
        return self.cells[0]

    @property
    def target(self) -> tuple[str, int]:
        """Return the cell ``to``."""
        return self.cells[1]

    @property
    def name(self) -> tuple[str, int]:
        """Return the cell ``name``, empty if there is none."""
        return self.cells[2]

    @property
    def no_target(self) -> bool:
        """Return whether the table says that the signal has no counterpart."""
        return self.target[0].casefold() in _NO_COUNTERPART


def layer_table(text: str, name: str) -> list[TableRow]:
    """Read a table with the header ``from,to[,name]`` in any order; further columns are left alone.

    Empty lines and lines that start with ``#`` are skipped.

    :param name: the file's name, for messages.
    :raises ParseError: a column is missing from the header or a cell from a row; with file, line and column.
    """
    header: dict[str, int] | None = None
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = _cells(line, number, name)
        if header is None:
            header = _header(cells, line, number, name)
            continue
        for wanted in ("from", "to"):
            if header[wanted] >= len(cells):
                raise ParseError(
                    f"the row has no column {wanted!r}: {len(cells)} cells where the header needs {header[wanted] + 1}",
                    text=line,
                    span=Span(file=name, line=number, column=len(line) + 1, end_column=len(line) + 2),
                )
        column = header.get("name", len(cells))
        label = cells[column] if column < len(cells) else ("", len(line) + 1)
        found.append(TableRow(line=number, cells=(cells[header["from"]], cells[header["to"]], label)))
    if header is None:
        raise ParseError("no header: the first line is from,to[,name]", text="", span=Span(file=name, line=1, column=1))
    return found


def _cells(line: str, number: int, name: str) -> list[tuple[str, int]]:
    """Return the cells of a line with the column where each starts."""
    try:
        texts = next(csv.reader([line], strict=True))
    except csv.Error as error:
        span = Span(file=name, line=number, column=1, end_column=len(line) + 1)
        raise ParseError(f"not a row of comma-separated values: {error}", text=line, span=span) from error
    cells = []
    position = 0
    for text in texts:
        start = line.find(text.strip(), position) if text.strip() else position
        cells.append((text.strip(), max(start, position) + 1))
        position = line.find(",", max(start, position) + len(text.strip())) + 1 or len(line)
    return cells


def _header(cells: list[tuple[str, int]], line: str, number: int, name: str) -> dict[str, int]:
    names = [text.casefold() for text, _column in cells]
    for wanted in ("from", "to"):
        if wanted not in names:
            raise ParseError(
                f"the header has no column {wanted!r}; it is from,to[,name]",
                text=line,
                span=Span(file=name, line=number, column=1, end_column=len(line) + 1),
            )
    return {text: index for index, text in enumerate(names)}


def log_pairs(lines: Iterable[str]) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (native, linux, line, column, end column) for each ``10 (lx 7)`` in a log, in one pass.

    A number over 999 counts as 999: it is out of every range, and so the distinct pairs stay few in any log.
    """
    for number, line in enumerate(lines, 1):
        # A plain search first: most lines of a log hold no pair.
        if "(lx" in line:
            for match in LOG_PAIR.finditer(line):
                yield min(int(match[1]), 999), min(int(match[2]), 999), number, match.start() + 1, match.end() + 1
