"""Views to one medium each.

Every medium is a module with ``render(views, setting) -> Iterator[str]``, which yields text as it reads, so that a
lazy table is never held as a whole. Media are loaded by name when they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from heliograph.errors import UnsupportedError
from heliograph.view import Findings, Graph, Layout, Listing, Prose, Steps, Table, View

__all__ = ["CARRIES", "FORMATS", "Setting", "render"]

_ALL = (Table, Layout, Steps, Listing, Findings, Graph, Prose)

CARRIES: dict[str, tuple[type[View], ...]] = {
    "text": _ALL,
    "json": _ALL,
    "html": _ALL,
    "dot": (Graph,),
    "svg": (Graph, Layout, Steps, Table),
    "csv": (Table, Layout, Steps, Findings),
    "md": _ALL,
}
"""Which views a format can show. A Listing that is an artefact is the whole answer in every format but json."""

FORMATS = tuple(CARRIES)


def _no_engine(_dot: str) -> str:
    raise UnsupportedError("drawing a graph", "no Graphviz engine was handed in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where an answer is shown.

    :param argv: the command after ``helio``.
    :param version: the version of heliograph.
    :param width: columns of the terminal, or None for no limit.
    :param draw: DOT to an SVG document; the browser and the terminal have different engines.
    :param prefix: what every id in HTML begins with; it is the only one of its kind on the page.
    """

    argv: tuple[str, ...] = ()
    version: str = ""
    width: int | None = None
    draw: Callable[[str], str] = _no_engine
    prefix: str = "helio"


def render(name: str, views: Sequence[View], setting: Setting) -> Iterator[str]:
    """Yield the answer in the format ``name``, piece by piece.

    :raises UnsupportedError: the format cannot show one of the views; the message names those that can.
    """
    for view in views:
        if not isinstance(view, CARRIES[name]):
            kind = type(view).__name__.lower()
            able = [other for other, kinds in CARRIES.items() if isinstance(view, kinds)]
            article = "an" if kind[0] in "aeiou" else "a"
            raise UnsupportedError(f"--format {name}", f"it cannot show {article} {kind}; these can: {', '.join(able)}")
    rendered: Iterator[str] = import_module(f"heliograph.media.{name}").render(views, setting)
    return rendered
