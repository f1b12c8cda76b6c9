"""Write the generated tables of the package from the rows in ``tools/data``.

Run from a checkout: ``python tools/make_tables.py`` writes, ``--check`` only compares and exits with 1 on a difference.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NUMBERS = ROOT / "src/heliograph/signals/tables/numbers.py"

HEADER = '''"""Signal numbers by system, as the public sources give them.

Generated whole by tools/make_tables.py from tools/data/signals.tsv; edit those rows, not this file.
"""

from __future__ import annotations

from heliograph.source import Source

__all__ = ["NAMED", "REALTIME", "SOURCES"]
'''

CITATION = re.compile(r"^(?P<project>\S+/\S+) (?P<path>\S+)@(?P<revision>\w+)(?P<rest>.*)$")
PATH_ONLY = re.compile(r"^(?P<path>\S+)@(?P<revision>\w+)(?P<rest>.*)$")


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a TSV file whose comment lines start with ``#``."""
    with path.open(encoding="utf-8", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def group_of(row: dict[str, str]) -> str:
    """Return the name of the row's group: the system, with the architecture where it matters."""
    return row["os"] if row["arch"] == "*" else f"{row['os']}-{row['arch']}"


def sources_of(text: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return the citations in a source cell as (what, project, revision, path, note)."""
    found: list[tuple[str, str, str, str, str]] = []
    number, _, action = text.partition(" ; action: ")
    for what, part in (("numbers", number), ("default actions", action)):
        if not part:
            continue
        if match := CITATION.match(part):
            project, path, revision = match["project"], match["path"], match["revision"]
        elif (match := PATH_ONLY.match(part)) and found:
            project, path = found[0][1], match["path"]
            revision = found[0][2] if match["revision"] == "same" else match["revision"]
        else:
            found.append((what, part, "", "", ""))
            continue
        found.append((what, project, revision, path, match["rest"].strip().strip("()")))
    return tuple(found)


def literal(value: object) -> str:
    """Return a Python literal in the style of the formatter: double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        inner = ", ".join(literal(item) for item in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


def numbers_module(table: Iterable[dict[str, str]]) -> str:
    """Return the text of ``signals/tables/numbers.py``."""
    named: dict[str, dict[int, list[dict[str, str]]]] = {}
    realtime: dict[str, list[int]] = {}
    actions: dict[str, str] = {}
    sources: dict[str, dict[str, list[str]]] = {}
    for row in table:
        group, number = group_of(row), int(row["number"])
        named.setdefault(group, {})
        sources.setdefault(group, {}).setdefault(row["source"], []).append(row["name"])
        if row["name"].startswith("SIGRTM"):
            realtime.setdefault(group, []).append(number)
            actions[group] = row["default_action"]
        else:
            named[group].setdefault(number, []).append(row)
    out = [HEADER, "NAMED: dict[str, tuple[tuple[int, tuple[str, ...], str | None], ...]] = {"]
    for group, numbers in named.items():
        out.append(f"    {literal(group)}: (")
        for number in sorted(numbers):
            entries = numbers[number]
            action = entries[0]["default_action"]
            names = tuple(entry["name"] for entry in entries)
            out.append(f"        ({number}, {literal(names)}, {literal(None if action == '-' else action)}),")
        out.append("    ),")
    out += _closed("Group to (number, names in the order of the source, default action or None if not collected).")
    out.append("REALTIME: dict[str, tuple[int, int, str]] = {")
    for group, numbers_seen in realtime.items():
        first, last = min(numbers_seen), max(numbers_seen)
        if sorted(numbers_seen) != list(range(first, last + 1)):
            raise SystemExit(f"{group}: the real-time signals are not one run of numbers")
        out.append(f"    {literal(group)}: ({first}, {last}, {literal(actions[group])}),")
    out += _closed("Group to (first, last, default action) of its real-time signals, as the kernel counts them.")
    out.append("SOURCES: dict[str, tuple[Source, ...]] = {")
    for group, cited in sources.items():
        out.append(f"    {literal(group)}: (")
        most = max(cited, key=lambda text, cited=cited: len(cited[text]))  # type: ignore[misc]
        for what, project, revision, path, note in dict.fromkeys(_cited(group, cited, most)):
            parts = {"fact": what, "project": project, "revision": revision, "path": path, "note": note}
            out.append("        Source(")
            out += [f"            {name}={literal(value)}," for name, value in parts.items() if value]
            out.append("        ),")
        out.append("    ),")
    out += _closed("Group to the files that its rows were taken from.")
    return "\n".join(out)


def _closed(docstring: str) -> list[str]:
    """Return the end of a dictionary and the sentence that explains it."""
    return ["}", f'"""{docstring}"""', ""]


def _cited(group: str, cited: dict[str, list[str]], most: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the group's citations; those that hold for a few rows only name these rows."""
    main = {source[1:4] for source in sources_of(most)}
    for text in sorted(cited, key=lambda text: text != most):
        only = "" if text == most else " (" + _few(cited[text]) + ")"
        for what, project, revision, path, note in sources_of(text):
            if text != most and (project, revision, path) in main and not note:
                continue
            yield f"{what} of {group}{only}", project, revision, path, note


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) < 5 else f"{names[0]} to {names[-1]}"


def main(argv: Sequence[str] | None = None) -> int:
    """Write or compare the generated files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 on a difference")
    options = parser.parse_args(argv)
    stale = []
    for path, text in ((NUMBERS, numbers_module(rows(HERE / "data/signals.tsv"))),):
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if not options.check:
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{name}: {'differs from tools/data' if options.check else 'written'}")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
