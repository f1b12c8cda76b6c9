"""Bits and words: sets of bit numbers, words of a given width, alignment.

Bit numbers count from 0 at the least significant end. Nothing here knows what a bit stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

__all__ = ["bits_of", "from_bits", "join_words", "split_words"]


def bits_of(value: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set in ``value`` (not negative), lowest first."""
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def from_bits(numbers: Iterable[int]) -> int:
    """Return the value in which just the bits ``numbers`` (each 0 or more) are set."""
    value = 0
    for number in numbers:
        value |= 1 << number
    return value


def join_words(words: Sequence[int], width: int) -> int:
    """Return the number whose words of ``width`` bits are ``words``, low word first."""
    return sum(word << (index * width) for index, word in enumerate(words))


def split_words(value: int, width: int, count: int) -> tuple[int, ...]:
    """Return ``value`` as ``count`` words of ``width`` bits, low word first; higher bits are left out."""
    mask = (1 << width) - 1
    return tuple((value >> (index * width)) & mask for index in range(count))
