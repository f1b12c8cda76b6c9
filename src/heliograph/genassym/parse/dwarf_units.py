"""The entries of DWARF 2 to 5: units, abbreviations, values.

::

    unit         = length version ... entries
    entry        = code(uleb) values                    a code of 0 ends the children of the entry above
    abbreviation = code(uleb) tag(uleb) children(byte) { attribute(uleb) form(uleb) [constant(sleb)] } 0 0

A place is an offset in the sections laid end to end, as an object can have several of one name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from heliograph.errors import Error, UnsupportedError
from heliograph.genassym.parse.elf import Bytes, Elf, fault

__all__ = ["NAMED", "SIBLING", "Abbreviation", "Unit", "Units", "Value", "uleb"]

Value = int | str | bytes
"""Of an attribute: a reference is a place, a block is bytes."""

SIBLING, _NAME, _DECLARATION, _STR_BASE = 0x01, 0x03, 0x3C, 0x72
NAMED = frozenset((0x02, 0x04, 0x13, 0x16, 0x17, 0x24, 0x3B))
"""The tags of what is found by name: class, enum, struct, typedef, union, base type, unspecified type."""

# Forms.
_STRING, _STRP, _INDIRECT, _IMPLICIT, _PRESENT = 0x08, 0x0E, 0x16, 0x21, 0x19
_SIZES = {
    0: (0x19, 0x21),
    1: (0x0B, 0x0C, 0x11, 0x25, 0x29),
    2: (0x05, 0x12, 0x26, 0x2A),
    3: (0x27, 0x2B),
    4: (0x06, 0x13, 0x1C, 0x28, 0x2C),
    8: (0x07, 0x14, 0x20, 0x24),
    16: (0x1E,),
}
_FIXED = {form: size for size, forms in _SIZES.items() for form in forms}
_OFFSETS = {0x0E, 0x17, 0x1D, 0x1F, 0x1F20, 0x1F21}
_LEBS = {0x0D, 0x0F, 0x15, 0x1A, 0x1B, 0x22, 0x23, 0x1F01, 0x1F02}
_BLOCKS = {0x0A: 1, 0x03: 2, 0x04: 4, 0x09: 0, 0x18: 0}
_LEB, _TEXT, _ANY = -1, -2, -3
"""Steps of a skip that are no number of bytes; a block of an n-byte length is -10 - n."""
_INDEXED = {0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4, 0x1A: 0, 0x1F02: 0}

_KEPT = 8
"""Units whose bytes are held at a time."""


@dataclass(slots=True)
class Abbreviation:
    """An abbreviation, with the way over its values taken apart once.

    :param skip: numbers of bytes and the negative steps.
    :param size: bytes of all values if none of them varies, else -1.
    :param sibling: (offset from the first value, bytes) of DW_AT_sibling if what precedes it is fixed.
    :param name: offset of DW_AT_name from the first value if what precedes it is fixed and it refers to .debug_str;
        else -1, and -2 if there is no name or nothing is defined.
    """

    tag: int
    children: bool
    attributes: tuple[tuple[int, int, int], ...]
    skip: tuple[int, ...] = ()
    size: int = -1
    sibling: tuple[int, int] | None = None
    name: int = -1


@dataclass(slots=True)
class Unit:
    """A unit; ``start`` and ``end`` are places in the sections laid end to end, ``base`` is that of its section."""

    start: int
    end: int
    first: int
    base: int
    section: int
    version: int
    wide: bool
    address: int
    abbreviations: int
    walked: bool = False
    needles: bool | None = None
    strings: int | None = None


@dataclass(slots=True)
class _Table:
    """The abbreviations of a unit by codes; ``plain``: each name can be searched for; ``inline``: some are in place."""

    codes: dict[int, Abbreviation] = field(default_factory=dict)
    plain: bool = True
    inline: bool = False


class Units:
    """The debugging information of an object.

    :raises ParseError: a unit's header is wrong.
    """

    def __init__(self, elf: Elf) -> None:
        self.name = elf.name
        self.big = elf.big_endian
        self._order: Literal["big", "little"] = "big" if elf.big_endian else "little"
        self._sections: list[tuple[str, Bytes, int]] = []
        self._units: list[Unit] = []
        self._signatures: dict[int, int] = {}
        self._tables: dict[tuple[int, int, bool, int], _Table] = {}
        self._abbreviations = [elf.whole(one) for one in elf.debug("abbrev")[:1]]
        self._budget = 4 * sum(map(len, self._abbreviations)) + 4096
        self._texts = b"".join(elf.whole(one) for one in elf.debug("str")[:1])
        self._lines = b"".join(elf.whole(one) for one in elf.debug("line_str")[:1])
        self._indices = b"".join(elf.whole(one) for one in elf.debug("str_offsets")[:1])
        base = 0
        for kind in ("info", "types"):
            for section in elf.debug(kind):
                content = elf.bytes_of(section)
                self._sections.append((section.name, content, base))
                self._list_units(content, base, kind == "types", section.name)
                base += content.size
        self._starts = [unit.start for unit in self._units]
        self._held: dict[int, bytes] = {}
        self.pointer_size = next((unit.address for unit in self._units), 8)

    # ------------------------------------------------------------ units

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, self._order)

    def _list_units(self, content: Bytes, base: int, types: bool, section: str) -> None:
        at = 0
        while at < content.size:
            head = content.read(at, 44)
            length, wide = self._number(head[:4]), head[:4] == b"\xff\xff\xff\xff"
            width = 8 if wide else 4
            if wide:
                length = self._number(head[4:12])
            start = 12 if wide else 4
            if len(head) < start + 3 + width or length < 3 + width or length > content.size - at - start:
                raise fault(f"a unit of {length} bytes does not fit", self.name, section, at)
            version = self._number(head[start : start + 2])
            if not 2 <= version <= 5:
                raise UnsupportedError(
                    f"{self.name}: {section} + {at:#x}", f"DWARF {version} is not known, only 2 to 5"
                )
            after = start + 2
            signed = types
            if version == 5:
                kind, address = head[after], head[after + 1]
                abbreviations = self._number(head[after + 2 : after + 2 + width])
                after += 2 + width
                signed = kind in (2, 6)
                if kind in (4, 5):
                    after += 8
            else:
                abbreviations = self._number(head[after : after + width])
                address = head[after + width]
                after += width + 1
            if signed:
                signature = self._number(head[after : after + 8])
                where = self._number(head[after + 8 : after + 8 + width])
                self._signatures.setdefault(signature, base + at + where)
                after += 8 + width
            if address not in (1, 2, 4, 8):
                raise fault(f"an address of {address} bytes", self.name, section, at)
            end = at + start + length
            self._units.append(
                Unit(
                    start=base + at,
                    end=base + end,
                    first=base + min(at + after, end),
                    base=base,
                    section=len(self._sections) - 1,
                    version=version,
                    wide=wide,
                    address=address,
                    abbreviations=abbreviations,
                )
            )
            at = end

    def _bytes(self, unit: Unit) -> bytes:
        """Return the bytes of a unit; the last few are kept."""
        if (found := self._held.get(unit.start)) is None:
            if len(self._held) >= _KEPT:
                del self._held[next(iter(self._held))]
            _name, content, base = self._sections[unit.section]
            found = self._held[unit.start] = content.read(unit.start - base, unit.end - unit.start)
        return found

    def _unit_of(self, place: int, asked: int) -> Unit:
        index = bisect_right(self._starts, place) - 1
        if index < 0 or not self._units[index].first <= place < self._units[index].end:
            raise self.wrong(f"a reference to {place:#x}, where no entry is", asked)
        return self._units[index]

    def wrong(self, message: str, place: int) -> Error:
        """Return the error for the entry at ``place``."""
        for section, content, base in self._sections:
            if base <= place < base + content.size:
                return fault(message, self.name, section, place - base)
        return fault(message, self.name, ".debug_info", place)

    # ------------------------------------------------------------ abbreviations

    def _table(self, unit: Unit) -> _Table:
        key = (unit.abbreviations, 8 if unit.wide else 4, unit.version == 2, unit.address)
        if (found := self._tables.get(key)) is None:
            found = self._tables[key] = self._read_table(unit)
        return found

    def _read_table(self, unit: Unit) -> _Table:
        data = self._abbreviations[0] if self._abbreviations else b""
        at, table = unit.abbreviations, _Table()
        width = 8 if unit.wide else 4
        try:
            while True:
                start = at
                code, at = uleb(data, at)
                if not code:
                    break
                tag, at = uleb(data, at)
                children, at = data[at], at + 1
                attributes = []
                while True:
                    # Most numbers are one byte; the calls for them would be half the time of a lookup.
                    attribute, form, value = data[at], data[at + 1], 0
                    if attribute < 0x80 and form < 0x80:
                        at += 2
                    else:
                        attribute, at = uleb(data, at)
                        form, at = uleb(data, at)
                    if form == _IMPLICIT:
                        value, at = _sleb(data, at)
                    if not attribute and not form:
                        break
                    attributes.append((attribute, form, value))
                self._budget -= at - start
                if self._budget < 0:
                    raise fault("the tables of the units overlap", self.name, ".debug_abbrev", start)
                one = Abbreviation(tag=tag, children=children != 0, attributes=tuple(attributes))
                self._plan(one, unit, width, start)
                table.codes[code] = one
                if tag in NAMED:
                    forms = [form for attribute, form, _value in attributes if attribute == _NAME]
                    table.plain = table.plain and all(form in (_STRP, _STRING) for form in forms)
                    table.inline = table.inline or _STRING in forms
        except IndexError:
            raise fault("a table of abbreviations has no end", self.name, ".debug_abbrev", unit.abbreviations) from None
        return table

    def _plan(self, one: Abbreviation, unit: Unit, width: int, start: int) -> None:
        steps: list[int] = []
        fixed = 0
        for attribute, form, _value in one.attributes:
            if attribute == SIBLING and not steps and form in (0x11, 0x12, 0x13, 0x14):
                one.sibling = (fixed, _FIXED[form])
            if attribute == _NAME and not steps and form == _STRP:
                one.name = fixed
            if form == 0x01:
                fixed += unit.address
            elif form == 0x10:
                fixed += unit.address if unit.version == 2 else width
            elif form in _OFFSETS:
                fixed += width
            elif form in _FIXED:
                fixed += _FIXED[form]
            else:
                if form in _LEBS:
                    step = _LEB
                elif form in _BLOCKS:
                    step = -10 - _BLOCKS[form]
                elif form == _STRING:
                    step = _TEXT
                elif form == _INDIRECT:
                    step = _ANY
                else:
                    raise fault(f"form {form:#x} is not known", self.name, ".debug_abbrev", start)
                steps += [fixed, step] if fixed else [step]
                fixed = 0
        if not any(attribute == _NAME for attribute, _form, _value in one.attributes):
            one.name = -2
        for attribute, form, _value in one.attributes:
            if attribute == _DECLARATION:
                one.name = -2 if form == _PRESENT else -1
        if not steps:
            one.size = fixed
        one.skip = (*steps, fixed) if fixed else tuple(steps)

    def _skip(self, data: bytes, at: int, one: Abbreviation, unit: Unit) -> int:
        """Return where the values of an entry end."""
        for step in one.skip:
            if step >= 0:
                at += step
            elif step == _LEB:
                while data[at] & 0x80:
                    at += 1
                at += 1
            elif step == _TEXT:
                at = data.index(b"\0", at) + 1
            elif step == _ANY:
                form, at = uleb(data, at)
                _value, at = self._value(data, at, form, 0, unit)
            elif step == -10:
                length, at = uleb(data, at)
                at += length
            else:
                width = -10 - step
                at += width + self._number(data[at : at + width])
        return at

    # ------------------------------------------------------------ values

    def _value(self, data: bytes, at: int, form: int, constant: int, unit: Unit) -> tuple[Value, int]:
        """Return a value and where the next one starts: references as places, texts as text, blocks as bytes."""
        width = 8 if unit.wide else 4
        if form == _INDIRECT:
            form, at = uleb(data, at)
            if form in (_INDIRECT, _IMPLICIT):
                raise ValueError
        if form == _IMPLICIT:
            return constant, at
        if form == 0x19:
            return 1, at
        if form == _STRP:
            return _text(self._texts, self._number(data[at : at + width])), at + width
        if form == 0x1F:
            return _text(self._lines, self._number(data[at : at + width])), at + width
        if form == _STRING:
            end = data.index(b"\0", at)
            return data[at:end].decode(errors="replace"), end + 1
        if form in (0x11, 0x12, 0x13, 0x14):
            size = _FIXED[form]
            return unit.start + self._number(data[at : at + size]), at + size
        if form == 0x15:
            value, at = uleb(data, at)
            return unit.start + value, at
        if form == 0x10:
            size = unit.address if unit.version == 2 else width
            return unit.base + self._number(data[at : at + size]), at + size
        if form == 0x20:
            return self._signatures.get(self._number(data[at : at + 8]), -1), at + 8
        if form == 0x0D:
            return _sleb(data, at)
        if form in _INDEXED:
            size = _INDEXED[form]
            if size:
                index, at = self._number(data[at : at + size]), at + size
            else:
                index, at = uleb(data, at)
            return self._indexed(index, unit), at
        if form in _LEBS:
            return uleb(data, at)
        if form in _BLOCKS:
            size = _BLOCKS[form]
            length, at = (self._number(data[at : at + size]), at + size) if size else uleb(data, at)
            return data[at : at + length], at + length
        size = unit.address if form == 0x01 else width if form in _OFFSETS else _FIXED.get(form, -1)
        if size < 0:
            raise ValueError
        return self._number(data[at : at + size]), at + size

    def _indexed(self, index: int, unit: Unit) -> str:
        """Return the text that an index into the offsets of texts means."""
        if unit.strings is None:
            unit.strings = self._strings_base(unit)
        width = 8 if unit.wide else 4
        at = unit.strings + index * width
        if at + width > len(self._indices):
            return ""
        return _text(self._texts, self._number(self._indices[at : at + width]))

    def _strings_base(self, unit: Unit) -> int:
        width = 8 if unit.wide else 4
        data = self._bytes(unit)
        # What the outermost entry says; it may itself name things by index, which is not asked for here.
        code, at = uleb(data, unit.first - unit.start)
        one = self._table(unit).codes.get(code)
        for attribute, form, constant in one.attributes if one else ():
            if attribute == _STR_BASE:
                value, at = self._value(data, at, form, constant, unit)
                return value if isinstance(value, int) else 0
            at = self._skip(data, at, self._single(form, unit), unit)
        return 2 * width if unit.version == 5 else 0

    def _single(self, form: int, unit: Unit) -> Abbreviation:
        one = Abbreviation(tag=0, children=False, attributes=((0, form, 0),))
        self._plan(one, unit, 8 if unit.wide else 4, 0)
        return one

    def _entry(self, data: bytes, at: int, unit: Unit) -> tuple[Abbreviation | None, dict[int, Value], int]:
        """Return the entry at ``at`` and where the next one starts; None for the end of children."""
        place = unit.start + at
        code, at = uleb(data, at)
        if not code:
            return None, {}, at
        one = self._table(unit).codes.get(code)
        if one is None:
            raise self.wrong(f"abbreviation {code} is not in its table", place)
        values: dict[int, Value] = {}
        for attribute, form, constant in one.attributes:
            values[attribute], at = self._value(data, at, form, constant, unit)
        if at > len(data):
            raise self.wrong("an entry ends behind its unit", place)
        return one, values, at

    def _children(
        self, one: Abbreviation, at: int, unit: Unit, data: bytes
    ) -> Iterator[tuple[Abbreviation, dict[int, Value], int]]:
        """Yield the children of an entry whose values end at ``at``, with their places."""
        if not one.children:
            return
        depth = 1
        while True:
            place = at
            child, values, at = self._entry(data, at, unit)
            if child is None:
                depth -= 1
                if not depth:
                    return
                continue
            if depth == 1:
                yield child, values, unit.start + place
            if child.children:
                sibling = values.get(SIBLING)
                if isinstance(sibling, int):
                    if not at < sibling - unit.start <= len(data):
                        raise self.wrong("its sibling is not behind it", unit.start + place)
                    at = sibling - unit.start
                else:
                    depth += 1


def _text(strings: bytes, offset: int) -> str:
    end = strings.find(b"\0", offset)
    return strings[offset:end].decode(errors="replace") if offset <= end else ""


def uleb(data: bytes, at: int) -> tuple[int, int]:
    """Return the number of 7 bits a byte at ``at``, and where it ends.

    :raises IndexError: it ends behind the bytes, or has more bits than any.
    """
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 70:
            raise IndexError


def _sleb(data: bytes, at: int) -> tuple[int, int]:
    start = at
    value, at = uleb(data, at)
    return value - (1 << 7 * (at - start)) if data[at - 1] & 0x40 else value, at
