"""Translate sets of signals: member by member, never word by word."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.bits import from_bits, split_words
from heliograph.signals.model import How, MaskSpelling, Reason, SignalSet, Signo, Translation
from heliograph.signals.translate.numbers import Translator

__all__ = ["TranslatedSet", "translate_set"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedSet:
    """A set and what becomes of it.

    :param members: the translation of each member in order.
    :param value: the set on the target system as one number, bit n-1 for signal n.
    :param words: the same as words of the target, low word first.
    """

    label: str
    members: tuple[Translation, ...]
    value: int
    words: tuple[int, ...]

    @property
    def lost(self) -> tuple[Translation, ...]:
        """Return the members that have no counterpart."""
        return tuple(member for member in self.members if member.target is None)


def translate_set(given: SignalSet, translator: Translator, spelling: MaskSpelling) -> TranslatedSet:
    """Translate every member; none is dropped without a word.

    :param spelling: how the target keeps the set. A member whose bit does not fit is lost (old Linux sets end at 32).
    """
    members = tuple(_member(number, translator, spelling) for number in given.members)
    value = from_bits(member.target - 1 for member in members if member.target is not None)
    return TranslatedSet(
        label=given.label,
        members=members,
        value=value,
        words=split_words(value, spelling.word_bits, spelling.words),
    )


def _member(number: Signo, translator: Translator, spelling: MaskSpelling) -> Translation:
    source = translator.source
    if number not in source.signals and not (source.realtime and number in source.realtime):
        return Translation(source=number, target=None, how=How.LOST, reason=Reason.NO_SIGNAL)
    found = translator.number(number)
    if found.target is not None and found.target > spelling.bits:
        return Translation(
            source=number,
            target=None,
            how=How.LOST,
            reason=Reason.NO_BIT,
            name=found.name,
            index=found.index,
            other=str(found.target),
        )
    return found
