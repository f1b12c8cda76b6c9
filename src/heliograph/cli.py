"""The command ``helio``, and :func:`run`: the one door for pages, the terminal and the browser."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

import click
from click import shell_completion

from heliograph import __version__, media
from heliograph.catalog import SUBJECTS
from heliograph.command import AnswerNow, Entry, Group, Output, Ports, examples, output_of
from heliograph.errors import Error, FileError, Span, UnknownNameError, UsageError
from heliograph.files import DiskFiles, Files, MemoryFiles, Progress
from heliograph.view import Listing, Prose, Table, View, exit_code

__all__ = ["Answer", "ask", "draw_graph", "error_json", "explain_error", "main", "root", "run"]

_COMPLETE = "_HELIO_COMPLETE"
_BUG = 70
_BAR = 30
_LONG_INPUT = 10_000_000
"""Bytes of a file from which on its reading is shown as a bar on the terminal."""
_MOST_SHOWN = 160
"""Columns of a line that are shown above a caret."""
_LONG_WORD = re.compile(r"\S{200,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command answered.

    :param argv: the command after ``helio``.
    :param views: what to show, asides only if they were asked for.
    :param output: the form that was asked for.
    :param exit_code: 0 answered, 1 a difference, a loss or a finding.
    """

    argv: tuple[str, ...]
    views: tuple[View, ...]
    output: Output
    exit_code: int

    def render(self, *, width: int | None = None, draw: Callable[[str], str] | None = None) -> Iterator[str]:
        """Yield the answer in the form that was asked for, piece by piece.

        :param width: columns to fold text to; None does not fold.
        :param draw: DOT to an SVG document; default the engine of the wheel graphviz-pure.
        """
        setting = media.Setting(argv=self.argv, version=__version__, width=width, draw=draw or draw_graph)
        return media.render(self.output.format, self.views, setting)


def draw_graph(dot: str) -> str:
    """Load the Graphviz engine only when a picture is wanted."""
    svg: str = import_module("heliograph.graphviz").draw(dot)
    return svg


_CLAIMS = Entry(
    name="claims",
    summary="Check the sentences of this atlas.",
    place="heliograph.claims.cli:claims",
)


class _Root(Group):
    """The group ``helio``: the subjects of the catalog, and the commands about the atlas itself."""

    def sections(self) -> tuple[tuple[str, list[tuple[str, str]]], ...]:
        """Return the subjects and the other commands under headings of their own."""
        subjects = {entry.name for entry in SUBJECTS}
        ((_heading, rows),) = super().sections()
        return (
            ("Subjects", [row for row in rows if row[0] in subjects]),
            ("The atlas itself", [row for row in rows if row[0] not in subjects]),
        )


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        raise AnswerNow(Listing(id="version", language="text", text=f"helio {__version__}", artefact=True))


@click.group(
    "helio",
    cls=_Root,
    entries=(*SUBJECTS, _CLAIMS),
    epilog=examples(
        "helio signals map USR1 --from linux --to illumos",
        "helio signals list --system solaris-2005 --format csv",
        "helio signals flow --path lx-2006 --format svg > path.svg",
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def root() -> None:
    """Run the translators of the heliograph: an executable atlas of Solaris kernel mechanisms.

    Every command answers in the form that --format names, explains itself with --explain, and says where its facts
    come from with --cite. Exit codes: 0 answered, 1 a difference or a loss, 2 could not be answered, 3 a judge is
    missing, 70 a bug.
    """


@root.command(
    "completion",
    epilog=examples(
        'eval "$(helio completion bash)"          # in ~/.bashrc',
        'eval "$(helio completion zsh)"           # in ~/.zshrc',
        "helio completion fish > ~/.config/fish/completions/helio.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> tuple[View, ...]:
    """Print what makes SHELL complete helio's words.

    The script completes subcommands, options, systems and the signals of the system that --from names.
    """
    completer = shell_completion.get_completion_class(shell)
    assert completer is not None
    # The base class' method: bash's own starts a bash to look at its version.
    script = shell_completion.ShellComplete.source(completer(root, {}, "helio", _COMPLETE))
    return (Listing(id="completion", language="shell", text=script, artefact=True),)


@root.command("doctor", epilog=examples("helio doctor", "helio doctor --format json"))
def doctor() -> tuple[View, ...]:
    """List the judges on this machine, and what is missing.

    No answer of helio depends on a judge. They are used by the oracle session, which compares helio with programs
    that nobody here wrote.
    """
    views: tuple[View, ...] = import_module("heliograph.oracles.doctor").report()
    return views


def run(
    argv: Sequence[str],
    *,
    files: Files | None = None,
    progress: Progress | None = None,
    cache: Files | None = None,
) -> Answer:
    """Run one command in this process.

    :param argv: the words after ``helio``.
    :param files: the world that the command may read; default an empty one.
    :param progress: called with (done, total) during long work.
    :param cache: where results of slow checks are kept; default nowhere.
    :raises Error: the command cannot be answered; its span points into the command line or into a file.
    """
    words = tuple(argv)
    output = Output()
    ports = Ports(files=files or MemoryFiles(), progress=progress, ask=ask, cache=cache)
    try:
        with root.make_context("helio", list(words), obj=ports) as ctx:
            try:
                views: tuple[View, ...] = root.invoke(ctx)
            finally:
                output = output_of(ctx)
    except AnswerNow as now:
        views, output = (now.view,), _asked_format(words)
    except click.ClickException as error:
        raise _located(_usage_error(error, words), words) from error
    except Error as error:
        raise _located(error, words) from None
    code = exit_code(views)
    return Answer(argv=words, views=_wanted(views, output), output=output, exit_code=code)


def ask(argv: Sequence[str], stdin: str) -> tuple[tuple[View, ...], int]:
    """Run a command that a claim names; it sees no file but its standard input."""
    answer = run(argv, files=MemoryFiles(stdin=stdin))
    return answer.views, answer.exit_code


def _wanted(views: Sequence[View], output: Output) -> tuple[View, ...]:
    """Return the views without the asides that were not asked for."""

    def wanted(view: View) -> bool:
        if isinstance(view, Prose) and view.aside:
            return output.explain
        if isinstance(view, Table) and view.aside:
            return output.cite
        return True

    return tuple(view for view in views if wanted(view))


def _asked_format(words: Sequence[str]) -> Output:
    """Return the format that the words name last, for a command line whose parsing stopped early."""
    named = "text"
    for index, word in enumerate(words):
        if word == "--format":
            named = words[index + 1] if index + 1 < len(words) else named
        elif word.startswith("--format="):
            named = word.partition("=")[2]
    return Output(format="json" if named == "json" else "text")


def _usage_error(error: click.ClickException, words: Sequence[str]) -> Error:
    """Return click's complaint as an Error of ours whose text is the word at fault, if there is one."""
    message = error.format_message().rstrip(".")
    word: str | None = None
    if isinstance(error, click.NoSuchOption):
        known = [name for name in error.possibilities or () if name.startswith("--")]
        hint = f"{error.ctx.command_path} --help lists them" if error.ctx is not None else ""
        return UnknownNameError("option", error.option_name, known, hint=hint)
    elif isinstance(error, click.exceptions.NoSuchCommand):
        assert error.ctx is not None and isinstance(error.ctx.command, click.Group)
        known = error.ctx.command.list_commands(error.ctx)
        return UnknownNameError(
            "command", error.command_name, known, hint=f"{error.ctx.command_path} --help lists them"
        )
    elif isinstance(error, click.BadParameter) and error.param is not None:
        word = _value_of(error.param, words)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return UsageError(error.ctx.get_help())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message += f" ({error.ctx.command_path} --help shows the usage)"
    return UsageError(message[:1].lower() + message[1:], text=word)


def _value_of(param: click.Parameter, words: Sequence[str]) -> str | None:
    """Return the word that was given for an option, as far as the command line shows it."""
    for index, word in enumerate(words):
        if word in param.opts and index + 1 < len(words):
            return words[index + 1]
        if any(word.startswith(f"{name}=") for name in param.opts):
            return word
    return None


def _located(error: Error, words: Sequence[str]) -> Error:
    """Give an error about an argument the command line as its text, and the columns of the argument as its span."""
    if error.span is not None and error.span.file is not None:
        return error
    line, column = "helio", 0
    start, length = None, 1
    for word in words:
        quoted = _quoted(word)
        column = len(line) + 1
        line = f"{line} {quoted}"
        if start is None and error.text is not None and error.text in (word, word.partition("=")[2] or word):
            if quoted in (word, f"'{word}'"):
                start = column + quoted.index(word) + len(word) - len(error.text)
                length = len(error.text)
            else:
                # Characters of the word itself are written otherwise: point at all of it.
                start, length, error.span = column, len(quoted), None
    if start is None and error.text:
        found = line.find(error.text, len("helio "))
        start, length = (found, len(error.text)) if found >= 0 else (None, 1)
    if start is None:
        return error
    if error.span is not None and error.span.column is not None:
        start += error.span.column - 1
        length = (error.span.end_column or error.span.column + 1) - error.span.column
    error.text = line
    error.span = Span(line=1, column=start + 1, end_column=start + 1 + max(length, 1))
    return error


def _quoted(word: str) -> str:
    """Return a word as it is typed into a shell, in one line of printable characters."""
    if word.isprintable():
        return shlex.quote(word)
    return "$'" + "".join(char if char.isprintable() and char not in "'\\" else _escaped(char) for char in word) + "'"


def _escaped(char: str) -> str:
    return "\\'" if char == "'" else char.encode("unicode_escape").decode()


def explain_error(error: Error) -> str:
    """Return an error as lines for a reader: the place, the message, the line and a caret under the fault.

    A long line is cut around the fault; a character that would not print is shown as one that does. Further errors of
    the same run follow.
    """
    if error.message.startswith("Usage:"):
        return error.message
    span = error.span
    where = f"{span}: " if span is not None and span.file is not None else ""
    message = _LONG_WORD.sub(_shortened, "".join(_visible(char) for char in error.message))
    shown = [f"helio: {where}error: {message}"]
    if error.text and span is not None and span.column is not None:
        start = span.column - 1
        stop = max(span.end_column or 0, span.column + 1) - 1
        first = 0 if stop < _MOST_SHOWN else max(start - _MOST_SHOWN // 2, 0)
        text = "".join(_visible(char) for char in error.text[first : first + _MOST_SHOWN])
        width = import_module("heliograph.media.words").width
        before, under = width(text[: start - first]), width(text[start - first : stop - first])
        shown += [f"  {text}", f"  {' ' * before}{'^' * max(under, 1)}"]
    return "\n".join([*shown, *map(explain_error, error.more)])


def _shortened(match: re.Match[str]) -> str:
    return f"{match[0][:20]}...{match[0][-20:]}"


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char == "\t" else "\ufffd"


def error_json(error: Error) -> str:
    """Return an error as the JSON object that goes to standard error."""
    objects = [
        {"kind": each.kind, "message": each.message, "span": _span_object(each.span)} for each in (error, *error.more)
    ]
    text: str = import_module("heliograph.media.json").error_object(objects)
    return text


def _span_object(span: Span | None) -> Mapping[str, object] | None:
    if span is None:
        return None
    if span.offset is not None:
        return {"file": span.file, "offset": span.offset}
    return {name: value for name, value in asdict(span).items() if name != "offset"}


def main(argv: Sequence[str]) -> int:
    """Run ``helio`` for a terminal or a pipe and return the exit code.

    Standard output carries the answer, standard error the complaint; nothing ends in a traceback unless
    ``HELIO_DEBUG`` is set, and then only a bug does.
    """
    instruction = os.environ.get(_COMPLETE)
    if instruction:
        return _complete(instruction)
    try:
        answer = run(argv, files=DiskFiles(_standard_input), progress=_progress_bar(), cache=_cache())
        if sys.stdout is None:
            raise Error("standard output is closed")
        _show(answer, sys.stdout)
        sys.stdout.flush()
    except Error as error:
        return _complain(error, argv)
    except BrokenPipeError:
        # The reader has gone (`helio ... | head`): keep the interpreter from complaining about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # Files are behind the port, whose errors are an Error: this one is about the answer itself.
        print(f"helio: error: the answer cannot be written: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print("helio: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        print(f"helio: this is a bug: {type(error).__name__}: {error}", file=sys.stderr)
        if os.environ.get("HELIO_DEBUG"):
            import_module("traceback").print_exc()
        else:
            print("helio: HELIO_DEBUG=1 shows where; please report it with the command", file=sys.stderr)
        return _BUG
    return answer.exit_code


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise FileError("-: standard input is closed")
    return sys.stdin.buffer


def _complete(instruction: str) -> int:
    """Answer the completion script of a shell, which asks through variables of the environment."""
    try:
        return int(shell_completion.shell_complete(root, {}, "helio", _COMPLETE, instruction))
    except (KeyError, ValueError) as error:
        print(f"helio: {_COMPLETE} is for completion scripts; COMP_WORDS and COMP_CWORD: {error}", file=sys.stderr)
        return 2


def _cache() -> Files:
    """Return the folder of this user's cache, as the XDG rules name it."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return DiskFiles(folder=Path(base, "heliograph"))


def _complain(error: Error, argv: Sequence[str]) -> int:
    if _asked_format(argv).format == "json":
        sys.stderr.write(error_json(error))
    else:
        print(explain_error(error), file=sys.stderr)
    return error.exit_code


def _show(answer: Answer, stream: IO[str]) -> None:
    """Write the answer; a terminal gets its width and, unless NO_COLOR or TERM=dumb says no, colour."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="surrogateescape")
    if stream.isatty() and answer.output.format == "text":
        colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        width = shutil.get_terminal_size().columns
        write_terminal = import_module("heliograph.media.text").write_terminal
        write_terminal(answer.views, stream, width=width, colour=colour)
        return
    for piece in answer.render():
        stream.write(piece)


def _progress_bar() -> Progress | None:
    """Return a progress bar on standard error if that is a terminal."""
    if not sys.stderr.isatty():
        return None

    def show(done: int, total: int) -> None:
        if total >= _LONG_INPUT:
            filled = done * _BAR // total
            end = "\r" if done < total else "\r\033[K"
            sys.stderr.write(f"[{'#' * filled}{' ' * (_BAR - filled)}] {done * 100 // total:3d} %{end}")
            sys.stderr.flush()

    return show
