"""The signals wing before its judges."""

from __future__ import annotations

import pytest

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
