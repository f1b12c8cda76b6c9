"""BTF, the types of a Linux kernel or of a BPF object.

::

    file   = magic(2: eb9f) version(1) flags(1) hdr_len(4) type_off(4) type_len(4) str_off(4) str_len(4)
    type   = name_off(4) info(4) size_or_type(4) more     info: bit 31 flag, bits 24..28 kind, bits 0..15 vlen
    member = name_off(4) type(4) offset(4)                with the flag, bits 24..31 of the offset are the width

All is words of 4 bytes, in the order that the magic shows. Opening reads where each type starts and what names there
are; a type is decoded when it is asked for.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
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
from heliograph.genassym.parse.elf import Bytes, fault

__all__ = ["btf_types", "is_btf"]

_INT, _PTR, _ARRAY, _STRUCT, _UNION, _ENUM, _FWD, _TYPEDEF, _VOLATILE, _CONST = range(1, 11)
_RESTRICT, _FUNC, _PROTO, _VAR, _DATASEC, _FLOAT, _DECL_TAG, _TYPE_TAG, _ENUM64 = range(11, 20)
# Words that follow the three of each kind: so many, and so many for each of vlen.
_FIXED = (0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0)
_EACH = (0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3)
_KEYWORDS = {_STRUCT: "struct", _UNION: "union", _ENUM: "enum", _ENUM64: "enum"}
_QUALIFIERS = {_VOLATILE: "volatile", _CONST: "const", _RESTRICT: "restrict"}
_PLAIN = (_TYPEDEF, _INT, _FLOAT)
_NAMED = frozenset((*_PLAIN, *_KEYWORDS))
_LONGS = ("long unsigned int", "unsigned long", "long int", "long")


def is_btf(start: bytes) -> bool:
    """Return whether a file that starts so is BTF."""
    return start[:2] in (b"\x9f\xeb", b"\xeb\x9f")


class _Reader:
    """A BTF file, opened.

    :raises ParseError: its header, or the length of a type, is wrong.
    """

    def __init__(self, content: Bytes, name: str, section: str) -> None:
        self.name, self.section = name, section
        head = content.read(0, 24)
        if len(head) < 24 or not is_btf(head):
            raise self.wrong("no BTF header", 0)
        self.big = head[:2] == b"\xeb\x9f"
        order = "big" if self.big else "little"
        header, types, types_size, strings, strings_size = (
            int.from_bytes(head[at : at + 4], "big" if self.big else "little") for at in range(4, 24, 4)
        )
        if head[2] != 1:
            raise UnsupportedError(f"{name}: {section}", f"BTF of version {head[2]} is not known, only 1")
        if (
            types_size % 4
            or header + types + types_size > content.size
            or header + strings + strings_size > content.size
        ):
            raise self.wrong("its types or its texts lie outside it", 8)
        self.start = header + types
        self.words = array("I")
        assert self.words.itemsize == 4
        self.words.frombytes(content.read(self.start, types_size))
        if order != sys.byteorder:
            self.words.byteswap()
        self.texts = content.read(header + strings, strings_size)
        self.places = array("I", [0])
        self.by_name: dict[int, int] = {}
        self._scan()
        self._decoded: dict[int, Type] = {}
        self.pointer_size = self._pointer_size()

    def wrong(self, message: str, offset: int) -> Error:
        """Return the error for a place in the file."""
        return fault(message, self.name, self.section, offset)

    def _scan(self) -> None:
        words, places, by_name, at, ident, end = self.words, self.places, self.by_name, 0, 0, len(self.words)
        add, fixed, each, named = places.append, _FIXED, _EACH, _NAMED
        try:
            while at < end:
                add(at)
                ident += 1
                info = words[at + 1]
                kind = info >> 24 & 31
                if kind in named and (name := words[at]):
                    by_name.setdefault(name << 5 | kind, ident)
                at += 3 + fixed[kind] + (info & 0xFFFF) * each[kind]
        except IndexError:
            raise self.wrong("a type of a kind that is not known, or cut off", self.start + 4 * at) from None
        if at > end:
            raise self.wrong("the last type is cut off", self.start + 4 * places[-1])

    def text(self, offset: int) -> str:
        """Return a text."""
        end = self.texts.find(b"\0", offset)
        return self.texts[offset:end].decode(errors="replace") if offset <= end else ""

    def find(self, name: str) -> int | None:
        """Return the id of a name as :class:`Types` spells it."""
        keyword, _blank, word = name.partition(" ")
        kinds: Sequence[int] = [kind for kind, text in _KEYWORDS.items() if text == keyword and word]
        if not kinds:
            kinds, word = _PLAIN, name
        wanted, at = word.encode() + b"\0", -1
        # A text may stand at the end of a longer one, so that it has several places.
        while (at := self.texts.find(wanted, at + 1)) >= 0:
            for kind in kinds:
                if (found := self.by_name.get(at << 5 | kind)) is not None:
                    return found
        return None

    def names(self) -> Iterator[tuple[str, int]]:
        """Yield all names with their ids."""
        for key, ident in self.by_name.items():
            keyword = _KEYWORDS.get(key & 31)
            text = self.text(key >> 5)
            # What is no text is no name either: a lookup could not spell it.
            if not text or "\ufffd" in text:
                continue
            yield (f"{keyword} {text}" if keyword else text), ident

    def _pointer_size(self) -> int:
        """Return the size of ``long``, which all that have BTF give a pointer; 8 if there is none."""
        for name in _LONGS:
            if (found := self.find(name)) is not None:
                long = self.type_at(found)
                if isinstance(long, Base) and long.size in (4, 8):
                    return long.size
        return 8

    def type_at(self, ident: int) -> Type:
        """Return the type of an id.

        :raises ParseError: there is none.
        """
        if (found := self._decoded.get(ident)) is None:
            found = self._decoded[ident] = self._decode(ident)
        return found

    def _decode(self, ident: int) -> Type:
        if not ident:
            return Base(name="void", size=0, encoding=Encoding.VOID)
        if not 0 < ident < len(self.places):
            raise self.wrong(
                f"a reference to type {ident} of {len(self.places)}: the BTF of a module needs that of its kernel", 0
            )
        at, words = self.places[ident], self.words
        name, info, last = words[at : at + 3]
        kind, vlen, flag = info >> 24 & 31, info & 0xFFFF, info >> 31
        after = at + 3
        if kind in (_STRUCT, _UNION):
            members = tuple(
                self._member(words[row], words[row + 1], words[row + 2], bool(flag))
                for row in range(after, after + 3 * vlen, 3)
            )
            return Struct(name=self.text(name), size=last, members=members, union=kind == _UNION)
        if kind == _INT:
            return self._int(name, last, words[after])
        if kind == _PTR:
            return Pointer(target=TypeId(last))
        if kind == _ARRAY:
            return Array(element=TypeId(words[after]), count=words[after + 2])
        if kind in (_ENUM, _ENUM64):
            return Enum(name=self.text(name), size=last, values=tuple(self._values(after, vlen, kind, bool(flag))))
        if kind == _FWD:
            return Forward(keyword="union" if flag else "struct", name=self.text(name))
        if kind == _TYPEDEF:
            return Typedef(name=self.text(name), target=TypeId(last))
        if kind in _QUALIFIERS:
            return Qualified(word=_QUALIFIERS[kind], target=TypeId(last))
        if kind == _TYPE_TAG:
            # A mark such as __user: it changes no layout and has no name in C.
            return Qualified(word="", target=TypeId(last))
        if kind == _FLOAT:
            return Base(name=self.text(name), size=last, encoding=Encoding.FLOAT)
        if kind in (_FUNC, _PROTO):
            return Function(result=TypeId(last if kind == _PROTO else 0))
        raise self.wrong(f"a type is expected, and type {ident} is of kind {kind}", self.start + 4 * at)

    def _member(self, name: int, target: int, offset: int, flag: bool) -> Member:
        bits: int | None = None
        if flag:
            bits, offset = offset >> 24 or None, offset & 0xFFFFFF
        elif 0 < target < len(self.places):
            # Older BTF has a type of its own for each width.
            at = self.places[target]
            if self.words[at + 1] >> 24 & 31 == _INT:
                size, data = self.words[at + 2], self.words[at + 3]
                if 0 < data & 0xFF < 8 * size:
                    bits, offset = data & 0xFF, offset + (data >> 16 & 0xFF)
        return Member(name=self.text(name), type=TypeId(target), bit_offset=offset, bit_size=bits)

    def _int(self, name: int, size: int, data: int) -> Base:
        marks, text = data >> 24 & 0xF, self.text(name)
        if marks & 4:
            kind = Encoding.BOOL
        elif size == 1 and (text == "char" or marks & 2):
            kind = Encoding.CHAR
        else:
            kind = Encoding.SIGNED if marks & 1 else Encoding.UNSIGNED
        return Base(name=text, size=size, encoding=kind)

    def _values(self, at: int, vlen: int, kind: int, signed: bool) -> Iterator[tuple[str, int]]:
        words, step = self.words, 2 if kind == _ENUM else 3
        for row in range(at, at + vlen * step, step):
            if kind == _ENUM:
                value = words[row + 1]
                # Before the flag had a meaning for them, all of them were signed.
                top = 1 << 31
            else:
                value, top = words[row + 1] | words[row + 2] << 32, 1 << 63
            yield self.text(words[row]), value - 2 * top if value >= top and (signed or kind == _ENUM) else value


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
        if index >= len(self):
            raise self._reader.wrong(f"a reference to type {index} of {len(self)}", 0)
        return self._reader.type_at(index)

    def __len__(self) -> int:
        return len(self._reader.places)


class _Names(Mapping[str, TypeId]):
    """The names; a lookup searches the texts, so that no name is kept."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def __getitem__(self, name: str) -> TypeId:
        found = self._reader.find(name)
        if found is None:
            raise KeyError(name)
        return TypeId(found)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ident in self._reader.names())

    def __len__(self) -> int:
        return sum(1 for _name in self)


def btf_types(content: Bytes | RandomAccess, name: str, section: str = "BTF") -> Types:
    """Return the types of BTF.

    :raises ParseError: it is damaged.
    """
    if not isinstance(content, Bytes):
        content = Bytes(content, 0, content.size)
    reader = _Reader(content, name, section)
    return Types(
        entries=_Entries(reader), names=_Names(reader), pointer_size=reader.pointer_size, big_endian=reader.big
    )
