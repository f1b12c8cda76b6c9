"""The door: every command as JSON, options, help, completion, and what is refused with which words."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from tests.unit.door import ask, table

from heliograph.catalog import SUBJECTS, subject
from heliograph.cli import Answer, explain_error, root, run
from heliograph.command import Group
from heliograph.errors import Error, RangeError, UnknownNameError, UsageError
from heliograph.files import MemoryFiles
from heliograph.media import FORMATS
from heliograph.view import Prose, Table

FILES = {
    "layer.csv": "from,to,name\nUSR1,16,SIGUSR1\n",
    "zone.log": "signal 10 (lx 7)\n",
    "/proc/self/status": "Name:\thelio\nSigBlk:\t0000000000000000\nSigCgt:\t0000000000000002\n",
    "frame.hex": "00" * 268,
}
STATUS = "SigCgt:\t0000000000000002\n"

MAP = ["signal", "from", "to", "to_name", "how", "action_from", "action_to", "why"]
LINUX = ("--from", "linux", "--to", "illumos")

# (argv after "signals", exit code, the columns of each table by its id)
COMMANDS = [
    (("systems",), 0, {"systems": ["system", "signals", "realtime", "aliases", "source", "note"]}),
    (("policies",), 0, {"policies": ["policy", "native", "revision", "note"]}),
    (("list", "--system", "linux"), 0, {"list": ["number", "name", "default_action", "note"]}),
    (("map", "USR1", *LINUX), 0, {"map": MAP}),
    (("map", "STKFLT", *LINUX), 1, {"map": MAP}),
    (("map", "STKFLT", *LINUX, "--policy", "drop"), 0, {"map": MAP}),
    (("map", "STKFLT", *LINUX, "--policy", "lx-2019"), 0, {"map": MAP}),
    (
        ("diff", "linux", "illumos"),
        1,
        {"diff": MAP, "only_in_b": ["number", "name", "default_action", "note"]},
    ),
    (
        ("diff", "linux", "linux-i386"),
        0,
        {"diff": MAP, "only_in_b": ["number", "name", "default_action", "note"]},
    ),
    (
        ("default", "--compare", "linux", "illumos"),
        1,
        {"default": ["signal", "action_from", "action_to", "differs", "to_name"]},
    ),
    (
        ("default", "--compare", "linux", "linux-arm"),
        0,
        {"default": ["signal", "action_from", "action_to", "differs", "to_name"]},
    ),
    (("mask", "3", *LINUX), 0, {"mask": ["bit", *MAP], "mask_value": ["value", "words", "lost"]}),
    (("mask", "8000", *LINUX), 1, {"mask": ["bit", *MAP], "mask_value": ["value", "words", "lost"]}),
    (
        ("mask", "--proc", "self", *LINUX),
        0,
        {"mask": ["set", "bit", *MAP], "mask_value": ["set", "value", "words", "lost"]},
    ),
    (
        ("wait", "10", *LINUX),
        0,
        {
            "wait": [
                *("status", "state", "exit_code", "signal", "from", "to", "to_name", "how"),
                *("to_status", "to_status_hex", "why"),
            ]
        },
    ),
    (("wait", "16", *LINUX), 1, None),
    (("check", "layer.csv", "--against", "linux,illumos"), 0, {}),
    (("check", "layer.csv", "--against", "linux,freebsd"), 1, {}),
    (
        ("trace", "zone.log"),
        0,
        {"trace": ["native", "native_name", "lx", "lx_name", "count", "line", "agrees"]},
    ),
    (("flow", "--path", "lx-2006"), 0, {}),
]


@pytest.mark.parametrize(("argv", "code", "columns"), COMMANDS)
def test_json_of_every_command(argv: tuple[str, ...], code: int, columns: dict[str, list[str]] | None) -> None:
    got, found = ask("signals", *argv, files=FILES)
    assert got == code
    tables = {view["id"]: [column["id"] for column in view["columns"]] for view in found["views"] if "rows" in view}
    if columns is not None:
        assert tables == columns
    # An explanation, and the sources, come only when they are asked for.
    assert not [view for view in found["views"] if view["view"] == "prose" or view["id"] == "sources"]


@pytest.mark.parametrize("argv", [row[0] for row in COMMANDS])
def test_every_command_explains_and_cites_itself(argv: tuple[str, ...]) -> None:
    code, found = ask("signals", *argv, "--explain", "--cite", files=FILES)
    assert code == ask("signals", *argv, files=FILES)[0]
    assert [view for view in found["views"] if view["view"] == "prose" and view["text"].endswith(".")]
    cited = table(found, "sources")
    assert cited
    assert all(sorted(row) == ["fact", "note", "path", "project", "revision"] for row in cited)


def plain(*argv: str, stdin: str = "", width: int | None = None) -> tuple[Answer, str]:
    answer = run(argv, files=MemoryFiles(FILES, stdin=stdin))
    return answer, "".join(answer.render(width=width))


USR1 = ("map", "USR1", *LINUX)


@pytest.mark.parametrize(
    ("argv", "form", "explain", "cite"),
    [
        (("signals", *USR1), "text", False, False),
        (("--format", "json", "signals", *USR1), "json", False, False),
        (("signals", "--format=json", *USR1), "json", False, False),
        (("signals", "map", "--format", "json", "USR1", *LINUX), "json", False, False),
        (("--format", "json", "signals", *USR1, "--format", "csv"), "csv", False, False),
        (("--format", "json", "signals", "--format", "csv", *USR1), "csv", False, False),
        (("signals", *USR1, "--format", "json", "--format", "text"), "text", False, False),
        (("--explain", "signals", *USR1), "text", True, False),
        (("signals", "--cite", *USR1, "--explain"), "text", True, True),
    ],
)
def test_options_stand_before_or_after_and_the_last_wins(
    argv: tuple[str, ...], form: str, explain: bool, cite: bool
) -> None:
    answer = run(argv)
    assert (answer.output.format, answer.output.explain, answer.output.cite) == (form, explain, cite)
    assert bool([view for view in answer.views if isinstance(view, Prose)]) == explain
    assert bool([view for view in answer.views if isinstance(view, Table) and view.id == "sources"]) == cite


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (("signals", "map", "-1", *LINUX), "-1"),
        (("signals", "wait", "-1", *LINUX), "-1"),
        (("signals", "mask", "-2", *LINUX), "-2"),
    ],
)
def test_a_number_below_zero_is_an_argument(argv: tuple[str, ...], word: str) -> None:
    with pytest.raises(Error) as caught:
        run(argv)
    assert not isinstance(caught.value, UsageError)
    assert word in caught.value.message


def test_a_dash_is_standard_input() -> None:
    assert ask("signals", "trace", "-", stdin="16 (lx 10)")[0] == 0
    assert ask("signals", "mask", "-", *LINUX, stdin="200\n")[0] == 0
    assert ask("signals", "check", "-", "--against", "linux,illumos", stdin="from,to\n1,1\n")[0] == 0


def walk(command: click.Command = root, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that lead to it."""
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from walk(found, (*path, name))


EVERY = list(walk())


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(("helio", *path)) for path, _command in EVERY])
def test_help_and_summaries(path: tuple[str, ...], command: click.Command) -> None:
    for word in ("--help", "-h"):
        answer, text = plain(*path, word)
        assert answer.exit_code == 0
        assert text.startswith(f"Usage: helio{''.join(f' {name}' for name in path)} ")
        assert "\n  Examples:\n" in text
        assert max(map(len, text.splitlines())) <= 100
    for option in ("--format", "--explain", "--cite"):
        assert option in text
    if isinstance(command, Group):
        for name, entry in command.entries.items():
            found = command.get_command(click.Context(command), name)
            assert found is not None
            assert found.name == name
            assert entry.summary == found.get_short_help_str(200)


def examples(command: click.Command) -> list[list[str]]:
    """Return the words after ``helio`` of each example in a command's help."""
    _intro, _, lines = (command.epilog or "").partition("Examples:\n")
    found = []
    for line in lines.splitlines():
        match = re.search(r"\bhelio ((?:[^|<>#)\"]|\"[^\"]*\")*)", line)
        assert match, line
        found.append(shlex.split(match[1]))
    return found


EXAMPLES = [(path, words) for path, command in EVERY for words in examples(command)]


@pytest.mark.parametrize(("path", "words"), EXAMPLES, ids=[" ".join(words) for _path, words in EXAMPLES])
def test_examples_parse(path: tuple[str, ...], words: list[str]) -> None:
    ctx: click.Context = root.make_context("helio", list(words))
    command: click.Command = root
    while isinstance(command, click.Group):
        rest = [*ctx._protected_args, *ctx.args]
        name, found, rest = command.resolve_command(ctx, rest)
        assert found is not None
        command, ctx = found, found.make_context(name, rest, parent=ctx)
    shown = tuple(ctx.command_path.split()[1:])
    assert shown[: len(path)] == path


SIZES = {
    ("siginfo", "linux-x86_64"): 128,
    ("siginfo", "solaris-amd64"): 256,
    ("siginfo", "illumos-amd64"): 256,
    ("context", "linux-i386"): 116,
    ("context", "solaris-i386"): 512,
}
"""Bytes that the examples about structures read, by command and ABI."""


def stdin_of(words: list[str]) -> bytes | str:
    """Return what an example reads that takes its input from ``-``."""
    if "trace" in words:
        return FILES["zone.log"]
    # The source is named before the target.
    sizes = [SIZES[words[1], word] for word in words if (words[1], word) in SIZES]
    # The first word of a siginfo is the signal; 11 with nothing else is one that a process sent.
    return (11).to_bytes(4, "little") + bytes(sizes[0] - 4) if sizes else STATUS


@pytest.mark.parametrize("words", [words for path, words in EXAMPLES if path[:1] == ("signals",)], ids=" ".join)
def test_examples_of_the_signals_answer(words: list[str]) -> None:
    answer = run(words, files=MemoryFiles(FILES, stdin=stdin_of(words)))
    assert answer.views
    assert answer.exit_code in (0, 1)
    if answer.output.format != "svg":
        assert "".join(answer.render()).strip()


def test_the_catalog_loads_its_subjects() -> None:
    for entry in SUBJECTS:
        found = subject(entry.name)
        assert (found.name, found.command.name) == (entry.name, entry.name)
        assert found.reference()
        assert found.sources()
    with pytest.raises(UnknownNameError, match="did you mean signals"):
        subject("signal")


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_shows_a_table_or_says_which_can(form: str) -> None:
    answer = run(["signals", *USR1, "--format", form])
    if form == "dot":
        with pytest.raises(Error, match="it cannot show a table; these can: text, json, html, svg, csv, md"):
            list(answer.render())
    else:
        assert "SIGUSR1" in "".join(answer.render())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    answer, text = plain("completion", shell)
    assert answer.exit_code == 0
    assert f"{shell}_complete" in text
    assert "_HELIO_COMPLETE" in text
    with pytest.raises(UsageError, match="'tcsh' is not one of 'bash', 'zsh', 'fish'"):
        run(["completion", "tcsh"])


# (words before the one that is typed, what is typed, some of the offers, what is not offered)
OFFERS = [
    ((), "si", ["signals"], ["doctor"]),
    (("signals",), "", ["map", "flow", "trace"], []),
    (("signals",), "ma", ["map", "mask"], ["list"]),
    (("signals", "map"), "--f", ["--from", "--format"], ["--to"]),
    (("signals", "map", "--from"), "linux-m", ["linux-mips", "linux-mips64", "linux-mipsel"], ["linux-arm"]),
    (("signals", "map", "--from"), "solaris1", ["solaris10", "solaris11"], ["solaris-2005"]),
    (("signals", "map", "--from", "darwin"), "INF", ["INFO"], []),
    (("signals", "map", "--from", "linux"), "INF", [], ["INFO"]),
    (("signals", "map", "--from", "darwin"), "SIGI", ["SIGINFO", "SIGIO", "SIGINT"], ["INFO"]),
    (("signals", "map", "--from", "darwin"), "usr", ["USR1", "USR2"], []),
    (("signals", "map", "--from", "nosuch"), "US", ["USR1", "USR2"], []),
    (("signals", "map", "--from", "illumos"), "RTMIN+3", ["RTMIN+3", "RTMIN+31"], ["RTMIN+33"]),
    (("signals", "map", "USR1", "--policy"), "lx", ["lx-2006", "lx-2008", "lx-2019"], ["strict"]),
    (("signals", "map", "--libc"), "", ["glibc", "musl", "kernel"], []),
    (("signals", "diff"), "net", ["netbsd"], ["freebsd"]),
    (("signals", "diff", "linux"), "net", ["netbsd"], []),
    (("signals", "default", "--compare", "linux"), "net", ["netbsd"], []),
    (("signals", "check", "x.csv", "--against"), "net", ["netbsd"], []),
    (("signals", "check", "x.csv", "--against"), "linux,il", ["linux,illumos"], []),
    (("signals", "flow", "--path"), "lx", ["lx-2006", "lx-now"], ["native"]),
    (("signals", "flow", "--path", "native", "--signal"), "US", ["USR1", "USR2"], []),
    (("signals", "list", "--format"), "", [*FORMATS], []),
]


@pytest.mark.parametrize(("words", "typed", "offered", "absent"), OFFERS)
def test_completion(words: tuple[str, ...], typed: str, offered: list[str], absent: list[str]) -> None:
    items = ShellComplete(root, {}, "helio", "_HELIO_COMPLETE").get_completions(list(words), typed)
    values = [item.value for item in items]
    assert set(offered) <= set(values)
    assert not set(absent) & set(values)


# (argv, kind, a part of the message, the words under the caret)
REFUSED = [
    (("signals", "map", "USR3", *LINUX), "unknown-name", "did you mean USR2 or USR1", "USR3"),
    (("signals", "map", "USR1", "USR3", *LINUX), "unknown-name", "unknown signal of linux-x86_64: 'USR3'", "USR3"),
    (("signals", "map", "0", *LINUX), "range", "signals are 1..64", "0"),
    (("signals", "map", "65", *LINUX), "range", "signals are 1..64", "65"),
    (("signals", "map", "-1", *LINUX), "range", "signals are 1..64", "-1"),
    (("signals", "map", "", *LINUX), "parse", "an empty word is no signal", "'"),
    (("signals", "map", "US R1", *LINUX), "unknown-name", "did you mean USR1", "US R1"),
    (("signals", "map", "it's", *LINUX), "unknown-name", "did you mean", "'it'\"'\"'s'"),
    (("signals", "map", "a\nb", *LINUX), "unknown-name", r"'a\nb'", r"$'a\nb'"),
    (("signals", "map", "世界", *LINUX), "unknown-name", "'世界'", "世界"),
    (("signals", "map", "١٠", *LINUX), "unknown-name", "'١٠'", "١٠"),
    (("signals", "map", "1", "--from", "linus", "--to", "illumos"), "unknown-name", "did you mean linux", "linus"),
    (("signals", "map", "1", "--from=linus", "--to=illumos"), "unknown-name", "did you mean linux", "linus"),
    (("signals", "map", "1", "--from", "linux", "--to", "sunos"), "unknown-name", "helio signals systems", "sunos"),
    (("signals", "map", "1", "--from", "linux"), "usage", "missing option '--to'", None),
    (("signals", "map", *LINUX), "usage", "missing argument 'SIG...'", None),
    (("signals", "map", "1", "--polic", "drop"), "unknown-name", "did you mean --policy", "--polic"),
    (("signals", "map", "1", "-x"), "unknown-name", "unknown option: '-x'", "-x"),
    (("signals", "map", "1", *LINUX, "--policy", "lx"), "usage", "'lx' is not one of 'strict'", "lx"),
    (("signals", "map", "1", *LINUX, "--policy=lx"), "usage", "'lx' is not one of 'strict'", "--policy=lx"),
    (("signals", "map", "1", *LINUX, "--format", "xml"), "usage", "'xml' is not one of 'text', 'json'", "xml"),
    (("signals", "map", "1", *LINUX, "--format"), "usage", "'--format' requires an argument", None),
    (("signals", "mapp"), "unknown-name", "did you mean map", "mapp"),
    (("signal", "map"), "unknown-name", "did you mean signals?", "signal"),
    (("signals", "mask", "", *LINUX), "parse", "an empty text is no mask", "'"),
    (("signals", "mask", "0x", *LINUX), "parse", "'0x' is no hexadecimal number", "0x"),
    (("signals", "mask", "1,zz", "--from", "linux-i386"), "parse", "'zz' is no hexadecimal number", "zz"),
    (("signals", "mask", "1, zz", "--from", "linux-i386"), "parse", "'zz' is no hexadecimal number", " zz"),
    (("signals", "mask", "1" * 17, *LINUX), "range", "which has 64 bits (1 x 64)", "1" * 17),
    (("signals", "mask", "1", "--from", "aix"), "unsupported", "their layout was not collected", "aix"),
    (("signals", "mask", *LINUX), "usage", "give one mask", None),
    (("signals", "mask", "1", "--proc", "1", *LINUX), "usage", "give one mask", None),
    (("signals", "mask", "--proc", "../1", *LINUX), "parse", "is no process: a number, or self", "../1"),
    (("signals", "mask", "--proc", "7", *LINUX), "file", "/proc/7/status: no such file", None),
    (("signals", "wait", "128", *LINUX), "range", "0x80 is no wait status of linux-x86_64", "128"),
    (("signals", "wait", "8b", *LINUX), "parse", "is no wait status: a decimal number, or 0x", "8b"),
    (("signals", "check", "nofile", "--against", "linux,illumos"), "file", "nofile: no such file", "nofile"),
    (("signals", "check", "layer.csv", "--against", "linux"), "parse", "with a comma between them", "linux"),
    (("signals", "check", "layer.csv", "--against", "linux,bsd"), "unknown-name", "did you mean", "bsd"),
    (("signals", "map", "1", *LINUX[:3], "bsd", "--policy", "lx-2006"), "unknown-name", "did you mean", "bsd"),
    (
        ("signals", "map", "1", "--from", "linux", "--to", "freebsd", "--policy", "lx-2006"),
        "unsupported",
        "lx runs x86 Linux programs on Solaris",
        "lx-2006",
    ),
    (("signals", "flow", "--path", "lx"), "usage", "'lx' is not one of 'native', 'lx-2006', 'lx-now'", "lx"),
    (("signals", "flow", "--path", "native", "--signal", "STKFLT"), "unknown-name", "signal of solaris-2005", "STKFLT"),
    ((), "usage", "Usage: helio", None),
    (("signals",), "usage", "Usage: helio signals", None),
]


@pytest.mark.parametrize(
    ("argv", "kind", "message", "under"), REFUSED, ids=[shlex.join(row[0])[:60] for row in REFUSED]
)
def test_refused(argv: tuple[str, ...], kind: str, message: str, under: str | None) -> None:
    with pytest.raises(Error) as caught:
        run(argv, files=MemoryFiles(FILES))
    error = caught.value
    assert (error.kind, error.exit_code) == (kind, 2)
    assert message in error.message
    shown = explain_error(error)
    if error.message.startswith("Usage:"):
        return
    first, *rest = shown.split("\n")
    assert first == f"helio: error: {error.message}"
    assert "\n" not in error.message
    if under is None:
        assert rest == []
        return
    line, carets = rest
    assert error.text is not None
    assert error.span is not None
    assert error.span.column is not None
    assert error.span.end_column is not None
    assert error.text[error.span.column - 1 : error.span.end_column - 1] == under
    assert line == f"  {error.text}"
    if line.isascii():
        assert [index for index, char in enumerate(carets) if char == "^"] == list(
            range(error.span.column + 1, error.span.end_column + 1)
        )


@pytest.mark.parametrize(
    ("content", "line", "column", "message", "shown"),
    [
        ("frm,to\n1,1\n", 1, 1, "the header has no column 'from'", "frm,to"),
        ("from,to\n1,1\n10\n", 3, 3, "the row has no column 'to'", "10"),
        ("", 1, 1, "no header", None),
        ('from,to\n"1,1\n', 2, 1, "not a row of comma-separated values", '"1,1'),
        ("from,to\n\x1b[31m\x00\n", 2, 7, "the row has no column 'to'", "\ufffd[31m\ufffd"),
    ],
)
def test_refused_tables(content: str, line: int, column: int, message: str, shown: str | None) -> None:
    argv = ["signals", "check", "t.csv", "--against", "linux,illumos"]
    with pytest.raises(Error) as caught:
        run(argv, files=MemoryFiles({"t.csv": content}))
    text = explain_error(caught.value)
    assert text.startswith(f"helio: t.csv:{line}:{column}: error: {message}")
    assert text.split("\n")[1:2] == ([] if shown is None else [f"  {shown}"])


@pytest.mark.parametrize("command", [("check", "f", "--against", "linux,illumos"), ("mask", "-", "--from", "linux")])
def test_bytes_that_are_no_text(command: tuple[str, ...]) -> None:
    files = MemoryFiles({"f": b"from,to\n\xff"}, stdin=b"from,to\n\xff")
    with pytest.raises(Error) as caught:
        run(["signals", *command], files=files)
    assert caught.value.span is not None
    assert caught.value.span.offset == 8
    name = command[1]
    assert explain_error(caught.value) == (
        f"helio: {name}:+0x8: error: not a text file: byte 0xff at offset 8 is no UTF-8"
    )


def test_a_log_may_hold_any_bytes() -> None:
    code, found = ask("signals", "trace", "-", stdin=b"\xff\x00 10 (lx 7)\r\n16 (lx 10)\r\n")
    assert code == 0
    assert [row["native"] for row in table(found, "trace")] == [10, 16]


def test_a_long_word_is_cut_around_the_caret() -> None:
    for words, column in ((["9" * 5000], 21), (["1", "9" * 5000], 23), (["HUP"] * 500 + ["9" * 5000], None)):
        with pytest.raises(RangeError) as caught:
            run(["signals", "map", *words, *LINUX])
        first, line, carets = explain_error(caught.value).split("\n")
        assert len(first) < 200
        assert len(line) <= 162
        assert len(carets) <= 162
        start = carets.index("^")
        assert set(line[start:]) == {"9"}
        if column is not None:
            assert start == column - 1


def test_version_is_one_line() -> None:
    _answer, text = plain("--version")
    assert re.fullmatch(r"helio \d+\.\d+\.\d+\n", text)
    _answer, text = plain("--version", "--format", "json")
    assert json.loads(text)["views"][0]["id"] == "version"


def test_rows_are_exact_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    _code, found = ask("signals", "wait", "0xffff", *LINUX)
    row: dict[str, Any] = table(found, "wait")[0]
    assert row["to_status"] == 65535
    assert row["to_status_hex"] == "0xffff"
