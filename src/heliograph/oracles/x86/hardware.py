"""The CPU of this machine: single instructions in a process of their own.

A small program maps the pages of the questions, enters each instruction with all its registers by returning from a
signal handler, and leaves it by the fault that it raises or by the ``int3`` behind it. The kernel's frame says what
happened: registers, trap number, error code.
"""

from __future__ import annotations

import platform
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from heliograph.errors import Error, OracleMissingError
from heliograph.oracles.comparison import Said
from heliograph.oracles.judges import builds
from heliograph.oracles.x86.questions import AT, CODE, CODE_SIZE, DATA, DATA_SIZE, instructions, values
from heliograph.process import run
from heliograph.x86.cpu import Event, Fault, Retired, State, start, step
from heliograph.x86.decode import LONGEST
from heliograph.x86.instruction import EffectiveAddress, Instruction
from heliograph.x86.memory import Access, Pages
from heliograph.x86.registers import Mode, Register, SegmentRegister
from heliograph.x86.segments import Descriptor
from heliograph.x86.text import text

__all__ = ["against_cpu", "faults"]

_ASKED = 4000
"""Samples for each mode."""

_PROGRAM = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#ifdef __x86_64__
#define COUNT 16
#define IP REG_RIP
static const int order[COUNT] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
#else
#define COUNT 8
#define IP REG_EIP
static const int order[COUNT] = {REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI};
#endif

static unsigned char *code, *data, before[DATA_SIZE];
static gregset_t home, seen;
static unsigned long long want[COUNT];
static volatile int inside;

static void enter(int sig, siginfo_t *info, void *context)
{
    greg_t *now = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)sig;
    (void)info;
    __builtin_memcpy(home, now, sizeof home);
    for (int n = 0; n < COUNT; n++)
        now[order[n]] = want[n];
    now[IP] = AT;
    inside = 1;
}

static void leave(int sig, siginfo_t *info, void *context)
{
    greg_t *now = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)sig;
    (void)info;
    if (!inside)
        _Exit(9);
    inside = 0;
    __builtin_memcpy(seen, now, sizeof seen);
    __builtin_memcpy(now, home, sizeof home);
}

static void catch(int sig, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(sig, &action, 0);
}

static void bytes(unsigned char *to, size_t count)
{
    unsigned value;

    for (size_t n = 0; n < count && scanf("%2x", &value) == 1; n++)
        to[n] = value;
}

int main(void)
{
    static char other[1 << 16];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof other};
    int length;

    code = mmap((void *)CODE, CODE_SIZE, 7, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    data = mmap((void *)DATA, DATA_SIZE, 3, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (code != (void *)CODE || data != (void *)DATA)
        return 8;
    sigaltstack(&stack, 0);
    catch(SIGUSR1, enter);
    for (const int *sig = (const int[]){SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE, 0}; *sig; sig++)
        catch(*sig, leave);
    while (scanf("%d", &length) == 1) {
        memset(code, 0xcc, CODE_SIZE);
        bytes((unsigned char *)AT, length);
        for (int n = 0; n < COUNT; n++)
            if (scanf("%llx", &want[n]) != 1)
                return 7;
        bytes(data, DATA_SIZE);
        memcpy(before, data, DATA_SIZE);
        raise(SIGUSR1);
        printf("%d %d %llx", (int)seen[REG_TRAPNO], (int)seen[REG_ERR], (unsigned long long)seen[IP] & MASK);
        for (int n = 0; n < COUNT; n++)
            printf(" %llx", (unsigned long long)seen[order[n]] & MASK);
        for (size_t n = 0; n < DATA_SIZE; n++)
            if (data[n] != before[n])
                printf(" [%lx]=%02x", (unsigned long)DATA + n, data[n]);
        printf("\n");
    }
    return 0;
}
"""

_CS, _SS, _DS, _ES = (SegmentRegister[name] for name in ("CS", "SS", "DS", "ES"))
_TABLE = {0x20: Descriptor(code=True), 0x30: Descriptor(code=True), 0x28: Descriptor(), 0x60: Descriptor()}
_SELECTORS = {Mode.I386: {_CS: 0x23, _SS: 0x2B, _DS: 0x2B, _ES: 0x2B}, Mode.AMD64: {_CS: 0x33, _SS: 0x2B}}
_TRAP = 3

Asked = tuple[Instruction | None, bytes, Sequence[int], bytes]
"""An instruction if there is one, its bytes, the registers, the memory."""


def _answers(mode: Mode, asked: Sequence[Asked]) -> list[str]:
    """Compile the program, put the questions, and return its lines.

    :raises OracleMissingError: this is no such machine, or its compiler cannot build for the mode.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise OracleMissingError("the CPU of this machine is not asked: that needs Linux on x86_64")
    sizes = {"CODE": CODE, "CODE_SIZE": CODE_SIZE, "DATA": DATA, "DATA_SIZE": DATA_SIZE, "AT": AT}
    defines = [f"-D{name}={value:#x}UL" for name, value in sizes.items()] + [f"-DMASK={(1 << mode.bits) - 1:#x}ULL"]
    bits = "-m64" if mode is Mode.AMD64 else "-m32"
    with tempfile.TemporaryDirectory() as folder:
        binary = str(Path(folder, "ask"))
        argv = ["gcc", bits, "-O1", "-fno-stack-protector", "-w", *defines, "-xc", "-", "-o", binary]
        built = run(argv, stdin=_PROGRAM)
        if built.code:
            if not builds(argv, _PROGRAM, entry="int main(void) { return 0; }"):
                raise OracleMissingError(f"gcc {bits} builds no program here (apt install gcc-multilib)")
            raise Error(f"gcc {bits}: {built.err.strip()[:400]}")
        lines = [
            f"{len(code)} {code.hex()} {' '.join(f'{value:x}' for value in registers)} {data.hex()}\n"
            for _found, code, registers, data in asked
        ]
        done = run([binary], stdin="".join(lines), timeout=120)
    if done.code:
        raise Error(f"the program ended with {done.code} after {len(done.out.splitlines())} answers")
    return done.out.splitlines()


def _theirs(line: str, code: bytes, registers: Sequence[int]) -> str:
    """Return a line of the program in our words."""
    trap, error, ip, *rest = line.split()
    after = [int(word, 16) for word in rest[: len(registers)]]
    where = int(ip, 16)
    if int(trap) == _TRAP and code != b"\xcc":
        # The int3 behind the instruction, or at its target, has run.
        return _retired(where - 1, registers, after, rest[len(registers) :])
    return _fault(int(trap), int(error))


def _retired(ip: int, before: Sequence[int], after: Sequence[int], memory: Sequence[str]) -> str:
    words = [f"r{n}={new:#x}" for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    return " ".join(["retired", f"ip {ip:#x}", *words, *memory])


def _fault(vector: int, error_code: int | None) -> str:
    return f"{Fault(vector=vector).name} {error_code or 0:#x}"


def _ours(before: State, after: State, event: Event, data: bytes) -> str:
    if isinstance(event, Fault):
        return _fault(event.vector, event.error_code)
    new = after.memory.read(DATA, DATA_SIZE)
    assert isinstance(new, bytes)
    changed = [f"[{DATA + n:x}]={new[n]:02x}" for n in range(DATA_SIZE) if new[n] != data[n]]
    return _retired(after.ip, before.registers, after.registers, changed)


def _state(mode: Mode, code: bytes, registers: Sequence[int], data: bytes) -> State:
    names = [Register(number=n, bits=mode.bits).name for n in range(mode.registers)]
    return start(
        mode,
        ip=AT,
        memory=Pages().map(CODE, b"\xcc" * CODE_SIZE).map(AT, code).map(DATA, data, Access.READ | Access.WRITE),
        selectors=_SELECTORS[mode],
        table=_TABLE,
        registers=dict(zip(names, registers, strict=True)),
    )


def _is_harmless(found: Instruction, event: Event, after: State) -> bool:
    """Tell whether a process can run an instruction and live: it enters no kernel, and stays in its own pages.

    What we say is a page fault may be a page of the program there; segment registers hold what the C library needs.
    """
    if found.mnemonic == "syscall" or any(isinstance(operand, SegmentRegister) for operand in found.operands):
        return False
    places = (operand for operand in found.operands if isinstance(operand, EffectiveAddress))
    if any(place.segment in (SegmentRegister.FS, SegmentRegister.GS) for place in places):
        return False
    if isinstance(event, Fault):
        return event.name not in ("#PF", "#BP", "#OF") or found.code == b"\xcc"
    if not isinstance(event, Retired):
        return False
    return CODE <= after.ip < CODE + CODE_SIZE - 1 and not AT < after.ip < AT + found.length


def against_cpu(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: random instructions with random registers and memory, the error codes of faults too."""

    def ask() -> Iterator[Said]:
        rnd = random.Random(f"{mode} hardware")
        asked: list[Asked] = []
        said: list[tuple[str, str]] = []
        for found in instructions(mode, _ASKED, 6):
            registers, data = values(rnd, found)
            before = _state(mode, found.code, registers, data)
            after, event = step(before)
            if _is_harmless(found, event, after):
                asked.append((found, found.code, registers, data))
                said.append((f"{found.code.hex(' ')}: {text(found)}", _ours(before, after, event, data)))
        lines = _answers(mode, asked)
        for (key, ours), (_found, code, given, _data), line in zip(said, asked, lines, strict=True):
            yield Said(key=key, ours=ours, theirs=_theirs(line, code, given))

    return ask


_QUESTIONS = (
    ("i386: mov %ax,%gs of 0x10", Mode.I386, "8e e8", 0x10),
    ("i386: mov %ax,%gs of 0x67", Mode.I386, "8e e8", 0x67),
    ("i386: mov %ax,%gs of 0x1c3", Mode.I386, "8e e8", 0x1C3),
    ("i386: mov %ax,%ss of 0", Mode.I386, "8e d0", 0),
    ("i386: mov %ax,%ss of 0x23", Mode.I386, "8e d0", 0x23),
    ("i386: mov %ax,%ss of 0x28", Mode.I386, "8e d0", 0x28),
    ("i386: mov %ax,%cs", Mode.I386, "8e c8", 0x23),
    ("i386: null in gs, then read through it", Mode.I386, "8e e8 65 a1 00 00 01 00", 0),
    ("i386: null in es, then read through it", Mode.I386, "8e c0 26 a1 00 00 01 00", 3),
    ("i386: mov %eax,%cs:0x10000", Mode.I386, "2e a3 00 00 01 00", 0),
    ("i386: mov %cs:0x10000,%eax", Mode.I386, "2e a1 00 00 01 00", 0),
    ("i386: int $0x21", Mode.I386, "cd 21", 0),
    ("i386: int $0x81", Mode.I386, "cd 81", 0),
    ("i386: hlt", Mode.I386, "f4", 0),
    ("i386: cli", Mode.I386, "fa", 0),
    ("i386: lock mov %eax,(%eax)", Mode.I386, "f0 89 00", DATA),
    ("i386: lea %eax,%eax", Mode.I386, "8d c0", 0),
    ("i386: mov %segment 6,%eax", Mode.I386, "8c f0", 0),
    ("i386: ret $0x8000", Mode.I386, "c2 00 80", 0),
    ("amd64: mov %ax,%gs of 0x10", Mode.AMD64, "8e e8", 0x10),
    ("amd64: mov %ax,%ss of 3", Mode.AMD64, "8e d0", 3),
    ("amd64: int $0x21", Mode.AMD64, "cd 21", 0),
    ("amd64: push %ds", Mode.AMD64, "1e", 0),
    ("amd64: read what is not canonical", Mode.AMD64, "48 8b 00", 1 << 47),
    ("amd64: read across the end of what is", Mode.AMD64, "48 8b 00", (1 << 47) - 4),
    ("amd64: pop what is not canonical", Mode.AMD64, "48 89 c4 58", 1 << 47),
    ("amd64: jump to what is not canonical", Mode.AMD64, "ff e0", 1 << 47),
    ("amd64: ret $0x8000", Mode.AMD64, "c2 00 80", 0),
    ("amd64: rex.RB movl $0x4030201,(%r9)", Mode.AMD64, "45 c7 01 01 02 03 04", 0),
    ("amd64: longer than 15 bytes", Mode.AMD64, "f0 64 66 67 48 c7 84 8b 00 00 00 00 00 00 00 00", 0),
    ("amd64: read page 0", Mode.AMD64, "48 8b 00", 8),
    ("amd64: write page 0", Mode.AMD64, "48 89 00", 8),
    ("amd64: jump to page 0", Mode.AMD64, "ff e0", 8),
    ("amd64: jump to the data", Mode.AMD64, "ff e0", DATA),
)
"""Questions by name, whose instructions are one or two; eax or rax has the number, r9 the address of the data."""


def faults(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: which exception, and with which error code."""

    def ask() -> Iterator[Said]:
        rows = [(name, bytes.fromhex(code), value) for name, where, code, value in _QUESTIONS if where is mode]
        asked: list[Asked] = []
        ours: list[str] = []
        for _name, code, value in rows:
            registers = [0] * mode.registers
            registers[0], registers[4] = value, DATA + 0x2000
            if mode is Mode.AMD64:
                registers[9] = DATA
            # The stack holds an address in the code, for a ret.
            data = bytearray(DATA_SIZE)
            data[0x2000:0x2008] = (CODE + 0x100).to_bytes(8, "little")
            asked.append((None, code, registers, bytes(data)))
            ours.append(_until_trap(_state(mode, code, registers, bytes(data)), bytes(data)))
        for (name, code, _value), one, said, line in zip(rows, asked, ours, _answers(mode, asked), strict=True):
            yield Said(key=name, ours=said, theirs=_theirs(line, code, one[2]))

    return ask


def _until_trap(begin: State, data: bytes) -> str:
    """Return what comes of the instructions before the first ``int3``."""
    state = begin
    for _ in range(LONGEST):
        after, event = step(state)
        if isinstance(event, Fault) and event.name == "#BP":
            return _ours(begin, state, Retired(instruction=event.instruction), data) if event.instruction else "#BP"
        if not isinstance(event, Retired):
            return _ours(begin, after, event, data)
        state = after
    return "no end"
