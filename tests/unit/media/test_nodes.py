"""Nodes of a page say the same as HTML does, and are whole as XML."""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring

import pytest
from docutils import nodes
from docutils.core import publish_from_doctree
from docutils.utils import new_document
from tests.unit.media.sample import HOSTILE, SETTING, all_views, cells_of_html, check_html, written

from heliograph.media.nodes import answer_nodes, helio_answer, helio_picture, view_nodes
from heliograph.media.words import printable
from heliograph.view import Column, Findings, Graph, Layout, Listing, Prose, Row, Steps, Table, View


def answer(*views: View, command: bool = True, caption: str = "", stdin: str = "") -> helio_answer:
    words = ["signals", "map", "a b"]
    return answer_nodes(
        views,
        argv=words,
        command=words if command else None,
        prefix="helio-0",
        setting=SETTING,
        caption=caption,
        stdin=stdin,
    )


def cells(node: nodes.Node) -> list[list[str]]:
    return [[entry.astext() for entry in row.findall(nodes.entry)] for row in node.findall(nodes.row)]


def html_of(*found: nodes.Node) -> str:
    """Return what docutils writes for standard nodes."""
    document = new_document("page")
    document += list(found)
    settings = {"embed_stylesheet": False, "stylesheet_path": "", "output_encoding": "unicode"}
    page: str = publish_from_doctree(document, writer="html5", settings_overrides=settings)
    return page[page.index("<main") : page.index("</main>") + 7]


@pytest.mark.parametrize("text", HOSTILE)
def test_nodes_are_whole_as_xml(text: str) -> None:
    box = answer(*all_views(text).values(), caption=text, stdin=text)
    fromstring(box.asdom().toxml().encode())
    idents = [ident for node in box.findall(nodes.Element) for ident in node["ids"]]
    assert len(idents) == len(set(idents))


@pytest.mark.parametrize("text", HOSTILE)
def test_tables_say_the_same_as_html(text: str) -> None:
    for kind in (Table, Layout):
        view = all_views(text)[kind]
        (node,) = view_nodes(view, prefix="p", setting=SETTING)
        assert cells(node) == cells_of_html(written("html", view).replace("\r", "\ufffd"))


def test_standard_nodes_are_written_as_balanced_html() -> None:
    kinds = (Table, Steps, Findings, Prose)
    views = [all_views(text)[kind] for text in HOSTILE for kind in kinds]
    page = html_of(*(node for view in views for node in view_nodes(view, prefix="p", setting=SETTING)))
    check_html(page)
    assert "<script" not in page


@pytest.mark.parametrize("kind", [Layout, Graph])
def test_a_picture_is_the_one_of_html(kind: type[Graph | Layout]) -> None:
    view = all_views("a name")[kind]
    (picture,) = view_nodes(view, prefix="helio-0", setting=SETTING)
    assert isinstance(picture, helio_picture)
    assert picture["svg"] in written("html", view)
    assert picture["file"] == written("svg", view)
    assert (picture["title"], picture["caption"]) == ("a name", "a name")


def test_a_path_says_the_same_as_html() -> None:
    view = all_views("a name")[Graph]
    (picture,) = view_nodes(view, prefix="helio-0", setting=SETTING)
    items = [(item["ids"][0], item.astext()) for item in picture.findall(nodes.list_item)]
    html = written("html", view)
    in_html = [(ident, re.sub("<[^>]*>", "", text)) for ident, text in re.findall(r'<li id="([^"]*)">(.*?)</li>', html)]
    assert items == in_html
    assert items[0] == ("helio-0-at-a-name", "a name: a name – a name. Source: a name → a name → c")


@pytest.mark.parametrize("text", HOSTILE)
def test_findings_say_the_same_as_html(text: str) -> None:
    view = all_views(text)[Findings]
    _caption, found = view_nodes(view, prefix="p", setting=SETTING)
    assert found.astext().split() == printable(f"{text}:3:4 warning: {text} [code] fix: {text}").split()
    (clean,) = view_nodes(Findings(id="f", items=()), prefix="p", setting=SETTING)
    assert clean.astext() in written("html", Findings(id="f", items=()))


def test_an_answer_shows_its_command_and_its_input() -> None:
    box = answer(Prose(text="x"), caption="A caption", stdin="one\ntwo\n")
    blocks = [(block.astext(), block["language"]) for block in box.findall(nodes.literal_block)]
    assert blocks == [("$ helio signals map 'a b'", "console"), ("one\ntwo", "text")]
    assert [line.astext() for line in box.findall(nodes.paragraph)] == ["A caption", "Standard input:", "x"]
    assert box["argv"] == ["signals", "map", "a b"]
    assert not box["support_smartquotes"]
    assert not list(answer(Prose(text="x"), command=False).findall(nodes.literal_block))


def test_a_listing_keeps_its_language_and_marks() -> None:
    (block,) = view_nodes(Listing(id="x", language="c", text="a\nb\n", marks=(2,)), prefix="p", setting=SETTING)
    assert isinstance(block, nodes.literal_block)
    assert (block["language"], block["highlight_args"]) == ("c", {"hl_lines": [2]})
    assert block.astext() == block.rawsource == "a\nb"


def test_an_artefact_stands_alone() -> None:
    artefact = Listing(id="x", language="c", text="int x;", artefact=True)
    box = answer(Prose(text="gone"), artefact, command=False)
    assert box.astext() == "int x;"


def test_an_empty_table_says_so_and_details_are_for_programs() -> None:
    columns = (Column(id="a", title="a"), Column(id="b", title="b", detail=True))
    (line,) = view_nodes(
        Table(id="t", columns=columns, rows=[], caption="Rows", empty="none"), prefix="p", setting=SETTING
    )
    assert line.astext() == "Rows: none"
    (table,) = view_nodes(Table(id="t", columns=columns, rows=[{"a": 1, "b": 2}]), prefix="p", setting=SETTING)
    assert cells(table) == [["a"], ["1"]]
    assert [entry["classes"] for entry in table.findall(nodes.entry)] == [["helio-number"], ["helio-number"]]


def test_verdicts_are_marked_by_a_class_beside_the_word() -> None:
    rows: list[Row] = [{"a": "lost"}, {"a": "stand-in"}, {"a": "a lost one"}, {"a": True}]
    table = Table(id="t", columns=(Column(id="a", title="a"),), rows=rows)
    (node,) = view_nodes(table, prefix="p", setting=SETTING)
    marked = [(entry.astext(), entry["classes"]) for entry in node.findall(nodes.entry)][1:]
    assert marked == [
        ("lost", ["helio-lost"]),
        ("stand-in", ["helio-stand-in"]),
        ("a lost one", []),
        ("yes", ["helio-yes"]),
    ]
    for word, classes in marked:
        if classes:
            assert f'<td class="{classes[0]}">{word}</td>' in written("html", table)
