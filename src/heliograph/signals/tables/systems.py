"""The systems, and what the number tables do not say about them. Written by hand.

Sizes of signal sets: Linux keeps ``_NSIG`` bits in longs, Solaris and the large BSDs four 32-bit words, OpenBSD and
Darwin one. Wait statuses of a continued child: the value that each system's WIFCONTINUED compares with.
"""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.signals.model import Libc
from heliograph.source import Source

__all__ = ["LIBC_RESERVED", "LIBC_SOURCES", "SHARING", "SYNONYMS", "SYSTEMS", "SystemRow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRow:
    """A system: the group of the number tables it takes, and its own facts.

    :param realtime: (first, last) where the generation differs from the group's.
    :param words: (bits a word, words) of a signal set; None if that was not collected.
    :param continued: the wait status of a continued child; None if that was not collected.
    """

    name: str
    group: str
    summary: str
    aliases: tuple[str, ...] = ()
    words: tuple[int, int] | None = None
    continued: int | None = None
    realtime: tuple[int, int] | None = None
    rt_last_in_libc: int | None = None
    lx: bool = False
    note: str = ""
    sources: tuple[Source, ...] = ()


SYSTEMS = (
    SystemRow(
        name="linux-x86_64",
        group="linux-x86_64",
        summary="Linux on x86, 64 bits",
        aliases=("linux", "linux-amd64", "linux-x86-64", "linux-x64"),
        words=(64, 1),
        continued=0xFFFF,
        lx=True,
    ),
    SystemRow(
        name="linux-i386",
        group="linux-i386",
        summary="Linux on x86, 32 bits",
        aliases=("linux-x86", "linux-ia32", "linux-i486", "linux-i586", "linux-i686"),
        words=(32, 2),
        continued=0xFFFF,
        lx=True,
    ),
    SystemRow(
        name="linux-generic",
        group="linux-generic",
        summary="Linux on arm64, riscv64, ppc64, s390x, loongarch: asm-generic numbers, 64 bits",
        aliases=(
            "linux-arm64",
            "linux-aarch64",
            "linux-riscv64",
            "linux-ppc64",
            "linux-ppc64le",
            "linux-s390x",
            "linux-loongarch64",
        ),
        words=(64, 1),
        continued=0xFFFF,
    ),
    SystemRow(
        name="linux-arm",
        group="linux-generic",
        summary="Linux on arm, powerpc, m68k, sh: asm-generic numbers, 32 bits",
        aliases=("linux-armhf", "linux-powerpc", "linux-ppc", "linux-m68k", "linux-sh4", "linux-riscv32"),
        words=(32, 2),
        continued=0xFFFF,
    ),
    SystemRow(
        name="linux-mips",
        group="linux-mips",
        summary="Linux on MIPS, 32 bits: 128 signals",
        aliases=("linux-mipsel",),
        words=(32, 4),
        continued=0xFFFF,
        rt_last_in_libc=127,
    ),
    SystemRow(
        name="linux-mips64",
        group="linux-mips",
        summary="Linux on MIPS, 64 bits: 128 signals",
        aliases=("linux-mips64el",),
        words=(64, 2),
        continued=0xFFFF,
        rt_last_in_libc=127,
    ),
    SystemRow(name="linux-alpha", group="linux-alpha", summary="Linux on Alpha", words=(64, 1), continued=0xFFFF),
    SystemRow(
        name="linux-sparc", group="linux-sparc", summary="Linux on SPARC, 32 bits", words=(32, 2), continued=0xFFFF
    ),
    SystemRow(
        name="linux-sparc64", group="linux-sparc", summary="Linux on SPARC, 64 bits", words=(64, 1), continued=0xFFFF
    ),
    SystemRow(
        name="linux-parisc",
        group="linux-parisc",
        summary="Linux on PA-RISC, 32 bits",
        aliases=("linux-hppa",),
        words=(32, 2),
        continued=0xFFFF,
    ),
    SystemRow(
        name="solaris-2005",
        group="solaris-2008",
        summary="Solaris 10 and OpenSolaris of 2005 to 2008: real-time 41..48",
        aliases=("solaris10", "solaris-10", "solaris-2008", "opensolaris"),
        words=(32, 4),
        continued=0xFFFF,
    ),
    SystemRow(
        name="solaris-11",
        group="solaris-2008",
        summary="Solaris between 2008 and illumos' SIGINFO: real-time 41..72",
        aliases=("solaris11",),
        words=(32, 4),
        continued=0xFFFF,
        realtime=(41, 72),
        note="not verified: the range stands in a comment only",
        sources=(
            Source(
                fact="real-time signals 41..72 of solaris-11",
                project="zssfred/illumos-joyent",
                revision="6e2c24e158594101032b0558bd67d9f1ec0b30e1",
                path="usr/src/common/brand/lx/lx_signum.c",
                note="a comment only; no header of that generation was at hand",
            ),
        ),
    ),
    SystemRow(
        name="illumos",
        group="illumos",
        summary="illumos of 2019: SIGINFO 41, real-time 42..74",
        aliases=("illumos-2019", "solaris-2019", "smartos", "omnios", "openindiana"),
        words=(32, 4),
        continued=0xFFFF,
    ),
    SystemRow(name="freebsd", group="freebsd", summary="FreeBSD: real-time 65..126", words=(32, 4), continued=0x13),
    SystemRow(name="netbsd", group="netbsd", summary="NetBSD: real-time 33..63", words=(32, 4), continued=0xFFFF),
    SystemRow(
        name="openbsd", group="openbsd", summary="OpenBSD: no real-time signals", words=(32, 1), continued=0xFFFF
    ),
    SystemRow(
        name="darwin",
        group="darwin",
        summary="macOS and Darwin: no real-time signals",
        aliases=("macos", "osx", "xnu"),
        words=(32, 1),
        continued=0x137F,
    ),
    SystemRow(
        name="dragonfly", group="dragonfly", summary="DragonFly BSD (numbers only)", words=(32, 4), continued=0x13
    ),
    SystemRow(name="aix", group="aix", summary="AIX (numbers only)"),
    SystemRow(name="haiku", group="haiku", summary="Haiku (numbers only)"),
    SystemRow(name="cygwin", group="cygwin", summary="Cygwin (numbers only)"),
    SystemRow(
        name="gdb",
        group="gdb",
        summary="gdb's own numbering in its remote protocol",
        note="a protocol, not a system: its SIG33 is the name of its number 45",
    ),
)

SYNONYMS = (
    ("SIGABRT", "SIGIOT"),
    ("SIGCHLD", "SIGCLD"),
    ("SIGIO", "SIGPOLL"),
    ("SIGSYS", "SIGUNUSED"),
)
"""Names that mean the same signal on every system that does not give them numbers of their own."""

SHARING = {
    "linux-sparc": ("SIGPWR",),
    "linux-alpha": ("SIGPWR",),
    "darwin": ("SIGPOLL",),
    "aix": ("SIGLOST",),
}
"""Group to names that share the number of a *different* signal listed first. Any other second name is an alias."""

LIBC_RESERVED = {Libc.KERNEL: 0, Libc.GLIBC: 2, Libc.MUSL: 3}
"""How many real-time signals of Linux each C library keeps for itself, from the kernel's first (32) on."""

LIBC_SOURCES = (
    Source(
        fact="SIGRTMIN of glibc is 34: 32 and 33 are NPTL's",
        project="live kernel and glibc",
        revision="Linux 6.18, glibc 2.36",
        note="kill -l of bash, and Python's signal.SIGRTMIN",
    ),
    Source(fact="SIGRTMIN of musl is 35", project="musl", path="src/signal/sigrtmin.c"),
    Source(
        fact="SIGRTMAX of glibc and musl on MIPS is 127, the kernel's is 128",
        project="glibc",
        path="sysdeps/unix/sysv/linux/mips/bits/signum-arch.h",
    ),
)
