"""Segments: selectors, descriptors, and what may be loaded.

A selector is index << 3 | table << 2 | rpl. A descriptor says where the segment lies and who may use it; the CPU keeps
a copy of it in the register, so that changing the table later changes nothing until the next load.

Source: Intel SDM vol. 3, 3.4.2 to 3.4.5 and 5.5 to 5.7; vol. 2, MOV and POP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from heliograph.x86.registers import Mode, SegmentRegister

__all__ = ["NULL", "Descriptor", "Refused", "Segment", "Table", "is_null", "load", "rpl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A code or data segment.

    :param base: linear address of its first byte.
    :param limit: the last offset, in bytes; the whole of 32 bits unless it is said.
    :param dpl: privilege, 0 (most) to 3.
    :param code: it is code, else data; expand-down data and conforming code are not modelled.
    :param open: code that may be read, data that may be written.
    """

    base: int = 0
    limit: int = 0xFFFFFFFF
    dpl: int = 3
    present: bool = True
    code: bool = False
    open: bool = True


Table = Mapping[int, Descriptor]
"""Descriptors by selector with the rpl cleared: 0x28 for 0x2b."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment register: the visible selector, and the copy of its descriptor.

    :param usable: a null selector is loaded in protected mode: any access faults.
    """

    selector: int
    base: int = 0
    limit: int = 0xFFFFFFFF
    readable: bool = True
    writable: bool = True
    usable: bool = True


NULL = Segment(selector=0, limit=0, usable=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why a selector cannot be loaded: ``vector`` is GP, NP or SS; the error code is the selector without its rpl."""

    vector: str
    error_code: int


def is_null(selector: int) -> bool:
    """Tell whether a selector is null, whatever its rpl: 0 to 3."""
    return selector & 0xFFFC == 0


def rpl(selector: int) -> int:
    """Return the requested privilege level of a selector; that of cs is the current one (cpl)."""
    return selector & 3


def load(which: SegmentRegister, selector: int, *, table: Table, cpl: int, mode: Mode) -> Segment | Refused:
    """Return what a segment register holds after a load with mov or pop.

    A null selector is accepted in ds, es, fs and gs: in protected mode it is the *use* that raises #GP(0). In 64-bit
    mode it gives base 0, as on Intel; AMD keeps the old base. In ss, 64-bit mode accepts it above ring 3 only.

    :param selector: 0 <= selector < 2**16.
    :param cpl: 0..3.
    """
    code = selector & 0xFFFC
    if is_null(selector):
        if which is not SegmentRegister.SS:
            return Segment(selector=selector, limit=0, usable=mode is Mode.AMD64)
        if mode is Mode.AMD64 and cpl < 3 and rpl(selector) == cpl:
            return Segment(selector=selector)
        return Refused(vector="GP", error_code=0)
    found = table.get(code)
    if found is None:
        return Refused(vector="GP", error_code=code)
    if which is SegmentRegister.SS:
        if rpl(selector) != cpl or found.dpl != cpl or found.code or not found.open:
            return Refused(vector="GP", error_code=code)
        if not found.present:
            return Refused(vector="SS", error_code=code)
    else:
        if (found.code and not found.open) or rpl(selector) > found.dpl or cpl > found.dpl:
            return Refused(vector="GP", error_code=code)
        if not found.present:
            return Refused(vector="NP", error_code=code)
    return loaded(selector, found)


def loaded(selector: int, found: Descriptor) -> Segment:
    """Return a segment register that holds a descriptor, unchecked."""
    return Segment(
        selector=selector,
        base=found.base,
        limit=found.limit,
        readable=not found.code or found.open,
        writable=not found.code and found.open,
    )
