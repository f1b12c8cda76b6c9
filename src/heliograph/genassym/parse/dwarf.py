"""The types of DWARF 2 to 5, as far as layouts go: found by name, read when they are asked for.

A lookup walks the outermost entries of one unit after the other until the name is defined. A unit in which the name
cannot stand, as no reference to its text occurs in its bytes, is not walked. The id of a type is the place of its
entry; the inner dimensions of an array, which have no entry, have theirs above bit 56.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from heliograph.errors import UnsupportedError
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
from heliograph.genassym.parse.dwarf_units import NAMED, Abbreviation, Unit, Units, Value, uleb
from heliograph.genassym.parse.elf import Elf

__all__ = ["dwarf_types"]

# Tags.
_ARRAY, _CLASS, _ENUM, _MEMBER, _POINTER, _REFERENCE = 0x01, 0x02, 0x04, 0x0D, 0x0F, 0x10
_STRUCT, _SUBROUTINE, _TYPEDEF, _UNION, _INHERITANCE, _SUBRANGE = 0x13, 0x15, 0x16, 0x17, 0x1C, 0x21
_BASE, _CONST, _ENUMERATOR, _VOLATILE, _RESTRICT, _UNSPECIFIED = 0x24, 0x26, 0x28, 0x35, 0x37, 0x3B
_RVALUE, _MEMBER_POINTER, _ATOMIC = 0x42, 0x1F, 0x47
_KEYWORDS = {_STRUCT: "struct", _CLASS: "struct", _UNION: "union", _ENUM: "enum"}
_QUALIFIERS = {_CONST: "const", _VOLATILE: "volatile", _RESTRICT: "restrict", _ATOMIC: "_Atomic"}
_POINTERS = {_POINTER, _REFERENCE, _RVALUE, _MEMBER_POINTER}

# Attributes.
_NAME, _BYTE_SIZE, _BIT_OFFSET, _BIT_SIZE = 0x03, 0x0B, 0x0C, 0x0D
_CONST_VALUE, _LOWER, _UPPER, _COUNT, _LOCATION = 0x1C, 0x22, 0x2F, 0x37, 0x38
_DECLARATION, _ENCODING, _TYPE, _SIGNATURE, _DATA_BIT_OFFSET = 0x3C, 0x3E, 0x49, 0x69, 0x6B

_MOST = 1 << 44
"""A size or a count above this belongs to no type of a program."""
_INNER = 56


class _Reader(Units):
    """The types of an object."""

    def __init__(self, elf: Elf) -> None:
        super().__init__(elf)
        self.found: dict[str, int] = {}
        self._decoded: dict[int, Type] = {}
        self._entered: set[tuple[int, bytes]] = set()

    # ------------------------------------------------------------ names

    def search(self, name: str) -> int | None:
        """Return where ``name`` is defined, as :class:`Types` spells it; a bare name only if no tag came first."""
        if (place := self.found.get(name)) is not None:
            return place
        word = name.rpartition(" ")[2]
        if name.partition(" ")[0] not in ("struct", "union", "enum"):
            word = name
        spelled = {word, f"struct {word}", f"union {word}", f"enum {word}"}
        if name == word and not spelled.isdisjoint(self.found):
            return None
        needles = self._needles(word)
        for unit in self._units:
            if unit.walked or not self._may_hold(unit, needles, word):
                continue
            self.walk(unit)
            if (place := self.found.get(name)) is not None:
                return place
            if name == word and not spelled.isdisjoint(self.found):
                return None
        return None

    def _needles(self, word: str) -> list[int] | None:
        """Return the offsets at which a text ends with ``word``; None if they are too many to look for."""
        wanted, found, at = word.encode() + b"\0", [], 0
        while (at := self._texts.find(wanted, at)) >= 0:
            found.append(at)
            at += 1
            if len(found) > 16:
                return None
        return found

    def _may_hold(self, unit: Unit, needles: list[int] | None, word: str) -> bool:
        table = self._table(unit)
        if needles is None or not table.plain:
            return True
        data = self._bytes(unit)
        width = 8 if unit.wide else 4
        for needle in needles:
            if needle.to_bytes(width, self._order) in data:
                return True
        return table.inline and word.encode() + b"\0" in data

    def walk_all(self) -> None:
        """Walk what has not been walked."""
        for unit in self._units:
            if not unit.walked:
                self.walk(unit)

    def walk(self, unit: Unit) -> None:
        """Enter the names that the outermost entries of a unit define."""
        unit.walked = True
        data, start = self._bytes(unit), unit.start
        codes, end, at = self._table(unit).codes, len(data), unit.first - start
        depth, place = 0, at
        order, width, entered = self._order, 8 if unit.wide else 4, self._entered
        try:
            while at < end:
                place = at
                code = data[at]
                at += 1
                if code >= 0x80:
                    code, at = uleb(data, place)
                if not code:
                    depth -= 1
                    if depth <= 0:
                        break
                    continue
                one = codes.get(code)
                if one is None:
                    raise self.wrong(f"abbreviation {code} is not in its table", start + place)
                if depth == 1 and one.tag in NAMED and one.name != -2:
                    # Every unit defines what its headers do: most names are known by their place in .debug_str.
                    key = (one.tag, data[at + one.name : at + one.name + width]) if one.name >= 0 else None
                    if key is None or key not in entered:
                        self._enter(data, place, unit)
                        if key is not None:
                            entered.add(key)
                if one.children:
                    if one.sibling is not None and depth:
                        offset, size = one.sibling
                        where = int.from_bytes(data[at + offset : at + offset + size], order)
                        if not at < where <= end:
                            raise self.wrong("its sibling is not behind it", start + place)
                        at = where
                        continue
                    depth += 1
                at = at + one.size if one.size >= 0 else self._skip(data, at, one, unit)
                if not depth:
                    break
        except (IndexError, ValueError):
            raise self.wrong("the entry does not end inside its unit", start + place) from None

    def _enter(self, data: bytes, at: int, unit: Unit) -> None:
        one, values, _at = self._entry(data, at, unit)
        name = values.get(_NAME)
        if one is None or not isinstance(name, str) or not name or values.get(_DECLARATION):
            return
        keyword = _KEYWORDS.get(one.tag)
        self.found.setdefault(f"{keyword} {name}" if keyword else name, unit.start + at)

    # ------------------------------------------------------------ types

    def type_at(self, ident: int) -> Type:
        """Return the type of an id.

        :raises ParseError: there is none, or it is no type.
        """
        if (found := self._decoded.get(ident)) is None:
            if not ident:
                found = Base(name="void", size=0, encoding=Encoding.VOID)
            else:
                found = self._decode(ident)
            self._decoded[ident] = found
        return found

    def _decode(self, ident: int) -> Type:
        place, inner = ident & ((1 << _INNER) - 1), ident >> _INNER
        unit = self._unit_of(place, place)
        data = self._bytes(unit)
        try:
            one, values, at = self._entry(data, place - unit.start, unit)
            if one is None:
                raise self.wrong("a reference to what is no entry", place)
            return self._type(one, values, at, unit, data, place, inner)
        except (IndexError, ValueError):
            raise self.wrong("the entry does not end inside its unit", place) from None

    def _type(
        self,
        one: Abbreviation,
        values: dict[int, Value],
        at: int,
        unit: Unit,
        data: bytes,
        place: int,
        inner: int,
    ) -> Type:
        name = values.get(_NAME)
        name = name if isinstance(name, str) else ""
        target = self._target(values, place)
        tag = one.tag
        if tag in (_STRUCT, _UNION, _CLASS):
            return self._struct(one, values, at, unit, data, place, name)
        if tag == _BASE:
            return _base(name, self._size(values, place), values.get(_ENCODING))
        if tag in _POINTERS:
            return Pointer(target=target)
        if tag == _TYPEDEF:
            return Typedef(name=name, target=target)
        if tag in _QUALIFIERS:
            return Qualified(word=_QUALIFIERS[tag], target=target)
        if tag == _ARRAY:
            return self._array(one, at, unit, data, place, inner, target)
        if tag == _ENUM:
            if values.get(_DECLARATION):
                return Forward(keyword="enum", name=name)
            return self._enum(one, values, at, unit, data, place, name)
        if tag == _SUBROUTINE:
            return Function(result=target)
        if tag == _UNSPECIFIED:
            return Base(name=name or "void", size=0, encoding=Encoding.VOID)
        if tag == _SUBRANGE and target:
            return Typedef(name=name or "subrange", target=target)
        raise self.wrong(f"a type is expected, and here is an entry with tag {tag:#x}", place)

    def _target(self, values: dict[int, Value], place: int) -> TypeId:
        value = values.get(_TYPE, 0)
        if not isinstance(value, int) or not 0 <= value < 1 << _INNER:
            raise self.wrong("the type of an entry is no reference to one", place)
        return TypeId(value)

    def _size(self, values: dict[int, Value], place: int) -> int:
        size = values.get(_BYTE_SIZE, 0)
        if not isinstance(size, int) or not 0 <= size < _MOST:
            raise self.wrong("a size that no type has", place)
        return size

    def _struct(
        self,
        one: Abbreviation,
        values: dict[int, Value],
        at: int,
        unit: Unit,
        data: bytes,
        place: int,
        name: str,
    ) -> Type:
        where = values.get(_SIGNATURE, -1)
        if isinstance(where, int) and where >= 0:
            if where == place:
                raise self.wrong("a type that is defined by itself", place)
            found = self._decode_at(where)
            if isinstance(found, Struct):
                return found
        if values.get(_DECLARATION):
            return Forward(keyword=_KEYWORDS[one.tag], name=name)
        size = self._size(values, place)
        members = []
        for child, of_child, where in list(self._children(one, at, unit, data)):
            # A static member of C++ lies elsewhere.
            if child.tag not in (_MEMBER, _INHERITANCE) or of_child.get(_DECLARATION):
                continue
            members.append(self._member(of_child, where))
        return Struct(name=name, size=size, members=tuple(members), union=one.tag == _UNION)

    def _decode_at(self, place: int) -> Type:
        """Decode a definition that a signature names, which must be no signature again."""
        unit = self._unit_of(place, place)
        data = self._bytes(unit)
        one, values, at = self._entry(data, place - unit.start, unit)
        if one is None or _SIGNATURE in values:
            raise self.wrong("the definition of a type is a declaration", place)
        return self._type(one, values, at, unit, data, place, 0)

    def _member(self, values: dict[int, Value], place: int) -> Member:
        name = values.get(_NAME)
        bits = values.get(_BIT_SIZE)
        target = self._target(values, place)
        offset = 8 * self._location(values.get(_LOCATION, 0), place)
        if not isinstance(bits, int):
            return Member(name=name if isinstance(name, str) else "", type=target, bit_offset=offset)
        first, from_top = values.get(_DATA_BIT_OFFSET), values.get(_BIT_OFFSET)
        if isinstance(first, int):
            # clang also gives the unit of storage as a location: it is counted already.
            offset = first
        elif isinstance(from_top, int):
            if from_top >= 1 << 63:
                from_top -= 1 << 64
            if self.big:
                offset += from_top
            else:
                offset += 8 * self._storage(values, target, place) - from_top - bits
        if not 0 <= bits <= 4096 or not 0 <= offset < 8 * _MOST:
            raise self.wrong("a bit-field that lies nowhere", place)
        return Member(name=name if isinstance(name, str) else "", type=target, bit_offset=offset, bit_size=bits)

    def _storage(self, values: dict[int, Value], target: TypeId, place: int) -> int:
        """Return the bytes of the unit in which a bit-field of DWARF 2 and 3 is counted."""
        if isinstance(size := values.get(_BYTE_SIZE), int):
            return size
        seen: set[int] = set()
        while target not in seen:
            seen.add(target)
            behind = self.type_at(target)
            if isinstance(behind, Base | Enum):
                return behind.size
            if not isinstance(behind, Typedef | Qualified):
                break
            target = behind.target
        raise self.wrong("a bit-field of a type without a size", place)

    def _location(self, value: Value, place: int) -> int:
        if isinstance(value, bytes):
            # The expression of gcc -gdwarf-2: add a constant to the address of the structure.
            if value[:1] == b"\x23" or (value[:1] == b"\x10" and value[-1:] == b"\x22"):
                value, _at = uleb(value, 1)
            else:
                raise UnsupportedError(
                    f"{self.name}: {self._shown(place)}", "the place of a member is computed when the program runs"
                )
        if not isinstance(value, int) or not 0 <= value < _MOST:
            raise self.wrong("a member that lies nowhere", place)
        return value

    def _shown(self, place: int) -> str:
        return self.wrong("", place).message.partition(":")[0]

    def _array(
        self, one: Abbreviation, at: int, unit: Unit, data: bytes, place: int, inner: int, element: TypeId
    ) -> Array:
        counts = [
            self._count(values)
            for child, values, _where in self._children(one, at, unit, data)
            if child.tag == _SUBRANGE
        ] or [None]
        if len(counts) > 64 or inner >= len(counts):
            raise self.wrong(f"an array of {len(counts)} dimensions", place)
        if any(count is not None and count >= _MOST for count in counts):
            raise self.wrong("an array of more elements than a program has", place)
        if inner + 1 < len(counts):
            element = TypeId(place | (inner + 1) << _INNER)
        return Array(element=element, count=counts[inner])

    def _count(self, values: dict[int, Value]) -> int | None:
        count, upper, lower = values.get(_COUNT), values.get(_UPPER), values.get(_LOWER, 0)
        if isinstance(count, int):
            return max(count, 0)
        if not isinstance(upper, int):
            return None
        # The upper bound of no elements is -1, in as many bytes as it happens to have.
        if upper in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
            return 0
        return max(upper - (lower if isinstance(lower, int) else 0) + 1, 0)

    def _enum(
        self,
        one: Abbreviation,
        values: dict[int, Value],
        at: int,
        unit: Unit,
        data: bytes,
        place: int,
        name: str,
    ) -> Enum:
        found = []
        for child, of_child, _where in self._children(one, at, unit, data):
            word, value = of_child.get(_NAME), of_child.get(_CONST_VALUE)
            if child.tag == _ENUMERATOR and isinstance(word, str) and isinstance(value, int):
                found.append((word, value))
        return Enum(name=name, size=self._size(values, place), values=tuple(found))


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
            raise TypeError("ids of types are no range")
        return self._reader.type_at(index)

    def __len__(self) -> int:
        self._reader.walk_all()
        return len(self._reader.found)


class _Names(Mapping[str, TypeId]):
    """The names; looking for one walks no further than to where it is defined."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader

    def __getitem__(self, name: str) -> TypeId:
        place = self._reader.search(name)
        if place is None:
            raise KeyError(name)
        return TypeId(place)

    def __iter__(self) -> Iterator[str]:
        self._reader.walk_all()
        return iter(self._reader.found)

    def __len__(self) -> int:
        self._reader.walk_all()
        return len(self._reader.found)


def dwarf_types(elf: Elf) -> Types:
    """Return the types in the debugging information of an object.

    :raises UnsupportedError: it has none, or one of a version that is not known.
    :raises ParseError: it is damaged.
    """
    if not elf.debug("info"):
        raise UnsupportedError(
            elf.name, "it has no .debug_info: compile with -g, or name the file that it was split into"
        )
    reader = _Reader(elf)
    return Types(
        entries=_Entries(reader),
        names=_Names(reader),
        pointer_size=reader.pointer_size,
        big_endian=elf.big_endian,
    )


_SIGNED, _UNSIGNED, _BOOL, _FLOATS, _TEXTS = {5, 6, 0x0D}, {1, 7, 8, 0x0E}, {2}, {3, 4, 9, 0x0A, 0x0F}, {0x10, 0x12}


def _base(name: str, size: int, encoding: Value | None) -> Base:
    if encoding in _BOOL:
        kind = Encoding.BOOL
    elif encoding in _FLOATS:
        kind = Encoding.FLOAT
    elif size == 1 and (name == "char" or encoding in _TEXTS):
        kind = Encoding.CHAR
    else:
        kind = Encoding.SIGNED if encoding in _SIGNED else Encoding.UNSIGNED
    return Base(name=name, size=size, encoding=kind)
