"""Views as Markdown: CommonMark with the tables of GitHub.

Every text is escaped, so that a name such as ``_sigtramp*`` stays what it is; code goes into a fence that is longer
than any inside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from heliograph.media import Setting
from heliograph.media.words import Link, changes, heading, layout_table, numeric, printable, stops
from heliograph.view import Findings, Graph, Layout, Listing, Prose, Steps, Table, View, cell_text

__all__ = ["render"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$#])")
# What makes a block at the start of a line: a list, a quotation, a heading's underline.
_OPENING = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the blocks of each view with an empty line between two."""
    for index, view in enumerate(views):
        if index:
            yield "\n"
        yield from _view(view)


def _view(view: View) -> Iterator[str]:
    match view:
        case Table():
            yield from _table(view)
        case Layout():
            yield from _table(layout_table(view))
        case Steps():
            yield from _steps(view)
        case Listing():
            yield _caption(view.caption)
            yield from _fenced(view.text, view.language)
        case Findings():
            yield from _findings(view)
        case Graph():
            yield from _graph(view)
        case Prose():
            yield _paragraph(view.text) + "\n"
        case _:
            assert_never(view)


def _escaped(text: str) -> str:
    """Return ``text`` as it is read, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def _paragraph(text: str) -> str:
    """Return ``text`` as a paragraph: what would open another block is escaped."""
    return _OPENING.sub(lambda match: f"{match[1]}{_harmless(match[2])}", _escaped(text))


def _harmless(opening: str) -> str:
    # A number cannot be escaped; a character reference for its first digit reads the same.
    return f"&#{ord(opening[0])};{opening[1:]}" if opening[0].isdigit() else f"\\{opening}"


def _caption(caption: str) -> str:
    return f"**{_escaped(caption)}**\n\n" if caption.strip() else ""


def _table(table: Table) -> Iterator[str]:
    yield _caption(table.caption)
    right = numeric(table)
    yield _row([_escaped(heading(column)) for column in table.shown])
    yield _row(["--:" if column.id in right else "---" for column in table.shown])
    empty = True
    for row in table.rows:
        empty = False
        yield _row([_escaped(cell_text(row.get(column.id))) for column in table.shown])
    if empty:
        yield f"\n({_escaped(table.empty)})\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _steps(steps: Steps) -> Iterator[str]:
    yield _caption(steps.caption)
    for step in steps.steps:
        marker = f"{step.n}. "
        yield f"{marker}{_escaped(f'{step.actor}: {step.title}')}\n"
        indent = " " * len(marker)
        for text in (changes(step), step.note):
            if text:
                yield f"{indent}- {_paragraph(text)}\n"


def _fenced(text: str, language: str) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    info = re.sub(r"[`\s]", "", language)
    yield f"{fence}{info}\n"
    yield text.rstrip("\n") + "\n"
    yield f"{fence}\n"


def _findings(findings: Findings) -> Iterator[str]:
    yield _caption(findings.caption)
    if not findings.items:
        yield "clean: nothing found\n"
    for item in findings.items:
        place = _escaped(f"{item.file}:{item.line}:{item.column}")
        yield f"- {place}: **{item.severity}**: {_escaped(item.message)} {_escaped(f'[{item.code}]')}\n"
        if item.fix:
            yield f"  fix: {_escaped(item.fix)}\n"


def _graph(graph: Graph) -> Iterator[str]:
    yield _caption(graph.caption or graph.title)
    for stop, links in stops(graph):
        marker = f"{stop.number}. "
        lane = f"{stop.node.lane}: " if stop.node.lane else ""
        yield f"{marker}{_escaped(lane + stop.node.label)}\n"
        indent = " " * len(marker)
        for text in (stop.node.note, *map(_link, links)):
            if text:
                yield f"{indent}- {_paragraph(text)}\n"


def _link(link: Link) -> str:
    if link.target is None:
        return f"→ {link.edge.label}"
    return f"→ {link.target.node.label}{': ' + link.edge.label if link.edge.label else ''}"
