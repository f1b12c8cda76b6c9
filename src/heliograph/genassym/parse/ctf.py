"""CTF, the compact types of Solaris kernels, in its three families.

======== ====== ======= ==== ===========================================================================
family   magic  version ids  differences
======== ====== ======= ==== ===========================================================================
illumos  cff1   2       16   at most 1023 members; a structure from 8192 bytes has long members
FreeBSD  cff1   3       32   long members from 2**29 bytes
GNU      dff2   4       32   its own header; a member has its offset before its type; slices for bit-fields
======== ====== ======= ==== ===========================================================================

::

    header = magic(2) version(1) flags(1) ... offsets of the parts; what follows is compressed if flags has bit 0
    type   = name(4) info size_or_type [sizehi(4) sizelo(4)] more
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from heliograph.errors import Error, UnsupportedError
from heliograph.files import RandomAccess
from heliograph.genassym.model import (
    Array,
    Base,
    Encoding,
    Enum,
    Forward,
    Function,
    Member,
    Pointer,
    Qualified,
    Struct,
    Type,
    Typedef,
    TypeId,
    Types,
)
from heliograph.genassym.parse.elf import LIMIT, Bytes, fault, inflated

__all__ = ["ctf_types", "is_ctf"]

_INTEGER, _FLOAT, _POINTER, _ARRAY, _FUNCTION, _STRUCT, _UNION, _ENUM, _FORWARD = range(1, 10)
_TYPEDEF, _VOLATILE, _CONST, _RESTRICT, _SLICE = range(10, 15)
_KEYWORDS = {_STRUCT: "struct", _UNION: "union", _ENUM: "enum"}
_QUALIFIERS = {_VOLATILE: "volatile", _CONST: "const", _RESTRICT: "restrict"}
_SIZED = {_INTEGER, _FLOAT, _STRUCT, _UNION, _ENUM, _SLICE}
_MAGICS = {b"\xf1\xcf": False, b"\xcf\xf1": True, b"\xf2\xdf": False, b"\xdf\xf2": True}
_ENCODING_SIGNED, _ENCODING_CHAR, _ENCODING_BOOL = 1, 2, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """What differs between the families.

    :param header: bytes before the parts, and in words of 4 bytes from the fourth byte the place of the offset of the
        types; the offset and the size of the texts are the words after it.
    :param wide: ids and infos have 32 bits.
    :param large: structures from here on have long members, bytes.
    :param offset_first: a member has its offset before its type.
    """

    name: str
    header: int
    types: int
    wide: bool
    large: int
    offset_first: bool
    kind: int
    vlen: int


_FAMILIES = {
    (b"cff1", 2): _Family(
        name="illumos CTF 2",
        header=36,
        types=5,
        wide=False,
        large=8192,
        offset_first=False,
        kind=11,
        vlen=0x3FF,
    ),
    (b"cff1", 3): _Family(
        name="FreeBSD CTF 3",
        header=36,
        types=5,
        wide=True,
        large=1 << 29,
        offset_first=False,
        kind=26,
        vlen=0x1FFFFFF,
    ),
    (b"dff2", 4): _Family(
        name="GNU CTF 3",
        header=52,
        types=9,
        wide=True,
        large=1 << 29,
        offset_first=True,
        kind=26,
        vlen=0xFFFFFF,
    ),
}
"""By the magic, spelled out, and the version byte; the 4 of GNU is the third version."""


def is_ctf(start: bytes) -> bool:
    """Return whether a file that starts so is CTF."""
    return start[:2] in _MAGICS


@dataclass(frozen=True, slots=True)
class _Row:
    """A type as it stands: ``size`` is that of sized kinds, ``target`` the type of others, ``more`` what follows."""

    kind: int
    name: int
    vlen: int
    size: int
    target: int
    more: int
    root: bool


class _Reader:
    """A container of CTF, opened; its types are read from the first to the last, as their lengths depend on them."""

    def __init__(self, content: Bytes, name: str, section: str, external: bytes) -> None:
        self.name, self.section, self._external = name, section, external
        head = content.read(0, 64)
        if len(head) < 4 or not is_ctf(head):
            raise self.wrong("no CTF header", 0)
        self.big = _MAGICS[head[:2]]
        self.order = ">" if self.big else "<"
        magic = head[:2] if self.big else head[1::-1]
        family = _FAMILIES.get((magic.hex().encode(), head[2]))
        if family is None:
            known = ", ".join(f"{key.decode()} version {number}" for key, number in _FAMILIES)
            raise UnsupportedError(
                f"{name}: {section}", f"CTF {magic.hex()} of version {head[2]} is not known, only {known}"
            )
        if len(head) < family.header:
            raise self.wrong("the CTF header is cut off", len(head))
        self.family = family
        words = struct.unpack_from(f"{self.order}{(family.header - 4) // 4}I", head, 4)
        self.parent = words[1]
        types, texts, size = words[family.types : family.types + 3]
        body = content.size - family.header
        data = content.read(family.header, body)
        if head[3] & 1:
            if texts + size > min(LIMIT, 128 * body + 65536):
                raise self.wrong(f"it says that it grows to {texts + size} bytes", 4)
            data = inflated(data, texts + size, name, section)
        if not types <= texts or texts + size > len(data):
            raise self.wrong("its types or its texts lie outside it", 4)
        self.data, self.end, self.texts = data[:texts], texts, data[texts : texts + size]
        # The ids of a child start where the parent's can end.
        self.first = 1 if not self.parent else (1 << 31 if family.wide else 1 << 15) + 1
        self.rows: list[_Row] = []
        self._scan(types)
        self.names = dict(self._named())
        self._decoded: dict[int, Type] = {}

    def wrong(self, message: str, offset: int) -> Error:
        """Return the error for a place in the section."""
        return fault(message, self.name, self.section, offset)

    def _scan(self, at: int) -> None:
        family, data, order = self.family, self.data, self.order
        short = struct.Struct(order + ("III" if family.wide else "IHH"))
        lengths = struct.Struct(order + "II")
        sentinel = 0xFFFFFFFF if family.wide else 0xFFFF
        place = at
        try:
            while at < self.end:
                place = at
                name, info, last = short.unpack_from(data, at)
                at += short.size
                kind, vlen, size = info >> family.kind, info & family.vlen, last
                root = bool(info >> (family.kind - 1) & 1)
                if last == sentinel and kind in _SIZED:
                    high, low = lengths.unpack_from(data, at)
                    size = high << 32 | low
                    at += 8
                if not 0 <= kind <= _SLICE:
                    raise self.wrong(f"a type of kind {kind}, which is not known", place + family.header)
                self.rows.append(_Row(kind, name, vlen, size, last, at, root))
                at += self._more(kind, vlen, size)
        except struct.error:
            raise self.wrong("a type is cut off", place + family.header) from None
        if at > self.end:
            raise self.wrong("the last type is cut off", place + family.header)

    def _more(self, kind: int, vlen: int, size: int) -> int:
        """Return the bytes that follow a type."""
        wide = self.family.wide
        if kind in (_INTEGER, _FLOAT):
            return 4
        if kind == _ARRAY:
            return 12 if wide else 8
        if kind == _FUNCTION:
            return (vlen + vlen % 2) * (4 if wide else 2)
        if kind in (_STRUCT, _UNION):
            return vlen * (16 if size >= self.family.large else 12 if wide else 8)
        if kind == _ENUM:
            return vlen * 8
        return 8 if kind == _SLICE else 0

    def text(self, offset: int) -> str:
        """Return a text; with bit 31 it stands in the texts of the object around."""
        texts = self._external if offset >> 31 else self.texts
        offset &= 0x7FFFFFFF
        end = texts.find(b"\0", offset)
        return texts[offset:end].decode(errors="replace") if offset <= end else ""

    def _named(self) -> Iterator[tuple[str, TypeId]]:
        seen: set[str] = set()
        for index, row in enumerate(self.rows):
            keyword = _KEYWORDS.get(row.kind)
            if keyword is None and row.kind not in (_INTEGER, _FLOAT, _TYPEDEF):
                continue
            # A type that is no root cannot be found by its name: an integer of the width of a bit-field.
            if row.name and row.root and (name := self.text(row.name)):
                name = f"{keyword} {name}" if keyword else name
                if name not in seen:
                    seen.add(name)
                    yield name, TypeId(index + 1)

    def pointer_size(self) -> int:
        """Return the size of ``long``, which illumos asserts the data model by; 8 if there is none."""
        for name in ("long", "long int", "unsigned long", "long unsigned int"):
            if (found := self.names.get(name)) is not None:
                size = self.rows[found - 1].size
                if size in (4, 8):
                    return size
        return 8

    def index_of(self, reference: int) -> TypeId:
        """Return the index of the type that a reference means: 0 for void."""
        if not reference:
            return TypeId(0)
        index = reference - self.first + 1
        if not 1 <= index <= len(self.rows):
            if self.parent and reference < self.first:
                raise UnsupportedError(
                    f"{self.name}: {self.section}",
                    f"type {reference} is defined in the container {self.text(self.parent)!r}: a child is not"
                    " joined with its parent",
                )
            raise self.wrong(f"a reference to type {reference} of {len(self.rows)}", 0)
        return TypeId(index)

    def type_at(self, ident: int) -> Type:
        """Return the type of an index.

        :raises ParseError: there is none.
        """
        if (found := self._decoded.get(ident)) is None:
            try:
                found = self._decoded[ident] = self._decode(ident)
            except struct.error:
                raise self.wrong(f"type {ident} is cut off", 0) from None
        return found

    def _decode(self, ident: int) -> Type:
        if not ident:
            return Base(name="void", size=0, encoding=Encoding.VOID)
        if not 0 < ident <= len(self.rows):
            raise self.wrong(f"a reference to type {ident} of {len(self.rows)}", 0)
        row = self.rows[ident - 1]
        name = self.text(row.name)
        if row.kind in (_INTEGER, _FLOAT):
            return self._base(row, name)
        if row.kind == _POINTER:
            return Pointer(target=self.index_of(row.target))
        if row.kind == _ARRAY:
            form = struct.Struct(self.order + ("III" if self.family.wide else "HHI"))
            element, _index, count = form.unpack_from(self.data, row.more)
            return Array(element=self.index_of(element), count=count)
        if row.kind in (_STRUCT, _UNION):
            members = tuple(self._members(row))
            return Struct(name=name, size=row.size, members=members, union=row.kind == _UNION)
        if row.kind == _ENUM:
            form = struct.Struct(self.order + "Ii")
            pairs = (form.unpack_from(self.data, row.more + 8 * index) for index in range(row.vlen))
            return Enum(name=name, size=row.size, values=tuple((self.text(word), value) for word, value in pairs))
        if row.kind == _FORWARD:
            return Forward(keyword=_KEYWORDS.get(row.target, "struct"), name=name)
        if row.kind == _TYPEDEF:
            return Typedef(name=name, target=self.index_of(row.target))
        if row.kind in _QUALIFIERS:
            return Qualified(word=_QUALIFIERS[row.kind], target=self.index_of(row.target))
        if row.kind == _FUNCTION:
            return Function(result=self.index_of(row.target))
        if row.kind == _SLICE:
            target = struct.unpack_from(self.order + "I", self.data, row.more)[0]
            return Qualified(word="", target=self.index_of(target))
        raise self.wrong(f"a type is expected, and type {ident} is of kind {row.kind}", row.more)

    def _base(self, row: _Row, name: str) -> Base:
        data = struct.unpack_from(self.order + "I", self.data, row.more)[0]
        marks, bits = data >> 24, data & 0xFFFF
        if row.kind == _FLOAT:
            return Base(name=name, size=row.size, encoding=Encoding.FLOAT)
        if not bits and name == "void":
            return Base(name=name, size=0, encoding=Encoding.VOID)
        if marks & _ENCODING_BOOL:
            kind = Encoding.BOOL
        elif row.size == 1 and (name == "char" or marks & _ENCODING_CHAR):
            kind = Encoding.CHAR
        else:
            kind = Encoding.SIGNED if marks & _ENCODING_SIGNED else Encoding.UNSIGNED
        return Base(name=name, size=row.size, encoding=kind)

    def _members(self, row: _Row) -> Iterator[Member]:
        family = self.family
        long = row.size >= family.large
        if long:
            form = struct.Struct(self.order + ("IIII" if family.wide else "IHHII"))
        else:
            form = struct.Struct(self.order + ("III" if family.wide else "IHH"))
        for index in range(row.vlen):
            cells = form.unpack_from(self.data, row.more + index * form.size)
            if long and family.offset_first:
                name, high, target, low = cells
                offset = high << 32 | low
            elif long:
                name, target, offset = cells[0], cells[1], cells[-2] << 32 | cells[-1]
            elif family.offset_first:
                name, offset, target = cells
            else:
                name, target, offset = cells
            within, bits = self._bits(target)
            yield Member(name=self.text(name), type=self.index_of(target), bit_offset=offset + within, bit_size=bits)

    def _bits(self, reference: int) -> tuple[int, int | None]:
        """Return where in a type the bits of a bit-field start, and how many there are; None if it is none."""
        ident = self.index_of(reference)
        row = self.rows[ident - 1] if ident else None
        if row is None:
            return 0, None
        if row.kind == _SLICE:
            _target, offset, bits = struct.unpack_from(self.order + "IHH", self.data, row.more)
            return offset, bits
        if row.kind == _INTEGER:
            data = struct.unpack_from(self.order + "I", self.data, row.more)[0]
            if 0 < data & 0xFFFF < 8 * row.size:
                return data >> 16 & 0xFF, data & 0xFFFF
        return 0, None


class _Entries(Sequence[Type]):
    """The types by their ids, decoded when they are asked for."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    @overload
    def __getitem__(self, index: int) -> Type: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Type]: ...
    def __getitem__(self, index: int | slice) -> Type | Sequence[Type]:
        if isinstance(index, slice):
            return [self._reader.type_at(one) for one in range(*index.indices(len(self)))]
        return self._reader.type_at(index)

    def __len__(self) -> int:
        return len(self._reader.rows) + 1


def ctf_types(content: Bytes | RandomAccess, name: str, section: str = "CTF", *, external: bytes = b"") -> Types:
    """Return the types of CTF.

    :param external: the texts of the object around, which GNU's CTF may name.
    :raises ParseError: it is damaged.
    """
    if not isinstance(content, Bytes):
        content = Bytes(content, 0, content.size)
    reader = _Reader(content, name, section, external)
    return Types(
        entries=_Entries(reader), names=reader.names, pointer_size=reader.pointer_size(), big_endian=reader.big
    )
