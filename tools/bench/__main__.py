"""Measure: ``python3 noxfile.py -s bench -- SUBJECT...``; no subject measures all.

Figures are printed, never tested: what a machine does today is no law.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import import_module

_SUBJECTS = ("signals", "genassym", "site")


def main(subjects: list[str]) -> int:
    """Measure the subjects and print the figures."""
    unknown = [name for name in subjects if name not in _SUBJECTS]
    if unknown:
        print(f"unknown subject: {', '.join(unknown)}; there are {', '.join(_SUBJECTS)}", file=sys.stderr)
        return 2
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors")
    for name in subjects or _SUBJECTS:
        import_module(f"tools.bench.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
