"""Sets of signals and wait statuses."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import ParseError, UsageError
from heliograph.files import STDIN
from heliograph.signals.cli.options import SystemType, Views, from_option, libc_option, policy_option, to_option
from heliograph.signals.model import Libc, Policy, SignalSet, System
from heliograph.signals.parse import sets
from heliograph.signals.render import masks, numbers
from heliograph.signals.translate.masks import translate_set
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.wait import translate_status

__all__ = ["mask", "wait"]


@click.command(
    "mask",
    cls=Command,
    epilog=examples(
        "helio signals mask 0000000180014a03 --from linux --to illumos",
        "helio signals mask 0x14002,0 --from linux-i386 --to solaris-2005",
        "helio signals mask --proc self --from linux --to illumos",
        "grep Sig /proc/1/status | helio signals mask - --from linux --to linux",
    ),
)
@click.argument("text", metavar="[HEX|-]", required=False)
@click.option("--proc", metavar="PID", help="Read the sets of a process of this machine from /proc/PID/status.")
@from_option
@click.option(
    "--to", "target", type=SystemType(), help="The system to translate to; the one of --from if it is not said."
)
@click.option("--old", is_flag=True, help="The Linux side is an old_sigset_t: one 32-bit word, signals 1 to 32.")
@policy_option
@libc_option
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

    HEX is one number (bit n-1 stands for signal n) or words of the source's own width with commas, low word first; a
    line such as "SigCgt: 0000000000014a03" is read too. "-" reads such a text, or a whole /proc/PID/status, from
    standard input. What has no counterpart is listed; with the policy strict it makes the exit code 1.
    """
    if (text is None) == (proc is None):
        raise UsageError("give one mask: HEX, - for standard input, or --proc PID")
    there = target or source
    translator = Translator(source, there, Policy(policy))
    counting = Libc(libc)
    spelling = sets.mask_spelling(there, old=old and there.family == "linux")
    old_source = old and source.family == "linux"
    if old and not (old_source or there.family == "linux"):
        sets.mask_spelling(source, old=True)
    given = _read_sets(ports, text, proc, source, old_source)
    found = [translate_set(one, translator, spelling) for one in given]
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
        return sets.status_masks(ports.files.text(name), name, source, old=old)
    assert text is not None
    if text == STDIN:
        return sets.status_masks(ports.files.text(STDIN), STDIN, source, old=old)
    return [sets.written_mask(text, source, old=old)]


@click.command(
    "wait",
    cls=Command,
    epilog=examples(
        "helio signals wait 0x8a --from linux --to solaris-2005", "helio signals wait 5247 --from linux --to illumos"
    ),
)
@click.argument("status")
@from_option
@to_option
@policy_option
@libc_option
def wait(status: str, source: System, target: System, policy: str, libc: str) -> Views:
    """Translate the wait status of a child.

    STATUS is decimal or 0x hexadecimal, as wait() stores it: not a shell's 128+n.
    """
    translator = Translator(source, target, Policy(policy))
    found = translate_status(sets.wait_status(status), translator, text=status)
    return (
        masks.wait_table(found, translator, Libc(libc)),
        masks.explain_wait(),
        numbers.sources_table(source, target, policy=translator.policy),
    )
