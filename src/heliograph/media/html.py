"""Views as fragments of HTML, without the shell of a page.

Meaning is in elements and classes; a style sheet may colour the classes, but no answer depends on a colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import assert_never

from heliograph.media import Setting
from heliograph.media.svg import inline
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
)
from heliograph.view import Cell, Findings, Graph, Layout, Listing, Prose, Steps, Table, View, cell_text

__all__ = ["render"]


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the elements of each view; a Table comes row by row."""
    for index, view in enumerate(views, 1):
        yield from _view(view, f"helio-{index}", setting)


def _view(view: View, prefix: str, setting: Setting) -> Iterator[str]:
    match view:
        case Table():
            yield from _table(view, f"{prefix}-{slug(view.id)}")
        case Layout():
            name = f"{prefix}-{slug(view.id)}"
            yield f'<figure class="helio-figure helio-layout" id="{name}">\n'
            yield inline(view, setting, prefix=name) + "\n"
            yield '<details class="helio-equivalent"><summary>The same fields as a table</summary>\n'
            yield from _table(layout_table(view), f"{name}-table")
            yield f"</details>\n{_figcaption(view.caption)}</figure>\n"
        case Steps():
            yield from _steps(view, f"{prefix}-{slug(view.id)}")
        case Listing():
            yield from _listing(view, f"{prefix}-{slug(view.id)}")
        case Findings():
            yield from _findings(view, f"{prefix}-{slug(view.id)}")
        case Graph():
            yield from _graph(view, f"{prefix}-{slug(view.id)}", setting)
        case Prose():
            yield f'<p class="helio-prose">{_text(view.text)}</p>\n'
        case _:
            assert_never(view)


def _text(text: str) -> str:
    return escape(printable(text))


def _caption(element: str, caption: str) -> str:
    return f"<{element}>{_text(caption)}</{element}>\n" if caption else ""


def _figcaption(caption: str) -> str:
    return _caption("figcaption", caption)


# ---------------------------------------------------------------- Table


def _table(table: Table, name: str) -> Iterator[str]:
    right = numeric(table)
    yield f'<table class="helio-table" id="{name}">\n{_caption("caption", table.caption)}<thead>\n<tr>'
    for column in table.shown:
        kind = ' class="helio-number"' if column.id in right else ""
        yield f'<th scope="col"{kind}>{_text(heading(column))}</th>'
    yield "</tr>\n</thead>\n<tbody>\n"
    empty = True
    for row in table.rows:
        empty = False
        cells = [_cell(row.get(c.id), first=c is table.shown[0], right=c.id in right) for c in table.shown]
        yield f"<tr>{''.join(cells)}</tr>\n"
    if empty:
        yield f'<tr><td class="helio-empty" colspan="{len(table.shown)}">({_text(table.empty)})</td></tr>\n'
    yield "</tbody>\n</table>\n"


def _cell(cell: Cell, *, first: bool, right: bool) -> str:
    word = cell_word(cell)
    kinds = [kind for kind in ("helio-number" if right else "", f"helio-is-{slug(word)}" if word else "") if kind]
    marked = f' class="{" ".join(kinds)}"' if kinds else ""
    element, scope = ("th", ' scope="row"') if first else ("td", "")
    return f"<{element}{scope}{marked}>{_text(cell_text(cell))}</{element}>"


# ---------------------------------------------------------------- Steps, Listing, Findings


def _steps(steps: Steps, name: str) -> Iterator[str]:
    yield f'<figure class="helio-figure helio-steps" id="{name}">\n{_figcaption(steps.caption)}<ol>\n'
    for step in steps.steps:
        yield f'<li value="{step.n}"><span class="helio-actor">{_text(step.actor)}</span>: {_text(step.title)}'
        altered = "".join(
            f'<li class="helio-change"><code>{_text(key)}</code>: {_text(before)} → {_text(after)}</li>'
            for key, before, after in step_changes(step)
        )
        yield f"<ul>{altered}</ul>" if altered else ""
        yield f'<p class="helio-note">{_text(step.note)}</p>' if step.note else ""
        yield "</li>\n"
    yield "</ol>\n</figure>\n"


def _listing(listing: Listing, name: str) -> Iterator[str]:
    """Yield the lines; a marked one is a ``mark`` element."""
    yield f'<figure class="helio-figure helio-listing" id="{name}">\n{_figcaption(listing.caption)}'
    yield f'<pre><code class="language-{slug(listing.language)}">'
    for number, line in enumerate(listing.text.rstrip("\n").split("\n"), 1):
        yield f"<mark>{_text(line)}</mark>\n" if number in listing.marks else f"{_text(line)}\n"
    yield "</code></pre>\n</figure>\n"


def _findings(findings: Findings, name: str) -> Iterator[str]:
    yield f'<section class="helio-findings" id="{name}">\n{_caption("p", findings.caption)}'
    if not findings.items:
        yield '<p class="helio-clean">clean: nothing found</p>\n'
    else:
        yield "<ul>\n"
        for item in findings.items:
            place = f"{item.file}:{item.line}:{item.column}"
            yield f'<li class="helio-{item.severity}"><code>{_text(place)}</code>: <strong>{item.severity}</strong>: '
            yield f"{_text(item.message)} <code>[{_text(item.code)}]</code>"
            yield f'<br><span class="helio-fix">fix: {_text(item.fix)}</span>' if item.fix else ""
            yield "</li>\n"
        yield "</ul>\n"
    yield "</section>\n"


# ---------------------------------------------------------------- Graph


def _graph(graph: Graph, name: str, setting: Setting) -> Iterator[str]:
    """Yield the picture and, folded away, the same path as an ordered list; the nodes are links to its items."""
    yield f'<figure class="helio-figure helio-graph" id="{name}">\n'
    yield inline(graph, setting, prefix=name) + "\n"
    yield '<details class="helio-equivalent"><summary>The same path as a list</summary>\n<ol>\n'
    for stop, links in stops(graph):
        yield _stop(stop, links, name)
    yield f"</ol></details>\n{_figcaption(graph.caption or graph.title)}</figure>\n"


def _stop(stop: Stop, links: Sequence[Link], name: str) -> str:
    node = stop.node
    lane = f'<span class="helio-actor">{_text(node.lane)}</span>: ' if node.lane else ""
    edges = "".join(f"<li>→ {_link(link, name)}</li>" for link in links)
    return (
        f'<li id="{name}-{stop.anchor}" class="helio-{slug(node.kind)}">{lane}<code>{_text(node.label)}</code>'
        + (f'<p class="helio-note">{_text(node.note)}</p>' if node.note else "")
        + (f'<p class="helio-source">{_text(node.source)}</p>' if node.source else "")
        + (f"<ul>{edges}</ul>" if edges else "")
        + "</li>\n"
    )


def _link(link: Link, name: str) -> str:
    if link.target is None:
        return _text(link.edge.label)
    told = f": {_text(link.edge.label)}" if link.edge.label else ""
    return f'<a href="#{name}-{link.target.anchor}">{_text(link.target.node.label)}</a>{told}'
