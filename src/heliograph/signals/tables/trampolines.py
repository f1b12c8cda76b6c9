"""The trampolines: the code that a Linux handler returns through. Written by hand.

The bytes were read in live frames, in the vdso and in C libraries, and are what gdb compares with; the rest is the
kernel's own arithmetic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heliograph.source import Source
from heliograph.x86.registers import Mode, SegmentRegister
from heliograph.x86.segments import Descriptor

__all__ = ["CALLS", "SETTINGS", "TRAMPOLINES", "Call", "Setting", "Trampoline", "Word"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word at the low end of a frame, by the kernel's name; ``offset`` in bytes."""

    name: str
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A system call that ends a handler.

    :param gate: how the kernel is entered, as the CPU calls it.
    :param frame: the kind of frame that it takes off.
    :param back: bytes from the frame to the stack pointer that the call expects.
    """

    gate: str
    number: int
    name: str
    abi: str
    frame: str
    back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trampoline:
    """A trampoline and the frame that it belongs to.

    :param code: the instructions, up to the system call.
    :param padding: what follows them in the frame, where the kernel copies them to.
    :param frame: the kind of frame; ``words`` is its low end.
    :param retcode: offset of the copy in the frame, or None where the kernel writes none.
    :param seen: where these bytes are found.
    """

    name: str
    summary: str
    mode: Mode
    code: bytes
    padding: bytes
    frame: str
    words: tuple[Word, ...]
    retcode: int | None
    seen: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A process in which a trampoline runs: addresses and selectors as Linux gives them out on x86_64.

    :param handler: address of the handler's last instruction, a ``ret``.
    :param code: address of the trampoline.
    :param frame: address of the frame, aligned as the kernel aligns it.
    :param stack: bytes of stack on either side of the frame's start.
    """

    handler: int
    code: int
    frame: int
    stack: int
    selectors: Mapping[SegmentRegister, int]
    descriptors: Mapping[int, Descriptor]


_I386_KERNEL = Source(
    fact="the bytes that the kernel writes into i386 frames, and why; frame = sp - 8 and sp - 4",
    project="torvalds/linux",
    revision="03252919b798",
    path="arch/x86/kernel/signal_32.c",
)
_VDSO = Source(
    fact="__kernel_sigreturn and __kernel_rt_sigreturn of the vdso",
    project="torvalds/linux",
    revision="30c092337017",
    path="arch/x86/entry/vdso/vdso32/sigreturn.S",
)
_GLIBC_I386 = Source(
    fact="__restore and __restore_rt of glibc for i386, used where there is no vdso",
    project="bminor/glibc",
    revision="04277e02d7f5",
    path="sysdeps/unix/sysv/linux/i386/sigaction.c",
)
_GLIBC_X86_64 = Source(
    fact="__restore_rt of glibc for x86_64",
    project="bminor/glibc",
    revision="04277e02d7f5",
    path="sysdeps/unix/sysv/linux/x86_64/sigaction.c",
)
_GDB_I386 = Source(
    fact="the bytes by which gdb knows an i386 signal frame",
    project="bminor/binutils-gdb",
    revision="00431a78b28f",
    path="gdb/i386-linux-tdep.c",
)
_GDB_AMD64 = Source(
    fact="the bytes by which gdb knows an x86_64 signal frame",
    project="bminor/binutils-gdb",
    revision="00431a78b28f",
    path="gdb/amd64-linux-tdep.c",
)
_LX_2006 = Source(
    fact="lx_sigreturn_tramp and lx_rt_sigreturn_tramp",
    project="illumos/illumos-gate",
    revision="9acbbeaf2a1f",
    path="usr/src/lib/brand/lx/lx_brand/i386/lx_handler.s",
)
_LIVE = Source(
    fact="offsets of retcode, and that it is written but never read back",
    project="Linux 6.18, i386 and x86_64",
    path="live signal frames",
    note="dumped; filled with cc before the handler returned, which did no harm",
)
_SDM = Source(
    fact="what each instruction does",
    project="Intel 64 and IA-32 Architectures Software Developer's Manual",
    path="volume 2; volume 3, chapters 5 and 6",
)

TRAMPOLINES = {
    row.name: row
    for row in (
        Trampoline(
            name="i386-legacy",
            summary="sigreturn of i386, for a handler without SA_SIGINFO",
            mode=Mode.I386,
            code=bytes.fromhex("58 b8 77 00 00 00 cd 80"),
            padding=b"",
            frame="old",
            words=(Word(name="pretcode", offset=0), Word(name="sig", offset=4), Word(name="sc.gs", offset=8)),
            retcode=724,
            seen=("frame+724", "vdso: __kernel_sigreturn", "glibc: __restore", "lx: lx_sigreturn_tramp"),
            sources=(_I386_KERNEL, _VDSO, _GLIBC_I386, _GDB_I386, _LX_2006, _LIVE, _SDM),
        ),
        Trampoline(
            name="i386-rt",
            summary="rt_sigreturn of i386, for a handler with SA_SIGINFO",
            mode=Mode.I386,
            code=bytes.fromhex("b8 ad 00 00 00 cd 80"),
            padding=b"\0",
            frame="rt",
            words=(
                Word(name="pretcode", offset=0),
                Word(name="sig", offset=4),
                Word(name="pinfo", offset=8),
                Word(name="puc", offset=12),
            ),
            retcode=260,
            seen=("frame+260", "vdso: __kernel_rt_sigreturn", "glibc: __restore_rt", "lx: lx_rt_sigreturn_tramp"),
            sources=(_I386_KERNEL, _VDSO, _GLIBC_I386, _GDB_I386, _LX_2006, _LIVE, _SDM),
        ),
        Trampoline(
            name="x86-64",
            summary="rt_sigreturn of x86_64, for every handler",
            mode=Mode.AMD64,
            code=bytes.fromhex("48 c7 c0 0f 00 00 00 0f 05"),
            padding=b"",
            frame="rt",
            words=(
                Word(name="pretcode", offset=0),
                Word(name="uc.uc_flags", offset=8),
                Word(name="uc.uc_link", offset=16),
            ),
            retcode=None,
            seen=("glibc: __restore_rt", "lx: lx_rt_sigreturn_tramp"),
            sources=(
                _GLIBC_X86_64,
                _GDB_AMD64,
                Source(
                    fact="frame = sp - 8 on x86_64, and that a restorer is mandatory",
                    project="torvalds/linux",
                    revision="0008bf54408d",
                    path="arch/x86/kernel/signal_64.c",
                ),
                Source(
                    fact="lx_rt_sigreturn_tramp for 64 bits",
                    project="illumos/illumos-gate",
                    revision="c8eb3412dd54",
                    path="usr/src/lib/brand/lx/lx_brand/amd64/lx_handler.s",
                    note="the copyright line says 2014, Joyent",
                ),
                _SDM,
            ),
        ),
    )
}
"""The trampolines by the name of their ABI."""

CALLS = (
    Call(gate="int 0x80", number=119, name="sigreturn", abi="i386", frame="old", back=8),
    Call(gate="int 0x80", number=173, name="rt_sigreturn", abi="i386", frame="rt", back=4),
    Call(gate="syscall", number=15, name="rt_sigreturn", abi="x86_64", frame="rt", back=8),
)
"""The system calls that take a frame off."""

_ES, _CS, _SS, _DS, _FS, _GS = SegmentRegister
_CODE, _DATA = Descriptor(code=True), Descriptor()

SETTINGS = {
    Mode.I386: Setting(
        handler=0x0804_91A6,
        code=0xF7FC_9570,
        frame=0xFFFF_CE9C,
        stack=1024,
        selectors={_CS: 0x23, _SS: 0x2B, _DS: 0x2B, _ES: 0x2B, _GS: 0x63},
        descriptors={0x20: _CODE, 0x28: _DATA, 0x60: Descriptor(base=0xF7FB_F500)},
    ),
    Mode.AMD64: Setting(
        handler=0x0000_5555_5555_5149,
        code=0x0000_7FFF_F7DF_2520,
        frame=0x0000_7FFF_FFFF_D8B8,
        stack=1024,
        selectors={_CS: 0x33, _SS: 0x2B},
        descriptors={0x30: _CODE, 0x28: _DATA},
    ),
}
"""A process for each mode."""
