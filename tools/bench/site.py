"""How long the site takes to build, beside a site of the same pages that runs no command."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from tools.bench.measure import ROOT, command, show

_DIRECTIVE = re.compile(r"^```\{(helio|click)\}.*?^```$", re.MULTILINE | re.DOTALL)
_PLAIN = """extensions = ["myst_parser"]
html_theme = "furo"
exclude_patterns = []
suppress_warnings = ["myst"]
"""


def run() -> None:
    """Print the figures of the subject."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder, "ours"), Path(folder, "plain")
        shutil.copytree(ROOT / "docs", plain / "docs")
        for page in (plain / "docs").rglob("*.md"):
            page.write_text(_DIRECTIVE.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
        (plain / "conf.py").write_text(_PLAIN, encoding="utf-8")
        here = _sphinx(ROOT, ROOT / "docs", ours)
        peer = _sphinx(plain, plain / "docs", plain / "build")
        show(
            "The site, cold (aim: under 20 s)",
            [
                command("helio pages", ["sh", "-c", f"rm -rf {ours} && {here}"], runs=2),
                command("the same pages, no command", ["sh", "-c", f"rm -rf {plain / 'build'} && {peer}"], runs=2),
            ],
        )
        show(
            "The site, nothing changed (aim: under 3 s)",
            [command("helio pages", ["sh", "-c", here], runs=3), command("plain", ["sh", "-c", peer], runs=3)],
        )


def _sphinx(config: Path, source: Path, out: Path) -> str:
    return f"{sys.executable} -m sphinx -q -b html -c {config} {source} {out}"
