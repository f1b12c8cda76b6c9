"""siginfo: decode it, translate it, and reproduce what lx made of it."""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import UnsupportedError, UsageError
from heliograph.files import STDIN
from heliograph.signals.cli.options import Views
from heliograph.signals.model import Policy
from heliograph.signals.parse.siginfo import hex_bytes, image, whole
from heliograph.signals.render.siginfo import difference, explain_siginfo, siginfo_sources, siginfo_views
from heliograph.signals.tables.layouts import ABIS, Abi, abi_called
from heliograph.signals.tables.siginfo import SIGINFO
from heliograph.signals.translate.lx_siginfo import lx_siginfo
from heliograph.signals.translate.siginfo import decode_siginfo, translate_siginfo

__all__ = ["CORRECT", "AbiType", "siginfo"]

CORRECT = "correct"
_LX = (Policy.LX_2006, Policy.LX_2008, Policy.LX_2019)


class AbiType(click.ParamType[Abi]):
    """An ABI by name or alias."""

    name = "abi"

    def __init__(self, known: tuple[str, ...] = tuple(ABIS)) -> None:
        self.known = known

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Abi:
        """Return the ABI; an unknown one is an error with the nearest names."""
        return value if isinstance(value, Abi) else abi_called(str(value), self.known)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that start with what was typed."""
        return [CompletionItem(name) for name in self.known if name.startswith(incomplete)]


@click.command(
    "siginfo",
    cls=Command,
    epilog=examples(
        'helio signals siginfo "120000000100000000000000d2040000" --from solaris-i386 --pad',
        "helio signals siginfo - --from solaris-amd64 --to linux-x86_64 < siginfo.bin",
        "helio signals siginfo - --from illumos-amd64 --to linux-x86_64 --policy lx-2019 < siginfo.hex",
        "helio signals siginfo - --from linux-x86_64 --to solaris-i386 --hz 1000 < siginfo.bin",
    ),
)
@click.argument("words", metavar="BYTES|-", nargs=-1, required=True)
@click.option("--from", "source", metavar="ABI", type=AbiType(), required=True, help="The ABI that the bytes are from.")
@click.option(
    "--to", "target", metavar="ABI", type=AbiType(), help="The ABI to translate to; decode only if it is not said."
)
@click.option(
    "--policy",
    type=click.Choice([CORRECT, *map(str, _LX)]),
    default=CORRECT,
    show_default=True,
    help="What is right, or what a generation of lx did; the difference is shown.",
)
@click.option(
    "--hz",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="Clock ticks a second of Solaris, for the times of a child.",
)
@click.option("--pad", is_flag=True, help="Take bytes that are missing at the end as zero.")
@pass_ports
def siginfo(
    ports: Ports, words: tuple[str, ...], source: Abi, target: Abi | None, policy: str, hz: int, pad: bool
) -> Views:
    """Decode a siginfo and translate it field by field.

    BYTES are hexadecimal digits, spaces allowed; "-" reads them, or the raw bytes, from standard input. ABI is a system
    with a word size, such as linux-x86_64 or solaris-i386. The exit code is 1 if there is no siginfo to hand on.
    """
    if target is None and policy != CORRECT:
        raise UsageError(f"the policy {policy} needs a system to translate to: give --to")
    if target is not None and not (target.target and source.target):
        raise UnsupportedError(
            f"a siginfo from {source.name} to {target.name}", "the one of FreeBSD is decoded only", text=target.name
        )
    name = STDIN if words == (STDIN,) else None
    data = image(ports.files.read(STDIN), STDIN) if name else hex_bytes(" ".join(words))
    size = SIGINFO[source.layout].size
    if pad:
        data = data.ljust(size, b"\0")
    given = decode_siginfo(whole(data, size, f"a siginfo of {source.name}", name=name), source)
    if target is None:
        views = siginfo_views(given, None, policy)
    elif policy == CORRECT:
        views = siginfo_views(given, translate_siginfo(given, target, hz=hz), policy)
    else:
        found = lx_siginfo(given, target, Policy(policy), hz=hz)
        right = translate_siginfo(given, target, hz=hz)
        views = (*siginfo_views(given, found, policy), difference(given, right, found, policy))
    generation = None if policy == CORRECT else Policy(policy)
    return (*views, explain_siginfo(given), siginfo_sources(given, target, generation))
