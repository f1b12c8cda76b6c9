"""Every built-in claim holds as reviewed, and every check of one can fail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from heliograph import cli
from heliograph.claims.cli import asker, check, load
from heliograph.claims.expectation import flipped, unmet
from heliograph.claims.inventory import coverage, inventory
from heliograph.claims.model import Claim, CommandCheck, JudgeCheck, PropertyCheck, Record, Result, Verdict
from heliograph.claims.properties import PROPERTIES
from heliograph.claims.register import records
from heliograph.claims.verify import Bench, Store, dump_store, load_store, verdict_of, verify
from heliograph.command import Ports
from heliograph.errors import OracleMissingError, UnknownNameError
from heliograph.files import MemoryFiles

PORTS = Ports(files=MemoryFiles(), ask=cli.ask)
CLAIMS = load(PORTS, ())
BY_ID = {claim.id: claim for claim in CLAIMS}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_verdict_is_the_reviewed_one(claim: Claim) -> None:
    (found,) = check(PORTS, [claim])
    assert found.verdict is claim.verdict, [result.seen for result in found.results]
    assert claim.history, "a reviewed verdict has a date"
    assert claim.history[-1][1] == str(claim.verdict)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_expectation_can_fail(claim: Claim) -> None:
    """Flip each expectation: what it says must stop to hold, or start to if it does not."""
    ask = asker(PORTS)
    for one in claim.checks:
        if isinstance(one, CommandCheck):
            answer, code = ask(one.command, one.stdin)
            assert code == one.exit_code
            for expectation in one.expectations:
                if not unmet(expectation, answer):
                    assert unmet(flipped(expectation), answer), f"{one.place}: cannot fail"


def _corrupt(value: Any) -> Any:
    """Return an answer in which every number is one more, in cells and in texts."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value.translate(str.maketrans("0123456789", "1234567890"))
    if isinstance(value, list):
        return [_corrupt(item) for item in value]
    return {key: item if key in ("id", "view") else _corrupt(item) for key, item in value.items()}


@pytest.mark.parametrize("name", PROPERTIES)
def test_every_law_holds_and_can_fail(name: str) -> None:
    ask = asker(PORTS)
    assert PROPERTIES[name](lambda words: ask(words, "")[0]) == ""
    calls = iter(range(10_000))

    def liar(words: Sequence[str]) -> Mapping[str, Any]:
        answer = ask(words, "")[0]
        # The first answers are true, so that the law cannot fail at the first look alone.
        return answer if next(calls) < 1 else _corrupt(answer)

    try:
        assert PROPERTIES[name](liar) != ""
    except (UnknownNameError, KeyError) as error:
        pytest.fail(f"a wrong answer is a broken law, not {error!r}")


def test_verdicts_follow_from_checks() -> None:
    some = BY_ID["SIG-02"].checks[0]
    holds, fails, unknown = (Result(check=some, holds=value) for value in (True, False, None))
    assert verdict_of([]) is Verdict.TESTIMONY
    assert verdict_of([holds, holds]) is Verdict.CONFIRMED
    assert verdict_of([fails]) is Verdict.CONTRADICTED
    assert verdict_of([holds, fails]) is Verdict.DIFFERS
    assert verdict_of([holds, unknown]) is Verdict.ABSENT


def _bench(**changes: Any) -> Bench:
    return replace(Bench(ask=asker(PORTS), records=records()), **changes)


def test_a_command_that_is_gone_contradicts() -> None:
    claim = BY_ID["SIG-04"]
    gone = CommandCheck(place=claim.place, about="", command=("signals", "nap"), stdin="", exit_code=0, expectations=())
    (found,) = verify([replace(claim, checks=(gone,))], _bench())
    assert found.changed
    assert "unknown command" in found.results[0].seen


def test_a_judge_counts_by_its_record() -> None:
    claim = BY_ID["SIG-25"]
    judged = next(one for one in claim.checks if isinstance(one, JudgeCheck))
    only = replace(claim, checks=(judged,))
    record = records()[judged.comparison]
    (found,) = verify([only], _bench())
    assert found.verdict is Verdict.CONFIRMED
    assert record.version in found.judge
    wrong = {judged.comparison: replace(record, different=1, equal=record.equal - 1)}
    assert verify([only], _bench(records=wrong))[0].verdict is Verdict.CONTRADICTED
    assert verify([only], _bench(records={}))[0].verdict is Verdict.ABSENT


def test_a_judge_that_says_something_else_than_its_record_fails() -> None:
    claim = BY_ID["SIG-25"]
    judged = next(one for one in claim.checks if isinstance(one, JudgeCheck))
    only = replace(claim, checks=(judged,))
    record = records()[judged.comparison]

    def today(_ident: str) -> Record:
        return replace(record, different=2, equal=record.equal - 2)

    def absent(ident: str) -> Record:
        raise OracleMissingError(f"no {ident}")

    assert verify([only], _bench(judge=lambda _ident: record))[0].verdict is Verdict.CONFIRMED
    (found,) = verify([only], _bench(judge=today))
    assert found.changed
    assert "2 different" in found.results[0].seen
    (found,) = verify([only], _bench(judge=absent))
    assert found.verdict is Verdict.ABSENT
    assert not found.changed
    assert record.version in found.results[0].seen


def test_a_slow_result_is_kept_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heliograph.claims.verify.SLOW", -1.0)
    store = Store()
    claim = BY_ID["SIG-04"]
    verify([claim], _bench(store=store))
    assert store.changed
    again = load_store(dump_store(store).decode())

    def never(_words: Sequence[str], _stdin: str) -> tuple[Mapping[str, Any], int]:
        raise AssertionError("a kept result is not computed again")

    assert verify([claim], _bench(store=again, ask=never))[0].verdict is Verdict.CONFIRMED
    monkeypatch.setattr("heliograph.claims.verify.package_digest", lambda: "another state of the code")
    with pytest.raises(AssertionError, match="kept"):
        verify([claim], _bench(store=again, ask=never))


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": 1}'])
def test_a_spoilt_store_is_an_empty_one(text: str) -> None:
    assert set(load_store(text).kept.values()) <= {"1"}


def test_the_inventory_is_covered_and_coverage_only_grows() -> None:
    rows = coverage(CLAIMS)
    assert len(rows) == len(inventory()) == 175
    claimed = {row.item.id for row in rows if row.state == "claimed"}
    # Raise this floor with every subject; it never goes down.
    assert len(claimed) >= 28
    assert {f"SIG-{n:02}" for n in range(1, 27)} | {"CC-01", "EMB-12"} <= claimed


def test_every_difference_has_three_columns() -> None:
    for claim in CLAIMS:
        assert bool(claim.account) == bool(claim.public) == bool(claim.observed), claim.id


def test_junit_counts_failures_and_skips() -> None:
    out = MemoryFiles()
    answer = cli.run(["claims", "verify", "SIG-02", "sig-13", "--junit", "out.xml"], files=out)
    assert answer.exit_code == 0
    suite = ElementTree.fromstring(out.files["out.xml"])
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "0")
    assert [case.get("name") for case in suite] == ["SIG-02", "SIG-13"]


def test_a_changed_verdict_makes_the_exit_code_1_and_says_why() -> None:
    template = "".join(cli.run(["claims", "new"]).render())
    wrong = MemoryFiles({"mine.toml": template.replace("to = 16", "to = 17")})
    answer = cli.run(["claims", "verify", "--file", "mine.toml", "--junit", "out.xml"], files=wrong)
    assert answer.exit_code == 1
    row = json.loads("".join(cli.run(["--format", "json", *answer.argv], files=wrong).render()))["views"][0]["rows"][0]
    assert (row["verdict"], row["reviewed"]) == ("contradicted", "confirmed")
    assert "to is 16, not 17" in row["why"]
    assert b"<failure" in wrong.files["out.xml"]


def test_list_show_and_report_answer() -> None:
    table = json.loads("".join(cli.run(["claims", "list", "--subject", "signals", "--format", "json"]).render()))
    (view,) = table["views"]
    assert view["id"] == "claims"
    assert {"id", "subject", "sentence", "verdict", "evidence", "source", "judge"} == set(view["rows"][0])
    differing = cli.run(["claims", "list", "--verdict", "differs-by-revision", "--format", "csv"])
    found = [line.split(",")[0] for line in "".join(differing.render()).splitlines()]
    assert {"SIG-07", "SIG-11", "SIG-13", "SIG-21"} <= set(found[1:])
    shown = "".join(cli.run(["claims", "show", "SIG-13"]).render())
    assert "helio signals default --compare linux solaris-2005 --policy lx-2006" in shown
    report = "".join(cli.run(["claims", "report"]).render())
    assert "contradicted" in report
    with pytest.raises(UnknownNameError, match="SIG-13"):
        cli.run(["claims", "show", "SIG-133"])
    with pytest.raises(UnknownNameError, match="signals"):
        cli.run(["claims", "list", "--subject", "signal"])


def test_checks_are_of_every_kind() -> None:
    kinds = {type(one) for claim in CLAIMS for one in claim.checks}
    assert {CommandCheck, PropertyCheck, JudgeCheck} <= kinds
