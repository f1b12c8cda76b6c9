"""Frames: the captured ones of a real kernel, offsets, placement, round trips, and what is wrong with a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.unit.door import DATA, ask, table

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError, UnknownNameError, UnsupportedError, UsageError
from heliograph.files import MemoryFiles
from heliograph.oracles.capture import Scenario, parse_capture
from heliograph.oracles.frames import SCENARIOS, judge_frame
from heliograph.signals.render import frames as render
from heliograph.signals.tables.frames import FRAMES, MAGIC
from heliograph.signals.translate.frames import Stack, build_frame, decode_frame, frame_members, place_frame, shape_of

FRAME_FILES = DATA / "frames"


def fields(*argv: str, stdin: bytes | str = b"") -> tuple[int, dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the exit code, all views by id, and the fields of the frame by name."""
    code, found = ask("signals", "frame", *argv, stdin=stdin)
    views = {view["id"]: view for view in found["views"]}
    return code, views, {field["name"]: field for field in views["frame"]["fields"]}


def dump(*argv: str) -> bytes:
    """Return the bytes that --dump prints."""
    text = "".join(run(("signals", "frame", *argv, "--dump")).render())
    return bytes.fromhex("".join(text.split()))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_recorded_frames_are_ours_byte_by_byte(scenario: Scenario) -> None:
    text = (FRAME_FILES / f"{scenario.name}.txt").read_text(encoding="utf-8")
    assert text.startswith("# kernel: Linux ")
    assert "\n# command: gcc -m" in text
    taken = parse_capture(text, scenario)
    assert len(taken.data) == shape_of(scenario.kind).size
    judged = judge_frame(taken)
    assert [(one.key, one.ours, one.theirs) for one in judged.said if one.ours != one.theirs] == []
    compared = sum(len(one.theirs) // 2 for one in judged.said if not one.theirs.startswith("0x"))
    assert compared + judged.masked == judged.total
    assert judged.masked * 4 <= judged.total


def test_every_recorded_frame_is_used() -> None:
    assert {path.stem for path in FRAME_FILES.iterdir()} == {scenario.name for scenario in SCENARIOS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_recorded_frames_are_read_without_a_complaint(scenario: Scenario) -> None:
    taken = parse_capture((FRAME_FILES / f"{scenario.name}.txt").read_text(encoding="utf-8"), scenario)
    code, views, found = fields("--kind", scenario.kind, "--decode", "-", stdin=taken.data)
    plain = scenario.kind == "linux-x86_64-rt" and not scenario.siginfo
    assert (code, bool(views["frame_findings"]["items"])) == ((1, True) if plain else (0, False))
    assert found["pretcode"]["value"] == taken.words["restorer"]


def test_a_frame_of_another_kind_is_noticed() -> None:
    scenario = next(one for one in SCENARIOS if one.name == "linux-i386-rt-kill")
    taken = parse_capture((FRAME_FILES / f"{scenario.name}.txt").read_text(encoding="utf-8"), scenario)
    wrong = taken.data[:8] + b"\0" * 4 + taken.data[8:]
    code, views, _found = fields("--kind", "linux-i386-rt", "--decode", "-", stdin=wrong[: len(taken.data)])
    assert code == 1
    assert {item["code"] for item in views["frame_findings"]["items"]} >= {"two-signals", "no-trampoline"}


OFFSETS = [
    ("linux-i386-old", None, 732, {"sigcontext.gs": 8, "fpstate_unused": 96, "extramask": 720, "retcode": 724}),
    (
        "linux-i386-rt",
        None,
        268,
        {
            "pinfo": 8,
            "puc": 12,
            "siginfo.si_signo": 16,
            "ucontext.uc_flags": 144,
            "ucontext.uc_sigmask": 252,
            "retcode": 260,
        },
    ),
    ("linux-i386-rt-892", None, 892, {"fpstate.cw": 260, "retcode": 884}),
    ("linux-x86_64-rt", None, 440, {"ucontext.uc_flags": 8, "ucontext.uc_mcontext.rip": 176, "siginfo.si_signo": 312}),
    ("lx-i386", None, 908, {"retcode": 884, "magic": 892, "native_ucp": 896, "saved_ebp": 900, "native_retaddr": 904}),
    ("lx-i386", "lx-2019", 908, {"magic": 892, "retucp": 896, "sigucp": 900, "sigbackup": 904}),
    ("lx-i386", "linux", 892, {"retcode": 884}),
    ("lx-i386", "post", 884, {"ucontext.uc_flags": 16, "fpstate.cw": 132, "siginfo.si_signo": 756}),
    ("lx-amd64", None, 1000, {"siginfo.si_signo": 312, "fpstate.cwd": 440, "pad": 952, "gap_960": 960, "magic": 968}),
    ("lx-amd64", "linux", 960, {"pad": 952}),
    ("solaris-i386", None, 656, {"retaddr": 0, "ucp": 12, "ucontext.uc_flags": 16, "siginfo.si_signo": 528}),
    ("solaris-amd64", None, 1144, {"sip": 16, "ucontext.uc_flags": 24, "siginfo.si_signo": 888}),
]


@pytest.mark.parametrize(("kind", "layout", "size", "wanted"), OFFSETS)
def test_offsets(kind: str, layout: str | None, size: int, wanted: dict[str, int]) -> None:
    argv = ("--kind", kind, *(("--layout", layout) if layout else ()))
    code, views, found = fields(*argv)
    assert code == 0
    assert sum(field["size"] for field in found.values()) == size == len(dump(*argv))
    assert {name: found[name]["offset"] for name in wanted} == wanted
    parts = {row["part"]: row for row in views["frame_parts"]["rows"]}
    assert all(found[name]["offset"] == parts[name]["offset"] for name in wanted if name in parts)


PLACES = [
    # kind, sp, xstate, altstack, address: each by hand from the formula
    ("linux-i386-rt", 0xFFFFD000, 2688, None, 0xFFFFC3BC),
    ("linux-i386-rt-892", 0xBFFFF000, 2688, None, 0xBFFFEC7C),
    ("linux-x86_64-rt", 0x7FFE0000, 2688, (0x10000, 8192), 0x12000 - 3200 - 8),
    ("linux-x86_64-rt", 0x7FFE0000, 512, None, 0x7FFE0000 - 1096),
    ("lx-i386", 0xBFFFF003, 2688, None, 0xBFFFF003 - 908),
    ("lx-amd64", 0x7FFE0000, 2688, None, 0x7FFE0000 - 128 - 32 - 968),
    ("solaris-i386", 0x08047002, 2688, None, 0x08047000 - 656),
    ("solaris-amd64", 0x7FFE0000, 2688, None, 0x7FFE0000 - 128 - 1144),
    ("solaris-amd64", 0x7FFE0008, 2688, None, 0x7FFE0000 - 128 - 1144),
]


@pytest.mark.parametrize(("kind", "sp", "xstate", "alternate", "address"), PLACES)
def test_placement(kind: str, sp: int, xstate: int, alternate: tuple[int, int] | None, address: int) -> None:
    argv = ["--kind", kind, "--sp", hex(sp), "--xstate-size", str(xstate)]
    if alternate:
        argv += ["--onstack", f"{alternate[0]:#x},{alternate[1]}"]
    _code, found = ask("signals", "frame", *argv)
    terms = [row for row in table(found, "placement") if row["term"] == "frame"]
    assert terms[-1]["value"] == address == int(terms[-1]["value_hex"], 16)
    assert address == place_frame(shape_of(kind), Stack(sp=sp, alternate=alternate, xstate=xstate)).address


def test_the_pointers_of_a_frame_point_into_it() -> None:
    _code, views, found = fields("--kind", "linux-i386-rt", "--sp", "0xbffff000")
    address = [row["value"] for row in views["placement"]["rows"] if row["term"] == "frame"][-1]
    assert found["pinfo"]["value"] == address + 16
    assert found["puc"]["value"] == address + 144
    assert found["pretcode"]["value"] == address + 260
    fp = next(row["value"] for row in views["placement"]["rows"] if row["term"] == "fp")
    assert found["ucontext.uc_mcontext.fpstate"]["value"] == fp


@pytest.mark.parametrize("kind", list(FRAMES))
def test_what_is_dumped_is_read_again(kind: str) -> None:
    _code, _views, found = fields("--kind", kind, "--signal", "SEGV")
    data = dump("--kind", kind, "--signal", "SEGV")
    code, views, again = fields("--kind", kind, "--decode", "-", stdin=data.hex())
    assert (code, again, views["frame_findings"]["items"]) == (0, found, [])


@pytest.mark.parametrize("kind", list(FRAMES))
def test_every_field_of_a_frame_can_be_set(kind: str) -> None:
    shape = shape_of(kind)
    plain = decode_frame(shape, dump("--kind", kind))
    for name, _offset, size, form in frame_members(shape):
        if name in ("siginfo.si_code", "siginfo.si_signo"):
            continue
        value = 1 if size == 1 else 0x5A
        data = dump("--kind", kind, "--set", f"{name}={value}")
        assert decode_frame(shape, data) == plain | {name: value}
        assert form in "uixb"


def test_the_arm_follows_what_is_set() -> None:
    argv = ("--signal", "SEGV", "--set", "siginfo.si_code=1", "--set", "siginfo.si_addr=0x1234")
    _code, _views, found = fields("--kind", "linux-x86_64-rt", *argv)
    assert (found["siginfo.si_addr"]["offset"], found["siginfo.si_addr"]["value"]) == (328, 0x1234)
    assert found["siginfo.si_code"]["note"] == "SEGV_MAPERR: address not mapped"
    _code, _views, found = fields("--kind", "linux-i386-rt", "--set", "siginfo.si_code=-1")
    assert "siginfo.si_value" in found


@pytest.mark.parametrize(
    ("argv", "codes", "words"),
    [
        (("--kind", "linux-x86_64-rt", "--onstack", "0x10000,2048"), ["altstack-too-small"], "needs 3208"),
        (("--kind", "linux-i386-rt", "--onstack", "0x10000,1024"), ["altstack-refused", "altstack-too-small"], "2048"),
        (("--kind", "linux-i386-rt", "--sp", "0xbffff001"), ["misaligned-sp"], "not a multiple of 4"),
        (("--kind", "lx-amd64", "--sp", "0x7ffe0004"), ["misaligned-sp"], "not a multiple of 8"),
    ],
)
def test_a_bad_stack_is_a_warning(argv: tuple[str, ...], codes: list[str], words: str) -> None:
    code, views, _found = fields(*argv)
    items = views["frame_findings"]["items"]
    assert (code, [item["code"] for item in items]) == (1, codes)
    assert words in " ".join(item["message"] for item in items)


def test_an_alternate_stack_that_is_in_use_is_not_entered_again() -> None:
    code, views, _found = fields("--kind", "linux-x86_64-rt", "--onstack", "0x10000,65536", "--sp", "0x1f000")
    assert (code, [item["code"] for item in views["frame_findings"]["items"]]) == (0, ["already-onstack"])
    terms = {row["term"]: row["value"] for row in views["placement"]["rows"]}
    assert terms["start"] == 0x1F000 - 128
    code, views, _found = fields("--kind", "linux-x86_64-rt", "--onstack", "0x10000,65536", "--sp", "0x10100")
    assert code == 1
    assert [item["code"] for item in views["frame_findings"]["items"]] == ["already-onstack", "altstack-too-small"]


@pytest.mark.parametrize(
    ("kind", "name", "value", "code", "exit_code"),
    [
        ("lx-i386", "magic", 0xDEADBEEF, "wrong-magic", 1),
        ("lx-amd64", "magic", 0, "wrong-magic", 1),
        ("linux-i386-rt-892", "fpstate.magic", 0x1234, "wrong-fp-magic", 1),
        ("solaris-i386", "retaddr", 0x8050000, "wrong-retaddr", 1),
        ("linux-i386-old", "retcode", 0, "no-trampoline", 0),
        ("linux-i386-rt", "sig", 99, "no-signal", 1),
        ("linux-i386-rt", "sig", 11, "two-signals", 1),
        ("linux-i386-rt", "puc", 4, "wrong-pointers", 1),
        ("linux-x86_64-rt", "siginfo.si_signo", 77, "no-signal", 1),
    ],
)
def test_what_is_wrong_with_a_frame(kind: str, name: str, value: int, code: str, exit_code: int) -> None:
    data = dump("--kind", kind, "--set", f"{name}={value}")
    got, views, found = fields("--kind", kind, "--decode", "-", stdin=data)
    items = {item["code"]: item for item in views["frame_findings"]["items"]}
    assert got == exit_code
    assert code in items
    part = "siginfo" if code == "two-signals" else name.partition(".")[0]
    parts = {row["part"]: row["offset"] for row in views["frame_parts"]["rows"]}
    assert items[code]["column"] == parts[part] + 1
    assert found[name]["value"] is not None


def test_more_than_a_frame_is_noted() -> None:
    data = dump("--kind", "linux-i386-rt") + b"\0" * 4
    code, views, _found = fields("--kind", "linux-i386-rt", "--decode", "-", stdin=data)
    assert (code, [item["code"] for item in views["frame_findings"]["items"]]) == (0, ["left-over"])


def test_solaris_leaves_a_gap_where_alignment_needs_it() -> None:
    data = dump("--kind", "solaris-amd64", "--sp", "0x7ffe0008")
    assert len(data) == 1152
    code, _views, found = fields("--kind", "solaris-amd64", "--decode", "-", stdin=data)
    assert (code, found["siginfo.si_signo"]["offset"], found["gap_888"]["size"]) == (0, 896, 8)


@pytest.mark.parametrize(("sp", "size"), [("0x7ffe0008", 1152), ("0x7ffe0000", 1144)])
def test_the_gap_is_found_where_the_two_numbers_differ(sp: str, size: int) -> None:
    words = ("--kind", "solaris-amd64", "--sp", sp, "--set", "signo=5", "--set", "siginfo.si_pid=77")
    data = dump(*words)
    _code, _views, built = fields(*words)
    _code, _views, found = fields("--kind", "solaris-amd64", "--decode", "-", stdin=data)
    assert len(data) == size
    assert {name: field["value"] for name, field in found.items()} == {
        name: field["value"] for name, field in built.items()
    }


def test_a_background_shows_what_is_not_written() -> None:
    shape = shape_of("linux-i386-old")
    data = build_frame(shape, {"sig": 10}, b"\xa5" * shape.size)
    assert data[:4] == b"\xa5" * 4
    assert data[4:8] == b"\x0a\0\0\0"
    assert build_frame(shape_of("lx-i386"), {"magic": MAGIC})[892:896] == b"\x0d\xf0\xad\xde"


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("--kind", "linux-i386-rt", "--decode", "short"), ParseError),
        (("--kind", "linux-i386-rt", "--decode", "empty"), ParseError),
        (("--kind", "linux-i386-rt", "--decode", "nowhere"), Error),
        (("--kind", "linux-i386-rt", "--decode", "short", "--sp", "1"), UsageError),
        (("--kind", "linux-i386-rt", "--sp", "x"), ParseError),
        (("--kind", "linux-i386-rt", "--sp", "0x100000000"), RangeError),
        (("--kind", "linux-i386-rt", "--sp", "16"), RangeError),
        (("--kind", "linux-i386-rt", "--onstack", "1"), ParseError),
        (("--kind", "linux-i386-rt", "--onstack", "1,0"), RangeError),
        (("--kind", "linux-i386-rt", "--onstack", "0xfffff000,8192"), RangeError),
        (("--kind", "linux-x86_64-rt", "--layout", "post"), UnsupportedError),
        (("--kind", "linux-i386-rt", "--set", "sig"), ParseError),
        (("--kind", "linux-i386-rt", "--set", "sig=x"), ParseError),
        (("--kind", "linux-i386-rt", "--set", "sgi=1"), UnknownNameError),
        (("--kind", "linux-i386-rt", "--set", "sig=0x1ffffffff"), RangeError),
        (("--kind", "linux-i386-rt", "--signal", "NOPE"), UnknownNameError),
    ],
)
def test_what_is_refused(argv: tuple[str, ...], kind: type[Error]) -> None:
    with pytest.raises(kind):
        run(("signals", "frame", *argv), files=MemoryFiles({"short": b"\1\0" * 8, "empty": b""}))


def test_a_truncated_frame_says_what_it_needs() -> None:
    with pytest.raises(ParseError) as caught:
        run(("signals", "frame", "--kind", "lx-i386", "--decode", "f"), files=MemoryFiles({"f": b"\1\0"}))
    assert "needs 908 (906 more)" in caught.value.message
    assert caught.value.span is not None
    assert (caught.value.span.file, caught.value.span.offset) == ("f", 2)


def test_every_fault_has_its_sentence() -> None:
    text = (Path(render.__file__).parents[1] / "translate" / "frame_checks.py").read_text(encoding="utf-8")
    assert all(f'"{code}"' in text for code in render._FAULTS)


@pytest.mark.parametrize(
    "argv",
    [
        ("flags", "4", "--from", "linux", "--to", "illumos", "--policy", "lx-2019"),
        ("siginfo", "00" * 128, "--from", "solaris-i386", "--to", "linux-i386", "--policy", "lx-2006"),
        ("context", "--abi", "illumos-amd64"),
        *(("frame", "--kind", kind) for kind in FRAMES),
        ("frame", "--kind", "lx-i386", "--layout", "post"),
    ],
)
def test_every_answer_explains_and_cites_itself(argv: tuple[str, ...]) -> None:
    _code, plain = ask("signals", *argv)
    assert not [view for view in plain["views"] if view["view"] == "prose" or view["id"] == "sources"]
    _code, found = ask("signals", *argv, "--explain", "--cite")
    assert [view for view in found["views"] if view["view"] == "prose" and view["text"].endswith(".")]
    cited = table(found, "sources")
    assert cited
    assert all(row["fact"] and row["project"] and row["path"] for row in cited)
