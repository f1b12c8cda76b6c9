"""From offsets.in to assym.h."""

from __future__ import annotations

import difflib
from dataclasses import replace

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import UsageError
from heliograph.files import STDIN
from heliograph.genassym.cli.options import Generated, Views, cc_option, failed, file_argument, generate, probe_of
from heliograph.genassym.model import Problem
from heliograph.genassym.render import assym as render
from heliograph.genassym.render.problems import problem_findings
from heliograph.genassym.translate.lint import lint
from heliograph.view import Severity, View

__all__ = ["gen"]


@click.command(
    "gen",
    cls=Command,
    epilog=examples(
        "helio genassym gen offsets.in --cc 'gcc -m64 -Iinclude' > assym.h",
        "helio genassym gen offsets.in --cc 'gcc -m32' -o assym.h --depfile assym.d",
        "helio genassym gen offsets.in --check assym.h",
        "helio genassym gen offsets.in --style c-assert > drift.c",
        "helio genassym gen offsets.in --format json",
    ),
)
@file_argument
@cc_option
@click.option("-o", "--output", metavar="FILE", help="Write here, in one step, and leave an equal file alone.")
@click.option("--check", "golden", metavar="GOLDEN", help="Compare with a file that was kept: exit code 1, and a diff.")
@click.option("--depfile", metavar="FILE", help="Write a make rule: the output depends on these files.")
@click.option("--werror", is_flag=True, help="Refuse what lint warns of.")
@click.option(
    "--style",
    type=click.Choice([*render.STYLES, "c-assert"]),
    default="assym",
    show_default=True,
    help="The form of the output; c-assert is C that does not compile when a value has changed.",
)
@pass_ports
def gen(
    ports: Ports,
    file: str,
    cc: str,
    output: str | None,
    golden: str | None,
    depfile: str | None,
    werror: bool,
    style: str,
) -> Views:
    """Write the assym.h of an offsets.in.

    The compiler is asked and may be a cross compiler: nothing of what it makes is run. OFFSETS.IN is - for standard
    input. If anything is wrong, all of it is told, and nothing is written.
    """
    if depfile is not None and output is None:
        raise UsageError("--depfile needs -o FILE: a rule has a target", text="--depfile")
    if golden is not None and (output is not None or depfile is not None):
        raise UsageError("--check writes nothing: leave out -o and --depfile", text="--check")
    probe = probe_of(cc, file)
    done = generate(ports.files, file, probe)
    problems = list(done.problems) or (_warnings(file, done) if werror else [])
    if problems:
        raise failed(problems, file)
    text = render.styled(style, done.found, file, done.parsed.source, probe.spelling)
    asides = (render.explain_gen(probe.name, probe.dropped), render.gen_sources())
    if golden is not None:
        return (*render.check_views(golden, _difference(ports.files.text(golden), text, golden)), *asides)
    if output is None:
        return (render.listing(style, text), render.defines_table(done.found), *asides)
    files = [(output, text)]
    if depfile is not None:
        files.append((depfile, _rule(output, [*(() if file == STDIN else (file,)), *probe.dependencies])))
    written: list[View] = [
        render.written_table(
            (name, len(data), ports.files.write(name, data))
            for name, data in [(name, content.encode(errors="surrogateescape")) for name, content in files]
        )
    ]
    return (*written, *asides)


def _warnings(file: str, done: Generated) -> list[Problem]:
    """Return what lint warns of, with the lines."""
    remarks = lint(done.text, done.parsed.entries, done.parsed.unindented, done.compiler)
    warned = {
        (item.line, item.column) for item in problem_findings(remarks, file).items if item.severity is not Severity.NOTE
    }
    lines = done.text.split("\n")
    return [
        replace(remark, text=lines[remark.line - 1] if remark.line <= len(lines) else "")
        for remark in remarks
        if (remark.line, remark.column) in warned
    ]


def _difference(before: str, after: str, name: str) -> str:
    """Return a unified diff, empty if the texts are the same."""
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), name, f"{name} (now)", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _rule(target: str, files: list[str]) -> str:
    """Return a rule of make, and an empty one for each file, so that a header that goes does not stop it."""
    names = [_escaped(name) for name in dict.fromkeys(files)]
    return " \\\n  ".join([f"{_escaped(target)}:", *names]) + "\n" + "".join(f"\n{name}:\n" for name in names)


def _escaped(name: str) -> str:
    return "".join(f"\\{char}" if char in " #\\" else "$$" if char == "$" else char for char in name)
