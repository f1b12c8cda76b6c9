"""A run of the delivery machine as a Graph."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from heliograph.signals.model import Libc
from heliograph.signals.render.words import name_of
from heliograph.signals.tables.delivery import LANES, PARTS, PATHS, Path
from heliograph.signals.translate.delivery import Setup, State, Visit, systems_of
from heliograph.view import Edge, Graph, Node, Prose

__all__ = ["explain_flow", "flow_graph"]

_CITED = ("brand", "kernel", "libc")


def flow_graph(setup: Setup, visits: Sequence[Visit], libc: Libc) -> Graph:
    """Return the visits as nodes in their lanes; what changed on the way is on the edges."""
    path = PATHS[setup.path]
    nodes = tuple(_node(visit, path, libc) for visit in visits)
    edges = tuple(
        Edge(
            from_=one.phase,
            to=other.phase,
            label=_change(one.before, one.after, libc, path),
            kind="fault" if other.phase == "fault" else PARTS[one.phase].kind,
        )
        for one, other in pairwise(visits)
    )
    program, _native = systems_of(path)
    name = name_of(program, setup.signal, libc)
    return Graph(
        id="flow",
        title=f"The way of {name} to {path.summary}",
        description=_sentence(visits),
        caption=f"{name} ({setup.signal} on {program.name}), path {path.name}: {path.summary}",
        nodes=nodes,
        edges=edges,
        lanes=LANES,
    )


def _node(visit: Visit, path: Path, libc: Libc) -> Node:
    part = PARTS[visit.phase]
    label = part.label
    if visit.phase == "default":
        label = f"default action: {visit.before.note}"
    if visit.phase == "handler":
        program, _native = systems_of(path)
        label = f"{part.label} ({name_of(program, visit.before.number, libc)}, {visit.before.number})"
    note = part.duty
    if visit.phase == "sigpwr_exit":
        note = f"{part.duty}: {path.power}"
    file = part.path_now if path.name == "lx-now" and part.path_now else part.path
    source = f"{path.revision} {file}" if file and part.lane in _CITED else ""
    return Node(id=visit.phase, label=label, lane=part.lane, kind=part.kind, source=source, note=note)


def _change(before: State, after: State, libc: Libc, path: Path) -> str:
    """Return what a phase changed, in a few words for an edge."""
    words = []
    if (before.number, before.numbering) != (after.number, after.numbering):
        words.append(f"{before.number} -> {after.number}")
    if before.gs != after.gs:
        words.append(f"%gs: {before.gs} -> {after.gs}")
    added = sorted(after.mask - before.mask)
    if added:
        _program, native = systems_of(path)
        words.append("blocks " + ", ".join(name_of(native, number, libc) for number in added))
    return "; ".join(words)


def _sentence(visits: Sequence[Visit]) -> str:
    return ", then ".join(PARTS[visit.phase].label for visit in visits) + "."


def explain_flow(setup: Setup, visits: Sequence[Visit]) -> Prose:
    """Return the run in words: where it ended and why."""
    path = PATHS[setup.path]
    end = visits[-1]
    text = f"The picture is the trace of a state machine, run with this input ({path.revision}). "
    match end.phase:
        case "handler":
            text += (
                "The number is translated twice on the way, at generation and at delivery, so that the kernel only"
                " ever sees its own numbers."
                if path.brand
                else "A native process needs no translation: libc alone stands between the kernel and the handler."
            )
        case "fault":
            text += (
                "Without what makes %gs native first, libc's sigacthandler() is entered with the Linux selector; its"
                " first access through %gs faults. That is what lx_sigacthandler, and later the kernel's lx_sendsig,"
                " prevent."
            )
        case "sigpwr_exit":
            text += (
                "SIGPWR is the one name whose default action differs: Linux terminates, Solaris ignores. So the brand"
                f" always keeps a handler of its own for it, and ends the process: {path.power}."
            )
        case "refused":
            text += "The signal has no Solaris number in this generation; the sender gets EINVAL."
        case "pending":
            text += f"The kernel calls no handler yet: {PARTS[end.phase].duty}."
        case _:
            cause = "No handler can catch this signal" if setup.handler else "There is no handler"
            text += f"{cause}, so the kernel decides alone, by the default action of {path.native}:"
            text += f" {end.before.note or 'it ignores the signal'}."
    if setup.path == "native" and not setup.interposer:
        text += " A native process has no interposer of a brand, so there was nothing to leave out."
    return Prose(text=text, aside=True)
