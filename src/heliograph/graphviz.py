"""Draw DOT with Graphviz.

``graphviz-pure`` (a wheel with one static executable) is the only engine unless the caller names another one, so that
a picture depends on nothing that happens to be installed and can be compared byte by byte.
"""

from __future__ import annotations

from heliograph.errors import Error, UnsupportedError
from heliograph.process import find, run

__all__ = ["ENGINE", "draw"]

ENGINE = "graphviz-pure"


def draw(dot: str, *, engine: str | None = None) -> str:
    """Return the SVG document for ``dot``.

    :param dot: a graph in the DOT language.
    :param engine: path of another ``dot`` program; default the one of the wheel ``graphviz-pure``.
    :raises UnsupportedError: the engine is not installed.
    :raises Error: Graphviz refuses the graph.
    """
    program = engine or find(ENGINE)
    if program is None:
        raise UnsupportedError("drawing a graph", "Graphviz is not installed: pip install 'heliograph[svg]'")
    done = run([program, "-Tsvg"], stdin=dot)
    if done.code:
        raise Error(f"Graphviz: {done.err.strip() or 'exit code ' + str(done.code)}")
    return done.out
