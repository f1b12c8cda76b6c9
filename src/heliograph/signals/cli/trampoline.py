"""The trampolines, run."""

from __future__ import annotations

import click

from heliograph.command import Command, examples
from heliograph.errors import UsageError
from heliograph.signals.cli.options import Views
from heliograph.signals.parse.trampoline import code_bytes
from heliograph.signals.render import trampoline as render
from heliograph.signals.tables.trampolines import TRAMPOLINES
from heliograph.signals.translate.trampoline import execute, recognise

__all__ = ["trampoline"]


@click.command(
    "trampoline",
    cls=Command,
    epilog=examples(
        "helio signals trampoline --abi i386-legacy",
        "helio signals trampoline --abi i386-rt --explain --cite",
        "helio signals trampoline --bytes '48 c7 c0 0f 00 00 00 0f 05'",
        "helio signals trampoline --abi i386-rt --bytes '58 b8 77 00 00 00 cd 80'",
    ),
)
@click.option("--abi", type=click.Choice(list(TRAMPOLINES)), help="Whose trampoline, and whose frame it runs in.")
@click.option("--bytes", "text", metavar="HEX", help="Run these bytes instead, in the order of memory, as from a core.")
def trampoline(abi: str | None, text: str | None) -> Views:
    """Run the code that a handler returns through.

    The bytes, their instructions, and every step from the handler's ret to the system call, executed; with the place
    of the stack pointer in the frame. What --bytes gives need not be a trampoline; --abi then says in whose frame it
    runs, and may be left out for bytes that are one.
    """
    code = None if text is None else code_bytes(text)
    row = TRAMPOLINES[abi] if abi is not None else None if code is None else recognise(code)
    if row is None:
        known = ", ".join(TRAMPOLINES)
        raise UsageError(
            f"say whose trampoline it is: --abi {known}"
            if code is None
            else f"these bytes are no known trampoline; say in whose frame they run: --abi {known}",
            text=text,
        )
    found = execute(row, code)
    return (
        render.trampoline_table(found),
        render.run_steps(found),
        render.syscall_table(found),
        render.explain_trampoline(found),
        render.sources_table(found),
    )
