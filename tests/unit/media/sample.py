"""Views of all seven kinds around one text, hostile texts to put into them, and readers of what media write."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree.ElementTree import Element, fromstring

from tools.check_site import Page

from heliograph.media import Setting, render
from heliograph.view import (
    Column,
    Edge,
    Field,
    Finding,
    Findings,
    Graph,
    Layout,
    Listing,
    Node,
    Prose,
    Severity,
    Step,
    Steps,
    Table,
    View,
)

__all__ = ["HOSTILE", "SETTING", "Lazy", "all_views", "cells_of_html", "check_html", "fake_draw", "svg_of", "written"]

HOSTILE = [
    "<script>alert(1)</script>",
    "</td></details></svg>",
    "&amp; & \"double\" 'single'",
    "a|b",
    "\\|",
    "trailing\\",
    "`x` and ``y``",
    "`",
    "two\nlines",
    "return\rreturn",
    "nul\0end",
    "\x1b[31mred\x1b[0m",
    "half \ud800 a pair",
    "🙂 emoji 👩‍👩‍👧",
    "日本語の長い名前",
    "e\u0301",
    "\u202eright to left",
    "line\u2028separator",
    "# heading",
    "+ plus",
    "- minus",
    "= equals",
    "1. first",
    "12) twelfth",
    "> quoted",
    "*strong* _emphasis_ ~~struck~~",
    "[text](target) ![image](x)",
    "{role}`text` $x$",
    "<https://a.example/>",
    "    indented",
    "a\tb",
    "---",
    "===",
    "]]>",
    "<!-- x -->",
]


class Lazy:
    """Rows that are made as they are asked for, and counted."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked = 0

    def __iter__(self) -> Lazy._Iterator:
        return self._Iterator(self)

    class _Iterator:
        def __init__(self, rows: Lazy) -> None:
            self._rows, self._next = rows, 0

        def __iter__(self) -> Lazy._Iterator:
            return self

        def __next__(self) -> dict[str, str | int]:
            if self._next == self._rows.count:
                raise StopIteration
            self._rows.asked += 1
            self._next += 1
            return {"n": self._next, "text": f"row {self._next}"}


def fake_draw(_dot: str) -> str:
    """Stand in for Graphviz where its drawing does not matter."""
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><g><text>x</text></g></svg>'


SETTING = Setting(argv=("a", "b"), version="1", draw=fake_draw)


def all_views(text: str) -> dict[type[View], View]:
    """Return a view of each kind with ``text`` wherever a view has text."""
    return {
        Table: Table(
            id="t",
            caption=text,
            columns=(Column(id="a", title=text, unit="byte"), Column(id="b", title="b"), Column(id="c", title="c")),
            rows=[{"a": text, "b": 1, "c": (text, "x")}, {"a": None, "b": None, "c": None}],
        ),
        Layout: Layout(
            id="l",
            unit="bit",
            caption=text,
            fields=(
                Field(name=text, offset=0, size=4, value=text, note=text),
                Field(name="z", offset=12, size=1),
            ),
        ),
        Steps: Steps(
            id="s",
            caption=text,
            steps=(
                Step(n=1, actor=text, title=text, before={"m": "old"}, after={text: text, "m": text}, note=text),
                Step(n=2, actor="b", title="nothing changes", before={}, after={}),
            ),
        ),
        Listing: Listing(id="x", language="text", text=text, caption=text, marks=(1,)),
        Findings: Findings(
            id="f",
            caption=text,
            items=(
                Finding(file=text, line=3, column=4, code="code", severity=Severity.WARNING, message=text, fix=text),
            ),
        ),
        Graph: Graph(
            id="g",
            title=text,
            caption=text,
            description=text,
            nodes=(
                Node(id=text, label=text, lane=text, note=text, source=text),
                Node(id="b", label="b", lane="k", kind="fault"),
                Node(id="c", label="c", lane=""),
            ),
            edges=(Edge(from_=text, to="b", label=text), Edge(from_="b", to=text), Edge(from_=text, to="c")),
        ),
        Prose: Prose(text=text),
    }


def written(name: str, *views: View, setting: Setting = SETTING) -> str:
    """Return what a medium writes."""
    return "".join(render(name, views, setting))


def check_html(text: str) -> Page:
    """Assert that a fragment of HTML is balanced, has each id once, and that its inner links lead somewhere."""
    page = Page(text)
    assert page.faults == []
    for _line, link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
    return page


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._inside = tag in ("td", "th")
        if self._inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def cells_of_html(text: str) -> list[list[str]]:
    """Return the cells of the tables in HTML, a list a row."""
    parser = _Cells()
    parser.feed(text)
    parser.close()
    return parser.rows


def svg_of(text: str) -> Element:
    """Return an SVG document as elements with local names."""
    root = fromstring(text)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
