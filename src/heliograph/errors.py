"""What can go wrong for the user, each kind with its exit code.

A fault of the machine under study (a signal without a counterpart, a page that is not present) is an *answer* and
never raised. These exceptions are for input that cannot be answered. They are caught in two places only: the click
group and the Sphinx directive.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "Error",
    "FileError",
    "OracleMissingError",
    "ParseError",
    "RangeError",
    "Span",
    "UnknownNameError",
    "UnsupportedError",
    "UsageError",
    "nearest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in the user's input.

    Either ``line`` and ``column`` (both from 1; ``end_column`` is the column after the last character) or ``offset``
    (bytes from 0) is set. ``file`` is the name as the user wrote it, ``-`` for standard input, or None when the text
    came from the command line.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    end_column: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        """Return ``file:line:column`` or ``file:+offset``, as far as the parts are known."""
        parts = [self.file or "<argument>"]
        if self.offset is not None:
            parts.append(f"+{self.offset:#x}")
        elif self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


class Error(Exception):
    """Input that cannot be answered.

    :param message: one sentence without a full stop that says what is wrong and, where it can, the next step.
    :param text: the line (or the argument) in which the fault lies, for the caret.
    :param span: the place of the fault.
    :param more: further errors of the same run, for a check that tells all of them at once.
    """

    kind = "error"
    exit_code = 2

    def __init__(
        self, message: str, *, text: str | None = None, span: Span | None = None, more: Iterable[Error] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.span = span
        self.more = tuple(more)


class UsageError(Error):
    """The command line itself is wrong: an unknown option, a missing argument."""

    kind = "usage"


class ParseError(Error):
    """A text does not follow its grammar."""

    kind = "parse"


class FileError(Error):
    """A file that is not there or cannot be read or written."""

    kind = "file"


class RangeError(Error):
    """A number is outside its range; the message names the limits."""

    kind = "range"


class UnknownNameError(Error):
    """A name that is not in a table; the message names the nearest ones.

    :param what: the kind of name, such as ``signal of linux``.
    :param name: the name as the user wrote it.
    :param known: the names that exist.
    :param hint: a further sentence, such as the command that lists the names.
    """

    kind = "unknown-name"

    def __init__(
        self,
        what: str,
        name: str,
        known: Iterable[str],
        *,
        hint: str = "",
        text: str | None = None,
        span: Span | None = None,
    ) -> None:
        self.name = name
        names = tuple(known)
        self.suggestions = nearest(name, names)
        message = f"unknown {what}: {name!r}"
        if self.suggestions:
            message += f"; did you mean {' or '.join(self.suggestions)}?"
        elif far := nearest(name, names, cutoff=_FAR):
            message += f"; nothing is like it, the nearest: {', '.join(far)}"
        if hint:
            message += f" ({hint})"
        super().__init__(message, text=name if text is None else text, span=span)


class UnsupportedError(Error):
    """A feature that this installation or this combination cannot do.

    :param feature: what was asked for.
    :param why: why it cannot be had, and what would help.
    """

    kind = "unsupported"

    def __init__(self, feature: str, why: str, *, text: str | None = None, span: Span | None = None) -> None:
        super().__init__(f"{feature}: {why}", text=text, span=span)


class OracleMissingError(Error):
    """A judge that is not installed on this machine."""

    kind = "oracle-missing"
    exit_code = 3


_CLOSE = 0.55
"""How much of two names must agree, from 0 to 1, for one to be taken for a misspelling of the other."""
_FAR = 0.2
"""The same for a name that is shown because nothing is closer."""


def nearest(name: str, known: Iterable[str], *, most: int = 3, cutoff: float = _CLOSE) -> Sequence[str]:
    """Return up to ``most`` of ``known`` that look like ``name``, best first, whatever their case.

    :param cutoff: how alike they must be at least, 0 to 1.
    """
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    return [by_folded[match] for match in get_close_matches(name.casefold(), by_folded, n=most, cutoff=cutoff)]
