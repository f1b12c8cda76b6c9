"""The one door to other programs: argument lists, never a shell, with a time and an output limit."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event, Timer
from typing import IO

from heliograph.errors import Error, UnsupportedError

__all__ = ["Finished", "find", "run"]

OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of standard output that are accepted from one program, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A program that has ended: its exit code and what it wrote, decoded as UTF-8 with replacement."""

    code: int
    out: str
    err: str


def find(program: str) -> str | None:
    """Return the path of ``program``: beside this Python first (a wheel's own command), then on PATH, else None."""
    scripts = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    return shutil.which(program, path=os.pathsep.join(scripts)) or shutil.which(program)


def run(
    argv: Sequence[str],
    *,
    stdin: str | bytes = "",
    timeout: float = 30.0,
    env: Mapping[str, str] | None = None,
    limit: int = OUTPUT_LIMIT,
) -> Finished:
    """Run a program to its end.

    :param argv: the program and its arguments; no shell reads them.
    :param stdin: what it reads.
    :param timeout: seconds after which it is killed.
    :param env: variables set on top of this process' environment.
    :param limit: bytes of standard output after which it is killed; of its errors, no more are kept.
    :raises UnsupportedError: the program is not there.
    :raises Error: it ran too long or wrote more than ``limit`` bytes.
    """
    # What it reads and its complaints are files, so that one pipe is left to watch and nothing can wait for another.
    with TemporaryFile() as given, TemporaryFile() as complaints:
        given.write(stdin.encode() if isinstance(stdin, str) else stdin)
        given.seek(0)
        late = Event()
        with _started(argv, given, complaints, env) as process:
            clock = Timer(timeout, _stop, (process, late))
            clock.start()
            try:
                assert process.stdout is not None
                out = process.stdout.read(limit + 1)
                if len(out) <= limit:
                    process.wait()
            finally:
                clock.cancel()
                _stop(process, Event())
        if late.is_set():
            raise Error(f"{argv[0]} did not end within {timeout:g} s")
        if len(out) > limit:
            raise Error(f"{argv[0]} wrote more than {limit} bytes")
        complaints.seek(0)
        err = complaints.read(limit)
    return Finished(code=process.returncode, out=out.decode(errors="replace"), err=err.decode(errors="replace"))


def _started(
    argv: Sequence[str], given: IO[bytes], complaints: IO[bytes], env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, **env} if env else None,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise UnsupportedError(argv[0], "the program is not on PATH") from error
    except OSError as error:
        raise UnsupportedError(argv[0], f"the program cannot be started ({error.strerror})") from error


def _stop(process: subprocess.Popen[bytes], stopped: Event) -> None:
    """Kill a program that still runs, with what it has started: one of these may hold the pipe open."""
    if process.returncode is not None:
        return
    stopped.set()
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
