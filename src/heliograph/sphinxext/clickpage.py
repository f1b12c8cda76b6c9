"""sphinx-click's directive, for pages of Markdown too, with the command modules as dependencies of the page."""

from __future__ import annotations

from docutils import nodes
from docutils.parsers.rst import Parser
from docutils.parsers.rst.states import RSTState
from docutils.utils import new_document
from sphinx_click.ext import ClickDirective

from heliograph.sphinxext.closure import closure
from heliograph.sphinxext.columns import eighty_columns
from heliograph.sphinxext.directives import all_modules

__all__ = ["HelioClickDirective"]


class HelioClickDirective(ClickDirective):  # type: ignore[misc] # sphinx-click ships no types
    """Document a click command; its page is read again when the code of any command has changed."""

    def run(self) -> list[nodes.Element]:
        """Note the modules and let sphinx-click do the rest."""
        if not isinstance(self.state, RSTState):
            return self._in_rst()
        env = self.state.document.settings.env
        for path in closure(all_modules()):
            env.note_dependency(str(path))
        with eighty_columns():
            found: list[nodes.Element] = super().run()
        return found

    def _in_rst(self) -> list[nodes.Element]:
        """Run again inside reStructuredText: sphinx-click writes it, and the parser of this page would not read it."""
        page = self.state.document
        options = [f"   :{name}: {'' if value is None else value}" for name, value in self.options.items()]
        # Lines before the directive, so that a complaint about it names the line of the page.
        text = "\n" * (self.lineno - 1) + "\n".join([f".. {self.name}:: {self.arguments[0]}", *options, ""])
        inside = new_document(page["source"], page.settings)
        inside.reporter = page.reporter
        Parser().parse(text, inside)
        return [node for node in inside.children if isinstance(node, nodes.Element)]
