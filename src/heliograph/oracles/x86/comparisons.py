"""The comparisons of the decoder and the CPU with their judges, and the differences that are known."""

from __future__ import annotations

from heliograph.oracles.comparison import Comparison, Known
from heliograph.oracles.x86.emulator import against_unicorn, by_name, null_gs, trampolines
from heliograph.oracles.x86.hardware import against_cpu, faults
from heliograph.oracles.x86.readers import against_capstone, against_gas, against_objdump
from heliograph.x86.registers import Mode

__all__ = ["COMPARISONS", "KNOWN"]

COMPARISONS = (
    *(
        Comparison(id=f"x86-{name}-{mode}", judge=judge, about=f"{about}, {mode}", ask=make(mode))
        for name, judge, about, make in (
            ("objdump", "binutils", "length and text of instructions", against_objdump),
            ("gas", "binutils", "our text assembled: what it means, and the same bytes again", against_gas),
            ("capstone", "capstone", "length and mnemonic of instructions", against_capstone),
            ("unicorn", "unicorn", "single instructions in ring 3", against_unicorn),
            ("cpu", "cpu", "single instructions on the CPU of this machine", against_cpu),
            ("cpu-faults", "cpu", "faults and their error codes", faults),
        )
        for mode in Mode
    ),
    Comparison(id="x86-unicorn-named", judge="unicorn", about="selectors, gates, faults", ask=by_name),
    Comparison(id="x86-unicorn-null-gs", judge="unicorn", about="a null gs", ask=null_gs),
    Comparison(id="x86-unicorn-trampolines", judge="unicorn", about="the trampolines, run in ring 3", ask=trampolines),
)
"""Our decoder and CPU, each set of questions with the judge that decides it."""

_DATE = "2026-11-24"
_LAX = "the emulator leaves this check out; the manuals demand it"

KNOWN = (
    *(
        Known(
            comparison=f"x86-capstone-{mode}",
            key="f3 66 90",
            theirs="0 none",
            date=_DATE,
            why="capstone reads no pause with both prefixes; objdump and unicorn do",
        )
        for mode in Mode
    ),
    *(
        Known(comparison="x86-unicorn-named", key=key, theirs=theirs, date=_DATE, why=why)
        for key, theirs, why in (
            ("i386: mov %eax,%cs:0x10000", "retired ip 0x400806", f"code cannot be written: {_LAX}"),
            ("i386: int $0x21", "int 0x21", "unicorn hands every interrupt to its user and has no gates to ask"),
            ("amd64: int $0x21", "int 0x21", "unicorn hands every interrupt to its user and has no gates to ask"),
            (
                "i386: syscall",
                "retired ip 0x400802",
                "Intel's CPUs raise #UD outside 64-bit mode, AMD's enter the kernel; unicorn does nothing",
            ),
            ("amd64: read what is not canonical", "#PF", f"canonical addresses: {_LAX}"),
            ("amd64: jump to what is not canonical", "retired ip 0x800000000000", f"canonical addresses: {_LAX}"),
            ("i386: lock mov %eax,(%eax)", "retired ip 0x400803 [0x10002]=01", f"lock: {_LAX}"),
            (
                "i386: ret $0x8000",
                "retired ip 0x0 r4=0xb004",
                "the count has no sign; x86-cpu-faults asks a CPU, which adds 32768",
            ),
            (
                "amd64: ret $0x8000",
                "retired ip 0x0 r4=0xb008",
                "the count has no sign; x86-cpu-faults asks a CPU, which adds 32768",
            ),
            (
                "amd64: rex.RB movl $0x4030201,(%r9)",
                "#UD",
                "REX.R does not extend an opcode; x86-cpu-faults asks a CPU, which moves",
            ),
        )
    ),
    Known(
        comparison="x86-unicorn-null-gs",
        key="i386: read through a null gs",
        theirs="#PF",
        date=_DATE,
        why=(
            "unicorn reads at base 0, and faults as page 0 is not there; x86-cpu-faults asks a CPU, which raises"
            " #GP(0). Both are a SIGSEGV"
        ),
    ),
)
"""Differences that were looked into, with the reason why each stays."""
