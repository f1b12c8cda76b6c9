"""Rebuilds are right: the matrix that no executing extension gets right, line by line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.site.project import ROOT, Project

MAP = """# Numbers

```{helio} signals map USR1 --from linux --to illumos
:expect: SIGUSR1 +10 +16
```
"""
FLOW = """# Paths

```{helio} signals flow --path lx-2006
:expect: lx_sigacthandler
```
"""
PLAIN = """# Plain

No command here.
"""
LOG = """# Log

```{helio} signals trace zone.log
:expect: SIGBUS
```
"""
CLICK = """# Commands

```{eval-rst}
.. click:: heliograph.cli:root
   :prog: helio
   :nested: full
   :commands: completion
```
"""
INDEX = """# Home

```{toctree}
numbers
paths
plain
log
commands
```
"""
PAGES = {
    "index.md": INDEX,
    "numbers.md": MAP,
    "paths.md": FLOW,
    "plain.md": PLAIN,
    "log.md": LOG,
    "zone.log": "signal 10 (lx 7)\n",
    "commands.md": CLICK,
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, PAGES)


def test_what_a_page_rests_on_makes_it_read_again(project: Project) -> None:
    """A table, a module of the wing, a file beside the page and a command's help, each with just its pages."""
    first = project.build()
    assert first.code == 0, first.said
    assert len(first.read) == 6
    assert "SIGUSR1" in project.page("numbers")
    assert project.build().read == ()

    table = "src/heliograph/signals/tables/numbers.py"
    project.replace(table, '(16, ("SIGUSR1",), "terminate")', '(16, ("SIGUSR1",), "core")')
    again = project.build()
    assert {"numbers", "paths", "log"} <= set(again.read)
    assert "plain" not in again.read
    assert "core" in project.page("numbers")

    project.touch("src/heliograph/signals/translate/homeward.py")
    assert "paths" in (read := project.build().read)
    assert "numbers" not in read

    project.write("docs/zone.log", "signal 12 (lx 31)\n")
    broken = project.build()
    assert broken.read == ("log",)
    assert broken.code == 1

    project.write("docs/zone.log", "signal 10 (lx 7)\n")
    project.replace("src/heliograph/cli.py", "Run the translators of the heliograph", "Run the many translators")
    changed = project.build()
    assert "commands" in changed.read
    assert "many translators" in project.page("commands")


def test_a_broken_page_stays_broken_and_costs_nothing_else(project: Project) -> None:
    """It fails again on an unchanged build, and when it is mended it alone is read."""
    assert project.build().code == 0
    project.replace("docs/numbers.md", "SIGUSR1 +10 +16", "SIGUSR1 +10 +17")
    for _build in range(3):
        built = project.build()
        assert built.code == 1
        assert built.read == ("numbers",)
        assert [(name, line) for name, line, _text in built.warnings] == [("numbers.md", 4)]
    project.replace("docs/numbers.md", "SIGUSR1 +10 +17", "SIGUSR1 +10 +16")
    mended = project.build()
    assert (mended.code, mended.read) == (0, ("numbers",))
    assert project.build().read == ()


# (the page, the line that is named, words of the message, whether a caret shows the place)
MISTAKES = [
    ("# P\n\n```{helio} signals map USR9 --from linux --to illumos\n```\n", 3, "unknown signal", True),
    ("# P\n\ntext\n\n```{helio} signals nap USR1\n```\n", 5, "unknown command", True),
    ("# P\n\n```{helio} signals map 'USR1\n```\n", 3, "not a command line", False),
    ("# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:expect: SIGUSR2\n```\n", 4, "nothing like", False),
    (
        "# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:caption: c\n:expect: SIGUSR2\n```\n",
        5,
        "nothing like",
        False,
    ),
    ("# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:expect: .*\n```\n", 4, "matches anything", False),
    ("# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:expect: (\n```\n", 4, "regular expression", False),
    ("# P\n\n```{helio} signals map STKFLT --from linux --to illumos\n```\n", 3, "exit code 1", False),
    (
        "# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:expect: SIGUSR1\n:exit: 1\n```\n",
        5,
        "exit code 0",
        False,
    ),
    ("# P\n\n```{helio} signals map USR1 --from linux --to illumos\n:views: mapp\n```\n", 4, "no view 'mapp'", False),
    (
        "# P\n\n```{helio} signals mask - --from linux --to illumos\n\nSigBlk: 0000000000000000\nSigIgn: xyz\n```\n",
        6,
        "no hexadecimal number",
        True,
    ),
    ("# P\n\n```{helio} signals check - --against linux,illumos\nfrom,too\n1,1\n```\n", 4, "no column 'to'", True),
    ("# P\n\n```{helio} signals trace ../conf.py\n```\n", 3, "only files beside it", True),
    ("# P\n\n```{helio} claims verify --junit x.xml\n```\n", 3, "writes no file", False),
    ("# P\n\nA {claim}`SIG-999` there.\n", 3, "no claim SIG-999", False),
]


def test_the_warning_names_the_very_line(tmp_path: Path) -> None:
    pages = {f"p{number:02}.md": text for number, (text, *_rest) in enumerate(MISTAKES)}
    index = "# Home\n\n```{toctree}\n:glob:\n\np*\n```\n"
    built = Project(tmp_path, {"index.md": index, **pages}).build()
    assert built.code == 1
    found = {name: (line, text) for name, line, text in built.warnings}
    for number, (_text, line, words, caret) in enumerate(MISTAKES):
        name = f"p{number:02}.md"
        assert name in found, built.said
        assert found[name][0] == line, (name, found[name])
        part = built.said[built.said.index(f"{name}:{line}: WARNING") :][:1500]
        assert words in part, (name, part)
        if caret:
            assert re.search(r"^ +\^+", part, re.MULTILINE), (name, part)
    assert len(found) == len(MISTAKES)


def test_all_ways_to_build_give_the_same_bytes(tmp_path: Path) -> None:
    """Cold, in parallel, anew, and step by step with a title changed, a page added and a page removed."""
    many = {f"more/n{number}.md": f"# Number {number}\n\nText {number}.\n" for number in range(6)}
    index = INDEX.replace("plain\n", "plain\nmore/n0\nmore/n1\nmore/n2\nmore/n3\nmore/n4\nmore/n5\n")
    project = Project(tmp_path, {**PAGES, **many, "index.md": index}, theme="furo")
    assert project.build("-j1", out="one").code == 0
    one = project.tree("one")
    assert len(one) > 30
    assert "completion command line option" in (project.folder / "build/one/searchindex.js").read_text(encoding="utf-8")
    assert project.build(out="one").code == 0
    assert project.tree("one") == one
    assert project.build("-j2", "-d", "build/two-trees", out="two").code == 0
    assert project.tree("two") == one
    assert project.build("-E", out="one").code == 0
    assert project.tree("one") == one

    def title() -> None:
        project.replace("docs/more/n0.md", "# Number 0", "# Another title")

    def added() -> None:
        project.write("docs/more/added.md", "# Added\n\nNew.\n")
        project.replace("docs/index.md", "more/n0", "more/added\nmore/n0")

    def removed() -> None:
        (project.folder / "docs/more/n5.md").unlink()
        project.replace("docs/index.md", "more/n5\n", "")

    def text() -> None:
        project.replace("docs/plain.md", "No command", "No command at all")

    for number, change in enumerate((title, added, removed, text)):
        change()
        assert project.build("-j2", out="one").code == 0
        fresh = project.build("-d", f"build/fresh-{number}-trees", out=f"fresh-{number}")
        assert fresh.code == 0
        assert project.tree("one") == project.tree(f"fresh-{number}"), number
    assert "more/n5.html" not in project.tree("one")


@pytest.mark.parametrize("builder", ["man", "text", "epub", "singlehtml", "latex"])
def test_every_builder_shows_the_answers(project: Project, builder: str) -> None:
    built = project.build(builder=builder, out=builder)
    assert built.code == 0, built.said[-3000:]
    folder = project.folder / "build" / builder
    if builder == "text":
        text = (folder / "paths.txt").read_text(encoding="utf-8")
        assert "lx_sigacthandler()" in text
        assert "1. application: **kill()**" in text
    if builder == "epub":
        assert list(folder.glob("_images/helio-*.svg"))
        assert "helio-" in (folder / "paths.xhtml").read_text(encoding="utf-8")


def test_manual_pages_carry_the_day_of_the_last_commit() -> None:
    """The site's own configuration, asked in a process of its own."""
    code = "import runpy; print(runpy.run_path('conf.py')['today'])"
    argv = [sys.executable, "-c", code]
    found = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    commit = ["git", "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%d"]
    utc = {"TZ": "UTC", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(commit, cwd=ROOT, capture_output=True, text=True, check=False, env=utc)
    if done.returncode == 0:
        assert found == done.stdout.strip()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found)
