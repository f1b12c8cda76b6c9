"""What the directives and the role put on a page, and what stays broken until it is mended."""

from __future__ import annotations

import html
import os
import re
import zlib
from pathlib import Path

import pytest
from tests.site.project import Built, Project
from tools.check_site import faults

INDEX = "# Home\n\n```{toctree}\n:glob:\n\n*\n```\n"
OPTIONS = """# Options

```{helio} signals mask - --from linux --to illumos
:caption: Two bits & <a caption>
:name: two-bits
:views: mask_value

0000000000000201
```

```{helio} signals list --system solaris-2005
:hide-command:
:expect: SIGWAITING
```

```{helio} signals map USR9 --from linux --to illumos
:exit: 2
:expect: unknown signal.*\\n.*\\n +\\^
```

```{helio} signals map USR9 --from linux --to illumos --format json
:exit: 2
```

```{helio} signals map USR1 --from linux --to illumos --format json
:expect: '"to": 16'
```

```{helio} signals flow --path native --format dot
```

```{helio} signals map USR1 --from linux --to illumos --format md
:name: bare
```
"""
REFS = """# References

Without words {ref}`two-bits`, with them {ref}`some words <two-bits>`, and without a caption {ref}`bare`.
The title of {ref}`a-section` comes from there, and {ref}`helio:claim <two-bits>` is text.
A claim by its name: {any}`SIG-02`.
"""
SECTIONS = """# Sections

(a-section)=
## First title

Text.
"""
CLAIMED = """# Claimed

The first line has none,
the second has none,
the third says {claim}`SIG-02` of nineteen signals,
and the fourth {claim}`SIG-07` too.
"""
CARDS = """# Cards

```{claims} SIG-02, SIG-07
```

## Of one verdict

```{claims}
:subject: atlas
:verdict: contradicted
```
"""
RST = """Restructured
============

.. helio:: signals check - --against linux,illumos
   :exit: 1
   :name: from-rst
   :caption: A table of a layer

   from,to
   10,17

See :ref:`from-rst` and :claim:`SIG-02`.
"""
PAGES = {
    "index.md": INDEX,
    "options.md": OPTIONS,
    "refs.md": REFS,
    "sections.md": SECTIONS,
    "claimed.md": CLAIMED,
    "cards.md": CARDS,
    "restructured.rst": RST,
}
TABLE = "src/heliograph/signals/tables/numbers.py"
REGISTER = "src/heliograph/claims/data/signals.toml"


def words(page: str) -> str:
    """Return the text of a page without its marks."""
    return html.unescape(re.sub("<[^>]*>", "", page))


def places(built: Built) -> list[tuple[str, int]]:
    return [(name, line) for name, line, _text in built.warnings]


def inventory(path: Path) -> dict[str, tuple[str, str]]:
    """Return name to (domain:role, location) of an objects.inv."""
    data = path.read_bytes()
    *head, body = data.split(b"\n", 4)
    assert head[0] == b"# Sphinx inventory version 2"
    rows = re.findall(r"(?m)^(.+?)\s+(\S+)\s+(-?\d+)\s+?(\S*)\s+(.*)$", zlib.decompress(body).decode())
    return {name: (role, where.replace("$", name)) for name, role, _priority, where, _title in rows}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a project at which several tests look."""
    project = Project(tmp_path_factory.mktemp("pages"), PAGES)
    built = project.build()
    assert built.code == 0, built.said[-3000:]
    return project


def test_the_site_is_whole(site: Project) -> None:
    assert list(faults(site.folder / "build" / "html")) == []


def test_options_of_the_directive(site: Project) -> None:
    page = site.page("options")
    answers = page.split('class="helio-answer')[1:]
    mask, listed, error, error_json, as_json, as_dot, as_md = answers
    assert "Two bits &amp; &lt;a caption&gt;" in mask
    assert 'id="two-bits"' in page
    assert mask.count("<table") == 1
    assert "Standard input:" in words(mask)
    assert "0000000000000201" in words(mask)
    assert "$ helio" not in words(listed)
    assert "SIGWAITING" in words(listed)
    assert "unknown signal" in words(error)
    assert "^^^^" in words(error)
    assert '"error"' in words(error_json)
    for part, language in ((error, "text"), (error_json, "json"), (as_json, "json"), (as_dot, "text"), (as_md, "text")):
        assert "highlight-console" in part
        assert f"highlight-{language}" in part or part is not error
    assert "highlight-json" in as_json
    assert "highlight-dot" in as_dot
    assert "digraph" in words(as_dot)
    assert "highlight-markdown" in as_md
    assert "<svg" not in as_dot
    assert '<th scope="col" class="head' in mask
    assert "<th class=" not in page


def test_names_can_be_referred_to(site: Project) -> None:
    page = site.page("refs")
    links = {
        words(text): target
        for target, text in re.findall(r'<a class="reference internal" href="([^"]*)"[^>]*>(.*?)</a>', page)
    }
    assert links["Two bits & <a caption>"] == links["some words"] == "options.html#two-bits"
    assert links["helio signals map USR1 --from linux --to illumos --format md"] == "options.html#bare"
    assert links["First title"] == "sections.html#a-section"
    assert links["SIG-02"] == "cards.html#claim-sig-02"


def test_the_badge_says_the_verdict_and_leads_to_the_card(site: Project) -> None:
    page = site.page("claimed")
    badges = re.findall(r'<a [^>]*href="([^"]*)"[^>]*><span class="([^"]*)">([^<]*)</span></a>', page)
    assert badges == [
        ("cards.html#claim-sig-02", "helio-claim helio-confirmed", "✓ confirmed"),
        ("cards.html#claim-sig-07", "helio-claim helio-differs-by-revision", "≠ differs-by-revision"),
    ]


def test_cards_are_those_that_were_asked_for(site: Project) -> None:
    page = site.page("cards")
    assert re.findall(r'<section id="(claim-[^"]*)"', page) == ["claim-sig-02", "claim-sig-07", "claim-emb-12"]
    assert "nineteen signals" in words(page)
    assert "Who says it" in words(page)


def test_claims_are_in_the_inventory_and_in_the_search(site: Project) -> None:
    found = inventory(site.folder / "build/html/objects.inv")
    assert found["SIG-02"] == ("helio:claim", "cards.html#claim-sig-02")
    assert found["EMB-12"][0] == "helio:claim"
    assert found["two-bits"] == ("std:label", "options.html#two-bits")
    index = (site.folder / "build/html/searchindex.js").read_text(encoding="utf-8")
    assert "SIG-02" in index
    assert "SIG-07: \\u2260 differs-by-revision" in index or "SIG-07: ≠ differs-by-revision" in index


def test_a_page_of_rst_runs_commands_too(site: Project) -> None:
    page = site.page("restructured")
    assert (
        '<a class="reference internal" href="#from-rst"><span class="std std-ref">A table of a layer</span></a>' in page
    )
    assert "10,17" in words(page)
    assert "✓ confirmed" in words(page)


def test_a_claim_that_changes_breaks_its_pages_until_it_is_mended(tmp_path: Path) -> None:
    """With more pages than one reader takes; the rows of the table, not the register, are altered."""
    fillers = {f"z{number}.md": f"# Filler {number}\n\nText.\n" for number in range(6)}
    broken = "# Broken\n\nA link to {ref}`nowhere`, and\n{nosuchrole}`x`.\n"
    project = Project(tmp_path, {**PAGES, **fillers})
    first = project.build("-j2")
    assert first.code == 0, first.said[-3000:]
    assert project.build("-j2").read == ()

    right = '(16, ("SIGUSR1",), "terminate")'
    wrong = '(10, ("SIGUSR1",),  "terminate")'
    project.replace(TABLE, right, wrong)
    for _build in range(2):
        built = project.build("-j2")
        assert built.code == 1
        assert ("claimed.md", 5) in places(built)
        assert ("claimed.md", 6) not in places(built)
        assert ("cards.md", 3) in places(built)
        assert ("restructured.rst", 12) in places(built)
        assert "SIG-02 is differs-by-revision now, it was reviewed as confirmed" in built.said
        assert not any(name.startswith("z") for name, _line in places(built))
    project.replace(TABLE, wrong, right)
    mended = project.build("-j2")
    assert mended.code == 0, mended.said[-3000:]

    # A register is read again, by the pages that use claims and by no other.
    project.replace(REGISTER, "Below 32, nineteen signals", "Under 32, nineteen signals")
    again = project.build()
    assert again.code == 0
    assert {"cards", "claimed", "restructured"} <= set(again.read)
    assert not {"options", "sections", "z1"} & set(again.read)
    assert "Under 32, nineteen signals" in words(project.page("cards"))

    # A medium that a page names, by the page alone.
    project.touch("src/heliograph/media/md.py")
    assert project.build().read == ("options",)

    # What Sphinx itself complains about stays broken as well.
    project.write("docs/z1.md", broken)
    for _build in range(2):
        built = project.build("-j2")
        assert built.code == 1
        assert built.read == ("z1",)
        assert {name for name, _line in places(built)} == {"z1.md"}
        assert "nowhere" in built.said
        assert "nosuchrole" in built.said
    project.write("docs/z1.md", "# Filler 1\n\nText.\n")
    assert project.build("-j2").code == 0

    # A title elsewhere, and a card that moves, are seen by pages that only refer to them.
    project.replace("docs/sections.md", "First title", "Second title")
    project.replace("docs/cards.md", "SIG-02, SIG-07", "SIG-07")
    project.write("docs/z2.md", "# Filler 2\n\n```{claims} SIG-02\n```\n")
    assert project.build().code == 0
    assert "Second title" in project.page("refs")
    assert 'href="z2.html#claim-sig-02"' in project.page("claimed")


def test_nothing_depends_on_the_place_the_zone_or_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two folders, two time zones, two hash seeds, two languages: the same bytes."""
    pages = {**PAGES, "path.md": "# Path\n\n```{helio} signals flow --path lx-2006 --cite\n```\n"}
    one = Project(tmp_path / "one", pages)
    two = Project(tmp_path / "a longer name" / "two", pages)
    trees = []
    for project, zone, seed, language in ((one, "Pacific/Kiritimati", "1", "C.UTF-8"), (two, "America/Adak", "2", "C")):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("LC_ALL", language)
        project.write("extra/lab/lab.html", "<p>No page of ours, but copied by Sphinx</p>")
        built = project.build("-D", "html_extra_path=extra")
        assert built.code == 0, built.said[-3000:]
        assert (project.folder / "build/html/lab/lab.html").exists()
        assert str(project.folder) not in "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in (project.folder / "build/html").rglob("*")
            if path.suffix in (".html", ".js", ".txt", ".svg") and path.is_file()
        )
        trees.append(project.tree())
    assert trees[0] == trees[1]
    assert os.environ["PYTHONHASHSEED"] == "2"


def test_options_between_hyphens_have_their_line(tmp_path: Path) -> None:
    """MyST takes options in YAML as well; and two pages with a card of one claim lead to the first, in any order."""
    text = "# P\n\n```{helio} signals map USR1 --from linux --to illumos\n---\ncaption: c\nexpect: SIGUSR2\n---\n```\n"
    claimed = "# C\n\nA {claim}`SIG-02`.\n"
    cards = {f"{name}.md": f"# {name}\n\n```{{claims}} SIG-02\n```\n" for name in ("b", "a", "d")}
    filler = {f"z{number}.md": f"# Filler {number}\n" for number in range(5)}
    project = Project(tmp_path, {"index.md": INDEX, "p.md": text, "c.md": claimed, **cards, **filler})
    built = project.build("-j2")
    assert places(built) == [("p.md", 6)]
    assert 'href="a.html#claim-sig-02"' in project.page("c")
