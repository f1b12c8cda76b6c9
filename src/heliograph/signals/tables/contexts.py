"""ucontext, mcontext, gregset and fpregset of Linux and Solaris on x86, by name and offset. Written by hand.

Linux calls its mcontext ``sigcontext`` and keeps the floating-point state outside, behind a pointer; Solaris keeps both
sets of registers in the mcontext. A part's members are named from the ucontext down: ``uc_mcontext.gregs.eip``.
"""

from __future__ import annotations

from heliograph.signals.tables.layouts import Member, Struct
from heliograph.source import Source

__all__ = ["CONTEXTS", "CONTEXT_ABIS", "FPSTATE", "GREGS", "LINUX_NAMES", "PARTS", "fpstate"]

PARTS = ("ucontext", "mcontext", "gregset", "fpregset")
CONTEXT_ABIS = ("linux-i386", "linux-x86_64", "solaris-i386", "solaris-amd64", "illumos-i386", "illumos-amd64")
"""ABIs whose contexts are here; illumos has those of Solaris."""

GREGS = {
    4: (
        *("gs", "fs", "es", "ds", "edi", "esi", "ebp", "esp", "ebx", "edx", "ecx", "eax"),
        *("trapno", "err", "eip", "cs", "eflags", "uesp", "ss"),
    ),
    8: (
        *("r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8", "rdi", "rsi", "rbp", "rbx", "rdx", "rcx", "rax"),
        *("trapno", "err", "rip", "cs", "rfl", "rsp", "ss", "fs", "gs", "es", "ds", "fsbase", "gsbase"),
    ),
}
"""Word size to the registers of Solaris' gregset in order, a word each."""

LINUX_NAMES = {"uesp": "esp_at_signal", "rfl": "eflags"}
"""Registers that Linux' sigcontext calls otherwise."""


def _words(names: tuple[str, ...], size: int, prefix: str = "", base: int = 0) -> tuple[Member, ...]:
    """Return members of ``size`` bytes, one after the other."""
    return tuple((prefix + name, base + size * index, size, "x") for index, name in enumerate(names))


def _moved(members: tuple[Member, ...], base: int, prefix: str) -> tuple[Member, ...]:
    """Return members inside a larger structure."""
    return tuple((prefix + name, base + offset, size, form) for name, offset, size, form in members)


_SIGCONTEXT32: tuple[Member, ...] = (
    *_words(tuple(LINUX_NAMES.get(name, name) for name in GREGS[4]), 4),
    ("fpstate", 76, 4, "x"),
    ("oldmask", 80, 4, "x"),
    ("cr2", 84, 4, "x"),
)
_SIGCONTEXT64: tuple[Member, ...] = (
    *_words(("r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "rbp", "rbx", "rdx", "rax"), 8),
    *_words(("rcx", "rsp", "rip", "eflags"), 8, base=112),
    ("cs", 144, 2, "x"),
    ("gs", 146, 2, "x"),
    ("fs", 148, 2, "x"),
    ("ss", 150, 2, "x"),
    *_words(("err", "trapno", "oldmask", "cr2", "fpstate"), 8, base=152),
    ("reserved", 192, 64, "b"),
)
_LEGACY: tuple[Member, ...] = (
    *_words(("cw", "sw", "tag", "ipoff", "cssel", "dataoff", "datasel"), 4),
    *_words(tuple(f"st{n}" for n in range(8)), 10, base=28),
)
_FXSAVE: tuple[Member, ...] = (
    ("cwd", 0, 2, "x"),
    ("swd", 2, 2, "x"),
    ("twd", 4, 2, "x"),
    ("fop", 6, 2, "x"),
    ("rip", 8, 8, "x"),
    ("rdp", 16, 8, "x"),
    ("mxcsr", 24, 4, "x"),
    ("mxcsr_mask", 28, 4, "x"),
    *((f"st{n}", 32 + 16 * n, 16, "x") for n in range(8)),
    *((f"xmm{n}", 160 + 16 * n, 16, "x") for n in range(16)),
    ("reserved", 416, 48, "b"),
)
_SOFTWARE: tuple[Member, ...] = (
    ("sw_reserved.magic1", 464, 4, "x"),
    ("sw_reserved.extended_size", 468, 4, "u"),
    ("sw_reserved.xfeatures", 472, 8, "x"),
    ("sw_reserved.xstate_size", 480, 4, "u"),
    ("sw_reserved.padding", 484, 28, "b"),
)
_FPSTATE32: tuple[Member, ...] = (
    *_LEGACY,
    ("status", 108, 2, "x"),
    ("magic", 110, 2, "x"),
    ("fxsr_env", 112, 24, "b"),
    ("mxcsr", 136, 4, "x"),
    ("mxcsr_mask", 140, 4, "x"),
    *((f"fxsr_st{n}", 144 + 16 * n, 16, "x") for n in range(8)),
    *((f"xmm{n}", 272 + 16 * n, 16, "x") for n in range(8)),
    ("padding", 400, 176, "b"),
    *_moved(_SOFTWARE, 576 - 464, ""),
)
_FPREGS32: tuple[Member, ...] = (
    *_LEGACY,
    ("status", 108, 4, "x"),
    ("mxcsr", 112, 4, "x"),
    ("xstatus", 116, 4, "x"),
    *((f"xmm{n}", 128 + 16 * n, 16, "x") for n in range(8)),
)
_FPREGS64: tuple[Member, ...] = (
    *_FXSAVE,
    ("reserved2", 464, 48, "b"),
    ("status", 512, 4, "x"),
    ("xstatus", 516, 4, "x"),
)

FPSTATE = {4: 624, 8: 512}
"""Word size to the bytes of Linux' ``_fpstate``."""


def fpstate(word: int, base: int = 0, prefix: str = "fpstate.") -> tuple[Member, ...]:
    """Return the members of Linux' ``_fpstate`` at ``base``."""
    return _moved(_FPSTATE32 if word == 4 else _FXSAVE + _SOFTWARE, base, prefix)


def _linux(word: int) -> dict[str, Struct]:
    """Return the parts of a Linux ABI."""
    registers = _SIGCONTEXT32 if word == 4 else _SIGCONTEXT64
    at = 20 if word == 4 else 40
    size = 88 if word == 4 else 256
    general = tuple(member for member in registers if member[1] + member[2] <= (76 if word == 4 else 184))
    head: tuple[Member, ...] = (
        ("uc_flags", 0, word, "x"),
        ("uc_link", word, word, "x"),
        ("uc_stack.ss_sp", 2 * word, word, "x"),
        ("uc_stack.ss_flags", 3 * word, 4, "x"),
        ("uc_stack.ss_size", 4 * word, word, "u"),
    )
    tail: tuple[Member, ...] = (("uc_sigmask", at + size, 8, "x"),)
    inner = _moved(registers, at, "uc_mcontext.")
    return {
        "ucontext": Struct(
            name="ucontext", size=at + size + 8, members=head + inner + tail, sources=_LINUX, alignment=word
        ),
        "mcontext": Struct(name="sigcontext", size=size, members=registers, sources=_LINUX, alignment=word),
        "gregset": Struct(
            name="gregset", size=76 if word == 4 else 184, members=general, sources=_LINUX, alignment=word
        ),
        "fpregset": Struct(
            name="_fpstate", size=FPSTATE[word], members=fpstate(word, prefix=""), sources=_LINUX, alignment=word
        ),
    }


def _solaris(word: int) -> dict[str, Struct]:
    """Return the parts of a Solaris ABI."""
    general = _words(GREGS[word], word)
    floating = _FPREGS32 if word == 4 else _FPREGS64
    general_size, floating_size = (76, 380) if word == 4 else (224, 528)
    at, size = (36, 512) if word == 4 else (64, 864)
    mask, stack = 2 * word, 2 * word + 16
    mcontext = _moved(general, 0, "gregs.") + _moved(floating, general_size, "fpregs.")
    end = at + general_size + floating_size
    members: tuple[Member, ...] = (
        ("uc_flags", 0, word, "x"),
        ("uc_link", word, word, "x"),
        ("uc_sigmask", mask, 16, "x"),
        ("uc_stack.ss_sp", stack, word, "x"),
        ("uc_stack.ss_size", stack + word, word, "u"),
        ("uc_stack.ss_flags", stack + 2 * word, 4, "x"),
        *_moved(mcontext, at, "uc_mcontext."),
        *_words(("0", "1", "2"), word, "uc_brand_data.", end),
        *_words(("0", "1"), word, "uc_filler.", end + 3 * word),
    )
    aligned = 4 if word == 4 else 16
    return {
        "ucontext": Struct(name="ucontext", size=size, members=members, sources=_SOLARIS, alignment=aligned),
        "mcontext": Struct(
            name="mcontext", size=general_size + floating_size, members=mcontext, sources=_SOLARIS, alignment=aligned
        ),
        "gregset": Struct(name="gregset", size=general_size, members=general, sources=_SOLARIS, alignment=word),
        "fpregset": Struct(name="fpregset", size=floating_size, members=floating, sources=_SOLARIS, alignment=aligned),
    }


_LINUX = (
    Source(
        fact="ucontext of Linux",
        project="torvalds/linux",
        revision="Linux 6.1",
        path="include/uapi/asm-generic/ucontext.h",
        note="also measured on a running kernel",
    ),
    Source(
        fact="sigcontext and _fpstate of Linux on x86",
        project="torvalds/linux",
        revision="Linux 6.1",
        path="arch/x86/include/uapi/asm/sigcontext.h",
        note="also measured on a running kernel",
    ),
)
_SOLARIS = (
    Source(
        fact="ucontext of Solaris on x86",
        project="alhazred/onarm",
        revision="2b3c7a498208",
        path="usr/src/uts/intel/sys/ucontext.h",
        note="re-typed and compiled; uc_brand_data is illumos' name for a part of the filler of 2005",
    ),
    Source(
        fact="gregset and fpregset of Solaris on x86",
        project="alhazred/onarm",
        revision="2b3c7a498208",
        path="usr/src/uts/intel/sys/regset.h",
        note="re-typed and compiled",
    ),
)

CONTEXTS = {
    ("linux", 4): _linux(4),
    ("linux", 8): _linux(8),
    ("solaris", 4): _solaris(4),
    ("solaris", 8): _solaris(8),
}
"""(family, word size) to part to structure."""
