"""Ask the judges of this machine and write what they said, for the claims and the pages.

``python tools/record_oracle.py`` writes ``records.toml`` beside the registers; a judge that is absent keeps its last
record. ``--check`` only says what differs, and exits with 1 if anything does (dates and versions aside).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from heliograph.claims.model import Record
from heliograph.claims.register import records
from heliograph.claims.verify import agrees
from heliograph.errors import OracleMissingError
from heliograph.oracles.comparison import Comparison, Outcome, compare
from heliograph.oracles.comparisons import COMPARISONS, KNOWN

RECORDS = Path(__file__).resolve().parents[1] / "src/heliograph/claims/data/records.toml"
HEADER = "# What each judge said last. Written whole by tools/record_oracle.py, in the oracle session's machine.\n"


Ask = Callable[[Comparison], Outcome]
"""Puts a comparison to its judge; the oracle session hands in one that remembers."""


def asked(ask: Ask) -> dict[str, Record | str]:
    """Return what each judge says now, or why it says nothing."""
    said: dict[str, Record | str] = {}
    for comparison in COMPARISONS:
        try:
            outcome = ask(comparison)
        except OracleMissingError as missing:
            said[comparison.id] = missing.message
            continue
        said[comparison.id] = Record(
            comparison=comparison.id,
            judge=comparison.judge,
            version=outcome.version,
            date=date.today().isoformat(),
            compared=outcome.compared,
            equal=outcome.equal,
            known=len(outcome.known),
            different=len(outcome.different),
        )
    return said


def text_of(rows: Sequence[Record]) -> str:
    """Return the records as TOML; a JSON string or number is one of TOML too."""
    tables = []
    for row in rows:
        lines = [f"{name} = {json.dumps(value)}" for name, value in asdict(row).items()]
        tables.append("\n".join(["[[record]]", *lines]))
    return HEADER + "\n" + "\n\n".join(tables) + "\n"


def main(argv: Sequence[str] | None = None, *, ask: Ask = lambda comparison: compare(comparison, KNOWN)) -> int:
    """Write or compare the records."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 on a difference")
    options = parser.parse_args(argv)
    before = records() if RECORDS.exists() else {}
    said = asked(ask)
    rows, changed = [], []
    for ident, now in said.items():
        last = before.get(ident)
        if isinstance(now, str):
            print(f"{ident}: skipped, {now}")
            rows += [last] if last else []
        elif last is not None and agrees(now, last):
            rows.append(last)
        else:
            changed.append(ident)
            rows.append(now)
    for ident in changed:
        print(f"{ident}: {'differs from its record' if options.check else 'recorded'}")
    if not options.check:
        RECORDS.write_text(text_of(rows), encoding="utf-8")
    return 1 if changed and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
