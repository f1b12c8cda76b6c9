"""A siginfo as a Layout, its translation as a Table, and the bytes as hexadecimal text."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.signals.model import Policy
from heliograph.signals.render.layouts import cited, columns, exact_of, hexadecimal
from heliograph.signals.system import system_called
from heliograph.signals.tables.codes import CODE_SOURCES
from heliograph.signals.tables.layouts import Abi, Member
from heliograph.signals.tables.siginfo import LX_SOURCES, SIGINFO
from heliograph.signals.translate.layouts import gaps, order_of, read
from heliograph.signals.translate.siginfo import (
    ArmReason,
    Decoded,
    FieldRow,
    FieldWhy,
    Translated,
    decode_siginfo,
    members_of,
)
from heliograph.view import Field, Layout, Listing, Prose, Row, Table, View

__all__ = [
    "difference",
    "explain_siginfo",
    "hex_lines",
    "siginfo_fields",
    "siginfo_layout",
    "siginfo_sources",
    "siginfo_views",
    "value_text",
]

_ARM_WHY = {
    ArmReason.ANY_SIGNAL: "{code} means the same for any signal",
    ArmReason.FROM_USER: "a code of zero or less was sent by a program, whatever the signal",
    ArmReason.PAIR: "{code} of {signal} has an arm of its own",
    ArmReason.SIGNAL: "{code} is a code of {signal}",
    ArmReason.UNKNOWN: "{signal} has no code {number}: nothing beyond the header is known",
    ArmReason.NO_SIGNAL: "the number is no signal: nothing beyond the header is known",
}
_WHY = {
    FieldWhy.COPIED: "copied",
    FieldWhy.SIGNO: "the signal by name",
    FieldWhy.LOST_SIGNO: "{target} has no such signal: there is no siginfo to hand on",
    FieldWhy.CODE: "the code by name: {detail}",
    FieldWhy.CODE_NEAREST: "no such code there; the nearest is {detail}",
    FieldWhy.CODE_NOTHING: "no such code there; {detail} says nothing about the cause",
    FieldWhy.CODE_UNKNOWN: "no code of {source}; {detail} says nothing about the cause",
    FieldWhy.ERRNO: "errno up to 34 means the same on both",
    FieldWhy.ERRNO_LOST: "errno differs above 34 and is not translated here",
    FieldWhy.STATUS_EXIT: "an exit code needs no translation",
    FieldWhy.STATUS_SIGNAL: "a signal number unless the child exited: {detail}",
    FieldWhy.STATUS_LOST: "the signal {detail} has no counterpart",
    FieldWhy.TICKS: "clock ticks: 100 a second on Linux, {detail} on Solaris",
    FieldWhy.BAND: "the bits of poll by name: POLLWRNORM and POLLWRBAND differ",
    FieldWhy.CUT: "does not fit {detail} bytes: the low ones are kept",
    FieldWhy.NO_HOME: "{target} has no such field here",
    FieldWhy.NO_SOURCE: "{source} does not say; zero",
    FieldWhy.LX_EINVAL: "no such signal: lx returns EINVAL and the handler gets a NULL siginfo",
    FieldWhy.LX_KILL: "no such signal: lx puts SIGKILL and goes on",
    FieldWhy.LX_CODE: "one of the six codes that lx maps: {detail}",
    FieldWhy.LX_PASSED: "lx passes on the number of any other code",
    FieldWhy.LX_RAW: "lx copies it",
    FieldWhy.LX_BY_SIGNAL: "lx decides by the signal alone: the native siginfo says nothing here",
    FieldWhy.LX_UID: "lx keeps 16 bits of a uid: larger ones become 65534",
    FieldWhy.LX_DROPPED: "lx leaves the value of sigqueue out",
    FieldWhy.LX_STATUS: "lx translates the low seven bits: {detail}",
    FieldWhy.LX_ABORT: "the signal {detail} has no counterpart: lx aborts the process",
    FieldWhy.LX_FD: "lx writes the band into 4 bytes and the descriptor at 20, where Linux reads it at 24",
}


def value_text(value: int, member: Member) -> str:
    """Return a value as text: decimal for counts, hexadecimal for addresses and bytes."""
    _name, _offset, size, form = member
    if form == "b":
        return value.to_bytes(size, "little").hex()
    return hexadecimal(value, size) if form == "x" else str(value)


def hex_lines(data: bytes, width: int = 16) -> str:
    """Return bytes as text that the commands read again: ``width`` bytes a line, a space between two."""
    return "\n".join(data[at : at + width].hex(" ") for at in range(0, len(data), width))


def siginfo_fields(found: Decoded, *, prefix: str = "", base: int = 0) -> list[Field]:
    """Return every byte of a siginfo as fields; what no member covers is ``unused``."""
    members = members_of(found.abi, found.arm)
    system = system_called(found.abi.system)
    entry = system.signals.get(found.values["si_signo"])
    notes = {
        "si_signo": entry.names[0] if entry else found.signal,
        "si_code": f"{found.code_name}: {found.meaning}" if found.code_name else "",
    }
    fields = []
    for member in members:
        number = read(found.data, member, order_of(found.abi.order))
        fields.append(
            Field(
                name=prefix + member[0],
                offset=base + member[1],
                size=member[2],
                value=value_text(number, member),
                note=notes.get(member[0], ""),
                exact=exact_of(number, member[2], member[3]),
            )
        )
    for at, size in gaps(members, len(found.data)):
        piece = found.data[at : at + size]
        value, note = (piece.hex(), "not zero") if any(piece) else ("00" * size if size <= 4 else "0", "")
        name, exact = f"{prefix}unused_{at}", piece.hex()
        fields.append(Field(name=name, offset=base + at, size=size, value=value, note=note, exact=exact))
    return sorted(fields, key=lambda field: field.offset)


def siginfo_layout(found: Decoded, ident: str) -> Layout:
    """Return a siginfo with every byte accounted for."""
    size = len(found.data)
    return Layout(
        id=ident,
        unit="byte",
        caption=f"siginfo of {found.abi.name}, {size} bytes; arm {found.arm}",
        fields=tuple(siginfo_fields(found)),
    )


def _meaning(found: Decoded) -> Table:
    code = found.values["si_code"]
    why = _ARM_WHY[found.reason].format(code=found.code_name, signal=found.signal, number=code)
    return Table(
        id="siginfo_meaning",
        caption="What the siginfo says",
        columns=columns(
            signal="signal", si_code="si_code", code="code", meaning="meaning", arm="arm of the union", why="why"
        ),
        rows=[
            {
                "signal": found.signal or None,
                "si_code": code,
                "code": found.code_name or None,
                "meaning": found.meaning or None,
                "arm": found.arm,
                "why": why,
            }
        ],
    )


def _sentence(row: FieldRow, source: Abi, target: Abi) -> str:
    detail = " becomes ".join(row.detail.split()) if row.detail.count(" ") == 1 else row.detail
    return _WHY[row.why].format(detail=detail, source=source.name, target=target.name)


def _fields_table(given: Decoded, found: Translated, policy: str) -> Table:
    rows: list[Row] = [
        {
            "field": row.name,
            "from": row.source,
            "to": row.target,
            "from_hex": _hex(row.source),
            "to_hex": _hex(row.target),
            "why": _sentence(row, given.abi, found.abi),
        }
        for row in found.rows
    ]
    shown = columns(field="field", **{"from": "from"}, to="to", from_hex="from hex", to_hex="to hex", why="why")
    return Table(
        id="siginfo_fields",
        caption=f"Field by field: {given.abi.name} to {found.abi.name}, policy {policy}",
        columns=shown,
        rows=rows,
        differs=found.data is None,
    )


def _hex(value: int | None) -> str | None:
    return None if value is None else hexadecimal(value, 8 if abs(value) >> 32 else 4)


def siginfo_views(given: Decoded, found: Translated | None, policy: str) -> tuple[View, ...]:
    """Return the siginfo, and its translation if one was asked for."""
    views: list[View] = [siginfo_layout(given, "siginfo"), _meaning(given)]
    if found is None:
        return tuple(views)
    views.append(_fields_table(given, found, policy))
    if found.data is not None:
        views.append(siginfo_layout(decode_siginfo(found.data, found.abi), "siginfo_to"))
        caption = f"The bytes as {found.abi.name} has them"
        views.append(Listing(id="siginfo_bytes", language="text", text=hex_lines(found.data), caption=caption))
    return tuple(views)


def difference(given: Decoded, right: Translated, found: Translated, policy: str) -> Table:
    """Return where a generation of lx differs from what is right, by the fields that are right."""
    rows: list[Row] = []
    if right.data is None or found.data is None:
        if right.data is not found.data:
            words = {True: "no siginfo", False: "a siginfo"}
            rows.append(
                {
                    "field": "siginfo",
                    "offset": 0,
                    "correct": words[right.data is None],
                    "lx": words[found.data is None],
                    "why": next((_sentence(row, given.abi, found.abi) for row in found.rows if row.target is None), ""),
                }
            )
    else:
        rows = list(_differences(given, right, found, policy))
    return Table(
        id="difference",
        caption=f"Where {policy} differs from what is right",
        columns=columns(field="field", offset="offset", correct="correct", lx=policy, why="why"),
        rows=rows,
        empty="nothing: it did the right thing",
    )


def _differences(given: Decoded, right: Translated, found: Translated, policy: str) -> Iterable[Row]:
    assert right.data is not None
    assert found.data is not None
    ours, theirs = decode_siginfo(right.data, right.abi), found.data
    why = {row.name: _sentence(row, given.abi, found.abi) for row in found.rows}
    order = order_of(found.abi.order)
    members = members_of(right.abi, ours.arm)
    for member in sorted(members, key=lambda one: one[1]):
        name, at, _size, _form = member
        if read(right.data, member, order) != read(theirs, member, order):
            yield {
                "field": name,
                "offset": at,
                "correct": value_text(read(right.data, member, order), member),
                "lx": value_text(read(theirs, member, order), member),
                "why": why.get(name, f"{policy} writes nothing there"),
            }
    for at, size in gaps(members, len(theirs)):
        if right.data[at : at + size] != theirs[at : at + size]:
            yield {
                "field": f"unused_{at}",
                "offset": at,
                "correct": "0",
                "lx": theirs[at : at + size].rstrip(b"\0").hex(),
                "why": f"{policy} decides by the signal alone and writes fields that are not valid here",
            }


def explain_siginfo(given: Decoded) -> Prose:
    """Return how a siginfo is read, as one paragraph."""
    return Prose(
        text=(
            f"{given.abi.name} keeps a siginfo in {SIGINFO[given.abi.layout].size} bytes: a header, then a union. Linux"
            " has errno before the code; Solaris, and Linux on MIPS, have the code first. Which arm of the union is"
            " filled follows from the signal and the code together: a code of zero or less says that a program sent the"
            " signal, so a SIGSEGV from kill has a sender and no address. The same code has other numbers elsewhere"
            " (SI_QUEUE is -1 on Linux and -2 on Solaris), so it is translated by name; what has no home is zero."
        ),
        aside=True,
    )


def siginfo_sources(given: Decoded, target: Abi | None, policy: Policy | None) -> Table:
    """Return where layouts, codes and rules come from."""
    abis = [given.abi] if target is None else [given.abi, target]
    found = [source for abi in abis for source in (*SIGINFO[abi.layout].sources, *CODE_SOURCES[abi.codes])]
    return cited([*found, LX_SOURCES.get(policy or "")])
