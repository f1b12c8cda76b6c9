"""Real frames of the running kernel: how much of one is compared."""

from __future__ import annotations

import pytest

from heliograph.errors import Error, OracleMissingError
from heliograph.oracles.capture import Scenario, capture
from heliograph.oracles.frames import SCENARIOS, judge_frame
from heliograph.oracles.judges import JUDGES, judge

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


@pytest.mark.parametrize(
    ("source", "words"),
    [("int _start(void) { return wrong; }", "gcc -m64: "), ("void _start(void) { __builtin_trap(); }", "ended with")],
)
def test_a_fault_of_ours_is_no_absent_judge(source: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that cannot be built, or fails, while others can, must fail its test and not skip it."""
    if JUDGES["gcc"].version() is None:
        pytest.skip("the judge gcc is not on this machine")
    monkeypatch.setattr("heliograph.oracles.capture._SOURCE", source)
    scenario = next(one for one in SCENARIOS if one.bits == 64)
    with pytest.raises(Error, match=words) as raised:
        capture(scenario)
    assert not isinstance(raised.value, OracleMissingError)
