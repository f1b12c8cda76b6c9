"""The commands ``helio signals ...``: options to model, model to views."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from heliograph.command import Group, Ports, examples, pass_ports
from heliograph.errors import ParseError, UsageError
from heliograph.files import STDIN
from heliograph.signals import parse
from heliograph.signals.model import Libc, Policy, SignalSet, System
from heliograph.signals.render import checks, masks, numbers
from heliograph.signals.render.flow import explain_flow, flow_graph
from heliograph.signals.system import all_systems, system_called, system_names
from heliograph.signals.tables.delivery import PATHS
from heliograph.signals.translate import check as check_table
from heliograph.signals.translate.delivery import Setup, deliver, systems_of
from heliograph.signals.translate.masks import translate_set
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.trace import LX, pairs
from heliograph.signals.translate.wait import translate_status
from heliograph.subject import Subject
from heliograph.view import View

__all__ = ["SUBJECT", "signals"]

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
        names = parse.signal_names(where, ctx.params.get("libc") or Libc.GLIBC)
        shown = names if long else [name.removeprefix("SIG") for name in names]
        return [CompletionItem(name) for name in shown if name.startswith(incomplete.upper())]


def _policies(names: tuple[Policy, ...] = tuple(Policy)) -> click.Choice[Any]:
    return click.Choice([str(policy) for policy in names])


_from = click.option("--from", "source", type=SystemType(), required=True, help="The system that the input is from.")
_to = click.option("--to", "target", type=SystemType(), required=True, help="The system to translate to.")
_policy = click.option(
    "--policy",
    type=_policies(),
    default=str(Policy.STRICT),
    show_default=True,
    help="What happens to a signal without a counterpart: an exit code, nothing, or what a generation of lx did.",
)
_libc = click.option(
    "--libc",
    type=click.Choice([str(libc) for libc in Libc]),
    default=str(Libc.GLIBC),
    show_default=True,
    help="Whose SIGRTMIN is meant on Linux: 34 of glibc, 35 of musl, 32 of the kernel. Numbers never depend on it.",
)


@click.group("signals", cls=Group, epilog=examples("helio signals map USR1 SIGCHLD RTMIN+3 --from linux --to illumos"))
def signals() -> None:
    """Translate signals between Linux, Solaris and the BSDs.

    A signal number means nothing without its system: 10 is SIGUSR1 on x86 Linux and SIGBUS on Solaris. Every command
    that translates takes both systems by name; "helio signals systems" lists them.
    """


@signals.command("systems", epilog=examples("helio signals systems", "helio signals systems --format json"))
def systems() -> Views:
    """List the systems that have a table, with their source."""
    return (numbers.systems_table(), numbers.sources_table(*all_systems()))


@signals.command("policies", epilog=examples("helio signals policies"))
def policies() -> Views:
    """List the policies and the revision behind each."""
    return (numbers.policies_table(),)


@signals.command(
    "list",
    epilog=examples(
        "helio signals list --system solaris-2005",
        "helio signals list --system linux --libc musl",
        "helio signals list --system freebsd --format csv",
    ),
)
@click.option("--system", "where", type=SystemType(), required=True, help="The system to list.")
@_libc
def list_(where: System, libc: str) -> Views:
    """List a system's signals: number, name, default action."""
    return (numbers.list_table(where, Libc(libc)), numbers.sources_table(where))


@signals.command(
    "map",
    epilog=examples(
        "helio signals map USR1 --from linux --to solaris-2005",
        "helio signals map 10 SIGCHLD RTMIN+3 RTMAX-1 --from linux --to illumos",
        "helio signals map STKFLT --from linux --to solaris-2005 --policy lx-2006",
    ),
)
@click.argument("words", metavar="SIG...", nargs=-1, required=True, type=SignalType())
@_from
@_to
@_policy
@_libc
def map_(words: tuple[str, ...], source: System, target: System, policy: str, libc: str) -> Views:
    """Translate signals from one system to another.

    SIG is a name with or without SIG, an alias, a number, RTMIN+k or RTMAX-k. With the policy strict, the exit code is
    1 if one of them is lost; every row is printed all the same.
    """
    counting = Libc(libc)
    translator = Translator(source, target, Policy(policy))
    given = [parse.signal(word, source, counting) for word in words]
    return (
        numbers.map_table(given, translator, counting),
        numbers.explain_map(translator),
        numbers.sources_table(source, target, policy=translator.policy),
    )


@signals.command(
    "diff",
    epilog=examples("helio signals diff linux solaris-2005", "helio signals diff linux-mips illumos --format csv"),
)
@click.argument("source", metavar="A", type=SystemType())
@click.argument("target", metavar="B", type=SystemType())
@_policy
@_libc
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


@signals.command(
    "default",
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
@_policy
@_libc
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


@signals.command(
    "mask",
    epilog=examples(
        "helio signals mask 0000000180014a03 --from linux --to illumos",
        "helio signals mask 0x14002,0 --from linux-i386 --to solaris-2005",
        "helio signals mask --proc self --from linux --to illumos",
        "grep Sig /proc/1/status | helio signals mask - --from linux --to linux",
    ),
)
@click.argument("text", metavar="[HEX|-]", required=False)
@click.option("--proc", metavar="PID", help="Read the sets of a process of this machine from /proc/PID/status.")
@_from
@click.option(
    "--to", "target", type=SystemType(), help="The system to translate to; the one of --from if it is not said."
)
@click.option("--old", is_flag=True, help="The Linux side is an old_sigset_t: one 32-bit word, signals 1 to 32.")
@_policy
@_libc
@pass_ports
def mask(
    ports: Ports,
    text: str | None,
    proc: str | None,
    source: System,
    target: System | None,
    old: bool,
    policy: str,
    libc: str,
) -> Views:
    """Decode and translate sets of signals.

    HEX is one number (bit n-1 stands for signal n) or words of the source's own width with commas, low word first. "-"
    reads such a text, or lines like SigCgt of a /proc/PID/status, from standard input. What has no counterpart is
    listed; with the policy strict it makes the exit code 1.
    """
    if (text is None) == (proc is None):
        raise UsageError("give one mask: HEX, - for standard input, or --proc PID")
    there = target or source
    translator = Translator(source, there, Policy(policy))
    counting = Libc(libc)
    spelling = parse.mask_spelling(there, old=old and there.family == "linux")
    old_source = old and source.family == "linux"
    if old and not (old_source or there.family == "linux"):
        parse.mask_spelling(source, old=True)
    sets = _read_sets(ports, text, proc, source, old_source)
    found = [translate_set(one, translator, spelling) for one in sets]
    return (
        *masks.mask_tables(found, translator, spelling, counting),
        masks.explain_mask(translator, spelling),
        numbers.sources_table(source, there, policy=translator.policy),
    )


def _read_sets(ports: Ports, text: str | None, proc: str | None, source: System, old: bool) -> list[SignalSet]:
    """Read the sets from the argument, from standard input or from a process' status."""
    if proc is not None:
        if proc != "self" and not (proc.isascii() and proc.isdigit()):
            raise ParseError(f"{proc!r} is no process: a number, or self", text=proc)
        name = f"/proc/{proc}/status"
        return parse.status_masks(ports.files.text(name), name, source, old=old)
    assert text is not None
    if text == STDIN:
        return parse.status_masks(ports.files.text(STDIN), STDIN, source, old=old)
    return [SignalSet(label="", members=parse.mask(text, source, old=old))]


@signals.command(
    "wait",
    epilog=examples(
        "helio signals wait 0x8a --from linux --to solaris-2005", "helio signals wait 5247 --from linux --to illumos"
    ),
)
@click.argument("status")
@_from
@_to
@_policy
@_libc
def wait(status: str, source: System, target: System, policy: str, libc: str) -> Views:
    """Translate the wait status of a child.

    STATUS is decimal or 0x hexadecimal, as wait() stores it: not a shell's 128+n.
    """
    translator = Translator(source, target, Policy(policy))
    found = translate_status(parse.wait_status(status), translator)
    return (
        masks.wait_table(found, translator, Libc(libc)),
        masks.explain_wait(),
        numbers.sources_table(source, target, policy=translator.policy),
    )


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


@signals.command(
    "check",
    epilog=examples(
        "helio signals check layer.csv --against linux,solaris-2005",
        "helio signals check layer.csv --against linux,illumos --policy lx-2019 --complete",
    ),
)
@click.argument("file")
@click.option("--against", type=_Against(), required=True, help="The systems of the columns from and to.")
@click.option("--complete", is_flag=True, help="Also report signals that have a counterpart but no row.")
@_policy
@_libc
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
        for row in parse.layer_table(ports.files.text(file), file)
    ]

    def read(cell: str, where: System) -> Any:
        return parse.signal(cell, where, counting)

    faults = list(check_table.check(rows, translator, read, complete=complete))
    return (
        checks.check_findings(faults, file, translator, counting),
        checks.explain_check(),
        numbers.sources_table(*against, policy=translator.policy),
    )


@signals.command(
    "trace",
    epilog=examples("helio signals trace zone.log", "helio signals trace - --policy lx-2019 < zone.log"),
)
@click.argument("file")
@click.option(
    "--policy",
    type=_policies(LX),
    help="The generation to check against; every generation if it is not said.",
)
@_libc
@pass_ports
def trace(ports: Ports, file: str, policy: str | None, libc: str) -> Views:
    """Check the pairs of numbers in a log of lx.

    A pair such as "signal 10 (lx 7)" has the native number first and Linux' in brackets. The answer names the
    generations of lx whose table has the pair; a pair that none has is a finding, and makes the exit code 1.
    """
    chosen = (Policy(policy),) if policy else LX
    met = parse.log_pairs(ports.files.lines(file, progress=ports.progress))
    return (
        *checks.trace_views(pairs(met, chosen), file, chosen, Libc(libc)),
        checks.explain_trace(chosen),
    )


@signals.command(
    "flow",
    epilog=examples(
        "helio signals flow --path lx-2006",
        "helio signals flow --path lx-2006 --no-interposer --explain",
        "helio signals flow --path lx-now --signal PWR --no-handler",
        "helio signals flow --path native --format svg > native.svg",
    ),
)
@click.option("--path", type=click.Choice(list(PATHS)), required=True, help="The generation whose path it is.")
@click.option(
    "--signal",
    "word",
    metavar="SIG",
    default="USR1",
    show_default=True,
    type=SignalType(),
    help="The signal that is sent; Linux' on the paths of lx.",
)
@click.option("--no-interposer", is_flag=True, help="Leave out what makes %gs native before libc runs.")
@click.option("--no-handler", is_flag=True, help="The program has no handler for the signal.")
@click.option("--blocked", is_flag=True, help="The thread blocks the signal.")
@_libc
def flow(path: str, word: str, no_interposer: bool, no_handler: bool, blocked: bool, libc: str) -> Views:
    """Follow a signal from the kernel to its handler.

    The graph is the trace of a state machine: leave out a part and see where the signal ends.
    """
    counting = Libc(libc)
    program, native = systems_of(PATHS[path])
    number = parse.signal(word, program, counting).number
    arriving = Translator(program, native, Policy(PATHS[path].policy)).number(number).target
    setup = Setup(
        path=path,
        signal=number,
        handler=not no_handler,
        interposer=not no_interposer,
        blocked=frozenset({arriving} if blocked and arriving else ()),
    )
    visits = deliver(setup)
    return (
        flow_graph(setup, visits, counting),
        explain_flow(setup, visits),
        numbers.sources_table(program, native, flow=True),
    )


def _reference() -> Views:
    """Return the tables that the wing stands on."""
    return (numbers.systems_table(), numbers.policies_table())


SUBJECT = Subject(
    name="signals",
    command=signals,
    reference=_reference,
    sources=tuple(dict.fromkeys(source for where in all_systems() for source in where.sources)),
)
