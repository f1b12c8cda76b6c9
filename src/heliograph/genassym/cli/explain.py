"""Where the value of a definition comes from."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.genassym.cli.options import Views, cc_option, failed, generate, probe_of
from heliograph.genassym.render.assym import gen_sources
from heliograph.genassym.render.explain import explain_views
from heliograph.genassym.translate.explain import explain as explained

__all__ = ["explain"]


@click.command(
    "explain",
    cls=Command,
    epilog=examples(
        "helio genassym explain T_RBX --offsets offsets.in --cc 'gcc -m64'",
        "helio genassym explain T_RBX --offsets - --format json < offsets.in",
    ),
)
@click.argument("name")
@click.option("--offsets", "file", metavar="OFFSETS.IN", required=True, help="The file; - is standard input.")
@cc_option
@pass_ports
def explain(ports: Ports, name: str, file: str, cc: str) -> Views:
    """Take the value of NAME apart, term by term.

    The macros that an offsets.in copies into its output stand on one another, on sizes and on offsets. The answer is
    the sum with the value of each term, and every definition on the way with its line.
    """
    done = generate(ports.files, file, probe_of(cc, file))
    if done.problems:
        raise failed(done.problems, file)
    return (*explain_views(explained(name, done.found)), gen_sources())
