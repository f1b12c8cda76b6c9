"""A small site in a folder and a process of its own, with a copy of heliograph that a test may change."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Built", "Project"]

ROOT = Path(__file__).parents[2]
_CONF = """
import sys, warnings
warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"sphinx_click[.].*")
extensions = ["myst_parser", "heliograph.sphinxext"]
project = copyright = "small"
version = "1"
html_theme = "{theme}"
html_last_updated_fmt = None
today = "2026-11-24"
man_pages = [("index", "small", "a small site", "nobody", 1)]
nitpicky = True
"""
_PLACE = re.compile(r"(\S+?\.(?:md|rst)):(\d+): WARNING: (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build did: its exit code, what it said, and which pages it read."""

    code: int
    said: str
    read: tuple[str, ...]

    @property
    def warnings(self) -> list[tuple[str, int, str]]:
        """Return (file, line, first line of the message)."""
        return [(Path(name).name, int(line), text) for name, line, text in _PLACE.findall(self.said)]


class Project:
    """A folder with ``docs``, ``conf.py`` and ``src/heliograph``."""

    def __init__(self, folder: Path, pages: dict[str, str], *, theme: str = "basic") -> None:
        self.folder = folder
        shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "docs").mkdir(parents=True)
        (folder / "conf.py").write_text(_CONF.format(theme=theme), encoding="utf-8")
        for name, text in pages.items():
            self.write(f"docs/{name}", text)

    def write(self, name: str, text: str) -> None:
        """Write a file; its time is now, which is later than any build before."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file that has it."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def touch(self, name: str) -> None:
        """Let a file be changed now without another content."""
        os.utime(self.folder / name)

    def build(self, *options: str, builder: str = "html", out: str = "html") -> Built:
        """Build with warnings as errors."""
        argv = [sys.executable, "-m", "sphinx", "-b", builder, "-W", "--keep-going", "-v", "-c", ".", *options]
        argv += [] if "-d" in options else ["-d", f"build/trees/{out}"]
        argv += ["docs", f"build/{out}"]
        env = {**os.environ, "PYTHONPATH": str(self.folder / "src"), "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}
        done = subprocess.run(argv, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        read = re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", said)
        return Built(code=done.returncode, said=said, read=tuple(sorted(set(read))))

    def page(self, name: str, out: str = "html") -> str:
        """Return a page of the site."""
        return (self.folder / "build" / out / f"{name}.html").read_text(encoding="utf-8")

    def tree(self, out: str = "html") -> dict[str, str]:
        """Return every file of a built site with the digest of its bytes."""
        folder = self.folder / "build" / out
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
