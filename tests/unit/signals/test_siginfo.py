"""siginfo: which arm, what the codes mean, the translation field by field, and what lx made of it."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.unit.door import ask, table

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError, UnknownNameError, UnsupportedError, UsageError
from heliograph.files import MemoryFiles
from heliograph.signals.parse.siginfo import hex_bytes, image
from heliograph.signals.parse.signals import signal as read
from heliograph.signals.render import siginfo as render
from heliograph.signals.system import system_called
from heliograph.signals.tables.codes import GENERAL, NEAREST, NO_INFORMATION, SPECIFIC
from heliograph.signals.tables.layouts import ABIS, abi_called
from heliograph.signals.tables.siginfo import ARMS_BY_CODE, ARMS_BY_PAIR, ARMS_BY_SIGNAL, SIGINFO
from heliograph.signals.translate.layouts import gaps
from heliograph.signals.translate.siginfo import (
    ArmReason,
    FieldWhy,
    arm_of,
    decode_siginfo,
    encode_siginfo,
    members_of,
    translate_siginfo,
)


def linux64(signo: int, code: int, fmt: str = "", *values: int, errno: int = 0) -> bytes:
    return (struct.pack("<iiii", signo, errno, code, 0) + struct.pack("<" + fmt, *values)).ljust(128, b"\0")


def linux32(signo: int, code: int, fmt: str = "", *values: int, errno: int = 0) -> bytes:
    return (struct.pack("<iii", signo, errno, code) + struct.pack("<" + fmt, *values)).ljust(128, b"\0")


def solaris32(signo: int, code: int, fmt: str = "", *values: int, errno: int = 0) -> bytes:
    return (struct.pack("<iii", signo, code, errno) + struct.pack("<" + fmt, *values)).ljust(128, b"\0")


def solaris64(signo: int, code: int, fmt: str = "", *values: int, errno: int = 0) -> bytes:
    return (struct.pack("<iiii", signo, code, errno, 0) + struct.pack("<" + fmt, *values)).ljust(256, b"\0")


def answer(data: bytes, *argv: str) -> tuple[int, dict[str, Any], dict[str, dict[str, Any]], bytes]:
    """Return the exit code, all views by id, the rows of the translation by field, and its bytes."""
    code, found = ask("signals", "siginfo", "-", *argv, stdin=data)
    views = {view["id"]: view for view in found["views"]}
    rows = {row["field"]: row for row in views.get("siginfo_fields", {"rows": []})["rows"]}
    listing = views.get("siginfo_bytes", {"text": ""})["text"]
    return code, views, rows, bytes.fromhex("".join(listing.split()))


def translated(data: bytes, source: str, target: str, *argv: str) -> bytes:
    code, _views, _rows, got = answer(data, "--from", source, "--to", target, *argv)
    assert code == 0
    return got


@pytest.mark.parametrize(
    ("source", "data", "target", "wanted"),
    [
        # kill, tkill, sigqueue
        ("linux", linux64(10, 0, "iI", 77, 70000), "solaris-i386", solaris32(16, 0, "iI", 77, 70000)),
        ("linux", linux64(10, -6, "iI", 77, 5), "solaris-amd64", solaris64(16, -1, "i4xI", 77, 5)),
        (
            "linux",
            linux64(12, -1, "iIQ", 77, 5, 0x1122334455667788),
            "solaris-amd64",
            solaris64(17, -2, "i4xI4xQ", 77, 5, 0x1122334455667788),
        ),
        ("solaris-i386", solaris32(17, -2, "iII", 7, 8, 9), "linux-i386", linux32(12, -1, "iII", 7, 8, 9)),
        ("solaris-i386", solaris32(17, -5, "iII", 7, 8, 9), "linux-x86_64", linux64(12, -3, "iIQ", 7, 8, 9)),
        # a timer: Solaris has a value only
        ("linux-i386", linux32(14, -2, "iiI", 3, 1, 9), "solaris-i386", solaris32(14, -3, "8xI", 9)),
        # children: the status is a signal unless the child exited; Linux has no place for utime first
        (
            "solaris-amd64",
            solaris64(18, 2, "i4xqi4xq", 99, 50, 16, 25),
            "linux-x86_64",
            linux64(17, 2, "iIi4xqq", 99, 0, 10, 50, 25),
        ),
        (
            "linux-x86_64",
            linux64(17, 1, "iIi4xqq", 99, 1000, 16, 50, 25),
            "solaris-i386",
            solaris32(18, 1, "iiii", 99, 50, 16, 25),
        ),
        # faults, and a fault's signal sent by a program
        ("linux", linux64(11, 1, "Q", 0xDEAD), "solaris-i386", solaris32(11, 1, "I", 0xDEAD)),
        ("solaris-i386", solaris32(11, 0, "iI", 42, 100), "linux-i386", linux32(11, 0, "iI", 42, 100)),
        ("linux", linux64(5, 3, "Q", 1), "solaris-i386", solaris32(5, 2, "I", 1)),
        ("solaris-i386", solaris32(5, 4, "I", 1), "linux-i386", linux32(5, 4, "I", 1)),
        ("solaris-i386", solaris32(8, 9, "I", 1), "linux-i386", linux32(8, 5, "I", 1)),
        ("linux-i386", linux32(11, 0x80), "solaris-i386", solaris32(11, 32767)),
        ("solaris-i386", solaris32(5, 6, "I", 4), "linux-i386", linux32(5, 0x80)),
        # poll: descriptor and band change places, the bits of writing differ
        (
            "linux-x86_64",
            linux64(29, 2, "qi", 0x304, 5),
            "solaris-amd64",
            solaris64(22, 2, "i4xq", 5, 0x104),
        ),
        ("solaris-i386", solaris32(22, 2, "ii", 5, 0x104), "linux-i386", linux32(29, 2, "ii", 0x304, 5)),
        # the order of errno and code
        ("linux-i386", linux32(10, 0, "iI", 7, 8, errno=4), "solaris-i386", solaris32(16, 0, "iI", 7, 8, errno=4)),
        ("linux-i386", linux32(10, 0, errno=40), "solaris-i386", solaris32(16, 0)),
        # a system call that seccomp refused
        ("linux-x86_64", linux64(31, 1, "QiI", 1, 2, 3), "solaris-amd64", solaris64(12, 32767)),
        # the last real-time signals
        ("linux-x86_64", linux64(34, -1, "iIQ", 1, 2, 3), "illumos", solaris64(44, -2, "i4xI4xQ", 1, 2, 3)),
    ],
)
def test_translations(source: str, data: bytes, target: str, wanted: bytes) -> None:
    assert translated(data, source, target).hex() == wanted.hex()


def test_mips_swaps_and_renumbers() -> None:
    mips = struct.pack(">iiiiII", 17, -3, 0, 5, 6, 7).ljust(128, b"\0")
    assert translated(mips, "linux-mips", "linux-i386") == linux32(12, -2, "iII", 5, 6, 7)
    assert translated(linux32(12, -2, "iII", 5, 6, 7), "linux-i386", "linux-mips") == mips
    # The number of SIGUSR2 on MIPS is the one of SIGCHLD on x86.
    assert struct.unpack(">i", mips[:4]) == (17,)


def test_ticks_are_scaled() -> None:
    data = solaris32(18, 1, "iiii", 9, 2000, 0, 1005)
    got = translated(data, "solaris-i386", "linux-i386", "--hz", "1000")
    assert struct.unpack_from("<ii", got, 24) == (200, 100)
    back = translated(got, "linux-i386", "solaris-i386", "--hz", "1000")
    assert struct.unpack_from("<i", back, 16) == (2000,)


def test_a_value_that_does_not_fit_is_cut_and_said_so() -> None:
    data = linux64(10, -1, "iIQ", 1, 2, 0x1_0000_0003)
    code, _views, rows, got = answer(data, "--from", "linux", "--to", "solaris-i386")
    assert (code, rows["si_value"]["to"]) == (0, 3)
    assert "does not fit" in rows["si_value"]["why"]
    assert struct.unpack_from("<I", got, 20) == (3,)


@pytest.mark.parametrize(
    ("abi", "data", "arm", "reason"),
    [
        ("linux", linux64(11, 0), "kill", ArmReason.ANY_SIGNAL),
        ("linux", linux64(11, 1), "fault", ArmReason.SIGNAL),
        ("linux", linux64(11, 4), "fault-pkey", ArmReason.PAIR),
        ("linux", linux64(7, 4), "fault-mce", ArmReason.PAIR),
        ("linux", linux64(11, -1), "rt", ArmReason.FROM_USER),
        ("linux", linux64(17, -5), "poll", ArmReason.ANY_SIGNAL),
        ("linux", linux64(10, 7), "none", ArmReason.UNKNOWN),
        ("linux", linux64(99, 7), "none", ArmReason.NO_SIGNAL),
        ("linux", linux64(14, 0x80), "none", ArmReason.ANY_SIGNAL),
        ("solaris-i386", solaris32(29, 1), "prof", ArmReason.SIGNAL),
        ("solaris-i386", solaris32(16, 2049), "rctl", ArmReason.ANY_SIGNAL),
        ("freebsd-amd64", struct.pack("<iii", 31, 0, 0x10002).ljust(80, b"\0"), "rt", ArmReason.ANY_SIGNAL),
        ("freebsd-amd64", struct.pack("<iii", 31, 0, 0x10005).ljust(80, b"\0"), "mesgq", ArmReason.ANY_SIGNAL),
        ("freebsd-amd64", struct.pack("<iii", 8, 0, 1).ljust(80, b"\0"), "fault", ArmReason.SIGNAL),
    ],
)
def test_signal_and_code_choose_the_arm(abi: str, data: bytes, arm: str, reason: ArmReason) -> None:
    found = decode_siginfo(data, abi_called(abi))
    assert (found.arm, found.reason) == (arm, reason)
    code, views, _rows, _got = answer(data, "--from", abi)
    assert code == 0
    (row,) = views["siginfo_meaning"]["rows"]
    assert row["arm"] == arm
    assert row["why"]
    fields = views["siginfo"]["fields"]
    assert sum(field["size"] for field in fields) == len(data)
    assert [field["offset"] for field in fields] == sorted(field["offset"] for field in fields)


def test_freebsd_swaps_two_codes() -> None:
    _code, views, _rows, _got = answer(struct.pack("<iii", 8, 0, 1).ljust(80, b"\0"), "--from", "freebsd")
    assert views["siginfo_meaning"]["rows"][0]["code"] == "FPE_INTOVF"


def test_a_signal_without_a_counterpart_has_no_siginfo() -> None:
    code, views, rows, got = answer(linux64(16, 0), "--from", "linux", "--to", "illumos")
    assert (code, got, "siginfo_to" in views) == (1, b"", False)
    assert rows["si_signo"]["to"] is None


def test_unused_bytes_that_are_not_zero_are_pointed_at() -> None:
    data = linux64(10, 0, "iI", 1, 2)[:-1] + b"\x07"
    _code, views, _rows, _got = answer(data, "--from", "linux")
    assert views["siginfo"]["fields"][-1]["note"] == "not zero"


LX = [
    # (policy, native bytes, Linux bytes of lx, fields that differ)
    ("lx-2006", solaris32(17, -2, "iII", 7, 8, 9), linux32(12, -1, "iI", 7, 8), ["si_value"]),
    ("lx-2008", solaris32(17, -2, "iII", 7, 8, 9), linux32(12, -1, "iI", 7, 8), ["si_value"]),
    ("lx-2019", solaris32(17, -2, "iII", 7, 8, 9), linux32(12, -1, "iII", 7, 8, 9), []),
    ("lx-2006", solaris32(16, 0, "iI", 7, 70000), linux32(10, 0, "iI", 7, 65534), ["si_uid"]),
    ("lx-2019", solaris32(16, 0, "iI", 7, 70000), linux32(10, 0, "iI", 7, 65534), ["si_uid"]),
    ("lx-2019", solaris32(16, 0, "iI", 7, 0xFFFFFFFF), linux32(10, 0, "iI", 7, 65535), ["si_uid"]),
    # SIGSEGV: by the arm of kill in 2006 and 2008, whose members overlay the address
    ("lx-2006", solaris32(11, 1, "Iii", 0x8048123, 14, 0), linux32(11, 1, "iI", 0x8048123, 14), ["unused_16"]),
    ("lx-2019", solaris32(11, 1, "Iii", 0x8048123, 14, 0), linux32(11, 1, "I", 0x8048123), []),
    # one that kill sent: 2019 takes the sender for an address
    ("lx-2019", solaris32(11, 0, "iI", 42, 100), linux32(11, 0, "I", 42), ["si_uid"]),
    ("lx-2008", solaris32(11, 0, "iI", 42, 100), linux32(11, 0, "iI", 42, 100), []),
    # a child's status: translated in 2019 only
    ("lx-2008", solaris32(18, 2, "iiii", 5, 0, 16, 0), linux32(17, 2, "iIiii", 5, 0, 16, 0, 0), ["si_status"]),
    ("lx-2019", solaris32(18, 2, "iiii", 5, 0, 16, 0), linux32(17, 2, "iIiii", 5, 0, 10, 0, 0), []),
    # codes that are passed on
    ("lx-2019", solaris32(8, 9, "I", 1), linux32(8, 9, "I", 1), ["si_code", "si_addr"]),
    ("lx-2006", solaris32(5, 4, "I", 1), linux32(5, 4, "iI", 1, 0), []),
]


@pytest.mark.parametrize(("policy", "data", "wanted", "fields"), LX)
def test_what_lx_made_of_it(policy: str, data: bytes, wanted: bytes, fields: list[str]) -> None:
    argv = ("--from", "solaris-i386", "--to", "linux-i386", "--policy", policy)
    code, views, _rows, got = answer(data, *argv)
    assert code == 0
    assert got.hex() == wanted.hex()
    differing = [row["field"] for row in views["difference"]["rows"]]
    if fields == ["si_code", "si_addr"]:
        assert "si_code" in differing
    else:
        assert differing == fields
    right = answer(data, *argv[:4])[3]
    assert (right == got) is not bool(differing)
    assert all(row["why"] for row in views["difference"]["rows"])


def test_lx_2019_on_lp64_misplaces_the_descriptor() -> None:
    data = solaris64(22, 1, "i4xq", 5, 0x41)
    _code, views, _rows, got = answer(data, "--from", "illumos", "--to", "linux", "--policy", "lx-2019")
    assert struct.unpack_from("<iii", got, 16) == (0x41, 5, 0)
    assert [row["field"] for row in views["difference"]["rows"]] == ["si_band", "si_fd"]


@pytest.mark.parametrize(("policy", "lost"), [("lx-2006", True), ("lx-2008", True), ("lx-2019", False)])
def test_lx_and_a_signal_that_linux_has_not(policy: str, lost: bool) -> None:
    data = solaris32(32, 0, "iI", 7, 8)
    argv = ("--from", "solaris-i386", "--to", "linux-i386", "--policy", policy)
    code, views, rows, got = answer(data, *argv)
    assert (code, got == b"") == (int(lost), lost)
    assert rows["si_signo"]["to"] == (None if lost else 9)
    # What is right has no siginfo either, so only 2019 differs.
    assert bool(views["difference"]["rows"]) is not lost


def test_lx_2019_aborts_for_a_child_that_an_unmapped_signal_killed() -> None:
    argv = ("--from", "illumos-i386", "--to", "linux-i386", "--policy", "lx-2019")
    code, _views, rows, got = answer(solaris32(18, 2, "iiii", 5, 0, 41, 0), *argv)
    assert (code, got) == (1, b"")
    assert "aborts" in rows["si_status"]["why"]


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("0102", "--from", "linux"), ParseError),
        (("01 0", "--from", "linux"), ParseError),
        (("xyz", "--from", "linux"), ParseError),
        (("00" * 129, "--from", "linux"), RangeError),
        (("00" * 128, "--from", "aix"), UnknownNameError),
        (("00" * 80, "--from", "freebsd", "--to", "linux"), UnsupportedError),
        (("00" * 128, "--from", "linux", "--to", "freebsd"), UnsupportedError),
        (("00" * 128, "--from", "linux", "--policy", "lx-2006"), UsageError),
        (("00" * 128, "--from", "linux-i386", "--to", "solaris-i386", "--policy", "lx-2006"), UnsupportedError),
        (("00" * 128, "--from", "solaris-i386", "--to", "linux", "--policy", "lx-2019"), UnsupportedError),
        (("00" * 256, "--from", "solaris-amd64", "--to", "linux", "--policy", "lx-2008"), UnsupportedError),
        (("-", "--from", "linux"), ParseError),
    ],
)
def test_what_is_refused(argv: tuple[str, ...], kind: type[Error]) -> None:
    with pytest.raises(kind):
        run(("signals", "siginfo", *argv))


def test_truncated_bytes_say_where_they_end() -> None:
    with pytest.raises(ParseError) as caught:
        run(("signals", "siginfo", "-", "--from", "illumos"), files=MemoryFiles(stdin=b"\x01\0\0"))
    assert "needs 256" in caught.value.message
    assert caught.value.span is not None
    assert (caught.value.span.file, caught.value.span.offset) == ("-", 3)


def test_bytes_are_read_as_text_or_raw() -> None:
    assert hex_bytes(" 0x0a 0B\n0c") == image(b"0a0b0c\n", "-") == b"\n\x0b\x0c"
    assert image(b"\x0a\x00", "-") == b"\n\0"
    with pytest.raises(ParseError):
        image(b"abc", "-")


@pytest.mark.parametrize("abi", list(ABIS.values()), ids=lambda abi: abi.name)
def test_layouts_do_not_overlap(abi: Any) -> None:
    layout = SIGINFO[abi.layout]
    for arm in layout.arms:
        members = sorted(members_of(abi, arm), key=lambda member: member[1])
        ends = [member[1] + member[2] for member in members]
        assert all(end <= member[1] for end, member in zip(ends, members[1:], strict=False))
        assert ends[-1] <= layout.size
        assert (
            sum(member[2] for member in members) + sum(size for _at, size in gaps(members, layout.size)) == layout.size
        )


def test_tables_name_only_what_there_is() -> None:
    for family, arms in ARMS_BY_SIGNAL.items():
        layouts = [SIGINFO[abi.layout] for abi in ABIS.values() if abi.family == family]
        for arm in {*arms.values(), *ARMS_BY_CODE[family].values(), *ARMS_BY_PAIR[family].values(), "rt", "none"}:
            assert all(arm in layout.arms for layout in layouts)
    names = {name for codes in SPECIFIC.values() for own in codes.values() for name, _meaning in own.values()}
    assert {*NEAREST, *NEAREST.values()} <= names
    for codes, nothing in NO_INFORMATION.items():
        assert nothing in {name for name, _meaning in GENERAL[codes].values()}


def test_every_reason_has_its_sentence() -> None:
    assert set(render._WHY) == set(FieldWhy)
    assert set(render._ARM_WHY) == set(ArmReason)


@pytest.mark.parametrize("abi", [abi for abi in ABIS.values() if abi.target], ids=lambda abi: abi.name)
def test_a_translation_to_itself_changes_nothing(abi: Any) -> None:
    for signal, codes in {**SPECIFIC[abi.codes], "SIGUSR1": {}}.items():
        numbers = {"SIGCHLD": "SIGCLD", "SIGIO": "SIGPOLL"}
        where = system_called(abi.system)
        try:
            number = read(numbers.get(signal, signal), where).number
        except UnknownNameError:
            continue
        for code in {**codes, **GENERAL[abi.codes]}:
            arm, _why = arm_of(abi, signal, code)
            values = {member[0]: 1 + index for index, member in enumerate(members_of(abi, arm))}
            values.update(si_signo=number, si_code=code, si_status=1)
            data = encode_siginfo(values, abi)
            given = decode_siginfo(data, abi)
            assert given.arm == arm
            assert translate_siginfo(given, abi).data == data
            assert not given.junk


def test_rows_of_one_table() -> None:
    _code, found = ask("signals", "siginfo", "00" * 128, "--from", "linux", "--to", "solaris-i386")
    assert [row["field"] for row in table(found, "siginfo_fields")] == ["si_signo"]
