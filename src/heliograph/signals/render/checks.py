"""Findings about a compatibility layer's table and about an lx log."""

from __future__ import annotations

from collections.abc import Sequence

from heliograph.signals.model import Libc, Pair, Policy
from heliograph.signals.render.words import name_of, why
from heliograph.signals.system import system_called
from heliograph.signals.tables.policies import CODES, POLICIES
from heliograph.signals.translate.check import Fault
from heliograph.signals.translate.numbers import Translator
from heliograph.view import Column, Finding, Findings, Prose, Row, Severity, Table

__all__ = ["check_findings", "explain_check", "explain_trace", "trace_views"]

_UNCOUNTED = 999
_WARNINGS = {"stand-in", "duplicate", "missing-row"}


def check_findings(faults: Sequence[Fault], file: str, translator: Translator, libc: Libc) -> Findings:
    """Return the faults of a table with their places; none means clean."""
    return Findings(
        id="check",
        caption="",
        items=tuple(
            Finding(
                file=file,
                line=fault.line,
                column=fault.cell[1],
                end_column=fault.cell[1] + max(len(fault.cell[0]), 1),
                code=fault.code,
                severity=Severity.WARNING if fault.code in _WARNINGS else Severity.ERROR,
                message=_message(fault, translator, libc),
                fix=_fix(fault, translator, libc),
            )
            for fault in faults
        ),
    )


def _message(fault: Fault, translator: Translator, libc: Libc) -> str:
    source, target = translator.source, translator.target
    found = fault.found
    signal = "" if found is None else name_of(source, found.source, libc)
    said = "" if fault.said is None else f"{fault.said} ({name_of(target, fault.said, libc)})"
    right = "" if found is None or found.target is None else f"{found.target} ({name_of(target, found.target, libc)})"
    match fault.code:
        case "unknown-signal":
            return fault.other
        case "duplicate":
            return f"{fault.cell[0]} stands in line {fault.other} already"
        case "not-injective":
            return f"{said} is the target of line {fault.other} too: one of the two has no way back"
        case "wrong-name":
            assert found is not None and fault.said is not None
            return f"{fault.cell[0]} is {fault.said} on {source.name}, and this row is about {found.source} ({signal})"
        case "missing-target":
            return f"{signal} has a counterpart on {target.name}: {right}"
        case "missing-row":
            return f"no row for {signal} of {source.name}, which is {right} on {target.name}"
        case "stand-in":
            return f"{said} stands in for {signal}, as in lx: the names differ, and the default action may"
        case "lost-signal":
            assert found is not None
            return (
                f"{signal} has no counterpart on {target.name}, the table says {said}: {why(found, translator, libc)}"
            )
        case _:
            return f"{signal} is {right} on {target.name}, the table says {said}"


def _fix(fault: Fault, translator: Translator, libc: Libc) -> str:
    found = fault.found
    if fault.code in ("wrong-target", "missing-target") and found is not None and found.target is not None:
        number = fault.cell[0].lstrip("-").isdigit() or not fault.cell[0]
        return str(found.target) if number else name_of(translator.target, found.target, libc)
    if fault.code == "stand-in":
        return "--policy lx-2008 (or lx-2006, lx-2019) accepts the stand-in"
    return ""


def explain_check() -> Prose:
    """Return what the codes mean, as one paragraph."""
    meanings = [f"{row.code}: {row.meaning}" for row in CODES.values() if row.code != "lx-pair"]
    return Prose(text=f"Codes. {'; '.join(meanings)}.", aside=True)


def trace_views(pairs: Sequence[Pair], file: str, policies: Sequence[Policy], libc: Libc) -> tuple[Table, Findings]:
    """Return the distinct pairs of a log with the generations that have them, and the pairs that none has."""
    rows: list[Row] = []
    linux = system_called("linux")
    for pair in pairs:
        native = POLICIES[(pair.agrees or tuple(policies))[-1]].native
        assert native is not None
        rows.append(
            {
                "native": pair.native,
                "native_name": _known_name(native, pair.native, libc),
                "lx": pair.linux,
                "lx_name": _known_name(linux.name, pair.linux, libc),
                "count": pair.count,
                "line": pair.line,
                "agrees": tuple(str(policy) for policy in pair.agrees),
            }
        )
    columns = {
        "native": "native",
        "native_name": "native name",
        "lx": "lx",
        "lx_name": "Linux name",
        "count": "times",
        "line": "first in line",
        "agrees": "agrees with",
    }
    words = ", ".join(policies)
    table = Table(
        id="trace",
        caption=f"Pairs in {file}, native number first, checked against {words}",
        columns=tuple(Column(id=ident, title=title) for ident, title in columns.items()),
        rows=rows,
        empty="no pair such as: signal 10 (lx 7)",
    )
    wrong = [pair for pair in pairs if not pair.agrees]
    return table, Findings(id="findings", items=tuple(_wrong_pair(pair, file, policies) for pair in wrong))


def _known_name(system: str, number: int, libc: Libc) -> str | None:
    where = system_called(system)
    return name_of(where, number, libc) if number in where.numbers else None


def _wrong_pair(pair: Pair, file: str, policies: Sequence[Policy]) -> Finding:
    right = _right_numbers(pair.linux, policies)
    words = "any of " + ", ".join(policies)
    times = f" ({pair.count} times)" if pair.count > 1 else ""
    said = f"native {_counted(pair.native)} is not what Linux {_counted(pair.linux)} becomes"
    return Finding(
        file=file,
        line=pair.line,
        column=pair.column,
        end_column=pair.end_column,
        code="lx-pair",
        severity=Severity.ERROR,
        message=f"{said}{'' if len(policies) == 1 else f' in {words}'}{times}: {right}",
    )


def _counted(number: int) -> str:
    """Return a number of a log; those from 999 on are not told apart there."""
    return str(number) if number < _UNCOUNTED else f"{_UNCOUNTED} or more"


def _right_numbers(linux: int, policies: Sequence[Policy]) -> str:
    """Return what each generation makes of a Linux number."""
    source = system_called("linux")
    if linux not in source.numbers:
        return f"Linux has no signal {_counted(linux)}"
    found: dict[str, list[str]] = {}
    for policy in policies:
        native = POLICIES[policy].native
        assert native is not None
        target = Translator(source, system_called(native), policy).number(source.numbers[linux - 1]).target
        found.setdefault("none" if target is None else str(target), []).append(str(policy))
    return ", ".join(f"{number} in {' and '.join(words)}" for number, words in found.items())


def explain_trace(policies: Sequence[Policy]) -> Prose:
    """Return how a log is checked, as one paragraph."""
    behind = [
        f"{policy} is {source.project}@{source.revision}"
        for policy in policies
        if (source := POLICIES[policy].source) is not None
    ]
    return Prose(
        text=(
            "The debug output of lx writes a signal as the native number with the Linux number in brackets. Each"
            f" distinct pair is compared with the table of each generation: {'; '.join(behind)}."
        ),
        aside=True,
    )
