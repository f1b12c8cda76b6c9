"""Views as fragments of HTML, for a page that is made in the reader's browser and for ``--format html``.

A fragment has no page around it: classes are those of the site's style sheet, colours are the page's.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import assert_never

from heliograph.media import Setting
from heliograph.media.svg import inline
from heliograph.media.words import (
    CLEAN,
    IN_WORDS,
    Link,
    Stop,
    cell_word,
    heading,
    layout_table,
    leads,
    numeric,
    printable,
    slug,
    step_changes,
    stops,
    title,
    told,
)
from heliograph.view import (
    Cell,
    Finding,
    Findings,
    Graph,
    Layout,
    Listing,
    Prose,
    Row,
    Steps,
    Table,
    View,
    cell_text,
)

__all__ = ["render", "scroll_box"]


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the fragment of each view; an artefact is the whole answer and stands alone."""
    artefacts = [view for view in views if isinstance(view, Listing) and view.artefact]
    for index, view in enumerate(artefacts or views):
        yield from _view(view, f"{setting.prefix}-{index}", setting)


def _escaped(text: str) -> str:
    return html.escape(printable(text), quote=True)


def scroll_box(name: str) -> str:
    """Return the attributes of a box that scrolls: the keyboard reaches it, and a screen reader says what it is."""
    return f'class="helio-scroll" tabindex="0" role="group" aria-label="{_escaped(name)}"'


def _view(view: View, prefix: str, setting: Setting) -> Iterator[str]:
    match view:
        case Table():
            yield from _table(view)
        case Layout():
            yield from _picture(view, _table(layout_table(view)), prefix, setting)
        case Steps():
            yield from _steps(view)
        case Listing():
            yield from _listing(view)
        case Findings():
            yield from _findings(view)
        case Graph():
            yield from _picture(view, _path(view, prefix), prefix, setting)
        case Prose():
            yield f'<p class="helio-prose">{_escaped(view.text)}</p>\n'
        case _:
            assert_never(view)


def _caption(text: str) -> Iterator[str]:
    if text:
        yield f'<p class="helio-caption">{_escaped(text)}</p>\n'


def _table(table: Table) -> Iterator[str]:
    """Yield a table row by row; whether a column holds numbers is found in a first pass."""
    numbers = numeric(table)
    columns = table.shown
    yield f'<div {scroll_box(title(table))}><table class="helio-table">\n'
    if table.caption:
        yield f"<caption>{_escaped(table.caption)}</caption>\n"
    heads = "".join(f'<th scope="col">{_escaped(heading(column))}</th>' for column in columns)
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    empty = True
    for row in table.rows:
        empty = False
        yield _row(row, [column.id for column in columns], numbers)
    if empty:
        yield f'<tr><td colspan="{max(len(columns), 1)}">{_escaped(table.empty)}</td></tr>\n'
    yield "</tbody></table></div>\n"


def _row(row: Row, names: Sequence[str], numbers: frozenset[str]) -> str:
    cells = [
        f"<td{_classes(row.get(name), name in numbers)}>{_escaped(cell_text(row.get(name)))}</td>" for name in names
    ]
    return f"<tr>{''.join(cells)}</tr>\n"


def _classes(cell: Cell, number: bool) -> str:
    word = cell_word(cell)
    names = [*(["helio-number"] if number else []), *([f"helio-{slug(word)}"] if word else [])]
    return f' class="{" ".join(names)}"' if names else ""


def _picture(view: Graph | Layout, words: Iterator[str], prefix: str, setting: Setting) -> Iterator[str]:
    drawn = inline(view, setting, prefix=prefix)
    yield f'<figure class="helio-figure"><div {scroll_box(title(view))}>{drawn}</div>\n'
    if view.caption:
        yield f"<figcaption>{_escaped(view.caption)}</figcaption>\n"
    yield f'<details class="helio-words"><summary>{IN_WORDS}</summary>\n'
    yield from words
    yield "</details></figure>\n"


def _path(graph: Graph, prefix: str) -> Iterator[str]:
    yield '<ol class="helio-path">\n'
    for stop, links in stops(graph):
        yield f'<li id="{_escaped(f"{prefix}-at-{stop.anchor}")}">{_stop(stop, links)}</li>\n'
    yield "</ol>\n"


def _stop(stop: Stop, links: Sequence[Link]) -> str:
    node = stop.node
    lane = f'<span class="helio-lane">{_escaped(node.lane)}: </span>' if node.lane else ""
    note = f" – {told(node)}" if told(node) else ""
    rest = note + "".join(f" {leads(link)}" for link in links)
    return f"{lane}<strong>{_escaped(node.label)}</strong>{_escaped(rest)}"


def _steps(steps: Steps) -> Iterator[str]:
    yield from _caption(steps.caption)
    yield '<ol class="helio-steps">\n'
    for step in steps.steps:
        yield f'<li value="{step.n}"><p><strong>{_escaped(step.actor)}</strong>: {_escaped(step.title)}</p>\n'
        altered = list(step_changes(step))
        if altered:
            yield '<ul class="helio-changes">'
            for name, before, after in altered:
                yield f"<li>{_escaped(name)}: {_escaped(before)} → {_escaped(after)}</li>"
            yield "</ul>\n"
        if step.note:
            yield f'<p class="helio-note">{_escaped(step.note)}</p>\n'
        yield "</li>\n"
    yield "</ol>\n"


def _listing(listing: Listing) -> Iterator[str]:
    yield from _caption(listing.caption)
    yield f'<pre class="helio-listing"><code class="language-{slug(listing.language)}">'
    for number, line in enumerate(listing.text.rstrip("\n").split("\n"), 1):
        text = _escaped(line)
        yield (f"<mark>{text}</mark>" if number in listing.marks else text) + "\n"
    yield "</code></pre>\n"


def _findings(findings: Findings) -> Iterator[str]:
    yield from _caption(findings.caption)
    if not findings.items:
        yield '<p class="helio-clean">' + CLEAN + "</p>\n"
        return
    yield '<ul class="helio-findings">\n'
    for item in findings.items:
        yield _finding(item)
    yield "</ul>\n"


def _finding(item: Finding) -> str:
    place = f"<code>{_escaped(f'{item.file}:{item.line}:{item.column}')}</code>"
    severity = f'<strong class="helio-{item.severity}">{item.severity}</strong>'
    fix = f'<p class="helio-fix">fix: {_escaped(item.fix)}</p>' if item.fix else ""
    return f"<li>{place} {severity}: {_escaped(item.message)} <em>[{_escaped(item.code)}]</em>{fix}</li>\n"
