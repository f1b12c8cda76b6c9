"""Definitions as assym.h, and in the forms of other assemblers and languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from heliograph.genassym.model import Define, Kind, SourceLine
from heliograph.source import Source
from heliograph.view import Column, Listing, Prose, Row, Table

__all__ = [
    "SOURCES",
    "STYLES",
    "assym",
    "check_views",
    "defines_table",
    "explain_gen",
    "gen_sources",
    "listing",
    "styled",
    "written_table",
]


SOURCES = (
    Source(
        fact="grammar of offsets.in, form of assym.h",
        project="illumos/illumos-gate",
        revision="b8af4a8966ef2150997d7664836f5c360b849005",
        path="usr/src/tools/ctf/stabs/common/genassym.c",
        note="behaviour described in our own words",
    ),
    Source(
        fact="where each line of offsets.in goes",
        project="illumos/illumos-gate",
        revision="b8af4a8966ef2150997d7664836f5c360b849005",
        path="usr/src/tools/scripts/genoffsets.pl",
        note="behaviour described in our own words",
    ),
)


def assym(found: Iterable[Define]) -> str:
    """Return the file that the original tool writes: a line for each definition, in order, and nothing else."""
    return "".join(f"{define.text}\n" for define in found)


def _once(found: Iterable[Define]) -> Iterator[tuple[str, int]]:
    """Yield the names that have a value, each once."""
    seen: set[str] = set()
    for define in found:
        if define.name and define.value is not None and define.name not in seen:
            seen.add(define.name)
            yield define.name, define.value


def _lines(comment: str, line: Callable[[str, int], str], head: str = "", tail: str = "") -> Callable[..., str]:
    def write(found: Sequence[Define], file: str) -> str:
        origin = "standard input" if file == "-" else " ".join(file.split())
        lines = [f"{comment} Written from {origin} by helio genassym; do not edit."]
        lines += head.split("\n") if head else []
        lines += [line(name, value) for name, value in _once(found)]
        lines += [tail] if tail else []
        return "\n".join(lines) + "\n"

    return write


def _masm(value: int) -> str:
    return f"{'-' if value < 0 else ''}0{abs(value):x}h"


def _rust(name: str, value: int) -> str:
    return f"pub const {name}: {'usize' if value >= 0 else 'isize'} = {value:#x};"


STYLES: dict[str, Callable[[Sequence[Define], str], str]] = {
    "assym": lambda found, _file: assym(found),
    "gas": _lines("#", lambda name, value: f".set {name}, {value:#x}"),
    "nasm": _lines(";", lambda name, value: f"%define {name} {value:#x}"),
    "masm": _lines(";", lambda name, value: f"{name} EQU {_masm(value)}"),
    "rust": _lines("//", _rust, head="#![allow(dead_code, non_upper_case_globals)]"),
    "zig": _lines("//", lambda name, value: f"pub const {name} = {value:#x};"),
    "go": _lines("//", lambda name, value: f"\t{name} = {value:#x}", head="\npackage assym\n\nconst (", tail=")"),
    "python": _lines("#", lambda name, value: f"{name} = {value:#x}"),
    "json": lambda found, _file: json.dumps(dict(_once(found)), indent=2) + "\n",
}
"""The forms that are known, apart from ``c-assert``; all but assym leave out what has no value."""

_LANGUAGES = {"assym": "c", "gas": "asm", "nasm": "nasm", "masm": "asm", "c-assert": "c"}


def styled(
    style: str, found: Sequence[Define], file: str, source: Sequence[SourceLine], spelling: Callable[[str], str]
) -> str:
    """Return definitions in the form ``style``.

    :param source: the directives for the compiler, which static assertions stand below.
    :param spelling: a type's name in C, ``struct`` and its like included.
    """
    if style != "c-assert":
        return STYLES[style](found, file)
    lines = [line.text for line in source]
    lines.append("#define ASSYM_ASSERT(fact) _Static_assert(fact, #fact)")
    for define in found:
        type_ = spelling(define.type) if define.type else ""
        member = f"(({type_} *)0)->{define.path}"
        match define.kind:
            case Kind.SIZE:
                fact = f"sizeof({type_}) == {define.value:#x}"
            case Kind.SHIFT:
                fact = f"sizeof({type_}) == 1ULL << {define.value}"
            case Kind.OFFSET if not define.bits:
                fact = f"__builtin_offsetof({type_}, {define.path}) == {define.value:#x}"
            case Kind.INCREMENT:
                fact = f"sizeof({member}[0]) == {define.value:#x}"
            case _:
                continue
        lines.append(f"ASSYM_ASSERT({fact}); /* {define.name} */")
    return "\n".join(lines) + "\n"


def listing(style: str, text: str) -> Listing:
    """Return the output as an artefact."""
    return Listing(id="assym", language=_LANGUAGES.get(style, style), text=text, artefact=True)


def defines_table(found: Iterable[Define]) -> Table:
    """Return every line of the output that defines something."""
    columns = {"name": "name", "value": "value", "kind": "kind", "of": "of", "text": "text", "line": "line"}
    return Table(
        id="defines",
        columns=(
            *(Column(id=ident, title=title) for ident, title in columns.items()),
            Column(id="value_hex", title="value, hexadecimal", detail=True),
        ),
        rows=[_row(define) for define in found if define.name],
    )


def _row(define: Define) -> Row:
    return {
        "name": define.name,
        "value": define.value,
        "value_hex": None if define.value is None else f"{define.value:#x}",
        "kind": str(define.kind),
        "of": f"{define.type}.{define.path}" if define.path else define.type or None,
        "text": define.text,
        "line": define.line,
    }


def written_table(rows: Iterable[tuple[str, int, bool]]) -> Table:
    """Return which files were written: name, bytes, and whether the content is new."""
    return Table(
        id="written",
        columns=(
            Column(id="file", title="file"),
            Column(id="bytes", title="bytes"),
            Column(id="state", title="state"),
        ),
        rows=[{"file": name, "bytes": size, "state": "written" if new else "unchanged"} for name, size, new in rows],
    )


def check_views(golden: str, diff: str) -> tuple[Table | Listing, ...]:
    """Return whether the output is the one that was kept, with the difference as a unified diff."""
    table = Table(
        id="check",
        columns=(Column(id="file", title="file"), Column(id="result", title="result")),
        rows=[{"file": golden, "result": "differs" if diff else "the same"}],
        differs=bool(diff),
    )
    return (table, Listing(id="diff", language="diff", text=diff)) if diff else (table,)


def explain_gen(source: str, dropped: Sequence[str]) -> Prose:
    """Return how the numbers were found, as one paragraph.

    :param dropped: the options that were kept from the compiler.
    """
    without = f" Kept from it, as they move or hide constants: {' '.join(dropped)}." if dropped else ""
    return Prose(
        text=(
            f"The values come from {source}. It compiled the directives of the file with one record for each"
            " question, in which the answer stands behind a tag; the object was read and not run. A size is what sizeof"
            " says, a shift its logarithm, an offset is in bytes and of a bit-field rounded down; NAME_INCR is the size"
            f" of one element of an array. Lines that start with a backslash and # are copied.{without}"
        ),
        aside=True,
    )


def gen_sources() -> Table:
    """Return where the form of the file comes from."""
    names = ("fact", "project", "revision", "path", "note")
    return Table(
        id="sources",
        columns=tuple(Column(id=name, title=name) for name in names),
        rows=[{name: getattr(row, name) for name in names} for row in SOURCES],
        aside=True,
    )
