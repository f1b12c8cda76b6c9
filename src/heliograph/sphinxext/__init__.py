"""The Sphinx extension: pages that run helio while they are read."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from heliograph import __version__
from heliograph.media.nodes import helio_answer, helio_picture
from heliograph.sphinxext.claims import ClaimRole, ClaimsDirective
from heliograph.sphinxext.clickpage import HelioClickDirective
from heliograph.sphinxext.directives import HelioDirective
from heliograph.sphinxext.domain import HelioDomain
from heliograph.sphinxext.rebuild import (
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
    visit_answer_html,
    visit_picture_html,
)

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives, the role, the domain, the nodes and the events."""
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
    app.connect("env-get-outdated", broken_pages)
    app.connect("env-updated", pages_with_other_navigation)
    app.connect("html-collect-pages", keep_index_entries)
    app.connect("build-finished", remove_stale_output)
    app.config.html_static_path.append(str(Path(__file__).parent / "static"))
    app.add_css_file("heliograph.css")
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
