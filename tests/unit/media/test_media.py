"""What holds of every medium: which views it carries, what it does with hostile text, and that rows stay lazy."""

from __future__ import annotations

import csv
import io
import json

import pytest
from tests.unit.door import check_answer
from tests.unit.media.sample import HOSTILE, SETTING, Lazy, all_views, cells_of_html, check_html, svg_of, written

from heliograph.errors import UnsupportedError
from heliograph.media import CARRIES, FORMATS, Setting, render
from heliograph.view import Column, Field, Findings, Graph, Layout, Listing, Prose, Steps, Table, View, cell_text

KINDS = (Table, Layout, Steps, Listing, Findings, Graph, Prose)
LAZY = (Column(id="n", title="n"), Column(id="text", title="text"))


def test_every_kind_of_view_is_in_the_sample() -> None:
    assert set(all_views("x")) == set(KINDS)
    assert {kind for kinds in CARRIES.values() for kind in kinds} == set(KINDS)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_format_shows_a_view_or_names_those_that_can(name: str, kind: type[View]) -> None:
    view = all_views("some text")[kind]
    if kind in CARRIES[name]:
        assert "some text" in written(name, view) or (name == "svg" and kind is Graph)
        return
    with pytest.raises(UnsupportedError) as caught:
        written(name, Prose(text="x") if kind is Prose else view)
    message = caught.value.message
    assert caught.value.exit_code == 2
    assert f"--format {name}" in message
    assert kind.__name__.lower() in message
    able = message.rsplit(": ", 1)[1].split(", ")
    assert able == [other for other, kinds in CARRIES.items() if kind in kinds]


@pytest.mark.parametrize("name", FORMATS)
def test_no_view_at_all_is_no_fault(name: str) -> None:
    written(name)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", FORMATS)
def test_hostile_text_is_written_as_utf8(name: str, text: str) -> None:
    """Each kind alone, and all that a format carries together."""
    views = [view for kind, view in all_views(text).items() if kind in CARRIES[name]]
    for shown in ([view] for view in views):
        written(name, *shown).encode("utf-8", "surrogatepass" if name == "csv" else "strict")
    assert written(name, *views).endswith("\n")


@pytest.mark.parametrize("name", ["csv", "json", "html", "md"])
def test_lazy_rows_are_read_as_they_are_written(name: str) -> None:
    """After the pass that looks for numbers, no medium reads further than it writes."""
    rows = Lazy(1000)
    pieces = render(name, [Table(id="t", columns=LAZY, rows=rows)], SETTING)
    for piece in pieces:
        if "row 3" in piece:
            break
    passes = {"csv": 0, "json": 0, "html": 1, "md": 1}[name]
    assert rows.asked - passes * 1000 <= 4
    assert sum(1 for piece in pieces if "row " in piece) == 997


def test_text_reads_lazy_rows_twice_and_holds_none() -> None:
    rows = Lazy(1000)
    pieces = render("text", [Table(id="t", columns=LAZY, rows=rows)], SETTING)
    assert next(pieces).split() == ["n", "text"]
    assert rows.asked == 1000
    assert next(pieces).split() == ["1", "row", "1"]
    assert rows.asked == 1001


# ---------------------------------------------------------------- csv


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_is_read_back(text: str) -> None:
    table = all_views(text)[Table]
    assert isinstance(table, Table)
    found = list(csv.reader(io.StringIO(written("csv", table), newline=""), strict=True))
    assert found == [["a", "b", "c"], [text, "1", f"{text}, x"], ["", "", ""]]


def test_csv_of_the_other_views() -> None:
    views = all_views('x,"y"')
    findings = list(csv.DictReader(io.StringIO(written("csv", views[Findings]), newline="")))
    assert findings == [
        {
            "file": 'x,"y"',
            "line": "3",
            "column": "4",
            "end_column": "",
            "code": "code",
            "severity": "warning",
            "message": 'x,"y"',
            "fix": 'x,"y"',
        }
    ]
    layout = list(csv.DictReader(io.StringIO(written("csv", views[Layout]), newline="")))
    assert [(row["name"], row["offset"], row["size"]) for row in layout] == [('x,"y"', "0", "4"), ("z", "12", "1")]
    steps = list(csv.DictReader(io.StringIO(written("csv", views[Steps]), newline="")))
    assert [row["m"] for row in steps] == ['x,"y"', ""]


def test_csv_of_one_empty_cell_is_a_row() -> None:
    table = Table(id="t", columns=(Column(id="a", title="a"),), rows=[{"a": None}, {"a": "x"}])
    assert list(csv.reader(io.StringIO(written("csv", table)))) == [["a"], [""], ["x"]]


def test_csv_parts_two_views_with_an_empty_line() -> None:
    one = Table(id="t", columns=(Column(id="a", title="a"),), rows=[])
    assert written("csv", one, one) == "a\n\na\n"


# ---------------------------------------------------------------- json


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_exact(text: str) -> None:
    views = all_views(text)
    found = json.loads(written("json", *views.values()).encode())
    check_answer(found)
    by_kind = {view["view"]: view for view in found["views"]}
    assert by_kind["table"]["rows"] == [{"a": text, "b": 1, "c": [text, "x"]}, {"a": None, "b": None, "c": None}]
    assert by_kind["prose"]["text"] == text
    assert by_kind["listing"]["text"] == text
    assert by_kind["findings"]["items"][0]["file"] == text
    assert by_kind["steps"]["steps"][0]["after"] == {text: text, "m": text}
    assert by_kind["graph"]["edges"][1] == {"from": "b", "to": text, "label": "", "kind": "call"}
    assert by_kind["layout"]["fields"][0]["value"] == text


def test_json_of_nothing_and_of_long_numbers() -> None:
    table = Table(id="t", columns=(Column(id="a", title="a"),), rows=[{"a": 2**64}, {"a": True}])
    found = json.loads(written("json", table, Findings(id="f", items=())))
    assert found["command"] == ["a", "b"]
    assert found["views"][0]["rows"] == [{"a": 2**64}, {"a": True}]
    assert found["views"][1]["items"] == []


# ---------------------------------------------------------------- html


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_balanced_and_shows_the_text(text: str) -> None:
    views = all_views(text)
    page = written("html", *views.values())
    check_html(page)
    for tag in ("<script", "<!--", "<https"):
        assert tag not in page
    shown = cells_of_html(written("html", views[Table]))
    expected = "".join("\ufffd" if char in "\0\x1b\r\ud800" else char for char in text)
    assert shown == [[f"{expected} (byte)", "b", "c"], [expected, "1", f"{expected}, x"], ["", "", ""]]


def test_html_tables_and_boxes_are_named() -> None:
    views = all_views("named")
    table, layout, graph = (written("html", views[kind]) for kind in (Table, Layout, Graph))
    assert table.count('<th scope="col">') == 3
    assert "<caption>named</caption>" in table
    for text in (table, layout, graph):
        assert text.count('tabindex="0"') == text.count('role="group" aria-label="named"') >= 1
    for text in (layout, graph):
        assert "<figcaption>named</figcaption>" in text
        assert "<details" in text
        assert 'role="img"' not in text  # it would hide the links inside


def test_html_of_an_empty_table_and_of_details() -> None:
    columns = (Column(id="a", title="a"), Column(id="b", title="b", detail=True))
    assert cells_of_html(written("html", Table(id="t", columns=columns, rows=[], empty="none"))) == [["a"], ["none"]]
    assert cells_of_html(written("html", Table(id="t", columns=columns, rows=[{"a": 1, "b": 2}])))[1] == ["1"]


def test_html_of_several_answers_has_each_id_once() -> None:
    views = list(all_views("x").values())
    parts = [written("html", *views, setting=Setting(prefix=f"answer-{n}", draw=SETTING.draw)) for n in range(3)]
    check_html("".join(parts))


# ---------------------------------------------------------------- artefacts


@pytest.mark.parametrize("name", ["text", "html", "md"])
def test_an_artefact_stands_alone(name: str) -> None:
    artefact = Listing(id="x", language="c", text="int x;\n", artefact=True)
    assert written(name, Prose(text="gone"), artefact) == written(name, artefact)
    assert "gone" in written("json", Prose(text="gone"), artefact)


def test_an_artefact_is_raw_text() -> None:
    text = "\x1b[31m\tas it is \u202e\n"
    assert written("text", Listing(id="x", language="text", text=text, artefact=True)) == text


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("text", HOSTILE)
def test_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    for width in (None, 40):
        shown = written("text", *all_views(text).values(), setting=Setting(width=width, draw=SETTING.draw))
        assert not [char for char in shown if char != "\n" and (ord(char) < 32 or 0x7F <= ord(char) < 0xA0)]
        assert not set("\u2028\u202e\ud800") & set(shown)


def test_text_columns_stand_below_each_other_in_wide_characters() -> None:
    columns = (Column(id="a", title="a"), Column(id="b", title="b"))
    rows = [{"a": "日本", "b": "x"}, {"a": "abcd", "b": "x"}, {"a": "e\u0301", "b": "x"}]
    assert written("text", Table(id="t", columns=columns, rows=rows)).splitlines() == [
        "a     b",
        "日本  x",
        "abcd  x",
        "e\u0301     x",
    ]


# ---------------------------------------------------------------- svg


@pytest.mark.parametrize("text", HOSTILE)
def test_svg_is_well_formed(text: str) -> None:
    views = all_views(text)
    root = svg_of(written("svg", *(views[kind] for kind in CARRIES["svg"])))
    assert root.tag == "svg"
    assert not list(root.iter("script"))


def test_layouts_of_nothing() -> None:
    for view in (
        Layout(id="l", unit="bit", fields=()),
        Steps(id="s", steps=()),
        Table(id="t", columns=(Column(id="a", title="a"),), rows=[]),
        Layout(id="l", unit="byte", fields=(Field(name="", offset=0, size=0),)),
    ):
        for name in ("text", "html", "md", "svg", "csv", "json"):
            written(name, view)


def test_cells_in_words() -> None:
    assert [cell_text(cell) for cell in (None, True, False, 0, ("a", "b"), ())] == ["", "yes", "no", "0", "a, b", ""]
