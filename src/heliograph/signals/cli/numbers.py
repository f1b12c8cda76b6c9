"""Lists of signals, maps between two systems, and what differs."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.signals.cli.options import (
    SignalType,
    SystemType,
    Views,
    from_option,
    libc_option,
    policy_option,
    to_option,
)
from heliograph.signals.model import Libc, Policy, System
from heliograph.signals.parse.signals import signal
from heliograph.signals.render import numbers
from heliograph.signals.system import all_systems
from heliograph.signals.translate.numbers import Translator

__all__ = ["default", "diff", "list_", "map_", "policies", "systems"]


@click.command("systems", cls=Command, epilog=examples("helio signals systems", "helio signals systems --format json"))
def systems() -> Views:
    """List the systems that have a table, with their source."""
    return (numbers.systems_table(), numbers.explain_systems(), numbers.sources_table(*all_systems()))


@click.command("policies", cls=Command, epilog=examples("helio signals policies"))
def policies() -> Views:
    """List the policies and the revision behind each."""
    return (numbers.policies_table(), numbers.explain_policies(), numbers.sources_table(policies=Policy))


@click.command(
    "list",
    cls=Command,
    epilog=examples(
        "helio signals list --system solaris-2005",
        "helio signals list --system linux --libc musl",
        "helio signals list --system freebsd --format csv",
    ),
)
@click.option("--system", "where", type=SystemType(), required=True, help="The system to list.")
@libc_option
def list_(where: System, libc: str) -> Views:
    """List a system's signals: number, name, default action."""
    counting = Libc(libc)
    return (
        numbers.list_table(where, counting),
        numbers.explain_list(where, counting),
        numbers.sources_table(where),
    )


@click.command(
    "map",
    cls=Command,
    epilog=examples(
        "helio signals map USR1 --from linux --to solaris-2005",
        "helio signals map 10 SIGCHLD RTMIN+3 RTMAX-1 --from linux --to illumos",
        "helio signals map STKFLT --from linux --to solaris-2005 --policy lx-2006",
    ),
)
@click.argument("words", metavar="SIG...", nargs=-1, required=True, type=SignalType())
@from_option
@to_option
@policy_option
@libc_option
def map_(words: tuple[str, ...], source: System, target: System, policy: str, libc: str) -> Views:
    """Translate signals from one system to another.

    SIG is a name with or without SIG, an alias, a number, RTMIN+k or RTMAX-k. With the policy strict, the exit code is
    1 if one of them is lost; every row is printed all the same.
    """
    counting = Libc(libc)
    translator = Translator(source, target, Policy(policy))
    given = [signal(word, source, counting) for word in words]
    return (
        numbers.map_table(given, translator, counting),
        numbers.explain_map(translator),
        numbers.sources_table(source, target, policy=translator.policy),
    )


@click.command(
    "diff",
    cls=Command,
    epilog=examples("helio signals diff linux solaris-2005", "helio signals diff linux-mips illumos --format csv"),
)
@click.argument("source", metavar="A", type=SystemType())
@click.argument("target", metavar="B", type=SystemType())
@policy_option
@libc_option
def diff(source: System, target: System, policy: str, libc: str) -> Views:
    """Show what differs between two systems.

    One row for each signal of A whose number or default action differs on B, then what only B has. The exit code is 1
    if anything differs.
    """
    translator = Translator(source, target, Policy(policy))
    return (
        *numbers.difference(translator, Libc(libc)),
        numbers.explain_map(translator),
        numbers.sources_table(source, target, policy=translator.policy),
    )


@click.command(
    "default",
    cls=Command,
    epilog=examples(
        "helio signals default --compare linux solaris-2005",
        "helio signals default --compare linux solaris-2005 --policy lx-2006",
    ),
)
@click.option(
    "--compare",
    "compared",
    metavar="A B",
    nargs=2,
    type=SystemType(),
    required=True,
    help="The two systems.",
)
@policy_option
@libc_option
def default(compared: tuple[System, System], policy: str, libc: str) -> Views:
    """Compare the default actions of two systems.

    The exit code is 1 if the action of a signal differs. A lost signal has no action to compare.
    """
    translator = Translator(*compared, Policy(policy))
    return (
        numbers.default_table(translator, Libc(libc)),
        numbers.explain_map(translator),
        numbers.sources_table(*compared, policy=translator.policy),
    )
