"""Flags as tables: one row a flag, and the word on the other system."""

from __future__ import annotations

from typing import assert_never

from heliograph.signals.model import Policy
from heliograph.signals.render.layouts import cited, columns, hexadecimal
from heliograph.signals.tables.flags import GROUPS, PREFIXES, SOURCES
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.translate.flags import Flag, FlagReason, Flags
from heliograph.signals.translate.numbers import Translator, is_lx
from heliograph.view import Column, Prose, Row, Table

__all__ = ["explain_flags", "flags_sources", "flags_tables"]


def flags_tables(found: Flags, translator: Translator, *, signal: str = "") -> tuple[Table, Table]:
    """Return the flags one by one, and the word with what is lost; under ``strict`` a loss makes the exit code 1."""
    bits = found.kind != "how"
    source, target = translator.source.name, translator.target.name
    rows: list[Row] = [
        {
            "name": flag.name or None,
            **({"bit_from": _bit(flag.value), "bit_to": _bit(flag.target)} if bits else {}),
            "value_from": _text(flag.value, bits),
            "value_to": _text(flag.target, bits),
            "how": flag.how,
            "why": _why(flag, translator, signal),
        }
        for flag in found.flags
    ]
    shown = (
        columns(name="name", bit_from="bit", bit_to="bit to", value_from="from", value_to="to", how="how", why="why")
        if bits
        else columns(name="name", value_from="from", value_to="to", how="how", why="why")
    )
    named = f" for {signal}" if signal else ""
    return (
        Table(
            id="flags",
            caption=f"{_word(found.kind)} {_text(found.given, bits)}{named}: {source} to {target}, policy"
            f" {translator.policy}",
            columns=shown,
            rows=rows,
            empty="no flag is set",
            differs=bool(found.lost or found.unknown) and translator.policy is Policy.STRICT,
        ),
        Table(
            id="flags_value",
            caption=f"As {target} writes it",
            columns=(
                Column(id="value", title="value"),
                Column(id="value_hex", title="hex"),
                Column(id="lost", title="lost"),
                Column(id="unknown", title="unknown"),
            ),
            rows=[
                {
                    "value": found.value,
                    "value_hex": None if found.value is None else hexadecimal(found.value, 4),
                    "lost": tuple(flag.name for flag in found.lost),
                    "unknown": tuple(_text(flag.value, bits) or "" for flag in found.unknown),
                }
            ],
        ),
    )


def _word(kind: str) -> str:
    return "how" if kind == "how" else f"{PREFIXES[kind]}* flags"


def _bit(value: int | None) -> int | None:
    return None if value is None else value.bit_length() - 1


def _text(value: int | None, bits: bool) -> str | None:
    if value is None:
        return None
    return hexadecimal(value, 4) if bits else str(value)


def _why(flag: Flag, translator: Translator, signal: str) -> str:
    """Return the sentence behind a flag."""
    source, target, policy = translator.source.name, translator.target.name, translator.policy
    match flag.reason:
        case FlagReason.NAME:
            return "by name"
        case FlagReason.CANT_RESET:
            return f"by name; the Solaris kernel ignores it for {signal}"
        case FlagReason.NO_NAME:
            return f"{target} has no {flag.name}"
        case FlagReason.NO_BIT:
            return f"{source} has no flag with that bit; it is not copied"
        case FlagReason.NO_HOW:
            return f"{source} has no how {flag.value}: sigprocmask returns EINVAL, unless its set is NULL"
        case FlagReason.FORCED:
            return f"{policy} always sets it: its own handler needs the siginfo"
        case FlagReason.FORCED_TOO:
            return f"by name; {policy} sets it in any case"
        case FlagReason.BRAND_TABLE:
            return f"{target} has no restorer; {policy} keeps the flag in the brand's own table"
        case FlagReason.BRAND_STACK:
            return f"{policy} looks after alternate stacks itself and does not tell the kernel"
        case FlagReason.NOT_FOR_PWR:
            return f"{policy} does not hand it on for SIGPWR, whose default action differs"
        case FlagReason.BUT_NOT_PWR:
            return f"by name; {policy} does not hand it on for SIGPWR"
        case FlagReason.REFUSED:
            return f"{policy} returns EINVAL"
        case FlagReason.WRITES_0:
            return f"{policy} always writes 0 into the Linux uc_flags"
        case FlagReason.LEAVES:
            return f"{policy} never reads the Linux uc_flags; the native ones stay as they were"
        case _:
            assert_never(flag.reason)


def explain_flags(translator: Translator) -> Prose:
    """Return the rule, as one paragraph."""
    text = (
        "The same flag has another bit on each system: SA_SIGINFO is 4 on x86 Linux, 8 on MIPS and Solaris, 0x40 on the"
        " BSDs. So flags are translated by name; a bit that the source has no name for is reported and never copied."
        " SA_RESETHAND on Solaris leaves SIGILL, SIGTRAP and SIGPWR alone."
    )
    if is_lx(translator.policy):
        text += (
            f" {translator.policy} sets SA_SIGINFO on every handler, keeps SA_RESTORER in its own table, and"
            f" {'does not hand SA_ONSTACK on' if translator.policy is Policy.LX_2019 else 'hands SA_ONSTACK on'}."
        )
    return Prose(text=text, aside=True)


def flags_sources(translator: Translator) -> Table:
    """Return where the values and the rules come from."""
    groups = [GROUPS.get(where.name, "") for where in (translator.source, translator.target)]
    return cited([*(one for group in groups for one in SOURCES.get(group, ())), POLICIES[translator.policy].source])
