"""The delivery path of a signal."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.signals.cli.options import SignalType, Views, libc_option
from heliograph.signals.model import Libc, Policy
from heliograph.signals.parse.signals import signal
from heliograph.signals.render import numbers
from heliograph.signals.render.flow import explain_flow, flow_graph
from heliograph.signals.tables.delivery import PATHS
from heliograph.signals.translate.delivery import Setup, deliver, systems_of
from heliograph.signals.translate.numbers import Translator

__all__ = ["flow"]


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
