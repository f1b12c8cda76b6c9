"""The subject ``genassym``: its group of commands, its reference, its sources."""

from __future__ import annotations

import click

from heliograph.command import Entry, Group, examples
from heliograph.genassym.cli.options import Views
from heliograph.genassym.render.assym import SOURCES, gen_sources
from heliograph.source import Source
from heliograph.subject import Subject

__all__ = ["SUBJECT", "genassym"]

_HERE = "heliograph.genassym.cli"
_COMMANDS = (
    ("gen", "gen:gen", "Write the assym.h of an offsets.in."),
    ("explain", "explain:explain", "Take the value of NAME apart, term by term."),
    ("lint", "lint:lint", "Check an offsets.in."),
    ("fmt", "lint:fmt", "Write an offsets.in in the usual form."),
    ("layout", "layout:layout", "Show the members, holes, bits and cache lines of a structure."),
    ("offsetof", "layout:offsetof", "Say where a member lies, as mdb's ::offsetof does."),
    ("sizeof", "layout:sizeof", "Say how large a type is, as mdb's ::sizeof does."),
    ("print", "print:print_command", "Show the values of a structure that raw bytes hold, as mdb's ::print does."),
    ("diff", "diff:diff", "Show which members of structures moved between two objects."),
)


@click.group(
    "genassym",
    cls=Group,
    entries=tuple(Entry(name=name, summary=summary, place=f"{_HERE}.{place}") for name, place, summary in _COMMANDS),
    epilog=examples(
        "helio genassym gen offsets.in --cc 'gcc -m64' > assym.h",
        "helio genassym explain T_RBX --offsets offsets.in",
    ),
)
def genassym() -> None:
    """Write the constants that assembly code needs of C.

    A kernel's assembly names members of C structures by constants such as T_LABEL, which stand in no header: a file
    offsets.in lists them, and each build writes an assym.h from it.
    """


def _reference() -> Views:
    """Return the tables that the wing stands on."""
    return (gen_sources(),)


def _sources() -> tuple[Source, ...]:
    return SOURCES


SUBJECT = Subject(name="genassym", command=genassym, reference=_reference, sources=_sources)
