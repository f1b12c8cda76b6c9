"""Sets of signals and wait statuses."""

from __future__ import annotations

from functools import cache

import pytest
from tests.unit.door import ask, rows, table

from heliograph.errors import Error, RangeError, UnsupportedError
from heliograph.signals.model import Policy, Reason, State
from heliograph.signals.parse.sets import mask
from heliograph.signals.system import system_called
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.wait import decode, encode, translate_status


def value_of(*argv: str, stdin: str = "") -> tuple[int, list[dict[str, object]], dict[str, object]]:
    """Return the exit code, the members and the one row of ``mask_value``."""
    code, found = ask("signals", "mask", *argv, stdin=stdin)
    (row,) = table(found, "mask_value")
    return code, table(found, "mask"), row


def test_longs_of_linux_become_words_of_solaris() -> None:
    code, members, value = value_of("0000000180014a03", "--from", "linux", "--to", "illumos")
    assert code == 0
    assert [(row["bit"], row["from"], row["to"]) for row in members] == [
        (0, 1, 1),
        (1, 2, 2),
        (9, 10, 16),
        (11, 12, 17),
        (14, 15, 15),
        (16, 17, 18),
        (31, 32, 42),
        (32, 33, 43),
    ]
    assert value == {
        "value": "0000000000000000000006000003c003",
        "words": ["0003c003", "00000600", "00000000", "00000000"],
        "lost": [],
    }


@pytest.mark.parametrize(
    ("target", "value", "words"),
    [
        # SIGUSR1 and the signal with real-time index 0.
        ("linux-x86_64", "0000000080000200", ["0000000080000200"]),
        ("linux-i386", "0000000080000200", ["80000200", "00000000"]),
        ("linux-sparc64", "00000000a0000000", ["00000000a0000000"]),
        ("linux-mips", "00000000000000000000000080008000", ["80008000", "00000000", "00000000", "00000000"]),
        ("linux-mips64", "00000000000000000000000080008000", ["0000000080008000", "0000000000000000"]),
        ("solaris-2005", "00000000000000000000010000008000", ["00008000", "00000100", "00000000", "00000000"]),
        ("illumos", "00000000000000000000020000008000", ["00008000", "00000200", "00000000", "00000000"]),
        ("freebsd", "00000000000000010000000020000000", ["20000000", "00000000", "00000001", "00000000"]),
        ("netbsd", "00000000000000000000000120000000", ["20000000", "00000001", "00000000", "00000000"]),
    ],
)
def test_spellings_of_one_set(target: str, value: str, words: list[str]) -> None:
    code, _members, found = value_of("80000200", "--from", "linux", "--to", target)
    assert (code, found) == (0, {"value": value, "words": words, "lost": []})


@pytest.mark.parametrize(("policy", "code"), [("strict", 1), ("drop", 0), ("lx-2006", 0)])
def test_losses_are_listed(policy: str, code: int) -> None:
    # SIGSTKFLT, index 6, index 8 and SIGRTMAX of Linux.
    given = f"{1 << 15 | 1 << 37 | 1 << 39 | 1 << 63:x}"
    got, members, value = value_of(given, "--from", "linux", "--to", "solaris-2005", "--policy", policy)
    lx = policy == "lx-2006"
    assert got == code
    assert value["lost"] == (["SIGRTMIN+6"] if lx else ["SIGSTKFLT", "SIGRTMIN+6", "SIGRTMAX"])
    assert [row["to"] for row in members] == ([7, 47, None, 48] if lx else [None, 47, None, None])
    assert value["value"] == f"{1 << 6 | 1 << 46 | 1 << 47 if lx else 1 << 46:032x}"


def test_bits_that_are_no_signal_are_listed() -> None:
    code, members, value = value_of("0,0,0,80000000", "--from", "illumos", "--to", "linux")
    assert code == 1
    assert (members[0]["from"], members[0]["to"], members[0]["why"]) == (128, None, "illumos has no signal 128")
    assert value["lost"] == ["SIG128"]


def test_old_sets_hold_32_signals() -> None:
    code, _members, value = value_of("ffffffff", "--old", "--from", "linux-i386", "--to", "linux-mips")
    assert (code, value["lost"]) == (1, ["SIGSTKFLT"])
    code, members, value = value_of("1,200", "--old", "--from", "illumos", "--to", "linux-i386")
    assert (code, value["words"], value["lost"]) == (0, ["80000001"], [])
    code, members, value = value_of("1,400", "--old", "--from", "illumos", "--to", "linux-i386")
    assert (code, value["words"], value["lost"]) == (1, ["00000001"], ["SIGRTMIN+1"])
    assert str(members[1]["why"]).startswith("its number 33 on linux-i386 does not fit a set there")


def test_the_empty_set_is_an_answer() -> None:
    code, members, value = value_of("0", "--from", "linux", "--to", "darwin")
    assert (code, members, value) == (0, [], {"value": "00000000", "words": ["00000000"], "lost": []})


def test_lines_of_proc() -> None:
    text = "Name:\tsh\nSigBlk:\t0000000000010000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000008200\n"
    code, found = ask("signals", "mask", "-", "--from", "linux", "--to", "illumos", stdin=text)
    assert code == 1
    assert [(row["set"], row["from"], row["to"]) for row in table(found, "mask")] == [
        ("SigBlk", 17, 18),
        ("SigCgt", 10, 16),
        ("SigCgt", 16, None),
    ]
    assert [(row["set"], row["value"][-8:], row["lost"]) for row in table(found, "mask_value")] == [
        ("SigBlk", "00020000", []),
        ("SigIgn", "00000000", []),
        ("SigCgt", "00008000", ["SIGSTKFLT"]),
    ]


def test_proc_reads_through_the_files_port() -> None:
    files = {"/proc/42/status": "SigCgt:\t0000000000000200\n"}
    code, found = ask("signals", "mask", "--proc", "42", "--from", "linux", "--to", "illumos", files=files)
    assert (code, table(found, "mask")[0]["to"]) == (0, 16)


@pytest.mark.parametrize("target", ["linux-i386", "linux-mips64", "illumos", "solaris-2005", "freebsd", "netbsd"])
def test_the_value_reads_back(target: str) -> None:
    for given in ("1", "7fffffff", "80014a03", "ffffffffffffffff"):
        _code, members, value = value_of(given, "--from", "linux", "--to", target)
        arrived = sorted(number for row in members if isinstance(number := row["to"], int))
        words = value["words"]
        assert isinstance(words, list)
        for text in (str(value["value"]), ",".join(words)):
            assert list(mask(text, system_called(target))) == arrived
        # The way back brings what was not lost.
        _code, _members, back = value_of(str(value["value"]), "--from", target, "--to", "linux")
        kept = {row["from"] for row in members if row["to"] is not None}
        assert set(mask(str(back["value"]), system_called("linux"))) == kept


@cache
def strict(source: str, target: str) -> Translator:
    return Translator(system_called(source), system_called(target), Policy.STRICT)


# (status, from, to, state, to status)
STATUSES = [
    (0, "linux", "illumos", State.EXITED, 0),
    (0x0100, "linux", "illumos", State.EXITED, 0x0100),
    (0xFF00, "linux", "freebsd", State.EXITED, 0xFF00),
    (9, "linux", "illumos", State.KILLED, 9),
    (10, "linux", "illumos", State.KILLED, 16),
    (10, "linux", "freebsd", State.KILLED, 30),
    (0x87, "linux", "illumos", State.DUMPED, 0x8A),
    (0x8B, "linux", "illumos", State.DUMPED, 0x8B),
    (16, "linux", "illumos", State.KILLED, None),
    (34, "linux", "illumos", State.KILLED, 44),
    (0x137F, "linux", "illumos", State.STOPPED, 0x177F),
    (0x147F, "linux", "illumos", State.STOPPED, 0x187F),
    (0x187F, "illumos", "linux", State.STOPPED, 0x147F),
    (0xFFFF, "linux", "illumos", State.CONTINUED, 0xFFFF),
    (0xFFFF, "linux", "freebsd", State.CONTINUED, 0x13),
    (0xFFFF, "linux", "darwin", State.CONTINUED, 0x137F),
    (0x13, "freebsd", "linux", State.CONTINUED, 0xFFFF),
    (0x137F, "darwin", "linux", State.CONTINUED, 0xFFFF),
    (0x13, "dragonfly", "openbsd", State.CONTINUED, 0xFFFF),
    # ptrace: a system-call stop and an event are Linux' own.
    (0x857F, "linux", "linux-mips", State.STOPPED, 0x857F),
    (0x857F, "linux", "illumos", State.STOPPED, 0x057F),
    (0x3057F, "linux", "linux-arm", State.STOPPED, 0x3057F),
    (0x3057F, "linux", "illumos", State.STOPPED, 0x057F),
    # What the other layout would read as a continued child.
    (18, "linux", "freebsd", State.KILLED, None),
    (0x127F, "linux", "darwin", State.STOPPED, None),
    (0x127F, "linux", "freebsd", State.STOPPED, 0x137F),
    # What the other layout has no room for: real-time index 62 of MIPS would be FreeBSD's 127, which reads as a stop.
    (93, "linux-mips", "freebsd", State.KILLED, 126),
]


@pytest.mark.parametrize(("given", "source", "target", "state", "value"), STATUSES)
def test_wait_statuses(given: int, source: str, target: str, state: State, value: int | None) -> None:
    found = translate_status(given, strict(source, target))
    assert (found.status.state, found.value) == (state, value)
    code, answer = ask("signals", "wait", hex(given), "--from", source, "--to", target)
    (row,) = table(answer, "wait")
    assert (code, row["status"], row["to_status"]) == (int(value is None), given, value)
    assert row["to_status_hex"] == (None if value is None else f"{value:#06x}")
    assert (row["how"] == "lost") == (value is None)
    assert row["why"]


def test_a_status_that_cannot_be_said_says_why() -> None:
    found = translate_status(18, strict("linux", "freebsd"))
    assert found.signal is not None
    assert (found.signal.reason, found.signal.other) == (Reason.NO_STATUS, "19")
    (row,) = rows("signals", "wait", "0x127f", "--from", "linux", "--to", "darwin")
    assert row["why"] == "its number on darwin is 19, and no wait status there can say so"


@pytest.mark.parametrize("system", ["linux", "linux-mips", "solaris-2005", "illumos", "freebsd", "netbsd", "darwin"])
def test_every_status_of_16_bits_reads_back_or_is_refused(system: str) -> None:
    where = system_called(system)
    answered = {}
    for value in range(0x10000):
        try:
            status = decode(value, where)
        except RangeError:
            continue
        assert encode(status, where) == value
        answered[value] = status
    # 256 exit codes, one continued child, a killer with and without a core, and the stops.
    killers = [number for number in where.numbers if number < 127]
    continued = {0x13} if system == "freebsd" else set()
    assert {value for value, found in answered.items() if found.state is State.EXITED} == set(range(0, 0x10000, 256))
    assert {value for value, found in answered.items() if found.state is State.KILLED} == {*killers} - continued
    assert {value for value, found in answered.items() if found.state is State.DUMPED} == {n | 0x80 for n in killers}
    assert sum(found.state is State.CONTINUED for found in answered.values()) == 1
    stops = {value >> 8 for value, found in answered.items() if found.state is State.STOPPED and not found.syscall_stop}
    assert stops == {*where.numbers} - ({0x13} if system == "darwin" else set())


@pytest.mark.parametrize(
    ("value", "system", "words"),
    [
        (0x80, "linux", "killed is the signal (| 0x80 with a core)"),
        (0x0101, "linux", "exited is code << 8"),
        (0x7F7F, "linux", "127 is none of its signals"),
        (65, "linux", "65 is none of its signals"),
        (0x3057F, "illumos", "bits 16 and up are Linux' ptrace events"),
        (0x30100, "linux", "bits 16 and up are Linux' ptrace events"),
    ],
)
def test_refused_statuses(value: int, system: str, words: str) -> None:
    with pytest.raises(RangeError) as caught:
        decode(value, system_called(system), text=hex(value))
    assert words in caught.value.message
    assert caught.value.text == hex(value)


def test_systems_without_a_known_layout() -> None:
    for source, target in (("linux", "cygwin"), ("haiku", "linux")):
        with pytest.raises(UnsupportedError, match="their layout was not collected"):
            translate_status(0, strict(source, target))


@pytest.mark.parametrize(
    ("policy", "source", "given", "row"),
    [
        ("lx-2019", "illumos", "35", (9, "SIGKILL", "stand-in", 9)),
        ("lx-2019", "illumos", "0xa3", (9, "SIGKILL", "stand-in", 0x89)),
        ("lx-2019", "illumos", "0x237f", (9, "SIGKILL", "stand-in", 0x97F)),
        ("lx-2019", "illumos", "42", (32, "SIG32", "renumbered", 32)),
        ("lx-2008", "solaris-2005", "35", (None, None, "lost", None)),
        ("drop", "illumos", "35", (None, None, "lost", None)),
    ],
)
def test_a_wait_status_under_lx(policy: str, source: str, given: str, row: tuple[object, ...]) -> None:
    code, found = ask("signals", "wait", given, "--from", source, "--to", "linux", "--policy", policy)
    (only,) = table(found, "wait")
    assert (code, tuple(only[key] for key in ("to", "to_name", "how", "to_status"))) == (0, row)


@pytest.mark.parametrize("text", ["0x", "zz", "", "1" * 17])
def test_a_bad_mask_is_told_the_limits(text: str) -> None:
    with pytest.raises(Error, match=r"64 bits \(1 x 64\)"):
        mask(text, system_called("linux"))


def test_an_old_mask_that_is_too_long() -> None:
    with pytest.raises(RangeError, match="longer than an old set of linux-i386, which has 32 bits"):
        mask("100000000", system_called("linux-i386"), old=True)


@pytest.mark.parametrize("line", ["SigCgt:\t0000000000014a03", "SigCgt: 14a03", " SigCgt:0x14a03 "])
def test_a_line_of_proc_is_an_argument_too(line: str) -> None:
    words = ("--from", "linux", "--to", "illumos")
    code, found = ask("signals", "mask", line, *words)
    assert (code, found["views"]) == (
        0,
        ask("signals", "mask", "-", *words, stdin="SigCgt:\t0000000000014a03\n")[1]["views"],
    )
