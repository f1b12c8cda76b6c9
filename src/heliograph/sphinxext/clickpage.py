"""sphinx-click's directive, with the command modules as dependencies of the page."""

from __future__ import annotations

from docutils import nodes
from sphinx_click.ext import ClickDirective

from heliograph.sphinxext.closure import closure
from heliograph.sphinxext.directives import all_modules

__all__ = ["HelioClickDirective"]


class HelioClickDirective(ClickDirective):  # type: ignore[misc] # sphinx-click ships no types
    """Document a click command; its page is read again when the code of any command has changed."""

    def run(self) -> list[nodes.Element]:
        """Note the modules and let sphinx-click do the rest."""
        env = self.state.document.settings.env
        for path in closure(all_modules()):
            env.note_dependency(str(path))
        found: list[nodes.Element] = super().run()
        return found
