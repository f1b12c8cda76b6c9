"""Views as docutils nodes, so that every builder, the search and the cross references know what a page shows.

Pictures are nodes of our own, :class:`helio_picture`: they hold the SVG and, as their children, the same in words. The
visitors and the builders that show no picture are in ``sphinxext``; this module alone, beside it, knows docutils.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import assert_never

from docutils import nodes

from heliograph.media import Setting
from heliograph.media.svg import inline, render
from heliograph.media.words import (
    CLEAN,
    Link,
    Stop,
    cell_word,
    changes,
    heading,
    layout_table,
    leads,
    numeric,
    printable,
    slug,
    stops,
    title,
    told,
)
from heliograph.view import (
    Cell,
    Column,
    Finding,
    Findings,
    Graph,
    Layout,
    Listing,
    Prose,
    Steps,
    Table,
    View,
    cell_text,
)

__all__ = ["answer_nodes", "helio_answer", "helio_picture", "view_nodes"]


class helio_answer(nodes.General, nodes.Element):
    """A command with its answer; ``argv`` is kept for a reader's browser."""


class helio_picture(nodes.General, nodes.Element):
    """A picture: ``svg`` for a page of HTML, ``file`` as a document of its own; the children say the same in words.

    ``title`` is its name, ``caption`` the line below it, which may be empty.
    """


def answer_nodes(
    views: Sequence[View],
    *,
    argv: Sequence[str],
    command: Sequence[str] | None,
    prefix: str,
    setting: Setting,
    caption: str = "",
    stdin: str = "",
) -> helio_answer:
    """Return a command and its views.

    :param command: the words to show as the reader would type them, or None to show none.
    :param prefix: what every id in the answer begins with; it is the only one of its kind on the page.
    :param caption: a line above the answer.
    :param stdin: what the command reads, shown below it.
    """
    # An answer is shown to the letter: typographers' quotes and dashes would change it.
    box = helio_answer(argv=list(argv), classes=["helio-answer"], support_smartquotes=False)
    if caption:
        box += _paragraph(caption, "helio-caption")
    if command is not None:
        line = f"$ helio {shlex.join(command)}"
        box += _block(line, "console", "helio-command")
    if stdin:
        text = stdin.rstrip("\n")
        box += _paragraph("Standard input:", "helio-caption")
        box += _block(text, "text", "helio-stdin")
    artefacts = [view for view in views if isinstance(view, Listing) and view.artefact]
    for index, view in enumerate(artefacts or views):
        box += list(view_nodes(view, prefix=f"{prefix}-{index}", setting=setting))
    return box


def view_nodes(view: View, *, prefix: str, setting: Setting) -> Iterator[nodes.Node]:
    """Yield the nodes of a view."""
    match view:
        case Table():
            yield _table(view)
        case Layout():
            yield _picture(view, [_table(layout_table(view))], prefix, setting)
        case Steps():
            yield _table(_steps_table(view))
        case Listing():
            if view.caption:
                yield _paragraph(view.caption, "helio-caption")
            block = _block(view.text.rstrip("\n"), view.language, "helio-listing")
            if view.marks:
                block["highlight_args"] = {"hl_lines": list(view.marks)}
            yield block
        case Findings():
            yield from _findings(view)
        case Graph():
            yield _picture(view, [_path(view, prefix)], prefix, setting)
        case Prose():
            yield _paragraph(view.text, "helio-prose")
        case _:
            assert_never(view)


def _paragraph(text: str, kind: str = "") -> nodes.paragraph:
    return nodes.paragraph("", printable(text), classes=[kind] if kind else [])


def _block(text: str, language: str, kind: str) -> nodes.literal_block:
    shown = printable(text)
    return nodes.literal_block(shown, shown, language=language, classes=[kind])


def _picture(view: Graph | Layout, words: Sequence[nodes.Node], prefix: str, setting: Setting) -> helio_picture:
    picture = helio_picture(
        svg=inline(view, setting, prefix=prefix),
        file="".join(render([view], setting)),
        title=title(view),
        caption=printable(view.caption),
        classes=["helio-figure"],
    )
    picture += list(words)
    return picture


# ---------------------------------------------------------------- tables


def _table(table: Table) -> nodes.Node:
    """Return a docutils table, or a line that says that there is nothing to show."""
    columns = table.shown
    rows = list(table.rows)
    if not rows:
        return _paragraph(f"{table.caption}: {table.empty}" if table.caption else table.empty)
    numbers = numeric(table)
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=_width(column, rows)) for column in columns]
    head = nodes.row("", *[_entry(heading(column), column.id in numbers) for column in columns])
    group += nodes.thead("", head)
    group += nodes.tbody(
        "", *[nodes.row("", *[_cell(row.get(column.id), column.id in numbers) for column in columns]) for row in rows]
    )
    found = nodes.table("", classes=["helio-table"])
    if table.caption:
        found += nodes.title("", printable(table.caption))
    found += group
    return found


def _width(column: Column, rows: Sequence[object]) -> int:
    """Return a column's share of the width: its longest cell, within bounds."""
    longest = max((len(cell_text(row.get(column.id))) for row in rows), default=0)  # type: ignore[attr-defined]
    return min(max(longest, len(heading(column)), 4), 60)


def _cell(cell: Cell, number: bool) -> nodes.entry:
    entry = _entry(cell_text(cell), number)
    word = cell_word(cell)
    if word:
        entry["classes"].append(f"helio-{slug(word)}")
    return entry


def _entry(text: str, number: bool) -> nodes.entry:
    entry = nodes.entry("", classes=["helio-number"] if number else [])
    entry += _paragraph(text)
    return entry


def _steps_table(steps: Steps) -> Table:
    """Return steps as a table: who, what, and what of the state it alters."""
    names = {"n": "step", "actor": "who", "title": "what happens", "changes": "what changes", "note": "note"}
    return Table(
        id=steps.id,
        caption=steps.caption,
        columns=tuple(Column(id=ident, title=title) for ident, title in names.items()),
        rows=[
            {"n": step.n, "actor": step.actor, "title": step.title, "changes": changes(step), "note": step.note}
            for step in steps.steps
        ],
    )


# ---------------------------------------------------------------- lists


def _findings(findings: Findings) -> Iterator[nodes.Node]:
    if findings.caption:
        yield _paragraph(findings.caption, "helio-caption")
    if not findings.items:
        yield _paragraph(CLEAN, "helio-clean")
        return
    found = nodes.bullet_list(classes=["helio-findings"])
    found += [_finding(item) for item in findings.items]
    yield found


def _finding(item: Finding) -> nodes.list_item:
    place = printable(f"{item.file}:{item.line}:{item.column}")
    line = nodes.paragraph("", "", nodes.literal(place, place), nodes.Text(" "))
    line += nodes.strong(str(item.severity), str(item.severity), classes=[f"helio-{item.severity}"])
    line += nodes.Text(printable(f": {item.message} "))
    line += nodes.emphasis("", printable(f"[{item.code}]"))
    found = nodes.list_item("", line)
    if item.fix:
        found += _paragraph(f"fix: {item.fix}", "helio-fix")
    return found


def _path(graph: Graph, prefix: str) -> nodes.enumerated_list:
    """Return a graph as an ordered list; the items are what the nodes of the picture lead to."""
    found = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".", classes=["helio-path"])
    found += [_stop(stop, links, prefix) for stop, links in stops(graph)]
    return found


def _stop(stop: Stop, links: Sequence[Link], prefix: str) -> nodes.list_item:
    node = stop.node
    line = nodes.paragraph("", "")
    if node.lane:
        line += nodes.inline("", printable(f"{node.lane}: "), classes=["helio-lane"])
    line += nodes.strong("", printable(node.label))
    rest = (f" – {told(node)}" if told(node) else "") + "".join(f" {leads(link)}" for link in links)
    if rest:
        line += nodes.Text(printable(rest))
    return nodes.list_item("", line, ids=[f"{prefix}-at-{stop.anchor}"])
