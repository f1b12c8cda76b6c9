"""The exported table before a C compiler that takes every warning for an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from heliograph import process
from heliograph.cli import run

pytestmark = pytest.mark.oracle

FLAGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only")
USER = """
#include "map.h"
#include "map.h"
int cells[sizeof linux_x86_64_to_illumos / sizeof linux_x86_64_to_illumos[0] == 65 ? 1 : -1];
int there(int n);
int there(int n) { return linux_x86_64_to_illumos_number(n); }
"""


@pytest.mark.skipif(process.find("gcc") is None, reason="gcc is not installed")
def test_the_c_compiles_alone_and_included_twice(tmp_path: Path) -> None:
    words = ["signals", "export", "--to-lang", "c", "--from", "linux", "--to", "illumos"]
    header = tmp_path / "map.h"
    header.write_text("".join(run(words).render()))
    user = tmp_path / "user.c"
    user.write_text(USER)
    for source in (("-x", "c", str(header)), (str(user),)):
        done = process.run(("gcc", *FLAGS, *source))
        assert (done.code, done.err) == (0, "")
