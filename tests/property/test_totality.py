"""No input fails other than by an Error: any command line, any file."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.strategies import argv, contents, layers, libcs, logs, statuses, systems, words
from tests.unit.door import check_answer

from heliograph.cli import explain_error, run
from heliograph.errors import Error
from heliograph.files import MemoryFiles
from heliograph.signals.model import Libc, System
from heliograph.signals.parse.layer import layer_table
from heliograph.signals.parse.log import log_pairs
from heliograph.signals.parse.sets import mask, status_masks, wait_status
from heliograph.signals.parse.signals import signal


def outcome(given_argv: list[str], content: bytes) -> None:
    """Run a command on one file under every name; its answer or its error must be whole."""
    names = ("a.csv", "log", "status", "/proc/self/status")
    files = MemoryFiles(dict.fromkeys(names, content), stdin=content)
    try:
        answer = run(given_argv, files=files)
        text = "".join(answer.render(width=80))
    except Error as error:
        check_error(error)
        return
    assert answer.exit_code in (0, 1)
    assert text.endswith("\n")
    if answer.output.format == "json":
        check_answer(json.loads(text))


def check_error(error: Error) -> None:
    assert error.exit_code == 2
    assert error.message
    shown = explain_error(error)
    if error.message.startswith("Usage:"):
        return
    lines = shown.split("\n")
    assert len(lines) in (1, 3)
    assert all(line.isprintable() for line in lines)
    span = error.span
    if len(lines) == 3:
        assert span is not None
        assert span.column is not None
        assert set(lines[2].strip()) == {"^"}
        assert error.text is not None
        assert 1 <= span.column <= len(error.text) + 1
    if span is not None and span.file is not None:
        assert span.offset is not None or (span.line is not None and span.column is not None)


def runnable(command_line: list[str]) -> bool:
    """Return whether the formats of a command line need no engine outside this process."""
    return not {"dot", "svg", "html", "md"} & set(command_line)


@settings(max_examples=400)
@given(argv.filter(runnable), contents)
@example(["signals", "map", "\n", "--from", "linux", "--to", "linux"], b"")
@example(["signals", "map", "\ud800", "--from", "linux", "--to", "linux"], b"")
@example(["signals", "map", "\u2028\x85", "--from", "linux", "--to", "linux"], b"")
@example(["--format"], b"")
@example(["--format", "json", "--help"], b"")
@example(["signals", "mask", "-", "--from", "linux", "--format", "json"], b"\xef\xbb\xbf\xff")
def test_any_command_line(command_line: list[str], content: bytes) -> None:
    outcome(command_line, content)


@settings(max_examples=150)
@given(st.lists(words, max_size=5).filter(runnable))
def test_any_words(command_line: list[str]) -> None:
    outcome(command_line, b"")


COMMANDS = [
    ["signals", "check", "-", "--against", "linux,illumos", "--complete", "--format", "json"],
    ["signals", "check", "a.csv", "--against", "linux-sparc,darwin", "--policy", "drop"],
    ["signals", "trace", "-", "--format", "json"],
    ["signals", "trace", "log", "--policy", "lx-2019"],
    ["signals", "mask", "-", "--from", "linux", "--to", "illumos", "--format", "json"],
    ["signals", "mask", "--proc", "self", "--from", "linux-mips64", "--to", "freebsd"],
]


@settings(max_examples=300)
@given(st.sampled_from(COMMANDS), contents)
def test_any_file(command: list[str], content: bytes) -> None:
    outcome(command, content)


@given(st.one_of(st.text(max_size=10), words), systems, libcs)
def test_any_signal(text: str, where: System, libc: Libc) -> None:
    caught = None
    try:
        assert signal(text, where, libc).number in where.numbers
    except Error as error:
        caught = error
    assert caught is None or caught.text == text


@given(st.one_of(st.text(max_size=10), st.integers(0, 2**130).map("{:x}".format)), systems, st.booleans())
def test_any_mask(text: str, where: System, old: bool) -> None:
    try:
        found = mask(text, where, old=old)
    except Error:
        return
    assert list(found) == sorted(set(found))
    bits = 32 if old else where.mask.bits if where.mask else 0
    assert all(1 <= number <= bits for number in found)


@given(st.one_of(st.text(max_size=8), st.integers().map(str), st.integers(0).map(hex)))
def test_any_wait_status(text: str) -> None:
    try:
        assert 0 <= wait_status(text) <= 0xFFFFFF
    except Error:
        return


@given(layers)
def test_a_layers_cells_stand_where_it_says(text: str) -> None:
    lines = text.split("\n")
    try:
        found = layer_table(text, "t.csv")
    except Error as error:
        line = error.span.line if error.span is not None else None
        found = []
    else:
        line = 1
    assert line is not None
    assert 1 <= line <= len(lines)
    for row in found:
        for cell, column in row.cells:
            if '"' not in lines[row.line - 1]:
                assert lines[row.line - 1][column - 1 :].startswith(cell)


@given(logs)
def test_a_pair_stands_where_it_says(text: str) -> None:
    lines = text.split("\n")
    for native, linux, line, column, end in log_pairs(lines):
        piece = lines[line - 1][column - 1 : end - 1]
        assert piece.endswith(")")
        assert piece[0].isdigit()
        assert 0 <= native <= 999
        assert 0 <= linux <= 999


@given(statuses, systems)
def test_any_status_file(text: str, where: System) -> None:
    try:
        found = status_masks(text, "status", where)
    except Error:
        return
    assert found
