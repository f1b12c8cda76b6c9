"""The oracle session prints what was compared, whether or not anything failed."""

from __future__ import annotations

import pytest

_RECORD = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the record."""
    config.stash[_RECORD] = []


@pytest.fixture
def record(request: pytest.FixtureRequest) -> list[str]:
    """Return the lines that are printed at the end of the session."""
    return request.config.stash[_RECORD]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print a line a comparison: compared, equal, known differences, skipped."""
    lines = config.stash[_RECORD]
    if lines:
        terminalreporter.section("judges")
        for line in lines:
            terminalreporter.write_line(line)
