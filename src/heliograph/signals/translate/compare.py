"""Compare two systems: what differs in number or default action, and what only one has."""

from __future__ import annotations

from dataclasses import dataclass

from heliograph.signals.model import Action, Signo, Translation
from heliograph.signals.translate.numbers import Translator

__all__ = ["Compared", "action_differs", "compare", "only_in_target"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A signal of the source with the default actions on both sides; None where there is none or it is unknown."""

    translation: Translation
    action_from: Action | None
    action_to: Action | None

    @property
    def differs(self) -> bool:
        """Return whether the number or the default action differs; a lost signal does."""
        return self.translation.source != self.translation.target or action_differs(self) is True


def action_differs(row: Compared) -> bool | None:
    """Return whether the default actions differ, or None if one of them is unknown or the signal is lost."""
    if row.action_from is None or row.action_to is None:
        return None
    return row.action_from is not row.action_to


def compare(translator: Translator, found: Translation) -> Compared:
    """Return a translation with the default actions on both sides."""
    return Compared(
        translation=found,
        action_from=translator.source.action(found.source),
        action_to=None if found.target is None else translator.target.action(found.target),
    )


def only_in_target(translator: Translator) -> list[Signo]:
    """Return the signal numbers of the target to which none of the source's goes."""
    reached = {found.target for found in translator.all()}
    return [number for number in translator.target.numbers if number not in reached]
