"""Checks and the form of an offsets.in."""

from __future__ import annotations

import difflib

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import UsageError
from heliograph.files import STDIN
from heliograph.genassym.cli.options import Views, file_argument, generate, probe_of
from heliograph.genassym.parse.offsets_in import offsets_in
from heliograph.genassym.render.assym import check_views, gen_sources, written_table
from heliograph.genassym.render.problems import explain_lint, problem_findings
from heliograph.genassym.translate.fmt import formatted
from heliograph.genassym.translate.lint import lint as remarks
from heliograph.view import Listing, Prose

__all__ = ["fmt", "lint"]


@click.command(
    "lint",
    cls=Command,
    epilog=examples(
        "helio genassym lint offsets.in", "helio genassym lint offsets.in --cc 'gcc -m64 -Iinclude' --explain"
    ),
)
@file_argument
@click.option("--cc", metavar="COMMAND", help="Also ask this C compiler for every type and member.")
@pass_ports
def lint(ports: Ports, file: str, cc: str | None) -> Views:
    """Check an offsets.in.

    Without --cc the form alone is checked, and conditionals see the macros of the file only. The exit code is 1 if
    there is a warning or an error.
    """
    if cc is None:
        text = ports.files.text(file)
        parsed = offsets_in(text)
        problems = [*parsed.problems, *remarks(text, parsed.entries, parsed.unindented, {})]
    else:
        probe = probe_of(cc, file)
        done = generate(ports.files, file, probe)
        notes = remarks(done.text, done.parsed.entries, done.parsed.unindented, done.compiler or probe.macros())
        problems = [*done.problems, *notes]
    problems.sort(key=lambda problem: (problem.line, problem.column))
    return (problem_findings(problems, file), explain_lint(), gen_sources())


@click.command(
    "fmt",
    cls=Command,
    epilog=examples("helio genassym fmt offsets.in --write", "helio genassym fmt offsets.in --check"),
)
@file_argument
@click.option("--write", is_flag=True, help="Replace the file.")
@click.option("--check", is_flag=True, help="Compare: exit code 1, and a diff.")
@pass_ports
def fmt(ports: Ports, file: str, write: bool, check: bool) -> Views:
    """Write an offsets.in in the usual form.

    Types stand at the left, members behind a tab, one tab between words, one empty line between blocks. The meaning
    stays; comments, directives and lines with a comment in them keep their text.
    """
    if write and (check or file == STDIN):
        raise UsageError("--write replaces a file: it goes with neither --check nor standard input", text="--write")
    text = ports.files.text(file)
    new = formatted(text)
    about = Prose(
        text="An unindented line after an empty one names a type, so the form of a line is its meaning; fmt keeps it.",
        aside=True,
    )
    if check:
        lines = difflib.unified_diff(text.split("\n"), new.split("\n"), file, f"{file} (formatted)", lineterm="")
        return (*check_views(file, "".join(f"{line}\n" for line in lines)), about, gen_sources())
    if write:
        data = new.encode()
        return (written_table([(file, len(data), ports.files.write(file, data))]), about, gen_sources())
    return (Listing(id="fmt", language="text", text=new, artefact=True), about, gen_sources())
