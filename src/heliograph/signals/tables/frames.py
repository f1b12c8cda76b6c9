"""Signal frames: their parts from the lowest address up, and how each is placed on the stack. Written by hand.

A part is a single field, or a structure of the tables ``siginfo`` and ``contexts``, whose fields then carry the part's
name in front: ``ucontext.uc_sigmask``.
"""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.source import Source

__all__ = [
    "FRAMES",
    "LAYOUTS",
    "MAGIC",
    "MIN_ALTSTACK",
    "POST",
    "RETCODE",
    "TAILS",
    "WHY_POST",
    "XSTATE_SIZE",
    "Frame",
    "Part",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a frame.

    :param form: ``u``, ``i``, ``x``, ``b`` for a single field; ``siginfo``, ``ucontext``, ``mcontext`` or ``fpstate``
        for a structure of the frame's ABI.
    :param left: the kernel leaves the bytes as they were on the stack.
    """

    name: str
    offset: int
    size: int
    form: str
    note: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A kind of frame.

    :param abi: the ABI of the structures in it.
    :param layout: its own layout, one of :data:`LAYOUTS`.
    :param layouts: the layouts that it can be asked for in.
    :param sp: where the stack is unless the user says so.
    """

    kind: str
    summary: str
    abi: str
    layout: str
    layouts: tuple[str, ...]
    parts: tuple[Part, ...]
    sp: int
    sources: tuple[Source, ...]

    @property
    def size(self) -> int:
        """Return the bytes of the frame."""
        return self.parts[-1].offset + self.parts[-1].size


LAYOUTS = ("post", "lx-2006", "lx-2019", "linux", "solaris")
MAGIC = 0xDEADF00D
"""What lx puts above its frame, to find it again."""
XSTATE_SIZE = 2688
"""Bytes of the extended state of the processor on which frames were measured; 512 is a plain FXSAVE."""
MIN_ALTSTACK = 2048
"""MINSIGSTKSZ of x86 Linux: sigaltstack refuses less."""
RETCODE = {
    "linux-i386-old": bytes.fromhex("58b877000000cd80"),
    "linux-i386-rt": bytes.fromhex("b8ad000000cd8000"),
    "linux-i386-rt-892": bytes.fromhex("b8ad000000cd8000"),
    "lx-i386": bytes.fromhex("b8ad000000cd8000"),
}
"""The trampoline that a frame holds for debuggers; it is not what runs."""

_HEAD = (
    Part(name="pretcode", offset=0, size=4, form="x", note="where the handler returns to: the trampoline"),
    Part(name="sig", offset=4, size=4, form="i", note="the signal number, the handler's first argument"),
)
_POINTERS = (
    Part(name="pinfo", offset=8, size=4, form="x", note="the address of siginfo, the second argument"),
    Part(name="puc", offset=12, size=4, form="x", note="the address of ucontext, the third argument"),
)
_RETCODE = "the trampoline as debuggers look for it; not what runs"
_OLD = (
    *_HEAD,
    Part(name="sigcontext", offset=8, size=88, form="mcontext"),
    Part(
        name="fpstate_unused",
        offset=96,
        size=624,
        form="b",
        note="where the fp state was up to 2.6.27",
        left=True,
    ),
    Part(name="extramask", offset=720, size=4, form="x", note="signals 33 to 64 of the mask"),
    Part(name="retcode", offset=724, size=8, form="b", note=_RETCODE),
)
_RT = (
    *_HEAD,
    *_POINTERS,
    Part(name="siginfo", offset=16, size=128, form="siginfo"),
    Part(name="ucontext", offset=144, size=116, form="ucontext"),
)
_RT_268 = (*_RT, Part(name="retcode", offset=260, size=8, form="b", note=_RETCODE))
_RT_892 = (
    *_RT,
    Part(name="fpstate", offset=260, size=624, form="fpstate"),
    Part(name="retcode", offset=884, size=8, form="b", note=_RETCODE),
)
POST = (
    *_HEAD,
    *_POINTERS,
    Part(name="ucontext", offset=16, size=116, form="ucontext"),
    Part(name="fpstate", offset=132, size=624, form="fpstate"),
    Part(name="siginfo", offset=756, size=128, form="siginfo"),
)
"""The frame as the post lists it: no source has this order, and the list ends without the trampoline."""
WHY_POST = (
    "The post lists ucontext, fpstate, siginfo; every source from 2006 on has siginfo, ucontext, fpstate, trampoline,"
    " as Linux of the day did."
)

TAILS = {
    ("lx-2006", 4): (
        Part(name="magic", offset=0, size=4, form="x", note="deadf00d: sigreturn looks for it"),
        Part(name="native_ucp", offset=4, size=4, form="x", note="the address of the native ucontext"),
        Part(name="saved_ebp", offset=8, size=4, form="x", note="ebp of lx_call_user_handler"),
        Part(name="native_retaddr", offset=12, size=4, form="x", note="return address into lx_call_user_handler"),
    ),
    ("lx-2019", 4): (
        Part(name="magic", offset=0, size=4, form="x", note="deadf00d: sigreturn looks for it"),
        Part(name="retucp", offset=4, size=4, form="x", note="the context to return to lx_sigdeliver"),
        Part(name="sigucp", offset=8, size=4, form="x", note="the native ucontext of the signal"),
        Part(name="sigbackup", offset=12, size=4, form="x", note="a copy of this record, if the program destroys it"),
    ),
    ("lx-2019", 8): (
        Part(name="magic", offset=8, size=8, form="x", note="deadf00d: sigreturn looks for it"),
        Part(name="retucp", offset=16, size=8, form="x", note="the context to return to lx_sigdeliver"),
        Part(name="sigucp", offset=24, size=8, form="x", note="the native ucontext of the signal"),
        Part(name="sigbackup", offset=32, size=8, form="x", note="a copy of this record, if the program destroys it"),
    ),
}
"""(layout, word size) to what lx puts above the frame; offsets from the frame's end. amd64 leaves a gap of 8 bytes."""

_KERNEL = Source(
    fact="signal frames of x86 Linux",
    project="torvalds/linux",
    revision="Linux 6.18.44",
    path="arch/x86/kernel/signal_32.c, signal_64.c",
    note="measured on a running kernel: tests/data/frames",
)
_OLDER = Source(
    fact="signal frames up to Linux 2.6.27",
    project="torvalds/linux",
    revision="03252919",
    path="arch/x86/kernel/signal_32.c",
    note="re-typed and compiled",
)
_LX_2008 = Source(
    fact="frames of lx-2006 and lx-2008",
    project="alhazred/onarm",
    revision="2b3c7a498208",
    path="usr/src/lib/brand/lx/lx_brand/common/signal.c, i386/lx_handler.s",
)
_LX_2019 = Source(
    fact="frames of lx-2019",
    project="zssfred/illumos-joyent",
    revision="6e2c24e15859",
    path="usr/src/lib/brand/lx/lx_brand/common/signal.c, sys/lx_sigstack.h",
)
_SENDSIG = Source(
    fact="frames of Solaris",
    project="alhazred/onarm",
    revision="2b3c7a498208",
    path="usr/src/uts/intel/ia32/os/sendsig.c",
    note="re-typed and compiled",
)
_SP32, _SP64 = 0xFFFFD000, 0x7FFFFFFFE000
_I386 = ("post", "lx-2006", "lx-2019", "linux")

FRAMES = {
    row.kind: row
    for row in (
        Frame(
            kind="linux-i386-old",
            summary="i386 Linux, a handler without SA_SIGINFO",
            abi="linux-i386",
            layout="linux",
            layouts=("lx-2006", "lx-2019", "linux"),
            parts=_OLD,
            sp=_SP32,
            sources=(_KERNEL,),
        ),
        Frame(
            kind="linux-i386-rt",
            summary="i386 Linux from 2.6.28 on, a handler with SA_SIGINFO",
            abi="linux-i386",
            layout="linux",
            layouts=("post", "linux"),
            parts=_RT_268,
            sp=_SP32,
            sources=(_KERNEL,),
        ),
        Frame(
            kind="linux-i386-rt-892",
            summary="i386 Linux up to 2.6.27, a handler with SA_SIGINFO",
            abi="linux-i386",
            layout="linux",
            layouts=_I386,
            parts=_RT_892,
            sp=_SP32,
            sources=(_OLDER,),
        ),
        Frame(
            kind="linux-x86_64-rt",
            summary="x86-64 Linux, every handler",
            abi="linux-x86_64",
            layout="linux",
            layouts=("linux",),
            parts=(
                Part(name="pretcode", offset=0, size=8, form="x", note="sa_restorer, which x86-64 cannot do without"),
                Part(name="ucontext", offset=8, size=304, form="ucontext"),
                Part(name="siginfo", offset=312, size=128, form="siginfo", note="left as it was without SA_SIGINFO"),
            ),
            sp=_SP64,
            sources=(_KERNEL,),
        ),
        Frame(
            kind="lx-i386",
            summary="a 32-bit Linux process in an lx zone, a handler with SA_SIGINFO",
            abi="linux-i386",
            layout="lx-2006",
            layouts=_I386,
            parts=_RT_892,
            sp=_SP32,
            sources=(_LX_2008, _LX_2019),
        ),
        Frame(
            kind="lx-amd64",
            summary="a 64-bit Linux process in an lx zone of 2019, every handler",
            abi="linux-x86_64",
            layout="lx-2019",
            layouts=("lx-2019", "linux"),
            parts=(
                Part(name="pretcode", offset=0, size=8, form="x", note="sa_restorer, or the brand's own trampoline"),
                Part(name="ucontext", offset=8, size=304, form="ucontext"),
                Part(name="siginfo", offset=312, size=128, form="siginfo"),
                Part(name="fpstate", offset=440, size=512, form="fpstate", note="a plain FXSAVE image, not 64-aligned"),
                Part(name="pad", offset=952, size=8, form="b"),
            ),
            sp=_SP64,
            sources=(_LX_2019,),
        ),
        Frame(
            kind="solaris-i386",
            summary="Solaris on i386, before libc's sigacthandler",
            abi="solaris-i386",
            layout="solaris",
            layouts=("solaris",),
            parts=(
                Part(name="retaddr", offset=0, size=4, form="x", note="ffffffff: nothing ever returns through it"),
                Part(name="signo", offset=4, size=4, form="i", note="the signal number"),
                Part(name="sip", offset=8, size=4, form="x", note="the address of siginfo"),
                Part(name="ucp", offset=12, size=4, form="x", note="the address of ucontext"),
                Part(name="ucontext", offset=16, size=512, form="ucontext"),
                Part(name="siginfo", offset=528, size=128, form="siginfo"),
            ),
            sp=0x08047000,
            sources=(_SENDSIG,),
        ),
        Frame(
            kind="solaris-amd64",
            summary="Solaris on amd64, before libc's sigacthandler",
            abi="solaris-amd64",
            layout="solaris",
            layouts=("solaris",),
            parts=(
                Part(name="retaddr", offset=0, size=8, form="x", note="-1: nothing ever returns through it"),
                Part(name="signo", offset=8, size=8, form="i", note="the signal number; the handler gets it in rdi"),
                Part(name="sip", offset=16, size=8, form="x", note="the address of siginfo; in rsi"),
                Part(name="ucontext", offset=24, size=864, form="ucontext", note="its address is in rdx"),
                Part(name="siginfo", offset=888, size=256, form="siginfo"),
            ),
            sp=0xFFFFFD7FFFDFF000,
            sources=(_SENDSIG,),
        ),
    )
}
"""The kinds of frame by name."""
