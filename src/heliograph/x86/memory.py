"""What a program can reach: the port through which the CPU reads and writes, and sparse pages behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, auto
from typing import Protocol

from heliograph.errors import RangeError

__all__ = ["PAGE", "Access", "Memory", "Missing", "Page", "Pages"]

PAGE = 4096
"""Bytes of a page."""


class Access(Flag):
    """What is done with memory, and what a page permits."""

    READ = auto()
    WRITE = auto()
    FETCH = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The answer of memory that cannot be reached.

    :param address: the first byte that cannot.
    :param present: there is a page, and it does not permit the access.
    """

    address: int
    present: bool


class Memory(Protocol):
    """A linear address space. It is a value: to write gives another one."""

    def read(self, address: int, size: int, access: Access = Access.READ) -> bytes | Missing:
        """Return ``size`` bytes from ``address`` on, for reading or to be executed."""

    def write(self, address: int, data: bytes) -> Memory | Missing:
        """Return the memory after a write; all of ``data`` is written or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its 4096 bytes and what it permits."""

    data: bytes
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Sparse memory: pages by their number (address / 4096). Pages that are not written are shared with the past."""

    pages: Mapping[int, Page] = field(default_factory=dict)

    def map(
        self, address: int, data: bytes, access: Access = Access.READ | Access.WRITE | Access.FETCH, *, size: int = 0
    ) -> Pages:
        """Return the memory with ``data`` put at ``address``, in pages that are new or get this access.

        :param address: bytes, any; the rest of a new page is zero.
        :param size: bytes that shall be there, if more than ``data``.
        :raises RangeError: it would begin below 0.
        """
        if address < 0:
            raise RangeError(f"an address is not negative, as {address} is")
        pages = dict(self.pages)
        end = address + max(size, len(data))
        for number in range(address // PAGE, (end + PAGE - 1) // PAGE):
            start = number * PAGE
            content = bytearray(pages[number].data if number in pages else bytes(PAGE))
            low, high = max(address, start), min(address + len(data), start + PAGE)
            if low < high:
                content[low - start : high - start] = data[low - address : high - address]
            pages[number] = Page(data=bytes(content), access=access)
        return Pages(pages=pages)

    def read(self, address: int, size: int, access: Access = Access.READ) -> bytes | Missing:
        """Return ``size`` bytes from ``address`` on, or where they are not to be had."""
        number, start = divmod(address, PAGE)
        page = self.pages.get(number)
        if page is not None and access in page.access and start + size <= PAGE:
            return page.data[start : start + size]
        missing = self._missing(address, size, access)
        if missing is not None:
            return missing
        pieces = (self.pages[n].data for n in range(number, (address + size - 1) // PAGE + 1))
        return b"".join(pieces)[start : start + size]

    def write(self, address: int, data: bytes) -> Pages | Missing:
        """Return the memory after a write, or where it is not permitted."""
        missing = self._missing(address, len(data), Access.WRITE)
        if missing is not None:
            return missing
        pages = dict(self.pages)
        done = 0
        while done < len(data):
            number, start = divmod(address + done, PAGE)
            piece = data[done : done + PAGE - start]
            old = pages[number]
            new = old.data[:start] + piece + old.data[start + len(piece) :]
            pages[number] = Page(data=new, access=old.access)
            done += len(piece)
        return Pages(pages=pages)

    def _missing(self, address: int, size: int, access: Access) -> Missing | None:
        for number in range(address // PAGE, (address + max(size, 1) - 1) // PAGE + 1):
            page = self.pages.get(number)
            if page is None or access not in page.access:
                return Missing(address=max(address, number * PAGE), present=page is not None)
        return None
