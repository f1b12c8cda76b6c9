"""Read registers: TOML to claims, with the place of every mistake.

Grammar of a register (TOML)::

    subject = "signals"

    [[claim]]
    id = "SIG-02"                       # an id of the inventory, or a new one: letters, hyphen, two digits
    sentence = "..."                    # what is claimed, in our words
    said = ["post-2005-12-13"]          # keys of sources.toml
    evidence = "computed"               # or executed, live kernel, compiled source, public source read, testimony
    verdict = "confirmed"               # what was reviewed last
    account, public, observed = "..."   # for rows that differ: all three
    history = [["2026-11-24", "confirmed", "first check"]]

    [[claim.check]]                     # any number; one of command, property, judge, read
    about = "lx-2006"                   # which revision it is about
    command = "signals diff linux solaris-2005"
    stdin = "..."
    exit = 1
    [[claim.check.expect]]
    view = "diff"
    where = { from = "..31" }
    count = 19                          # or all = {}, values = {}, sequence = { id = [] }
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, TypeVar

from heliograph.claims.model import (
    Check,
    Cited,
    Claim,
    CommandCheck,
    Evidence,
    Expectation,
    JudgeCheck,
    Place,
    PropertyCheck,
    ReadCheck,
    Record,
    Verdict,
)
from heliograph.errors import ParseError, Span, UnknownNameError

__all__ = ["Known", "builtin", "builtin_names", "records", "register", "sources"]

_ID = re.compile(r"[A-Z]{2,4}-\d{2}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_DATA = "heliograph.claims.data"
_CLAIM_KEYS = {
    "id",
    "sentence",
    "said",
    "evidence",
    "verdict",
    "account",
    "public",
    "observed",
    "history",
    "check",
}
_CHECK_KEYS = {"about", "command", "stdin", "exit", "expect", "property", "judge", "read", "seen", "date", "agrees"}
_EXPECT_KEYS = {"view", "where", "count", "all", "values", "sequence"}
_KINDS = ("command", "property", "judge", "read")
_SAYS = ("count", "all", "values", "sequence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names that a register may use.

    :param sources: keys of sources.
    :param properties: names of properties.
    :param comparisons: ids of comparisons with a judge.
    """

    sources: frozenset[str]
    properties: frozenset[str]
    comparisons: frozenset[str]


def builtin_names() -> list[str]:
    """Return the file names of the registers that come with heliograph."""
    kept = {"sources.toml", "records.toml"}
    return sorted(
        entry.name for entry in files(_DATA).iterdir() if entry.name.endswith(".toml") and entry.name not in kept
    )


def builtin(name: str) -> str:
    """Return the text of a file that comes with heliograph."""
    return files(_DATA).joinpath(name).read_text(encoding="utf-8")


def sources(text: str | None = None, name: str = "sources.toml") -> dict[str, Cited]:
    """Return the sources by key.

    :raises ParseError: the text is malformed or a key stands twice.
    """
    scan = _Scan(builtin(name) if text is None else text, name, "source")
    found: dict[str, Cited] = {}
    for index, row in enumerate(scan.rows):
        place = scan.place(index, "key")
        words = {word: _text(row, word, scan, index) for word in ("key", "kind", "title", "revision")}
        if words["key"] in found:
            raise scan.error(f"the source {words['key']} stands twice", place)
        found[words["key"]] = Cited(**words, path=str(row.get("path", "")), note=str(row.get("note", "")))
    return found


def records(text: str | None = None, name: str = "records.toml") -> dict[str, Record]:
    """Return what the judges said last, by the id of the comparison."""
    scan = _Scan(builtin(name) if text is None else text, name, "record")
    try:
        return {row["comparison"]: Record(**row) for row in scan.rows}
    except (KeyError, TypeError) as error:
        raise ParseError(
            f"a record is not as tools/record_oracle.py writes it: {error}", span=Span(file=name, line=1, column=1)
        ) from error


def register(text: str, name: str, known: Known) -> list[Claim]:
    """Return the claims of a register.

    :param name: the file's name, for messages.
    :raises ParseError: it is malformed, an id stands twice, or an expectation cannot fail; with file, line and column.
    :raises UnknownNameError: it names a source, a property, a comparison or a word that does not exist.
    """
    scan = _Scan(text, name, "claim")
    subject = scan.top.get("subject")
    if not isinstance(subject, str):
        raise scan.error('a register starts with subject = "..."', Place(file=name, line=1))
    claims: dict[str, Claim] = {}
    for index, row in enumerate(scan.rows):
        claim = _claim(row, index, subject, scan, known)
        if claim.id in claims:
            raise scan.error(f"{claim.id} stands in line {claims[claim.id].place.line} already", claim.place)
        claims[claim.id] = claim
    return list(claims.values())


class _Scan:
    """A TOML text with the lines of its ``[[table]]`` rows: the parser of the standard library gives no places."""

    def __init__(self, text: str, name: str, table: str) -> None:
        self.name = name
        self.lines = text.split("\n")
        self._table = table
        try:
            self.top: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            found = _TOML_PLACE.search(str(error))
            line, column = (int(found[1]), int(found[2])) if found else (len(self.lines), 1)
            message = _TOML_PLACE.sub("", str(error)).strip()
            raise self.error(
                f"not TOML: {message[:1].lower()}{message[1:]}", Place(file=name, line=line, column=column)
            ) from error
        rows = self.top.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.error(f"{table} is written [[{table}]]", Place(file=name, line=1))
        self.rows: list[dict[str, Any]] = rows
        self._starts = self._headers(f"[[{table}]]", 0, len(self.lines))

    def _headers(self, header: str, start: int, end: int) -> list[int]:
        return [number for number in range(start, end) if self.lines[number].strip().startswith(header)]

    def error(self, message: str, place: Place) -> ParseError:
        """Return an error with its line and a caret."""
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        end = max(len(line.rstrip()) + 1, place.column + 1)
        return ParseError(
            message, text=line, span=Span(file=self.name, line=place.line, column=place.column, end_column=end)
        )

    def place(self, index: int, key: str, *nested: tuple[str, int]) -> Place:
        """Return where ``key`` of a row stands, or of a table nested in it: (``check``, 0), (``expect``, 1)."""
        start = self._starts[index] if index < len(self._starts) else 0
        end = self._starts[index + 1] if index + 1 < len(self._starts) else len(self.lines)
        header = self._table
        for word, position in nested:
            header = f"{header}.{word}"
            starts = self._headers(f"[[{header}]]", start, end)
            if position >= len(starts):
                break
            end = starts[position + 1] if position + 1 < len(starts) else end
            start = starts[position]
        for number in range(start, end):
            match = re.match(rf"\s*({re.escape(key)})\s*=", self.lines[number])
            if match:
                return Place(file=self.name, line=number + 1, column=match.start(1) + 1)
        return Place(file=self.name, line=start + 1)


def _text(row: Mapping[str, Any], key: str, scan: _Scan, index: int, *nested: tuple[str, int]) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise scan.error(f'{key} = "..." is missing or empty', scan.place(index, key, *nested))
    return value


_Word = TypeVar("_Word", bound=StrEnum)


def _word(kind: type[_Word], row: Mapping[str, Any], scan: _Scan, index: int) -> _Word:
    """Return the word of an enumeration that stands under its name in lower case."""
    key = kind.__name__.lower()
    text = _text(row, key, scan, index)
    try:
        return kind(text)
    except ValueError:
        raise _unknown(key, text, [str(one) for one in kind], scan, scan.place(index, key)) from None


def _unknown(what: str, name: str, known: Iterable[str], scan: _Scan, place: Place) -> UnknownNameError:
    line = scan.lines[place.line - 1]
    start = line.find(name)
    column = start + 1 if start >= 0 else place.column
    span = Span(file=scan.name, line=place.line, column=column, end_column=column + max(len(name), 1))
    return UnknownNameError(what, name, known, text=line, span=span)


def _strange(row: Mapping[str, Any], keys: set[str], scan: _Scan, index: int, *nested: tuple[str, int]) -> None:
    for key in row:
        if key not in keys:
            raise _unknown("key", key, keys, scan, scan.place(index, key, *nested))


def _claim(row: Mapping[str, Any], index: int, subject: str, scan: _Scan, known: Known) -> Claim:
    _strange(row, _CLAIM_KEYS, scan, index)
    ident = _text(row, "id", scan, index)
    if not _ID.fullmatch(ident):
        raise scan.error(
            f"an id is letters, a hyphen and two digits, such as SIG-02, not {ident}", scan.place(index, "id")
        )
    said = row.get("said")
    if not isinstance(said, list) or not said or not all(isinstance(key, str) for key in said):
        raise scan.error("said = [...] names at least one source", scan.place(index, "said"))
    for key in said:
        if key not in known.sources:
            raise _unknown("source", key, known.sources, scan, scan.place(index, "said"))
    verdict = _word(Verdict, row, scan, index)
    checks = tuple(_check(check, index, position, scan, known) for position, check in enumerate(row.get("check", [])))
    if bool(checks) == (verdict is Verdict.TESTIMONY):
        rule = "a claim without a check is testimony, and testimony has none"
        raise scan.error(f"{rule}: {ident} says {verdict}", scan.place(index, "verdict"))
    columns = {name: str(row.get(name, "")) for name in ("account", "public", "observed")}
    if verdict in (Verdict.DIFFERS, Verdict.CONTRADICTED) and not all(columns.values()):
        raise scan.error(f"a claim that {verdict} has account, public and observed", scan.place(index, "verdict"))
    return Claim(
        place=scan.place(index, "id"),
        id=ident,
        subject=subject,
        sentence=" ".join(_text(row, "sentence", scan, index).split()),
        said=tuple(said),
        evidence=_word(Evidence, row, scan, index),
        verdict=verdict,
        checks=checks,
        history=_history(row, index, scan),
        **columns,
    )


def _history(row: Mapping[str, Any], index: int, scan: _Scan) -> tuple[tuple[str, str, str], ...]:
    entries = row.get("history", [])
    for entry in entries:
        if not (isinstance(entry, list) and len(entry) == 3 and _DATE.fullmatch(str(entry[0]))):
            raise scan.error('history = [["2026-11-24", "confirmed", "remark"]]', scan.place(index, "history"))
    return tuple((str(date), str(verdict), str(remark)) for date, verdict, remark in entries)


def _check(row: Mapping[str, Any], index: int, position: int, scan: _Scan, known: Known) -> Check:
    nested = ("check", position)
    _strange(row, _CHECK_KEYS, scan, index, nested)
    kinds = [kind for kind in _KINDS if kind in row]
    if len(kinds) != 1:
        raise scan.error(f"a check has one of {', '.join(_KINDS)}", scan.place(index, "about", nested))
    place = scan.place(index, kinds[0], nested)
    about = str(row.get("about", ""))
    name = _text(row, kinds[0], scan, index, nested)
    match kinds[0]:
        case "command":
            return _command(row, name, about, index, position, scan)
        case "property":
            if name not in known.properties:
                raise _unknown("property", name, known.properties, scan, place)
            return PropertyCheck(place=place, about=about, name=name)
        case "judge":
            if name not in known.comparisons:
                raise _unknown("comparison", name, known.comparisons, scan, place)
            return JudgeCheck(place=place, about=about, comparison=name)
        case _:
            if name not in known.sources:
                raise _unknown("source", name, known.sources, scan, place)
            date = _text(row, "date", scan, index, nested)
            if not _DATE.fullmatch(date):
                raise scan.error(f"a date is written 2026-11-24, not {date}", scan.place(index, "date", nested))
            seen = " ".join(_text(row, "seen", scan, index, nested).split())
            return ReadCheck(
                place=place, about=about, source=name, seen=seen, date=date, agrees=bool(row.get("agrees", True))
            )


def _command(row: Mapping[str, Any], line: str, about: str, index: int, position: int, scan: _Scan) -> CommandCheck:
    place = scan.place(index, "command", ("check", position))
    try:
        words = tuple(shlex.split(line))
    except ValueError as error:
        raise scan.error(f"not a command line: {error}", place) from error
    code = row.get("exit", 0)
    if not isinstance(code, int) or isinstance(code, bool):
        raise scan.error("exit = is a number", scan.place(index, "exit", ("check", position)))
    expected = row.get("expect", [])
    if not isinstance(expected, list) or not expected:
        raise scan.error("a command without [[claim.check.expect]] matches anything: say what must hold", place)
    return CommandCheck(
        place=place,
        about=about,
        command=words,
        stdin=str(row.get("stdin", "")),
        exit_code=code,
        expectations=tuple(_expectation(one, index, position, at, scan) for at, one in enumerate(expected)),
    )


def _expectation(row: Any, index: int, position: int, at: int, scan: _Scan) -> Expectation:
    nested = (("check", position), ("expect", at))
    if not isinstance(row, dict):
        raise scan.error("an expectation is a table", scan.place(index, "expect", *nested))
    _strange(row, _EXPECT_KEYS, scan, index, *nested)
    place = scan.place(index, "view", *nested)
    says = [word for word in _SAYS if word in row]
    if len(says) != 1:
        raise scan.error(f"an expectation says one of {', '.join(_SAYS)}; with none it matches anything", place)
    word, value = says[0], row[says[0]]
    where = row.get("where", {})
    if not isinstance(where, dict):
        raise scan.error("where = { cell = value }", scan.place(index, "where", *nested))
    view = _text(row, "view", scan, index, *nested)
    spot = scan.place(index, word, *nested)
    if word == "count":
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise scan.error("count = is a number, 0 or more", spot)
        return Expectation(place=place, view=view, where=where, count=value)
    if not isinstance(value, dict) or not value:
        raise scan.error(f"{word} = {{}} matches anything: name a cell", spot)
    if word == "all":
        return Expectation(place=place, view=view, where=where, all=value)
    if not all(isinstance(values, list) for values in value.values()):
        raise scan.error(f"{word} = {{ cell = [...] }}", spot)
    if word == "values":
        return Expectation(place=place, view=view, where=where, values=value)
    ((cell, values), *more) = value.items()
    if more or len(values) < 2 or len(set(map(str, values))) < 2:
        raise scan.error("sequence = { cell = [...] } has one cell and at least two different values", spot)
    return Expectation(place=place, view=view, where=where, sequence=(cell, tuple(values)))
