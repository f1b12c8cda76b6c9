"""A log of lx: a native number, and the Linux number in brackets, anywhere in a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["log_pairs"]

_PAIR = re.compile(r"(?<![\w.])([0-9]+)\s*\(lx\s+([0-9]+)\)")


def log_pairs(lines: Iterable[str]) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield (native, linux, line, column, end column) for each ``10 (lx 7)`` in a log, in one pass.

    A number over 999 counts as 999: it is out of every range, and so the distinct pairs stay few in any log.
    """
    for number, line in enumerate(lines, 1):
        # A plain search first: most lines of a log hold no pair.
        if "(lx" in line:
            for match in _PAIR.finditer(line):
                yield _number(match[1]), _number(match[2]), number, match.start() + 1, match.end() + 1


def _number(digits: str) -> int:
    significant = digits.lstrip("0")
    return min(int(significant[:4] or "0"), 999)
