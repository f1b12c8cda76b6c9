"""Text to model: what is read, and what is refused with which words."""

from __future__ import annotations

import pytest

from heliograph.errors import Error, ParseError, RangeError, UnknownNameError, UnsupportedError
from heliograph.signals.model import Libc
from heliograph.signals.parse.layer import layer_table
from heliograph.signals.parse.log import log_pairs
from heliograph.signals.parse.sets import mask, mask_spelling, status_masks, wait_status
from heliograph.signals.parse.signals import integer, signal, signal_names
from heliograph.signals.system import all_systems, system_called

LINUX = system_called("linux")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("10", 10),
        ("+7", 7),
        ("-1", -1),
        ("-0", 0),
        ("0x1f", 31),
        ("0XFF", 255),
        ("0" * 40 + "9", 9),
        ("", None),
        ("x", None),
        ("0x", None),
        ("1e3", None),
        ("1_0", None),
        ("--1", None),
        ("١٠", None),
        ("²", None),
        ("10\n", None),
    ],
)
def test_integer(text: str, number: int | None) -> None:
    assert integer(text) == number


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_huge_integer_is_cheap_and_beyond_every_range(sign: str) -> None:
    found = integer(sign + "9" * 100_000)
    assert found is not None
    assert abs(found) > 2**53
    assert (found < 0) == bool(sign)


@pytest.mark.parametrize("text", ["USR1", "usr1", "SIGUSR1", "SigUsr1", " USR1 ", "10", "0xA", "SIG10", "+10", "010"])
def test_spellings_of_a_signal(text: str) -> None:
    assert signal(text, LINUX).number == 10


@pytest.mark.parametrize(("text", "number"), [("CLD", 17), ("SIGCLD", 17), ("POLL", 29), ("IOT", 6), ("UNUSED", 31)])
def test_other_names_of_a_signal(text: str, number: int) -> None:
    assert signal(text, LINUX).number == number


def test_every_name_that_is_offered_is_read() -> None:
    for where in all_systems():
        for libc in Libc:
            for name in signal_names(where, libc):
                assert signal(name, where, libc).number in where.numbers


@pytest.mark.parametrize(
    ("text", "system", "kind", "words"),
    [
        (
            "0",
            "linux",
            RangeError,
            "0 is no signal of linux-x86_64, it is kill's probe for a process; signals are 1..64",
        ),
        ("65", "linux", RangeError, "65 is no signal of linux-x86_64; signals are 1..64"),
        ("-1", "linux", RangeError, "-1 is no signal of linux-x86_64; signals are 1..64"),
        ("129", "linux-mips", RangeError, "signals are 1..128"),
        ("34", "freebsd", RangeError, "signals are 1..33, 65..126"),
        ("75", "illumos", RangeError, "signals are 1..74"),
        ("49", "solaris-2005", RangeError, "signals are 1..48"),
        ("", "linux", ParseError, "an empty word is no signal"),
        ("USR3", "linux", UnknownNameError, "did you mean USR2 or USR1"),
        ("SIGUSR3", "linux", UnknownNameError, "did you mean SIGUSR2 or SIGUSR1"),
        ("EMT", "linux", UnknownNameError, "helio signals list --system linux-x86_64 lists them"),
        ("RTMIN+31", "linux", RangeError, "RTMIN+0..RTMIN+30 are 34..64 as glibc counts"),
        ("RTMIN+" + "9" * 5000, "linux", RangeError, "are 34..64 as glibc counts"),
        ("RTMAX-31", "linux", RangeError, "are 34..64 as glibc counts"),
        ("RTMIN+8", "solaris-2005", RangeError, "RTMIN+0..RTMIN+7 are 41..48"),
        ("RTMIN-1", "linux", RangeError, "written RTMIN+k or RTMAX-k, not RTMIN-k"),
        ("RTMAX+1", "linux", RangeError, "written RTMIN+k or RTMAX-k, not RTMAX+k"),
        ("RTMIN", "openbsd", RangeError, "openbsd has no real-time signals"),
        ("RTMIN+", "linux", UnknownNameError, "did you mean"),
    ],
)
def test_refused_signals(text: str, system: str, kind: type[Error], words: str) -> None:
    with pytest.raises(kind) as caught:
        signal(text, system_called(system))
    assert words in caught.value.message
    assert caught.value.text == text
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("linus", "did you mean linux"),
        ("solaris", "which one: solaris-2005, solaris-11, illumos?"),
        ("opensolari", "did you mean opensolaris"),
        ("free-bsd", "did you mean freebsd"),
        ("", "helio signals systems lists them"),
    ],
)
def test_refused_systems(text: str, words: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        system_called(text)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("text", "system", "old", "members"),
    [
        ("0", "linux", False, []),
        ("1", "linux", False, [1]),
        ("0x14002", "linux", False, [2, 15, 17]),
        ("8000000000000000", "linux", False, [64]),
        ("80000000,1", "linux-i386", False, [32, 33]),
        ("1,0,0,80000000", "illumos", False, [1, 128]),
        ("80000000000000000000000000000001", "illumos", False, [1, 128]),
        ("1,8000000000000000", "linux-mips64", False, [1, 128]),
        ("0,0,0,80000000", "linux-mips", False, [128]),
        (" 1 , 2 ", "linux-i386", False, [1, 34]),
        ("80000000", "linux", True, [32]),
        ("DEADBEEF", "darwin", False, [n + 1 for n in range(32) if 0xDEADBEEF >> n & 1]),
        ("0" * 5000 + "1", "linux", False, [1]),
    ],
)
def test_masks(text: str, system: str, old: bool, members: list[int]) -> None:
    assert list(mask(text, system_called(system), old=old)) == members


@pytest.mark.parametrize(
    ("text", "system", "old", "kind", "words", "columns"),
    [
        ("", "linux", False, ParseError, "an empty text is no mask; the empty set of linux-x86_64 is 0", None),
        ("  ", "linux", False, ParseError, "an empty text is no mask", None),
        ("0x", "linux", False, ParseError, "'0x' is no hexadecimal number", (1, 3)),
        ("-1", "linux", False, ParseError, "'-1' is no hexadecimal number", (1, 3)),
        ("1,", "linux-i386", False, ParseError, "'' is no hexadecimal number", (3, 4)),
        ("1,xyz", "linux-i386", False, ParseError, "words of 32 bits, low word first", (3, 6)),
        ("١", "linux", False, ParseError, "is no hexadecimal number", (1, 2)),
        ("10000000000000000", "linux", False, RangeError, "which has 64 bits (1 x 64)", None),
        ("f" * 5000, "linux", False, RangeError, "which has 64 bits (1 x 64)", None),
        ("1,2", "linux", False, RangeError, "which has 64 bits (1 x 64)", None),
        ("1,2,3", "linux-i386", False, RangeError, "which has 64 bits (2 x 32)", None),
        ("1,100000000", "linux-i386", False, RangeError, "the word 100000000 is longer than 32 bits", (3, 12)),
        ("0,0,0,0,0", "illumos", False, RangeError, "which has 128 bits (4 x 32)", None),
        ("100000000", "linux", True, RangeError, "old set of linux-x86_64, which has 32 bits (1 x 32)", None),
        ("1", "cygwin", False, UnsupportedError, "their layout was not collected", None),
        ("1", "illumos", True, UnsupportedError, "only Linux has old_sigset_t", None),
    ],
)
def test_refused_masks(
    text: str, system: str, old: bool, kind: type[Error], words: str, columns: tuple[int, int] | None
) -> None:
    with pytest.raises(kind) as caught:
        mask(text, system_called(system), old=old)
    assert words in caught.value.message
    if columns is not None:
        assert caught.value.span is not None
        assert (caught.value.span.column, caught.value.span.end_column) == columns


STATUS = """Name:\tsh
SigQ:\t0/63441
SigPnd:\t0000000000000000
ShdPnd:\t0000000000000100
SigBlk:\t0000000000010000
SigIgn:\t0000000000384004
SigCgt:\t000000004b813efb
CapInh:\t0000000000000000
"""


def test_lines_of_a_status_file() -> None:
    found = status_masks(STATUS, "status", LINUX)
    assert [one.label for one in found] == ["SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"]
    assert found[0].members == ()
    assert found[1].members == (9,)
    assert found[2].members == (17,)
    assert found[3].members == (3, 15, 20, 21, 22)


def test_a_single_mask_in_a_file() -> None:
    (one,) = status_masks("\n  0000000000000100 \n\n", "-", LINUX)
    assert (one.label, one.members) == ("", (9,))


@pytest.mark.parametrize(
    ("text", "line", "column", "end"),
    [
        ("", 1, 1, None),
        ("\n \n", 1, 1, None),
        ("SigBlk: zz\n", 1, 9, 11),
        ("Name: sh\nSigBlk:\t\n", 2, 9, 10),
        ("Name: sh\nSigCgt: 1ffffffffffffffff\n", 2, 9, 26),
        ("1\n2\n", 2, 1, 2),
        ("what\n", 1, 1, 5),
    ],
)
def test_refused_status_files(text: str, line: int, column: int, end: int | None) -> None:
    with pytest.raises(Error) as caught:
        status_masks(text, "status", LINUX)
    span = caught.value.span
    assert span is not None
    assert (span.file, span.line, span.column, span.end_column) == ("status", line, column, end)


def test_spelling_of_an_old_set() -> None:
    assert mask_spelling(system_called("linux-mips"), old=True).bits == 32


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("139", 139), ("0x8b", 139), (" 9 ", 9), ("0xffffff", 0xFFFFFF)])
def test_wait_statuses(text: str, value: int) -> None:
    assert wait_status(text) == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ParseError),
        ("8b", ParseError),
        ("0x", ParseError),
        ("-1", RangeError),
        ("0x1000000", RangeError),
        ("9" * 5000, RangeError),
        ("0x" + "f" * 5000, RangeError),
    ],
)
def test_refused_wait_statuses(text: str, kind: type[Error]) -> None:
    with pytest.raises(kind):
        wait_status(text)


def test_layer_table_keeps_the_columns_of_its_cells() -> None:
    text = '# ours\n\nname,to,extra,from\n"USR1", 16 , "x, y",10\nHUP,1,,1\n'
    first, second = layer_table(text, "t.csv")
    assert (first.line, first.source, first.target, first.name) == (4, ("10", 21), ("16", 9), ("USR1", 2))
    assert (second.line, second.source, second.target, second.name) == (5, ("1", 8), ("1", 5), ("HUP", 1))


@pytest.mark.parametrize("cell", ["", "-", "-1", "0", "none", "NULL"])
def test_layer_table_can_say_that_there_is_no_counterpart(cell: str) -> None:
    (row,) = layer_table(f"from,to\n16,{cell}\n", "t.csv")
    assert row.no_target


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("", 1, 1, "no header: the first line is from,to[,name]"),
        ("# nothing else\n", 1, 1, "no header"),
        ("number,to\n1,1\n", 1, 1, "the header has no column 'from'"),
        ("\nfrom,target\n1,1\n", 2, 1, "the header has no column 'to'"),
        ("from,to\n1,1\n2\n", 3, 2, "the row has no column 'to': 1 cells where the header needs 2"),
        ("to,name,from\n1,x\n", 2, 4, "the row has no column 'from': 2 cells where the header needs 3"),
        ('from,to\n"1,1\n', 2, 1, "not a row of comma-separated values"),
    ],
)
def test_refused_layer_tables(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(ParseError) as caught:
        layer_table(text, "t.csv")
    assert words in caught.value.message
    assert caught.value.span is not None
    assert (caught.value.span.file, caught.value.span.line, caught.value.span.column) == ("t.csv", line, column)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("signal 10 (lx 7)", [(10, 7, 8, 17)]),
        ("10 (lx 7), 16 (lx 10)", [(10, 7, 1, 10), (16, 10, 12, 22)]),
        ("10(lx  7)", [(10, 7, 1, 10)]),
        ("signal 010 (lx 007)", [(10, 7, 8, 20)]),
        ("signal 99999999999 (lx 7)", [(999, 7, 8, 26)]),
        ("signal 10 (linux 7)", []),
        ("x10 (lx 7)", []),
        ("1.10 (lx 7)", []),
        ("10 (lx )", []),
        ("(lx 7)", []),
        ("", []),
    ],
)
def test_pairs_in_a_log(line: str, found: list[tuple[int, int, int, int]]) -> None:
    got = list(log_pairs(["nothing", line]))
    assert got == [(native, linux, 2, column, end) for native, linux, column, end in found]
