"""What each generation of lx made of a siginfo on its way to a Linux handler, right or wrong.

All three choose the arm by the signal alone and pass on every code but six. 2006 and 2008 drop the value of sigqueue
and leave SIGSEGV to the arm of kill; 2019 has neither fault, translates a child's status and scales clock ticks, but on
LP64 puts the descriptor of a SIGPOLL where Linux has the upper half of its band.
"""

from __future__ import annotations

from heliograph.errors import UnsupportedError
from heliograph.signals.model import Policy, Signo
from heliograph.signals.system import system_called
from heliograph.signals.tables.codes import GENERAL
from heliograph.signals.tables.layouts import Abi, Member
from heliograph.signals.tables.siginfo import SIGINFO
from heliograph.signals.translate.layouts import order_of, read_all, write
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.siginfo import Decoded, FieldRow, FieldWhy, Translated, signal_name

__all__ = ["lx_siginfo"]

_SIX = {
    "SI_USER": "SI_USER",
    "SI_LWP": "SI_TKILL",
    "SI_QUEUE": "SI_QUEUE",
    "SI_TIMER": "SI_TIMER",
    "SI_ASYNCIO": "SI_ASYNCIO",
    "SI_MESGQ": "SI_MESGQ",
}
_NOBODY = 65534
_KILL = 9


def lx_siginfo(given: Decoded, target: Abi, policy: Policy, *, hz: int = 100) -> Translated:
    """Do to a native siginfo what a generation of lx did.

    :param hz: clock ticks a second of the native kernel, a multiple of 100.
    :raises UnsupportedError: lx never went that way, or not at that word size.
    """
    _refuse(given.abi, target, policy)
    translator = Translator(system_called(given.abi.system), system_called(target.system), policy)
    signo = given.values["si_signo"]
    found = translator.number(Signo(signo)).target if given.signal else None
    if found is None and policy is not Policy.LX_2019:
        lost = FieldRow(name="si_signo", source=signo, target=None, why=FieldWhy.LX_EINVAL)
        return Translated(abi=target, data=None, rows=(lost,))
    number = _KILL if found is None else int(found)
    rows = [
        FieldRow(
            name="si_signo", source=signo, target=number, why=FieldWhy.LX_KILL if found is None else FieldWhy.SIGNO
        ),
        FieldRow(
            name="si_errno",
            source=given.values["si_errno"],
            target=given.values["si_errno"],
            why=FieldWhy.LX_RAW,
        ),
        _code(given, target),
    ]
    rows += _union(signal_name(translator.target, number), given, translator, hz)
    if any(row.why is FieldWhy.LX_ABORT for row in rows):
        return Translated(abi=target, data=None, rows=tuple(rows))
    into = bytearray(SIGINFO[target.layout].size)
    for row in rows:
        member = _place(row.name, target)
        if row.target is not None and member is not None:
            write(into, member, row.target, order_of(target.order))
    return Translated(abi=target, data=bytes(into), rows=tuple(rows))


def _refuse(source: Abi, target: Abi, policy: Policy) -> None:
    if (source.family, target.family) != ("solaris", "linux"):
        raise UnsupportedError(
            f"policy {policy} from {source.name} to {target.name}",
            "lx hands a native siginfo to a Linux handler: from Solaris to Linux",
            text=policy,
        )
    if source.word != target.word or target.order != "little":
        raise UnsupportedError(
            f"policy {policy} from {source.name} to {target.name}", "both sides of lx have one word size", text=policy
        )
    if target.word == 8 and policy is not Policy.LX_2019:
        raise UnsupportedError(f"policy {policy} to {target.name}", "that lx ran 32-bit programs only", text=policy)


def _code(given: Decoded, target: Abi) -> FieldRow:
    code = given.values["si_code"]
    name = _SIX.get(GENERAL["solaris"].get(code, ("", ""))[0])
    if name is None:
        return FieldRow(name="si_code", source=code, target=code, why=FieldWhy.LX_PASSED, detail=given.code_name)
    there = next(number for number, (other, _meaning) in GENERAL[target.codes].items() if other == name)
    return FieldRow(name="si_code", source=code, target=there, why=FieldWhy.LX_CODE, detail=name)


def _native(arm: str, given: Decoded) -> dict[str, int]:
    """Return the members of an arm of the native siginfo, whether it is the arm that is filled or not."""
    return read_all(given.data, SIGINFO[given.abi.layout].arms[arm])


def _union(signal: str, given: Decoded, translator: Translator, hz: int) -> list[FieldRow]:
    """Fill the arm that the Linux signal alone chooses."""
    late = translator.policy is Policy.LX_2019
    if signal == "SIGIO":
        native = _native("poll", given)
        wide = given.abi.word == 8
        return [
            _copied("si_band", native, given),
            FieldRow(
                name="si_fd",
                source=native["si_fd"],
                target=native["si_fd"],
                why=FieldWhy.LX_FD if wide else _why("si_fd", given),
            ),
        ]
    if signal == "SIGCHLD":
        native = _native("chld", given)
        times = [_time(name, native, hz) if late else _copied(name, native, given) for name in ("si_utime", "si_stime")]
        status = _status(native["si_status"], given, translator) if late else _copied("si_status", native, given)
        return [_copied("si_pid", native, given), status, *times]
    if signal in ("SIGILL", "SIGBUS", "SIGFPE") or (late and signal == "SIGSEGV"):
        return [_copied("si_addr", _native("fault", given), given)]
    native = _native("rt", given)
    rows = [_copied("si_pid", native, given), _uid(native["si_uid"])]
    if late:
        return [*rows, _copied("si_value", native, given)]
    return [*rows, FieldRow(name="si_value", source=native["si_value"], target=None, why=FieldWhy.LX_DROPPED)]


def _why(name: str, given: Decoded) -> FieldWhy:
    return FieldWhy.LX_RAW if name in given.values else FieldWhy.LX_BY_SIGNAL


def _copied(name: str, native: dict[str, int], given: Decoded) -> FieldRow:
    return FieldRow(name=name, source=native[name], target=native[name], why=_why(name, given))


def _uid(value: int) -> FieldRow:
    kept = value if value <= 0xFFFF else 0xFFFF if value == 0xFFFFFFFF else _NOBODY
    return FieldRow(name="si_uid", source=value, target=kept, why=FieldWhy.LX_RAW if kept == value else FieldWhy.LX_UID)


def _time(name: str, native: dict[str, int], hz: int) -> FieldRow:
    value = native[name]
    scaled = abs(value) // max(hz // 100, 1) * (-1 if value < 0 else 1)
    return FieldRow(name=name, source=value, target=scaled, why=FieldWhy.TICKS, detail=str(hz))


def _status(value: int, given: Decoded, translator: Translator) -> FieldRow:
    """Translate a child's status as 2019 does: raw for an exit or a code of zero or less, else the low seven bits."""
    if given.values["si_code"] <= 0 or given.values["si_code"] == 1:
        return FieldRow(name="si_status", source=value, target=value, why=FieldWhy.LX_RAW)
    number = value & 0x7F
    found = translator.number(Signo(number)).target if number in translator.source.numbers else None
    if found is None:
        return FieldRow(name="si_status", source=value, target=None, why=FieldWhy.LX_ABORT, detail=str(number))
    return FieldRow(
        name="si_status",
        source=value,
        target=(value & 0xFF80) | found,
        why=FieldWhy.LX_STATUS,
        detail=f"{number} {found}",
    )


def _place(name: str, target: Abi) -> Member | None:
    """Return where lx writes a field: where Linux has it, but for SIGPOLL on LP64."""
    if target.word == 8 and name == "si_band":
        return (name, 16, 4, "i")
    if target.word == 8 and name == "si_fd":
        return (name, 20, 4, "i")
    layout = SIGINFO[target.layout]
    arms = {"si_status": "chld", "si_utime": "chld", "si_stime": "chld", "si_addr": "fault"}
    arm = arms.get(name, "poll" if name in ("si_band", "si_fd") else "rt")
    return next((member for member in layout.header + layout.arms[arm] if member[0] == name), None)
