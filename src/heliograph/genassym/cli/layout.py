"""Where members lie: ``layout``, ``offsetof``, ``sizeof``."""

from __future__ import annotations

import click

from heliograph.command import Command, Ports, examples, pass_ports
from heliograph.errors import Error, ParseError, Span, UnknownNameError, UnsupportedError
from heliograph.genassym.cli.options import Views
from heliograph.genassym.model import Missing, Place, Question, TypeId, Types
from heliograph.genassym.parse.objects import HOLDERS, object_types
from heliograph.genassym.parse.offsets_in import steps_of
from heliograph.genassym.render.layout import explain_layout, layout_view, offsetof_views, sizeof_views, types_source
from heliograph.genassym.translate.layout import layout_of, place_of

__all__ = ["found", "from_option", "layout", "offsetof", "opened", "sizeof", "types_option"]

from_option = click.option(
    "--from", "source", metavar="FILE", required=True, help="An object with DWARF, BTF or CTF, or a file of BTF or CTF."
)
types_option = click.option("--types", "holder", type=click.Choice(HOLDERS), help="Which of an object's types to read.")
_MANY = 3000
"""Names among which a misspelt one is looked for."""


def opened(ports: Ports, file: str, holder: str | None) -> tuple[Types, str]:
    """Return the types of a file and what holds them."""
    return object_types(ports.files.open(file), file, holder)


def found(types: Types, name: str, file: str) -> TypeId:
    """Return a type by its name: ``kthread_t``, ``struct _kthread``, ``_kthread``.

    :raises UnknownNameError: there is none.
    :raises UnsupportedError: the file defines no type at all.
    """
    ident = types.find(" ".join(name.split()))
    if ident is not None:
        return ident
    if not types.names:
        raise UnsupportedError(file, "it defines no type; if its debug information was split off, name the .dwo file")
    bare = name.split()[-1] if name.split() else name
    known = {spelled.rpartition(" ")[2] if " " in bare else spelled: spelled for spelled in types.names}
    names = list(known)
    if len(names) > _MANY:
        alike = [one for one in names if bare[:1] and bare[:2].casefold() in one.casefold()[:12]]
        names = [one for one in alike if abs(len(one.rpartition(" ")[2]) - len(bare)) <= 4][:_MANY]
    raise UnknownNameError(f"type of {file}", name, names)


@click.command(
    "layout",
    cls=Command,
    epilog=examples(
        "helio genassym layout task_struct --from /sys/kernel/btf/vmlinux",
        "helio genassym layout kthread_t --from unix --deep",
        "helio genassym layout kthread_t --from genunix.o --format svg",
    ),
)
@click.argument("struct", metavar="STRUCT")
@from_option
@types_option
@click.option("--deep", is_flag=True, help="Take the structures in it apart as well.")
@click.option(
    "--cacheline",
    type=click.IntRange(0, 1 << 20),
    default=64,
    show_default=True,
    metavar="BYTES",
    help="The size of a cache line; 0 marks none.",
)
@pass_ports
def layout(ports: Ports, struct: str, source: str, holder: str | None, deep: bool, cacheline: int) -> Views:
    """Show the members, holes, bits and cache lines of a structure.

    STRUCT is a tag, with or without struct, or a typedef.
    """
    types, held = opened(ports, source, holder)
    ident = found(types, struct, source)
    return (
        layout_view(layout_of(types, ident, struct, deep=deep), cacheline),
        explain_layout(held, types.big_endian),
        types_source([(source, held)]),
    )


@click.command(
    "offsetof",
    cls=Command,
    epilog=examples(
        "helio genassym offsetof kthread_t t_pcb --from unix",
        "helio genassym offsetof label_t 'val[3]' --from unix",
    ),
)
@click.argument("struct", metavar="TYPE")
@click.argument("member", metavar="MEMBER")
@from_option
@types_option
@pass_ports
def offsetof(ports: Ports, struct: str, member: str, source: str, holder: str | None) -> Views:
    """Say where a member lies, as mdb's ::offsetof does.

    MEMBER may be a path such as t_pcb.val[3]; members of anonymous structures are found.
    """
    steps = steps_of(member)
    if not steps:
        raise ParseError("no path of members, such as t_pcb.val[3]", text=member, span=Span(line=1, column=1))
    types, held = opened(ports, source, holder)
    found(types, struct, source)
    place = place_of(types, Question(type=" ".join(struct.split()), steps=steps))
    if isinstance(place, Missing):
        raise _missing(place, steps, member)
    return (
        *offsetof_views(struct, member, place),
        explain_layout(held, types.big_endian),
        types_source([(source, held)]),
    )


def _missing(why: Missing, steps: tuple[str | int, ...], member: str) -> Error:
    step = steps[why.step]
    if why.known and isinstance(step, str):
        return UnknownNameError("member", step, why.known, text=member)
    return ParseError(why.why, text=member, span=Span(line=1, column=1))


@click.command(
    "sizeof",
    cls=Command,
    epilog=examples(
        "helio genassym sizeof kthread_t --from unix", "helio genassym sizeof 'struct proc' --from unix --types ctf"
    ),
)
@click.argument("struct", metavar="TYPE")
@from_option
@types_option
@pass_ports
def sizeof(ports: Ports, struct: str, source: str, holder: str | None) -> Views:
    """Say how large a type is, as mdb's ::sizeof does."""
    types, held = opened(ports, source, holder)
    found(types, struct, source)
    place = place_of(types, Question(type=" ".join(struct.split())))
    assert isinstance(place, Place)
    return (
        *sizeof_views(struct, place.size),
        explain_layout(held, types.big_endian),
        types_source([(source, held)]),
    )
