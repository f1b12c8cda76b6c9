"""Real frames of the running kernel: how much of one is compared."""

from __future__ import annotations

import pytest

from heliograph.errors import OracleMissingError
from heliograph.oracles.capture import Scenario, capture
from heliograph.oracles.frames import SCENARIOS, judge_frame
from heliograph.oracles.judges import judge

pytestmark = pytest.mark.oracle


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
