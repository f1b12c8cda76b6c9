"""Our answers before their judges: all comparisons, the known differences, the records, the claims."""

from __future__ import annotations

from functools import cache

import pytest
from tools import record_oracle

from heliograph import cli
from heliograph.errors import OracleMissingError
from heliograph.oracles.comparison import Comparison, Outcome, compare
from heliograph.oracles.comparisons import COMPARISONS, KNOWN

pytestmark = pytest.mark.oracle


@cache
def outcome_of(comparison: Comparison) -> Outcome:
    """Return what comes of a comparison; the judge is asked once."""
    return compare(comparison, KNOWN)


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.id)
def test_judge_agrees(comparison: Comparison, record: list[str]) -> None:
    """Every answer equals the judge's, but for the rows that are known by name and date."""
    try:
        outcome = outcome_of(comparison)
    except OracleMissingError as missing:
        record.append(f"{comparison.id}: skipped, {missing.message}")
        pytest.skip(missing.message)
    record.append(str(outcome))
    assert outcome.compared, "the judge was asked nothing"
    assert outcome.different == ()


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.id)
def test_known_differences_still_exist(comparison: Comparison) -> None:
    """A row that the judge no longer differs in must go."""
    rows = {row.key for row in KNOWN if row.comparison == comparison.id}
    if not rows:
        return
    try:
        outcome = outcome_of(comparison)
    except OracleMissingError as missing:
        pytest.skip(missing.message)
    assert {said.key for said in outcome.known} == rows


def test_every_row_is_of_a_comparison() -> None:
    assert {row.comparison for row in KNOWN} <= {comparison.id for comparison in COMPARISONS}


def test_records_say_what_the_judges_say() -> None:
    """The records that pages and claims rest on are what the judges of this machine say today."""
    assert record_oracle.main(["--check"], ask=outcome_of) == 0


def test_claims_hold_before_the_judges() -> None:
    """A claim whose judge is absent is skipped, not changed."""
    answer = cli.run(["claims", "verify", "--judges"])
    assert answer.exit_code == 0, "".join(answer.render())
