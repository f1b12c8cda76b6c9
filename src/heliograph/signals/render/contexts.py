"""A context as a Layout, and its translation as a Table."""

from __future__ import annotations

from collections.abc import Sequence

from heliograph.signals.model import Policy
from heliograph.signals.render.layouts import cited, columns, exact_of
from heliograph.signals.tables.contexts import CONTEXTS
from heliograph.signals.tables.layouts import Abi, Member
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.translate.contexts import Context, ContextRow, ContextWhy, decode_context, members_in
from heliograph.signals.translate.layouts import gaps
from heliograph.view import Field, Layout, Listing, Prose, Row, Table, View

__all__ = ["context_fields", "context_layout", "context_sources", "context_views", "explain_context", "value_of"]

_WHY = {
    ContextWhy.COPIED: "copied",
    ContextWhy.RENAMED: "copied; {target} calls it so",
    ContextWhy.UESP_TO_ESP: "esp := uesp: Linux restores the stack pointer from esp, Solaris keeps it in uesp",
    ContextWhy.ESP_TO_UESP: "uesp := esp: Solaris restores the stack pointer from uesp, a Linux handler changes esp",
    ContextWhy.NO_SWAP: "a plain copy: lx-2006 does not exchange esp and uesp",
    ContextWhy.MASK: "signal by signal",
    ContextWhy.MASK_LOST: "signal by signal; without a counterpart: {detail}",
    ContextWhy.LX_ZERO: "Linux hands a handler zero here",
    ContextWhy.UC_ALL: "what the context holds: mask, stack, registers, and the fp state if it is there",
    ContextWhy.LX_NATIVE: "lx leaves the native one as it was",
    ContextWhy.NO_HOME: "{target} has no such field",
    ContextWhy.NO_SOURCE: "{source} does not say",
    ContextWhy.POINTER: "the address that the frame gives the fp state; see helio signals frame",
    ContextWhy.NO_FP: "UC_FPU is not set: no fp state",
    ContextWhy.OLDMASK: "Linux repeats the first word of the mask here",
    ContextWhy.LX_NO_OLDMASK: "lx never sets it in the frame of SA_SIGINFO",
    ContextWhy.CR2: "the fault address of a SIGSEGV, which a context does not hold",
    ContextWhy.LOW16: "16 bits count",
    ContextWhy.SW_STATUS: "sw := status: Linux has the word of the exception here",
    ContextWhy.SW_LOW16: "lx-2006 only masks it",
    ContextWhy.MAGIC: "0 says that xmm is valid, 0xffff that it is not; it is valid if mxcsr is not zero",
    ContextWhy.XMM_NOT: "xmm is not valid",
    ContextWhy.FXSAVE: "the same FXSAVE image on both",
    ContextWhy.LX_528: "lx-2019 copies 528 bytes where Linux has 512: these lie outside",
}


def value_of(value: int, member: Member) -> str:
    """Return the value of a register or field as text."""
    _name, _offset, size, form = member
    if form == "b":
        data = value.to_bytes(size, "little")
        return data.hex() if any(data) or size <= 4 else "0"
    return str(value) if form in "iu" else f"{value:#0{2 * size + 2}x}"


def context_fields(
    members: Sequence[Member], size: int, data: bytes | None, *, prefix: str = "", base: int = 0
) -> list[Field]:
    """Return every byte of a structure as fields, with values if there are bytes."""
    fields = []
    for member in members:
        name, offset, length, form = member
        piece = None if data is None else data[offset : offset + length]
        number = 0 if piece is None else int.from_bytes(piece, "little", signed=form == "i")
        fields.append(
            Field(
                name=prefix + name,
                offset=base + offset,
                size=length,
                value="" if piece is None else value_of(number, member),
                exact=None if piece is None else exact_of(number, length, form),
            )
        )
    for at, length in gaps(members, size):
        piece = b"" if data is None else data[at : at + length]
        fields.append(
            Field(
                name=f"{prefix}unused_{at}",
                offset=base + at,
                size=length,
                value="" if data is None else piece.hex() if any(piece) else "0",
                exact=None if data is None else piece.hex(),
            )
        )
    return sorted(fields, key=lambda field: field.offset)


def context_layout(abi: Abi, part: str, given: Context | None, ident: str) -> Layout:
    """Return a part of a context with every byte accounted for, with values if it was read."""
    if given is None:
        members, size = members_in(abi, part)
    else:
        members, size = given.members, len(given.data)
    name = CONTEXTS[abi.family, abi.word][part].name
    follows = size > CONTEXTS[abi.family, abi.word][part].size
    return Layout(
        id=ident,
        unit="byte",
        caption=f"{name} of {abi.name}, {size} bytes" + (", with its _fpstate behind it" if follows else ""),
        fields=tuple(context_fields(members, size, None if given is None else given.data)),
    )


def context_views(
    abi: Abi, part: str, given: Context | None, found: tuple[Abi, bytes, tuple[ContextRow, ...]] | None, policy: str
) -> tuple[View, ...]:
    """Return the layout, and the translation if there is one."""
    views: list[View] = [context_layout(abi, part, given, "context")]
    if found is None:
        return tuple(views)
    target, data, rows = found
    there = decode_context(data, target, part)
    views.append(_table(abi, target, rows, policy))
    views.append(context_layout(target, part, there, "context_to"))
    lines = "\n".join(data[at : at + 16].hex(" ") for at in range(0, len(data), 16))
    caption = f"The bytes as {target.name} has them"
    views.append(Listing(id="context_bytes", language="text", text=lines, caption=caption))
    return tuple(views)


def _table(source: Abi, target: Abi, rows: Sequence[ContextRow], policy: str) -> Table:
    shown: list[Row] = [
        {
            "field": row.name,
            "came_from": row.came_from or None,
            "from": None if row.source is None else f"{row.source:#x}",
            "to": None if row.target is None else f"{row.target:#x}",
            "why": _WHY[row.why].format(source=source.name, target=target.name, detail=", ".join(row.detail)),
        }
        for row in rows
    ]
    return Table(
        id="context_fields",
        caption=f"Field by field: {source.name} to {target.name}, policy {policy}",
        columns=columns(field="field", came_from="value of", **{"from": "from"}, to="to", why="why"),
        rows=shown,
    )


def explain_context(abi: Abi) -> Prose:
    """Return how the two systems keep a context, as one paragraph."""
    if abi.word == 4:
        text = (
            "On i386 the first 76 bytes of Linux' sigcontext and Solaris' gregset are the same nineteen words in one"
            " order, and both keep the stack pointer twice. Linux restores it from esp, Solaris from uesp: a layer that"
            " only copies the block, as lx did in 2006, hands its handlers a wrong esp and drops what they make of it."
        )
    else:
        text = (
            "On amd64 the two systems keep the registers in another order, rcx and rax among them, so they go by name."
            " Linux has no place for es, ds, fsbase and gsbase, and keeps four selectors in 16 bits each."
        )
    return Prose(
        text=text + " Linux keeps the fp state outside of the ucontext, behind a pointer; Solaris keeps it inside.",
        aside=True,
    )


def context_sources(abi: Abi, target: Abi | None, policy: Policy | None) -> Table:
    """Return where the layouts and the rules come from."""
    abis = [abi] if target is None else [abi, target]
    sources = [source for one in abis for source in CONTEXTS[one.family, one.word]["ucontext"].sources]
    return cited([*sources, POLICIES[policy].source if policy else None])
