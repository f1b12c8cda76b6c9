"""click's side of the door: commands that return views, and the options that every command has.

A leaf command is a :class:`Command` whose callback returns ``tuple[View, ...]``; it never prints. The options
``--format``, ``--explain`` and ``--cite`` belong to every command and every group, so that they may stand before or
after the subcommand; the last one wins. What was asked for is kept in the context; :func:`heliograph.cli.run` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import click

from heliograph.files import Files, Progress
from heliograph.media import FORMATS
from heliograph.view import Listing, View

__all__ = ["AnswerNow", "Command", "Entry", "Group", "Output", "Ports", "examples", "output_of", "pass_ports"]

_META = "heliograph.output"
_NEGATIVE = re.compile(r"-\d")


Ask = Callable[[Sequence[str], str], tuple[tuple[View, ...], int]]
"""Runs another command with a standard input: its views and its exit code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world as a command sees it; the caller of :func:`heliograph.cli.run` chooses what is behind it.

    :param files: what the command may read and write.
    :param progress: told how far long work has come.
    :param ask: runs another command; the claims check themselves with it.
    :param cache: where results of slow checks are kept, or None to keep none.
    """

    files: Files
    progress: Progress | None = None
    ask: Ask | None = None
    cache: Files | None = None


pass_ports = click.make_pass_decorator(Ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the reader asked of the answer."""

    format: str = "text"
    explain: bool = False
    cite: bool = False


class AnswerNow(Exception):
    """Raised by ``--help`` and ``--version``: the answer is known, and the command need not run."""

    def __init__(self, view: View) -> None:
        super().__init__("the answer is a text about the command")
        self.view = view


def output_of(ctx: click.Context) -> Output:
    """Return what the options seen so far ask for."""
    found = ctx.meta.get(_META, Output())
    assert isinstance(found, Output)
    return found


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    seen = output_of(ctx)
    if param.name == "output_format" and isinstance(value, str):
        ctx.meta[_META] = replace(seen, format=value)
    elif param.name == "output_explain" and value is True:
        ctx.meta[_META] = replace(seen, explain=True)
    elif param.name == "output_cite" and value is True:
        ctx.meta[_META] = replace(seen, cite=True)


def _output_options(formats: Iterable[str]) -> list[click.Parameter]:
    """Return fresh options; ``formats`` are the names that ``--format`` takes."""
    return [
        click.Option(
            ["--format", "output_format"],
            type=click.Choice(list(formats)),
            expose_value=False,
            callback=_remember,
            help="Form of the answer; text unless it is said.",
        ),
        click.Option(
            ["--explain", "output_explain"],
            is_flag=True,
            expose_value=False,
            callback=_remember,
            help="Add a paragraph that explains the answer.",
        ),
        click.Option(
            ["--cite", "output_cite"],
            is_flag=True,
            expose_value=False,
            callback=_remember,
            help="Add a table of where the facts come from.",
        ),
    ]


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        raise AnswerNow(Listing(id="help", language="text", text=ctx.get_help(), artefact=True))


class _Common(click.Command):
    """What leaf commands and groups share: output options, help as a view, and numbers below zero as arguments."""

    def __init__(self, *args: Any, formats: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formats = dict(formats or {})
        self.params.extend(_output_options([*FORMATS, *self.formats]))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help``, which answers with a Listing instead of printing."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show_help
        return option

    def make_parser(self, ctx: click.Context) -> Any:
        """Return click's parser, taught that ``-1`` is a number: no option here starts with a digit."""
        parser = super().make_parser(ctx)
        process_option = parser._process_opts

        def process(arg: str, state: Any) -> None:
            if _NEGATIVE.match(arg):
                state.largs.append(arg)
            else:
                process_option(arg, state)

        parser._process_opts = process  # type: ignore[method-assign]
        return parser


class Command(_Common):
    """A leaf command. Its callback returns the views of the answer.

    :param formats: media of this command alone, format name to module name.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A subcommand that is imported when its name is used.

    :param place: ``module:attribute``; the attribute is a click command or has one as ``command``.
    """

    name: str
    summary: str
    place: str


class Group(_Common, click.Group):
    """A command with subcommands, in the order of the source.

    :param entries: subcommands by name, each imported when it is used, so that one command never pays for another.
    """

    command_class = Command

    def __init__(self, *args: Any, entries: tuple[Entry, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.name: entry for entry in entries}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names: entries first, then the commands that were added."""
        return [*self.entries, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, imported if it is an entry."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return self.commands.get(cmd_name)
        module, _, attribute = entry.place.partition(":")
        found = getattr(import_module(module), attribute)
        command = found if isinstance(found, click.Command) else found.command
        assert isinstance(command, click.Command)
        return command

    def sections(self) -> tuple[tuple[str, list[tuple[str, str]]], ...]:
        """Return the headings of the help with (name, summary) rows; entries are not imported for it."""
        rows = [(entry.name, entry.summary) for entry in self.entries.values()]
        rows += [(name, command.get_short_help_str(200)) for name, command in self.commands.items()]
        return (("Commands", rows),)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        for heading, rows in self.sections():
            with formatter.section(heading):
                formatter.write_dl(rows)


def examples(*lines: str) -> str:
    """Return an epilog for a command's help: the word Examples and one command a line, unwrapped."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
