"""ELF: the sections of an object, of any class and byte order, decompressed and relocated.

Only what a reader of types needs::

    header    = ident(16) type machine version entry phoff shoff flags ehsize phentsize phnum shentsize shnum shstrndx
    section   = name type flags addr offset size link info addralign entsize
    compressed = type [reserved] size addralign  zlib-stream          (flag SHF_COMPRESSED)
               | "ZLIB" size(8, big endian)      zlib-stream          (name .zdebug_*)

A section of a file on disk is read piece by piece, unless it must be changed: a relocated or compressed one is held in
memory. Nothing larger than :data:`LIMIT` is decompressed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from heliograph.errors import ParseError, Span, UnsupportedError
from heliograph.files import RandomAccess
from heliograph.genassym.tables.relocations import MACHINES, Machine

__all__ = ["LIMIT", "Bytes", "Elf", "Section", "fault", "inflated"]

LIMIT = 512 * 1024 * 1024
"""Bytes to which a compressed section may grow."""

_REL, _RELA, _NOBITS, _SYMTAB = 9, 4, 8, 2
_RELOCATABLE = 1
_COMPRESSED = 0x800
_ZLIB = 1
_RATIO = 128
"""How many times its size a compressed section may grow; debug information comes to 3 to 20 times."""


def fault(message: str, name: str, section: str, offset: int) -> ParseError:
    """Return the error for bytes that cannot be read: ``offset`` counts from the start of ``section``."""
    return ParseError(f"{section} + {offset:#x}: {message}", span=Span(file=name, offset=offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A row of the section table; the sizes are bytes."""

    index: int
    name: str
    kind: int
    flags: int
    offset: int
    size: int
    link: int
    info: int


class Bytes:
    """The bytes of a section, in memory or by offset.

    :param where: the file, or the bytes themselves.
    """

    def __init__(self, where: RandomAccess | bytes | bytearray, offset: int, size: int) -> None:
        self._where = where
        self._offset = offset
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer at the end of the section."""
        length = min(length, self.size - offset)
        if offset < 0 or length <= 0:
            return b""
        if isinstance(self._where, bytes | bytearray):
            return bytes(self._where[self._offset + offset : self._offset + offset + length])
        return self._where.read_at(self._offset + offset, length)


class Elf:
    """An ELF file.

    :param name: the file in messages.
    :raises ParseError: it is none, or its tables lie outside it.
    """

    def __init__(self, data: RandomAccess, name: str) -> None:
        self._data = data
        self.name = name
        ident = data.read_at(0, 64)
        if ident[:4] != b"\x7fELF" or len(ident) < 52:
            raise fault("no ELF header", name, "file", 0)
        if ident[4] not in (1, 2) or ident[5] not in (1, 2):
            raise fault("the ELF header has neither a class nor a byte order that exists", name, "file", 4)
        self.wide = ident[4] == 2
        self.big_endian = ident[5] == 2
        self.order = ">" if self.big_endian else "<"
        if self.wide and len(ident) < 64:
            raise fault("the ELF header is cut off", name, "file", len(ident))
        words = struct.unpack_from(self.order + ("HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH"), ident, 16)
        self.kind, self.machine = words[0], words[1]
        self.sections = self._sections(words[5], words[10], words[11], words[12])
        self._symbols: dict[int, list[int]] = {}
        # Sections may overlap: a small file could ask for the same bytes a thousand times.
        self._budget = 32 * data.size + 65536

    def _sections(self, table: int, entry: int, count: int, names: int) -> tuple[Section, ...]:
        if not table:
            return ()
        row = struct.Struct(self.order + ("IIQQQQIIQQ" if self.wide else "IIIIIIIIII"))
        if entry < row.size:
            raise fault(f"a row of the section table has {entry} bytes", self.name, "file", 0x3A if self.wide else 0x2E)
        first = self._data.read_at(table, row.size)
        if len(first) < row.size:
            raise fault("the section table lies outside the file", self.name, "file", table)
        head = row.unpack(first)
        count = count or head[5]
        names = head[6] if names == 0xFFFF else names
        if count * entry > self._data.size - table:
            raise fault(f"the section table of {count} rows lies outside the file", self.name, "file", table)
        raw = self._data.read_at(table, count * entry)
        rows = [row.unpack_from(raw, at) for at in range(0, count * entry, entry)]
        strings = b""
        if 0 < names < count and rows[names][1] != _NOBITS:
            strings = self._data.read_at(rows[names][4], min(rows[names][5], self._data.size))
        return tuple(
            Section(
                index=index,
                name=_text(strings, cells[0]),
                kind=cells[1],
                flags=cells[2],
                offset=cells[4],
                size=cells[5],
                link=cells[6],
                info=cells[7],
            )
            for index, cells in enumerate(rows)
        )

    def called(self, *names: str) -> list[Section]:
        """Return the sections of the first of ``names`` that any is called; one without bytes does not count."""
        for name in names:
            if found := [one for one in self.sections if one.name == name and one.kind != _NOBITS and one.size]:
                return found
        return []

    def debug(self, name: str) -> list[Section]:
        """Return the sections of DWARF: ``.debug_info`` for ``info``, whatever form they have."""
        return self.called(f".debug_{name}", f".zdebug_{name}", f".debug_{name}.dwo")

    def bytes_of(self, section: Section) -> Bytes:
        """Return the bytes of a section as its readers mean them.

        :raises ParseError: they lie outside the file, do not decompress, or a relocation cannot be applied.
        """
        if section.offset + section.size > self._data.size:
            raise fault(f"its {section.size} bytes end behind the file's {self._data.size}", self.name, section.name, 0)
        self._spend(section, section.size)
        relocations = self._relocations(section) if self.kind == _RELOCATABLE else []
        zipped = section.flags & _COMPRESSED or section.name.startswith(".zdebug")
        if not zipped and not relocations:
            return Bytes(self._data, section.offset, section.size)
        content = self._data.read_at(section.offset, section.size)
        changed = bytearray(self._unzipped(section, content) if zipped else content)
        for one in relocations:
            self._spend(one, 8 * one.size)
            self._relocate(section, one, changed)
        return Bytes(changed, 0, len(changed))

    def _spend(self, section: Section, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise fault("with it, the sections hold many times the bytes of the file", self.name, section.name, 0)

    def whole(self, section: Section) -> bytes:
        """Return all bytes of a section; see :meth:`bytes_of`."""
        found = self.bytes_of(section)
        return found.read(0, found.size)

    def _unzipped(self, section: Section, content: bytes) -> bytes:
        if section.flags & _COMPRESSED:
            head = struct.Struct(self.order + ("IIQQ" if self.wide else "III"))
            if len(content) < head.size:
                raise fault("its compression header is cut off", self.name, section.name, 0)
            words = head.unpack_from(content)
            kind, size, start = words[0], words[2] if self.wide else words[1], head.size
            if kind != _ZLIB:
                raise UnsupportedError(
                    f"{self.name}: {section.name}",
                    f"it is compressed by method {kind}, and only zlib (1) is read;"
                    " objcopy --decompress-debug-sections makes it readable",
                )
        else:
            if content[:4] != b"ZLIB" or len(content) < 12:
                raise fault("its compression header is no ZLIB", self.name, section.name, 0)
            size, start = int.from_bytes(content[4:12], "big"), 12
        most = min(LIMIT, _RATIO * len(content) + 65536)
        if size > most:
            raise fault(f"it says that it grows to {size} bytes, and the limit is {most}", self.name, section.name, 0)
        return inflated(content[start:], size, self.name, section.name)

    def _relocations(self, section: Section) -> list[Section]:
        return [one for one in self.sections if one.kind in (_REL, _RELA) and one.info == section.index and one.size]

    def _relocate(self, section: Section, table: Section, content: bytearray) -> None:
        """Apply the relocations of ``table`` to the bytes of ``section``."""
        machine = MACHINES.get(self.machine)
        if machine is None:
            raise UnsupportedError(
                f"{self.name}: {table.name}",
                f"no relocations of machine {self.machine} are known; link the object",
            )
        if table.offset + table.size > self._data.size:
            raise fault("it ends behind the file", self.name, table.name, 0)
        symbols = self._symbols_of(table.link, table)
        raw = self._data.read_at(table.offset, table.size)
        _apply(self, section, table, machine, raw, symbols, content)

    def _symbols_of(self, index: int, table: Section) -> list[int]:
        """Return the values of the symbols of a symbol table."""
        if index in self._symbols:
            return self._symbols[index]
        if not 0 < index < len(self.sections) or self.sections[index].kind not in (_SYMTAB, 11):
            raise fault(f"it names section {index}, which is no symbol table", self.name, table.name, 0)
        where = self.sections[index]
        if where.offset + where.size > self._data.size:
            raise fault("it ends behind the file", self.name, where.name, 0)
        raw = self._data.read_at(where.offset, where.size)
        row = struct.Struct(self.order + ("IBBHQQ" if self.wide else "IIIBBH"))
        whole = len(raw) - len(raw) % row.size
        at = 4 if self.wide else 1
        found = self._symbols[index] = [cells[at] for cells in row.iter_unpack(raw[:whole])]
        return found


def inflated(data: bytes, size: int, name: str, section: str) -> bytes:
    """Return zlib ``data``, which must come to ``size`` bytes and no more.

    :raises ParseError: it does not.
    """
    engine = zlib.decompressobj()
    try:
        found = engine.decompress(data, size + 1)
    except zlib.error as error:
        raise fault(f"it does not decompress ({error})", name, section, 0) from error
    if len(found) != size:
        raise fault(f"it decompresses to another size than the {size} bytes that it says", name, section, 0)
    return found


def _entries(elf: Elf, raw: bytes, addends: bool) -> Iterator[tuple[int, int, int, int]]:
    """Yield (offset, symbol, type, addend) of relocations; the addend is 0 where the bytes hold it."""
    size = (8 if elf.wide else 4) * (3 if addends else 2)
    raw = raw[: len(raw) - len(raw) % size]
    if elf.wide and elf.machine == 8:
        # The 64-bit MIPS has three types in an entry; the last ones are empty in debug information.
        form = struct.Struct(elf.order + ("QIBBBB" + ("q" if addends else "")))
        for cells in form.iter_unpack(raw):
            yield cells[0], cells[1], cells[5], cells[6] if addends else 0
        return
    form = struct.Struct(elf.order + (("QQq" if addends else "QQ") if elf.wide else ("IIi" if addends else "II")))
    shift, mask = (32, 0xFFFFFFFF) if elf.wide else (8, 0xFF)
    # The SPARC V9 keeps data of its own above the type.
    if elf.wide and elf.machine == 43:
        mask = 0xFF
    for cells in form.iter_unpack(raw):
        yield cells[0], cells[1] >> shift, cells[1] & mask, cells[2] if addends else 0


def _apply(
    elf: Elf,
    section: Section,
    table: Section,
    machine: Machine,
    raw: bytes,
    symbols: list[int],
    content: bytearray,
) -> None:
    packers = {width: struct.Struct(elf.order + letter) for width, letter in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))}
    masks = {width: (1 << (8 * width)) - 1 for width in packers}
    size, sets, ignored, addends = len(content), machine.sets, machine.ignored, table.kind == _RELA
    for number, (at, symbol, kind, addend) in enumerate(_entries(elf, raw, addends)):
        width = sets.get(kind)
        if width is None:
            if kind in ignored:
                continue
            width = machine.adds.get(kind) or machine.subtracts.get(kind)
            if width is None:
                raise UnsupportedError(
                    f"{elf.name}: {table.name}",
                    f"relocation {number} at {section.name} + {at:#x} is of type {kind}, which"
                    f" is not known on {machine.name}",
                )
        if at + width > size:
            raise fault(f"relocation {number} lies outside {section.name}", elf.name, table.name, at)
        if symbol >= len(symbols):
            raise fault(f"relocation {number} names symbol {symbol}, which is none", elf.name, table.name, at)
        value = symbols[symbol] + addend
        pack = packers[width]
        if kind in machine.subtracts:
            value = pack.unpack_from(content, at)[0] - value
        elif not addends or kind in machine.adds:
            value += pack.unpack_from(content, at)[0]
        pack.pack_into(content, at, value & masks[width])


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset:end].decode(errors="replace") if 0 <= offset < end else ""
