"""Flags and small enumerations by name: SA_*, SS_*, UC_* and the ``how`` of sigprocmask. Written by hand.

A group stands for the systems that share its values. ``how`` is a number of its own, the others are bits.
"""

from __future__ import annotations

from heliograph.source import Source

__all__ = ["CANT_RESET", "FLAGS", "GROUPS", "LX_PASSES", "PREFIXES", "SOURCES", "SYNONYMS", "WIDTH"]

PREFIXES = {"sa": "SA_", "ss": "SS_", "how": "SIG_", "uc": "UC_"}
"""The kinds, each with what its names start with."""

WIDTH = 32
"""Bits of a word of flags; the upper half of Linux' long is never used."""

GROUPS = {
    "linux-x86_64": "linux",
    "linux-i386": "linux",
    "linux-generic": "linux",
    "linux-arm": "linux-arm",
    "linux-mips": "linux-mips",
    "linux-mips64": "linux-mips",
    "linux-alpha": "linux-alpha",
    "linux-sparc": "linux-sparc",
    "linux-sparc64": "linux-sparc",
    "linux-parisc": "linux-parisc",
    "solaris-2005": "solaris",
    "solaris-11": "solaris",
    "illumos": "solaris",
    "freebsd": "freebsd",
    "darwin": "darwin",
}
"""System to the group whose values it has; systems that are not here were not collected."""

_GENERIC = {
    "SA_NOCLDSTOP": 0x1,
    "SA_NOCLDWAIT": 0x2,
    "SA_SIGINFO": 0x4,
    "SA_UNSUPPORTED": 0x400,
    "SA_EXPOSE_TAGBITS": 0x800,
    "SA_RESTORER": 0x04000000,
    "SA_ONSTACK": 0x08000000,
    "SA_RESTART": 0x10000000,
    "SA_NODEFER": 0x40000000,
    "SA_RESETHAND": 0x80000000,
}
_NEWER = {"SA_UNSUPPORTED": 0x400, "SA_EXPOSE_TAGBITS": 0x800}
_LINUX_SS = {"SS_ONSTACK": 1, "SS_DISABLE": 2, "SS_AUTODISARM": 0x80000000}
_FROM_0 = {"SIG_BLOCK": 0, "SIG_UNBLOCK": 1, "SIG_SETMASK": 2}
_FROM_1 = {"SIG_BLOCK": 1, "SIG_UNBLOCK": 2, "SIG_SETMASK": 3}
_X86_UC = {"UC_FP_XSTATE": 1, "UC_SIGCONTEXT_SS": 2, "UC_STRICT_RESTORE_SS": 4}
_BSD_SA = {
    "SA_ONSTACK": 0x1,
    "SA_RESTART": 0x2,
    "SA_RESETHAND": 0x4,
    "SA_NOCLDSTOP": 0x8,
    "SA_NODEFER": 0x10,
    "SA_NOCLDWAIT": 0x20,
    "SA_SIGINFO": 0x40,
}
_BSD_SS = {"SS_ONSTACK": 1, "SS_DISABLE": 4}

FLAGS: dict[str, dict[str, dict[str, int]]] = {
    "linux": {"sa": _GENERIC, "ss": _LINUX_SS, "how": _FROM_0, "uc": _X86_UC},
    "linux-arm": {"sa": {**_GENERIC, "SA_THIRTYTWO": 0x02000000}, "ss": _LINUX_SS, "how": _FROM_0},
    "linux-mips": {
        "sa": {
            "SA_NOCLDSTOP": 0x1,
            "SA_SIGINFO": 0x8,
            **_NEWER,
            "SA_NOCLDWAIT": 0x10000,
            "SA_ONSTACK": 0x08000000,
            "SA_RESTART": 0x10000000,
            "SA_NODEFER": 0x40000000,
            "SA_RESETHAND": 0x80000000,
        },
        "ss": _LINUX_SS,
        "how": _FROM_1,
    },
    "linux-alpha": {
        "sa": {
            "SA_ONSTACK": 0x1,
            "SA_RESTART": 0x2,
            "SA_NOCLDSTOP": 0x4,
            "SA_NODEFER": 0x8,
            "SA_RESETHAND": 0x10,
            "SA_NOCLDWAIT": 0x20,
            "SA_SIGINFO": 0x40,
            **_NEWER,
        },
        "ss": _LINUX_SS,
        "how": _FROM_1,
    },
    "linux-sparc": {
        "sa": {
            "SA_ONSTACK": 0x1,
            "SA_RESTART": 0x2,
            "SA_RESETHAND": 0x4,
            "SA_NOCLDSTOP": 0x8,
            "SA_NODEFER": 0x20,
            "SA_NOCLDWAIT": 0x100,
            "SA_SIGINFO": 0x200,
            **_NEWER,
        },
        "ss": _LINUX_SS,
        "how": {"SIG_BLOCK": 1, "SIG_UNBLOCK": 2, "SIG_SETMASK": 4},
    },
    "linux-parisc": {
        "sa": {
            "SA_ONSTACK": 0x1,
            "SA_RESETHAND": 0x4,
            "SA_NOCLDSTOP": 0x8,
            "SA_SIGINFO": 0x10,
            "SA_NODEFER": 0x20,
            "SA_RESTART": 0x40,
            "SA_NOCLDWAIT": 0x80,
            **_NEWER,
        },
        "ss": _LINUX_SS,
        "how": _FROM_0,
    },
    "solaris": {
        "sa": {
            "SA_ONSTACK": 0x1,
            "SA_RESETHAND": 0x2,
            "SA_RESTART": 0x4,
            "SA_SIGINFO": 0x8,
            "SA_NODEFER": 0x10,
            "SA_NOCLDWAIT": 0x10000,
            "SA_NOCLDSTOP": 0x20000,
        },
        "ss": {"SS_ONSTACK": 1, "SS_DISABLE": 2},
        "how": _FROM_1,
        "uc": {"UC_SIGMASK": 1, "UC_STACK": 2, "UC_CPU": 4, "UC_FPU": 8},
    },
    "freebsd": {"sa": _BSD_SA, "ss": _BSD_SS, "how": _FROM_1},
    "darwin": {"sa": {**_BSD_SA, "SA_USERTRAMP": 0x100}, "ss": _BSD_SS, "how": _FROM_1},
}
"""Group to kind to name to value; a kind that is absent was not collected."""

SYNONYMS = {"SA_ONESHOT": "SA_RESETHAND", "SA_NOMASK": "SA_NODEFER", "UC_MAU": "UC_FPU", "UC_MCONTEXT": "UC_CPU"}
"""Other names that are read."""

CANT_RESET = ("SIGILL", "SIGTRAP", "SIGPWR")
"""Signals whose handler the Solaris kernel keeps in spite of SA_RESETHAND."""

LX_PASSES = {
    "lx-2006": ("SA_NOCLDSTOP", "SA_NOCLDWAIT", "SA_ONSTACK", "SA_RESTART", "SA_NODEFER", "SA_RESETHAND"),
    "lx-2008": ("SA_NOCLDSTOP", "SA_NOCLDWAIT", "SA_ONSTACK", "SA_RESTART", "SA_NODEFER", "SA_RESETHAND"),
    "lx-2019": ("SA_NOCLDSTOP", "SA_NOCLDWAIT", "SA_RESTART", "SA_NODEFER", "SA_RESETHAND"),
}
"""What each generation hands to the native sigaction beside SA_SIGINFO, which it always sets."""

_LINUX = "torvalds/linux"
SOURCES = {
    "linux": (
        Source(
            fact="flags of x86, arm64 and the rest of asm-generic",
            project=_LINUX,
            revision="Linux 6.1",
            path="include/uapi/asm-generic/signal-defs.h",
        ),
        Source(fact="UC_* of x86", project=_LINUX, revision="Linux 6.1", path="arch/x86/include/uapi/asm/ucontext.h"),
    ),
    "linux-arm": (
        Source(fact="flags of arm", project=_LINUX, revision="Linux 6.1", path="arch/arm/include/uapi/asm/signal.h"),
    ),
    "linux-mips": (
        Source(fact="flags of MIPS", project=_LINUX, revision="Linux 6.1", path="arch/mips/include/uapi/asm/signal.h"),
    ),
    "linux-alpha": (
        Source(
            fact="flags of Alpha", project=_LINUX, revision="Linux 6.1", path="arch/alpha/include/uapi/asm/signal.h"
        ),
    ),
    "linux-sparc": (
        Source(
            fact="flags of SPARC", project=_LINUX, revision="Linux 6.1", path="arch/sparc/include/uapi/asm/signal.h"
        ),
    ),
    "linux-parisc": (
        Source(
            fact="flags of PA-RISC", project=_LINUX, revision="Linux 6.1", path="arch/parisc/include/uapi/asm/signal.h"
        ),
    ),
    "solaris": (
        Source(
            fact="SA_* and SS_* of Solaris",
            project="alhazred/onarm",
            revision="2b3c7a498208",
            path="usr/src/uts/common/sys/signal.h",
        ),
        Source(
            fact="UC_* of Solaris",
            project="alhazred/onarm",
            revision="2b3c7a498208",
            path="usr/src/uts/intel/sys/ucontext.h",
        ),
        Source(
            fact="signals that SA_RESETHAND does not reset",
            project="alhazred/onarm",
            revision="2b3c7a498208",
            path="usr/src/uts/common/os/sig.c",
        ),
    ),
    "freebsd": (
        Source(
            fact="flags of FreeBSD", project="freebsd/freebsd-src", revision="f7fa86b743f4", path="sys/sys/signal.h"
        ),
    ),
    "darwin": (Source(fact="flags of Darwin", project="apple-oss-distributions/xnu", path="bsd/sys/signal.h"),),
}
"""Where the values of a group come from."""
