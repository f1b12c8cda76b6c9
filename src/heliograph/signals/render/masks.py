"""Sets of signals and wait statuses as tables."""

from __future__ import annotations

from collections.abc import Sequence

from heliograph.signals.model import Libc, MaskSpelling, Policy, State
from heliograph.signals.render.numbers import MAP_COLUMNS, map_row
from heliograph.signals.render.words import name_of, why
from heliograph.signals.translate.masks import TranslatedSet
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.wait import TranslatedStatus
from heliograph.view import Column, Prose, Row, Table

__all__ = ["explain_mask", "explain_wait", "mask_tables", "wait_table"]


def _hex(value: int, bits: int) -> str:
    return f"{value:0{bits // 4}x}"


def mask_tables(
    sets: Sequence[TranslatedSet], translator: Translator, spelling: MaskSpelling, libc: Libc
) -> tuple[Table, Table]:
    """Return the members of the sets, and each set in the target's spelling with its losses.

    Under ``strict`` a loss makes the exit code 1.
    """
    labelled = any(found.label for found in sets)
    lost = any(found.lost for found in sets)
    source, target = translator.source, translator.target
    label = (Column(id="set", title="set"),) if labelled else ()

    def named(found: TranslatedSet) -> Row:
        return {"set": found.label} if labelled else {}

    rows: list[Row] = []
    values: list[Row] = []
    for found in sets:
        rows += [
            {**named(found), "bit": member.source - 1, **map_row(member, translator, libc)} for member in found.members
        ]
        values.append(
            {
                **named(found),
                "value": _hex(found.value, spelling.bits),
                "words": tuple(_hex(word, spelling.word_bits) for word in found.words),
                "lost": tuple(name_of(source, member.source, libc) for member in found.lost),
            }
        )
    size = f"{spelling.words} x {spelling.word_bits} bits, low word first"
    return (
        Table(
            id="mask",
            caption=f"Members of the set: {source.name} to {target.name}, policy {translator.policy}",
            columns=(*label, Column(id="bit", title="bit"), *MAP_COLUMNS),
            rows=rows,
            empty="the empty set",
            differs=lost and translator.policy is Policy.STRICT,
        ),
        Table(
            id="mask_value",
            caption=f"The set as {target.name} writes it ({size})",
            columns=(
                *label,
                Column(id="value", title="value"),
                Column(id="words", title="words"),
                Column(id="lost", title="lost"),
            ),
            rows=values,
        ),
    )


def explain_mask(translator: Translator, spelling: MaskSpelling) -> Prose:
    """Return how sets are kept, as one paragraph."""
    return Prose(
        text=(
            f"Bit n-1 stands for signal n. A set of {translator.target.name} has {spelling.words} words of"
            f" {spelling.word_bits} bits, the low word first. The members are translated one by one, because the same"
            " signal has another bit on the other system; a member without a counterpart is listed as lost. SIGKILL and"
            " SIGSTOP stay where they are set: only a kernel takes them out, when a program blocks them."
        ),
        aside=True,
    )


def wait_table(found: TranslatedStatus, translator: Translator, libc: Libc) -> Table:
    """Return a wait status taken apart and put together for the other system."""
    status, signal = found.status, found.signal
    row: Row = {
        "status": found.given,
        "state": str(status.state),
        "exit_code": status.code,
        "signal": None if signal is None else name_of(translator.source, signal.source, libc),
        "from": None if signal is None else signal.source,
        "to": None if signal is None else signal.target,
        "to_name": None if signal is None or signal.target is None else name_of(translator.target, signal.target, libc),
        "how": None if signal is None else signal.how,
        "to_status": found.value,
        "to_status_hex": None if found.value is None else f"{found.value:#06x}",
        "why": _wait_why(found, translator, libc),
    }
    columns = {
        "status": "status",
        "state": "state",
        "exit_code": "exit code",
        "signal": "signal",
        "from": "from",
        "to": "to",
        "to_name": "to name",
        "how": "how",
        "to_status": "to status",
        "to_status_hex": "hex",
        "why": "why",
    }
    return Table(
        id="wait",
        caption=f"Wait status {found.given:#06x}: {translator.source.name} to {translator.target.name},"
        f" policy {translator.policy}",
        columns=tuple(Column(id=ident, title=title) for ident, title in columns.items()),
        rows=[row],
        differs=found.value is None and translator.policy is Policy.STRICT,
    )


def _wait_why(found: TranslatedStatus, translator: Translator, libc: Libc) -> str:
    if found.signal is None:
        kept = found.given == found.value
        if found.status.state is State.EXITED:
            return "an exit code needs no translation"
        return "the same status on both systems" if kept else f"{translator.target.name} writes it so"
    extra = ""
    if found.status.syscall_stop:
        extra = "; bit 7 marks a system-call stop of ptrace"
    if found.status.event:
        extra += f"; ptrace event {found.status.event}"
    return why(found.signal, translator, libc) + extra


def explain_wait() -> Prose:
    """Return the layout of a wait status, as one paragraph."""
    return Prose(
        text=(
            "A child that exited leaves its code in bits 8 to 15; one that a signal killed leaves the number in"
            " bits 0 to 6, with bit 7 for a core file; one that stopped leaves 0x7f there and the number in bits 8 to"
            " 15. Only the number is translated. A shell shows a killed child as 128 plus the number: translate the"
            " number itself with helio signals map."
        ),
        aside=True,
    )
