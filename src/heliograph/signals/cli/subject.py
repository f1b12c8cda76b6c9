"""The subject ``signals``: its group of commands, its reference, its sources."""

from __future__ import annotations

import click

from heliograph.command import Entry, Group, examples
from heliograph.signals.cli.options import Views
from heliograph.signals.render.numbers import policies_table, systems_table
from heliograph.signals.system import all_systems
from heliograph.source import Source
from heliograph.subject import Subject

__all__ = ["SUBJECT", "signals"]

_HERE = "heliograph.signals.cli"
_COMMANDS = (
    ("map", "numbers:map_", "Translate signals from one system to another."),
    ("list", "numbers:list_", "List a system's signals: number, name, default action."),
    ("systems", "numbers:systems", "List the systems that have a table, with their source."),
    ("policies", "numbers:policies", "List the policies and the revision behind each."),
    ("diff", "numbers:diff", "Show what differs between two systems."),
    ("default", "numbers:default", "Compare the default actions of two systems."),
    ("mask", "sets:mask", "Decode and translate sets of signals."),
    ("wait", "sets:wait", "Translate the wait status of a child."),
    ("flags", "flags:flags", "Translate flags of sigaction, sigaltstack and ucontext by name."),
    ("siginfo", "siginfo:siginfo", "Decode a siginfo and translate it field by field."),
    ("context", "contexts:context", "Lay out, decode and translate a ucontext."),
    ("frame", "frames:frame", "Lay out, place, build and decode a signal frame."),
    ("check", "checks:check", "Check a compatibility layer's own table."),
    ("trace", "checks:trace", "Check the pairs of numbers in a log of lx."),
    ("flow", "delivery:flow", "Follow a signal from the kernel to its handler."),
    ("trampoline", "trampoline:trampoline", "Run the code that a handler returns through."),
    ("deliver", "delivery:deliver_", "Step a signal there and back again."),
    ("export", "export:export", "Write a translation as source code."),
)


@click.group(
    "signals",
    cls=Group,
    entries=tuple(Entry(name=name, summary=summary, place=f"{_HERE}.{place}") for name, place, summary in _COMMANDS),
    epilog=examples(
        "helio signals map USR1 SIGCHLD RTMIN+3 --from linux --to illumos",
        "helio signals diff linux solaris-2005",
        "helio signals mask --proc self --from linux --to illumos",
    ),
)
def signals() -> None:
    """Translate signals between Linux, Solaris and the BSDs.

    A signal number means nothing without its system: 10 is SIGUSR1 on x86 Linux and SIGBUS on Solaris. Every command
    that translates takes both systems by name; "helio signals systems" lists them.
    """


def _reference() -> Views:
    """Return the tables that the wing stands on."""
    return (systems_table(), policies_table())


def _sources() -> tuple[Source, ...]:
    return tuple(dict.fromkeys(source for where in all_systems() for source in where.sources))


SUBJECT = Subject(name="signals", command=signals, reference=_reference, sources=_sources)
