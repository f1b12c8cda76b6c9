"""Run commands and say how long they took and how much memory they had, beside a peer's figure from the same run."""

from __future__ import annotations

import os
import pty
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured command: seconds of wall time (median and least of the runs) and the peak of its memory in MB."""

    name: str
    median: float
    least: float
    megabytes: float
    note: str = ""


def command(name: str, argv: Sequence[str], *, runs: int = 9, stdin: Path | None = None, note: str = "") -> Figure:
    """Measure a command that writes into a pipe nobody reads slowly; the first run warms the caches and is left out."""
    times, peak = [], 0
    for run in range(runs + 1):
        with (stdin or Path(os.devnull)).open("rb") as given:
            start = time.perf_counter()
            child = subprocess.Popen(list(argv), stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _pid, _status, usage = os.wait4(child.pid, 0)
            child.returncode = 0
        if run:
            times.append(time.perf_counter() - start)
            peak = max(peak, usage.ru_maxrss)
    return _figure(name, times, peak, note)


def on_terminal(name: str, argv: Sequence[str], *, runs: int = 9, note: str = "") -> Figure:
    """Measure a command whose output is a terminal of its own."""
    times, peak = [], 0
    for run in range(runs + 1):
        start = time.perf_counter()
        child, master = pty.fork()
        if child == 0:
            os.environ["TERM"] = "xterm-256color"
            os.execvp(argv[0], list(argv))
        while _read(master):
            pass
        _pid, _status, usage = os.wait4(child, 0)
        os.close(master)
        if run:
            times.append(time.perf_counter() - start)
            peak = max(peak, usage.ru_maxrss)
    return _figure(name, times, peak, note)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:
        # Linux reports the end of a terminal as an error.
        return b""


def _figure(name: str, times: list[float], peak: int, note: str) -> Figure:
    """Return the figure; a peak that is not above this process' own says nothing, as a child starts with that."""
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / scale if peak > own else 0.0
    return Figure(name=name, median=statistics.median(times), least=min(times), megabytes=megabytes, note=note)


def timed(name: str, work: Callable[[], object], *, note: str = "") -> Figure:
    """Measure one call in this process; its memory is not known."""
    start = time.perf_counter()
    work()
    spent = time.perf_counter() - start
    return Figure(name=name, median=spent, least=spent, megabytes=0.0, note=note)


def show(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures; the first is ours, the others are the peers, with the ratio of their times to ours."""
    print(f"\n{title}")
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        ratio = "" if figure is figures[0] else f"{figure.median / figures[0].median:6.2f} x"
        memory = f"{figure.megabytes:7.1f} MB" if figure.megabytes else " " * 10
        times = f"{figure.median:8.3f} s (least {figure.least:.3f})"
        print(f"  {figure.name:<{width}}  {times}  {memory}  {ratio:>8}  {figure.note}".rstrip())
