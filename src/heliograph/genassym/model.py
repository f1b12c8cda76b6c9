"""The nouns of the wing: the lines of an offsets.in, the definitions of an assym.h, and C types with their layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

__all__ = [
    "Array",
    "Base",
    "Binary",
    "Block",
    "Call",
    "Define",
    "Encoding",
    "Entry",
    "Enum",
    "Expression",
    "Forward",
    "Function",
    "Kind",
    "Member",
    "MemberLine",
    "Missing",
    "Name",
    "Number",
    "Place",
    "Pointer",
    "Problem",
    "Qualified",
    "Question",
    "SourceLine",
    "Struct",
    "Ternary",
    "Type",
    "TypeId",
    "TypeSource",
    "Typedef",
    "Types",
    "Unary",
    "Verbatim",
    "Word",
]

# ---------------------------------------------------------------- offsets.in


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of a line; ``line`` and ``column`` count from 1."""

    text: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLine:
    """A member that is asked for.

    :param path: as written, such as ``t_pcb``, ``lwp_pcb.pcb_fpu`` or ``val[2].low``.
    :param steps: the path taken apart: names, and indices of arrays.
    :param name: the name of its definition if one is written.
    """

    path: Word
    steps: tuple[str | int, ...]
    name: Word | None = None

    @property
    def define(self) -> str:
        """Return the name of the definition: the one that is written, else the last name in upper case."""
        if self.name is not None:
            return self.name.text
        last = next(step for step in reversed(self.steps) if isinstance(step, str))
        return "".join(char.upper() if char.isascii() else char for char in last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The line that names a type, with the names for its size and for the shift if they are written."""

    type: Word
    size: Word | None = None
    shift: Word | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    r"""A line ``\#...``.

    :param text: what goes into the output, without the backslash.
    :param name: what it defines, empty if it is no ``#define``.
    :param parameters: of a function-like macro, else None.
    :param body: what the macro stands for; None for what is no integer expression.
    """

    text: str
    line: int
    name: str = ""
    parameters: tuple[str, ...] | None = None
    body: Expression | None = None


Entry = Block | MemberLine | Verbatim
"""What remains of an offsets.in once its conditionals are decided; a member belongs to the last block before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A line that the compiler gets: ``#include`` and the other directives."""

    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong, or worth a remark, at a place of an offsets.in.

    :param code: a short name of the kind, such as ``unknown-type``.
    :param text: the line, for a caret.
    """

    code: str
    message: str
    line: int
    column: int
    end_column: int
    text: str = ""
    fix: str = ""


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """An integer, with the spelling that it has in the text."""

    value: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A macro."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function-like macro with its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """``-x``, ``+x``, ``~x``, ``!x``."""

    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """``a + b`` and its like."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Ternary:
    """``a ? b : c``."""

    condition: Expression
    then: Expression
    otherwise: Expression


Expression = Number | Name | Call | Unary | Binary | Ternary

# ---------------------------------------------------------------- assym.h


class Kind(StrEnum):
    """What a definition says."""

    SIZE = "size"
    SHIFT = "shift"
    OFFSET = "offset"
    INCREMENT = "increment"
    VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """A line of the output.

    :param name: the macro; empty for a line that defines none, such as ``#endif``.
    :param value: its value; None for a function-like macro and for text that is no integer.
    :param text: the whole line, without its end.
    :param line: the line of the offsets.in that it comes from.
    :param type: the C type that it is about; empty if it is about none.
    :param path: the member that it is about; empty for a size or a shift.
    :param body: what a verbatim macro stands for, if that is an integer expression.
    :param parameters: of a function-like macro, else None.
    :param bits: of a bit-field its bit offset and its width, else None.
    """

    name: str
    value: int | None
    text: str
    line: int
    kind: Kind
    type: str = ""
    path: str = ""
    body: Expression | None = None
    parameters: tuple[str, ...] | None = None
    bits: tuple[int, int] | None = None


# ---------------------------------------------------------------- C types

TypeId = NewType("TypeId", int)
"""The index of a type in a :class:`Types`."""


class Encoding(StrEnum):
    """How the bits of a base type are read."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    CHAR = "char"
    BOOL = "bool"
    FLOAT = "float"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """``int``, ``unsigned char``, ``double``, ``void`` (of size 0); size in bytes."""

    name: str
    size: int
    encoding: Encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A pointer to ``target``; its size is that of the table."""

    target: TypeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """``count`` elements; None for ``[]``. An array of arrays has its outermost dimension first."""

    element: TypeId
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a structure.

    :param name: empty for an anonymous structure or union.
    :param bit_offset: bits from the start of the structure; of a bit-field to its first bit in the target's order:
        the least significant one on a little endian machine, the most significant one on a big endian one.
    :param bit_size: bits of a bit-field, None for any other member.
    """

    name: str
    type: TypeId
    bit_offset: int
    bit_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Struct:
    """A structure or union; ``name`` is the tag, empty if it has none, ``size`` is in bytes."""

    name: str
    size: int
    members: tuple[Member, ...]
    union: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """An enumeration; ``size`` is in bytes, ``values`` are names and numbers."""

    name: str
    size: int
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typedef:
    """Another name of ``target``."""

    name: str
    target: TypeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Qualified:
    """``const``, ``volatile``, ``restrict`` or ``_Atomic``."""

    word: str
    target: TypeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function; it has no size."""

    result: TypeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A tag that is declared and not defined; ``keyword`` is struct, union or enum."""

    keyword: str
    name: str


Type = Base | Pointer | Array | Struct | Enum | Typedef | Qualified | Function | Forward


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """The types of a program.

    :param entries: the types by their :data:`TypeId`; may decode them as they are asked for.
    :param names: typedefs and base types by their names, tags as ``struct N``, ``union N``, ``enum N``. A definition
        is kept in favour of a declaration.
    :param pointer_size: in bytes.
    """

    entries: Sequence[Type]
    names: Mapping[str, TypeId]
    pointer_size: int
    big_endian: bool

    def find(self, name: str) -> TypeId | None:
        """Return a type as offsets.in names it: a typedef or base type first, then a tag; the first hit wins."""
        for spelled in (name, f"struct {name}", f"union {name}", f"enum {name}"):
            if (found := self.names.get(spelled)) is not None:
                return found
        return None

    def peeled(self, ident: TypeId) -> TypeId:
        """Return the type behind typedefs and qualifiers; of a circle of them, where it closes."""
        seen: set[TypeId] = set()
        while isinstance(entry := self.entries[ident], Typedef | Qualified) and ident not in seen:
            seen.add(ident)
            ident = entry.target
        return ident

    def size(self, ident: TypeId) -> int | None:
        """Return the bytes of a type; None for what has no size: a declaration, a function, ``[]``, ``void``."""
        scale = 1
        for _ in range(64):  # Deeper nesting of arrays is no type of a program.
            entry = self.entries[self.peeled(ident)]
            if isinstance(entry, Array):
                if entry.count is None:
                    return None
                scale *= entry.count
                ident = entry.element
            elif isinstance(entry, Pointer):
                return scale * self.pointer_size
            elif isinstance(entry, Base):
                return None if entry.encoding is Encoding.VOID else scale * entry.size
            elif isinstance(entry, Struct | Enum):
                return scale * entry.size
            else:
                return None
        return None


# ---------------------------------------------------------------- questions to a source of types


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The size of ``type`` (a name as offsets.in has it), or with ``steps`` where a member of it lies."""

    type: str
    steps: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a member lies, or how large a type is.

    :param offset: bytes from the start of the type; of a bit-field its first bit divided by 8; 0 for a whole type.
    :param size: bytes; 0 for what has no size, for a bit-field, and where the source does not say.
    :param element: bytes of an element if it is an array, else None; of several dimensions, of the outermost.
    :param bit_offset: of a bit-field, as :class:`Member` has it; else None.
    :param bit_size: of a bit-field; else None.
    """

    offset: int
    size: int
    element: int | None = None
    bit_offset: int | None = None
    bit_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why a question has no answer.

    :param why: one clause, such as ``no type is called kthred_t``.
    :param known: the names that could have been meant.
    :param step: the index of the step that failed; -1 for the type itself.
    """

    why: str
    known: tuple[str, ...] = ()
    step: int = -1


class TypeSource(Protocol):
    """Whatever knows layouts: a compiler that is probed, DWARF, BTF, CTF, a C front end."""

    name: str
    """What it is called in messages, such as ``gcc -m64`` or ``DWARF of unix``."""

    def answer(self, questions: Sequence[Question]) -> Sequence[Place | Missing]:
        """Return an answer for each question, in order."""
        ...
