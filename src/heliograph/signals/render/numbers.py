"""Tables of signals: lists, maps, differences, default actions."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.signals.model import How, Libc, Policy, Translation, Written
from heliograph.signals.model import System as SystemModel
from heliograph.signals.render.words import counted_by, name_of, note_of, why, written_name
from heliograph.signals.system import all_systems
from heliograph.signals.tables.delivery import SOURCES as DELIVERY_SOURCES
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.tables.systems import LIBC_SOURCES
from heliograph.signals.translate.compare import Compared, action_differs, compare, only_in_target
from heliograph.signals.translate.numbers import Translator, is_lx
from heliograph.source import Source
from heliograph.view import Column, Prose, Row, Table, columns

__all__ = [
    "MAP_COLUMNS",
    "compared_rows",
    "default_table",
    "difference",
    "explain_list",
    "explain_map",
    "explain_policies",
    "explain_systems",
    "list_table",
    "map_row",
    "map_table",
    "policies_table",
    "sources_table",
    "systems_table",
]

MAP_COLUMNS = columns("signal", "from", "to", "to_name", "how", "action_from", "action_to", "why")


def list_table(where: SystemModel, libc: Libc) -> Table:
    """Return every signal of a system: number, name, default action, note."""
    counted = counted_by(where, libc=libc)
    rows = [
        {
            "number": number,
            "name": name_of(where, number, libc),
            "default_action": where.action(number),
            "note": note_of(where, number, libc),
        }
        for number in where.numbers
    ]
    return Table(
        id="list",
        caption=f"Signals of {where.name}" + (f"; {counted}" if counted else ""),
        columns=columns("number", "name", "default_action", "note"),
        rows=rows,
    )


def explain_list(where: SystemModel, libc: Libc) -> Prose:
    """Return how to read a list of signals, as one paragraph."""
    text = (
        f"These numbers are those of {where.name} alone. One row stands for one number; its other"
        " names are in the note. The default action is what the kernel does if the program has not said otherwise."
    )
    counted = counted_by(where, libc=libc)
    if counted:
        text += f" Names such as SIGRTMIN+1 depend on who counts: {counted}; the numbers do not."
    return Prose(text=text, aside=True)


def explain_systems() -> Prose:
    """Return what a system is here, as one paragraph."""
    text = (
        "A system is an operating system with all that changes a signal's number: the architecture on Linux, the"
        " generation on Solaris. The names in the column also are accepted as well. A bare solaris is refused, because"
        " its generations differ in the real-time signals."
    )
    return Prose(text=text, aside=True)


def explain_policies() -> Prose:
    """Return what a policy decides, as one paragraph."""
    text = (
        "A policy decides what happens to a signal that the other system does not have. The policies of lx do what a"
        " generation of the Linux emulation on Solaris did, mistakes included; the revision says which source was read."
    )
    return Prose(text=text, aside=True)


def systems_table() -> Table:
    """Return the systems with their real-time ranges, other names and sources."""
    rows: list[Row] = []
    for where in all_systems():
        realtime = where.realtime
        first = where.sources[0]
        rows.append(
            {
                "system": where.name,
                "signals": len(where.numbers),
                "realtime": f"{realtime.first}..{realtime.last}" if realtime else None,
                "aliases": where.aliases,
                "source": f"{first.project} {first.path}@{first.revision[:12]}",
                "note": where.summary + (f"; {where.note}" if where.note else ""),
            }
        )
    return Table(
        id="systems",
        caption="Systems that have a table",
        columns=columns(
            "system",
            "signals",
            ("realtime", "real-time"),
            ("aliases", "also"),
            ("source", "source of the numbers"),
            ("note", "what it is"),
        ),
        rows=rows,
    )


def policies_table() -> Table:
    """Return the policies with the revision behind each word."""
    return Table(
        id="policies",
        caption="Policies: what happens to a signal without a counterpart",
        columns=columns("policy", ("native", "ran on"), "revision", ("note", "what it does")),
        rows=[
            {
                "policy": row.policy,
                "native": row.native,
                "revision": f"{row.source.project}@{row.source.revision}" if row.source else None,
                "note": row.summary
                + (f"; Linux to Solaris: {row.unmapped}; Solaris to Linux: {row.unmapped_back}" if row.source else ""),
            }
            for row in POLICIES.values()
        ],
    )


def map_row(found: Translation, translator: Translator, libc: Libc, *, name: str = "") -> Row:
    """Return a translation as a row of :data:`MAP_COLUMNS`."""
    source, target = translator.source, translator.target
    known = found.source in source.numbers
    return {
        "signal": name or name_of(source, found.source, libc),
        "from": found.source,
        "to": found.target,
        "to_name": None if found.target is None else name_of(target, found.target, libc),
        "how": found.how,
        "action_from": source.action(found.source) if known else None,
        "action_to": None if found.target is None else target.action(found.target),
        "why": why(found, translator, libc),
    }


def _caption(verb: str, translator: Translator, libc: Libc, *, counted: bool) -> str:
    policy = translator.policy
    row = POLICIES[policy].source
    behind = f" ({row.project}@{row.revision})" if row else ""
    text = f"{verb} {translator.source.name} to {translator.target.name}, policy {policy}{behind}"
    phrase = counted_by(translator.source, translator.target, libc=libc) if counted else ""
    return text + (f"; {phrase}" if phrase else "")


def map_table(signals: Iterable[Written], translator: Translator, libc: Libc) -> Table:
    """Return what becomes of each signal; under ``strict`` a loss makes the exit code 1."""
    found = [(signal, translator.written(signal)) for signal in signals]
    lost = any(translation.how is How.LOST for _signal, translation in found)
    realtime = any(translation.index is not None for _signal, translation in found)
    return Table(
        id="map",
        caption=_caption("From", translator, libc, counted=realtime),
        columns=MAP_COLUMNS,
        rows=[
            map_row(translation, translator, libc, name=written_name(translator.source, signal, libc))
            for signal, translation in found
        ],
        differs=lost and translator.policy is Policy.STRICT,
    )


def explain_map(translator: Translator) -> Prose:
    """Return the rule by which numbers are translated, as one paragraph."""
    text = (
        f"A signal number means nothing by itself: 10 is SIGUSR1 on x86 Linux and SIGBUS on Solaris. So the name of the"
        f" signal on {translator.source.name} is looked up on {translator.target.name}; real-time signals go by their"
        " index, counted from the kernel's first, whatever the C library calls SIGRTMIN."
    )
    if is_lx(translator.policy):
        row = POLICIES[translator.policy]
        assert row.source is not None
        text += (
            f" The policy {row.policy} is {row.summary} ({row.source.project}@{row.source.revision}): SIGSTKFLT and"
            " SIGEMT stand in for each other, and the last real-time signal goes to the last one."
            f" A Linux signal without a Solaris number: {row.unmapped}. A Solaris signal without a Linux number:"
            f" {row.unmapped_back}."
        )
    elif translator.policy is Policy.STRICT:
        text += " The policy strict prints every row and ends with exit code 1 if one is lost."
    else:
        text += " The policy drop prints the losses and ends with exit code 0."
    return Prose(text=text, aside=True)


def compared_rows(translator: Translator) -> list[Compared]:
    """Return every signal of the source with the default actions on both sides."""
    return [compare(translator, found) for found in translator.all()]


def difference(translator: Translator, libc: Libc) -> tuple[Table, Table]:
    """Return what differs in number or default action, and what only the target has; either makes the exit code 1."""
    rows = [row for row in compared_rows(translator) if row.differs]
    only = only_in_target(translator)
    target = translator.target
    return (
        Table(
            id="diff",
            caption=_caption("What differs from", translator, libc, counted=True),
            columns=MAP_COLUMNS,
            rows=[map_row(row.translation, translator, libc) for row in rows],
            differs=bool(rows),
            empty="no number and no default action differs",
        ),
        Table(
            id="only_in_b",
            caption=f"Only in {target.name}",
            columns=columns("number", "name", "default_action", "note"),
            rows=[
                {
                    "number": number,
                    "name": name_of(target, number, libc),
                    "default_action": target.action(number),
                    "note": note_of(target, number, libc),
                }
                for number in only
            ],
            differs=bool(only),
            empty="nothing",
        ),
    )


def default_table(translator: Translator, libc: Libc) -> Table:
    """Return the default actions side by side; a difference makes the exit code 1."""
    rows = compared_rows(translator)
    return Table(
        id="default",
        caption=_caption("Default actions from", translator, libc, counted=True),
        columns=(
            Column(id="signal", title="signal"),
            Column(id="action_from", title=translator.source.name),
            Column(id="action_to", title=translator.target.name),
            Column(id="differs", title="differs"),
            Column(id="to_name", title="arrives as"),
        ),
        rows=[
            {
                "signal": name_of(translator.source, row.translation.source, libc),
                "action_from": row.action_from,
                "action_to": row.action_to,
                "differs": action_differs(row),
                "to_name": None
                if row.translation.target is None
                else name_of(translator.target, row.translation.target, libc),
            }
            for row in rows
        ],
        differs=any(action_differs(row) for row in rows),
    )


def sources_table(
    *systems: SystemModel, policy: Policy | None = None, policies: Iterable[Policy] = (), flow: bool = False
) -> Table:
    """Return where the facts of an answer come from; shown when it is asked for."""
    found: dict[Source, None] = {}
    for where in systems:
        found.update(dict.fromkeys(where.sources))
    if any(where.family == "linux" for where in systems):
        found.update(dict.fromkeys(LIBC_SOURCES))
    for one in policies if policy is None else (policy,):
        if (source := POLICIES[one].source) is not None:
            found[source] = None
    if flow:
        found.update(dict.fromkeys(DELIVERY_SOURCES))
    names = ("fact", "project", "revision", "path", "note")
    return Table(
        id="sources",
        caption="Where the facts come from",
        columns=tuple(Column(id=name, title=name) for name in names),
        rows=[{name: getattr(source, name) for name in names} for source in found],
        aside=True,
    )
