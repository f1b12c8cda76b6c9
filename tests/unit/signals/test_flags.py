"""Flags by name, and what the generations of lx hand on."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.door import ask, table

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError, UnknownNameError, UnsupportedError
from heliograph.signals.system import all_systems, system_called
from heliograph.signals.tables.flags import FLAGS, GROUPS, PREFIXES
from heliograph.signals.translate.flags import FlagHow, flags_of, translate_flags
from heliograph.signals.translate.numbers import Translator


def flags(*argv: str) -> tuple[int, dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the exit code, the word, and the rows by name."""
    code, found = ask("signals", "flags", *argv)
    (word,) = table(found, "flags_value")
    return code, word, {row["name"] or row["value_from"]: row for row in table(found, "flags")}


@pytest.mark.parametrize(
    ("source", "given", "target", "value"),
    [
        ("linux", 0x14 << 24 | 7, "linux-alpha", None),
        ("linux", 0x10000004, "solaris-2005", 0xC),
        ("linux-mips", 0x10000008, "illumos", 0xC),
        ("linux-sparc", 0x202, "linux", 0x10000004),
        ("linux-parisc", 0x50, "freebsd", 0x42),
        ("darwin", 0x42, "linux", 0x10000004),
        ("solaris-2005", 0x3001F, "linux", 0xD8000007),
    ],
)
def test_flags_go_by_name(source: str, given: int, target: str, value: int | None) -> None:
    code, word, _rows = flags(f"{given:x}", "--from", source, "--to", target)
    if value is None:
        assert (code, word["lost"]) == (1, ["SA_RESTORER"])
    else:
        assert (code, word["value"], word["lost"], word["unknown"]) == (0, value, [], [])


@pytest.mark.parametrize(("policy", "code"), [("strict", 1), ("drop", 0)])
def test_unknown_bits_are_reported_and_not_copied(policy: str, code: int) -> None:
    got, word, rows = flags("0x30", "--from", "linux", "--to", "illumos", "--policy", policy)
    assert (got, word["value"], word["unknown"]) == (code, 0, ["0x00000010", "0x00000020"])
    assert (rows["0x00000010"]["how"], rows["0x00000010"]["value_to"]) == ("unknown", None)


@pytest.mark.parametrize(
    ("policy", "signal", "value", "lost"),
    [
        ("lx-2006", "USR1", 0xB, ["SA_RESTORER"]),
        ("lx-2008", "USR1", 0xB, ["SA_RESTORER"]),
        ("lx-2019", "USR1", 0xA, ["SA_RESTORER", "SA_ONSTACK"]),
        ("lx-2006", "PWR", 0x9, ["SA_RESTORER", "SA_RESETHAND"]),
        ("lx-2019", "PWR", 0x8, ["SA_RESTORER", "SA_ONSTACK", "SA_RESETHAND"]),
    ],
)
def test_lx_forces_siginfo_and_keeps_some(policy: str, signal: str, value: int, lost: list[str]) -> None:
    argv = ("8c000000", "--from", "linux", "--to", "solaris-2005", "--policy", policy, "--signal", signal)
    code, word, rows = flags(*argv)
    assert (code, word["value"], word["lost"]) == (0, value, lost)
    assert (rows["SA_SIGINFO"]["how"], rows["SA_SIGINFO"]["value_from"]) == ("added", None)


def test_solaris_keeps_some_handlers_in_spite_of_resethand() -> None:
    argv = ("RESETHAND", "--from", "linux", "--to", "illumos")
    for signal, kept in (("ILL", True), ("TRAP", True), ("PWR", True), ("USR1", False)):
        _code, word, rows = flags(*argv, "--signal", signal)
        assert word["value"] == 2
        assert ("ignores it" in rows["SA_RESETHAND"]["why"]) is kept


@pytest.mark.parametrize(
    ("kind", "given", "source", "target", "value"),
    [
        ("how", "0", "linux", "illumos", 1),
        ("how", "SETMASK", "linux-sparc", "linux", 2),
        ("how", "4", "linux-sparc", "darwin", 3),
        ("how", "0x1", "solaris-2005", "linux", 0),
        ("ss", "2", "linux", "darwin", 4),
        ("ss", "DISABLE|ONSTACK", "freebsd", "illumos", 3),
    ],
)
def test_how_and_ss(kind: str, given: str, source: str, target: str, value: int) -> None:
    code, word, _rows = flags(given, "--kind", kind, "--from", source, "--to", target)
    assert (code, word["value"]) == (0, value)


@pytest.mark.parametrize(("given", "source"), [("3", "linux"), ("0", "illumos"), ("3", "linux-sparc")])
def test_a_how_that_is_none(given: str, source: str) -> None:
    code, word, _rows = flags(given, "--kind", "how", "--from", source, "--to", "linux-alpha")
    assert (code, word["value"], word["unknown"]) == (1, None, [given])


def test_uc_flags_have_no_counterpart() -> None:
    code, word, _rows = flags("7", "--kind", "uc", "--from", "linux", "--to", "illumos")
    assert (code, word["value"], len(word["lost"])) == (1, 0, 3)
    code, word, rows = flags("f", "--kind", "uc", "--from", "illumos", "--to", "linux", "--policy", "lx-2019")
    assert (code, word["value"]) == (0, 0)
    assert "always writes 0" in rows["UC_FPU"]["why"]


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("", "--from", "linux", "--to", "illumos"), ParseError),
        (("1ffffffff", "--from", "linux", "--to", "illumos"), RangeError),
        (("-1", "--kind", "how", "--from", "linux", "--to", "illumos"), RangeError),
        (("SIGINFO|NOPE", "--from", "linux", "--to", "illumos"), UnknownNameError),
        (("BLOCK,SETMASK", "--kind", "how", "--from", "linux", "--to", "illumos"), ParseError),
        (("!", "--from", "linux", "--to", "illumos"), ParseError),
        (("1", "--from", "aix", "--to", "illumos"), UnsupportedError),
        (("1", "--kind", "uc", "--from", "linux-arm", "--to", "illumos"), UnsupportedError),
        (("1", "--from", "illumos", "--to", "linux", "--policy", "lx-2006"), UnsupportedError),
        (("1", "--from", "linux", "--to", "darwin", "--policy", "lx-2006"), UnsupportedError),
        (("1", "--from", "linux", "--to", "illumos", "--signal", "NOPE"), UnknownNameError),
    ],
)
def test_what_is_refused(argv: tuple[str, ...], kind: type[Error]) -> None:
    with pytest.raises(kind):
        run(("signals", "flags", *argv))


def test_a_wrong_name_has_a_place() -> None:
    with pytest.raises(UnknownNameError) as caught:
        run(("signals", "flags", "SIGINFO|RESTRAT", "--from", "linux", "--to", "illumos"))
    assert "SA_RESTART" in caught.value.message
    assert caught.value.span is not None
    assert caught.value.text is not None
    assert caught.value.span.column is not None
    assert caught.value.text[caught.value.span.column - 1 :].startswith("RESTRAT")


def test_every_group_round_trips_by_name() -> None:
    names = [where.name for where in all_systems() if where.name in GROUPS]
    assert len(names) == len(GROUPS) == 15
    for one in names:
        for other in names:
            there = Translator(system_called(one), system_called(other))
            back = Translator(system_called(other), system_called(one))
            for kind in PREFIXES:
                if kind in FLAGS[GROUPS[one]] and kind in FLAGS[GROUPS[other]]:
                    for value in flags_of(there.source, kind).values():
                        found = translate_flags(value, kind, there)
                        if found.value and not found.lost:
                            assert translate_flags(found.value, kind, back).value == value


def test_values_of_a_kind_do_not_overlap() -> None:
    for kinds in FLAGS.values():
        for kind, values in kinds.items():
            assert len(set(values.values())) == len(values)
            if kind != "how":
                assert all(value.bit_count() == 1 for value in values.values())
    assert len(FlagHow) == 5
