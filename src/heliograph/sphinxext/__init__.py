"""The Sphinx extension: pages that run helio while they are read."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from heliograph import __version__
from heliograph.media.nodes import helio_answer, helio_picture
from heliograph.sphinxext import claims, closure
from heliograph.sphinxext.claims import ClaimRole, ClaimsDirective
from heliograph.sphinxext.clickpage import HelioClickDirective
from heliograph.sphinxext.directives import HelioDirective, name_answers
from heliograph.sphinxext.domain import HelioDomain
from heliograph.sphinxext.rebuild import (
    Complaints,
    broken_pages,
    keep_index_entries,
    pages_with_other_navigation,
    remove_stale_output,
)
from heliograph.sphinxext.visitors import (
    OneIdEach,
    PicturesInWords,
    depart_answer_html,
    depart_picture_html,
    scope_of_heads,
    visit_answer_html,
    visit_picture_html,
)

__all__ = ["setup"]


def _begin(app: Sphinx) -> None:
    """Forget what was kept for the last build in this process, and let our style be copied.

    Sphinx has made a digest of the configuration by now: the place of this package is no part of it.
    """
    claims.forget()
    closure.forget()
    app.config.html_static_path.append(str(Path(__file__).parent / "static"))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives, the role, the domain, the nodes and the events."""
    Complaints(app)
    app.setup_extension("sphinx_click")
    app.add_domain(HelioDomain)
    app.add_directive("helio", HelioDirective)
    app.add_directive("claims", ClaimsDirective)
    app.add_directive("click", HelioClickDirective, override=True)
    app.add_role("claim", ClaimRole())
    app.add_node(helio_answer, html=(visit_answer_html, depart_answer_html))
    app.add_node(helio_picture, html=(visit_picture_html, depart_picture_html))
    app.add_post_transform(PicturesInWords)
    app.add_post_transform(OneIdEach)
    app.connect("builder-inited", _begin)
    app.connect("html-page-context", scope_of_heads)
    app.connect("doctree-read", name_answers)
    app.connect("env-get-outdated", broken_pages)
    app.connect("env-updated", pages_with_other_navigation)
    app.connect("html-collect-pages", keep_index_entries)
    app.connect("build-finished", remove_stale_output)
    app.add_css_file("heliograph.css")
    return {"version": __version__, "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
