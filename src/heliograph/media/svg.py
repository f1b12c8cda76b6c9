"""Pictures as SVG: Graphs from an engine and worked over, the other views drawn here.

A picture inside a page takes its colours from the page (``currentColor`` and classes), its size from the text around
it (em), and its name and description from the view. A picture as a file of its own carries a small style sheet, which
follows the reader's light or dark setting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring, tostring

from heliograph.errors import Error, UnsupportedError
from heliograph.media import Setting, drawing
from heliograph.media.dot import dot
from heliograph.media.drawing import Picture, number
from heliograph.media.words import Stop, description, printable, slug, stops, title
from heliograph.view import Findings, Graph, Layout, Listing, Prose, Steps, Table, View

__all__ = ["Drawable", "inline", "render"]

Drawable = Graph | Layout | Steps | Table

_SPACE = 16.0
_NAMESPACE = "http://www.w3.org/2000/svg"
_STYLE = """
:root { color: #16202a; background: #ffffff }
.helio-fault :is(path, polygon) { stroke-width: 2 }
.helio-offset, .helio-note { opacity: 0.75 }
.helio-head, .helio-lane { font-weight: bold }
.helio-edge text { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
@media (prefers-color-scheme: dark) {
  :root { color: #e4e8ec; background: #14181c }
  .helio-edge text { stroke: #14181c }
}
"""
_GRAPHVIZ_EM = 13.0
"""Points of Graphviz that make one em: its labels of 11 points come out at 0.85 em."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A picture with what is said of it."""

    picture: Picture
    prefix: str
    title: str
    description: str


def render(views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield one SVG document with all views, one below the other.

    :raises UnsupportedError: a view that cannot be drawn.
    """
    drawables = [_drawable(view) for view in views]
    shown = [_shown(view, f"p{index}-{slug(view.id)}", setting) for index, view in enumerate(drawables)]
    root = Element("svg", {"xmlns": _NAMESPACE, "role": "graphics-document document"})
    SubElement(root, "style").text = _STYLE
    y = 0.0
    for one in shown:
        part = _framed(one)
        if len(shown) > 1:
            part.attrib |= {"y": number(y), "width": number(one.picture.width), "height": number(one.picture.height)}
            root.append(part)
        else:
            root.attrib |= {name: part.attrib[name] for name in ("aria-labelledby", "aria-describedby")}
            root.extend(part)
        y += one.picture.height + _SPACE
    wide = max((one.picture.width for one in shown), default=0.0)
    size = {"width": wide, "height": max(y - _SPACE, 0.0)}
    root.attrib |= {name: number(value) for name, value in size.items()}
    root.set("viewBox", f"0 0 {root.get('width')} {root.get('height')}")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield tostring(root, encoding="unicode") + "\n"


def _drawable(view: View) -> Drawable:
    match view:
        case Graph() | Layout() | Steps() | Table():
            return view
        case Listing() | Findings() | Prose():
            raise UnsupportedError("--format svg", f"it cannot show a {type(view).__name__.lower()}")
        case _:
            assert_never(view)


def inline(view: Drawable, setting: Setting, *, prefix: str, links: bool = True) -> str:
    """Return an ``svg`` element for a page of HTML.

    :param prefix: what every id in the picture begins with; it must be the only one of its kind on the page.
    :param links: let the nodes of a Graph lead to ``#prefix-anchor``.
    """
    shown = _shown(view, prefix, setting, links=links)
    root = _framed(shown)
    root.attrib |= {
        "class": "helio-picture",
        "role": "graphics-document document",
        "width": f"{number(shown.picture.width / shown.picture.em)}em",
    }
    return tostring(root, encoding="unicode")


def _shown(view: Drawable, prefix: str, setting: Setting, *, links: bool = False) -> _Shown:
    return _Shown(
        picture=_picture(view, prefix, setting, links=links),
        prefix=prefix,
        title=title(view),
        description=description(view),
    )


def _picture(view: Drawable, prefix: str, setting: Setting, *, links: bool) -> Picture:
    match view:
        case Graph():
            return _graph(view, prefix, setting, links=links)
        case Layout():
            return drawing.layout(view)
        case Steps():
            return drawing.steps(view)
        case Table():
            return drawing.table(view)
        case _:
            assert_never(view)


def _framed(shown: _Shown) -> Element:
    """Return the picture in an ``svg`` element with its title and description."""
    root = Element(
        "svg",
        {
            "xmlns": _NAMESPACE,
            "viewBox": f"0 0 {number(shown.picture.width)} {number(shown.picture.height)}",
            "aria-labelledby": f"{shown.prefix}-title",
            "aria-describedby": f"{shown.prefix}-desc",
        },
    )
    SubElement(root, "title", {"id": f"{shown.prefix}-title"}).text = shown.title
    SubElement(root, "desc", {"id": f"{shown.prefix}-desc"}).text = shown.description
    root.append(shown.picture.body)
    return root


# ---------------------------------------------------------------- what Graphviz draws, worked over


def _graph(view: Graph, prefix: str, setting: Setting, *, links: bool) -> Picture:
    source = "".join(dot(view, prefix=prefix, links=links))
    try:
        drawn = fromstring(setting.draw(source))
    except ParseError as error:
        raise Error(f"the Graphviz engine answered with something that is no SVG ({error})") from error
    _strip_namespaces(drawn)
    body = drawn.find("g")
    box = re.findall(r"-?[\d.]+", drawn.get("viewBox", ""))
    if body is None or len(box) != 4:
        raise Error("the Graphviz engine answered with an SVG that has no graph or no size")
    _tidy(body, {f"{prefix}-node-{stop.anchor}": stop for stop, _links in stops(view)})
    return Picture(width=float(box[2]), height=float(box[3]), em=_GRAPHVIZ_EM, body=body)


def _strip_namespaces(root: Element) -> None:
    """Make every name a local one; what belonged to xlink is given its place in SVG 2 or dropped."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for name in [name for name in element.attrib if name.startswith("{")]:
            value = element.attrib.pop(name)
            local = name.rpartition("}")[2]
            if local == "href":
                element.set("href", value)
            elif local == "space":
                element.set("xml:space", value)


def _tidy(body: Element, found: dict[str, Stop]) -> None:
    """Rework the picture: no raw titles, no background, the page's colours, links that say where they lead."""
    for element in list(body.iter()):
        for child in list(element):
            is_background = element is body and child.tag == "polygon"
            is_empty_text = child.tag == "text" and not (child.text or "").strip()
            if child.tag == "title" or is_background or is_empty_text:
                element.remove(child)
        for name in ("fill", "stroke"):
            if element.get(name) == "black":
                element.set(name, "currentColor")
        if element.tag == "text":
            element.attrib.setdefault("fill", "currentColor")
        element.tail = None
        if element.tag in ("g", "a", "svg"):
            element.text = None
    for group in list(body.iter("g")):
        _unwrap_empty_links(group)
        if (stop := found.get(group.get("id", ""))) is not None:
            _name(group, stop)


def _unwrap_empty_links(group: Element) -> None:
    """Put the content of ``a`` elements that lead nowhere into the group around them."""
    for child in list(group):
        if child.tag == "g" and len(child) == 1 and child[0].tag == "a" and not child[0].get("href"):
            at = list(group).index(child)
            group[at : at + 1] = list(child[0])


def _name(group: Element, stop: Stop) -> None:
    """Give a node its words: the label of the link, and what a pointer shows."""
    node = stop.node
    label = printable(f"{stop.number}. {node.lane + ': ' if node.lane else ''}{node.label}".replace("\n", " "))
    told = printable("; ".join(text for text in (node.note, node.source) if text))
    link = next(group.iter("a"), None)
    target = group if link is None else link
    if link is not None:
        link.set("aria-label", label)
    if told:
        tip = Element("title")
        tip.text = told
        target.insert(0, tip)
