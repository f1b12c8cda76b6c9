"""The checks of a compatibility layer's table and of a log of lx."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest
from tests.unit.door import DATA, ask, table, tsv

from heliograph.signals.model import Policy
from heliograph.signals.parse.log import log_pairs
from heliograph.signals.tables.policies import CODES
from heliograph.signals.translate.trace import LX, agreeing, pairs

NAMED = tsv(DATA / "lx-named.tsv")
REALTIME = tsv(DATA / "lx-realtime.tsv")


def findings(found: dict[str, Any]) -> list[dict[str, Any]]:
    (one,) = [view for view in found["views"] if view["view"] == "findings"]
    items: list[dict[str, Any]] = one["items"]
    return items


def check(text: str, *options: str, against: str = "linux,illumos") -> tuple[int, list[dict[str, Any]]]:
    code, found = ask("signals", "check", "t.csv", "--against", against, *options, files={"t.csv": text})
    return code, findings(found)


# (the rows after the header, (line, column, end column), code, severity, a part of the message, the fix)
FAULTS = [
    ("10,17\n", (2, 4, 6), "wrong-target", "error", "SIGUSR1 is 16 (SIGUSR1) on illumos, the table says 17", "16"),
    ("USR1,USR2\n", (2, 6, 10), "wrong-target", "error", "the table says 17 (SIGUSR2)", "SIGUSR1"),
    ("1,1\n10, 10\n", (3, 5, 7), "wrong-target", "error", "the table says 10 (SIGBUS)", "16"),
    ("STKFLT,9\n", (2, 8, 9), "lost-signal", "error", "illumos has no SIGSTKFLT", None),
    ("PWR,\n", (2, 5, 6), "missing-target", "error", "SIGPWR has a counterpart on illumos: 19", "19"),
    ("PWR,-\n", (2, 5, 6), "missing-target", "error", "SIGPWR has a counterpart on illumos: 19", "SIGPWR"),
    ("STKFLT,EMT\n", (2, 8, 11), "stand-in", "warning", "7 (SIGEMT) stands in for SIGSTKFLT, as in lx", "--policy"),
    ("USR3,16\n", (2, 1, 5), "unknown-signal", "error", "did you mean USR2 or USR1", None),
    ("10,EMTT\n", (2, 4, 8), "unknown-signal", "error", "unknown signal of illumos: 'EMTT'", None),
    ("65,1\n", (2, 1, 3), "unknown-signal", "error", "signals are 1..64", None),
    ("0,0\n", (2, 1, 2), "unknown-signal", "error", "0 is no signal of linux-x86_64", None),
    ("1,1\nHUP,1\n", (3, 1, 4), "duplicate", "warning", "HUP stands in line 2 already", None),
    ("10,16,USR2\n", (2, 7, 11), "wrong-name", "error", "USR2 is 12 on linux-x86_64, and this row is about 10", None),
    ("10,16,what\n", (2, 7, 11), "unknown-signal", "error", "unknown signal of linux-x86_64: 'what'", None),
]


@pytest.mark.parametrize(("text", "place", "code", "severity", "message", "fix"), FAULTS)
def test_one_fault(
    text: str, place: tuple[int, int, int], code: str, severity: str, message: str, fix: str | None
) -> None:
    exit_code, items = check(f"from,to,name\n{text}")
    assert exit_code == 1
    (item,) = items
    assert (item["file"], item["line"], item["column"], item["end_column"]) == ("t.csv", *place)
    assert (item["code"], item["severity"]) == (code, severity)
    assert message in item["message"]
    assert (item["fix"] is None) == (fix is None)
    assert (item["fix"] or "").startswith(fix or "")


def test_two_signals_on_one_number() -> None:
    _code, items = check("from,to\n10,16\n12,16\n")
    assert [(item["code"], item["line"]) for item in items] == [("wrong-target", 3), ("not-injective", 3)]
    assert "is the target of line 2 too" in items[1]["message"]


def test_every_code_is_met_and_explained() -> None:
    met = {row[2] for row in FAULTS} | {"not-injective", "missing-row", "lx-pair"}
    assert met == set(CODES)
    _code, found = ask("signals", "check", "-", "--against", "linux,illumos", "--explain", stdin="from,to\n")
    (prose,) = [view["text"] for view in found["views"] if view["view"] == "prose"]
    assert all(f"{code}: " in prose for code in CODES if code != "lx-pair")


def test_a_complete_table() -> None:
    code, items = check("from,to\n1,1\n", "--complete", against="linux-mips,solaris-2005")
    missing = {item["message"].split()[3] for item in items}
    assert (code, {item["code"] for item in items}) == (1, {"missing-row"})
    # 31 named signals and 8 real-time ones have a counterpart, and one has a row.
    assert len(items) == len(missing) == 38
    assert {item["line"] for item in items} == {2}


@pytest.mark.parametrize(("policy", "native"), [("lx-2006", "solaris-2005"), ("lx-2019", "illumos")])
def test_the_tables_of_lx_are_clean_under_their_own_policy(policy: str, native: str) -> None:
    lines = [f"{row['linux']},{row['solaris']},{row['linux_name']}" for row in NAMED]
    lines += [f"{row['linux']},{row[policy]}," for row in REALTIME]
    text = "from,to,name\n" + "\n".join(lines)
    assert check(text, "--policy", policy, "--complete", against=f"linux,{native}") == (0, [])
    _code, items = check(text, against=f"linux,{native}")
    assert [item["code"] for item in items][:1] == ["stand-in"]


def test_names_that_share_a_number_have_no_counterpart() -> None:
    _code, items = check("from,to\nPWR,PWR\n", against="linux-sparc,illumos")
    assert [item["code"] for item in items] == ["lost-signal"]
    assert "shares 29 with SIGLOST" in items[0]["message"]


def test_cells_after_a_bom_and_before_a_carriage_return() -> None:
    assert check("\ufefffrom,to\r\nUSR1,16\r\n\r\n") == (0, [])
    assert check("from,to\rUSR1,16\r") == (0, [])


def trace(text: str, *options: str) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    code, found = ask("signals", "trace", "-", *options, stdin=text)
    return code, table(found, "trace"), findings(found)


@pytest.mark.parametrize("policy", LX)
def test_the_table_of_a_generation_is_its_log(policy: Policy) -> None:
    joined = [(int(row["solaris"]), int(row["linux"])) for row in NAMED]
    joined += [(int(row[policy]), int(row["linux"])) for row in REALTIME if row[policy] != "-"]
    text = "\n".join(f"sigaction: signal {native} (lx {linux})" for native, linux in joined)
    code, rows, items = trace(text, "--policy", policy)
    assert (code, items) == (0, [])
    assert [(row["native"], row["lx"], row["agrees"]) for row in rows] == [(*pair, [policy]) for pair in joined]
    # Every other pair of numbers is none of the table's.
    every = {(native, linux) for native in range(76) for linux in range(66)}
    assert {pair for pair in every if agreeing(*pair, [policy])} == set(joined)


def test_generations_are_told_apart() -> None:
    text = "10 (lx 7) 41 (lx 32) 42 (lx 32)\n7 (lx 16)\n48 (lx 64) 74 (lx 64)\n"
    code, rows, items = trace(text)
    both, old, new = ["lx-2006", "lx-2008", "lx-2019"], ["lx-2006", "lx-2008"], ["lx-2019"]
    assert (code, items) == (0, [])
    assert [row["agrees"] for row in rows] == [both, old, new, both, old, new]
    assert [row["line"] for row in rows] == [1, 1, 1, 2, 3, 3]
    assert [row["native_name"] for row in rows] == ["SIGBUS", "SIGRTMIN", "SIGRTMIN", "SIGEMT", "SIGRTMAX", "SIGRTMAX"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("7 (lx 10)", (), "native 7 is not what Linux 10 becomes in any of lx-2006, lx-2008, lx-2019: 16 in lx-2006"),
        ("41 (lx 32)", ("--policy", "lx-2019"), "native 41 is not what Linux 32 becomes: 42 in lx-2019"),
        ("48 (lx 39)", ("--policy", "lx-2006"), "native 48 is not what Linux 39 becomes: none in lx-2006"),
        ("9 (lx 99)", (), "Linux has no signal 99"),
        ("9 (lx 0)", (), "Linux has no signal 0"),
        ("99999999999 (lx 9)", (), "native 999 or more is not what Linux 9 becomes"),
        ("7 (lx 7) 7 (lx 7)", (), "(2 times): 10 in lx-2006 and lx-2008 and lx-2019"),
    ],
)
def test_wrong_pairs(text: str, options: tuple[str, ...], message: str) -> None:
    code, rows, items = trace(f"\nlog: {text}\n", *options)
    assert (code, len(rows), len(items)) == (1, 1, 1)
    assert rows[0]["agrees"] == []
    assert (items[0]["code"], items[0]["line"], items[0]["column"]) == ("lx-pair", 2, 6)
    assert message in items[0]["message"]


def test_native_and_linux_are_not_exchanged() -> None:
    assert trace("10 (lx 7)")[0] == 0
    assert trace("7 (lx 10)")[0] == 1


def test_a_log_without_pairs_is_clean() -> None:
    assert trace("") == (0, [], [])
    assert trace("signal 10\n(lx 7)\n") == (0, [], [])


def test_a_long_log_is_read_once_and_not_kept() -> None:
    alive = 0
    most = 0

    class Line(str):
        """A line that counts how many of its kind there are."""

        __slots__ = ()

        def __new__(cls, text: str) -> Line:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__new__(cls, text)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def lines() -> Iterator[str]:
        for number, _ in enumerate(repeat(None, 20_000)):
            yield Line(f"signal {number % 2000} (lx {number % 70})")

    found = pairs(log_pairs(lines()))
    assert most <= 3
    # Numbers out of every range count as one, so that the distinct pairs stay few.
    assert len(found) <= 1000 * 70
    assert sum(pair.count for pair in found) == 20_000
