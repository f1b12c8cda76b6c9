"""The types of a file, whatever holds them: an object with DWARF, BTF or CTF, or a file that is BTF or CTF."""

from __future__ import annotations

from heliograph.errors import ParseError, Span, UnsupportedError
from heliograph.files import RandomAccess
from heliograph.genassym.model import Types
from heliograph.genassym.parse.btf import btf_types, is_btf
from heliograph.genassym.parse.ctf import ctf_types, is_ctf
from heliograph.genassym.parse.dwarf import dwarf_types
from heliograph.genassym.parse.elf import Elf

__all__ = ["HOLDERS", "object_types"]

HOLDERS = ("dwarf", "btf", "ctf")
"""What types can be held in; of an object with several, the first is taken."""

_CTF_SECTIONS = (".SUNW_ctf", ".ctf")


def object_types(data: RandomAccess, name: str, holder: str | None = None) -> tuple[Types, str]:
    """Return the types of a file and what holds them.

    :param name: the file in messages.
    :param holder: one of :data:`HOLDERS`, to ask no other.
    :raises UnsupportedError: the file has none.
    :raises ParseError: it is damaged.
    """
    start = data.read_at(0, 4)
    if is_btf(start) and holder in (None, "btf"):
        return btf_types(data, name), "BTF"
    if is_ctf(start) and holder in (None, "ctf"):
        return ctf_types(data, name), "CTF"
    if start != b"\x7fELF":
        raise ParseError(
            f"{name}: neither an ELF object nor BTF nor CTF" if holder is None else f"{name}: no {holder.upper()}",
            span=Span(file=name, offset=0),
        )
    elf = Elf(data, name)
    if holder in (None, "dwarf") and elf.debug("info"):
        return dwarf_types(elf), "DWARF"
    if holder in (None, "btf") and (found := elf.called(".BTF")):
        return btf_types(elf.bytes_of(found[0]), name, ".BTF"), "BTF"
    if holder in (None, "ctf") and (found := elf.called(*_CTF_SECTIONS)):
        texts = elf.called(".strtab", ".dynstr")
        external = elf.whole(texts[0]) if texts else b""
        return ctf_types(elf.bytes_of(found[0]), name, found[0].name, external=external), "CTF"
    wanted = "neither .debug_info nor .BTF nor .SUNW_ctf" if holder is None else f"no {holder.upper()}"
    raise UnsupportedError(
        name, f"it has {wanted}: compile with -g -fno-eliminate-unused-debug-types, or name its separate debug file"
    )
