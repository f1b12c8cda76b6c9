"""Claims on a page: the verdict beside a sentence, and the cards."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective, SphinxRole

from heliograph import cli
from heliograph.claims.cli import check, load
from heliograph.claims.model import Claim, Verified
from heliograph.claims.register import sources
from heliograph.claims.render import MARKS, card
from heliograph.command import Ports
from heliograph.errors import Error
from heliograph.files import MemoryFiles
from heliograph.media import Setting
from heliograph.media.nodes import view_nodes
from heliograph.sphinxext.directives import note_command, warn
from heliograph.sphinxext.domain import domain_of

__all__ = ["ClaimRole", "ClaimsDirective", "forget"]


def _ports() -> Ports:
    return Ports(files=MemoryFiles(), ask=cli.ask)


@cache
def _claims() -> dict[str, Claim]:
    """Return the claims of the built-in registers by id."""
    return {claim.id: claim for claim in load(_ports(), ())}


@cache
def _verified(ident: str) -> Verified:
    """Return a claim with its verdict, which is computed once a build."""
    (found,) = check(_ports(), [_claims()[ident]])
    return found


def forget() -> None:
    """Read the registers again and check the claims again: a build begins."""
    _claims.cache_clear()
    _verified.cache_clear()


class ClaimRole(SphinxRole):
    """``{claim}`SIG-13` ``: the verdict of a claim as a word and a sign, linked to its card."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the badge; a claim that is unknown or has changed is a warning at this line."""
        note_command(self.env, ["claims", "verify"])
        ident = self.text.strip()
        line = self._line()
        try:
            if ident not in _claims():
                warn(self.env, "claim", f"there is no claim {ident}; helio claims list lists them", line)
                return [nodes.literal(ident, ident)], []
            found = _verified(ident)
        except Error as error:
            warn(self.env, "claim", cli.explain_error(error), line)
            return [nodes.literal(ident, ident)], []
        if found.changed:
            warn(self.env, "claim", _changed(found), line)
        domain_of(self.env).use(ident, self.env.docname)
        return [_badge(found, self.env.docname)], []

    def _line(self) -> int:
        """Return the line where the role stands; a parser knows only where its paragraph begins."""
        first: int = self.get_source_info()[1] or 1
        lines = Path(self.env.doc2path(self.env.docname)).read_text(encoding="utf-8").split("\n")
        for number in range(first, len(lines) + 1):
            if f"`{self.text}`" in lines[number - 1]:
                return number
            if not lines[number - 1].strip():
                break
        return first


def _changed(found: Verified) -> str:
    seen = "; ".join(result.seen for result in found.results if result.seen)
    return (
        f"the claim {found.claim.id} is {found.verdict} now, it was reviewed as {found.claim.verdict}: {seen}"
        f" (helio claims show {found.claim.id})"
    )


def _badge(found: Verified, docname: str) -> nodes.Node:
    text = f"{MARKS[found.verdict]} {found.verdict}"
    badge = nodes.inline(text, text, classes=["helio-claim", f"helio-{found.verdict}"])
    return pending_xref(
        "",
        badge,
        refdomain="helio",
        reftype="claim",
        reftarget=found.claim.id,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )


class ClaimsDirective(SphinxDirective):
    """Show the cards of claims: of a subject, of one verdict, of the ids named, or of those that a page uses."""

    has_content = False
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "subject": directives.unchanged_required,
        "verdict": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return a section for each claim, with an anchor that the badges lead to."""
        note_command(self.env, ["claims", "verify"])
        try:
            found = [_verified(ident) for ident in self._chosen(_claims().values())]
        except Error as error:
            warn(self.env, "claims", cli.explain_error(error), self.lineno)
            return []
        wanted = self.options.get("verdict")
        shown = [one for one in found if wanted is None or str(one.verdict) == wanted]
        if not shown:
            warn(self.env, "claims", "no claim matches", self.lineno)
        for one in shown:
            if one.changed:
                warn(self.env, "claim", _changed(one), self.lineno)
        return [self._card(one) for one in shown]

    def _chosen(self, claims: Collection[Claim]) -> list[str]:
        named = self.arguments[0].replace(",", " ").split() if self.arguments else []
        known = {claim.id for claim in claims}
        for ident in named:
            if ident not in known:
                warn(self.env, "claims", f"there is no claim {ident}; helio claims list lists them", self.lineno)
        subject = self.options.get("subject")
        return [
            claim.id
            for claim in claims
            if (not named or claim.id in named) and (subject is None or claim.subject == subject)
        ]

    def _card(self, found: Verified) -> nodes.section:
        claim = found.claim
        anchor = f"claim-{claim.id.lower()}"
        section = nodes.section(ids=[anchor])
        self.state.document.set_id(section)
        section += nodes.title(claim.id, f"{claim.id}: {MARKS[found.verdict]} {found.verdict}")
        section += nodes.paragraph("", claim.sentence, classes=["helio-sentence"])
        box = nodes.container("", classes=["helio-card"], support_smartquotes=False)
        for view in card(found, sources())[1:]:
            box += list(view_nodes(view, prefix=f"{anchor}-view", setting=Setting()))
        section += box
        domain_of(self.env).add_card(claim.id, self.env.docname, anchor)
        return section
