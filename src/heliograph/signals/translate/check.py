"""Check a compatibility layer's own table against the two systems that it ties together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from heliograph.errors import RangeError, UnknownNameError
from heliograph.signals.model import How, Policy, Reason, Signo, System, Translation, Written
from heliograph.signals.translate.numbers import Translator

__all__ = ["Fault", "Row", "check"]

Read = Callable[[str, System], Written]
"""Reads a signal of a system; the room ``parse`` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table under test: cells with the column where each starts, from 1.

    :param no_target: the row says that the signal has no counterpart.
    """

    line: int
    source: tuple[str, int]
    target: tuple[str, int]
    name: tuple[str, int]
    no_target: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong with a cell.

    :param found: the translation that the cell disagrees with, if it is about one.
    :param said: the number that the table gives, if it gives one.
    :param other: an earlier line, or the nearest names.
    """

    code: str
    line: int
    cell: tuple[str, int]
    found: Translation | None = None
    said: int | None = None
    other: str = ""


def check(rows: list[Row], translator: Translator, read: Read, *, complete: bool = False) -> Iterator[Fault]:
    """Yield what is wrong with the table, in the order of its lines.

    :param read: reads a cell as a signal of a system.
    :param complete: also report signals that have a counterpart but no row; they stand at the last line.
    """
    seen: dict[int, int] = {}
    reached: dict[int, tuple[int, int]] = {}
    for row in rows:
        source = _read(row.source, translator.source, read)
        if isinstance(source, str):
            yield Fault(code="unknown-signal", line=row.line, cell=row.source, other=source)
            continue
        if source.number in seen:
            yield Fault(code="duplicate", line=row.line, cell=row.source, other=str(seen[source.number]))
        seen.setdefault(source.number, row.line)
        yield from _name(row, source, translator, read)
        if row.no_target:
            found = translator.written(source)
            if found.target is not None:
                yield Fault(code="missing-target", line=row.line, cell=row.target, found=found)
            continue
        target = _read(row.target, translator.target, read)
        if isinstance(target, str):
            yield Fault(code="unknown-signal", line=row.line, cell=row.target, other=target)
            continue
        yield from _target(row, source, target, translator)
        earlier = reached.setdefault(target.number, (source.number, row.line))
        if earlier[0] != source.number:
            yield Fault(code="not-injective", line=row.line, cell=row.target, said=target.number, other=str(earlier[1]))
    if complete:
        last = rows[-1].line if rows else 1
        for found in translator.all():
            if found.target is not None and found.source not in seen:
                yield Fault(code="missing-row", line=last, cell=("", 1), found=found)


def _read(cell: tuple[str, int], where: System, read: Read) -> Written | str:
    """Return the signal in a cell, or why it is none."""
    try:
        return read(cell[0], where)
    except (UnknownNameError, RangeError) as error:
        return error.message


def _name(row: Row, source: Written, translator: Translator, read: Read) -> Iterator[Fault]:
    """Compare the optional name with the source's number, or with the target's for names that only it has."""
    if not row.name[0]:
        return
    named = _read(row.name, translator.source, read)
    if isinstance(named, str):
        yield Fault(code="unknown-signal", line=row.line, cell=row.name, other=named)
    elif named.number != source.number:
        yield Fault(code="wrong-name", line=row.line, cell=row.name, said=named.number, found=_itself(source.number))


def _itself(number: Signo) -> Translation:
    return Translation(source=number, target=number, how=How.SAME, reason=Reason.NAME)


def _target(row: Row, source: Written, target: Written, translator: Translator) -> Iterator[Fault]:
    found = translator.written(source)
    if found.target == target.number:
        return
    if _stands_in(source.number, target.number, translator):
        code = "stand-in"
    else:
        code = "lost-signal" if found.target is None else "wrong-target"
    yield Fault(code=code, line=row.line, cell=row.target, found=found, said=target.number)


def _stands_in(source: Signo, target: Signo, translator: Translator) -> bool:
    """Return whether lx would send ``source`` to ``target`` in place of its counterpart."""
    families = {translator.source.family, translator.target.family}
    if families != {"linux", "solaris"} or not (translator.source.lx or translator.target.lx):
        return False
    found = Translator(translator.source, translator.target, Policy.LX_2019).number(source)
    return found.how is How.STAND_IN and found.target == target
