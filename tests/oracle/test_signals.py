"""The signals wing before its judges."""

from __future__ import annotations

import pytest
from tools import record_oracle

from heliograph import cli
from heliograph.errors import OracleMissingError
from heliograph.oracles.comparison import Comparison, compare
from heliograph.oracles.signals import COMPARISONS, KNOWN

pytestmark = pytest.mark.oracle


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda comparison: comparison.id)
def test_judge_agrees(comparison: Comparison, record: list[str]) -> None:
    """Every answer equals the judge's, but for the rows that are known by name and date."""
    try:
        outcome = compare(comparison, KNOWN)
    except OracleMissingError as missing:
        record.append(f"{comparison.id}: skipped, {missing.message}")
        pytest.skip(missing.message)
    record.append(str(outcome))
    assert outcome.compared, "the judge was asked nothing"
    assert outcome.different == ()


def test_known_differences_still_exist() -> None:
    """A row whose comparison is gone must go too."""
    assert {row.comparison for row in KNOWN} <= {comparison.id for comparison in COMPARISONS}


def test_records_say_what_the_judges_say() -> None:
    """The record that pages and claims rest on is what the judges of this machine say today."""
    assert record_oracle.main(["--check"]) == 0


def test_claims_hold_before_the_judges() -> None:
    """A claim whose judge is absent is skipped, not changed."""
    answer = cli.run(["claims", "verify", "--judges"])
    assert answer.exit_code == 0, "".join(answer.render())
