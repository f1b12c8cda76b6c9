"""What moved, as a table that says by its exit code whether anything did."""

from __future__ import annotations

from collections.abc import Iterable

from heliograph.genassym.translate.diff import Change
from heliograph.genassym.translate.layout import Row
from heliograph.view import Column, Prose, Table
from heliograph.view import Row as Cells

__all__ = ["diff_table", "explain_diff"]


def diff_table(found: Iterable[Change], old: str, new: str) -> Table:
    """Return the changes, a member a row, and a row without a member for a structure's own size."""
    rows = [_cells(change) for change in found]
    columns = (
        Column(id="struct", title="structure"),
        Column(id="member", title="member"),
        Column(id="change", title="change"),
        Column(id="old_offset", title="old offset", unit="byte"),
        Column(id="new_offset", title="new offset", unit="byte"),
        Column(id="old_size", title="old size", unit="byte"),
        Column(id="new_size", title="new size", unit="byte"),
        Column(id="old_type", title="old type", detail=True),
        Column(id="new_type", title="new type", detail=True),
        Column(id="old_bit_offset", title="old bit offset", unit="bit", detail=True),
        Column(id="new_bit_offset", title="new bit offset", unit="bit", detail=True),
        Column(id="old_bit_size", title="old bit size", unit="bit", detail=True),
        Column(id="new_bit_size", title="new bit size", unit="bit", detail=True),
    )
    return Table(
        id="diff",
        caption=f"From {old} to {new}" if rows else "",
        columns=columns,
        rows=rows,
        empty="every structure lies as it lay",
        differs=bool(rows),
    )


def _cells(change: Change) -> Cells:
    cells: dict[str, str | int | None] = {"struct": change.struct, "member": change.member, "change": change.kind}
    for side, row in (("old", change.old), ("new", change.new)):
        member, whole = (row, None) if isinstance(row, Row) else (None, row)
        cells[f"{side}_offset"] = None if member is None else member.offset
        cells[f"{side}_size"] = whole if member is None else member.size
        cells[f"{side}_type"] = None if member is None else member.type
        field = member if member is not None and member.field else None
        cells[f"{side}_bit_offset"] = None if field is None else field.bit_offset
        cells[f"{side}_bit_size"] = None if field is None else field.bits
    return cells


def explain_diff() -> Prose:
    """Return what counts as a change."""
    return Prose(
        text="A member has moved if its offset differs, whatever its type; one that has another name is one that was"
        " removed and one that was added. Assembly that was not built again with the new assym.h reads what lies at the"
        " old offset now.",
        aside=True,
    )
