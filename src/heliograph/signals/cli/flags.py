"""Flags and the how of sigprocmask."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.signals.cli.options import SignalType, Views, from_option, policy_option, to_option
from heliograph.signals.model import Policy, System
from heliograph.signals.parse.flags import flag_word
from heliograph.signals.parse.signals import signal
from heliograph.signals.render.flags import explain_flags, flags_sources, flags_tables
from heliograph.signals.tables.flags import PREFIXES
from heliograph.signals.translate.flags import flags_of, translate_flags
from heliograph.signals.translate.numbers import Translator

__all__ = ["flags"]


@click.command(
    "flags",
    cls=Command,
    epilog=examples(
        "helio signals flags 0x14000004 --from linux --to illumos --policy drop",
        "helio signals flags RESETHAND --from linux --to illumos --policy lx-2019 --signal PWR",
        "helio signals flags 2 --kind how --from linux --to solaris-2005",
        "helio signals flags 4 --kind ss --from darwin --to linux",
    ),
)
@click.argument("text", metavar="HEX")
@from_option
@to_option
@click.option(
    "--kind",
    type=click.Choice(list(PREFIXES)),
    default="sa",
    show_default=True,
    help="SA_* of sigaction, SS_* of sigaltstack, the how of sigprocmask, or UC_* of a ucontext.",
)
@click.option("--signal", "word", metavar="SIG", type=SignalType(), help="The signal that the action is for.")
@policy_option
def flags(text: str, source: System, target: System, kind: str, word: str | None, policy: str) -> Views:
    """Translate flags of sigaction, sigaltstack and ucontext by name.

    HEX is a hexadecimal number, or names with | or commas between them; the kind how takes a decimal number or a name.
    Bits that the source has no name for are reported and never copied. With the policy strict, the exit code is 1 if a
    flag is lost or unknown.
    """
    translator = Translator(source, target, Policy(policy))
    name = source.signals[number].names[0] if word and (number := signal(word, source).number) in source.signals else ""
    given = flag_word(text, kind, flags_of(source, kind), source.name)
    found = translate_flags(given, kind, translator, signal=name)
    return (
        *flags_tables(found, translator, signal=name),
        explain_flags(translator),
        flags_sources(translator),
    )
