"""Structures before their judges: real frames of the running kernel, the compiler's offsets, the headers' codes."""

from __future__ import annotations

import pytest

from heliograph.errors import OracleMissingError
from heliograph.oracles.capture import Scenario, capture
from heliograph.oracles.comparison import Comparison, compare
from heliograph.oracles.frames import COMPARISONS, KNOWN, SCENARIOS, judge_frame
from heliograph.oracles.judges import judge

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


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_few_bytes_are_masked(scenario: Scenario, record: list[str]) -> None:
    """What only the kernel knows is at most a quarter of a frame; the rest is compared byte by byte."""
    try:
        judge("gcc")
        judged = judge_frame(capture(scenario))
    except OracleMissingError as missing:
        record.append(f"{scenario.name}: skipped, {missing.message}")
        pytest.skip(missing.message)
    record.append(f"{scenario.name}: {judged.masked} of {judged.total} bytes masked")
    assert judged.masked * 4 <= judged.total


def test_known_differences_still_exist() -> None:
    """A row whose comparison is gone must go too."""
    assert {row.comparison for row in KNOWN} <= {comparison.id for comparison in COMPARISONS}
