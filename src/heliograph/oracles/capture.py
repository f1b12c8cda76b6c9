"""A real signal frame: a small program takes a signal on the running kernel and prints what it was given.

The program has no C library. It fills a stack of its own with a pattern, loads every register it can with a value of
its own, and takes a signal; the handler's first instructions save the registers, and then the bytes of the stack are
printed. So all that the kernel wrote, and all that it left alone, is known beforehand but for a few words (the flags,
what the last fault left behind).
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from heliograph.errors import Error, OracleMissingError, UnsupportedError
from heliograph.oracles.judges import builds
from heliograph.process import run

__all__ = ["CAUSES", "PATTERN", "Capture", "Scenario", "capture", "fixture", "parse_capture"]

PATTERN = 0xA5
"""What the stack is filled with before the signal."""

CAUSES = {
    # cause: (number in the program, signal)
    "kill": (1, 10),
    "tkill": (2, 10),
    "queue": (3, 40),
    "chld": (4, 17),
    "segv": (5, 11),
    "ill": (6, 4),
    "trap": (7, 5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is captured.

    :param bits: 32 or 64.
    :param cause: a key of :data:`CAUSES`.
    :param siginfo: the handler has SA_SIGINFO.
    :param onstack: the handler runs on an alternate stack.
    """

    bits: int
    cause: str
    siginfo: bool = True
    onstack: bool = False

    @property
    def kind(self) -> str:
        """Return the kind of frame that the kernel builds."""
        if self.bits == 64:
            return "linux-x86_64-rt"
        return "linux-i386-rt" if self.siginfo else "linux-i386-old"

    @property
    def name(self) -> str:
        """Return a name for files and comparisons."""
        words = [self.kind, self.cause]
        words += [] if self.siginfo else ["plain"]
        return "-".join(words + (["altstack"] if self.onstack else []))


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A frame as the kernel built it.

    :param words: what the program knew or saw: ``sp``, ``frame``, ``pid``, ``ip``, registers at the handler's entry.
    :param data: the bytes from the frame up to where the stack was.
    """

    scenario: Scenario
    words: Mapping[str, int]
    data: bytes


_MAGIC_1 = 0x46505853
_FLOATING = {
    # kind: (offset and size of the pointer to the fp state, offset of the software bytes in it)
    "linux-x86_64-rt": (8 + 40 + 184, 8, 464),
    "linux-i386-rt": (144 + 20 + 76, 4, 576),
    "linux-i386-old": (8 + 76, 4, 576),
}

_SOURCE = r"""
typedef unsigned long word;
typedef unsigned char byte;
#ifdef __x86_64__
enum { nr_write = 1, nr_sigaction = 13, nr_sigprocmask = 14, nr_getpid = 39, nr_fork = 57, nr_exit = 60,
       nr_kill = 62, nr_getuid = 102, nr_queue = 129, nr_altstack = 131, nr_tgkill = 234, nr_waitid = 247 };
#else
enum { nr_exit = 1, nr_fork = 2, nr_write = 4, nr_getpid = 20, nr_kill = 37, nr_sigaction = 174, nr_sigprocmask = 175,
       nr_queue = 178, nr_altstack = 186, nr_getuid = 199, nr_tgkill = 270, nr_waitid = 284 };
#endif
byte stack[65536] __attribute__((aligned(4096)));
byte alternate[65536] __attribute__((aligned(4096)));
byte home[65536] __attribute__((aligned(4096)));
word at_entry[6], number, first, second, third, before, child;
struct { word handler, flags, restorer; unsigned mask[2]; } action;
struct { word sp; int flags; word size; } altstack = { (word)alternate, 0, sizeof alternate };
unsigned blocked[2] = { 1u << 11, 1u << 9 }, open_again[2] = { 1u << 11, 1u << 9 };
unsigned info[32] = { SIGNAL, 0, -1u };
extern byte entry[], restorer[], there[], go[];

static word call(word nr, word a, word b, word c, word d)
{
    word out;
#ifdef __x86_64__
    register word r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(out) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
#else
    __asm__ volatile("int $0x80" : "=a"(out) : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d) : "memory");
#endif
    return out;
}

static char line[512];
static void say(const char *name, word value)
{
    int at = 0, shift;
    while (*name)
        line[at++] = *name++;
    line[at++] = ' ';
    for (shift = 8 * sizeof value - 4; shift >= 0; shift -= 4)
        line[at++] = "0123456789abcdef"[value >> shift & 15];
    line[at++] = '\n';
    call(nr_write, 1, (word)line, at, 0);
}

void report(void)
{
    byte *from = (byte *)at_entry[0];
    byte *end = ONSTACK ? alternate + sizeof alternate : (byte *)before;
    say("frame", at_entry[0]);
    say("sp", before);
    say("entry_1", at_entry[1]);
    say("entry_2", at_entry[2]);
    say("entry_3", at_entry[3]);
    say("entry_ax", at_entry[4]);
    say("entry_flags", at_entry[5]);
    say("pid", call(nr_getpid, 0, 0, 0, 0));
    say("uid", call(nr_getuid, 0, 0, 0, 0));
    say("child", child);
    say("ip", (word)there);
    say("restorer", (word)restorer);
    say("first", first);
    say("second", second);
    say("third", third);
    say("altstack", (word)alternate);
    while (from < end) {
        int at = 0;
        while (at < 128 && from < end) {
            line[at++] = "0123456789abcdef"[*from >> 4];
            line[at++] = "0123456789abcdef"[*from++ & 15];
        }
        line[at++] = '\n';
        call(nr_write, 1, (word)line, at, 0);
    }
    call(nr_exit, 0, 0, 0, 0);
}

void begin(void)
{
    unsigned at;
    word pid = call(nr_getpid, 0, 0, 0, 0);
    for (at = 0; at < sizeof stack; at++)
        stack[at] = alternate[at] = 0xa5;
    before = (word)stack + sizeof stack - 1024 + MISALIGN;
    action.handler = (word)entry;
    action.flags = 0x04000000 | (SIGINFO ? 4 : 0) | (ONSTACK ? 0x08000000 : 0);
    action.restorer = (word)restorer;
    if (ONSTACK)
        call(nr_altstack, (word)&altstack, 0, 0, 0);
    call(nr_sigaction, SIGNAL, (word)&action, 0, 8);
    number = nr_kill, first = pid, second = SIGNAL, third = 0x3333;
    if (CAUSE == 2)
        number = nr_tgkill, second = pid, third = SIGNAL;
    if (CAUSE == 3) {
        number = nr_queue, third = (word)info;
        info[3 + sizeof(word) / 8] = 0x1111, info[4 + sizeof(word) / 8] = 0x2222;
        info[5 + sizeof(word) / 8] = 0x55667788, info[6 + sizeof(word) / 8] = sizeof(word) == 8 ? 0x11223344 : 0;
    }
    if (CAUSE >= 5)
        first = 0x1230;
    if (CAUSE == 4) {
        blocked[0] |= 1u << (SIGNAL - 1);
        number = nr_sigprocmask, first = 2, second = (word)open_again, third = 0;
    }
    call(nr_sigprocmask, 2, (word)blocked, 0, 8);
    if (CAUSE == 4) {
        child = call(nr_fork, 0, 0, 0, 0);
        if (!child)
            call(nr_exit, 3, 0, 0, 0);
        call(nr_waitid, 1, child, 0, 4 | 0x01000000);
    }
    ((void (*)(void))go)();
}

#if CAUSE == 5
#define TAKE_64 "there: movb $1, (%rbx)\n"
#define TAKE_32 "there: movb $1, (%ebx)\n"
#define TAKEN ""
#elif CAUSE == 6
#define TAKE_64 "there: ud2\n"
#define TAKE_32 TAKE_64
#elif CAUSE == 7
#define TAKE_64 "int3\nthere: nop\n"
#define TAKE_32 TAKE_64
#else
#define TAKE_64 "syscall\nthere: nop\n"
#define TAKE_32 "int $0x80\nthere: nop\n"
#endif
#ifdef __x86_64__
__asm__(
    ".globl _start\n_start: xor %ebp, %ebp\nlea home+65536(%rip), %rsp\ncall begin\n"
    "entry: mov %rsp, at_entry(%rip)\nmov %rdi, at_entry+8(%rip)\nmov %rsi, at_entry+16(%rip)\n"
    "mov %rdx, at_entry+24(%rip)\nmov %rax, at_entry+32(%rip)\n"
    "lea home+65536(%rip), %rsp\npushf\npop at_entry+40(%rip)\ncall report\n"
    "restorer: mov $15, %eax\nsyscall\n"
    "go: mov before(%rip), %rsp\n"
    "mov $0x0808080808080808, %r8\nmov $0x0909090909090909, %r9\nmov $8, %r10\n"
    "mov $0x1212121212121212, %r12\nmov $0x1313131313131313, %r13\nmov $0x1414141414141414, %r14\n"
    "mov $0x1515151515151515, %r15\nmov $0x0c0c0c0c0c0c0c0c, %rcx\nmov $0x1111111111111111, %r11\n"
    "mov $0x1230, %ebx\nmov $0x6b6b6b6b6b6b6b6b, %rbp\n"
    "mov first(%rip), %rdi\nmov second(%rip), %rsi\nmov third(%rip), %rdx\nmov number(%rip), %rax\n"
    TAKE_64 "hlt\n");
#else
__asm__(
    ".globl _start\n_start: xor %ebp, %ebp\nmov $home+65536, %esp\ncall begin\n"
    "entry: mov %esp, at_entry\nmov %eax, at_entry+4\nmov %edx, at_entry+8\nmov %ecx, at_entry+12\n"
    "mov %eax, at_entry+16\nmov $home+65536, %esp\npushf\npopl at_entry+20\ncall report\n"
    "restorer: mov $119, %eax\nint $0x80\n"
    "go: mov before, %esp\n"
    "mov first, %ebx\nmov second, %ecx\nmov third, %edx\nmov $8, %esi\nmov $0x6d6d6d6d, %edi\n"
    "mov $0x6b6b6b6b, %ebp\nmov number, %eax\n"
    TAKE_32 "hlt\n");
#endif
"""


def _flags(scenario: Scenario, misalign: int) -> list[str]:
    number, signal = CAUSES[scenario.cause]
    settings = {
        "CAUSE": number,
        "SIGNAL": signal,
        "SIGINFO": int(scenario.siginfo),
        "ONSTACK": int(scenario.onstack),
        "MISALIGN": misalign,
    }
    return [f"-m{scenario.bits}", *(f"-D{name}={value}" for name, value in settings.items())]


def capture(scenario: Scenario, *, misalign: int = 0) -> Capture:
    """Compile the program, run it and read what it printed.

    :param misalign: bytes by which the stack pointer is off a multiple of 1024.
    :raises OracleMissingError: the compiler builds nothing of that width here, or the kernel does not run it.
    :raises Error: this program alone cannot be built, or it failed: a fault of ours, which is no reason to skip.
    """
    with tempfile.TemporaryDirectory() as folder:
        binary = str(Path(folder, "take"))
        argv = ["gcc", *_flags(scenario, misalign), "-O1", "-w", "-ffreestanding", "-fno-pie", "-no-pie", "-static"]
        argv += ["-nostdlib", "-fno-stack-protector", "-mno-sse", "-fcf-protection=none", "-xc", "-", "-o", binary]
        built = run(argv, stdin=_SOURCE)
        if built.code:
            if not builds(argv, _SOURCE, entry="void _start(void) {}"):
                raise OracleMissingError(f"gcc builds no {scenario.bits}-bit program here (apt install gcc-multilib)")
            raise Error(f"gcc -m{scenario.bits}: {built.err.strip()[:400]}")
        try:
            done = run([binary])
        except UnsupportedError as error:
            raise OracleMissingError(f"this kernel does not run a {scenario.bits}-bit program") from error
    if done.code:
        raise Error(f"the {scenario.bits}-bit program ended with {done.code}")
    return parse_capture(done.out, scenario)


def parse_capture(text: str, scenario: Scenario) -> Capture:
    """Read what the program printed: lines of a name and a number, then lines of bytes. ``#`` starts a comment."""
    words: dict[str, int] = {}
    pieces: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        name, space, value = line.partition(" ")
        if space:
            words[name] = int(value, 16)
        else:
            pieces.append(name)
    data = bytes.fromhex("".join(pieces))
    if "xstate" not in words:
        words["xstate"] = _xstate(scenario, words["frame"], data)
    return Capture(scenario=scenario, words=words, data=data)


def _xstate(scenario: Scenario, frame: int, data: bytes) -> int:
    """Return the size of the extended state that the kernel notes in the fp state behind the frame."""
    at, size, software = _FLOATING[scenario.kind]
    there = int.from_bytes(data[at : at + size], "little") - frame
    magic, _extended, _low, _high, xstate = struct.unpack_from("<5I", data, there + software)
    return int(xstate) if magic == _MAGIC_1 else 512


def fixture(taken: Capture, size: int, *, kernel: str, date: str) -> str:
    """Return a capture as a file for the tests: what the program saw, and the ``size`` bytes of the frame."""
    lines = [
        f"# kernel: {kernel}",
        f"# date: {date}",
        f"# command: gcc {' '.join(_flags(taken.scenario, 0))} of heliograph.oracles.capture, run once",
        *(f"{name} {value:x}" for name, value in taken.words.items()),
    ]
    lines += [taken.data[at : min(at + 32, size)].hex() for at in range(0, size, 32)]
    return "\n".join(lines) + "\n"
