"""Translations as source code."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.signals.cli.options import Views, from_option, policy_option, to_option
from heliograph.signals.model import Policy, System
from heliograph.signals.render import numbers
from heliograph.signals.render.export import LANGUAGES, export_listing
from heliograph.signals.translate.numbers import Translator

__all__ = ["export"]


@click.command(
    "export",
    cls=Command,
    epilog=examples(
        "helio signals export --to-lang c --from linux --to illumos > linux_to_illumos.h",
        "helio signals export --to-lang rust --from linux --to solaris-2005 --policy lx-2008",
        "helio signals export --to-lang json --from freebsd --to linux",
        "helio signals export --to-lang json-schema --from linux --to illumos",
    ),
)
@click.option(
    "--to-lang",
    "language",
    type=click.Choice([*LANGUAGES, "json", "json-schema"]),
    required=True,
    help="The language of the table; json-schema describes the JSON.",
)
@from_option
@to_option
@policy_option
def export(language: str, source: System, target: System, policy: str) -> Views:
    """Write a translation as source code.

    The table says in comments where its facts come from, and how to write it again. It has every signal of the source;
    what has no counterpart is -1 (None in Python, null in JSON). Real-time signals are counted as the kernel does.
    """
    translator = Translator(source, target, Policy(policy))
    return (
        export_listing(language, translator, policy),
        numbers.explain_map(translator),
        numbers.sources_table(source, target, policy=translator.policy),
    )
