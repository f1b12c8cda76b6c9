"""The delivery path of a signal."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.errors import UnsupportedError
from heliograph.signals.cli.options import SignalType, SystemType, Views, libc_option
from heliograph.signals.model import Libc, Policy, Signo, System
from heliograph.signals.parse.delivery import action_flags, address, stack
from heliograph.signals.parse.signals import signal
from heliograph.signals.render import numbers
from heliograph.signals.render.deliver import deliver_steps, explain_deliver, stack_findings
from heliograph.signals.render.flow import explain_flow, flow_graph
from heliograph.signals.tables.delivery import PATHS
from heliograph.signals.translate.delivery import Setup, deliver, systems_of
from heliograph.signals.translate.flags import flags_of
from heliograph.signals.translate.numbers import Translator

__all__ = ["deliver_", "flow"]


@click.command(
    "flow",
    cls=Command,
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
@libc_option
def flow(path: str, word: str, no_interposer: bool, no_handler: bool, blocked: bool, libc: str) -> Views:
    """Follow a signal from the kernel to its handler.

    The graph is the trace of a state machine: leave out a part and see where the signal ends.
    """
    counting = Libc(libc)
    program, native = systems_of(PATHS[path])
    number = signal(word, program, counting).number
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


def _own_number(text: str, own: Translator, libc: Libc) -> Signo:
    """Return the program's number for a signal that is named by another system.

    :raises UnsupportedError: the program's system has no such signal.
    """
    written = signal(text, own.source, libc)
    number = own.written(written).target
    if number is None:
        raise UnsupportedError(
            f"{text} of {own.source.name}", f"{own.target.name}, whose program this is, has no such signal", text=text
        )
    return number


@click.command(
    "deliver",
    cls=Command,
    epilog=examples(
        "helio signals deliver --path lx-2006 --signal USR1",
        "helio signals deliver --path lx-2006 --flags siginfo,nodefer --nested USR1",
        "helio signals deliver --path lx-2006 --flags resethand --signal ILL --nested ILL",
        "helio signals deliver --path lx-2006 --setsigacthandler late",
        "helio signals deliver --path lx-now --flags onstack --altstack 0x8040000,8192 --bad-magic",
        "helio signals deliver --path native --critical --explain",
    ),
)
@click.option("--path", type=click.Choice(list(PATHS)), required=True, help="The generation whose path it is.")
@click.option(
    "--signal", "word", metavar="SIG", default="USR1", show_default=True, type=SignalType(), help="The signal sent."
)
@click.option(
    "--from",
    "source",
    type=SystemType(),
    help="The system of the signals named here; the program's own unless it is said.",
)
@click.option(
    "--flags",
    default="",
    metavar="SA_...",
    help="Flags of sigaction: siginfo, onstack, nodefer, resethand, or 0x and the program's own bits.",
)
@click.option("--mask", "masked", default="", metavar="SIG,...", help="The handler's sa_mask.")
@click.option("--blocked", default="", metavar="SIG,...", help="What the thread blocks before.")
@click.option("--altstack", metavar="SP,SIZE", help="The stack of sigaltstack; used with the flag onstack alone.")
@click.option("--nested", metavar="SIG", help="A signal that arrives while the handler runs.")
@click.option("--critical", is_flag=True, help="The signal arrives while libc is in a critical region.")
@click.option("--bad-magic", is_flag=True, help="The handler has overwritten the word behind its frame.")
@click.option("--no-handler", is_flag=True, help="The program has no handler for the signal.")
@click.option(
    "--setsigacthandler",
    "preparation",
    type=click.Choice(["once", "twice", "late", "never"]),
    default="once",
    show_default=True,
    help="When the brand installs its interposer (lx-2006): late is after the program's sigaction.",
)
@click.option("--new-thread", is_flag=True, help="The thread is created after that.")
@click.option("--sp", default="0x8047f00", show_default=True, help="The interrupted stack pointer.")
@libc_option
def deliver_(
    path: str,
    word: str,
    source: System | None,
    flags: str,
    masked: str,
    blocked: str,
    altstack: str | None,
    nested: str | None,
    critical: bool,
    bad_magic: bool,
    no_handler: bool,
    preparation: str,
    new_thread: bool,
    sp: str,
    libc: str,
) -> Views:
    """Step a signal there and back again.

    From kill() to the instruction after the interruption: who runs, with stack pointer, %gs, mask and pending signals.
    The machine is the one of "helio signals flow".
    """
    counting = Libc(libc)
    program, native = systems_of(PATHS[path])
    chosen = action_flags(flags, flags_of(program, "sa"))
    # Without SA_ONSTACK the stack of sigaltstack is there, and not used.
    alternate = None if altstack is None else stack(altstack)
    arriving = Translator(program, native, Policy(PATHS[path].policy))
    own = Translator(source or program, program)

    def natives(text: str) -> frozenset[int]:
        found = (arriving.number(_own_number(word, own, counting)).target for word in text.split(",") if word.strip())
        return frozenset(int(number) for number in found if number is not None)

    setup = Setup(
        path=path,
        signal=_own_number(word, own, counting),
        handler=not no_handler,
        interposer=preparation != "never",
        blocked=natives(blocked),
        handler_mask=natives(masked),
        home=True,
        siginfo="SA_SIGINFO" in chosen,
        nodefer="SA_NODEFER" in chosen,
        resethand="SA_RESETHAND" in chosen,
        onstack=alternate if "SA_ONSTACK" in chosen else None,
        critical=critical,
        magic=not bad_magic,
        nested=max(natives(nested), default=0) if nested else 0,
        calls={"once": 1, "late": 1, "twice": 2, "never": 0}[preparation],
        late=preparation == "late",
        new_thread=new_thread,
        sp=address(sp),
    )
    visits = deliver(setup)
    return (
        deliver_steps(setup, visits, counting),
        *stack_findings(setup, altstack or ""),
        explain_deliver(setup, visits),
        numbers.sources_table(program, native, flow=True),
    )
