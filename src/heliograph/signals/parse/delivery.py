"""The options of a delivery: flags of sigaction, an alternate stack, an address."""

from __future__ import annotations

from collections.abc import Mapping

from heliograph.errors import ParseError, RangeError, UnknownNameError
from heliograph.signals.parse.signals import integer

__all__ = ["ACTION_FLAGS", "action_flags", "address", "stack"]

ACTION_FLAGS = ("SA_SIGINFO", "SA_ONSTACK", "SA_NODEFER", "SA_RESETHAND", "SA_RESTART", "SA_RESTORER")
"""The flags that the machine knows; the last two change no step of a delivery."""

_TOP = 0xFFFFFFFF


def action_flags(text: str, known: Mapping[str, int]) -> frozenset[str]:
    """Read names of SA_ flags with ``,`` or ``|`` between them; SA_ may be left out, case does not matter.

    A number with 0x has the program's own bits.

    :param known: the values of SA_ flags on the program's system by name.
    :raises RangeError: the number has a bit that is no flag there.
    :raises UnknownNameError: one is no flag of the list.
    """
    if text.strip().lower().startswith("0x") and (value := integer(text.strip())) is not None:
        named = frozenset(name for name, bit in known.items() if value & bit)
        if unknown := value & ~sum(known[name] for name in named):
            raise RangeError(f"{unknown:#x} is no flag of sigaction on the program's system", text=text)
        return named
    found = set()
    for word in text.replace("|", ",").split(","):
        name = word.strip().upper()
        if not name:
            continue
        full = name if name.startswith("SA_") else f"SA_{name}"
        if full not in ACTION_FLAGS:
            raise UnknownNameError("flag of sigaction", word.strip(), ACTION_FLAGS, text=word.strip())
        found.add(full)
    return frozenset(found)


def address(text: str) -> int:
    """Read an address of a 32-bit process, decimal or 0x hexadecimal.

    :raises ParseError: it is no number.
    :raises RangeError: it is not within 0..0xffffffff.
    """
    value = integer(text.strip())
    if value is None:
        raise ParseError(f"{text!r} is no address: a decimal number, or 0x and hexadecimal digits", text=text)
    if not 0 <= value <= _TOP:
        raise RangeError(f"an address of a 32-bit process is within 0..{_TOP:#x}, not {text}", text=text)
    return value


def stack(text: str) -> tuple[int, int]:
    """Read an alternate stack, ``SP,SIZE``: its lowest address and its bytes.

    :raises ParseError: it is not two numbers.
    :raises RangeError: it does not fit below 4 GB, or it is empty.
    """
    parts = text.split(",")
    if len(parts) != 2:
        raise ParseError(f"{text!r}: an alternate stack is SP,SIZE, such as 0x8040000,8192", text=text)
    low, size = address(parts[0]), address(parts[1])
    if not size or low + size > _TOP + 1:
        raise RangeError(f"{text!r}: an alternate stack has bytes and ends below 4 GB", text=text)
    return low, size
