"""Bytes to instructions and their text: a row for every form that is known."""

from __future__ import annotations

import pytest

from heliograph.x86.decode import LONGEST, decode, disassemble
from heliograph.x86.instruction import EffectiveAddress, Immediate, Instruction, Reason, Relative, Undecoded
from heliograph.x86.opcodes import GROUPS, OPCODES
from heliograph.x86.registers import Mode, Register, SegmentRegister
from heliograph.x86.text import text

BOTH = [
    ("06 | -", "push %es"),
    ("07 | -", "pop %es"),
    ("0e | -", "push %cs"),
    ("16 | -", "push %ss"),
    ("17 | -", "pop %ss"),
    ("1e | -", "push %ds"),
    ("1f | -", "pop %ds"),
    ("50 | -", "push %eax"),
    ("5c | -", "pop %esp"),
    ("- | 50", "push %rax"),
    ("- | 5c", "pop %rsp"),
    ("- | 41 54", "push %r12"),
    ("- | 49 5f", "rex.WB pop %r15"),
    ("66 50 | 66 50", "push %ax"),
    ("68 78 56 34 12 | 68 78 56 34 12", "push $0x12345678"),
    ("68 ff ff ff ff | -", "push $0xffffffff"),
    ("- | 68 ff ff ff ff", "push $0xffffffffffffffff"),
    ("66 68 34 12 | 66 68 34 12", "pushw $0x1234"),
    ("6a 7f | 6a 7f", "push $0x7f"),
    ("6a ff | -", "push $0xffffffff"),
    ("88 c3 | 88 c3", "mov %al,%bl"),
    ("88 e3 | 88 e3", "mov %ah,%bl"),
    ("- | 40 88 e3", "mov %spl,%bl"),
    ("- | 44 88 ff", "mov %r15b,%dil"),
    ("89 e5 | 89 e5", "mov %esp,%ebp"),
    ("- | 48 89 e5", "mov %rsp,%rbp"),
    ("66 89 e5 | 66 89 e5", "mov %sp,%bp"),
    ("8a 06 | -", "mov (%esi),%al"),
    ("- | 8a 06", "mov (%rsi),%al"),
    ("8b 44 24 08 | -", "mov 0x8(%esp),%eax"),
    ("- | 48 8b 44 24 08", "mov 0x8(%rsp),%rax"),
    ("8b 45 f8 | -", "mov -0x8(%ebp),%eax"),
    ("8b 45 00 | -", "mov 0x0(%ebp),%eax"),
    ("8b 84 8b 00 01 00 00 | -", "mov 0x100(%ebx,%ecx,4),%eax"),
    ("- | 4b 8b 44 f5 10", "mov 0x10(%r13,%r14,8),%rax"),
    ("8b 04 8d 00 01 00 00 | -", "mov 0x100(,%ecx,4),%eax"),
    ("8b 05 78 56 34 12 | -", "mov 0x12345678,%eax"),
    ("- | 8b 05 78 56 34 12", "mov 0x12345678(%rip),%eax"),
    ("- | 67 8b 05 f8 ff ff ff", "mov -0x8(%eip),%eax"),
    ("- | 8b 04 25 f8 ff ff ff", "mov 0xfffffffffffffff8,%eax"),
    ("- | 67 8b 00", "mov (%eax),%eax"),
    ("8b 04 20 | -", "mov (%eax,%eiz,1),%eax"),
    ("8b 04 64 | -", "mov (%esp,%eiz,2),%eax"),
    ("8b 04 25 00 00 00 00 | -", "mov 0x0(,%eiz,1),%eax"),
    ("- | 41 8b 04 24", "mov (%r12),%eax"),
    ("67 8b 00 | -", "mov (%bx,%si),%eax"),
    ("67 8b 42 f8 | -", "mov -0x8(%bp,%si),%eax"),
    ("67 8b 07 | -", "mov (%bx),%eax"),
    ("67 8b 87 34 12 | -", "mov 0x1234(%bx),%eax"),
    ("67 8b 06 34 12 | -", "addr16 mov 0x1234,%eax"),
    ("8c e8 | 8c e8", "mov %gs,%eax"),
    ("66 8c e8 | 66 8c e8", "mov %gs,%ax"),
    ("- | 48 8c e0", "mov %fs,%rax"),
    ("8c 28 | -", "mov %gs,(%eax)"),
    ("8e e8 | 8e e8", "mov %eax,%gs"),
    ("8e 6c 24 04 | -", "mov 0x4(%esp),%gs"),
    ("8d 44 24 04 | -", "lea 0x4(%esp),%eax"),
    ("- | 48 8d 04 cd 00 00 00 00", "lea 0x0(,%rcx,8),%rax"),
    ("8f 00 | -", "pop (%eax)"),
    ("- | 8f 00", "pop (%rax)"),
    ("66 8f 00 | -", "popw (%eax)"),
    ("90 | 90", "nop"),
    ("66 90 | 66 90", "xchg %ax,%ax"),
    ("f3 90 | f3 90", "pause"),
    ("0f 1f 40 00 | -", "nopl 0x0(%eax)"),
    ("66 0f 1f 44 00 00 | -", "nopw 0x0(%eax,%eax,1)"),
    ("- | 48 0f 1f c0", "nop %rax"),
    ("a0 00 10 00 00 | -", "mov 0x1000,%al"),
    ("65 a1 00 00 00 00 | -", "mov %gs:0x0,%eax"),
    ("a2 00 10 00 00 | -", "mov %al,0x1000"),
    ("64 a3 00 10 00 00 | -", "mov %eax,%fs:0x1000"),
    ("- | 48 a1 88 77 66 55 44 33 22 11", "movabs 0x1122334455667788,%rax"),
    ("- | 67 a1 44 33 22 11", "addr32 mov 0x11223344,%eax"),
    ("67 a1 22 11 | -", "addr16 mov 0x1122,%eax"),
    ("- | 65 48 8b 04 25 18 00 00 00", "mov %gs:0x18,%rax"),
    ("- | 64 48 8b 04 25 28 00 00 00", "mov %fs:0x28,%rax"),
    ("b0 ff | b0 ff", "mov $0xff,%al"),
    ("b4 01 | b4 01", "mov $0x1,%ah"),
    ("- | 40 b4 01", "mov $0x1,%spl"),
    ("b8 77 00 00 00 | b8 77 00 00 00", "mov $0x77,%eax"),
    ("66 b8 34 12 | 66 b8 34 12", "mov $0x1234,%ax"),
    ("- | 49 bf 88 77 66 55 44 33 22 11", "movabs $0x1122334455667788,%r15"),
    ("c6 00 7f | -", "movb $0x7f,(%eax)"),
    ("c6 c0 7f | c6 c0 7f", "mov $0x7f,%al"),
    ("c7 04 24 01 00 00 00 | -", "movl $0x1,(%esp)"),
    ("66 c7 00 01 00 | -", "movw $0x1,(%eax)"),
    ("- | 48 c7 00 ff ff ff ff", "movq $0xffffffffffffffff,(%rax)"),
    ("- | 48 c7 c0 0f 00 00 00", "mov $0xf,%rax"),
    ("c2 08 00 | c2 08 00", "ret $0x8"),
    ("c3 | c3", "ret"),
    ("f3 c3 | f3 c3", "repz ret"),
    ("cc | cc", "int3"),
    ("cd 80 | cd 80", "int $0x80"),
    ("e9 fb ff ff ff | e9 fb ff ff ff", "jmp 0x1000"),
    ("eb fe | eb fe", "jmp 0x1000"),
    ("eb 7f | eb 7f", "jmp 0x1081"),
    ("f4 | f4", "hlt"),
    ("fa | fa", "cli"),
    ("fb | fb", "sti"),
    ("ff e0 | -", "jmp *%eax"),
    ("- | 41 ff e3", "jmp *%r11"),
    ("ff 64 24 04 | -", "jmp *0x4(%esp)"),
    ("- | ff 25 00 00 00 00", "jmp *0x0(%rip)"),
    ("- | 3e ff e0", "notrack jmp *%rax"),
    ("ff 30 | -", "push (%eax)"),
    ("- | ff 30", "push (%rax)"),
    ("66 ff 30 | -", "pushw (%eax)"),
    ("ff f0 | -", "push %eax"),
    ("0f 05 | 0f 05", "syscall"),
    ("0f 0b | 0f 0b", "ud2"),
    ("0f a0 | 0f a0", "push %fs"),
    ("0f a1 | 0f a1", "pop %fs"),
    ("0f a8 | 0f a8", "push %gs"),
    ("0f a9 | 0f a9", "pop %gs"),
    ("66 0f a8 | 66 0f a8", "pushw %gs"),
    # Prefixes that change nothing are said, so that an assembler makes the same bytes again.
    ("2e 50 | -", "cs push %eax"),
    ("- | 2e 89 00", "cs mov %eax,(%rax)"),
    ("66 67 cc | -", "data16 addr16 int3"),
    ("- | 67 50", "addr32 push %rax"),
    ("- | 40 50", "rex push %rax"),
    ("- | 48 50", "rex.W push %rax"),
    ("- | 4a b0 01", "rex.WX mov $0x1,%al"),
    # In 64-bit mode an override of fs or gs is one, and the others are not.
    ("36 8b 00 | -", "mov %ss:(%eax),%eax"),
    ("65 8b 00 | -", "mov %gs:(%eax),%eax"),
]


def cases() -> list[tuple[Mode, bytes, str]]:
    found = []
    for codes, words in BOTH:
        for mode, code in zip(Mode, codes.split(" | "), strict=True):
            if code != "-":
                found.append((mode, bytes.fromhex(code), words))
    return found


@pytest.mark.parametrize(("mode", "code", "words"), cases())
def test_forms(mode: Mode, code: bytes, words: str) -> None:
    found = decode(code, mode)
    assert isinstance(found, Instruction)
    assert (found.code, found.length, found.offset, found.mode) == (code, len(code), 0, mode)
    assert text(found, origin=0x1000) == words
    # What follows changes nothing; what is missing is missed.
    assert decode(code + b"\xff" * LONGEST, mode) == found
    for end in range(len(code)):
        short = decode(code[:end], mode)
        if isinstance(short, Instruction):
            assert short.code == code[:end]
        else:
            assert short.reason is Reason.TRUNCATED


def test_every_opcode_of_the_table_has_a_form() -> None:
    reached = {(mode, opcode_of(found)) for mode, code, _words in cases() for found in [decode(code, mode)]}
    eights = {0x50, 0x58, 0xB0, 0xB8}
    for opcode in [*OPCODES, *GROUPS]:
        first = opcode & ~7 if opcode & ~7 in eights else opcode
        family = range(first, first + 8) if first in eights else (opcode,)
        assert any((mode, one) in reached for mode in Mode for one in family), hex(opcode)


def opcode_of(found: Instruction | Undecoded) -> int:
    code = found.code.lstrip(bytes([0x26, 0x2E, 0x36, 0x3E, *range(0x64, 0x68), 0xF0, 0xF2, 0xF3]))
    if isinstance(found, Instruction) and found.mode is Mode.AMD64 and code[0] & 0xF0 == 0x40:
        code = code[1:]
    return 0x0F00 | code[1] if code[0] == 0x0F else code[0]


@pytest.mark.parametrize(
    ("mode", "code", "reason", "words"),
    [
        (Mode.I386, "", Reason.TRUNCATED, "end inside"),
        (Mode.I386, "66 66 90", Reason.UNKNOWN, "two prefixes for operand size"),
        (Mode.I386, "f2 f3 c3", Reason.UNKNOWN, "two prefixes for lock or repeat"),
        (Mode.AMD64, "48 66 50", Reason.UNKNOWN, "loses its effect"),
        (Mode.AMD64, "48 48 50", Reason.UNKNOWN, "loses its effect"),
        (Mode.AMD64, "06", Reason.INVALID, "not in 64-bit mode"),
        (Mode.AMD64, "1f", Reason.INVALID, "not in 64-bit mode"),
        (Mode.I386, "8e c8", Reason.INVALID, "cs is loaded by jumps only"),
        (Mode.I386, "8e f0", Reason.INVALID, "no segment register 6"),
        (Mode.I386, "8c f8", Reason.INVALID, "no segment register 7"),
        (Mode.I386, "8d c0", Reason.INVALID, "lea of a register"),
        (Mode.I386, "f0 89 00", Reason.INVALID, "nothing that can be locked"),
        (Mode.I386, "f0 90", Reason.INVALID, "nothing that can be locked"),
        (Mode.I386, "01 c8", Reason.UNKNOWN, "opcode 01 is not known here"),
        (Mode.I386, "0f a2", Reason.UNKNOWN, "opcode 0f a2 is not known here"),
        (Mode.I386, "ff c0", Reason.UNKNOWN, "opcode ff /0 is not known here"),
        (Mode.I386, "8f c8", Reason.UNKNOWN, "opcode 8f /1 is not known here"),
        (Mode.I386, "66 c3", Reason.UNKNOWN, "Intel and AMD differ"),
        (Mode.AMD64, "66 e9 00 00", Reason.UNKNOWN, "Intel and AMD differ"),
        (Mode.I386, "3e ff e0", Reason.UNKNOWN, "an override, or notrack"),
        (Mode.AMD64, "41 90", Reason.UNKNOWN, "xchg"),
        (Mode.AMD64, "66 48 90", Reason.UNKNOWN, "xchg"),
        (Mode.I386, "f3 50", Reason.UNKNOWN, "a repeat prefix before push"),
        (Mode.I386, "f2 c3", Reason.UNKNOWN, "a repeat prefix before ret"),
    ],
)
def test_what_is_no_instruction(mode: Mode, code: str, reason: Reason, words: str) -> None:
    found = decode(bytes.fromhex(code), mode)
    assert isinstance(found, Undecoded)
    assert found.reason is reason
    assert words in found.message
    assert found.offset == 0


def test_fifteen_bytes_are_the_most() -> None:
    # A prefix of each group but one, REX, opcode, ModRM, SIB, displacement, number.
    longest = bytes.fromhex("64 66 67 48 c7 84 8b 44 33 22 11 44 33 22 11")
    found = decode(longest, Mode.AMD64)
    assert isinstance(found, Instruction)
    assert found.length == LONGEST
    longer = decode(b"\xf0" + longest, Mode.AMD64)
    assert isinstance(longer, Undecoded)
    assert longer.reason is Reason.TOO_LONG


def test_operands_are_the_manuals() -> None:
    found = decode(bytes.fromhex("65 48 c7 44 8b f8 ff ff ff ff"), Mode.AMD64)
    assert isinstance(found, Instruction)
    assert (found.mnemonic, found.bits, found.idle) == ("mov", 64, ())
    assert found.operands == (
        EffectiveAddress(
            access=64,
            bits=64,
            segment=SegmentRegister.GS,
            base=Register(number=3, bits=64),
            index=Register(number=1, bits=64),
            scale=4,
            displacement=-8,
            has_displacement=True,
            sib=True,
        ),
        Immediate(value=0xFFFFFFFFFFFFFFFF, bits=64, encoded=32),
    )
    jump = decode(b"\xeb\x80", Mode.I386)
    assert isinstance(jump, Instruction)
    assert jump.operands == (Relative(displacement=-128),)


@pytest.mark.parametrize(
    ("code", "segment"),
    [
        ("8b 00", "DS"),
        ("8b 04 24", "SS"),
        ("8b 45 00", "SS"),
        ("8b 04 28", "DS"),
        ("67 8b 02", "SS"),
        ("a1 00 00 00 00", "DS"),
    ],
)
def test_the_segment_that_holds_anyway(code: str, segment: str) -> None:
    found = decode(bytes.fromhex(code), Mode.I386)
    assert isinstance(found, Instruction)
    (place,) = (operand for operand in found.operands if isinstance(operand, EffectiveAddress))
    assert place.default_segment is SegmentRegister[segment]


def test_disassemble_goes_on_after_what_it_does_not_know() -> None:
    parts = list(disassemble(bytes.fromhex("58 b8 77 00 00 00 cd 80 0f a2 c3 b8"), Mode.I386))
    assert [(part.offset, text(part, origin=0)) for part in parts] == [
        (0, "pop %eax"),
        (1, "mov $0x77,%eax"),
        (6, "int $0x80"),
        (8, ".byte 0x0f"),
        (9, ".byte 0xa2"),
        (10, "ret"),
        (11, ".byte 0xb8"),
    ]
    assert list(disassemble(b"", Mode.AMD64)) == []


def test_a_branch_is_shown_by_its_address() -> None:
    found = decode(b"\x90\xeb\xfd", Mode.I386, 1)
    assert (found.offset, text(found)) == (1, "jmp 0x0")
    assert text(found, origin=0x8048000) == "jmp 0x8048000"
    wrapped = decode(b"\xeb\xf0", Mode.I386)
    assert text(wrapped) == "jmp 0xfffffff2"
