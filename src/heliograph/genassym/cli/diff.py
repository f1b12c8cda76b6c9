"""``diff``: what moved between two objects."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.genassym.cli.layout import opened, types_option
from heliograph.genassym.cli.options import Views
from heliograph.genassym.render.diff import diff_table, explain_diff
from heliograph.genassym.render.layout import types_source
from heliograph.genassym.translate.diff import changes

__all__ = ["diff"]


@click.command(
    "diff",
    cls=Command,
    epilog=examples(
        "helio genassym diff unix.old unix.new",
        "helio genassym diff vmlinux-6.1 vmlinux-6.12 task_struct thread_struct",
    ),
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.argument("structs", metavar="[STRUCT]...", nargs=-1)
@types_option
@pass_ports
def diff(ports: Ports, old: str, new: str, structs: tuple[str, ...], holder: str | None) -> Views:
    """Show which members of structures moved between two objects.

    All structures and unions are compared, or those that are named. The exit code is 1 if anything differs.
    """
    one, held = opened(ports, old, holder)
    other, also = opened(ports, new, holder)
    found = changes(one, other, [" ".join(name.split()) for name in structs])
    return (diff_table(found, old, new), explain_diff(), types_source([(old, held), (new, also)]))
