"""What moved between two objects."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.door import ask, table
from tests.unit.genassym.objects import btf, compiled

from heliograph.cli import run
from heliograph.errors import UnknownNameError
from heliograph.files import MemoryFiles

INT: tuple[str, int, bool, int, list[int | str]] = ("int", 1, False, 4, [1 << 24 | 32])
LONG: tuple[str, int, bool, int, list[int | str]] = ("long", 1, False, 8, [1 << 24 | 64])
OLD = btf(
    [
        INT,
        LONG,
        ("foo", 4, False, 16, ["a", 1, 0, "b", 1, 32, "c", 2, 64]),
        ("same", 4, False, 4, ["a", 1, 0]),
        ("gone", 4, False, 4, ["a", 1, 0]),
        ("bits", 4, True, 4, ["a", 1, 3 << 24, "b", 1, 3 << 24 | 3]),
    ]
)
NEW = btf(
    [
        INT,
        LONG,
        ("foo", 4, False, 24, ["a", 2, 0, "x", 1, 64, "c", 2, 128]),
        ("same", 4, False, 4, ["a", 1, 0]),
        ("bits", 4, True, 4, ["a", 1, 4 << 24, "b", 1, 3 << 24 | 4]),
        ("fresh", 5, False, 4, ["a", 1, 0]),
    ]
)
FILES = {"old": OLD, "new": NEW}


def changed(*argv: str, files: dict[str, bytes] = FILES) -> tuple[int, list[dict[str, Any]]]:
    code, found = ask("genassym", "diff", *argv, files=files)
    return code, table(found, "diff")


def test_all_structures() -> None:
    code, rows = changed("old", "new")
    assert code == 1
    assert [(row["struct"], row["member"], row["change"], row["old_offset"], row["new_offset"]) for row in rows] == [
        ("struct bits", "a", "resized", 0, 0),
        ("struct bits", "b", "moved", 0, 0),
        ("struct foo", "", "resized", None, None),
        ("struct foo", "a", "resized, retyped", 0, 0),
        ("struct foo", "b", "removed", 4, None),
        ("struct foo", "c", "moved", 8, 16),
        ("struct foo", "x", "added", None, 8),
        ("struct gone", "", "removed", None, None),
        ("union fresh", "", "added", None, None),
    ]
    sizes = {row["struct"]: (row["old_size"], row["new_size"]) for row in rows if not row["member"]}
    assert sizes == {"struct foo": (16, 24), "struct gone": (4, None), "union fresh": (None, 4)}
    assert (rows[1]["old_bit_offset"], rows[1]["new_bit_offset"], rows[1]["old_bit_size"]) == (3, 4, 3)


def test_named_structures() -> None:
    assert changed("old", "new", "same") == (0, [])
    code, rows = changed("old", "new", "same", "gone")
    assert code == 1
    assert [row["change"] for row in rows] == ["removed"]
    assert changed("old", "old") == (0, [])
    text = "".join(run(["genassym", "diff", "old", "old"], files=MemoryFiles(FILES)).render())
    assert "every structure lies as it lay" in text


def test_a_name_that_neither_has() -> None:
    with pytest.raises(UnknownNameError, match="foo"):
        run(["genassym", "diff", "old", "new", "fooo"], files=MemoryFiles(FILES))


def test_a_member_that_uses_the_padding_moves_nothing() -> None:
    """As between the launch and 2011: two members were added to the thread, and t_pcb stayed where it was."""
    source = "struct label { long val[8]; }; struct thread { char a; %s struct label pcb; } t;"
    one = compiled("gcc", source=source % "")
    other = compiled("gcc", source=source % "char b; short c;")
    code, rows = changed("one", "other", files={"one": one, "other": other})
    assert code == 1
    assert [(row["member"], row["change"]) for row in rows] == [("b", "added"), ("c", "added")]
