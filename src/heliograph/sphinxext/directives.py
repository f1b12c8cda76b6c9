"""The directive ``{helio}``: run a command while the page is read, and show its answer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import click
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from heliograph import cli
from heliograph.command import Command, Group
from heliograph.errors import Error, Span
from heliograph.media import FORMATS, Setting
from heliograph.media.nodes import answer_nodes, helio_answer
from heliograph.sphinxext.closure import closure, data_files
from heliograph.sphinxext.columns import eighty_columns
from heliograph.sphinxext.domain import domain_of
from heliograph.sphinxext.pagefiles import PageFiles
from heliograph.view import Listing, Prose, View

__all__ = ["HelioDirective", "name_answers", "note_command", "warn"]

_LOGGER = logging.getLogger(__name__)
_LANGUAGES = {"json": "json", "html": "html", "dot": "dot", "svg": "xml", "md": "markdown"}
# An expectation that any of these meets says nothing about an answer.
_ANYTHING = ("", "~", "~ ~\n~")
_ALWAYS = ("heliograph.cli", "heliograph.graphviz", "heliograph.media.text", "heliograph.media.nodes")


class HelioDirective(SphinxDirective):
    """Run ``helio`` with the words of the argument; see docs/design/house.md for the options."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "expect": directives.unchanged_required,
        "exit": directives.nonnegative_int,
        "caption": directives.unchanged,
        "name": directives.unchanged,
        "views": directives.unchanged_required,
        "hide-command": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the answer's nodes; what is wrong is a warning at its line, never an exception."""
        try:
            argv = shlex.split(self.arguments[0])
        except ValueError as error:
            return self._broken("usage", f"not a command line: {error}", self._here()[1])
        try:
            with eighty_columns():
                return self._answered(argv)
        except Error as error:
            # The answer is known, and the engine that draws it refuses.
            return self._broken(error.kind, f"{cli.explain_error(error)}\n{_command(argv)}", self._here()[1])
        except Exception as error:
            # A mistake of ours. Raised any further it would cost Sphinx all that it has read.
            what = f"this is a mistake in heliograph: {type(error).__name__}: {error}"
            return self._broken("bug", f"{what}\n{_command(argv)}", self._here()[1])

    def _answered(self, argv: Sequence[str]) -> list[nodes.Node]:
        """Run the command and return its answer's nodes."""
        note_command(self.env, argv)
        try:
            answer = cli.run(argv, files=self._files())
            shown = self._chosen(answer.views)
            text = "".join(answer.render())
        except Error as error:
            if self.options.get("exit") == error.exit_code:
                return self._refused(argv, error)
            return self._broken(error.kind, cli.explain_error(error), self._line_of(error))
        self._compare(answer, text)
        if answer.output.format != "text":
            language = _LANGUAGES.get(answer.output.format, "text")
            shown = (Listing(id="output", language=language, text=text, artefact=True),)
        return self._box(argv, shown)

    def _box(self, argv: Sequence[str], shown: Sequence[View]) -> list[nodes.Node]:
        """Return the command with what it answered."""
        command = None if "hide-command" in self.options else argv
        box = answer_nodes(
            shown,
            argv=argv,
            command=command,
            prefix=f"helio-{self.env.new_serialno('helio')}",
            setting=Setting(draw=cli.draw_graph),
            caption=self.options.get("caption", ""),
            stdin="" if command is None else "\n".join(self.content),
        )
        self.set_source_info(box)
        box["title"] = self.options.get("caption") or f"helio {shlex.join(argv)}"
        self.add_name(box)
        return [box]

    def _refused(self, argv: Sequence[str], error: Error) -> list[nodes.Node]:
        """Return an error as the answer, on a page that expects it."""
        as_json = "json" in argv and "--format" in argv
        text = cli.error_json(error) if as_json else cli.explain_error(error)
        self._expect(argv, text)
        listing = Listing(id="error", language="json" if as_json else "text", text=text, artefact=True)
        return self._box(argv, (listing,))

    def _files(self) -> PageFiles:
        page = Path(self.env.doc2path(self.env.docname))
        body = "\n".join(self.content)
        return PageFiles(
            page.parent,
            Path(self.env.srcdir),
            f"{body}\n" if body else "",
            lambda path: self.env.note_dependency(str(path)),
        )

    def _chosen(self, views: Sequence[View]) -> tuple[View, ...]:
        """Return the views that ``:views:`` names, in that order, or all of them."""
        if "views" not in self.options:
            return tuple(views)
        by_id = {"prose" if isinstance(view, Prose) else view.id: view for view in views}
        wanted = [word.strip() for word in self.options["views"].split(",") if word.strip()]
        for word in wanted:
            if word not in by_id:
                self._warn(
                    "views", f"the answer has no view {word!r}, it has {', '.join(by_id)}", self._option("views")
                )
        return tuple(by_id[word] for word in wanted if word in by_id)

    def _compare(self, answer: cli.Answer, text: str) -> None:
        """Warn if the exit code or the text is not the expected one."""
        expected = self.options.get("exit", 0)
        if answer.exit_code != expected:
            message = f"exit code {answer.exit_code}, where the page expects {expected}"
            self._warn("exit", f"{message}\n{_command(answer.argv)}", self._option("exit"))
        self._expect(answer.argv, text)

    def _expect(self, argv: Sequence[str], text: str) -> None:
        """Warn if the text has nothing that the page expects."""
        if "expect" not in self.options:
            return
        line = self._option("expect")
        try:
            pattern = re.compile(self.options["expect"], re.MULTILINE)
        except re.error as error:
            self._warn("expect", f"not a regular expression: {error}", line)
            return
        if any(pattern.search(text) for text in _ANYTHING):
            self._warn("expect", f"the expectation {pattern.pattern!r} matches anything: say what must be there", line)
        elif not pattern.search(text):
            seen = "\n".join(f"  | {row}" for row in text.splitlines()[:40])
            self._warn("expect", f"the answer has nothing like {pattern.pattern!r}:\n{_command(argv)}\n{seen}", line)

    def _warn(self, kind: str, message: str, line: int) -> None:
        warn(self.env, kind, message, line, source=self._here()[0])

    def _broken(self, kind: str, message: str, line: int) -> list[nodes.Node]:
        """Warn, and show on the page that its command could not be answered."""
        self._warn(kind, message, line)
        box = nodes.container(classes=["helio-broken"])
        box += nodes.literal_block(message, message, language="text")
        return [box]

    def _line_of(self, error: Error) -> int:
        """Return the line of the page that is at fault: one of the body if that is the input, else the command's."""
        span: Span | None = error.span
        if span is not None and span.file == "-" and span.line is not None and self.content:
            return self._body_line(span.line)
        return self._here()[1]

    def _here(self) -> tuple[str, int]:
        """Return the file and the line of the directive; the file is another than the page's if it was included."""
        source, line = self.get_source_info()
        return source or str(self.env.doc2path(self.env.docname)), line or self.lineno

    def _source(self) -> list[str]:
        return Path(self._here()[0]).read_text(encoding="utf-8").split("\n")

    def _body_line(self, line: int) -> int:
        """Return the line of the page where line ``line`` of the body stands."""
        text = self.content[line - 1] if line <= len(self.content) else ""
        lines, start = self._source(), self._here()[1]
        first = next(
            (
                number
                for number in range(start, len(lines))
                if lines[number : number + len(self.content)] == list(self.content)
            ),
            None,
        )
        if first is not None:
            return first + line
        return next((n + 1 for n in range(start, len(lines)) if lines[n].strip() == text.strip()), start)

    def _option(self, name: str) -> int:
        """Return the line of an option, or the directive's own if it is not written."""
        lines, start = self._source(), self._here()[1]
        yaml = False  # whether the options stand between two lines of hyphens, as MyST allows
        for number in range(start, len(lines)):
            text = lines[number].strip()
            if re.fullmatch(r"-{3,}", text) and not yaml:
                yaml = True
            elif text.startswith(f"{name}:" if yaml else f":{name}:"):
                return number + 1
            elif text and not text.startswith("#") and (text.startswith("---") if yaml else not text.startswith(":")):
                break
        return start


def name_answers(app: Sphinx, doctree: nodes.document) -> None:
    """Let a reference without words of its own show an answer's title; Sphinx knows those of sections and figures."""
    for box in doctree.findall(helio_answer):
        for name in box["names"]:
            app.env.domains.standard_domain.labels[name] = (app.env.docname, box["ids"][0], box["title"])


def _command(argv: Sequence[str]) -> str:
    return f"  helio {shlex.join(argv)}"


def warn(env: Any, kind: str, message: str, line: int, *, source: str = "") -> None:
    """Warn at a line of the page that is being read, and remember that the page is broken.

    :param source: the file of the line, if it may be one that the page includes.
    """
    domain_of(env).fail(env.docname)
    location = f"{source}:{line}" if source else (env.docname, line)
    _LOGGER.warning(message, location=location, type="helio", subtype=kind)


def note_command(env: Any, argv: Sequence[str]) -> None:
    """Make the page depend on the code and the tables behind a command."""
    modules = {*_ALWAYS, *_modules_of(argv), *_media_of(argv)}
    for path in closure(modules):
        env.note_dependency(str(path))
    if "claims" in argv:
        # Claims run other commands, and read registers.
        for path in (*closure(all_modules()), *data_files("heliograph.claims")):
            env.note_dependency(str(path))


def _modules_of(argv: Sequence[str]) -> list[str]:
    """Return the modules of the commands along a command line, as far as its words name commands."""
    group: click.Command | None = cli.root
    found: list[str] = []
    for word in argv:
        if not isinstance(group, click.Group):
            break
        command = group.get_command(click.Context(group), word)
        if command is not None:
            found += _modules(group, word, command)
            group = command
    return found


def _media_of(argv: Sequence[str]) -> list[str]:
    """Return the modules of the formats that a command line names; they are imported by name."""
    return [f"heliograph.media.{name}" for word in argv if (name := word.removeprefix("--format=")) in FORMATS]


@cache
def all_modules() -> tuple[str, ...]:
    """Return the modules of every command of every subject."""
    found = ["heliograph.cli"]
    waiting: list[click.Group] = [cli.root]
    while waiting:
        group = waiting.pop()
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is not None:
                found += _modules(group, name, command)
            if isinstance(command, click.Group):
                waiting.append(command)
    return tuple(found)


def _modules(group: click.Group, name: str, command: click.Command) -> Iterator[str]:
    """Yield the modules of a subcommand: where its group finds it, where its code is, and its own media."""
    if isinstance(group, Group) and name in group.entries:
        yield group.entries[name].place.partition(":")[0]
    if command.callback is not None:
        yield command.callback.__module__
    if isinstance(command, Command | Group):
        yield from command.formats.values()
