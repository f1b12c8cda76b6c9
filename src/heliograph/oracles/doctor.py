"""What ``helio doctor`` answers: the judges on this machine, and what is missing."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from heliograph.oracles.judges import JUDGES
from heliograph.view import Row, Table, View, columns

__all__ = ["report"]

_EXTRAS = (
    ("rich", "colour on a terminal", "pip install heliograph"),
    ("graphviz-pure", "graphs as SVG (--format svg)", "pip install 'heliograph[svg]'"),
    ("sphinx", "the site", "pip install 'heliograph[site]'"),
)


def report() -> tuple[View, ...]:
    """Return a table of the judges and one of the optional packages."""
    judges = [(row, row.version()) for row in JUDGES.values()]
    present = sum(1 for _row, found in judges if found)
    judge_rows: list[Row] = [
        {
            "judge": row.name,
            "state": "present" if found else "missing",
            "version": found,
            "decides": row.decides if found else f"{row.decides}; {row.get}",
        }
        for row, found in judges
    ]
    package_rows: list[Row] = [
        {
            "package": name,
            "state": "present" if found else "missing",
            "version": found,
            "for": use if found else f"{use}; {get}",
        }
        for name, use, get in _EXTRAS
        for found in [_installed(name)]
    ]
    return (
        Table(
            id="doctor",
            caption=f"Judges: {present} of {len(judges)} are on this machine",
            columns=columns("judge", "state", "version", ("decides", "decides, and how to get it")),
            rows=judge_rows,
        ),
        Table(
            id="packages",
            caption="Optional packages",
            columns=columns("package", "state", "version", "for"),
            rows=package_rows,
        ),
    )


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
