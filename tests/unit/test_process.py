"""Other programs: no shell, an end in time, a limit to what they write."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from heliograph.errors import Error, UnsupportedError
from heliograph.process import find, run

PYTHON = sys.executable


def test_what_a_program_writes_and_returns() -> None:
    code = "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('no'); sys.exit(3)"
    done = run([PYTHON, "-c", code], stdin="yes ä")
    assert (done.code, done.out, done.err) == (3, "YES Ä", "no")


def test_bytes_that_are_no_text_are_replaced() -> None:
    done = run(["cat"], stdin=b"a\xffb")
    assert done.out == "a\ufffdb"


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    words = ["$HOME", "`id`", f"; touch {mark}", "*", "a b", "'", "\n"]
    code = "import sys; sys.stdout.write('|'.join(sys.argv[1:]))"
    assert run([PYTHON, "-c", code, *words]).out == "|".join(words)
    assert not mark.exists()


def test_the_environment_is_added_to() -> None:
    code = "import os; print(os.environ['HELIO_TEST'], bool(os.environ.get('PATH')))"
    assert run([PYTHON, "-c", code], env={"HELIO_TEST": "x"}).out == "x True\n"


def test_a_missing_program_is_unsupported(tmp_path: Path) -> None:
    assert find("no-such-program-of-helio") is None
    with pytest.raises(UnsupportedError, match="no-such-program-of-helio: the program is not on PATH"):
        run(["no-such-program-of-helio"])
    plain = tmp_path / "plain"
    plain.write_text("no program")
    with pytest.raises(UnsupportedError, match="the program cannot be started"):
        run([str(plain)])


def test_a_program_is_found_beside_this_python() -> None:
    assert find("python3") is not None
    assert find(Path(PYTHON).name) is not None


def test_too_long_is_an_error() -> None:
    before = time.monotonic()
    with pytest.raises(Error, match=r"sleep did not end within 0\.2 s"):
        run(["sleep", "60"], timeout=0.2)
    assert time.monotonic() - before < 10


def test_a_child_that_keeps_the_pipe_is_stopped_too() -> None:
    before = time.monotonic()
    with pytest.raises(Error, match="did not end within"):
        run(["sh", "-c", "sleep 60 & exit 0"], timeout=0.3)
    assert time.monotonic() - before < 10


def test_too_much_is_an_error_before_it_is_all_read() -> None:
    with pytest.raises(Error, match="yes wrote more than 1000 bytes"):
        run(["yes"], limit=1000)
    assert len(run(["head", "-c", "1000", "/dev/zero"], limit=1000).out) == 1000
    # Complaints are kept up to the limit, and are no reason to fail.
    noisy = run([PYTHON, "-c", "import sys; sys.stderr.write('x' * 5000)"], limit=1000)
    assert (noisy.code, len(noisy.err)) == (0, 1000)
