"""One instruction at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from heliograph.errors import RangeError, UnknownNameError
from heliograph.x86.cpu import Event, Fault, Halted, Retired, State, Syscall, Unknown, Vector, run, start, step
from heliograph.x86.memory import Access, Pages
from heliograph.x86.registers import Mode, SegmentRegister
from heliograph.x86.segments import Descriptor, Refused, Segment, load

CODE, DATA, STACK = 0x1000, 0x4000, 0x6800
TABLE: Mapping[int, Descriptor] = {
    0x08: Descriptor(code=True, dpl=0),
    0x10: Descriptor(dpl=0),
    0x20: Descriptor(code=True),
    0x28: Descriptor(),
    0x38: Descriptor(base=DATA, limit=0xF),
    0x40: Descriptor(present=False),
    0x48: Descriptor(open=False),
    0x50: Descriptor(code=True, open=False),
    0x60: Descriptor(base=DATA + 0x100),
    0x68: Descriptor(base=DATA + 0x200),
}
ES, CS, SS, DS, FS, GS = SegmentRegister
RING_3 = {CS: 0x23, SS: 0x2B, DS: 0x2B, ES: 0x2B, FS: 0x6B, GS: 0x63}
RING_0 = {CS: 0x08, SS: 0x10, DS: 0x10, ES: 0x10}


def state(
    code: str,
    mode: Mode = Mode.I386,
    *,
    data: bytes = b"",
    stack: bytes = b"",
    selectors: Mapping[SegmentRegister, int] = RING_3,
    flags: int = 0x202,
    ip: int = CODE,
    **registers: int,
) -> State:
    """Return a machine with code at 0x1000, data at 0x4000 and a stack at 0x6800."""
    sp = "rsp" if mode is Mode.AMD64 else "esp"
    memory = (
        Pages()
        .map(ip, bytes.fromhex(code), Access.READ | Access.FETCH)
        .map(DATA, data, Access.READ | Access.WRITE, size=0x1000)
        .map(0x6000, b"", Access.READ | Access.WRITE, size=0x1000)
        .map(STACK, stack, Access.READ | Access.WRITE)
    )
    values = {sp: STACK, **registers}
    return start(mode, ip=ip, memory=memory, selectors=selectors, table=TABLE, registers=values, flags=flags)


def stacked(found: State, size: int) -> int:
    data = found.memory.read(found.sp, size)
    assert isinstance(data, bytes)
    return int.from_bytes(data, "little")


def at(found: State, address: int, size: int) -> int:
    data = found.memory.read(address, size)
    assert isinstance(data, bytes)
    return int.from_bytes(data, "little")


@pytest.mark.parametrize(
    ("code", "given", "name", "value"),
    [
        ("b8 77 00 00 00", {}, "eax", 0x77),
        ("b4 12", {"eax": 0xAABBCCDD}, "eax", 0xAABB12DD),
        ("b0 12", {"eax": 0xAABBCCDD}, "eax", 0xAABBCC12),
        ("66 b8 34 12", {"eax": 0xAABBCCDD}, "eax", 0xAABB1234),
        ("89 d8", {"ebx": 5}, "eax", 5),
        ("8b 43 04", {"ebx": DATA}, "eax", 0x08070605),
        ("8a 63 04", {"ebx": DATA, "eax": 0}, "ah", 5),
        ("8b 04 8b", {"ebx": DATA - 4, "ecx": 2}, "eax", 0x08070605),
        ("8d 44 8b 10", {"ebx": 0xFFFFFFF0, "ecx": 1}, "eax", 4),
        ("66 8d 43 01", {"ebx": 0x1FFFF, "eax": 0xAAAA0000}, "eax", 0xAAAA0000),
        ("65 8d 03", {"ebx": 7}, "eax", 7),
        ("a1 00 40 00 00", {}, "eax", 0x04030201),
        ("a0 01 40 00 00", {}, "al", 2),
        ("8c e8", {"eax": 0xFFFFFFFF}, "eax", 0x63),
        ("66 8c e8", {"eax": 0xFFFFFFFF}, "eax", 0xFFFF0063),
        ("67 8b 07", {"ebx": 0xABCD0000 | DATA}, "eax", 0x04030201),
        ("8b 83 01 00 00 80", {"ebx": 0x80000000 + DATA - 1}, "eax", 0x04030201),
    ],
)
def test_moves(code: str, given: dict[str, Any], name: str, value: int) -> None:
    before = state(code, data=bytes(range(1, 32)), **given)
    after, event = step(before)
    assert isinstance(event, Retired)
    assert after[name] == value
    assert after["eip"] == CODE + len(bytes.fromhex(code))
    assert before.ip == CODE


@pytest.mark.parametrize(
    ("code", "given", "name", "value"),
    [
        ("b8 ff ff ff ff", {"rax": -1 % 2**64}, "rax", 0xFFFFFFFF),
        ("48 c7 c0 ff ff ff ff", {}, "rax", -1 % 2**64),
        ("48 b8 08 07 06 05 04 03 02 01", {}, "rax", 0x0102030405060708),
        ("41 89 c0", {"rax": 0x1_0000_0002, "r8": -1 % 2**64}, "r8", 2),
        ("40 b4 07", {"rsp": 0x1200}, "rsp", 0x1207),
        ("48 8b 05 f9 2f 00 00", {}, "rax", 0x0807060504030201),
        ("65 48 8b 04 25 00 00 00 00", {}, "rax", 0x11),
        ("64 48 8b 04 25 00 00 00 00", {}, "rax", 0x12),
        ("67 8b 03", {"rbx": 0x1_0000_0000 + DATA}, "eax", 0x04030201),
        ("48 a1 00 40 00 00 00 00 00 00", {}, "rax", 0x0807060504030201),
        ("48 8c e0", {}, "rax", 0x6B),
    ],
)
def test_moves_of_64_bits(code: str, given: dict[str, Any], name: str, value: int) -> None:
    data = bytes(range(1, 17)).ljust(0x100, b"\0") + b"\x11".ljust(0x100, b"\0") + b"\x12"
    after, event = step(state(code, Mode.AMD64, data=data, **given))
    assert isinstance(event, Retired)
    assert after[name] == value


@pytest.mark.parametrize(
    ("mode", "code", "given", "size", "value"),
    [
        (Mode.I386, "50", {"eax": 0x12345678}, 4, 0x12345678),
        (Mode.I386, "54", {}, 4, STACK),
        (Mode.I386, "66 50", {"eax": 0x12345678}, 2, 0x5678),
        (Mode.I386, "68 78 56 34 12", {}, 4, 0x12345678),
        (Mode.I386, "6a ff", {}, 4, 0xFFFFFFFF),
        (Mode.I386, "66 6a ff", {}, 2, 0xFFFF),
        (Mode.I386, "0e", {}, 4, 0x23),
        (Mode.I386, "0f a8", {}, 4, 0x63),
        (Mode.I386, "66 0f a8", {}, 2, 0x63),
        (Mode.I386, "ff 33", {"ebx": DATA}, 4, 0x04030201),
        (Mode.I386, "ff 74 24 04", {}, 4, 0x22222222),
        (Mode.AMD64, "50", {"rax": 0x1122334455667788}, 8, 0x1122334455667788),
        (Mode.AMD64, "41 57", {"r15": 9}, 8, 9),
        (Mode.AMD64, "68 ff ff ff ff", {}, 8, -1 % 2**64),
        (Mode.AMD64, "66 50", {"rax": 0x1122}, 2, 0x1122),
        (Mode.AMD64, "0f a0", {}, 8, 0x6B),
    ],
)
def test_push(mode: Mode, code: str, given: dict[str, Any], size: int, value: int) -> None:
    before = state(code, mode, data=bytes(range(1, 9)), stack=b"\x11" * 4 + b"\x22" * 4, **given)
    after, event = step(before)
    assert isinstance(event, Retired)
    assert (after.sp, stacked(after, size)) == (STACK - size, value)
    # The state before keeps its memory.
    assert before.memory.read(STACK - size, size) == bytes(size)


@pytest.mark.parametrize(
    ("mode", "code", "name", "value", "moved"),
    [
        (Mode.I386, "58", "eax", 0x44332211, 4),
        (Mode.I386, "5c", "esp", 0x44332211, None),
        (Mode.I386, "66 58", "eax", 0x2211, 2),
        (Mode.AMD64, "58", "rax", 0x8877665544332211, 8),
        (Mode.AMD64, "41 5c", "r12", 0x8877665544332211, 8),
        (Mode.AMD64, "66 58", "rax", 0x2211, 2),
    ],
)
def test_pop(mode: Mode, code: str, name: str, value: int, moved: int | None) -> None:
    after, event = step(state(code, mode, stack=bytes.fromhex("11 22 33 44 55 66 77 88")))
    assert isinstance(event, Retired)
    assert after[name] == value
    assert moved is None or after.sp == STACK + moved


def test_pop_to_memory_uses_the_stack_pointer_behind_it() -> None:
    after, event = step(state("8f 04 24", stack=bytes.fromhex("11 22 33 44")))
    assert isinstance(event, Retired)
    assert at(after, STACK + 4, 4) == 0x44332211


@pytest.mark.parametrize(
    ("mode", "code", "ip", "moved"),
    [
        (Mode.I386, "c3", 0x44332211, 4),
        (Mode.I386, "c2 08 00", 0x44332211, 12),
        (Mode.I386, "c2 00 80", 0x44332211, 0x8004),
        (Mode.AMD64, "c3", 0x44332211, 8),
        (Mode.I386, "eb fe", CODE, 0),
        (Mode.I386, "e9 00 f0 ff ff", 5, 0),
        (Mode.I386, "e9 00 e0 ff ff", 0xFFFFF005, 0),
        (Mode.AMD64, "e9 00 e0 ff ff", 0xFFFFFFFFFFFFF005, 0),
        (Mode.I386, "ff e3", DATA, 0),
        (Mode.I386, "ff 23", 0x04030201, 0),
        (Mode.AMD64, "ff 25 fa 2f 00 00", 0x04030201, 0),
    ],
)
def test_branches(mode: Mode, code: str, ip: int, moved: int) -> None:
    given: dict[str, Any] = {"ebx" if mode is Mode.I386 else "rbx": DATA}
    stack = bytes.fromhex("11 22 33 44 00 00 00 00")
    after, event = step(state(code, mode, data=bytes.fromhex("01 02 03 04 00 00 00 00"), stack=stack, **given))
    assert isinstance(event, Retired)
    assert (after.ip, after.sp - STACK) == (ip, moved)


def fault(found: State) -> Fault:
    after, event = step(found)
    assert isinstance(event, Fault)
    assert after is found
    return event


@pytest.mark.parametrize(
    ("code", "given", "name", "error_code", "address"),
    [
        ("8b 03", {"ebx": 0x9004}, "#PF", 4, 0x9004),
        ("89 03", {"ebx": 0x9004}, "#PF", 6, 0x9004),
        ("89 03", {"ebx": CODE}, "#PF", 7, CODE),
        ("8b 03", {"ebx": 0x4FFE}, "#PF", 4, 0x5000),
        ("58", {"esp": 0x9000}, "#PF", 4, 0x9000),
        ("50", {"esp": 0x9000}, "#PF", 6, 0x8FFC),
        ("f4", {}, "#GP", 0, None),
        ("fa", {}, "#GP", 0, None),
        ("fb", {}, "#GP", 0, None),
        ("0f 0b", {}, "#UD", None, None),
        ("0f 05", {}, "#UD", None, None),
        ("8e c8", {}, "#UD", None, None),
        ("f0 89 00", {}, "#UD", None, None),
        ("cd 21", {}, "#GP", 0x21 << 3 | 2, None),
        ("cd 00", {}, "#GP", 2, None),
        ("2e 89 03", {"ebx": DATA}, "#GP", 0, None),
    ],
)
def test_faults_leave_the_state_as_it_was(
    code: str, given: dict[str, Any], name: str, error_code: int | None, address: int | None
) -> None:
    found = fault(state(code, **given))
    assert (found.name, found.error_code, found.address) == (name, error_code, address)
    assert found.why


def test_a_write_in_two_parts_is_whole_or_not_at_all() -> None:
    before = state("89 03", ebx=0xFFFFFFFE, eax=-1 % 2**32)
    memory = before.memory
    assert isinstance(memory, Pages)
    assert fault(before).address == 0xFFFFFFFE
    both = memory.map(0xFFFFF000, b"", size=0x1000).map(0, b"", size=0x1000)
    after, event = step(replace(state("89 03", ebx=0xFFFFFFFE, eax=0x44332211), memory=both))
    assert isinstance(event, Retired)
    assert (at(after, 0xFFFFFFFE, 2), at(after, 0, 2)) == (0x2211, 0x4433)


def test_traps_stand_behind_their_instruction() -> None:
    for code, name, length in (("cc", "#BP", 1), ("cd 03", "#BP", 2), ("cd 04", "#OF", 2)):
        after, event = step(state(code))
        assert isinstance(event, Fault)
        assert (event.name, event.error_code, after.ip) == (name, None, CODE + length)


def test_system_calls() -> None:
    after, event = step(state("cd 80", eax=119))
    assert isinstance(event, Syscall)
    assert (event.gate, event.number, after.ip) == ("int 0x80", 119, CODE + 2)
    assert after.registers == (119, 0, 0, 0, STACK, 0, 0, 0)
    after, event = step(state("0f 05", Mode.AMD64, rax=15, flags=0x10246))
    assert isinstance(event, Syscall)
    assert (event.gate, event.number, after["rcx"], after["r11"]) == ("syscall", 15, CODE + 2, 0x246)
    # int 0x80 is open in 64-bit mode too, and looks at eax.
    _after, event = step(state("cd 80", Mode.AMD64, rax=0x1_0000_0077))
    assert isinstance(event, Syscall)
    assert (event.gate, event.number) == ("int 0x80", 0x77)


def test_ring_0() -> None:
    after, event = step(state("fa", selectors=RING_0))
    assert isinstance(event, Retired)
    assert after.flags == 2
    after, event = step(state("fb", selectors=RING_0, flags=2))
    assert after.flags == 0x202
    after, event = step(state("f4", selectors=RING_0))
    assert isinstance(event, Halted)
    assert after.ip == CODE + 1
    _after, event = step(state("cd 21", selectors=RING_0))
    assert isinstance(event, Fault)
    assert (event.name, event.error_code) == ("int 0x21", None)
    # IOPL 3 opens cli to ring 3, as it is for X servers of old.
    after, event = step(state("fa", flags=0x3202))
    assert (isinstance(event, Retired), after.flags) == (True, 0x3002)
    assert fault(state("8b 03", selectors=RING_0, ebx=0x9000)).error_code == 0


def test_gs_is_a_base() -> None:
    data = bytearray(0x300)
    data[0x100], data[0x200] = 0x11, 0x12
    for code, value in (("65 a1 00 00 00 00", 0x11), ("64 a1 00 00 00 00", 0x12)):
        after, _event = step(state(code, data=bytes(data)))
        assert after["eax"] == value
    # The same read after another selector: lx' two worlds in one instruction.
    loaded, event = step(state("8e e8 65 a1 00 00 00 00", data=bytes(data), eax=0x6B))
    assert isinstance(event, Retired)
    assert loaded["gs"] == 0x6B
    after, _event = step(loaded)
    assert after["eax"] == 0x12


def test_a_null_gs_is_loaded_and_not_used() -> None:
    for selector in range(4):
        loaded, event = step(state("8e e8 65 a1 00 00 00 00", eax=selector))
        assert isinstance(event, Retired)
        assert loaded["gs"] == selector
        found = fault(loaded)
        assert (found.name, found.error_code) == ("#GP", 0)
        assert "null" in found.why
    # In 64-bit mode it is base 0.
    loaded, event = step(state("8e e8 65 48 8b 04 25 00 40 00 00", Mode.AMD64, data=b"\x05"))
    assert isinstance(event, Retired)
    after, event = step(loaded)
    assert after["rax"] == 5


@pytest.mark.parametrize(
    ("which", "selector", "vector", "error_code"),
    [
        (GS, 0x73, "GP", 0x70),
        (GS, 0x67, "GP", 0x64),
        (GS, 0x10, "GP", 0x10),
        (GS, 0x13, "GP", 0x10),
        (GS, 0x43, "NP", 0x40),
        (GS, 0x53, "GP", 0x50),
        (SS, 0x00, "GP", 0),
        (SS, 0x28, "GP", 0x28),
        (SS, 0x10, "GP", 0x10),
        (SS, 0x4B, "GP", 0x48),
        (SS, 0x23, "GP", 0x20),
        (SS, 0x43, "SS", 0x40),
    ],
)
def test_selectors_that_cannot_be_loaded(which: SegmentRegister, selector: int, vector: str, error_code: int) -> None:
    assert load(which, selector, table=TABLE, cpl=3, mode=Mode.I386) == Refused(vector=vector, error_code=error_code)
    code = {GS: "8e e8", SS: "8e d0"}[which]
    found = fault(state(code, eax=selector))
    assert (found.name, found.error_code) == (f"#{vector}", error_code)
    popped = fault(state({GS: "0f a9", SS: "17"}[which], stack=selector.to_bytes(4, "little")))
    assert (popped.name, popped.error_code) == (f"#{vector}", error_code)


def test_selectors_that_can() -> None:
    for selector in (0x2B, 0x28, 0x23, 0x4B, 0x63):
        found = load(GS, selector, table=TABLE, cpl=3, mode=Mode.I386)
        assert isinstance(found, Segment)
        assert found.selector == selector
    assert isinstance(load(SS, 0x2B, table=TABLE, cpl=3, mode=Mode.I386), Segment)
    # A null ss is for 64-bit mode, and not for ring 3 there.
    assert isinstance(load(SS, 0, table=TABLE, cpl=0, mode=Mode.AMD64), Segment)
    assert isinstance(load(SS, 3, table=TABLE, cpl=3, mode=Mode.AMD64), Refused)
    # A selector popped is the low half of the word; all of the word is popped.
    after, _event = step(state("0f a9", stack=bytes.fromhex("2b 00 ff ff")))
    assert (after["gs"], after.sp) == (0x2B, STACK + 4)


def test_limits_and_types() -> None:
    small = {**RING_3, GS: 0x3B}
    assert isinstance(step(state("65 a1 0c 00 00 00", selectors=small))[1], Retired)
    assert fault(state("65 a1 0d 00 00 00", selectors=small)).error_code == 0
    assert fault(state("65 a1 10 00 00 00", selectors=small)).name == "#GP"
    assert fault(state("50", selectors={**RING_3, SS: 0x3B})).name == "#SS"
    assert isinstance(step(state("65 a1 00 40 00 00", selectors={**RING_3, GS: 0x4B}))[1], Retired)
    assert fault(state("65 a3 00 40 00 00", selectors={**RING_3, GS: 0x4B})).name == "#GP"
    assert fault(state("2e a1 00 40 00 00", selectors={**RING_3, CS: 0x53})).name == "#GP"


def test_what_is_not_canonical() -> None:
    assert fault(state("48 8b 03", Mode.AMD64, rbx=1 << 47)).name == "#GP"
    assert fault(state("48 8b 03", Mode.AMD64, rbx=(1 << 47) - 4)).name == "#GP"
    assert fault(state("58", Mode.AMD64, rsp=1 << 47)).name == "#SS"
    assert fault(state("ff e3", Mode.AMD64, rbx=1 << 63)).name == "#GP"
    assert fault(state("c3", Mode.AMD64, stack=b"\xff" * 6 + b"\0\0")).name == "#GP"
    assert fault(state("48 8b 03", Mode.AMD64, rbx=-8 % 2**64)).name == "#PF"


def test_what_is_not_known_is_no_fault() -> None:
    before = state("0f a2")
    after, event = step(before)
    assert isinstance(event, Unknown)
    assert after is before
    assert event.undecoded.code == b"\x0f\xa2"


def test_fetching() -> None:
    # Code that ends with its page is enough if the instruction does.
    _after, event = step(state("58", ip=0x1FFF))
    assert isinstance(event, Retired)
    found = fault(state("b8 01", ip=0x1FFE))
    assert (found.name, found.error_code, found.address) == ("#PF", 0x14, 0x2000)
    # The stack may be written and not executed: why the trampoline in a frame is a mark and no more.
    found = fault(replace(state("90"), ip=STACK))
    assert (found.name, found.error_code, found.address) == ("#PF", 0x15, STACK)
    # Longer than 15 bytes, and a target beyond the segment.
    found = fault(state("f0 64 66 67 48 c7 84 8b 44 33 22 11 44 33 22 11", Mode.AMD64))
    assert (found.name, found.error_code) == ("#GP", 0)
    short = {**state("ff e3", ebx=0x2000).table, 0x20: Descriptor(code=True, limit=0x1FFF)}
    before = state("ff e3", ebx=0x2000)
    limited = start(Mode.I386, ip=CODE, memory=before.memory, selectors=RING_3, table=short, registers={"ebx": 0x2000})
    assert fault(limited).name == "#GP"
    assert fault(replace(limited, ip=0x2000)).name == "#GP"


def test_run_ends_where_something_happens() -> None:
    seen: list[Event] = [event for _before, event, _after in run(state("58 b8 77 00 00 00 cd 80", stack=b"\x0a"), 10)]
    assert [type(event) for event in seen] == [Retired, Retired, Syscall]
    assert len(list(run(state("eb fe"), 10))) == 10
    assert list(run(state("90"), 0)) == []


def test_names_of_a_state() -> None:
    found = state("90", eax=0x12345678)
    assert [found[name] for name in ("eax", "ax", "al", "ah", "eip", "ip", "esp", "cs", "gs")] == [
        0x12345678, 0x5678, 0x78, 0x56, CODE, CODE, STACK, 0x23, 0x63,
    ]  # fmt: skip
    assert (found.cpl, state("90", selectors=RING_0).cpl) == (3, 0)
    for name in ("rax", "rip", "xyz"):
        with pytest.raises(UnknownNameError):
            found[name]


@pytest.mark.parametrize("registers", [{"eax": 1 << 32}, {"eax": -1}, {"ax": 1}])
def test_a_state_that_cannot_be(registers: dict[str, int]) -> None:
    with pytest.raises(RangeError):
        start(Mode.I386, ip=0, memory=Pages(), selectors=RING_3, table=TABLE, registers=registers)
    with pytest.raises(RangeError, match="no descriptor"):
        start(Mode.I386, ip=0, memory=Pages(), selectors={CS: 0x73}, table=TABLE)


def test_vectors_have_the_manuals_numbers() -> None:
    assert {vector.name: int(vector) for vector in Vector} == {
        "BP": 3, "OF": 4, "UD": 6, "NP": 11, "SS": 12, "GP": 13, "PF": 14,
    }  # fmt: skip
