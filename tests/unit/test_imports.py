"""What the core may import: the standard library, and none of what the doors and the drawings need."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

import heliograph

PACKAGE = Path(heliograph.__file__).parent
GROUND = ("errors", "source", "bits", "files", "view", "x86.decode", "x86.cpu", "x86.text")
MEDIA = ("media", "media.text", "media.json", "media.csv")
ROOMS = ("model", "parse", "translate", "render", "tables", "system", "arithmetic")
WINGS = ("signals", "genassym")


def core() -> list[str]:
    """Return every module of the ground floor, the media named above and the rooms of the wings."""
    found = [f"heliograph.{name}" for name in (*GROUND, *MEDIA)]
    for wing, room in product(WINGS, ROOMS):
        folder = PACKAGE / wing
        for path in (folder / f"{room}.py", *sorted((folder / room).glob("*.py"))):
            if path.exists():
                parts = path.relative_to(PACKAGE).with_suffix("").parts
                found.append(".".join(("heliograph", *parts)).removesuffix(".__init__"))
    return found


HOOK = """
import sys
blocked = {"click", "docutils", "sphinx", "rich", "subprocess"}
class Hook:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is blocked here")
sys.meta_path.insert(0, Hook())
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
"""

ANSWER = """
from heliograph.media import Setting, render
from heliograph.signals.model import Libc
from heliograph.signals.parse.signals import signal
from heliograph.signals.render.numbers import map_table
from heliograph.signals.system import system_called
from heliograph.signals.translate.numbers import Translator
there = Translator(system_called("linux"), system_called("illumos"))
table = map_table([signal("USR1", there.source)], there, Libc.GLIBC)
for name in ("text", "json", "csv"):
    assert "SIGUSR1" in "".join(render(name, [table], Setting()))
loaded = blocked & {name.partition(".")[0] for name in sys.modules}
assert not loaded, loaded
"""


def python(code: str, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *argv], capture_output=True, text=True, check=False, timeout=60
    )


def test_the_core_answers_without_doors_and_drawings() -> None:
    names = core()
    assert len(names) > 30
    done = python(HOOK + ANSWER, *names)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_hook_blocks() -> None:
    for name in ("heliograph.command", "heliograph.process", "heliograph.signals.cli.numbers"):
        done = python(HOOK, name)
        assert done.returncode != 0
        assert "is blocked here" in done.stderr


@pytest.mark.parametrize("argv", [["signals", "map", "USR1", "--from", "linux", "--to", "illumos"], ["--help"]])
def test_a_pipe_does_not_pay_for_a_terminal(argv: list[str]) -> None:
    code = (
        "import sys; from heliograph.cli import main; code = main(sys.argv[1:]);"
        "heavy = {'rich', 'sphinx', 'docutils', 'subprocess', 'asyncio', 'socket'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else code)"
    )
    done = python(code, *argv)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_package_itself_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import heliograph; print(sorted(set(sys.modules) - before))"
    assert python(code).stdout == "['heliograph']\n"
