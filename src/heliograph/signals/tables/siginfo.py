"""siginfo by ABI: the header, the arms of the union, and which arm a signal and an si_code choose. Written by hand."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.signals.tables.layouts import Member
from heliograph.source import Source

__all__ = ["ARMS_BY_CODE", "ARMS_BY_PAIR", "ARMS_BY_SIGNAL", "BANDS", "LX_SOURCES", "SIGINFO", "Siginfo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Siginfo:
    """The layout of siginfo in one ABI: bytes in all, the header, and the members of each arm."""

    size: int
    header: tuple[Member, ...]
    arms: dict[str, tuple[Member, ...]]
    sources: tuple[Source, ...]


_HEADER: tuple[Member, ...] = (("si_signo", 0, 4, "i"), ("si_errno", 4, 4, "i"), ("si_code", 8, 4, "i"))
_SWAPPED: tuple[Member, ...] = (("si_signo", 0, 4, "i"), ("si_code", 4, 4, "i"), ("si_errno", 8, 4, "i"))
_LINUX32: dict[str, tuple[Member, ...]] = {
    "none": (),
    "kill": (("si_pid", 12, 4, "i"), ("si_uid", 16, 4, "u")),
    "rt": (("si_pid", 12, 4, "i"), ("si_uid", 16, 4, "u"), ("si_value", 20, 4, "x")),
    "timer": (("si_timerid", 12, 4, "i"), ("si_overrun", 16, 4, "i"), ("si_value", 20, 4, "x")),
    "chld": (
        ("si_pid", 12, 4, "i"),
        ("si_uid", 16, 4, "u"),
        ("si_status", 20, 4, "i"),
        ("si_utime", 24, 4, "i"),
        ("si_stime", 28, 4, "i"),
    ),
    "fault": (("si_addr", 12, 4, "x"),),
    "fault-mce": (("si_addr", 12, 4, "x"), ("si_addr_lsb", 16, 2, "i")),
    "fault-bounds": (("si_addr", 12, 4, "x"), ("si_lower", 20, 4, "x"), ("si_upper", 24, 4, "x")),
    "fault-pkey": (("si_addr", 12, 4, "x"), ("si_pkey", 20, 4, "u")),
    "fault-perf": (
        ("si_addr", 12, 4, "x"),
        ("si_perf_data", 16, 4, "x"),
        ("si_perf_type", 20, 4, "u"),
        ("si_perf_flags", 24, 4, "x"),
    ),
    "poll": (("si_band", 12, 4, "i"), ("si_fd", 16, 4, "i")),
    "sys": (("si_call_addr", 12, 4, "x"), ("si_syscall", 16, 4, "i"), ("si_arch", 20, 4, "x")),
}
_LINUX64: dict[str, tuple[Member, ...]] = {
    "none": (),
    "kill": (("si_pid", 16, 4, "i"), ("si_uid", 20, 4, "u")),
    "rt": (("si_pid", 16, 4, "i"), ("si_uid", 20, 4, "u"), ("si_value", 24, 8, "x")),
    "timer": (("si_timerid", 16, 4, "i"), ("si_overrun", 20, 4, "i"), ("si_value", 24, 8, "x")),
    "chld": (
        ("si_pid", 16, 4, "i"),
        ("si_uid", 20, 4, "u"),
        ("si_status", 24, 4, "i"),
        ("si_utime", 32, 8, "i"),
        ("si_stime", 40, 8, "i"),
    ),
    "fault": (("si_addr", 16, 8, "x"),),
    "fault-mce": (("si_addr", 16, 8, "x"), ("si_addr_lsb", 24, 2, "i")),
    "fault-bounds": (("si_addr", 16, 8, "x"), ("si_lower", 32, 8, "x"), ("si_upper", 40, 8, "x")),
    "fault-pkey": (("si_addr", 16, 8, "x"), ("si_pkey", 32, 4, "u")),
    "fault-perf": (
        ("si_addr", 16, 8, "x"),
        ("si_perf_data", 24, 8, "x"),
        ("si_perf_type", 32, 4, "u"),
        ("si_perf_flags", 36, 4, "x"),
    ),
    "poll": (("si_band", 16, 8, "i"), ("si_fd", 24, 4, "i")),
    "sys": (("si_call_addr", 16, 8, "x"), ("si_syscall", 24, 4, "i"), ("si_arch", 28, 4, "x")),
}
_SOLARIS32: dict[str, tuple[Member, ...]] = {
    "none": (),
    "kill": (("si_pid", 12, 4, "i"), ("si_uid", 16, 4, "u"), ("si_ctid", 28, 4, "i"), ("si_zoneid", 32, 4, "i")),
    "rt": (
        ("si_pid", 12, 4, "i"),
        ("si_uid", 16, 4, "u"),
        ("si_value", 20, 4, "x"),
        ("si_ctid", 28, 4, "i"),
        ("si_zoneid", 32, 4, "i"),
    ),
    "chld": (
        ("si_pid", 12, 4, "i"),
        ("si_utime", 16, 4, "i"),
        ("si_status", 20, 4, "i"),
        ("si_stime", 24, 4, "i"),
        ("si_ctid", 28, 4, "i"),
        ("si_zoneid", 32, 4, "i"),
    ),
    "fault": (("si_addr", 12, 4, "x"), ("si_trapno", 16, 4, "i"), ("si_pc", 20, 4, "x")),
    "poll": (("si_fd", 12, 4, "i"), ("si_band", 16, 4, "i")),
    "prof": (
        ("si_faddr", 12, 4, "x"),
        ("si_tstamp", 16, 8, "b"),
        ("si_syscall", 24, 2, "i"),
        ("si_nsysarg", 26, 1, "i"),
        ("si_fault", 27, 1, "i"),
        ("si_sysarg", 28, 32, "b"),
        ("si_mstate", 60, 40, "b"),
    ),
    "rctl": (("si_entity", 12, 4, "i"),),
}
_SOLARIS64: dict[str, tuple[Member, ...]] = {
    "none": (),
    "kill": (("si_pid", 16, 4, "i"), ("si_uid", 24, 4, "u"), ("si_ctid", 48, 4, "i"), ("si_zoneid", 52, 4, "i")),
    "rt": (
        ("si_pid", 16, 4, "i"),
        ("si_uid", 24, 4, "u"),
        ("si_value", 32, 8, "x"),
        ("si_ctid", 48, 4, "i"),
        ("si_zoneid", 52, 4, "i"),
    ),
    "chld": (
        ("si_pid", 16, 4, "i"),
        ("si_utime", 24, 8, "i"),
        ("si_status", 32, 4, "i"),
        ("si_stime", 40, 8, "i"),
        ("si_ctid", 48, 4, "i"),
        ("si_zoneid", 52, 4, "i"),
    ),
    "fault": (("si_addr", 16, 8, "x"), ("si_trapno", 24, 4, "i"), ("si_pc", 32, 8, "x")),
    "poll": (("si_fd", 16, 4, "i"), ("si_band", 24, 8, "i")),
    "prof": (
        ("si_faddr", 16, 8, "x"),
        ("si_tstamp", 24, 16, "b"),
        ("si_syscall", 40, 2, "i"),
        ("si_nsysarg", 42, 1, "i"),
        ("si_fault", 43, 1, "i"),
        ("si_sysarg", 48, 64, "b"),
        ("si_mstate", 112, 40, "b"),
    ),
    "rctl": (("si_entity", 16, 4, "i"),),
}
_BSD_COMMON: tuple[Member, ...] = (
    ("si_pid", 12, 4, "i"),
    ("si_uid", 16, 4, "u"),
    ("si_status", 20, 4, "i"),
    ("si_addr", 24, 8, "x"),
    ("si_value", 32, 8, "x"),
)
_FREEBSD64: dict[str, tuple[Member, ...]] = {
    "none": _BSD_COMMON,
    "kill": _BSD_COMMON,
    "rt": _BSD_COMMON,
    "chld": _BSD_COMMON,
    "fault": (*_BSD_COMMON, ("si_trapno", 40, 4, "i")),
    "timer": (*_BSD_COMMON, ("si_timerid", 40, 4, "i"), ("si_overrun", 44, 4, "i")),
    "mesgq": (*_BSD_COMMON, ("si_mqd", 40, 4, "i")),
    "poll": (*_BSD_COMMON, ("si_band", 40, 8, "i")),
}

_ASM_GENERIC = Source(
    fact="siginfo of Linux",
    project="torvalds/linux",
    revision="018303a9",
    path="include/uapi/asm-generic/siginfo.h",
    note="also measured on a running kernel",
)
_MIPS = Source(
    fact="errno and code swapped, and three codes, of Linux on MIPS",
    project="torvalds/linux",
    revision="Linux 6.1",
    path="arch/mips/include/uapi/asm/siginfo.h",
)
_SOLARIS = Source(
    fact="siginfo of Solaris",
    project="alhazred/onarm",
    revision="2b3c7a498208",
    path="usr/src/uts/common/sys/siginfo.h",
    note="re-typed and compiled",
)
_FREEBSD = Source(
    fact="siginfo of FreeBSD", project="freebsd/freebsd-src", revision="f7fa86b743f4", path="sys/sys/signal.h"
)

SIGINFO = {
    "linux-ilp32": Siginfo(size=128, header=_HEADER, arms=_LINUX32, sources=(_ASM_GENERIC,)),
    "linux-lp64": Siginfo(size=128, header=_HEADER, arms=_LINUX64, sources=(_ASM_GENERIC,)),
    "mips-ilp32": Siginfo(size=128, header=_SWAPPED, arms=_LINUX32, sources=(_ASM_GENERIC, _MIPS)),
    "solaris-ilp32": Siginfo(size=128, header=_SWAPPED, arms=_SOLARIS32, sources=(_SOLARIS,)),
    "solaris-lp64": Siginfo(size=256, header=_SWAPPED, arms=_SOLARIS64, sources=(_SOLARIS,)),
    "freebsd-lp64": Siginfo(size=80, header=_HEADER, arms=_FREEBSD64, sources=(_FREEBSD,)),
}
"""Layouts by name. FreeBSD's is flat: its first five members stand in every arm."""

_FAULTS = dict.fromkeys(("SIGILL", "SIGFPE", "SIGSEGV", "SIGBUS", "SIGTRAP", "SIGEMT"), "fault")
ARMS_BY_SIGNAL = {
    "linux": {**_FAULTS, "SIGCHLD": "chld", "SIGIO": "poll", "SIGSYS": "sys"},
    "solaris": {**_FAULTS, "SIGCHLD": "chld", "SIGIO": "poll", "SIGPROF": "prof"},
    "freebsd": {**_FAULTS, "SIGCHLD": "chld", "SIGIO": "poll"},
}
"""Family to signal to the arm that its own codes choose."""

ARMS_BY_PAIR = {
    "linux": {
        ("SIGBUS", "BUS_MCEERR_AR"): "fault-mce",
        ("SIGBUS", "BUS_MCEERR_AO"): "fault-mce",
        ("SIGSEGV", "SEGV_BNDERR"): "fault-bounds",
        ("SIGSEGV", "SEGV_PKUERR"): "fault-pkey",
        ("SIGTRAP", "TRAP_PERF"): "fault-perf",
    },
    "solaris": {},
    "freebsd": {},
}
"""Pairs of a signal and one of its codes with an arm of their own."""

ARMS_BY_CODE = {
    "linux": {"SI_USER": "kill", "SI_TIMER": "timer", "SI_SIGIO": "poll", "SI_TKILL": "kill", "SI_KERNEL": "none"},
    "solaris": {
        "SI_USER": "kill",
        "SI_LWP": "kill",
        "SI_RCTL": "rctl",
        "SI_DTRACE": "none",
        "SI_NOINFO": "none",
    },
    "freebsd": {
        "SI_USER": "kill",
        "SI_LWP": "kill",
        "SI_TIMER": "timer",
        "SI_MESGQ": "mesgq",
        "SI_QUEUE": "rt",
        "SI_ASYNCIO": "rt",
        "SI_KERNEL": "none",
        "SI_NOINFO": "none",
    },
}
"""Codes that stand for any signal; another one of zero or less chooses ``rt``."""

BANDS = {
    "linux": (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200),
    "linux-mips": (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x04, 0x100),
    "solaris": (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x04, 0x100),
    "freebsd": (0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x04, 0x100),
}
"""POLLIN PRI OUT ERR HUP NVAL RDNORM RDBAND WRNORM WRBAND: the last two differ between the lists of si_code."""

LX_SOURCES = {
    "lx-2006": Source(
        fact="what lx-2006 made of a siginfo",
        project="illumos/illumos-gate",
        revision="9acbbeaf2a1f",
        path="usr/src/lib/brand/lx/lx_brand/common/signal.c",
        note="stol_siginfo",
    ),
    "lx-2008": Source(
        fact="what lx-2008 made of a siginfo",
        project="alhazred/onarm",
        revision="2b3c7a498208",
        path="usr/src/lib/brand/lx/lx_brand/common/signal.c",
        note="stol_siginfo",
    ),
    "lx-2019": Source(
        fact="what lx-2019 made of a siginfo",
        project="zssfred/illumos-joyent",
        revision="6e2c24e15859",
        path="usr/src/lib/brand/lx/lx_brand/common/signal.c",
        note="stol_siginfo",
    ),
}
