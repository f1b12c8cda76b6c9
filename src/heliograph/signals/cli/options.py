"""Argument types and options that several commands of the wing share."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from heliograph.signals.model import Libc, Policy, System
from heliograph.signals.parse.signals import signal_names
from heliograph.signals.system import system_called, system_names
from heliograph.view import View

__all__ = [
    "SignalType",
    "SystemType",
    "Views",
    "from_option",
    "libc_option",
    "policy_choice",
    "policy_option",
    "to_option",
]

Views = tuple[View, ...]


class SystemType(click.ParamType[System]):
    """A system by name or alias."""

    name = "system"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> System:
        """Return the system; an unknown one is an error with the nearest names."""
        return value if isinstance(value, System) else system_called(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that start with what was typed."""
        return [CompletionItem(name) for name in system_names() if name.startswith(incomplete)]


class SignalType(click.ParamType[str]):
    """A signal as text; it is read when its system is known."""

    name = "signal"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text as it is."""
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the signals of the system that --from names, or of Linux."""
        where = ctx.params.get("source") or system_called("linux")
        long = incomplete.upper().startswith("SIG")
        names = signal_names(where, ctx.params.get("libc") or Libc.GLIBC)
        shown = names if long else [name.removeprefix("SIG") for name in names]
        return [CompletionItem(name) for name in shown if name.startswith(incomplete.upper())]


def policy_choice(names: tuple[Policy, ...] = tuple(Policy)) -> click.Choice[Any]:
    """Return the type of an option that takes one of the policies ``names``."""
    return click.Choice([str(policy) for policy in names])


from_option = click.option(
    "--from", "source", type=SystemType(), required=True, help="The system that the input is from."
)
to_option = click.option("--to", "target", type=SystemType(), required=True, help="The system to translate to.")
policy_option = click.option(
    "--policy",
    type=policy_choice(),
    default=str(Policy.STRICT),
    show_default=True,
    help="What happens to a signal without a counterpart: an exit code, nothing, or what a generation of lx did.",
)
libc_option = click.option(
    "--libc",
    type=click.Choice([str(libc) for libc in Libc]),
    default=str(Libc.GLIBC),
    show_default=True,
    help="Whose SIGRTMIN is meant on Linux: 34 of glibc, 35 of musl, 32 of the kernel. Numbers never depend on it.",
)
