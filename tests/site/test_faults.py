"""What must not go wrong, whatever else does: our own faults, those of included files, terminals, what is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.site.project import Project

INDEX = "# Home\n\n```{toctree}\n:glob:\n\n*\n```\n"
SYSTEMS = "# Systems\n\n```{helio} signals systems\n```\n"
FLOW = "# Flow\n\n```{helio} signals flow --path lx-2006\n```\n"
CLICK = "```{click} heliograph.signals.cli.subject:signals\n:prog: helio signals\n:nested: full\n```\n"
RST_CLICK = ".. click:: heliograph.signals.cli.subject:signals\n   :prog: helio signals\n   :nested: full\n"


def test_a_mistake_of_ours_breaks_its_page_only(tmp_path: Path) -> None:
    """A bug in a command, and an engine that cannot draw, are warnings; what was read of other pages is kept."""
    project = Project(tmp_path, {"index.md": INDEX, "systems.md": SYSTEMS, "flow.md": FLOW, "plain.md": "# Plain\n"})
    assert project.build().code == 0
    numbers, engine = "src/heliograph/signals/cli/numbers.py", "src/heliograph/graphviz.py"
    before = {name: (tmp_path / name).read_text(encoding="utf-8") for name in (numbers, engine)}
    bug = "\nsystems.callback = lambda *a, **k: {}['boom']\n"
    project.write(numbers, before[numbers] + bug)
    refusal = "\ndef draw(dot):\n    raise UnsupportedError('drawing a graph', 'no engine')\n"
    project.write(engine, before[engine] + refusal)
    built = project.build()
    assert built.code == 1
    assert [(name, line) for name, line, _text in sorted(built.warnings)] == [("flow.md", 3), ("systems.md", 3)]
    assert "KeyError: 'boom'" in built.said
    assert "no engine" in built.said
    assert "plain" not in built.read
    for name, text in before.items():
        project.write(name, text)
    mended = project.build()
    assert mended.code == 0
    assert set(mended.read) == {"flow", "systems"}


@pytest.mark.parametrize(
    ("page", "included", "line"),
    [
        (
            "# P\n\ntext\n\n```{include} part.txt\n```\n",
            "a\n\nb\n\n```{helio} signals systems\n:expect: nope\n```\n",
            6,
        ),
        (
            "# P\n\n```{include} part.txt\n```\n",
            "a\n\n```{helio} signals mask - --from linux --to illumos\n\nSigBlk: 0000000000000000\nSigIgn: xyz\n```\n",
            6,
        ),
        ("# P\n\n```{include} part.txt\n```\n", "a\n\n```{helio} signals nap\n```\n", 3),
    ],
)
def test_a_fault_in_an_included_file_is_named_there(tmp_path: Path, page: str, included: str, line: int) -> None:
    built = Project(tmp_path, {"index.md": INDEX, "p.md": page, "part.txt": included}).build()
    assert built.code == 1
    assert re.findall(r"(\w+\.\w+):(\d+): WARNING", built.said) == [("part.txt", str(line))]


def test_a_fault_in_an_included_file_of_rst_is_named_there(tmp_path: Path) -> None:
    page = "P\n=\n\n.. include:: part.txt\n"
    part = "a\n\n.. helio:: signals systems\n   :expect: nope\n"
    built = Project(tmp_path, {"index.md": INDEX, "p.rst": page, "part.txt": part}).build()
    assert built.code == 1
    assert re.findall(r"(\w+\.\w+):(\d+): WARNING", built.said) == [("part.txt", "4")]


@pytest.mark.parametrize("pattern", [".", ".+", r"\S", "[^x]", "x?"])
def test_an_expectation_that_anything_meets_is_refused(tmp_path: Path, pattern: str) -> None:
    page = f"# P\n\n```{{helio}} signals systems\n:expect: '{pattern}'\n```\n"
    built = Project(tmp_path, {"index.md": INDEX, "p.md": page}).build()
    assert [(name, line) for name, line, _text in built.warnings] == [("p.md", 4)]
    assert "matches anything" in built.said


def test_help_is_the_same_whatever_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help on a page, and the page that sphinx-click writes, which is the same in Markdown as in reST."""
    markdown = f"# Commands\n\n{CLICK}"
    page = "# Help\n\n```{helio} signals --help\n```\n"
    project = Project(tmp_path, {"index.md": INDEX, "help.md": page, "commands.md": markdown})
    monkeypatch.setenv("COLUMNS", "40")
    assert project.build(out="narrow").code == 0
    assert 'id="cmdoption-helio-signals-map-from"' in project.page("commands", "narrow")
    monkeypatch.setenv("COLUMNS", "200")
    assert project.build(out="wide").code == 0
    assert project.tree("narrow") == project.tree("wide")
    written = project.page("commands", "wide")
    project.write("docs/commands.md", f"# Commands\n\n```{{eval-rst}}\n{RST_CLICK}```\n")
    assert project.build(out="wide").code == 0
    assert project.page("commands", "wide") == written


def test_a_page_that_is_gone_takes_its_picture_along(tmp_path: Path) -> None:
    shown = "# P\n\n![a line](line.svg)\n\n{download}`log <zone.log>`\n"
    other = "# Q\n\n![a dot](dot.svg)\n"
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><title>{}</title></svg>'
    pages = {"index.md": INDEX, "p.md": shown, "q.md": other, "zone.log": "x\n"}
    project = Project(tmp_path, {**pages, "line.svg": picture.format("a"), "dot.svg": picture.format("b")})
    assert project.build().code == 0
    assert {"_images/line.svg", "_images/dot.svg"} <= set(project.tree())
    assert any(name.endswith("/zone.log") for name in project.tree())
    (tmp_path / "docs/p.md").unlink()
    assert project.build().code == 0
    fresh = project.build(out="fresh")
    assert fresh.code == 0
    assert project.tree() == project.tree("fresh")
    assert "_images/dot.svg" in project.tree()
    assert not any(name.endswith(("line.svg", "zone.log")) for name in project.tree())
