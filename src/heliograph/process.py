"""The one door to other programs: argument lists, never a shell, with a time and an output limit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from heliograph.errors import Error, UnsupportedError

__all__ = ["Finished", "find", "run"]

OUTPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of standard output that are accepted from one program."""


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
) -> Finished:
    """Run a program to its end.

    :param argv: the program and its arguments; no shell reads them.
    :param stdin: what it reads.
    :param timeout: seconds after which it is killed.
    :param env: variables set on top of this process' environment.
    :raises UnsupportedError: the program is not there.
    :raises Error: it ran too long or wrote more than :data:`OUTPUT_LIMIT` bytes.
    """
    given = stdin.encode() if isinstance(stdin, str) else stdin
    try:
        done = subprocess.run(
            list(argv),
            input=given,
            capture_output=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **env} if env else None,
        )
    except FileNotFoundError as error:
        raise UnsupportedError(argv[0], "the program is not on PATH") from error
    except OSError as error:
        raise UnsupportedError(argv[0], f"the program cannot be started ({error.strerror})") from error
    except subprocess.TimeoutExpired as error:
        raise Error(f"{argv[0]} did not end within {timeout:g} s") from error
    if len(done.stdout) > OUTPUT_LIMIT:
        raise Error(f"{argv[0]} wrote more than {OUTPUT_LIMIT} bytes")
    return Finished(
        code=done.returncode,
        out=done.stdout.decode(errors="replace"),
        err=done.stderr.decode(errors="replace"),
    )
