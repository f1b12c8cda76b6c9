"""What a structure is: its size and its members, low offset first. The rows are in the tables that use them.

A member is a tuple (name, offset, size, form); offset and size are bytes. Forms: ``u`` unsigned, ``i`` signed, ``x``
an address or a word of bits, ``b`` bytes. What no member covers is unused.
"""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.errors import UnknownNameError
from heliograph.source import Source

__all__ = ["ABIS", "Abi", "Member", "Struct", "abi_called"]

Member = tuple[str, int, int, str]
"""(name, offset, size, form)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Struct:
    """A structure of one ABI; members may leave gaps but never overlap.

    :param alignment: bytes, as the C compiler aligns it.
    """

    name: str
    size: int
    members: tuple[Member, ...]
    sources: tuple[Source, ...] = ()
    alignment: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Abi:
    """A system and word size, as far as its structures go.

    :param system: the system whose numbers stand in them.
    :param family: ``linux``, ``solaris`` or ``freebsd``.
    :param layout: key of the siginfo layouts.
    :param codes: key of the lists of si_code.
    :param word: bytes of a long.
    :param order: ``little`` or ``big``.
    :param target: a siginfo can be translated to it.
    """

    name: str
    aliases: tuple[str, ...]
    system: str
    family: str
    layout: str
    codes: str
    word: int
    order: str = "little"
    target: bool = True


ABIS = {
    row.name: row
    for row in (
        Abi(
            name="linux-i386",
            aliases=("linux-x86", "linux-ia32", "i386"),
            system="linux-i386",
            family="linux",
            layout="linux-ilp32",
            codes="linux",
            word=4,
        ),
        Abi(
            name="linux-x86_64",
            aliases=("linux", "linux-amd64", "linux-x86-64", "x86_64", "x86-64"),
            system="linux-x86_64",
            family="linux",
            layout="linux-lp64",
            codes="linux",
            word=8,
        ),
        Abi(
            name="linux-mips",
            aliases=("mips",),
            system="linux-mips",
            family="linux",
            layout="mips-ilp32",
            codes="linux-mips",
            word=4,
            order="big",
        ),
        Abi(
            name="linux-mipsel",
            aliases=("mipsel",),
            system="linux-mips",
            family="linux",
            layout="mips-ilp32",
            codes="linux-mips",
            word=4,
        ),
        Abi(
            name="solaris-i386",
            aliases=("solaris-2005-i386", "solaris-x86"),
            system="solaris-2005",
            family="solaris",
            layout="solaris-ilp32",
            codes="solaris",
            word=4,
        ),
        Abi(
            name="solaris-amd64",
            aliases=("solaris-2005-amd64", "solaris-x86_64"),
            system="solaris-2005",
            family="solaris",
            layout="solaris-lp64",
            codes="solaris",
            word=8,
        ),
        Abi(
            name="illumos-i386",
            aliases=("illumos-x86",),
            system="illumos",
            family="solaris",
            layout="solaris-ilp32",
            codes="solaris",
            word=4,
        ),
        Abi(
            name="illumos-amd64",
            aliases=("illumos", "illumos-x86_64"),
            system="illumos",
            family="solaris",
            layout="solaris-lp64",
            codes="solaris",
            word=8,
        ),
        Abi(
            name="freebsd-amd64",
            aliases=("freebsd", "freebsd-x86_64"),
            system="freebsd",
            family="freebsd",
            layout="freebsd-lp64",
            codes="freebsd",
            word=8,
            target=False,
        ),
    )
}
"""The ABIs by name."""


def abi_called(text: str, known: tuple[str, ...] = tuple(ABIS)) -> Abi:
    """Return the ABI of that name or alias, in any case.

    :param known: the names that are accepted here.
    :raises UnknownNameError: there is none; the message names the nearest ones.
    """
    wanted = text.strip().casefold()
    for name in known:
        if wanted == name or wanted in ABIS[name].aliases:
            return ABIS[name]
    names = [other for name in known for other in (name, *ABIS[name].aliases)]
    raise UnknownNameError("ABI", text, names, hint=f"ABIs are {', '.join(known)}")
