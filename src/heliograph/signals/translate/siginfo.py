"""Decode a siginfo and translate it: field by field, by signal and code.

The arm of the union is chosen by the signal *and* the code: a code of zero or less was sent by a program, whatever the
signal, and only a code of the signal's own says that the arm of the signal is filled. What the target has no use for is
zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from heliograph.signals.model import Signo, System
from heliograph.signals.system import system_called
from heliograph.signals.tables.codes import GENERAL, NEAREST, NO_INFORMATION, SPECIFIC, SYNONYMS
from heliograph.signals.tables.layouts import Abi, Member
from heliograph.signals.tables.siginfo import ARMS_BY_CODE, ARMS_BY_PAIR, ARMS_BY_SIGNAL, BANDS, SIGINFO
from heliograph.signals.translate.layouts import clip, gaps, order_of, read_all, write_all
from heliograph.signals.translate.numbers import Translator

__all__ = [
    "ArmReason",
    "Decoded",
    "FieldRow",
    "FieldWhy",
    "Translated",
    "arm_of",
    "code_of",
    "decode_siginfo",
    "encode_siginfo",
    "members_of",
    "signal_name",
    "translate_siginfo",
]

_CALLED = {"SIGCLD": "SIGCHLD", "SIGPOLL": "SIGIO", "SIGUNUSED": "SIGSYS"}
_SHARED_ERRNO = 34
"""The last errno that means the same on every system here, but for 11."""


class ArmReason(StrEnum):
    """Why an arm was chosen; the sentence is made in ``render``."""

    ANY_SIGNAL = "a code for any signal"
    FROM_USER = "a code of zero or less"
    PAIR = "a code with an arm of its own"
    SIGNAL = "a code of the signal"
    UNKNOWN = "no code of the signal"
    NO_SIGNAL = "no signal"


class FieldWhy(StrEnum):
    """Why a field holds what it holds after a translation; the sentence is made in ``render``."""

    COPIED = "copied"
    SIGNO = "the signal by name"
    LOST_SIGNO = "no such signal there"
    CODE = "the code by name"
    CODE_NEAREST = "the nearest code"
    CODE_NOTHING = "no such code there"
    CODE_UNKNOWN = "no code of the source"
    ERRNO = "errno"
    ERRNO_LOST = "errno differs"
    STATUS_EXIT = "an exit code"
    STATUS_SIGNAL = "a signal number"
    STATUS_LOST = "a signal without a counterpart"
    TICKS = "clock ticks"
    BAND = "poll bits by name"
    CUT = "does not fit"
    NO_HOME = "the target has no such field"
    NO_SOURCE = "the source has no such field"
    LX_EINVAL = "lx fails"
    LX_KILL = "lx puts SIGKILL"
    LX_CODE = "one of lx's six codes"
    LX_PASSED = "lx passes the code on"
    LX_RAW = "lx copies it"
    LX_BY_SIGNAL = "lx decides by the signal alone"
    LX_UID = "lx keeps 16 bits"
    LX_DROPPED = "lx leaves it out"
    LX_STATUS = "lx translates the status"
    LX_ABORT = "lx aborts"
    LX_FD = "lx puts the descriptor elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A siginfo taken apart.

    :param signal: the signal's name as Linux calls it, or empty if the number is none of the system's.
    :param code_name: the name of the si_code, or empty.
    :param values: header and arm by name.
    :param junk: offsets of unused bytes that are not zero.
    """

    abi: Abi
    data: bytes
    signal: str
    code_name: str
    meaning: str
    arm: str
    reason: ArmReason
    values: Mapping[str, int]
    junk: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field before and after; ``detail`` fills the words of its sentence."""

    name: str
    source: int | None
    target: int | None
    why: FieldWhy
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A siginfo on the other system; ``data`` is None where there is none to hand on."""

    abi: Abi
    data: bytes | None
    rows: tuple[FieldRow, ...]


def signal_name(where: System, number: int) -> str:
    """Return the name under which the tables here know a signal, ``SIGRTn`` for real-time ones, or nothing."""
    entry = where.signals.get(number)
    if entry is not None:
        return _CALLED.get(entry.names[0], entry.names[0])
    return f"SIGRT{number}" if where.realtime and number in where.realtime else ""


def code_of(codes: str, signal: str, code: int) -> tuple[str, str]:
    """Return the name and the meaning of an si_code, both empty if there is none.

    :param codes: key of the lists, such as ``linux``.
    """
    own = SPECIFIC[codes].get(signal, {})
    return own.get(code) or GENERAL[codes].get(code) or ("", "")


def arm_of(abi: Abi, signal: str, code: int) -> tuple[str, ArmReason]:
    """Return the arm of the union that a signal and a code choose, and why."""
    name, _meaning = code_of(abi.codes, signal, code)
    if code in SPECIFIC[abi.codes].get(signal, {}):
        own = ARMS_BY_PAIR[abi.family].get((signal, name))
        if own:
            return own, ArmReason.PAIR
        return ARMS_BY_SIGNAL[abi.family].get(signal, "none"), ArmReason.SIGNAL
    if name in ARMS_BY_CODE[abi.family]:
        return ARMS_BY_CODE[abi.family][name], ArmReason.ANY_SIGNAL
    if code <= 0:
        return "rt", ArmReason.FROM_USER
    return "none", ArmReason.UNKNOWN if signal else ArmReason.NO_SIGNAL


def members_of(abi: Abi, arm: str) -> tuple[Member, ...]:
    """Return the header and the members of an arm."""
    layout = SIGINFO[abi.layout]
    return layout.header + layout.arms[arm]


def decode_siginfo(data: bytes, abi: Abi) -> Decoded:
    """Take a siginfo apart.

    :param data: as many bytes as the ABI's siginfo has.
    """
    order = order_of(abi.order)
    head = read_all(data, SIGINFO[abi.layout].header, order)
    signal = signal_name(system_called(abi.system), head["si_signo"])
    arm, reason = arm_of(abi, signal, head["si_code"])
    members = members_of(abi, arm)
    name, meaning = code_of(abi.codes, signal, head["si_code"])
    unused = gaps(members, len(data))
    return Decoded(
        abi=abi,
        data=data,
        signal=signal,
        code_name=name,
        meaning=meaning,
        arm=arm,
        reason=reason,
        values=read_all(data, members, order),
        junk=tuple(at for start, size in unused for at in range(start, start + size) if data[at]),
    )


def encode_siginfo(values: Mapping[str, int], abi: Abi) -> bytes:
    """Put a siginfo together; the arm follows from ``si_signo`` and ``si_code``, unused bytes are zero."""
    signal = signal_name(system_called(abi.system), values.get("si_signo", 0))
    arm, _reason = arm_of(abi, signal, values.get("si_code", 0))
    into = bytearray(SIGINFO[abi.layout].size)
    write_all(into, members_of(abi, arm), values, order_of(abi.order))
    return bytes(into)


def translate_siginfo(given: Decoded, target: Abi, *, hz: int = 100) -> Translated:
    """Translate a siginfo as it is right.

    :param hz: clock ticks a second on the Solaris side, at least 1; Linux counts 100.
    """
    translator = Translator(system_called(given.abi.system), system_called(target.system))
    signo = given.values["si_signo"]
    found = translator.number(Signo(signo)).target if given.signal else None
    if found is None:
        lost = FieldRow(name="si_signo", source=signo, target=None, why=FieldWhy.LOST_SIGNO)
        return Translated(abi=target, data=None, rows=(lost,))
    signal = signal_name(translator.target, found)
    code = _code(given, signal, target)
    assert code.target is not None
    arm, _reason = arm_of(target, signal, code.target)
    rows = [
        FieldRow(name="si_signo", source=signo, target=found, why=FieldWhy.SIGNO),
        _errno(given, target),
        code,
    ]
    layout = SIGINFO[target.layout].arms[arm]
    rows += [_member(member, given, target, translator, hz) for member in layout]
    homes = {member[0] for member in layout} | {"si_signo", "si_errno", "si_code"}
    rows += [
        FieldRow(name=name, source=value, target=None, why=FieldWhy.NO_HOME)
        for name, value in given.values.items()
        if name not in homes
    ]
    values = {row.name: row.target for row in rows if row.target is not None}
    return Translated(abi=target, data=encode_siginfo(values, target), rows=tuple(rows))


def _code(given: Decoded, signal: str, target: Abi) -> FieldRow:
    """Translate an si_code by its name."""
    code, name = given.values["si_code"], given.code_name
    there = {
        other: number
        for codes in (GENERAL[target.codes], SPECIFIC[target.codes].get(signal, {}))
        for number, (other, _meaning) in codes.items()
    }
    for wanted, why in (
        (name, FieldWhy.CODE),
        (SYNONYMS.get(name, ""), FieldWhy.CODE),
        (NEAREST.get(name, ""), FieldWhy.CODE_NEAREST),
    ):
        if wanted and wanted in there:
            return FieldRow(name="si_code", source=code, target=there[wanted], why=why, detail=wanted)
    nothing = NO_INFORMATION[target.codes]
    why = FieldWhy.CODE_NOTHING if name else FieldWhy.CODE_UNKNOWN
    return FieldRow(name="si_code", source=code, target=there[nothing], why=why, detail=nothing)


def _errno(given: Decoded, target: Abi) -> FieldRow:
    value = given.values["si_errno"]
    differs = value == 11 and "freebsd" in (given.abi.family, target.family)
    if 0 <= value <= _SHARED_ERRNO and not differs:
        return FieldRow(name="si_errno", source=value, target=value, why=FieldWhy.ERRNO)
    if given.abi.system == target.system:
        return FieldRow(name="si_errno", source=value, target=value, why=FieldWhy.COPIED)
    return FieldRow(name="si_errno", source=value, target=0, why=FieldWhy.ERRNO_LOST)


def _member(member: Member, given: Decoded, target: Abi, translator: Translator, hz: int) -> FieldRow:
    """Translate one member of the target's arm."""
    name, _offset, size, form = member
    if name not in given.values:
        return FieldRow(name=name, source=None, target=0, why=FieldWhy.NO_SOURCE)
    value = given.values[name]
    if name == "si_status":
        return _status(value, given, translator)
    if name in ("si_utime", "si_stime"):
        scaled = _ticks(value, given.abi, target, hz)
        row = FieldRow(name=name, source=value, target=scaled, why=FieldWhy.TICKS, detail=str(hz))
    elif name == "si_band" and BANDS[given.abi.codes] != BANDS[target.codes]:
        row = FieldRow(name=name, source=value, target=_band(value, given.abi, target), why=FieldWhy.BAND)
    else:
        row = FieldRow(name=name, source=value, target=value, why=FieldWhy.COPIED)
    assert row.target is not None
    kept = clip(row.target, size, form)
    if kept != row.target:
        return FieldRow(name=name, source=value, target=kept, why=FieldWhy.CUT, detail=str(size))
    return row


def _status(value: int, given: Decoded, translator: Translator) -> FieldRow:
    """Translate the status of a child: a signal number unless the child exited; ptrace's bits stay."""
    if given.code_name == "CLD_EXITED":
        return FieldRow(name="si_status", source=value, target=value, why=FieldWhy.STATUS_EXIT)
    number, rest = value & 0x7F, value & 0xFF80
    if not number:
        return FieldRow(name="si_status", source=value, target=value, why=FieldWhy.COPIED)
    found = translator.number(Signo(number)).target if number in translator.source.numbers else None
    if found is None:
        return FieldRow(name="si_status", source=value, target=0, why=FieldWhy.STATUS_LOST, detail=str(number))
    return FieldRow(
        name="si_status", source=value, target=rest | found, why=FieldWhy.STATUS_SIGNAL, detail=f"{number} {found}"
    )


def _ticks(value: int, source: Abi, target: Abi, hz: int) -> int:
    """Scale clock ticks between Linux' 100 a second and Solaris' ``hz``; rounded towards zero."""
    if source.family == target.family:
        return value
    times, by = (100, hz) if source.family == "solaris" else (hz, 100)
    return abs(value) * times // by * (-1 if value < 0 else 1)


def _band(value: int, source: Abi, target: Abi) -> int:
    """Translate the bits of poll by name; one that has no name is left out."""
    found = 0
    for ours, theirs in zip(BANDS[source.codes], BANDS[target.codes], strict=True):
        found |= theirs if value & ours else 0
    return found
