"""Signals as a user writes them.

Grammar (case does not matter)::

    signal    = [ "SIG" ] NAME | number | [ "SIG" ] number | realtime
    realtime  = [ "SIG" ] ( "RTMIN" [ "+" decimal ] | "RTMAX" [ "-" decimal ] )
    number    = decimal | "0x" hexdigits

A number is never negative and never 0: 0 is kill's probe for a process, not a signal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from heliograph.errors import ParseError, RangeError, UnknownNameError
from heliograph.signals.model import Libc, Signo, System, Written
from heliograph.signals.system import realtime_range
from heliograph.signals.tables.systems import SYNONYMS

__all__ = ["integer", "signal", "signal_names"]

_NUMBER = re.compile(r"[+-]?[0-9]+|0[xX][0-9a-fA-F]+")
_LONGEST = 18
"""Digits of a decimal number that are read; a longer one is out of every range."""
_REALTIME = re.compile(r"RT(MIN|MAX)(?:([+-])([0-9]+))?")


def integer(text: str) -> int | None:
    """Return a decimal or 0x number, None if the text is neither.

    A decimal one of too many digits is cut short, which leaves it out of every range.
    """
    if not _NUMBER.fullmatch(text):
        return None
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    digits = text.lstrip("+-0")[:_LONGEST] or "0"
    return -int(digits) if text[0] == "-" else int(digits)


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
    for candidate in () if integer(folded) is not None else (folded, f"SIG{folded}"):
        for entry in where.signals.values():
            if candidate in entry.names or candidate in entry.sharing:
                return Written(number=entry.number, name=candidate)
    synonym = _synonym(f"SIG{bare}", where)
    if synonym is not None:
        return Written(number=synonym)
    number = integer(bare)
    if number is not None:
        return Written(number=_known_number(number, where, text))
    if match := _REALTIME.fullmatch(bare):
        return Written(number=_realtime(match, where, libc, text))
    raise UnknownNameError(
        f"signal of {where.name}",
        text,
        _spelled_like(folded, signal_names(where, libc)),
        hint=f"helio signals list --system {where.name} lists them",
        text=text,
    )


def _synonym(name: str, where: System) -> Signo | None:
    """Return the signal that the system knows by another name of the same meaning: SIGCLD is Linux' SIGCHLD."""
    others = {other for group in SYNONYMS if name in group for other in group}
    return next((entry.number for entry in where.signals.values() if others & set(entry.names)), None)


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
    step = integer(digits or "0") or 0
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
