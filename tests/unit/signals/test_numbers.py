"""Numbers between two systems, against the tables of lx and the facts about single systems."""

from __future__ import annotations

import pytest
from tests.unit.door import DATA, rows, tsv

from heliograph.errors import UnsupportedError
from heliograph.signals.model import How, Libc, Policy, Reason, Signo
from heliograph.signals.parse.signals import signal
from heliograph.signals.system import system_called
from heliograph.signals.translate.compare import compare, only_in_target
from heliograph.signals.translate.numbers import Translator

NAMED = tsv(DATA / "lx-named.tsv")
REALTIME = tsv(DATA / "lx-realtime.tsv")
ACTIONS = tsv(DATA / "default-actions.tsv")
GENERATIONS = [
    (Policy.LX_2006, "solaris-2005"),
    (Policy.LX_2008, "solaris-2005"),
    (Policy.LX_2019, "illumos"),
]


def lx_table(policy: Policy) -> dict[int, int]:
    """Return Linux to Solaris, what has a counterpart only."""
    named = {int(row["linux"]): int(row["solaris"]) for row in NAMED}
    return named | {int(row["linux"]): int(row[policy]) for row in REALTIME if row[policy] != "-"}


def translator(source: str, target: str, policy: Policy = Policy.STRICT) -> Translator:
    return Translator(system_called(source), system_called(target), policy)


def test_the_typed_tables_have_the_sizes_that_their_source_states() -> None:
    assert [int(row["linux"]) for row in NAMED] == list(range(1, 32))
    assert [int(row["linux"]) for row in REALTIME] == list(range(32, 65))
    assert [len(lx_table(policy)) for policy, _native in GENERATIONS] == [39, 39, 64]


@pytest.mark.parametrize("linux", ["linux-x86_64", "linux-i386"])
@pytest.mark.parametrize(("policy", "native"), GENERATIONS)
def test_lx_from_linux(policy: Policy, native: str, linux: str) -> None:
    wanted = lx_table(policy)
    found = {row.source: row.target for row in translator(linux, native, policy).all()}
    assert found == {number: wanted.get(number) for number in range(1, 65)}


@pytest.mark.parametrize("linux", ["linux-x86_64", "linux-i386"])
@pytest.mark.parametrize(("policy", "native"), GENERATIONS)
def test_lx_from_solaris(policy: Policy, native: str, linux: str) -> None:
    wanted = {solaris: number for number, solaris in lx_table(policy).items()}
    found = {row.source: row.target for row in translator(native, linux, policy).all()}
    last = system_called(native).last
    assert found == {number: wanted.get(number) for number in range(1, last + 1)}
    unmapped = [number for number, target in found.items() if target is None]
    assert unmapped == list(range(32, 42 if native == "illumos" else 41))


@pytest.mark.parametrize(("policy", "native"), GENERATIONS)
def test_lx_names(policy: Policy, native: str) -> None:
    words = [row["linux"] for row in NAMED]
    found = rows("signals", "map", *words, "--from", "linux", "--to", native, "--policy", policy)
    for row, wanted in zip(found, NAMED, strict=True):
        assert row["signal"] == wanted["linux_name"]
        # The header lists SIGCHLD before SIGCLD; either is 18.
        assert row["to_name"] == wanted["solaris_name"].replace("SIGCLD", "SIGCHLD")
        assert signal(wanted["solaris_name"], system_called(native)).number == row["to"]
        how = "same" if wanted["linux"] == wanted["solaris"] else "renumbered"
        assert row["how"] == ("stand-in" if wanted["linux"] == "16" else how)


def test_the_lost_figure_has_nineteen_rows() -> None:
    found = rows("signals", "diff", "linux", "solaris-2005")
    assert [row["from"] for row in found if row["from"] < 32] == [7, 10, 12, *range(16, 32)]
    wanted = {int(row["linux"]): int(row["solaris"]) for row in NAMED} | {16: None}
    assert {row["from"]: row["to"] for row in found if row["from"] < 32} == {
        number: wanted[number] for number in [7, 10, 12, *range(16, 32)]
    }


def test_diff_lists_what_only_the_other_has() -> None:
    only = rows("signals", "diff", "linux", "solaris-2005", ident="only_in_b")
    names = ["EMT", "WAITING", "LWP", "FREEZE", "THAW", "CANCEL", "LOST", "XRES", "JVM1", "JVM2"]
    assert [(row["number"], row["name"]) for row in only] == list(
        zip([7, *range(32, 41)], [f"SIG{name}" for name in names], strict=True)
    )


def test_default_actions_by_name() -> None:
    for system in ("linux", "solaris-2005"):
        where = system_called(system)
        for row in ACTIONS:
            if row[system] != "-":
                assert where.action(signal(row["name"], where).number) == row[system], row["name"]
            else:
                assert all(row["name"] not in entry.names for entry in where.signals.values())
    named = {name for row in ACTIONS for name in (row["name"],) if row["solaris-2005"] != "-"}
    solaris = system_called("solaris-2005")
    assert len(solaris.signals) == len(named) == 40


@pytest.mark.parametrize(
    ("policy", "native", "names"),
    [
        ("strict", "solaris-2005", ["SIGPWR"]),
        ("drop", "solaris-2005", ["SIGPWR"]),
        ("lx-2006", "solaris-2005", ["SIGSTKFLT", "SIGPWR"]),
        ("lx-2008", "solaris-2005", ["SIGSTKFLT", "SIGPWR"]),
        ("lx-2019", "illumos", ["SIGSTKFLT", "SIGPWR"]),
    ],
)
def test_which_default_actions_differ(policy: str, native: str, names: list[str]) -> None:
    found = rows("signals", "default", "--compare", "linux", native, "--policy", policy)
    assert [row["signal"] for row in found if row["differs"]] == names
    assert len(found) == 64
    # What is lost has no action to compare with.
    assert all(row["differs"] is None for row in found if row["action_to"] is None)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("freebsd", ["SIGXCPU", "SIGXFSZ", "SIGIO"]),
        ("netbsd", ["SIGXCPU", "SIGXFSZ", "SIGIO", "SIGPWR"]),
        ("openbsd", ["SIGXCPU", "SIGXFSZ", "SIGIO"]),
        ("darwin", ["SIGXCPU", "SIGXFSZ", "SIGIO"]),
    ],
)
def test_default_actions_of_the_bsds(target: str, names: list[str]) -> None:
    found = rows("signals", "default", "--compare", "linux", target)
    assert [row["signal"] for row in found if row["differs"]] == names


@pytest.mark.parametrize("mips", ["linux-mips", "linux-mips64"])
@pytest.mark.parametrize("solaris", ["solaris-2005", "solaris-11", "illumos"])
def test_linux_on_mips_has_the_numbers_of_solaris(mips: str, solaris: str) -> None:
    there = translator(mips, solaris)
    for number in range(1, 32):
        row = there.number(Signo(number))
        assert (row.target, row.how, row.reason in (Reason.NAME, Reason.ALIAS)) == (number, How.SAME, True)
    differing = [n for n in range(1, 32) if there.source.action(n) != there.target.action(n)]
    assert differing == [19]


# (from, signal, to, how, to number, a part of the reason)
SINGLE = [
    ("linux", "STKFLT", "solaris-2005", None, "solaris-2005 has no SIGSTKFLT"),
    ("linux", "PWR", "linux-sparc", None, "on linux-sparc SIGPWR shares 29 with SIGLOST, which is listed first"),
    ("linux", "PWR", "linux-alpha", None, "on linux-alpha SIGPWR shares 29 with SIGINFO, which is listed first"),
    ("linux-sparc", "PWR", "linux", None, "on linux-sparc SIGPWR shares 29 with SIGLOST, which is listed first"),
    ("linux-sparc", "LOST", "solaris-2005", 37, "by name"),
    ("linux-sparc", "29", "solaris-2005", 37, "by name"),
    ("linux-sparc", "LOST", "linux", None, "linux-x86_64 has no SIGLOST"),
    ("solaris-2005", "PWR", "linux-sparc", None, "which is listed first"),
    ("solaris-2005", "LOST", "linux-sparc", 29, "by name"),
    ("linux-alpha", "PWR", "freebsd", None, "on linux-alpha SIGPWR shares 29 with SIGINFO, which is listed first"),
    ("linux-alpha", "INFO", "freebsd", 29, "by name"),
    ("darwin", "POLL", "illumos", None, "on darwin SIGPOLL shares 7 with SIGEMT, which is listed first"),
    ("darwin", "EMT", "illumos", 7, "by name"),
    ("darwin", "7", "illumos", 7, "by name"),
    ("darwin", "IO", "illumos", 22, "by"),
    ("linux-mips", "POLL", "darwin", None, "on darwin SIGPOLL shares 7 with SIGEMT, which is listed first"),
    ("linux-mips", "IO", "darwin", 23, "by name"),
    ("linux-mips", "22", "darwin", 23, "by"),
    ("linux", "IOT", "freebsd", 6, "by name"),
    ("linux", "UNUSED", "freebsd", 12, "by name"),
    ("solaris-2005", "CLD", "darwin", 20, "by"),
    ("linux-parisc", "STKFLT", "linux", 16, "by name"),
    ("linux-parisc", "XCPU", "linux", 24, "by name"),
    ("linux-parisc", "12", "linux", 24, "by name"),
    ("linux-parisc", "SYS", "linux", 31, "by name"),
    ("gdb", "SIG33", "linux", None, "linux-x86_64 has no SIG33"),
    ("gdb", "SIGPOLL", "linux", None, "goes to gdb's SIGIO"),
    ("gdb", "SIGIO", "solaris-2005", None, "goes to gdb's SIGPOLL"),
    ("linux", "RTMIN", "openbsd", None, "openbsd has no real-time signals"),
    ("freebsd", "THR", "illumos", 33, "by its other name SIGLWP"),
]


@pytest.mark.parametrize(("source", "word", "target", "number", "reason"), SINGLE)
def test_single_signals(source: str, word: str, target: str, number: int | None, reason: str) -> None:
    (row,) = rows("signals", "map", word, "--from", source, "--to", target)
    assert row["to"] == number
    assert reason in row["why"]
    assert (row["how"] == "lost") == (number is None) == (row["to_name"] is None) == (row["action_to"] is None)


# Which number RTMIN+k and RTMAX-k are, by who counts.
COUNTED = [
    ("linux", "RTMIN", "glibc", 34),
    ("linux", "RTMIN", "musl", 35),
    ("linux", "RTMIN", "kernel", 32),
    ("linux", "RTMIN+3", "glibc", 37),
    ("linux", "RTMIN+3", "musl", 38),
    ("linux", "RTMIN+3", "kernel", 35),
    ("linux", "SIGRTMIN+3", "glibc", 37),
    ("linux", "sigrtmin+3", "glibc", 37),
    ("linux", "RTMAX", "glibc", 64),
    ("linux", "RTMAX-1", "musl", 63),
    ("linux", "RTMAX-30", "glibc", 34),
    ("linux", "RTMIN+30", "glibc", 64),
    ("linux", "RTMIN+29", "musl", 64),
    ("linux-mips", "RTMAX", "glibc", 127),
    ("linux-mips", "RTMAX", "musl", 127),
    ("linux-mips", "RTMAX", "kernel", 128),
    ("linux-mips64", "RTMAX-1", "glibc", 126),
    ("illumos", "RTMIN+3", "glibc", 45),
    ("illumos", "RTMIN+3", "musl", 45),
    ("illumos", "RTMAX", "kernel", 74),
    ("solaris-2005", "RTMAX-7", "kernel", 41),
    ("freebsd", "RTMIN", "glibc", 65),
]


@pytest.mark.parametrize(("system", "word", "libc", "number"), COUNTED)
def test_real_time_words(system: str, word: str, libc: str, number: int) -> None:
    assert signal(word, system_called(system), Libc(libc)).number == number


@pytest.mark.parametrize("libc", [*Libc])
def test_real_time_signals_go_by_kernel_index(libc: Libc) -> None:
    words = [str(number) for number in range(32, 65)]
    found = rows("signals", "map", *words, "--from", "linux", "--to", "illumos", "--libc", libc)
    assert [row["to"] for row in found] == list(range(42, 75))
    first = {"glibc": 34, "musl": 35, "kernel": 32}[libc]
    for row in found:
        assert f"SIGRTMIN of Linux is {first} as {'the ' * (libc == 'kernel')}{libc} counts" in row["why"]
        if row["from"] > first and row["from"] < 64:
            assert row["signal"] == f"SIGRTMIN+{row['from'] - first}"
    ends = ["SIG32", "SIG33", "SIG34"][: first - 32]
    assert [row["signal"] for row in found[: first - 32]] == ends
    assert found[first - 32]["signal"] == "SIGRTMIN"
    assert found[-1]["signal"] == "SIGRTMAX"


def test_libc_is_not_named_where_it_does_not_matter() -> None:
    for source, target in (("solaris-2005", "illumos"), ("freebsd", "netbsd")):
        (row,) = rows("signals", "map", "RTMIN+1", "--from", source, "--to", target)
        assert "Linux" not in row["why"]


@pytest.mark.parametrize("policy", [Policy.LX_2006, Policy.LX_2008, Policy.LX_2019])
@pytest.mark.parametrize(
    ("source", "target"),
    [("linux", "freebsd"), ("linux-mips", "illumos"), ("illumos", "solaris-2005"), ("linux", "linux")],
)
def test_lx_knows_x86_linux_on_solaris_only(policy: Policy, source: str, target: str) -> None:
    with pytest.raises(UnsupportedError, match="lx runs x86 Linux programs on Solaris"):
        translator(source, target, policy)


def test_a_loss_says_what_lx_does_in_that_direction() -> None:
    (there,) = rows("signals", "map", "50", "--from", "linux", "--to", "solaris-2005", "--policy", "lx-2006")
    assert "kill returns EINVAL" in there["why"]
    (back,) = rows("signals", "map", "WAITING", "--from", "solaris-2005", "--to", "linux", "--policy", "lx-2006")
    assert "kill" not in back["why"]
    assert "ignored from the start" in back["why"]


def test_compare_of_a_loss_is_a_difference() -> None:
    there = translator("linux", "solaris-2005")
    lost = compare(there, there.number(Signo(16)))
    assert lost.differs
    assert lost.action_to is None
    assert only_in_target(translator("linux", "linux")) == []
