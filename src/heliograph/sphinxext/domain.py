"""The domain ``helio``: which pages are broken, which claims they use, and what the navigation looked like.

All of it is kept by page, so that parallel reading can merge it and a changed page can replace its part.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any, ClassVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

__all__ = ["HelioDomain", "domain_of"]

_BY_PAGE = ("failed", "cards", "used")


class HelioDomain(Domain):
    """Pages that failed, and claims with the place of their card."""

    name = "helio"
    label = "heliograph"
    object_types: ClassVar[dict[str, ObjType]] = {"claim": ObjType("claim", "claim")}
    initial_data: ClassVar[dict[str, Any]] = {"failed": {}, "cards": {}, "used": {}, "navigation": ""}
    data_version = 2

    @property
    def failed(self) -> dict[str, int]:
        """Return docname to the number of its failures."""
        found: dict[str, int] = self.data["failed"]
        return found

    @property
    def cards(self) -> dict[str, dict[str, str]]:
        """Return docname to the claims whose cards it shows, each with its anchor."""
        found: dict[str, dict[str, str]] = self.data["cards"]
        return found

    @property
    def places(self) -> dict[str, tuple[str, str]]:
        """Return claim id to (docname, anchor) of its card; of several pages the first by name.

        The order in which pages were read decides nothing: it is another one in each build.
        """
        return {
            ident: (docname, anchor)
            for docname, cards in sorted(self.cards.items(), reverse=True)
            for ident, anchor in cards.items()
        }

    @property
    def used(self) -> dict[str, list[str]]:
        """Return docname to the ids of the claims that it uses, in order."""
        found: dict[str, list[str]] = self.data["used"]
        return found

    def fail(self, docname: str) -> None:
        """Remember that a page is broken, so that it is read again until it is not."""
        self.failed[docname] = self.failed.get(docname, 0) + 1

    def add_card(self, ident: str, docname: str, anchor: str) -> None:
        """Remember where the card of a claim is."""
        self.cards.setdefault(docname, {})[ident] = anchor

    def use(self, ident: str, docname: str) -> None:
        """Remember that a page uses a claim."""
        self.used.setdefault(docname, []).append(ident)

    def clear_doc(self, docname: str) -> None:
        """Forget what a page said before it is read again or when it is gone."""
        for part in _BY_PAGE:
            self.data[part].pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader found in its pages."""
        for docname in docnames:
            for part in _BY_PAGE:
                if docname in otherdata[part]:
                    self.data[part][docname] = otherdata[part][docname]

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Return the link to a claim's card, or None if no page shows it."""
        found = self.places.get(target)
        if found is None:
            return None
        return make_refnode(builder, fromdocname, found[0], found[1], contnode, f"claim {target}")

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """Return the link for a role that names no type."""
        found = self.resolve_xref(env, fromdocname, builder, "claim", target, node, contnode)
        return [("helio:claim", found)] if found is not None else []

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """Yield the claims for objects.inv and the search."""
        for ident, (docname, anchor) in sorted(self.places.items()):
            yield ident, ident, "claim", docname, anchor, 1


def domain_of(env: BuildEnvironment) -> HelioDomain:
    """Return the domain of an environment."""
    found = env.domains["helio"]
    assert isinstance(found, HelioDomain)
    return found
