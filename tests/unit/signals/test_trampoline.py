"""The trampolines: their bytes, their run, and bytes that users have."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from tests.unit.door import ask, table

from heliograph.cli import run
from heliograph.errors import Error, ParseError, RangeError
from heliograph.files import MemoryFiles
from heliograph.signals.parse.trampoline import LONGEST_CODE, code_bytes
from heliograph.signals.tables.trampolines import CALLS, SETTINGS, TRAMPOLINES
from heliograph.signals.translate.trampoline import STEPS, execute, recognise
from heliograph.x86.registers import Mode, SegmentRegister


def answer(*argv: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the instructions, the steps and the system calls of a run."""
    code, found = ask("signals", "trampoline", *argv)
    assert code == 0
    (steps,) = [view["steps"] for view in found["views"] if view["view"] == "steps"]
    assert [view["id"] for view in found["views"] if "id" in view][:3] == ["trampoline", "run", "syscall"]
    return table(found, "trampoline"), steps, table(found, "syscall")


@pytest.mark.parametrize(
    ("abi", "code", "lines", "number", "name", "away"),
    [
        (
            "i386-legacy",
            "58 b8 77 00 00 00 cd 80",
            ["pop %eax", "mov $0x77,%eax", "int $0x80"],
            119,
            ("sigreturn", "i386", "int 0x80"),
            8,
        ),
        (
            "i386-rt",
            "b8 ad 00 00 00 cd 80 00",
            ["mov $0xad,%eax", "int $0x80", ".byte 0x00"],
            173,
            ("rt_sigreturn", "i386", "int 0x80"),
            4,
        ),
        (
            "x86-64",
            "48 c7 c0 0f 00 00 00 0f 05",
            ["mov $0xf,%rax", "syscall"],
            15,
            ("rt_sigreturn", "x86_64", "syscall"),
            8,
        ),
    ],
)
def test_the_three(abi: str, code: str, lines: list[str], number: int, name: tuple[str, ...], away: int) -> None:
    parts, steps, (call,) = answer("--abi", abi)
    assert " ".join(part["bytes"] for part in parts) == code
    assert [part["instruction"] for part in parts] == lines
    assert (call["number"], call["sp_minus_frame"], call["trampoline"]) == (number, away, abi)
    assert (call["name"], call["abi"], call["gate"]) == name
    assert call["seen"]
    assert [step["actor"] for step in steps] == ["handler", *["trampoline"] * (len(steps) - 2), "kernel"]
    assert steps[0]["title"] == "ret"
    assert steps[-1]["note"] == "that is where it is"
    # The same bytes, given by hand, are the same run, whether or not the ABI is said.
    assert answer("--bytes", code) == answer("--abi", abi) == answer("--abi", abi, "--bytes", code)


def stack_of(steps: list[dict[str, Any]]) -> list[str]:
    return [step["before"].get("esp") or step["before"]["rsp"] for step in steps]


def test_the_stack_pointer_through_the_frame() -> None:
    assert stack_of(answer("--abi", "i386-legacy")[1]) == ["frame", "frame+4", "frame+8", "frame+8", "frame+8"]
    assert stack_of(answer("--abi", "i386-rt")[1]) == ["frame", "frame+4", "frame+4", "frame+4"]
    assert stack_of(answer("--abi", "x86-64")[1]) == ["frame", "frame+8", "frame+8", "frame+8"]
    legacy = answer("--abi", "i386-legacy")[1]
    assert [step["note"] for step in legacy[:2]] == ["takes pretcode from the frame", "takes sig from the frame"]
    assert legacy[1]["after"]["eax"] == "0xa"


def test_a_step_begins_where_the_one_before_it_ended() -> None:
    for abi in TRAMPOLINES:
        steps = answer("--abi", abi)[1]
        assert [step["n"] for step in steps] == list(range(1, len(steps) + 1))
        assert all(one["after"] == other["before"] for one, other in pairwise(steps))


def test_a_mixture_of_the_two_frames_shows_at_the_end() -> None:
    _parts, steps, (call,) = answer("--abi", "i386-rt", "--bytes", "58 b8 77 00 00 00 cd 80")
    assert (call["number"], call["sp_minus_frame"], call["trampoline"]) == (119, 8, "i386-legacy")
    assert "read as the old frame and is the rt one" in steps[-1]["note"]
    # What the post shows with siginfo below it: a pop before rt_sigreturn.
    _parts, steps, (call,) = answer("--abi", "i386-rt", "--bytes", "58 b8 ad 00 00 00 cd 80")
    assert (call["number"], call["sp_minus_frame"], call["trampoline"], call["seen"]) == (173, 8, None, [])
    assert steps[-1]["note"].startswith("4 bytes above the frame")
    _parts, steps, _call = answer("--abi", "i386-legacy", "--bytes", "b8 77 00 00 00 cd 80")
    assert steps[-1]["note"].startswith("4 bytes below the frame")


def test_without_the_dollar_it_is_a_load() -> None:
    parts, steps, calls = answer("--abi", "i386-legacy", "--bytes", "58 a1 77 00 00 00 cd 80")
    assert parts[1]["instruction"] == "mov 0x77,%eax"
    assert calls == []
    assert steps[-1]["note"].startswith("#PF, error code 0x4: 0x77")
    assert steps[-1]["before"] == steps[-1]["after"]


@pytest.mark.parametrize(
    ("code", "note", "text"),
    [
        ("0f 0b", "#UD: ud2", "none: #UD"),
        ("f4", "#GP, error code 0x0: hlt is for ring 0", "none: #GP"),
        ("cc", "#BP: a trap", "none: #BP"),
        ("0f a2", "not run: opcode 0f a2", "none: not run"),
        ("06", "#UD: push", "none: #UD"),
        ("eb fe", f"given up after {STEPS} instructions", "none: no end"),
        # Zeros follow the bytes in their page, and add is not known.
        ("90", "not run: opcode 00", "none: not run"),
    ],
)
def test_bytes_that_reach_no_system_call(code: str, note: str, text: str) -> None:
    _parts, steps, calls = answer("--abi", "x86-64", "--bytes", code)
    assert calls == []
    assert steps[-1]["note"].startswith(note)
    shown = run(["signals", "trampoline", "--abi", "x86-64", "--bytes", code], files=MemoryFiles())
    assert shown.exit_code == 0
    assert text in "".join(shown.render())


def test_another_system_call() -> None:
    _parts, steps, (call,) = answer("--abi", "x86-64", "--bytes", "b8 27 00 00 00 0f 05")
    assert (call["number"], call["name"], call["abi"]) == (39, None, None)
    assert steps[-1]["actor"] == "trampoline"
    assert "does not return from a handler" in steps[-1]["note"]
    # A shorter mov does the same, and gdb would not know it.
    _parts, _steps, (call,) = answer("--abi", "x86-64", "--bytes", "b8 0f 00 00 00 0f 05")
    assert (call["name"], call["trampoline"]) == ("rt_sigreturn", None)


def test_large_numbers_have_a_twin_in_text() -> None:
    _parts, _steps, (call,) = answer("--abi", "x86-64", "--bytes", "48 b8 00 00 00 00 00 00 00 80 48 89 c4 0f 05")
    assert call["number"] == 1 << 63
    assert call["number_hex"] == "0x8000000000000000"
    assert call["sp_minus_frame"] == (1 << 63) - SETTINGS[Mode.AMD64].frame
    assert call["sp_minus_frame_hex"] == hex(call["sp_minus_frame"])


def test_what_follows_a_trampoline_is_not_reached() -> None:
    parts, _steps, (call,) = answer("--bytes", "b8 ad 00 00 00 cd 80 90 90")
    assert call["trampoline"] == "i386-rt"
    assert [part["note"] for part in parts] == [None, None, "not reached", "not reached"]
    assert answer("--abi", "i386-rt")[0][-1]["note"].startswith("padding")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("58 b8", b"\x58\xb8"),
        ("58b8", b"\x58\xb8"),
        ("0x58 0xB8", b"\x58\xb8"),
        ("0x58,0xb8", b"\x58\xb8"),
        (r"\x58\xb8", b"\x58\xb8"),
        ("  58\n\tb8; ", b"\x58\xb8"),
        ("58b8 77", b"\x58\xb8\x77"),
        ("00" * LONGEST_CODE, bytes(LONGEST_CODE)),
    ],
)
def test_ways_to_write_bytes(text: str, code: bytes) -> None:
    assert code_bytes(text) == code


@pytest.mark.parametrize(
    ("text", "kind", "words", "column"),
    [
        ("", ParseError, "no bytes", 1),
        (" , ", ParseError, "no bytes", 1),
        ("58 b", ParseError, "odd number of digits", 4),
        ("58b", ParseError, "odd number of digits", 1),
        ("58 xy", ParseError, "no hexadecimal byte", 4),
        ("0x0077b858", ParseError, "is a word", 1),
        ("58 0x5", ParseError, "is a word", 4),
        ("5٠", ParseError, "no hexadecimal byte", 1),
        ("00" * (LONGEST_CODE + 1), RangeError, "more than 256 bytes", 1),
        ("00 " * (LONGEST_CODE + 1), RangeError, "more than 256 bytes", 3 * LONGEST_CODE + 1),
    ],
)
def test_bytes_that_cannot_be_read(text: str, kind: type[Error], words: str, column: int) -> None:
    with pytest.raises(kind, match=words) as caught:
        code_bytes(text)
    assert caught.value.text == text
    assert caught.value.span is not None
    assert caught.value.span.column == column
    with pytest.raises(kind, match=words) as caught:
        run(["signals", "trampoline", "--abi", "i386-rt", "--bytes", text], files=MemoryFiles())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ([], "say whose trampoline it is"),
        (["--bytes", "90"], "no known trampoline; say in whose frame"),
        (["--abi", "sparc"], "sparc"),
        (["--abi", "i386-rt", "extra"], "extra"),
    ],
)
def test_what_is_not_said(argv: list[str], words: str) -> None:
    with pytest.raises(Error, match=words) as caught:
        run(["signals", "trampoline", *argv], files=MemoryFiles())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("abi", [*TRAMPOLINES])
def test_explanation_and_sources(abi: str) -> None:
    _code, found = ask("signals", "trampoline", "--abi", abi, "--explain", "--cite")
    (prose,) = [view["text"] for view in found["views"] if view["view"] == "prose"]
    assert "executed" in prose
    assert "gdb" in prose
    facts = table(found, "sources")
    assert len(facts) == len(TRAMPOLINES[abi].sources)
    assert all(row["project"] and row["path"] for row in facts)


def test_rows_agree_with_each_other() -> None:
    for row in TRAMPOLINES.values():
        found = execute(row)
        assert found.call is not None
        assert found.known is row
        assert found.sp_minus_frame == found.call.back
        assert found.call.frame == row.frame
        assert recognise(row.code) is row
        # The kernel keeps 8 bytes for the code in its i386 frames.
        assert row.retcode is None or len(row.code + row.padding) == 8
    assert len({(row.gate, row.number) for row in CALLS}) == len(CALLS)
    for mode, there in SETTINGS.items():
        # A function begins where the stack pointer and a return address make a multiple of 16.
        assert (there.frame + mode.bits // 8) % 16 == 0
        assert there.selectors[SegmentRegister.CS] & 3 == 3
        assert {selector & 0xFFFC for selector in there.selectors.values()} == set(there.descriptors)
