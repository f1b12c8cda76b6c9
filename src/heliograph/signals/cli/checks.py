"""Checks of a compatibility layer's table and of an lx log."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import ParseError
from heliograph.signals.cli.options import Views, libc_option, policy_choice, policy_option
from heliograph.signals.model import Libc, Policy, System, Written
from heliograph.signals.parse.layer import layer_table
from heliograph.signals.parse.log import log_pairs
from heliograph.signals.parse.signals import signal
from heliograph.signals.render import checks, numbers
from heliograph.signals.system import system_called, system_names
from heliograph.signals.translate import check as check_table
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.trace import LX, compared_systems, pairs

__all__ = ["check", "trace"]


class _Against(click.ParamType[tuple[System, System]]):
    """Two systems with a comma between them."""

    name = "A,B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[System, System]:
        """Return the two systems."""
        if isinstance(value, tuple):
            return value
        parts = str(value).split(",")
        if len(parts) != 2:
            raise ParseError(f"{value!r}: two systems with a comma between them, such as linux,illumos", text=value)
        return system_called(parts[0].strip()), system_called(parts[1].strip())

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names for the system that is being typed, after what stands before it."""
        before, comma, last = incomplete.rpartition(",")
        names = [name for name in system_names() if name.startswith(last)]
        return [CompletionItem(f"{before}{comma}{name}") for name in names]


@click.command(
    "check",
    cls=Command,
    epilog=examples(
        "helio signals check layer.csv --against linux,solaris-2005",
        "helio signals check layer.csv --against linux,illumos --policy lx-2019 --complete",
    ),
)
@click.argument("file")
@click.option("--against", type=_Against(), required=True, help="The systems of the columns from and to.")
@click.option("--complete", is_flag=True, help="Also report signals that have a counterpart but no row.")
@policy_option
@libc_option
@pass_ports
def check(ports: Ports, file: str, against: tuple[System, System], complete: bool, policy: str, libc: str) -> Views:
    """Check a compatibility layer's own table.

    FILE has the header from,to[,name]; cells are names or numbers, and an empty cell, - or 0 in the column to says that
    there is no counterpart. Findings carry file, line and column; the exit code is 1 if there is one.
    """
    translator = Translator(*against, Policy(policy))
    counting = Libc(libc)
    rows = [
        check_table.Row(line=row.line, source=row.source, target=row.target, name=row.name, no_target=row.no_target)
        for row in layer_table(ports.files.text(file), file)
    ]

    def read(cell: str, where: System) -> Written:
        return signal(cell, where, counting)

    faults = list(check_table.check(rows, translator, read, complete=complete))
    return (
        checks.check_findings(faults, file, translator, counting),
        checks.explain_check(),
        numbers.sources_table(*against, policy=translator.policy),
    )


@click.command(
    "trace",
    cls=Command,
    epilog=examples("helio signals trace zone.log", "helio signals trace - --policy lx-2019 < zone.log"),
)
@click.argument("file")
@click.option(
    "--policy",
    type=policy_choice(LX),
    help="The generation to check against; every generation if it is not said.",
)
@libc_option
@pass_ports
def trace(ports: Ports, file: str, policy: str | None, libc: str) -> Views:
    """Check the pairs of numbers in a log of lx.

    A pair such as "signal 10 (lx 7)" has the native number first and Linux' in brackets. The answer names the
    generations of lx whose table has the pair; a pair that none has is a finding, and makes the exit code 1.
    """
    chosen = (Policy(policy),) if policy else LX
    met = log_pairs(ports.files.lines(file, progress=ports.progress))
    return (
        *checks.trace_views(pairs(met, chosen), file, chosen, Libc(libc)),
        checks.explain_trace(chosen),
        numbers.sources_table(*compared_systems(chosen), policies=chosen),
    )
