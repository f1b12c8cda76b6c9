"""The judges of structures: real frames of the running kernel, and the compiler's offsets, sizes and lists of codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from heliograph.errors import Error, OracleMissingError
from heliograph.oracles.capture import CAUSES, PATTERN, Capture, Scenario, capture
from heliograph.oracles.comparison import Comparison, Known, Said
from heliograph.oracles.judges import TRIPLETS
from heliograph.oracles.retyped import FREEBSD, SOLARIS
from heliograph.process import run
from heliograph.signals.tables.codes import GENERAL, SPECIFIC
from heliograph.signals.tables.contexts import CONTEXTS, GREGS, fpstate
from heliograph.signals.tables.flags import FLAGS
from heliograph.signals.tables.layouts import Member
from heliograph.signals.tables.siginfo import SIGINFO
from heliograph.signals.translate.frames import (
    Placement,
    Stack,
    arm_in,
    build_frame,
    default_values,
    frame_members,
    place_frame,
    shape_of,
)
from heliograph.signals.translate.layouts import gaps

__all__ = ["COMPARISONS", "KNOWN", "SCENARIOS", "Judged", "judge_frame"]

SCENARIOS = (
    *(Scenario(bits=64, cause=cause) for cause in CAUSES),
    Scenario(bits=64, cause="kill", siginfo=False),
    Scenario(bits=64, cause="kill", onstack=True),
    *(Scenario(bits=32, cause=cause) for cause in CAUSES),
    *(Scenario(bits=32, cause=cause, siginfo=False) for cause in ("kill", "segv", "chld")),
    Scenario(bits=32, cause="kill", onstack=True),
)
"""What is captured."""

# ---------------------------------------------------------------- a frame of the kernel's and ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A captured frame against the one we build from what the program knew.

    :param masked: bytes that were not compared, because only the kernel knows them.
    :param total: bytes of the frame.
    """

    said: tuple[Said, ...]
    masked: int
    total: int


def judge_frame(taken: Capture) -> Judged:
    """Compare a capture with our frame, field by field and gap by gap, so that every byte is compared or counted."""
    scenario, words = taken.scenario, taken.words
    shape = shape_of(scenario.kind)
    stack = Stack(
        sp=words["sp"], alternate=(words["altstack"], 65536) if scenario.onstack else None, xstate=words["xstate"]
    )
    placed = place_frame(shape, stack)
    values = default_values(shape, placed, stack, CAUSES[scenario.cause][1])
    values.update(_known(scenario, words))
    unknown = _environment(scenario)
    arm = arm_in(shape, values.get("siginfo.si_signo", 0), values.get("siginfo.si_code", 0))
    members = frame_members(shape, arm)
    left = {part.name for part in shape.parts if part.left} | {"ucontext.uc_mcontext.reserved"}
    absent = scenario.bits == 64 and not scenario.siginfo
    written = {
        name: value
        for name, value in values.items()
        if name not in left and not (absent and name.startswith("siginfo."))
    }
    background = bytearray([PATTERN]) * shape.size
    if shape.has("siginfo") and not absent:
        # The kernel clears the whole of a siginfo that it writes.
        base = shape.offset("siginfo")
        background[base : base + 128] = bytes(128)
    ours = build_frame(shape, written, bytes(background))
    said = [Said(key=f"{scenario.name} {key}", ours=one, theirs=other) for key, one, other in _place(taken, placed)]
    masked = 0
    pieces = [(name, offset, size) for name, offset, size, _form in members]
    pieces += [(f"gap_{at}", at, size) for at, size in gaps(members, shape.size)]
    for name, at, size in sorted(pieces, key=lambda piece: piece[1]):
        if name in unknown:
            masked += size
            continue
        said.append(
            Said(
                key=f"{scenario.name} {name}",
                ours=ours[at : at + size].hex(),
                theirs=taken.data[at : at + size].hex(),
            )
        )
    return Judged(said=tuple(said), masked=masked, total=shape.size)


def _place(taken: Capture, placed: Placement) -> Iterator[tuple[str, str, str]]:
    """Yield where the frame lies and what the handler was handed in registers: (key, ours, the kernel's)."""
    words, scenario = taken.words, taken.scenario
    shape = shape_of(scenario.kind)
    signo = CAUSES[scenario.cause][1]
    yield "address", f"{placed.address:#x}", f"{words['frame']:#x}"
    info = placed.address + shape.offset("siginfo") if shape.has("siginfo") else 0
    context = placed.address + shape.offset("ucontext") if shape.has("ucontext") else 0
    for name, value in (("entry_1", signo), ("entry_2", info), ("entry_3", context)):
        yield name, f"{value:#x}", f"{words[name]:#x}"
    yield "entry_ax", f"{0 if scenario.bits == 64 else signo:#x}", f"{words['entry_ax']:#x}"
    # The direction flag, the resume flag and the trap flag are clear in a handler.
    yield "entry_flags", "0x0", f"{words['entry_flags'] & 0x10500:#x}"


def _environment(scenario: Scenario) -> set[str]:
    """Return the fields whose value only the kernel knows."""
    prefix = "sigcontext." if scenario.kind == "linux-i386-old" else "ucontext.uc_mcontext."
    names = ["eflags"]
    if scenario.bits == 32:
        names += ["gs", "fs"]
    if scenario.cause not in ("segv", "ill", "trap"):
        names += ["trapno", "err"]
    if scenario.cause != "segv":
        names += ["cr2"]
    if scenario.bits == 64 and scenario.cause not in ("segv", "ill", "trap"):
        names += ["r11"]
    found = {prefix + name for name in names}
    return found | ({"siginfo.si_utime", "siginfo.si_stime"} if scenario.cause == "chld" else set())


def _known(scenario: Scenario, words: Mapping[str, int]) -> dict[str, int]:
    """Return what the program knew beforehand: its registers, its mask, its restorer, and what its signal says."""
    prefix = "sigcontext." if scenario.kind == "linux-i386-old" else "ucontext.uc_mcontext."
    fault = scenario.cause in ("segv", "ill", "trap")
    low, high = 1 << 11, 1 << 9
    known = {"pretcode": words["restorer"]}
    if scenario.kind == "linux-i386-old":
        known |= {f"{prefix}oldmask": low, "extramask": high}
    else:
        known |= {
            "ucontext.uc_sigmask": high << 32 | low,
            f"{prefix}oldmask": low if scenario.bits == 32 else high << 32 | low,
        }
    registers = _registers64(words, fault) if scenario.bits == 64 else _registers32(words, fault)
    if scenario.cause == "segv":
        registers |= {"trapno": 14, "err": 6, "cr2": 0x1230}
    elif fault:
        registers |= {"trapno": 6 if scenario.cause == "ill" else 3, "err": 0}
    known |= {prefix + name: value for name, value in registers.items()}
    if scenario.kind != "linux-i386-old":
        known |= {f"siginfo.{name}": value for name, value in _information(scenario, words).items()}
    return known


def _registers64(words: Mapping[str, int], fault: bool) -> dict[str, int]:
    registers = {f"r{n}": int(f"{n:02d}" * 8, 16) for n in (12, 13, 14, 15)}
    registers |= {"r8": 0x0808080808080808, "r9": 0x0909090909090909, "r10": 8, "rbx": 0x1230}
    registers |= {"rbp": 0x6B6B6B6B6B6B6B6B, "rdi": words["first"], "rsi": words["second"], "rdx": words["third"]}
    registers |= {"rip": words["ip"], "rax": 62 if fault else 0, "r11": 0x1111111111111111}
    registers["rcx"] = 0x0C0C0C0C0C0C0C0C if fault else words["ip"]
    return registers


def _registers32(words: Mapping[str, int], fault: bool) -> dict[str, int]:
    registers = {"ebx": words["first"], "ecx": words["second"], "edx": words["third"], "esi": 8, "edi": 0x6D6D6D6D}
    return registers | {"ebp": 0x6B6B6B6B, "eip": words["ip"], "eax": 37 if fault else 0}


def _information(scenario: Scenario, words: Mapping[str, int]) -> dict[str, int]:
    """Return the siginfo that the cause makes."""
    sender = {"si_pid": words["pid"], "si_uid": words["uid"]}
    match scenario.cause:
        case "kill":
            return {"si_code": 0, **sender}
        case "tkill":
            return {"si_code": -6, **sender}
        case "queue":
            value = 0x1122334455667788 if scenario.bits == 64 else 0x55667788
            return {"si_code": -1, "si_pid": 0x1111, "si_uid": 0x2222, "si_value": value}
        case "chld":
            return {"si_code": 1, "si_pid": words["child"], "si_uid": words["uid"], "si_status": 3}
        case "segv":
            return {"si_code": 1, "si_addr": 0x1230}
        case "ill":
            return {"si_code": 2, "si_addr": words["ip"]}
        case _:
            return {"si_code": 0x80}


def _captured(scenario: Scenario) -> Callable[[], Iterator[Said]]:
    def ask() -> Iterator[Said]:
        yield from judge_frame(capture(scenario)).said

    return ask


def _placements(bits: int) -> Callable[[], Iterator[Said]]:
    """Return the comparison of the formula at stack pointers of every alignment."""

    def ask() -> Iterator[Said]:
        for siginfo in (True, False):
            scenario = Scenario(bits=bits, cause="kill", siginfo=siginfo)
            for off in range(0, 128, 4 if bits == 32 else 8):
                taken = capture(scenario, misalign=off)
                stack = Stack(sp=taken.words["sp"], alternate=None, xstate=taken.words["xstate"])
                ours = place_frame(shape_of(scenario.kind), stack).address
                yield Said(key=f"{scenario.name} +{off}", ours=f"{ours:#x}", theirs=f"{taken.words['frame']:#x}")

    return ask


# ---------------------------------------------------------------- offsets and sizes by the compiler


def _numbers(bits: int, prelude: str, expressions: Iterable[str]) -> list[int]:
    """Return the values of constant expressions as the compiler computes them; nothing is run."""
    # One is added so that no zero is folded into .zero, and to tell an absent number from one.
    items = ",\n".join(f"(unsigned)({expression}) + 1" for expression in expressions)
    source = f"#include <stddef.h>\n{prelude}\nconst unsigned found[] = {{\n{items}\n}};\n"
    done = run(["gcc", f"-m{bits}", "-S", "-O0", "-xc", "-", "-o", "-"], stdin=source)
    if done.code and "No such file or directory" in done.err:
        raise OracleMissingError(f"gcc has no headers for {bits} bits here (apt install gcc-multilib)")
    if done.code:
        raise Error(f"gcc -m{bits}: {done.err.strip()[:400]}")
    return [int(number) - 1 for number in re.findall(r"^\s+\.long\s+(\d+)$", done.out, re.MULTILINE)]


def _offsets(
    label: str, bits: int, prelude: str, struct: str, members: Iterable[Member], size: int, names: Mapping[str, str]
) -> Iterator[Said]:
    """Compare offset and size of each member, and the size of the whole.

    :param names: our name to the C name where they differ; an empty one has none in C. ``?`` before it leaves the size
        out: the C member is a part of ours.
    """
    rows = [(member, names.get(member[0], member[0])) for member in members]
    asked = [(member, name.removeprefix("?"), not name.startswith("?")) for member, name in rows if name]
    expressions = [f"offsetof({struct}, {name})" for _member, name, _whole in asked]
    expressions += [f"sizeof((({struct} *)0)->{name})" for _member, name, _whole in asked]
    found = _numbers(bits, prelude, [*expressions, f"sizeof({struct})"])
    for index, (member, _name, whole) in enumerate(asked):
        yield Said(key=f"{label} offset {member[0]}", ours=str(member[1]), theirs=str(found[index]))
        if whole:
            yield Said(key=f"{label} size {member[0]}", ours=str(member[2]), theirs=str(found[len(asked) + index]))
    yield Said(key=f"{label} size", ours=str(size), theirs=str(found[-1]))


_LINUX = "#include <asm/siginfo.h>\n#include <asm/signal.h>\n#include <asm/sigcontext.h>\n#include <asm/ucontext.h>\n"
_SELECTORS = ("gs", "fs", "es", "ds", "cs", "ss")


def _distinct(layout: str) -> dict[str, Member]:
    """Return each member of a siginfo once; arms share some."""
    found = SIGINFO[layout]
    return {member[0]: member for member in (*found.header, *(one for arm in found.arms.values() for one in arm))}


def _linux_layouts(bits: int) -> Callable[[], Iterator[Said]]:
    word = bits // 8

    def ask() -> Iterator[Said]:
        layout = "linux-ilp32" if word == 4 else "linux-lp64"
        members = _distinct(layout).values()
        yield from _offsets("siginfo", bits, _LINUX, "siginfo_t", members, 128, {"si_timerid": "si_tid"})
        parts = CONTEXTS["linux", word]
        names = {f"uc_mcontext.{name}": f"?uc_mcontext.{name}" for name in _SELECTORS} if word == 4 else {}
        names["uc_mcontext.reserved"] = "uc_mcontext.reserved1"
        ucontext = parts["ucontext"]
        yield from _offsets("ucontext", bits, _LINUX, "struct ucontext", ucontext.members, ucontext.size, names)
        floating = fpstate(word, prefix="")
        yield from _offsets("fpstate", bits, _LINUX, f"struct _fpstate_{bits}", floating, *_fp_names(word))

    return ask


def _fp_names(word: int) -> tuple[int, dict[str, str]]:
    """Return the size of Linux' _fpstate and the C names of its members."""
    if word == 4:
        names = {f"st{n}": f"_st[{n}]" for n in range(8)}
        names |= {f"xmm{n}": f"_xmm[{n}]" for n in range(8)} | {f"fxsr_st{n}": f"_fxsr_st[{n}]" for n in range(8)}
        return 624, names | {"mxcsr_mask": "reserved", "fxsr_env": "_fxsr_env", "padding": "padding1"}
    names = {f"st{n}": f"?st_space[{4 * n}]" for n in range(8)} | {f"xmm{n}": f"?xmm_space[{4 * n}]" for n in range(16)}
    return 512, names | {"reserved": "reserved2"}


def _solaris_layouts(bits: int) -> Callable[[], Iterator[Said]]:
    word = bits // 8

    def ask() -> Iterator[Said]:
        layout = SIGINFO["solaris-ilp32" if word == 4 else "solaris-lp64"]
        members = _distinct("solaris-ilp32" if word == 4 else "solaris-lp64").values()
        names = {f"si_{name}": f"data.{path}" for name, path in _SOLARIS_SIGINFO.items()}
        yield from _offsets("siginfo", bits, SOLARIS, "struct siginfo", members, layout.size, names)
        for part, struct in (("ucontext", "struct ucontext"), ("gregset", "gregset"), ("fpregset", "union fpregset")):
            found = CONTEXTS["solaris", word][part]
            yield from _offsets(
                part, bits, SOLARIS, struct, found.members, found.size, _solaris_names(found.members, word)
            )
        kind = "solaris-i386" if word == 4 else "solaris-amd64"
        shape = shape_of(kind)
        whole = [(part.name, part.offset, part.size, "b") for part in shape.parts]
        yield from _offsets("frame", bits, SOLARIS, "struct whole_frame", whole, shape.size, {})

    return ask


_SOLARIS_SIGINFO = {
    "pid": "proc.pid",
    "uid": "proc.what.kill.uid",
    "value": "proc.what.kill.value",
    "utime": "proc.what.cld.utime",
    "status": "proc.what.cld.status",
    "stime": "proc.what.cld.stime",
    "ctid": "proc.ctid",
    "zoneid": "proc.zoneid",
    "addr": "fault.addr",
    "trapno": "fault.trapno",
    "pc": "fault.pc",
    "fd": "file.fd",
    "band": "file.band",
    "faddr": "prof.faddr",
    "tstamp": "prof.tstamp",
    "syscall": "prof.syscall",
    "nsysarg": "prof.nsysarg",
    "fault": "prof.fault",
    "sysarg": "prof.sysarg",
    "mstate": "prof.mstate",
    "entity": "rctl.entity",
}


def _freebsd_layouts() -> Iterator[Said]:
    inner = {"trapno": "fault", "timerid": "timer", "overrun": "timer", "mqd": "mesgq", "band": "poll"}
    names = {f"si_{name}": f"reason.{part}.{name}" for name, part in inner.items()}
    members = _distinct("freebsd-lp64").values()
    yield from _offsets("siginfo", 64, FREEBSD, "struct siginfo", members, SIGINFO["freebsd-lp64"].size, names)


def _solaris_names(members: tuple[Member, ...], word: int) -> dict[str, str]:
    """Return the C names of registers, which are elements of arrays there."""
    names = {}
    bare = tuple(member[0] for member in members) == GREGS[word]
    for name, *_rest in members:
        last = name.rpartition(".")[2]
        if bare or ".gregs." in name:
            index = GREGS[word].index(last)
            names[name] = f"uc_mcontext.gregs[{index}]" if "." in name else f"r[{index}]"
        elif name.startswith(("uc_brand_data.", "uc_filler.")):
            names[name] = name.replace(".", "[") + "]"
        elif re.fullmatch(r"(.*\.)?(st|xmm)\d+", name):
            array, index = re.sub(r"\d+$", "", last), int(re.sub(r"\D", "", last))
            names[name] = f"{name.removesuffix(last)}state.{array}[{index}]"
        elif ".fpregs." in name or not name.startswith("uc_"):
            names[name] = f"{name.removesuffix(last)}state.{last}"
    return names


# ---------------------------------------------------------------- codes and flags by the headers

_DEFINE = re.compile(r"#define (\w+) (.+)")
_CODE = re.compile(r"_*(SI|ILL|FPE|SEGV|BUS|TRAP|CLD|POLL|SYS|EMT)_[A-Z_]+")
_NO_CODE = ("SI_MAX_SIZE", "SI_FROMUSER", "SI_FROMKERNEL", "TRAP_PERF_FLAG_ASYNC")


def _defines(header: str, arch: str | None) -> dict[str, int]:
    """Return the numbers that a kernel header defines, of another architecture if one is named."""
    argv = ["gcc", "-E", "-dM", "-xc", "-"]
    if arch is not None:
        argv[1:1] = ["-nostdinc", "-isystem", f"/usr/{TRIPLETS[arch]}/include"]
    text = {match[1]: match[2] for match in map(_DEFINE.match, run(argv, stdin=header).out.splitlines()) if match}
    found = {}
    for name in text:
        value, steps = text[name], 0
        while value in text and steps < 8:
            value, steps = text[value], steps + 1
        number = re.fullmatch(r"\(?\s*(?:1U << 31|(-?(?:0[xX])?[0-9a-fA-F]+))[uUlL]*\s*\)?", value)
        if number:
            found[name] = 1 << 31 if number[1] is None else int(number[1], 0)
    return found


def _codes(codes: str, arch: str | None) -> Callable[[], Iterator[Said]]:
    """Return the comparison with the lists of si_code in the kernel's headers, which grow."""

    def ask() -> Iterator[Said]:
        ours = {
            name: code
            for listed in (GENERAL[codes], *SPECIFIC[codes].values())
            for code, (name, _meaning) in listed.items()
        }
        theirs = _defines("#include <asm/siginfo.h>\n", arch)
        for name in sorted(theirs):
            if _CODE.fullmatch(name) and name not in _NO_CODE:
                yield Said(key=name, ours=str(ours.get(name, "unknown")), theirs=str(theirs[name]))

    return ask


_FLAG = re.compile(r"SA_[A-Z]+|SS_[A-Z]+|SIG_(BLOCK|UNBLOCK|SETMASK)")
_NO_FLAG = ("SS_FLAG_BITS", "SA_NOMASK", "SA_ONESHOT", "SA_STACK")


def _flags(group: str, arch: str | None) -> Callable[[], Iterator[Said]]:
    """Return the comparison of SA_*, SS_* and the how of sigprocmask with the kernel's headers."""

    def ask() -> Iterator[Said]:
        ours = {name: value for kind in FLAGS[group].values() for name, value in kind.items()}
        theirs = _defines("#include <linux/signal.h>\n", arch)
        for name in sorted(theirs):
            if _FLAG.fullmatch(name) and name not in _NO_FLAG:
                yield Said(
                    key=name, ours=f"{ours[name]:#x}" if name in ours else "unknown", theirs=f"{theirs[name]:#x}"
                )

    return ask


COMPARISONS = (
    *(
        Comparison(
            id=f"frames-{scenario.name}",
            judge="gcc",
            about=f"a real frame of {scenario.kind}, cause {scenario.cause}, byte by byte",
            ask=_captured(scenario),
        )
        for scenario in SCENARIOS
    ),
    *(
        Comparison(
            id=f"frames-placement-{bits}",
            judge="gcc",
            about=f"where the kernel puts frames of {bits}-bit programs, at every alignment",
            ask=_placements(bits),
        )
        for bits in (64, 32)
    ),
    *(
        Comparison(
            id=f"layouts-{system}-{bits}",
            judge="gcc",
            about=f"offsets and sizes of {about}, {bits} bits",
            ask=ask(bits),
        )
        for system, about, ask in (
            ("linux", "siginfo, ucontext and _fpstate in the kernel's headers", _linux_layouts),
            ("solaris", "re-typed structures of Solaris", _solaris_layouts),
        )
        for bits in (32, 64)
    ),
    Comparison(
        id="layouts-freebsd-64",
        judge="gcc",
        about="offsets and sizes of FreeBSD's siginfo, re-typed",
        ask=_freebsd_layouts,
    ),
    Comparison(id="codes-linux", judge="gcc", about="si_code of the installed headers", ask=_codes("linux", None)),
    Comparison(id="codes-linux-mips", judge="headers-mips", about="si_code of MIPS", ask=_codes("linux-mips", "mips")),
    Comparison(id="flags-linux", judge="gcc", about="SA_*, SS_* of the installed headers", ask=_flags("linux", None)),
    *(
        Comparison(id=f"flags-{group}", judge=f"headers-{arch}", about=f"SA_*, SS_* of {arch}", ask=_flags(group, arch))
        for group, arch in (
            ("linux-arm", "armhf"),
            ("linux-mips", "mips"),
            ("linux-alpha", "alpha"),
            ("linux-sparc", "sparc64"),
            ("linux-parisc", "hppa"),
        )
    ),
)
"""Our answers about structures, each set with the judge that decides it."""

_SIGSET = "the header for programs types sigset_t as one long; the kernel copies 8 bytes, as the captured frames show"
KNOWN = (
    Known(comparison="layouts-linux-32", key="ucontext size uc_sigmask", theirs="4", date="2026-11-24", why=_SIGSET),
    Known(comparison="layouts-linux-32", key="ucontext size", theirs="112", date="2026-11-24", why=_SIGSET),
)
"""Differences that were looked into, with the reason why each stays."""
