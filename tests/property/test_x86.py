"""Laws of the decoder and the CPU: whatever the bytes, there is an answer."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from heliograph.x86.cpu import Event, Fault, Retired, State, Syscall, Unknown, run, step
from heliograph.x86.decode import LONGEST, decode, disassemble
from heliograph.x86.instruction import EffectiveAddress, Immediate, Instruction, Reason, Undecoded
from heliograph.x86.memory import Access, Missing, Pages
from heliograph.x86.opcodes import GROUPS, OPCODES
from heliograph.x86.registers import Mode, Register, SegmentRegister
from heliograph.x86.segments import Descriptor, Refused, Segment, load
from heliograph.x86.text import text

MODES = st.sampled_from(Mode)
PREFIXES = st.lists(st.sampled_from([0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3]), max_size=3)
KNOWN = [bytes([0x0F, code & 0xFF]) if code > 0xFF else bytes([code]) for code in [*OPCODES, *GROUPS]]
CODE = st.one_of(
    st.binary(max_size=20),
    st.builds(
        lambda prefixes, rex, opcode, rest: bytes(prefixes) + rex + opcode + rest,
        PREFIXES,
        st.sampled_from([b"", *(bytes([0x40 + n]) for n in range(16))]),
        st.sampled_from(KNOWN),
        st.binary(max_size=12),
    ),
)


@given(CODE, MODES)
def test_any_bytes_have_an_answer(code: bytes, mode: Mode) -> None:
    found = decode(code, mode)
    assert text(found)
    if isinstance(found, Instruction):
        assert found.code == code[: found.length]
        assert 1 <= found.length <= LONGEST
    else:
        assert found.message
        assert code.startswith(found.code)
        assert found.reason is not Reason.TOO_LONG or len(code) >= LONGEST


@given(CODE, MODES, st.binary(max_size=20))
def test_an_instruction_does_not_depend_on_what_follows(code: bytes, mode: Mode, rest: bytes) -> None:
    found = decode(code, mode)
    if isinstance(found, Instruction):
        assert decode(found.code, mode) == found
        assert decode(found.code + rest, mode) == found
        for end in range(found.length):
            short = decode(found.code[:end], mode)
            assert isinstance(short, Undecoded)
            assert short.reason is Reason.TRUNCATED


@given(CODE, MODES)
def test_the_parts_are_the_whole(code: bytes, mode: Mode) -> None:
    parts = list(disassemble(code, mode))
    assert b"".join(part.code for part in parts) == code
    assert all(decode(code, mode, part.offset).offset == part.offset for part in parts)


# ---- decode(encode(x)) == x, with an encoder that knows nothing of the decoder


@st.composite
def moves(draw: st.DrawFn) -> tuple[Mode, bytes, tuple[object, ...]]:
    """Return the bytes of a mov of a number to memory, with base, index, scale and displacement, and its operands."""
    mode = draw(MODES)
    registers = range(mode.registers)
    base = draw(st.sampled_from(registers))
    index = draw(st.sampled_from([n for n in registers if n != 4]) | st.none())
    shift = draw(st.integers(0, 3))
    size = draw(st.sampled_from([0, 1, 4]))
    # A base of bp or r13 cannot go without a displacement.
    size = 1 if size == 0 and base & 7 == 5 else size
    displacement = draw(st.integers(-(1 << 8 * size - 1), (1 << 8 * size - 1) - 1)) if size else 0
    segment = draw(st.sampled_from([None, SegmentRegister.FS, SegmentRegister.GS]))
    wide = mode is Mode.AMD64 and draw(st.booleans())
    number = draw(st.integers(-(1 << 31), (1 << 31) - 1))
    code = b"" if segment is None else bytes([0x64 + segment - SegmentRegister.FS])
    rex = wide << 3 | (index or 0) >> 3 << 1 | base >> 3
    code += bytes([0x40 | rex]) if rex else b""
    code += bytes([0xC7, (0, 0x40, 0, 0, 0x80)[size] | 4])
    code += bytes([shift << 6 | (4 if index is None else index & 7) << 3 | base & 7])
    code += displacement.to_bytes(size, "little", signed=True) if size else b""
    code += number.to_bytes(4, "little", signed=True)
    bits = 64 if wide else 32
    place = EffectiveAddress(
        access=bits,
        bits=mode.bits,
        segment=segment,
        base=Register(number=base, bits=mode.bits),
        index=None if index is None else Register(number=index, bits=mode.bits),
        scale=1 << shift,
        displacement=displacement,
        has_displacement=size > 0,
        sib=True,
    )
    return mode, code, (place, Immediate(value=number % (1 << bits), bits=bits, encoded=32))


@given(moves())
def test_what_is_encoded_is_decoded(case: tuple[Mode, bytes, tuple[object, ...]]) -> None:
    mode, code, operands = case
    found = decode(code, mode)
    assert isinstance(found, Instruction)
    assert (found.mnemonic, found.operands, found.code, found.idle) == ("mov", operands, code, ())


@given(MODES, st.integers(0, 15), st.integers(0, (1 << 64) - 1))
def test_what_is_pushed_is_popped(mode: Mode, number: int, value: int) -> None:
    number %= mode.registers
    value %= 1 << mode.bits
    rex = b"\x41" if number > 7 else b""
    code = rex + bytes([0x50 | number & 7]) + rex + bytes([0x58 | number & 7])
    registers = [0] * mode.registers
    registers[number] = value
    sp = registers[4] = 0x5800
    before = machine(mode, code, registers, Pages())
    (_one, first, _two), (_three, second, after) = run(before, 2)
    assert isinstance(first, Retired)
    assert isinstance(second, Retired)
    assert after.registers[number] == (sp if number == 4 else value)
    assert after.sp == sp


# ---- the CPU is total

TABLE: Mapping[int, Descriptor] = {
    0x08: Descriptor(code=True, dpl=0),
    0x10: Descriptor(dpl=0),
    0x20: Descriptor(code=True),
    0x28: Descriptor(),
    0x38: Descriptor(base=0x4000, limit=15),
    0x40: Descriptor(present=False),
    0x48: Descriptor(open=False),
    0x50: Descriptor(code=True, open=False),
}
SELECTORS = st.one_of(st.sampled_from([0, 3, 0x10, 0x23, 0x28, 0x2B, 0x3B, 0x43, 0x4B, 0x53]), st.integers(0, 0xFFFF))
ADDRESSES = st.one_of(st.integers(0x3FF0, 0x6010), st.integers(0, (1 << 64) - 1))


def machine(mode: Mode, code: bytes, registers: list[int], pages: Pages, ring: int = 3, ip: int = 0x1000) -> State:
    memory = pages.map(0x1000, code, Access.READ | Access.FETCH).map(
        0x4000, b"", Access.READ | Access.WRITE, size=0x2000
    )
    flat = Segment(selector=ring)
    segments = [flat] * len(SegmentRegister)
    return State(
        mode=mode,
        registers=tuple(value % (1 << mode.bits) for value in registers),
        ip=ip,
        flags=0x202,
        segments=tuple(segments),
        memory=memory,
        table=TABLE,
    )


@given(
    CODE,
    MODES,
    st.lists(ADDRESSES, min_size=16, max_size=16),
    st.sampled_from([0, 3]),
    st.one_of(st.just(0x1000), st.sampled_from([0x1FFF, 0, 0xFFFFFFFF, 0x4000])),
    st.lists(SELECTORS, min_size=6, max_size=6),
)
def test_any_step_has_an_answer(
    code: bytes, mode: Mode, registers: list[int], ring: int, ip: int, selectors: list[int]
) -> None:
    before = machine(mode, code, registers[: mode.registers], Pages(), ring, ip)
    loads = (
        load(which, value, table=TABLE, cpl=ring, mode=mode)
        for which, value in zip(SegmentRegister, selectors, strict=True)
    )
    kept = tuple(
        old if which is SegmentRegister.CS or isinstance(new, Refused) else new
        for which, old, new in zip(SegmentRegister, before.segments, loads, strict=True)
    )
    before = State(
        mode=mode,
        registers=before.registers,
        ip=ip,
        flags=0x202,
        segments=kept,
        memory=before.memory,
        table=TABLE,
    )
    after, event = step(before)
    assert step(before) == (after, event)
    assert isinstance(event, Event)
    assert len(after.registers) == mode.registers
    assert all(0 <= value < 1 << mode.bits for value in (*after.registers, after.ip))
    if isinstance(event, Unknown) or (isinstance(event, Fault) and event.vector > 4 and ring):
        assert after is before
    if isinstance(event, Fault) and event.name == "#PF":
        assert event.address is not None
        assert event.error_code is not None
        access = Access.FETCH if event.error_code & 16 else Access.WRITE if event.error_code & 2 else Access.READ
        assert isinstance(before.memory.read(event.address, 1, access), Missing)
    if isinstance(event, Syscall):
        assert event.number == after.registers[0] % (1 << (64 if event.gate == "syscall" else 32))


@given(st.integers(0, 1 << 33), st.binary(max_size=5000), st.integers(0, 1 << 33), st.integers(1, 5000))
def test_memory_keeps_what_is_written(where: int, data: bytes, other: int, size: int) -> None:
    memory = Pages().map(where, b"", size=len(data) + 1)
    written = memory.write(where, data)
    assert isinstance(written, Pages)
    assert written.read(where, len(data) or 1) == (data or b"\0")
    assert memory.read(where, len(data) or 1) == bytes(len(data) or 1)
    elsewhere = written.read(other, size)
    assert isinstance(elsewhere, Missing) or len(elsewhere) == size
