"""Translate flags by name: what the source knows by name is looked up on the target, other bits are reported.

The generations of lx have rules of their own for sigaction: SA_SIGINFO is always set, SA_RESTORER stays in the brand's
table, SA_ONSTACK is handed on up to 2008, and SA_RESETHAND is not for SIGPWR.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from heliograph.bits import bits_of
from heliograph.errors import UnsupportedError
from heliograph.signals.model import Policy, System
from heliograph.signals.tables.flags import CANT_RESET, FLAGS, GROUPS, LX_PASSES, PREFIXES, WIDTH
from heliograph.signals.translate.numbers import Translator, is_lx

__all__ = ["Flag", "FlagHow", "FlagReason", "Flags", "flags_of", "translate_flags"]


class FlagHow(StrEnum):
    """How a flag came across."""

    SAME = "same"
    MOVED = "renumbered"
    ADDED = "added"
    LOST = "lost"
    UNKNOWN = "unknown"


class FlagReason(StrEnum):
    """Why; the sentence is made in ``render``."""

    NAME = "by name"
    CANT_RESET = "the Solaris kernel ignores it for this signal"
    NO_NAME = "no flag of that name"
    NO_BIT = "no flag of the source has that bit"
    NO_HOW = "no how of the source has that number"
    FORCED = "lx always sets it"
    FORCED_TOO = "lx always sets it, so it is set in any case"
    BRAND_TABLE = "kept in the brand's table"
    BRAND_STACK = "the brand looks after alternate stacks"
    NOT_FOR_PWR = "not for SIGPWR"
    BUT_NOT_PWR = "handed on, but not for SIGPWR"
    REFUSED = "refused"
    WRITES_0 = "lx writes 0"
    LEAVES = "lx leaves the native flags alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flag, or the ``how``, of one system and what becomes of it; ``name`` is empty for bits without a name."""

    name: str
    value: int | None
    target: int | None
    how: FlagHow
    reason: FlagReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """A word of flags translated; ``value`` is None where there is no word to hand on."""

    given: int
    kind: str
    flags: tuple[Flag, ...]
    value: int | None

    @property
    def lost(self) -> tuple[Flag, ...]:
        """Return the flags that have no counterpart."""
        return tuple(flag for flag in self.flags if flag.how is FlagHow.LOST)

    @property
    def unknown(self) -> tuple[Flag, ...]:
        """Return the bits, or the number, that the source itself does not know."""
        return tuple(flag for flag in self.flags if flag.how is FlagHow.UNKNOWN)


def flags_of(where: System, kind: str) -> dict[str, int]:
    """Return the values of a kind by name.

    :param kind: a key of ``tables.flags.PREFIXES``.
    :raises UnsupportedError: they were not collected.
    """
    known = FLAGS.get(GROUPS.get(where.name, ""), {})
    if kind not in known:
        what = "the how of sigprocmask" if kind == "how" else f"{PREFIXES[kind]}* flags"
        raise UnsupportedError(f"{what} of {where.name}", "they were not collected", text=where.name)
    return known[kind]


def translate_flags(given: int, kind: str, translator: Translator, *, signal: str = "") -> Flags:
    """Translate a word of flags.

    :param given: within 0..2**32-1.
    :param kind: a key of ``tables.flags.PREFIXES``.
    :param signal: the name of the signal that the action is for, or empty.
    :raises UnsupportedError: the values were not collected, or lx never translates them in this direction.
    """
    ours, theirs = flags_of(translator.source, kind), flags_of(translator.target, kind)
    lx = is_lx(translator.policy)
    if lx and kind in ("sa", "how") and translator.source.family != "linux":
        raise UnsupportedError(
            f"policy {translator.policy} from {translator.source.name}",
            "lx keeps what a Linux program asked for and hands that back; it never translates native flags",
            text=translator.policy,
        )
    if kind == "how":
        return _how(given, ours, theirs, lx)
    flags = [
        _flag(name, bit, theirs, translator, kind, signal)
        for name, bit in sorted(ours.items(), key=lambda row: row[1])
        if given & bit
    ]
    known = sum(set(ours.values()))
    for bit in bits_of(given & ~known & ((1 << WIDTH) - 1)):
        flags.append(Flag(name="", value=1 << bit, target=None, how=FlagHow.UNKNOWN, reason=FlagReason.NO_BIT))
    if lx and kind == "sa" and not given & ours["SA_SIGINFO"]:
        flags.append(
            Flag(
                name="SA_SIGINFO", value=None, target=theirs["SA_SIGINFO"], how=FlagHow.ADDED, reason=FlagReason.FORCED
            )
        )
    value = 0
    for flag in flags:
        value |= flag.target or 0
    return Flags(given=given, kind=kind, flags=tuple(flags), value=value)


def _how(given: int, ours: dict[str, int], theirs: dict[str, int], lx: bool) -> Flags:
    name = next((name for name, value in ours.items() if value == given), "")
    target = theirs.get(name)
    if target is None:
        reason = FlagReason.REFUSED if lx else FlagReason.NO_HOW
        flag = Flag(name="", value=given, target=None, how=FlagHow.UNKNOWN, reason=reason)
    else:
        moved = FlagHow.SAME if target == given else FlagHow.MOVED
        flag = Flag(name=name, value=given, target=target, how=moved, reason=FlagReason.NAME)
    return Flags(given=given, kind="how", flags=(flag,), value=target)


def _flag(name: str, bit: int, theirs: dict[str, int], translator: Translator, kind: str, signal: str) -> Flag:
    """Translate one flag that is set."""
    refusal = _lx_refusal(name, translator, kind, signal) if is_lx(translator.policy) else None
    target = theirs.get(name)
    if refusal is not None or target is None:
        return Flag(name=name, value=bit, target=None, how=FlagHow.LOST, reason=refusal or FlagReason.NO_NAME)
    how = FlagHow.SAME if target == bit else FlagHow.MOVED
    return Flag(name=name, value=bit, target=target, how=how, reason=_handed_on(name, translator, signal))


def _handed_on(name: str, translator: Translator, signal: str) -> FlagReason:
    if name == "SA_SIGINFO" and is_lx(translator.policy):
        return FlagReason.FORCED_TOO
    if name == "SA_RESETHAND":
        if translator.target.family == "solaris" and signal in CANT_RESET:
            return FlagReason.CANT_RESET
        if is_lx(translator.policy) and not signal:
            return FlagReason.BUT_NOT_PWR
    return FlagReason.NAME


def _lx_refusal(name: str, translator: Translator, kind: str, signal: str) -> FlagReason | None:
    """Return why a generation of lx does not hand a flag on, or None if it does."""
    linux: System = translator.source
    if kind == "uc":
        return FlagReason.LEAVES if linux.family == "linux" else FlagReason.WRITES_0
    if kind == "ss":
        return FlagReason.REFUSED if linux.family == "linux" and name != "SS_DISABLE" else None
    if name == "SA_SIGINFO":
        return None
    if name == "SA_RESTORER":
        return FlagReason.BRAND_TABLE
    if name == "SA_RESETHAND" and signal == "SIGPWR":
        return FlagReason.NOT_FOR_PWR
    if name in LX_PASSES[translator.policy]:
        return None
    return (
        FlagReason.BRAND_STACK if name == "SA_ONSTACK" and translator.policy is Policy.LX_2019 else (FlagReason.NO_NAME)
    )
