"""si_code by system: the codes for any signal, and those of one signal, with their meaning. Written by hand."""

from __future__ import annotations

from heliograph.source import Source

__all__ = ["CODE_SOURCES", "GENERAL", "NEAREST", "NO_INFORMATION", "SPECIFIC", "SYNONYMS"]

Codes = dict[int, tuple[str, str]]

_LINUX_ANY: Codes = {
    0: ("SI_USER", "sent by kill"),
    0x80: ("SI_KERNEL", "sent by the kernel"),
    -1: ("SI_QUEUE", "sent by sigqueue"),
    -2: ("SI_TIMER", "a POSIX timer expired"),
    -3: ("SI_MESGQ", "a message queue changed"),
    -4: ("SI_ASYNCIO", "asynchronous I/O ended"),
    -5: ("SI_SIGIO", "queued SIGIO"),
    -6: ("SI_TKILL", "sent to one thread by tkill or tgkill"),
    -7: ("SI_DETHREAD", "execve kills the other threads"),
    -60: ("SI_ASYNCNL", "asynchronous name lookup ended"),
}
GENERAL: dict[str, Codes] = {
    "linux": _LINUX_ANY,
    "linux-mips": {
        **_LINUX_ANY,
        -2: ("SI_ASYNCIO", "asynchronous I/O ended"),
        -3: ("SI_TIMER", "a POSIX timer expired"),
        -4: ("SI_MESGQ", "a message queue changed"),
    },
    "solaris": {
        0: ("SI_USER", "sent by kill"),
        -1: ("SI_LWP", "sent to one thread by _lwp_kill"),
        -2: ("SI_QUEUE", "sent by sigqueue"),
        -3: ("SI_TIMER", "a POSIX timer expired"),
        -4: ("SI_ASYNCIO", "asynchronous I/O ended"),
        -5: ("SI_MESGQ", "a message queue changed"),
        2049: ("SI_RCTL", "a resource control acted"),
        2050: ("SI_DTRACE", "DTrace's raise()"),
        32767: ("SI_NOINFO", "no information"),
    },
    "freebsd": {
        0: ("SI_NOINFO", "no information"),
        0x10001: ("SI_USER", "sent by kill"),
        0x10002: ("SI_QUEUE", "sent by sigqueue"),
        0x10003: ("SI_TIMER", "a POSIX timer expired"),
        0x10004: ("SI_ASYNCIO", "asynchronous I/O ended"),
        0x10005: ("SI_MESGQ", "a message queue changed"),
        0x10006: ("SI_KERNEL", "sent by the kernel"),
        0x10007: ("SI_LWP", "sent to one thread by thr_kill"),
    },
}
"""Codes that any signal may have."""

_ILL: Codes = {
    1: ("ILL_ILLOPC", "illegal opcode"),
    2: ("ILL_ILLOPN", "illegal operand"),
    3: ("ILL_ILLADR", "illegal addressing mode"),
    4: ("ILL_ILLTRP", "illegal trap"),
    5: ("ILL_PRVOPC", "privileged opcode"),
    6: ("ILL_PRVREG", "privileged register"),
    7: ("ILL_COPROC", "coprocessor error"),
    8: ("ILL_BADSTK", "internal stack error"),
}
_FPE: Codes = {
    1: ("FPE_INTDIV", "integer divide by zero"),
    2: ("FPE_INTOVF", "integer overflow"),
    3: ("FPE_FLTDIV", "floating-point divide by zero"),
    4: ("FPE_FLTOVF", "floating-point overflow"),
    5: ("FPE_FLTUND", "floating-point underflow"),
    6: ("FPE_FLTRES", "floating-point inexact result"),
    7: ("FPE_FLTINV", "invalid floating-point operation"),
    8: ("FPE_FLTSUB", "subscript out of range"),
}
_SEGV: Codes = {
    1: ("SEGV_MAPERR", "address not mapped"),
    2: ("SEGV_ACCERR", "permissions of the mapping forbid it"),
}
_BUS: Codes = {
    1: ("BUS_ADRALN", "invalid address alignment"),
    2: ("BUS_ADRERR", "no such physical address"),
    3: ("BUS_OBJERR", "hardware error of the object"),
}
_TRAP: Codes = {1: ("TRAP_BRKPT", "breakpoint"), 2: ("TRAP_TRACE", "trace trap")}
_CLD: Codes = {
    1: ("CLD_EXITED", "child has exited"),
    2: ("CLD_KILLED", "child was killed"),
    3: ("CLD_DUMPED", "child was killed and left a core file"),
    4: ("CLD_TRAPPED", "traced child has trapped"),
    5: ("CLD_STOPPED", "child has stopped"),
    6: ("CLD_CONTINUED", "stopped child has continued"),
}
_POLL: Codes = {
    1: ("POLL_IN", "data to read"),
    2: ("POLL_OUT", "room to write"),
    3: ("POLL_MSG", "a message to read"),
    4: ("POLL_ERR", "I/O error"),
    5: ("POLL_PRI", "urgent data to read"),
    6: ("POLL_HUP", "device disconnected"),
}
_LINUX_OWN: dict[str, Codes] = {
    "SIGILL": {
        **_ILL,
        9: ("ILL_BADIADDR", "unimplemented instruction address"),
        10: ("__ILL_BREAK", "illegal break (ia64)"),
        11: ("__ILL_BNDMOD", "bundle modified under way (ia64)"),
    },
    "SIGFPE": {
        **_FPE,
        9: ("__FPE_DECOVF", "decimal overflow (ia64)"),
        10: ("__FPE_DECDIV", "decimal divide by zero (ia64)"),
        11: ("__FPE_DECERR", "packed decimal error (ia64)"),
        12: ("__FPE_INVASC", "invalid ASCII digit (ia64)"),
        13: ("__FPE_INVDEC", "invalid decimal digit (ia64)"),
        14: ("FPE_FLTUNK", "undiagnosed floating-point exception"),
        15: ("FPE_CONDTRAP", "trap on condition"),
    },
    "SIGSEGV": {
        **_SEGV,
        3: ("SEGV_BNDERR", "address bounds check failed"),
        4: ("SEGV_PKUERR", "protection key check failed"),
        5: ("SEGV_ACCADI", "ADI not enabled for the mapping"),
        6: ("SEGV_ADIDERR", "disrupting memory corruption detected"),
        7: ("SEGV_ADIPERR", "precise memory corruption detected"),
        8: ("SEGV_MTEAERR", "asynchronous ARM MTE error"),
        9: ("SEGV_MTESERR", "synchronous ARM MTE error"),
        10: ("SEGV_CPERR", "control protection fault"),
    },
    "SIGBUS": {
        **_BUS,
        4: ("BUS_MCEERR_AR", "hardware memory error consumed: action required"),
        5: ("BUS_MCEERR_AO", "hardware memory error found: action optional"),
    },
    "SIGTRAP": {
        **_TRAP,
        3: ("TRAP_BRANCH", "taken branch"),
        4: ("TRAP_HWBKPT", "hardware breakpoint or watchpoint"),
        5: ("TRAP_UNK", "undiagnosed trap"),
        6: ("TRAP_PERF", "perf event with sigtrap"),
    },
    "SIGCHLD": _CLD,
    "SIGIO": _POLL,
    "SIGSYS": {
        1: ("SYS_SECCOMP", "seccomp refused the system call"),
        2: ("SYS_USER_DISPATCH", "system call user dispatch"),
    },
    "SIGEMT": {1: ("EMT_TAGOVF", "tag overflow")},
}
SPECIFIC: dict[str, dict[str, Codes]] = {
    "linux": _LINUX_OWN,
    "linux-mips": _LINUX_OWN,
    "solaris": {
        "SIGILL": _ILL,
        "SIGFPE": {**_FPE, 9: ("FPE_FLTDEN", "denormalized operand")},
        "SIGSEGV": _SEGV,
        "SIGBUS": _BUS,
        "SIGTRAP": {
            **_TRAP,
            3: ("TRAP_RWATCH", "read watchpoint"),
            4: ("TRAP_WWATCH", "write watchpoint"),
            5: ("TRAP_XWATCH", "execute watchpoint"),
            6: ("TRAP_DTRACE", "DTrace's pid provider"),
        },
        "SIGCHLD": _CLD,
        "SIGIO": _POLL,
        "SIGPROF": {1: ("PROF_SIG", "profiling signal")},
        "SIGEMT": {1: ("EMT_CPCOVF", "a performance counter overflowed")},
    },
    "freebsd": {
        "SIGILL": _ILL,
        "SIGFPE": {
            **_FPE,
            1: ("FPE_INTOVF", "integer overflow"),
            2: ("FPE_INTDIV", "integer divide by zero"),
            9: ("FPE_FLTIDO", "denormalized operand"),
        },
        "SIGSEGV": {**_SEGV, 100: ("SEGV_PKUERR", "protection key check failed")},
        "SIGBUS": {**_BUS, 100: ("BUS_OOMERR", "out of memory")},
        "SIGTRAP": {**_TRAP, 3: ("TRAP_DTRACE", "DTrace"), 4: ("TRAP_CAP", "capability check failed")},
        "SIGCHLD": _CLD,
        "SIGIO": _POLL,
    },
}
"""Codes of one signal. The signals are called as on Linux: SIGCHLD, SIGIO."""

SYNONYMS = {"SI_TKILL": "SI_LWP", "SI_LWP": "SI_TKILL"}
"""Codes of the same meaning under another name."""

NEAREST = {
    "SEGV_PKUERR": "SEGV_ACCERR",
    "SEGV_BNDERR": "SEGV_ACCERR",
    "BUS_MCEERR_AR": "BUS_OBJERR",
    "BUS_MCEERR_AO": "BUS_OBJERR",
    "ILL_BADIADDR": "ILL_ILLADR",
    "TRAP_BRANCH": "TRAP_TRACE",
    "TRAP_HWBKPT": "TRAP_BRKPT",
    "TRAP_RWATCH": "TRAP_HWBKPT",
    "TRAP_WWATCH": "TRAP_HWBKPT",
    "TRAP_XWATCH": "TRAP_HWBKPT",
    "FPE_FLTDEN": "FPE_FLTUND",
}
"""Codes without a counterpart to the one that a program there would expect; anything else says nothing."""

NO_INFORMATION = {"linux": "SI_KERNEL", "linux-mips": "SI_KERNEL", "solaris": "SI_NOINFO"}
"""The code that says nothing about the cause."""

CODE_SOURCES = {
    "linux": (
        Source(
            fact="si_code of Linux",
            project="torvalds/linux",
            revision="018303a9",
            path="include/uapi/asm-generic/siginfo.h",
        ),
    ),
    "linux-mips": (
        Source(
            fact="si_code of Linux on MIPS",
            project="torvalds/linux",
            revision="Linux 6.1",
            path="arch/mips/include/uapi/asm/siginfo.h",
        ),
    ),
    "solaris": (
        Source(
            fact="si_code of Solaris",
            project="alhazred/onarm",
            revision="2b3c7a498208",
            path="usr/src/uts/common/sys/siginfo.h",
        ),
        Source(
            fact="si_code of faults on Solaris x86",
            project="alhazred/onarm",
            revision="2b3c7a498208",
            path="usr/src/uts/intel/sys/machsig.h",
        ),
    ),
    "freebsd": (
        Source(
            fact="si_code of FreeBSD", project="freebsd/freebsd-src", revision="f7fa86b743f4", path="sys/sys/signal.h"
        ),
    ),
}
