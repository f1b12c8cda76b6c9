"""Views as docutils nodes, so that every builder of Sphinx can show them: pages, manual pages, EPUB, LaTeX, text.

All are standard nodes but two. :class:`helio_picture` holds the SVG of a Graph or a Layout together with its caption
and its equivalent in words (:class:`helio_equivalent`); the extension shows the picture where there is HTML and leaves
the words elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from docutils import nodes

from heliograph.media import Setting
from heliograph.media.svg import inline
from heliograph.media.svg import render as render_svg
from heliograph.media.words import (
    Link,
    Stop,
    cell_word,
    heading,
    layout_table,
    numeric,
    printable,
    slug,
    step_changes,
    stops,
    title,
)
from heliograph.view import Cell, Findings, Graph, Layout, Listing, Prose, Steps, Table, View, cell_text

__all__ = ["convert", "helio_equivalent", "helio_picture", "literal"]


class helio_picture(nodes.General, nodes.Element):
    """A picture: ``svg`` for a page, ``file`` for a file of its own, ``title``; the equivalent and a caption inside."""


class helio_equivalent(nodes.General, nodes.Element):
    """What a picture shows, in words; ``summary`` says in which form."""


def convert(views: Sequence[View], setting: Setting, *, prefix: str) -> Iterator[nodes.Element]:
    """Yield a node for each view.

    :param prefix: what every id begins with; it must be the only one of its kind in the whole site, as a builder may
        put all pages into one file.
    """
    for index, view in enumerate(views, 1):
        yield _view(view, f"{prefix}-{index}", setting)


def _view(view: View, prefix: str, setting: Setting) -> nodes.Element:
    match view:
        case Table():
            return _table(view)
        case Layout():
            fields = _table(layout_table(view), captioned=False)
            return _picture(view, prefix, setting, "The same fields as a table", fields)
        case Steps():
            return _steps(view)
        case Listing():
            return literal(view)
        case Findings():
            return _findings(view)
        case Graph():
            return _picture(view, prefix, setting, "The same path as a list", _path(view, prefix))
        case Prose():
            return nodes.paragraph("", printable(view.text), classes=["helio-prose"])
        case _:
            assert_never(view)


def _captioned(kind: str, caption: str, *content: nodes.Element) -> nodes.container:
    """Return the content in a container with its caption before it as a paragraph, which every writer can set."""
    found = nodes.container("", classes=[kind])
    if caption:
        found += nodes.paragraph("", "", nodes.strong("", printable(caption)), classes=["helio-caption"])
    found.extend(content)
    return found


# ---------------------------------------------------------------- Table


def _table(table: Table, *, captioned: bool = True) -> nodes.Element:
    """Return a table; the first column heads its rows."""
    right = numeric(table)
    rows = [_row([row.get(c.id) for c in table.shown], [c.id in right for c in table.shown]) for row in table.rows]
    if not rows:
        return _captioned("helio-empty", table.caption, nodes.paragraph("", f"({printable(table.empty)})"))
    group = nodes.tgroup(cols=len(table.shown))
    for index, width in enumerate(_column_widths(table)):
        spec = nodes.colspec(colwidth=width)
        if not index:
            spec["stub"] = 1
        group += spec
    heads = [
        nodes.entry("", nodes.paragraph("", printable(heading(c))), classes=["helio-number"] if c.id in right else [])
        for c in table.shown
    ]
    group += nodes.thead("", nodes.row("", *heads))
    group += nodes.tbody("", *rows)
    found = nodes.table("", classes=["helio-table"])
    if captioned and table.caption:
        found += nodes.title("", printable(table.caption))
    found += group
    return found


def _row(cells: Sequence[Cell], right: Sequence[bool]) -> nodes.row:
    row = nodes.row()
    for cell, flush in zip(cells, right, strict=True):
        word = cell_word(cell)
        kinds = ["helio-number"] * flush + ([f"helio-is-{slug(word)}"] if word else [])
        entry = nodes.entry("", classes=kinds)
        if text := printable(cell_text(cell)):
            entry += nodes.paragraph("", text)
        row += entry
    return row


def _column_widths(table: Table) -> list[int]:
    """Return the columns' widths in characters for writers that need them, none so wide as to starve the others."""
    widths = [len(heading(column)) for column in table.shown]
    for row in table.rows:
        for index, column in enumerate(table.shown):
            widths[index] = max(widths[index], len(cell_text(row.get(column.id))))
    return [min(max(width, 2), 40) for width in widths]


# ---------------------------------------------------------------- Steps, Listing, Findings


def _item(*parts: nodes.Node, kind: str = "") -> nodes.list_item:
    """Return a list item with a paragraph of the inline parts."""
    return nodes.list_item("", nodes.paragraph("", "", *parts), classes=[kind] if kind else [])


def _numbered(items: Sequence[nodes.list_item], start: int = 1) -> nodes.enumerated_list:
    more = {} if start == 1 else {"start": start}
    return nodes.enumerated_list("", *items, enumtype="arabic", prefix="", suffix=".", **more)


def _note(text: str) -> nodes.paragraph:
    return nodes.paragraph("", printable(text), classes=["helio-note"])


def _actor(actor: str) -> list[nodes.Node]:
    return [nodes.inline("", printable(actor), classes=["helio-actor"]), nodes.Text(": ")] if actor else []


def _steps(steps: Steps) -> nodes.Element:
    items = []
    for step in steps.steps:
        item = _item(*_actor(step.actor), nodes.Text(printable(step.title)))
        altered = [
            _item(nodes.literal("", name), nodes.Text(f": {before} → {after}"), kind="helio-change")
            for name, before, after in (map(printable, change) for change in step_changes(step))
        ]
        if altered:
            item += nodes.bullet_list("", *altered)
        if step.note:
            item += _note(step.note)
        items.append(item)
    first = steps.steps[0].n if steps.steps else 1
    return _captioned("helio-steps", steps.caption, _numbered(items, first))


def literal(listing: Listing) -> nodes.Element:
    """Return a literal block, in a container with its caption if it has one."""
    text = printable(listing.text.rstrip("\n"))
    block = nodes.literal_block(text, text, language=listing.language or "text", classes=["helio-listing"])
    # What a command prints need not be a whole program: no warning if the highlighter cannot read it.
    block["force"] = True
    if listing.marks:
        block["highlight_args"] = {"hl_lines": list(listing.marks)}
    if not listing.caption:
        return block
    wrapper = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
    wrapper += nodes.caption("", printable(listing.caption))
    wrapper += block
    return wrapper


def _findings(findings: Findings) -> nodes.Element:
    if not findings.items:
        clean = nodes.paragraph("", "clean: nothing found", classes=["helio-clean"])
        return _captioned("helio-findings", findings.caption, clean)
    found = nodes.bullet_list()
    for one in findings.items:
        item = _item(
            nodes.literal("", printable(f"{one.file}:{one.line}:{one.column}")),
            nodes.Text(": "),
            nodes.strong("", str(one.severity)),
            nodes.Text(printable(f": {one.message} ")),
            nodes.literal("", printable(f"[{one.code}]")),
            kind=f"helio-{one.severity}",
        )
        if one.fix:
            item += nodes.paragraph("", printable(f"fix: {one.fix}"), classes=["helio-fix"])
        found += item
    return _captioned("helio-findings", findings.caption, found)


# ---------------------------------------------------------------- pictures


def _picture(view: Graph | Layout, prefix: str, setting: Setting, summary: str, words: nodes.Element) -> nodes.Element:
    caption = view.caption or (view.title if isinstance(view, Graph) else "")
    found = helio_picture(
        "",
        svg=inline(view, setting, prefix=prefix),
        file="".join(render_svg([view], setting)),
        title=title(view),
        ids=[prefix],
        classes=["helio-figure", f"helio-{type(view).__name__.lower()}"],
    )
    found += helio_equivalent("", words, summary=summary)
    if caption:
        found += nodes.caption("", printable(caption))
    return found


def _path(graph: Graph, prefix: str) -> nodes.enumerated_list:
    return _numbered([_stop(stop, links, prefix) for stop, links in stops(graph)])


def _stop(stop: Stop, links: Sequence[Link], prefix: str) -> nodes.list_item:
    """Return a node of the graph as the item to which the picture links."""
    node = stop.node
    item = _item(*_actor(node.lane), nodes.literal("", printable(node.label)), kind=f"helio-{slug(node.kind)}")
    item["ids"] = [f"{prefix}-{stop.anchor}"]
    if node.note:
        item += _note(node.note)
    if node.source:
        item += nodes.paragraph("", printable(node.source), classes=["helio-source"])
    if links:
        item += nodes.bullet_list("", *(_item(*_edge(link, prefix)) for link in links))
    return item


def _edge(link: Link, prefix: str) -> Iterator[nodes.Node]:
    yield nodes.Text("→ ")
    if link.target is not None:
        label = nodes.literal("", printable(link.target.node.label))
        yield nodes.reference("", "", label, refid=f"{prefix}-{link.target.anchor}", internal=True)
        if link.edge.label:
            yield nodes.Text(": ")
    yield nodes.Text(printable(link.edge.label))
