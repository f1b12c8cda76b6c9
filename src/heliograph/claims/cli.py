"""The commands ``helio claims ...``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import click

from heliograph import media
from heliograph.claims import render
from heliograph.claims.calendar import rows as calendar_rows
from heliograph.claims.inventory import coverage
from heliograph.claims.model import Claim, Record, Verdict, Verified
from heliograph.claims.properties import PROPERTIES
from heliograph.claims.register import Known, builtin, builtin_names, records, register, sources
from heliograph.claims.verify import Bench, Store, dump_store, load_store, verify
from heliograph.command import Group, Ports, examples, pass_ports
from heliograph.errors import Error, ParseError, Span, UnknownNameError
from heliograph.oracles.comparison import compare
from heliograph.oracles.comparisons import COMPARISONS, KNOWN
from heliograph.view import View

__all__ = ["claims"]

Views = tuple[View, ...]
_STORE = "claims.json"

_file = click.option(
    "--file", "files", metavar="FILE", multiple=True, help="Use this register instead of the built-in ones; repeatable."
)


@click.group(
    "claims",
    cls=Group,
    epilog=examples(
        "helio claims list --verdict differs-by-revision", "helio claims show SIG-13", "helio claims verify"
    ),
)
def claims() -> None:
    """Check the sentences of this atlas.

    A claim is a sentence with a number, an order, a name or a behaviour, who says it, and a check that can fail. Its
    verdict is computed anew each time; one that differs from the reviewed verdict makes the exit code 1.
    """


def _known() -> Known:
    return Known(
        sources=frozenset(sources()),
        properties=frozenset(PROPERTIES),
        comparisons=frozenset(row.id for row in COMPARISONS),
    )


def load(ports: Ports, files: Sequence[str]) -> list[Claim]:
    """Return the claims of the registers, built in or named, each id once."""
    known = _known()
    texts = [(name, ports.files.text(name)) for name in files] or [(name, builtin(name)) for name in builtin_names()]
    found: dict[str, Claim] = {}
    for name, text in texts:
        for claim in register(text, name, known):
            if claim.id in found:
                first = found[claim.id].place
                span = Span(file=name, line=claim.place.line, column=claim.place.column)
                raise ParseError(f"{claim.id} stands in {first.file}:{first.line} already", text=claim.id, span=span)
            found[claim.id] = claim
    order = {name: index for index, (name, _text) in enumerate(texts)}
    return sorted(found.values(), key=lambda claim: (order[claim.place.file], claim.id))


def _chosen(found: Sequence[Claim], idents: Sequence[str]) -> list[Claim]:
    by_id = {claim.id: claim for claim in found}
    for ident in idents:
        if ident.upper() not in by_id:
            raise UnknownNameError("claim", ident, by_id, hint="helio claims list lists them", text=ident)
    return [by_id[ident.upper()] for ident in idents] or list(found)


def asker(ports: Ports) -> Callable[[Sequence[str], str], tuple[Mapping[str, Any], int]]:
    """Return the function that runs a command for a check and reads its JSON."""

    def ask(words: Sequence[str], stdin: str) -> tuple[Mapping[str, Any], int]:
        assert ports.ask is not None
        views, code = ports.ask(words, stdin)
        answer: Mapping[str, Any] = json.loads("".join(media.render("json", views, media.Setting(argv=tuple(words)))))
        return answer, code

    return ask


def check(ports: Ports, chosen: Sequence[Claim], *, judges: bool = False) -> list[Verified]:
    """Verify claims with the records, or with the judges themselves."""
    store = _load_store(ports)
    bench = Bench(ask=asker(ports), records=records(), judge=_judge_now if judges else None, store=store)
    found = verify(chosen, bench)
    if store.changed and ports.cache is not None:
        ports.cache.write(_STORE, dump_store(store))
    return found


def _load_store(ports: Ports) -> Store:
    if ports.cache is None:
        return Store()
    try:
        return load_store(ports.cache.text(_STORE))
    except Error:
        return Store()


def _judge_now(ident: str) -> Record:
    """Put a comparison to its judge."""
    comparison = next(row for row in COMPARISONS if row.id == ident)
    outcome = compare(comparison, KNOWN)
    return Record(
        comparison=ident,
        judge=comparison.judge,
        version=outcome.version,
        date=date.today().isoformat(),
        compared=outcome.compared,
        equal=outcome.equal,
        known=len(outcome.known),
        different=len(outcome.different),
    )


@claims.command(
    "list", epilog=examples("helio claims list", "helio claims list --subject signals --verdict confirmed --format csv")
)
@click.option("--subject", help="Only this subject.")
@click.option("--verdict", type=click.Choice([str(word) for word in Verdict]), help="Only this verdict.")
@_file
@pass_ports
def list_(ports: Ports, subject: str | None, verdict: str | None, files: tuple[str, ...]) -> Views:
    """List the claims with their verdicts."""
    found = load(ports, files)
    subjects = sorted({claim.subject for claim in found})
    if subject is not None and subject not in subjects:
        raise UnknownNameError("subject with claims", subject, subjects, text=subject)
    chosen = [claim for claim in found if subject in (None, claim.subject)]
    verified = [one for one in check(ports, chosen) if verdict in (None, str(one.verdict))]
    return (render.claims_table(verified, sources()),)


@claims.command("show", epilog=examples("helio claims show SIG-13", "helio claims show SIG-02 --format md"))
@click.argument("ident", metavar="ID")
@_file
@pass_ports
def show(ports: Ports, ident: str, files: tuple[str, ...]) -> Views:
    """Show a claim's card: checks, sources, history."""
    (found,) = check(ports, _chosen(load(ports, files), [ident]))
    return render.card(found, sources())


@claims.command(
    "verify",
    epilog=examples(
        "helio claims verify", "helio claims verify SIG-02 SIG-13", "helio claims verify --junit claims.xml"
    ),
)
@click.argument("idents", metavar="[ID]...", nargs=-1)
@click.option("--junit", metavar="FILE", help="Also write the result as JUnit XML.")
@click.option("--judges", is_flag=True, help="Ask the judges on this machine instead of their records.")
@_file
@pass_ports
def verify_(ports: Ports, idents: tuple[str, ...], junit: str | None, judges: bool, files: tuple[str, ...]) -> Views:
    """Check claims; exit code 1 if a verdict has changed.

    Judges are asked with --judges alone; otherwise what they said last counts, so that two runs are equal everywhere.
    """
    verified = check(ports, _chosen(load(ports, files), idents), judges=judges)
    if junit is not None:
        ports.files.write(junit, render.junit(verified).encode())
    return (render.verified_table(verified, sources()),)


@claims.command("report", epilog=examples("helio claims report", "helio claims report --format json"))
@_file
@pass_ports
def report(ports: Ports, files: tuple[str, ...]) -> Views:
    """Count the claims by verdict and evidence."""
    found = load(ports, files)
    return render.counts(check(ports, found), coverage(found))


@claims.command("differences", epilog=examples("helio claims differences", "helio claims differences SIG-13"))
@click.argument("idents", metavar="[ID]...", nargs=-1)
@_file
@pass_ports
def differences(ports: Ports, idents: tuple[str, ...], files: tuple[str, ...]) -> Views:
    """Show where account, source and observation part."""
    return (render.differences(check(ports, _chosen(load(ports, files), idents))),)


@claims.command("coverage", epilog=examples("helio claims coverage", "helio claims coverage --format csv"))
@_file
@pass_ports
def coverage_(ports: Ports, files: tuple[str, ...]) -> Views:
    """List the inventory of the posts with what has a claim."""
    return (render.coverage_table(coverage(load(ports, files))),)


@claims.command("judges", epilog=examples("helio claims judges"))
def judges_() -> Views:
    """List what each judge said last, and its version."""
    return (render.judges_table(records()),)


@claims.command("dates", epilog=examples("helio claims dates"))
def dates() -> Views:
    """Check the days that the posts name against the calendar."""
    return (render.dates_table(calendar_rows()),)


@claims.command("new", epilog=examples("helio claims new > mine.toml", "helio claims new SIG-28 --subject signals"))
@click.argument("ident", metavar="[ID]", default="NEW-01")
@click.option("--subject", default="signals", show_default=True, help="The subject that the claim is about.")
def new(ident: str, subject: str) -> Views:
    """Print a filled template of a claim."""
    return (render.template(ident, subject, date.today().isoformat()),)
