"""The parts of the delivery paths: who acts, in which lane, and where it can be read. Written by hand.

The order is not here: it is what the state machine in ``translate.delivery`` does with an input.
"""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.source import Source

__all__ = ["LANES", "NATIVE_FRAME", "PARTS", "PATHS", "SIZES", "SOURCES", "Part", "Path", "Sizes"]

LANES = ("application", "brand", "kernel", "libc")
"""Who owns the code that runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A delivery path of one generation.

    :param native: the system whose numbers the kernel knows.
    :param brand: the process is a Linux one; the numbers it sees are Linux'.
    :param policy: the table of the brand, a word of the policies.
    :param interposer: the part that runs before libc's; empty if there is none.
    :param fixer: the part that gives the thread the native %gs before native code runs.
    :param jumper: the part that gives control to the Linux handler, where it is a part of its own.
    :param power: how the brand ends the process for a SIGPWR without a handler.
    """

    name: str
    summary: str
    native: str
    brand: bool
    policy: str
    interposer: str
    fixer: str
    jumper: tuple[str, ...]
    power: str
    revision: str


PATHS = {
    path.name: path
    for path in (
        Path(
            name="native",
            summary="a Solaris process",
            native="solaris-2005",
            brand=False,
            policy="strict",
            interposer="",
            fixer="",
            jumper=(),
            power="",
            revision="alhazred/onarm@2b3c7a498208",
        ),
        Path(
            name="lx-2006",
            summary="a Linux process in a zone, BrandZ as integrated on 2006-09-11",
            native="solaris-2005",
            brand=True,
            policy="lx-2006",
            interposer="lx_sigacthandler",
            fixer="lx_sigacthandler",
            jumper=(),
            power="exit(158), which a parent sees as a normal exit",
            revision="illumos/illumos-gate@9acbbeaf2a1f",
        ),
        Path(
            name="lx-now",
            summary="a Linux process in a zone, lx as of 2019",
            native="illumos",
            brand=True,
            policy="lx-2019",
            interposer="",
            fixer="lx_sendsig",
            jumper=("lx_sigdeliver", "lx_jump_to_linux"),
            power="B_EXIT_AS_SIG: the process dies by the signal",
            revision="zssfred/illumos-joyent@6e2c24e15859",
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a brand pushes for a 32-bit handler, in bytes.

    :param old: the Linux frame without SA_SIGINFO.
    :param rt: the Linux frame with it.
    :param record: what stands above the frame for the way back: magic, native context, and what the path adds.
    """

    old: int
    rt: int
    record: int


SIZES = {
    "lx-2006": Sizes(old=732, rt=892, record=16),
    "lx-now": Sizes(old=732, rt=892, record=16),
}
"""By the name of the path. 2006: magic, ucontext pointer, ebp, return address; 2019: magic and three pointers."""

NATIVE_FRAME = 16 + 512 + 128
"""Bytes that the kernel pushes for a 32-bit Solaris handler: sigframe, ucontext, siginfo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of code on a path.

    :param label: the routine's name with ``()``, or who it is.
    :param duty: what it does, one clause.
    :param path: the file; the revision is the delivery path's.
    :param path_now: the file in the newest generation, where it moved.
    """

    id: str
    label: str
    lane: str
    kind: str
    duty: str
    path: str = ""
    path_now: str = ""


_LX = "usr/src/lib/brand/lx/lx_brand"
_LIBC = "usr/src/lib/libc/port/threads/sigaction.c"
_UTS = "usr/src/uts/common/brand/lx"

PARTS = {
    part.id: part
    for part in (
        Part(
            id="kill",
            label="kill()",
            lane="application",
            kind="start",
            duty="a Linux process sends a signal by its Linux number",
        ),
        Part(
            id="lx_kill",
            label="lx_kill()",
            lane="brand",
            kind="translate",
            duty="first translation, at generation: Linux number to Solaris number",
            path=f"{_LX}/common/signal.c",
            path_now=f"{_UTS}/syscall/lx_kill.c",
        ),
        Part(
            id="kernel",
            label="kernel",
            lane="kernel",
            kind="kernel",
            duty="looks at mask and disposition and builds the native frame; it knows native numbers only",
            path="usr/src/uts/common/os/sig.c",
        ),
        Part(
            id="lx_sendsig",
            label="lx_sendsig()",
            lane="kernel",
            kind="selector",
            duty="the brand's hook gives the thread the native %gs and the native stack",
            path=f"{_UTS}/os/lx_brand.c",
        ),
        Part(
            id="lx_sigacthandler",
            label="lx_sigacthandler()",
            lane="brand",
            kind="selector",
            duty="saves the Linux %gs, loads the one that libc needs, and jumps (does not call)",
            path=f"{_LX}/i386/lx_handler.s",
        ),
        Part(
            id="sigacthandler",
            label="sigacthandler()",
            lane="libc",
            kind="call",
            duty="libc's own handler; its first look at the thread goes through %gs",
            path=_LIBC,
        ),
        Part(
            id="call_user_handler",
            label="call_user_handler()",
            lane="libc",
            kind="call",
            duty="sets the handler's mask and calls the registered handler",
            path=_LIBC,
        ),
        Part(
            id="lx_call_user_handler",
            label="lx_call_user_handler()",
            lane="brand",
            kind="translate",
            duty="second translation, at delivery: Solaris number to Linux number; builds the Linux frame",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="lx_sigdeliver",
            label="lx_sigdeliver()",
            lane="brand",
            kind="call",
            duty="chooses the stack and writes the Linux frame and the record for the way back",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="lx_jump_to_linux",
            label="syscall(B_JUMP_TO_LINUX)",
            lane="kernel",
            kind="selector",
            duty="a brand system call that loads the Linux registers and %gs and goes to the handler",
            path=f"{_UTS}/os/lx_brand.c",
        ),
        Part(
            id="handler",
            label="user signal handler",
            lane="application",
            kind="handler",
            duty="the function that the program registered",
        ),
        Part(
            id="pending",
            label="stays pending",
            lane="kernel",
            kind="end",
            duty="the thread blocks the signal; it is delivered when the mask lets it",
        ),
        Part(id="discarded", label="discarded", lane="kernel", kind="end", duty="the default action is to ignore it"),
        Part(id="default", label="default action", lane="kernel", kind="end", duty="the kernel acts by itself"),
        Part(
            id="refused",
            label="EINVAL",
            lane="brand",
            kind="end",
            duty="the signal has no Solaris number, so kill() fails and nothing is sent",
        ),
        Part(
            id="sigpwr_exit",
            label="the brand ends the process",
            lane="brand",
            kind="end",
            duty="Linux terminates for SIGPWR and Solaris ignores it, so the brand always has a handler",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="fault",
            label="SIGSEGV",
            lane="libc",
            kind="fault",
            duty="native code used %gs while it still held the Linux selector",
        ),
        Part(
            id="setsigacthandler",
            label="setsigacthandler()",
            lane="libc",
            kind="setup",
            duty="replaces the routine that later sigactions give to the kernel, for the whole process",
            path=_LIBC,
        ),
        Part(
            id="setsigacthandler_again",
            label="setsigacthandler(), once more",
            lane="libc",
            kind="setup",
            duty="returns as the old one what the first call put there",
            path=_LIBC,
        ),
        Part(
            id="sigaction",
            label="sigaction()",
            lane="libc",
            kind="setup",
            duty="registers the handler: the kernel gets libc's current routine, libc keeps the program's",
            path=_LIBC,
        ),
        Part(
            id="thread_create",
            label="a new thread",
            lane="application",
            kind="setup",
            duty="is created after all that",
        ),
        Part(
            id="defer",
            label="sigacthandler(), in a critical region",
            lane="libc",
            kind="call",
            duty="remembers the signal and goes back to the region with everything blocked",
            path=_LIBC,
        ),
        Part(
            id="leave_critical",
            label="leaving the region",
            lane="libc",
            kind="call",
            duty="take_deferred_signal() asks the kernel to send the signal once more",
            path=_LIBC,
        ),
        Part(
            id="return",
            label="the handler returns",
            lane="application",
            kind="return",
            duty="its ret takes the return address that the frame put there",
        ),
        Part(
            id="trampoline",
            label="trampoline",
            lane="application",
            kind="return",
            duty="code in the frame that calls sigreturn with the stack pointer as its only argument",
        ),
        Part(
            id="brand_syscall",
            label="the brand's system call hook",
            lane="kernel",
            kind="selector",
            duty="the kernel hands a Linux system call to the brand's library, which loads the native %gs",
            path=f"{_LX}/i386/lx_handler.s",
        ),
        Part(
            id="lx_sigreturn",
            label="lx_sigreturn()",
            lane="brand",
            kind="return",
            duty="takes the Linux frame off: registers and mask go into the native context",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="lx_sigreturn_tolibc",
            label="lx_sigreturn_tolibc()",
            lane="brand",
            kind="return",
            duty="sets the stack as if the handler that libc called had returned",
            path=f"{_LX}/i386/lx_handler.s",
        ),
        Part(
            id="lx_rt_sigreturn",
            label="lx_rt_sigreturn()",
            lane="brand",
            kind="return",
            duty="takes the Linux frame off and sets the context that lx_sigdeliver() saved",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="lx_sigreturn_old",
            label="lx_sigreturn()",
            lane="brand",
            kind="return",
            duty="takes the old Linux frame off and sets the context that lx_sigdeliver() saved",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="lx_sigdeliver_back",
            label="back in lx_sigdeliver()",
            lane="brand",
            kind="return",
            duty="returns to libc on the native stack",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="call_user_handler_back",
            label="back in call_user_handler()",
            lane="libc",
            kind="return",
            duty="its handler has returned, so it sets the interrupted context",
            path=_LIBC,
        ),
        Part(
            id="setcontext",
            label="setcontext()",
            lane="kernel",
            kind="return",
            duty="restores stack pointer, registers, %gs and mask of the interrupted code",
            path="usr/src/uts/common/syscall/ucontext.c",
        ),
        Part(
            id="interrupted",
            label="the interrupted code",
            lane="application",
            kind="end",
            duty="goes on with its next instruction",
        ),
        Part(
            id="bad_frame",
            label="fatal: bad frame",
            lane="brand",
            kind="fault",
            duty="the word behind the frame is not deadf00d, so the brand cannot find its way back",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="reset_exit",
            label="fatal: no handler",
            lane="brand",
            kind="fault",
            duty="SA_RESETHAND has set the brand's own entry back, while the kernel still knows a handler",
            path=f"{_LX}/common/signal.c",
        ),
        Part(
            id="loop",
            label="jumps to itself",
            lane="brand",
            kind="fault",
            duty="the old routine that it should jump to is its own address",
            path=f"{_LX}/i386/lx_handler.s",
        ),
    )
}

SOURCES = (
    Source(
        fact="the Linux path of 2006",
        project="illumos/illumos-gate",
        revision="9acbbeaf2a1f",
        path=f"{_LX}/common/signal.c",
    ),
    Source(
        fact="lx_sigacthandler",
        project="alhazred/onarm",
        revision="2b3c7a498208",
        path=f"{_LX}/i386/lx_handler.s",
    ),
    Source(
        fact="libc's part of the path",
        project="alhazred/onarm",
        revision="2b3c7a498208",
        path=_LIBC,
    ),
    Source(
        fact="the Linux path of 2019",
        project="zssfred/illumos-joyent",
        revision="6e2c24e15859",
        path=f"{_LX}/common/signal.c",
    ),
)
