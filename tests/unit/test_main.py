"""The program ``helio`` as a shell runs it: streams, exit codes, pipes, terminals."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.unit.door import check_answer

pty = pytest.importorskip("pty")

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
HELIO = [sys.executable, "-W", "error", "-m", "heliograph"]
USR1 = ["signals", "map", "USR1", "STKFLT", "--from", "linux", "--to", "illumos"]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "TERM", "LINES")}
    return {**kept, "TERM": "xterm", **changes}


def helio(
    *argv: str | bytes, stdin: bytes = b"", changes: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(
        [*HELIO, *argv], input=stdin, capture_output=True, check=False, timeout=60, env=environment(**(changes or {}))
    )
    assert done.returncode != 70, done.stderr
    assert b"Traceback" not in done.stderr + done.stdout
    return done


def on_terminal(*argv: str, columns: int, **changes: str) -> str:
    """Return what ``helio`` writes to a terminal of that width."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*HELIO, *argv], environment(COLUMNS=str(columns), **changes))
    written = b""
    try:
        while select.select([terminal], [], [], 30)[0]:
            piece = os.read(terminal, 65536)
            if not piece:
                break
            written += piece
    except OSError:
        pass  # Linux says so when the other side has closed.
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return written.decode().replace("\r\n", "\n")


def test_answers_go_to_standard_output() -> None:
    done = helio(*USR1)
    assert done.returncode == 1
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert lines[2].split()[:4] == ["SIGUSR1", "10", "16", "SIGUSR1"]


def test_a_pipe_gets_neither_escapes_nor_folds() -> None:
    argv = ["signals", "map", "40", "--from", "linux", "--to", "solaris-2005", "--policy", "lx-2006"]
    for changes in ({}, {"COLUMNS": "40"}, {"FORCE_COLOR": "1"}, {"CLICOLOR_FORCE": "1"}):
        done = helio(*argv, changes=changes)
        assert b"\x1b" not in done.stdout
        row = done.stdout.decode().splitlines()[-1]
        assert row.endswith("a mask bit is dropped in silence")
        assert len(row) > 150


def test_json_errors_go_to_standard_error() -> None:
    done = helio("signals", "map", "USR3", "--from", "linux", "--to", "illumos", "--format", "json")
    assert (done.returncode, done.stdout) == (2, b"")
    (line,) = done.stderr.decode().splitlines()
    error = json.loads(line)["error"]
    assert list(error) == ["kind", "message", "span"]
    assert error["kind"] == "unknown-name"
    assert error["span"] == {"file": None, "line": 1, "column": 19, "end_column": 23}


def test_json_errors_in_a_file_have_its_place() -> None:
    argv = ["--format", "json", "signals", "check", "-", "--against", "linux,illumos"]
    done = helio(*argv, stdin=b"from,to\n1\n")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, error["kind"]) == (2, "parse")
    assert error["span"] == {"file": "-", "line": 2, "column": 2, "end_column": 3}
    done = helio(*argv, stdin=b"from,to\n\xff\n")
    error = json.loads(done.stderr)["error"]
    assert error["span"] == {"file": "-", "offset": 8}


def test_the_format_named_last_decides_about_errors() -> None:
    for words, is_json in (
        (["--format", "json", "signals", "map", "x", "--format", "text"], False),
        (["--format", "text", "signals", "map", "x", "--format=json"], True),
        (["--format=json", "signals", "nosuch"], True),
    ):
        done = helio(*words)
        assert done.returncode == 2
        assert done.stderr.startswith(b"{") == is_json


def test_files_of_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "layer.csv"
    path.write_bytes(b"\xef\xbb\xbffrom,to\r\n10,17\r\n")
    done = helio("signals", "check", str(path), "--against", "linux,illumos", "--format", "json")
    found = json.loads(done.stdout)
    check_answer(found)
    (item,) = found["views"][0]["items"]
    assert (done.returncode, item["file"], item["line"], item["column"]) == (1, str(path), 2, 4)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc here")
def test_the_sets_of_a_live_process() -> None:
    done = helio("signals", "mask", "--proc", "self", "--from", "linux", "--to", "illumos", "--format", "json")
    found = json.loads(done.stdout)
    check_answer(found)
    values = {row["set"]: row["value"] for row in found["views"][1]["rows"]}
    assert sorted(values) == ["ShdPnd", "SigBlk", "SigCgt", "SigIgn", "SigPnd"]
    # Python ignores SIGPIPE, whoever starts it; SIGINT may be ignored too, as in a shell's background.
    assert int(values["SigIgn"], 16) >> 12 & 1


@pytest.mark.parametrize(
    ("argv", "stdin"),
    [
        (["signals", "map", b"\xff\xfe", "--from", "linux", "--to", "illumos"], b""),
        (["signals", "check", b"no\xffsuch", "--against", "linux,illumos"], b""),
        (["signals", "check", "-", "--against", "linux,illumos"], bytes(range(256))),
        (["signals", "mask", "-", "--from", "linux"], b"\x00" * 100),
        (["signals", "mask", "f" * 100_000, "--from", "linux"], b""),
        (["signals", "map", "9" * 5000, "--from", "linux", "--to", "illumos"], b""),
        (["signals", "check", "/", "--against", "linux,illumos"], b""),
        (["signals", "trace", "/proc/self/mem"], b""),
        (["\x1b[31m"], b""),
    ],
)
def test_bad_input_ends_with_2_and_few_lines(argv: list[str | bytes], stdin: bytes) -> None:
    done = helio(*argv, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, b"")
    text = done.stderr.decode()
    assert text.startswith("helio: ")
    assert len(text.splitlines()) in (1, 3)
    assert max(map(len, text.splitlines())) < 400
    assert text.replace("\n", "").isprintable()


def test_a_closed_pipe_is_no_error() -> None:
    head = shutil.which("head")
    assert head is not None
    with subprocess.Popen([head, "-c", "1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as reader:
        assert reader.stdin is not None
        done = subprocess.run(
            [*HELIO, "signals", "diff", "linux-mips", "freebsd", "--explain", "--cite"],
            stdout=reader.stdin,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
        reader.stdin.close()
    assert done.stderr == b""


def with_streams(redirection: str, *argv: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``helio`` with the redirections of a shell."""
    script = f'exec "$@" {redirection}'
    return subprocess.run(["sh", "-c", script, "sh", *HELIO, *argv], capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("redirection", "argv", "words"),
    [
        # A stream that can only be written. (Python itself refuses a folder as standard input.)
        ("0> /dev/null", ["signals", "check", "-", "--against", "linux,illumos"], b"-: bad file descriptor"),
        ("0> /dev/null", ["signals", "trace", "-"], b"-: bad file descriptor"),
        ("<&-", ["signals", "trace", "-"], b"-: standard input is closed"),
        (">&-", USR1, b"standard output is closed"),
        ("> /dev/full", USR1, b"the answer cannot be written: No space left on device"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="the files of Linux")
def test_streams_that_cannot_be_used(redirection: str, argv: list[str], words: bytes) -> None:
    done = with_streams(redirection, *argv)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.splitlines()[0] == b"helio: error: " + words


@pytest.mark.parametrize(
    ("changes", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_has_colour_unless_it_is_told_not_to(changes: dict[str, str], colour: bool) -> None:
    written = on_terminal(*USR1, columns=100, **changes)
    assert ("\x1b[" in written) == colour
    assert "SIGSTKFLT" in ESCAPE.sub("", written)


def test_a_terminal_folds_to_its_width() -> None:
    argv = ["signals", "map", "40", "--from", "linux", "--to", "solaris-2005", "--policy", "lx-2006"]
    plain = ESCAPE.sub("", on_terminal(*argv, columns=70))
    assert max(map(len, plain.splitlines())) <= 70
    assert "a mask bit is dropped in silence" in " ".join(plain.split())
    assert plain == on_terminal(*argv, columns=70, NO_COLOR="1")


def test_only_text_is_coloured() -> None:
    for form in ("json", "csv"):
        assert "\x1b" not in on_terminal(*USR1, "--format", form, columns=40)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_completion(shell: str) -> None:
    script = helio("completion", shell).stdout
    program = shutil.which(shell)
    if program is not None:
        subprocess.run([program, "-n"], input=script, check=True, timeout=30)


def test_completion_through_the_environment() -> None:
    asked = {"_HELIO_COMPLETE": "bash_complete", "COMP_WORDS": "helio signals map --from darwin INF", "COMP_CWORD": "5"}
    assert helio(changes=asked).stdout == b"plain,INFO\n"
    for broken in ({"COMP_CWORD": "x"}, {"COMP_WORDS": "helio 'signals", "COMP_CWORD": "2"}):
        helio(changes={**asked, **broken})
    done = helio(changes={"_HELIO_COMPLETE": "bash_complete"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"helio: _HELIO_COMPLETE is for completion scripts")
