"""The rows of tools/data/signals.tsv: each can be found, and the generated module is what they say."""

from __future__ import annotations

import runpy
from collections.abc import Iterator

import pytest
from tests.unit.door import ROOT, rows, tsv

from heliograph.signals.model import Libc, System
from heliograph.signals.parse.signals import signal
from heliograph.signals.system import all_systems, system_called
from heliograph.signals.tables.systems import SHARING, SYSTEMS

ROWS = tsv(ROOT / "tools/data/signals.tsv")


def group_of(row: dict[str, str]) -> str:
    return row["os"] if row["arch"] == "*" else f"{row['os']}-{row['arch']}"


GROUPS = sorted({group_of(row) for row in ROWS})


def systems_of(group: str) -> list[System]:
    """Return the systems that take the group's rows as they stand."""
    return [system_called(row.name) for row in SYSTEMS if row.group == group and row.realtime is None]


def of_group(group: str) -> Iterator[tuple[str, int, str]]:
    for row in ROWS:
        if group_of(row) == group:
            yield row["name"], int(row["number"]), row["default_action"]


def test_the_rows_are_all_there() -> None:
    assert len(ROWS) == 1182
    assert len(GROUPS) == 18
    assert {row.group for row in SYSTEMS} == set(GROUPS)


def test_generated_tables_are_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert runpy.run_path(str(ROOT / "tools/make_tables.py"))["main"](["--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("group", GROUPS)
def test_every_name_is_read_as_its_number(group: str) -> None:
    where = systems_of(group)[0]
    for name, number, _action in of_group(group):
        if name.startswith("SIGRTM"):
            # Real-time rows count as the kernel does; only Linux leaves the last one to a C library.
            assert signal(name, where, Libc.KERNEL).number == number
        else:
            read = signal(name, where)
            assert (read.number, read.name) == (number, name)
            # A number is never a name, and gdb has names that look like one: its SIG33 is 45.
            if not name.removeprefix("SIG").isdigit():
                assert signal(name.removeprefix("SIG").lower(), where).number == number


@pytest.mark.parametrize("group", GROUPS)
def test_every_name_maps_to_itself_through_the_command(group: str) -> None:
    system = systems_of(group)[0].name
    sharing = SHARING.get(group, ())
    wanted = [(name, number, action) for name, number, action in of_group(group)]
    words = [name for name, _number, _action in wanted]
    found = rows("signals", "map", *words, "--from", system, "--to", system, "--libc", "kernel")
    for row, (name, number, action) in zip(found, wanted, strict=True):
        assert row["from"] == number
        if name in sharing:
            assert (row["signal"], row["to"], row["how"]) == (name, None, "lost")
            assert "is listed first" in row["why"]
        else:
            assert (row["to"], row["how"]) == (number, "same")
            # The action of a number is the one of the row listed first.
            assert row["action_from"] == row["action_to"] == (None if action == "-" else action)


@pytest.mark.parametrize("group", GROUPS)
def test_list_shows_each_number_once_with_the_first_listed_name(group: str) -> None:
    first: dict[int, tuple[str, str]] = {}
    others: dict[int, list[str]] = {}
    for name, number, action in of_group(group):
        if number in first:
            others.setdefault(number, []).append(name)
        first.setdefault(number, (name, action))
    for where in systems_of(group):
        found = rows("signals", "list", "--system", where.name, "--libc", "kernel")
        assert [row["number"] for row in found] == sorted(first)
        for row in found:
            name, action = first[row["number"]]
            assert row["default_action"] == (None if action == "-" else action)
            if where.realtime and row["number"] in where.realtime:
                index = row["number"] - where.realtime.first
                assert row["note"] == f"real-time index {index}"
            else:
                assert row["name"] == name
                assert all(other in row["note"] for other in others.get(row["number"], []))


def test_realtime_ranges() -> None:
    ranges = {where.name: where.realtime and (where.realtime.first, where.realtime.last) for where in all_systems()}
    linux = {name: (32, 128 if "mips" in name else 64) for name in ranges if name.startswith("linux")}
    assert ranges == linux | {
        "solaris-2005": (41, 48),
        "solaris-11": (41, 72),
        "illumos": (42, 74),
        "freebsd": (65, 126),
        "netbsd": (33, 63),
        **dict.fromkeys(("openbsd", "darwin", "dragonfly", "aix", "haiku", "cygwin", "gdb")),
    }


def test_every_system_cites_a_revision() -> None:
    for where in all_systems():
        assert where.sources
        assert all(source.fact and source.project for source in where.sources)
        assert where.sources[0].revision
        assert where.sources[0].path


def test_system_names_are_unambiguous() -> None:
    names = [row.name for row in SYSTEMS] + [alias for row in SYSTEMS for alias in row.aliases]
    assert len(names) == len(set(names))
    assert all(name == name.casefold() for name in names)
    assert all(system_called(name.upper()).name == system_called(name).name for name in names)
