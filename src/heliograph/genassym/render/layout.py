"""A layout as a Layout; offsets and sizes as mdb prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from heliograph.genassym.model import Place
from heliograph.genassym.translate.layout import Layout, Part
from heliograph.view import Column, Field, Listing, Prose, Table, View
from heliograph.view import Layout as LayoutView

__all__ = ["explain_layout", "layout_view", "offsetof_views", "sizeof_views", "types_source"]


def layout_view(layout: Layout, cacheline: int) -> LayoutView:
    """Return the layout; bit-fields and holes that are no whole bytes say their bits.

    :param cacheline: bytes of a cache line, or 0 to mark none.
    """
    return LayoutView(
        id="layout", unit="byte", caption=_caption(layout, cacheline), fields=tuple(_fields(layout, cacheline))
    )


def _caption(layout: Layout, cacheline: int) -> str:
    parts = [f"{layout.name}: {_count(layout.size, 'byte')}"]
    if cacheline:
        parts.append(f"{_count(-(-layout.size // cacheline), 'cache line')} of {cacheline}")
    if holes := layout.count(Part.HOLE):
        parts.append(f"{_count(holes, 'hole')} of {_amount(layout.bits(Part.HOLE))} in all")
    if layout.count(Part.PADDING):
        parts.append(f"{_amount(layout.bits(Part.PADDING))} of padding")
    return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _amount(bits: int) -> str:
    whole, rest = divmod(bits, 8)
    parts = [_count(whole, "byte")] if whole or not rest else []
    return " and ".join([*parts, *([_count(rest, "bit")] if rest else [])])


def _fields(layout: Layout, cacheline: int) -> Iterator[Field]:
    line = 0
    for row in layout.rows:
        notes = [] if row.whole else [f"bit_offset {row.bit_offset}, bit_size {row.bits}"]
        if cacheline and row.part is not Part.HOLE and row.part is not Part.PADDING:
            first, last = row.offset // cacheline, max(row.offset, row.offset + row.size - 1) // cacheline
            if first > line or last > first:
                notes.append(f"cache line{f' {first}' if first == last else f's {first} to {last}'}")
            line = max(line, first)
        name = f"({row.path})" if row.part in (Part.HOLE, Part.PADDING) else row.path
        yield Field(name=name, offset=row.offset, size=row.size, value=row.type, note="; ".join(notes))


def offsetof_views(type_name: str, path: str, place: Place) -> tuple[View, ...]:
    """Return where a member lies, in mdb's words, and as a table for programs."""
    bits = f", bit offset = {place.bit_offset:#x}, width = {place.bit_size}" if place.bit_size is not None else ""
    size = "" if place.bit_size is not None else f", sizeof (...->{path}) = {place.size:#x}"
    text = f"offsetof ({type_name}, {path}) = {place.offset:#x}{bits}{size}"
    table = Table(
        id="offsetof",
        columns=_columns("type", "member", "offset", "size", "element", "bit_offset", "bit_size"),
        rows=[
            {
                "type": type_name,
                "member": path,
                "offset": place.offset,
                "size": place.size,
                "element": place.element,
                "bit_offset": place.bit_offset,
                "bit_size": place.bit_size,
            }
        ],
    )
    return Listing(id="offsetof_text", language="text", text=text, artefact=True), table


def sizeof_views(type_name: str, size: int) -> tuple[View, ...]:
    """Return the size of a type, in mdb's words, and as a table for programs."""
    table = Table(id="sizeof", columns=_columns("type", "size"), rows=[{"type": type_name, "size": size}])
    text = f"sizeof ({type_name}) = {size:#x}"
    return Listing(id="sizeof_text", language="text", text=text, artefact=True), table


def _columns(*names: str) -> tuple[Column, ...]:
    units = {"offset": "byte", "size": "byte", "element": "byte", "bit_offset": "bit", "bit_size": "bit"}
    return tuple(Column(id=name, title=name.replace("_", " "), unit=units.get(name, "")) for name in names)


def explain_layout(holder: str, big_endian: bool) -> Prose:
    """Return how the numbers are to be read."""
    order = (
        "from the most significant bit, as a big endian machine"
        if big_endian
        else "from the least significant bit, as a little endian machine"
    )
    return Prose(
        text=f"The offsets are what the compiler wrote into the object's {holder}, and no rule of ours. Bits are"
        f" counted from the start of the structure, {order} fills them. A hole is bytes or bits that no member"
        " has; members of an anonymous structure or union stand among the others, as C names them.",
        aside=True,
    )


def types_source(files: Iterable[tuple[str, str]]) -> Table:
    """Return which files the types come from; shown when it is asked for."""
    names = ("fact", "project", "revision", "path", "note")
    return Table(
        id="sources",
        caption="Where the facts come from",
        columns=tuple(Column(id=name, title=name) for name in names),
        rows=[
            {"fact": "layouts of types", "project": "", "revision": "", "path": file, "note": holder}
            for file, holder in files
        ],
        aside=True,
    )
