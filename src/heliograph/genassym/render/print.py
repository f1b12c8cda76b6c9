"""Values of a structure beside their offsets."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.genassym.translate.print import Printed
from heliograph.view import Column, Prose, Row, Table

__all__ = ["explain_print", "print_table"]


def print_table(name: str, rows: Iterable[Printed], base: int) -> Table:
    """Return the values, a member a row; what holds others has none.

    :param base: where the structure starts, added to no offset but said in the caption.
    """
    columns = (
        Column(id="offset", title="offset", unit="byte"),
        Column(id="member", title="member"),
        Column(id="value", title="value"),
        Column(id="type", title="type"),
        Column(id="size", title="size", unit="byte", detail=True),
        Column(id="bit_offset", title="bit offset", unit="bit", detail=True),
        Column(id="bit_size", title="bit size", unit="bit", detail=True),
        Column(id="number", title="number", detail=True),
        Column(id="number_hex", title="number", detail=True),
    )
    return Table(
        id="print",
        caption=f"{name} at {base:#x}",
        columns=columns,
        rows=[_cells(row) for row in rows],
        empty="no member",
    )


def _cells(row: Printed) -> Row:
    field = row.bit_size is not None
    return {
        "offset": row.bit_offset // 8,
        "member": row.path,
        "value": row.value,
        "type": f"{row.type} : {row.bit_size}" if field else row.type,
        "size": row.size,
        "bit_offset": row.bit_offset if field else None,
        "bit_size": row.bit_size,
        "number": row.number,
        "number_hex": None if row.number is None else f"{row.number:#x}",
    }


def explain_print(holder: str, big_endian: bool) -> Prose:
    """Return how the bytes were read."""
    return Prose(
        text=f"The offsets and the types are those of the object's {holder}, which also make assym.h, so that the two"
        f" cannot disagree; the bytes are read {'big' if big_endian else 'little'} endian. Signed integers are"
        " decimal, unsigned ones and pointers hexadecimal; an array of char is a string if what precedes its first zero"
        " can be printed.",
        aside=True,
    )
