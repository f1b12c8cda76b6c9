"""How builders show our nodes: pictures in HTML, image files in EPUB, words everywhere else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.transforms.post_transforms import SphinxPostTransform

from heliograph.media.html import scroll_box
from heliograph.media.nodes import helio_answer, helio_picture
from heliograph.media.words import IN_WORDS

__all__ = [
    "OneIdEach",
    "PicturesInWords",
    "depart_answer_html",
    "depart_picture_html",
    "scope_of_heads",
    "visit_answer_html",
    "visit_picture_html",
]


def visit_answer_html(self: Any, node: helio_answer) -> None:
    """Open the box of a command with its words for a reader's browser."""
    self.body.append(self.starttag(node, "div", CLASS="helio-answer", **{"data-argv": json.dumps(node["argv"])}))


def depart_answer_html(self: Any, _node: helio_answer) -> None:
    """Close the box."""
    self.body.append("</div>\n")


def visit_picture_html(self: Any, node: helio_picture) -> None:
    """Write the picture inline, and open the details that say the same in words."""
    self.body.append(self.starttag(node, "figure", CLASS="helio-figure"))
    self.body.append(f"<div {scroll_box(node['title'])}>{node['svg']}</div>\n")
    if node["caption"]:
        self.body.append(f"<figcaption>{self.encode(node['caption'])}</figcaption>\n")
    self.body.append(f'<details class="helio-words"><summary>{IN_WORDS}</summary>\n')


def depart_picture_html(self: Any, _node: helio_picture) -> None:
    """Close the details and the figure."""
    self.body.append("</details></figure>\n")


def scope_of_heads(_app: Any, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Say of each heading of a table whether it is a column's or a row's, which docutils does not."""
    if "body" in context:
        body = context["body"].replace('<th class="head', '<th scope="col" class="head')
        context["body"] = body.replace('<th class="stub', '<th scope="row" class="stub')


class OneIdEach(SphinxPostTransform):
    """Take back what a theme's wrapper around a table copies from it: an id stands once on a page."""

    default_priority = 501
    formats = ("html",)

    def run(self, **_kwargs: Any) -> None:
        """Clear the wrappers of tables, which furo puts in at priority 500."""
        for wrapper in self.document.findall(nodes.container):
            if "table-wrapper" in wrapper["classes"]:
                wrapper["ids"], wrapper["names"] = [], []


class PicturesInWords(SphinxPostTransform):
    """Put standard nodes in the place of ours for builders that do not know them."""

    default_priority = 200

    def run(self, **_kwargs: Any) -> None:
        """Replace pictures by images in EPUB and by their words elsewhere; HTML keeps them."""
        # Sphinx 9 deprecates every public way from a transform to the builder.
        builder = self.env._app.builder
        if builder.format == "html" and builder.name != "epub":
            return
        for picture in list(self.document.findall(helio_picture)):
            found: list[nodes.Node] = []
            if isinstance(builder, StandaloneHTMLBuilder):
                found.append(self._image(picture, builder))
            if picture["caption"]:
                found.append(nodes.paragraph("", picture["caption"]))
            picture.replace_self([*found, *picture.children])
        for answer in list(self.document.findall(helio_answer)):
            answer.replace_self(nodes.container("", *answer.children, ids=answer["ids"], classes=answer["classes"]))

    def _image(self, picture: helio_picture, builder: StandaloneHTMLBuilder) -> nodes.image:
        """Write the picture as a file whose name is its content's, and return the node that shows it."""
        text = picture["file"]
        name = f"helio-{hashlib.sha256(text.encode()).hexdigest()[:16]}.svg"
        path = Path(builder.doctreedir, "helio", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        builder.images[str(path)] = name
        return nodes.image(uri=str(path), alt=picture["title"], candidates={"*": str(path)})
