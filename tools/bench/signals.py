"""How long a question about signals takes, beside tools that answer a smaller one."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

from tools.bench.measure import Figure, command, on_terminal, show

_HELIO = [sys.executable, "-m", "heliograph"]
_MAP = [*_HELIO, "signals", "map", "USR1", "--from", "linux", "--to", "illumos"]
_LINES = 1_000_000


def run() -> None:
    """Print the figures of the subject."""
    peers = [
        command("python -c pass", [sys.executable, "-c", "pass"], note="the interpreter alone"),
        command("python -c 'import click'", [sys.executable, "-c", "import click"], note="the option parser alone"),
        command("python -c 'import signal, ...'", [sys.executable, "-c", "import signal; print(signal.SIGUSR1)"]),
    ]
    for name, argv in (
        ("bash -c 'kill -l 10'", ["bash", "-c", "kill -l 10"]),
        ("perl -MConfig", ["perl", "-MConfig", "-e", "print $Config{sig_name}"]),
        ("gdb -batch", ["gdb", "-batch", "-ex", "info signals SIGUSR1"]),
    ):
        if shutil.which(argv[0]):
            peers.append(command(name, argv, note="host numbers only"))
    show("helio signals map, into a pipe (aim: under 0.15 s)", [command("helio signals map", _MAP), *peers])
    show(
        "helio signals map, on a terminal (aim: under 0.2 s)",
        [on_terminal("helio signals map", _MAP), on_terminal("python -c pass", [sys.executable, "-c", "pass"])],
    )
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "zone.log")
        _write_log(log)
        figures = [command("helio signals trace", [*_HELIO, "signals", "trace", str(log)], runs=3)]
        if shutil.which("grep"):
            # Into a pipe: grep stops at the first match when nobody can read more than that.
            pairs = f"grep -oE '[0-9]+ \\(lx [0-9]+\\)' {log} | sort | uniq -c"
            figures.append(command("grep | sort | uniq -c", ["sh", "-c", pairs], runs=3, note="counts, no check"))
        show(f"helio signals trace, {_LINES:,} lines (aim: 200,000 lines/s)", [_rate(figures[0]), *figures[1:]])


def _rate(figure: Figure) -> Figure:
    note = f"{_LINES / figure.median:,.0f} lines/s"
    return Figure(name=figure.name, median=figure.median, least=figure.least, megabytes=figure.megabytes, note=note)


def _write_log(path: Path) -> None:
    """Write a log in which one line in five has a pair."""
    choose = random.Random(2005)
    pairs = ["10 (lx 7)", "12 (lx 31)", "30 (lx 24)", "31 (lx 25)", "5 (lx 5)"]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(_LINES):
            what = f"delivering signal {choose.choice(pairs)}" if number % 5 == 0 else "syscall read returned 4096"
            stream.write(f"[{number:8d}] lx_brand: thread {number % 64}: {what}\n")
