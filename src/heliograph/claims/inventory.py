"""The inventory of the posts: what can be checked, what is opinion, what only the author can know."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heliograph.claims.model import Claim
from heliograph.claims.register import builtin

__all__ = ["Coverage", "Item", "coverage", "inventory"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row of the inventory.

    :param kind: ``claim``, ``opinion`` or ``testimony``.
    :param differs: a check and the author's account part.
    """

    id: str
    post: str
    kind: str
    differs: bool
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A row of the inventory with what has become of it: its claim, or the word that says why there is none."""

    item: Item
    state: str


def inventory() -> list[Item]:
    """Return the rows in the order of the posts."""
    lines = (line for line in builtin("inventory.tsv").splitlines() if not line.startswith("#"))
    return [
        Item(id=row["id"], post=row["post"], kind=row["kind"], differs=row["differs"] == "yes", topic=row["topic"])
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    ]


def coverage(claims: Iterable[Claim], items: Sequence[Item] | None = None) -> list[Coverage]:
    """Return each row with its state: ``claimed``, ``opinion``, ``testimony`` or ``to come``."""
    claimed = {claim.id for claim in claims}
    found = []
    for item in inventory() if items is None else items:
        state = "claimed" if item.id in claimed else "to come" if item.kind == "claim" else item.kind
        found.append(Coverage(item=item, state=state))
    return found
