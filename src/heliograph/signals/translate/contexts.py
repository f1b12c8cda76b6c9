"""Decode contexts and translate them between Linux and Solaris, register by register.

On i386 both systems have the same nineteen words in the same order, but Linux restores the stack pointer from ``esp``
and Solaris from ``uesp``. So ``esp`` becomes ``uesp`` on the way to Linux, and ``uesp`` becomes ``esp`` on the way
back. lx-2006 has neither line. On amd64 the registers are copied by name; rax and rcx change places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from heliograph.bits import bits_of
from heliograph.errors import UnsupportedError
from heliograph.signals.model import MaskSpelling, Policy, SignalSet, Signo
from heliograph.signals.system import system_called
from heliograph.signals.tables.contexts import CONTEXTS, FPSTATE, GREGS, LINUX_NAMES, fpstate
from heliograph.signals.tables.flags import FLAGS
from heliograph.signals.tables.layouts import Abi, Member
from heliograph.signals.translate.layouts import read_all, write_all
from heliograph.signals.translate.masks import translate_set
from heliograph.signals.translate.numbers import Translator

__all__ = ["Context", "ContextRow", "ContextWhy", "decode_context", "encode_context", "members_in", "translate_context"]

_GREGS = {"linux": "uc_mcontext.", "solaris": "uc_mcontext.gregs."}
_FPREGS = {"linux": "fpstate.", "solaris": "uc_mcontext.fpregs."}
_MASKED = ("cw", "tag", "cssel", "datasel")
"""Words of the i387 of which only 16 bits count."""


class ContextWhy(StrEnum):
    """Why a field holds what it holds; the sentence is made in ``render``."""

    COPIED = "copied"
    RENAMED = "copied under another name"
    UESP_TO_ESP = "esp := uesp"
    ESP_TO_UESP = "uesp := esp"
    NO_SWAP = "plain copy"
    MASK = "member by member"
    MASK_LOST = "member by member, some lost"
    LX_ZERO = "always zero"
    UC_ALL = "what is there"
    LX_NATIVE = "the native one stays"
    NO_HOME = "no such field there"
    NO_SOURCE = "no such field here"
    POINTER = "where the frame puts it"
    NO_FP = "no floating-point state"
    OLDMASK = "the low word of the mask"
    LX_NO_OLDMASK = "never set"
    CR2 = "not in a context"
    LOW16 = "16 bits count"
    SW_STATUS = "sw := status"
    SW_LOW16 = "only masked"
    MAGIC = "magic from mxcsr"
    XMM_NOT = "magic says no xmm"
    FXSAVE = "an FXSAVE image"
    LX_528 = "528 bytes copied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A part of a context taken apart: its members and their values by name."""

    abi: Abi
    part: str
    data: bytes
    members: tuple[Member, ...]
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextRow:
    """A field of the target, or one of the source that has no home (``target`` None)."""

    name: str
    came_from: str
    source: int | None
    target: int | None
    why: ContextWhy
    detail: tuple[str, ...] = ()


def members_in(abi: Abi, part: str, *, floating: bool = False) -> tuple[tuple[Member, ...], int]:
    """Return the members and the size of a part.

    :param floating: Linux' ``_fpstate`` follows the ucontext.
    """
    struct = CONTEXTS[abi.family, abi.word][part]
    if floating and abi.family == "linux" and part == "ucontext":
        return struct.members + fpstate(abi.word, struct.size), struct.size + FPSTATE[abi.word]
    return struct.members, struct.size


def decode_context(data: bytes, abi: Abi, part: str) -> Context:
    """Take a part of a context apart; ``data`` has its size, or for a Linux ucontext that of its ``_fpstate`` too."""
    members, _size = members_in(abi, part, floating=len(data) > CONTEXTS[abi.family, abi.word][part].size)
    return Context(abi=abi, part=part, data=data, members=members, values=read_all(data, members))


def encode_context(values: Mapping[str, int], abi: Abi, part: str, *, floating: bool = False) -> bytes:
    """Put a part of a context together; what has no value is zero."""
    members, size = members_in(abi, part, floating=floating)
    into = bytearray(size)
    write_all(into, members, values)
    return bytes(into)


def translate_context(
    given: Context, target: Abi, policy: Policy | None = None
) -> tuple[bytes, tuple[ContextRow, ...]]:
    """Translate a ucontext, a gregset or a fpregset to the other system.

    :param policy: a generation of lx; None for what is right.
    :raises UnsupportedError: the two sides are one system or differ in word size, or that lx never ran there.
    """
    _refuse(given, target, policy)
    values = _named(given)
    rows: list[ContextRow] = []
    if given.part == "ucontext":
        rows += _head(given, values, target, policy)
    if given.part != "fpregset":
        rows += _registers(given.abi, values, target, policy)
    if given.part == "ucontext" and target.family == "linux":
        rows += _sigcontext_tail(values, rows, target, policy)
    floating = given.part == "fpregset" or _holds_floating(given.abi, values)
    if floating and given.part != "gregset":
        rows += _floating(given.abi, values, target, policy)
    elif given.part == "ucontext":
        values = {name: value for name, value in values.items() if not name.startswith(_FPREGS[given.abi.family])}
    homeless = {row.came_from for row in rows}
    rows += [
        ContextRow(name=name, came_from=name, source=value, target=None, why=ContextWhy.NO_HOME)
        for name, value in values.items()
        if name not in homeless and value
    ]
    wanted = {row.name: row.target for row in rows if row.target is not None}
    follows = floating and given.part == "ucontext"
    if given.part != "ucontext":
        prefix = (_GREGS if given.part == "gregset" else _FPREGS)[target.family]
        wanted = {name.removeprefix(prefix): value for name, value in wanted.items()}
    return encode_context(wanted, target, given.part, floating=follows), tuple(rows)


def _refuse(given: Context, target: Abi, policy: Policy | None) -> None:
    pair = f"a {given.part} from {given.abi.name} to {target.name}"
    if given.part == "mcontext":
        raise UnsupportedError(pair, "translate the ucontext, the gregset or the fpregset", text=target.name)
    if given.abi.family == target.family:
        raise UnsupportedError(pair, "both have the same one", text=target.name)
    if given.abi.word != target.word:
        raise UnsupportedError(pair, "the registers of another word size are others", text=target.name)
    if policy in (Policy.LX_2006, Policy.LX_2008) and target.word == 8:
        raise UnsupportedError(f"policy {policy} to {target.name}", "that lx ran 32-bit programs only", text=policy)


def _named(given: Context) -> dict[str, int]:
    """Return the values under their names in a ucontext."""
    if given.part == "ucontext":
        return dict(given.values)
    prefix = (_GREGS if given.part == "gregset" else _FPREGS)[given.abi.family]
    return {prefix + name: value for name, value in given.values.items()}


def _holds_floating(source: Abi, values: Mapping[str, int]) -> bool:
    """Return whether a ucontext has a floating-point state: Solaris' flags say so, Linux' follows or not."""
    if source.family == "solaris":
        return bool(values.get("uc_flags", 0) & FLAGS["solaris"]["uc"]["UC_FPU"])
    return any(name.startswith(_FPREGS["linux"]) for name in values)


def _head(given: Context, values: Mapping[str, int], target: Abi, policy: Policy | None) -> Iterator[ContextRow]:
    """Yield flags, link, stack and mask."""
    linux = target.family == "linux"
    flags = 0
    if not linux and policy is None:
        uc = FLAGS["solaris"]["uc"]
        floating = _holds_floating(given.abi, values)
        flags = uc["UC_SIGMASK"] | uc["UC_STACK"] | uc["UC_CPU"] | (uc["UC_FPU"] if floating else 0)
    why = ContextWhy.LX_ZERO if linux else ContextWhy.UC_ALL if policy is None else ContextWhy.LX_NATIVE
    yield _row("uc_flags", values, flags, why)
    yield _row("uc_link", values, 0, ContextWhy.LX_ZERO if linux or policy is None else ContextWhy.LX_NATIVE)
    for name in ("uc_stack.ss_sp", "uc_stack.ss_flags", "uc_stack.ss_size"):
        yield _row(name, values, values[name], ContextWhy.COPIED)
    yield _mask(given.abi, values["uc_sigmask"], target, policy)


def _row(name: str, values: Mapping[str, int], target: int, why: ContextWhy) -> ContextRow:
    return ContextRow(name=name, came_from=name, source=values.get(name), target=target, why=why)


def _mask(source: Abi, value: int, target: Abi, policy: Policy | None) -> ContextRow:
    """Translate the mask signal by signal."""
    translator = Translator(system_called(source.system), system_called(target.system), policy or Policy.STRICT)
    spelling = translator.target.mask
    assert spelling is not None
    members = tuple(Signo(bit + 1) for bit in bits_of(value))
    found = translate_set(
        SignalSet(label="", members=members),
        translator,
        MaskSpelling(word_bits=spelling.word_bits, words=spelling.words),
    )
    lost = tuple(str(member.source) for member in found.lost)
    why = ContextWhy.MASK_LOST if lost else ContextWhy.MASK
    return ContextRow(name="uc_sigmask", came_from="uc_sigmask", source=value, target=found.value, why=why, detail=lost)


def _registers(source: Abi, values: Mapping[str, int], target: Abi, policy: Policy | None) -> Iterator[ContextRow]:
    """Yield the general registers in the order of Solaris' gregset."""
    ours, theirs = _GREGS[source.family], _GREGS[target.family]
    known = {member[0] for member in members_in(target, "ucontext")[0]}
    for register in GREGS[target.word]:
        there = theirs + (LINUX_NAMES.get(register, register) if target.family == "linux" else register)
        here = ours + (LINUX_NAMES.get(register, register) if source.family == "linux" else register)
        if there not in known:
            continue
        if here not in values:
            yield ContextRow(name=there, came_from="", source=None, target=0, why=ContextWhy.NO_SOURCE)
            continue
        came, why = here, ContextWhy.COPIED if there[len(theirs) :] == here[len(ours) :] else ContextWhy.RENAMED
        if register in ("esp", "uesp") and policy is Policy.LX_2006:
            why = ContextWhy.NO_SWAP
        elif register == "esp" and target.family == "linux":
            came, why = f"{ours}uesp", ContextWhy.UESP_TO_ESP
        elif register == "uesp" and target.family == "solaris":
            came, why = f"{ours}esp", ContextWhy.ESP_TO_UESP
        yield ContextRow(name=there, came_from=came, source=values[here], target=values[came], why=why)


def _sigcontext_tail(
    values: Mapping[str, int], rows: list[ContextRow], target: Abi, policy: Policy | None
) -> Iterator[ContextRow]:
    """Yield what Linux' sigcontext has beside the registers."""
    mask = next(row.target for row in rows if row.name == "uc_sigmask") or 0
    low = mask & ((1 << (8 * target.word)) - 1)
    why = ContextWhy.POINTER if values["uc_flags"] & FLAGS["solaris"]["uc"]["UC_FPU"] else ContextWhy.NO_FP
    yield ContextRow(name="uc_mcontext.fpstate", came_from="", source=None, target=0, why=why)
    yield ContextRow(
        name="uc_mcontext.oldmask",
        came_from="",
        source=None,
        target=low if policy is None else 0,
        why=ContextWhy.OLDMASK if policy is None else ContextWhy.LX_NO_OLDMASK,
    )
    yield ContextRow(name="uc_mcontext.cr2", came_from="", source=None, target=0, why=ContextWhy.CR2)


def _floating(source: Abi, values: Mapping[str, int], target: Abi, policy: Policy | None) -> Iterator[ContextRow]:
    if target.word == 8:
        return _floating64(source, values, target, policy)
    return _to_linux32(values, policy) if target.family == "linux" else _to_solaris32(values)


def _floating64(source: Abi, values: Mapping[str, int], target: Abi, policy: Policy | None) -> Iterator[ContextRow]:
    """Yield the FXSAVE image: 512 bytes that are the same on both, and what Solaris keeps behind them."""
    ours, theirs = _FPREGS[source.family], _FPREGS[target.family]
    members, _size = members_in(target, "fpregset")
    shared = {name for name, _offset, _length, _form in members} & {
        name.removeprefix(ours) for name in values if name.startswith(ours)
    }
    for name, offset, _length, _form in members:
        if name in shared and offset < 464:
            yield ContextRow(
                name=theirs + name,
                came_from=ours + name,
                source=values[ours + name],
                target=values[ours + name],
                why=ContextWhy.FXSAVE,
            )
    software = "reserved2" if target.family == "solaris" else "sw_reserved."
    for name, _offset, _length, _form in members:
        if name.startswith(software):
            yield ContextRow(name=theirs + name, came_from="", source=None, target=0, why=ContextWhy.NO_SOURCE)
    behind = ContextWhy.LX_528 if policy is Policy.LX_2019 else ContextWhy.NO_SOURCE
    if target.family == "solaris":
        for name in ("status", "xstatus"):
            yield ContextRow(name=theirs + name, came_from="", source=None, target=0, why=behind)
    elif policy is Policy.LX_2019:
        for name in ("status", "xstatus"):
            yield ContextRow(
                name=ours + name, came_from=ours + name, source=values[ours + name], target=None, why=behind
            )


def _legacy(values: Mapping[str, int], ours: str, theirs: str, skip: tuple[str, ...]) -> Iterator[ContextRow]:
    """Yield what the i387 keeps: the environment, of whose words some have 16 bits that count, and the stack."""
    words = ("cw", "sw", "tag", "ipoff", "cssel", "dataoff", "datasel", *(f"st{n}" for n in range(8)))
    for name in words:
        if name in skip:
            continue
        value = values[ours + name]
        kept = value & 0xFFFF if name in _MASKED else value
        why = ContextWhy.LOW16 if name in _MASKED else ContextWhy.COPIED
        yield ContextRow(name=theirs + name, came_from=ours + name, source=value, target=kept, why=why)


def _to_linux32(values: Mapping[str, int], policy: Policy | None) -> Iterator[ContextRow]:
    ours, theirs = _FPREGS["solaris"], _FPREGS["linux"]
    yield from _legacy(values, ours, theirs, ("sw",))
    status, sw = values[f"{ours}status"], values[f"{ours}sw"]
    first = policy is Policy.LX_2006
    yield ContextRow(
        name=f"{theirs}sw",
        came_from=f"{ours}sw",
        source=sw,
        target=(sw if first else status) & 0xFFFF,
        why=ContextWhy.SW_LOW16 if first else ContextWhy.SW_STATUS,
    )
    yield ContextRow(
        name=f"{theirs}status",
        came_from=f"{ours}status",
        source=status,
        target=status & 0xFFFF,
        why=ContextWhy.LOW16,
    )
    mxcsr = values[f"{ours}mxcsr"]
    yield ContextRow(
        name=f"{theirs}magic", came_from="", source=None, target=0 if mxcsr else 0xFFFF, why=ContextWhy.MAGIC
    )
    yield ContextRow(name=f"{theirs}mxcsr", came_from=f"{ours}mxcsr", source=mxcsr, target=mxcsr, why=ContextWhy.COPIED)
    for name in (f"xmm{n}" for n in range(8)):
        value = values[ours + name]
        yield ContextRow(
            name=theirs + name,
            came_from=ours + name,
            source=value,
            target=value if mxcsr else 0,
            why=ContextWhy.COPIED if mxcsr else ContextWhy.XMM_NOT,
        )


def _to_solaris32(values: Mapping[str, int]) -> Iterator[ContextRow]:
    ours, theirs = _FPREGS["linux"], _FPREGS["solaris"]
    yield from _legacy(values, ours, theirs, ("sw",))
    for name in ("sw", "status"):
        value = values[ours + name]
        yield ContextRow(
            name=theirs + name, came_from=ours + name, source=value, target=value & 0xFFFF, why=ContextWhy.LOW16
        )
    mxcsr = values[f"{ours}mxcsr"]
    yield ContextRow(name=f"{theirs}mxcsr", came_from=f"{ours}mxcsr", source=mxcsr, target=mxcsr, why=ContextWhy.COPIED)
    valid = values[f"{ours}magic"] == 0
    for name in (f"xmm{n}" for n in range(8)):
        value = values[ours + name]
        yield ContextRow(
            name=theirs + name,
            came_from=ours + name,
            source=value,
            target=value if valid else 0,
            why=ContextWhy.COPIED if valid else ContextWhy.XMM_NOT,
        )
