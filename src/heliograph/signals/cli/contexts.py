"""ucontext and what is in it."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import UsageError
from heliograph.signals.cli.options import Views
from heliograph.signals.cli.siginfo import CORRECT, AbiType
from heliograph.signals.model import Policy
from heliograph.signals.parse.siginfo import image, whole
from heliograph.signals.render.contexts import context_sources, context_views, explain_context
from heliograph.signals.tables.contexts import CONTEXT_ABIS, CONTEXTS, FPSTATE, PARTS
from heliograph.signals.tables.layouts import Abi
from heliograph.signals.translate.contexts import Context, decode_context, translate_context

__all__ = ["context"]

_ABI = AbiType(CONTEXT_ABIS)
_LX = (Policy.LX_2006, Policy.LX_2008, Policy.LX_2019)


@click.command(
    "context",
    cls=Command,
    epilog=examples(
        "helio signals context --abi linux-x86_64",
        "helio signals context --abi solaris-i386 --part gregset",
        "helio signals context --abi solaris-i386 --decode - --to linux-i386 < uc.bin",
        "helio signals context --abi linux-i386 --decode - --to solaris-i386 --policy lx-2006 < uc.bin",
    ),
)
@click.option("--abi", metavar="ABI", type=_ABI, required=True, help=f"One of {', '.join(CONTEXT_ABIS)}.")
@click.option(
    "--part",
    type=click.Choice(PARTS),
    default=PARTS[0],
    show_default=True,
    help="The whole, Linux' sigcontext, or one of the two sets of registers.",
)
@click.option("--decode", metavar="FILE", help="Read the bytes, raw or as hexadecimal text; - is standard input.")
@click.option("--to", "target", metavar="ABI", type=_ABI, help="Translate what was read to the other system.")
@click.option(
    "--policy",
    type=click.Choice([CORRECT, *map(str, _LX)]),
    default=CORRECT,
    show_default=True,
    help="What is right, or what a generation of lx did.",
)
@pass_ports
def context(ports: Ports, abi: Abi, part: str, decode: str | None, target: Abi | None, policy: str) -> Views:
    """Lay out, decode and translate a ucontext.

    Without --decode, the fields with their offsets. The fp state that a Linux ucontext points to may follow it in the
    file. --to translates register by register, by the rule for esp and uesp.
    """
    if decode is None and target is not None:
        raise UsageError("--to translates what --decode reads")
    if target is None and policy != CORRECT:
        raise UsageError(f"the policy {policy} needs a system to translate to: give --to")
    given = None if decode is None else _read(ports, decode, abi, part)
    generation = None if policy == CORRECT else Policy(policy)
    found = None
    if given is not None and target is not None:
        found = (target, *translate_context(given, target, generation))
    return (
        *context_views(abi, part, given, found, policy),
        explain_context(abi),
        context_sources(abi, target, generation),
    )


def _read(ports: Ports, name: str, abi: Abi, part: str) -> Context:
    """Read a part; the fp state of a Linux ucontext is read too if it is there."""
    data = image(ports.files.read(name), name)
    struct = CONTEXTS[abi.family, abi.word][part]
    size = struct.size
    if abi.family == "linux" and part == "ucontext" and len(data) > size:
        size += FPSTATE[abi.word]
    what = f"a {struct.name} of {abi.name}" + (" with its _fpstate" if size > struct.size else "")
    return decode_context(whole(data, size, what, name=name), abi, part)
