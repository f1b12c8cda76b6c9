"""The site's configuration: ``python -m sphinx -c . docs build/html``."""

from __future__ import annotations

import os
import subprocess
import time
import warnings
from pathlib import Path

from heliograph import __version__

ROOT = Path(__file__).parent


def last_commit() -> str:
    """Return the day of the last commit, so that a manual page built tomorrow is the same page.

    Without git, SOURCE_DATE_EPOCH decides, and without that the newest day in the change log.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdigit():
        try:
            argv = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
            epoch = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            epoch = ""
    if epoch.isdigit():
        return time.strftime("%Y-%m-%d", time.gmtime(int(epoch)))
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    return next((line.rsplit(" ", 1)[-1] for line in lines if line.startswith("## [") and line[-1].isdigit()), "")


# sphinx-click 6.2 reads env.app, which Sphinx 9 deprecates; nothing else may.
warnings.filterwarnings("ignore", message=r".*env\.app.*", category=DeprecationWarning, module=r"sphinx_click\..*")

project = "heliograph"
author = "the heliograph authors"
copyright = "the heliograph authors"
version = release = __version__
today = last_commit()

extensions = ["myst_parser", "heliograph.sphinxext"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True
exclude_patterns = ["**/README.md"]
templates_path: list[str] = []

# Quotes and ellipses only: two hyphens are an option here, never a dash.
smartquotes_action = "qe"

html_theme = "furo"
html_title = f"heliograph {__version__}"
html_static_path = [name for name in ("docs/_static",) if (ROOT / name).is_dir()]
html_last_updated_fmt = None
html_show_sphinx = False

pygments_style = "friendly"
pygments_dark_style = "native"

epub_show_urls = "no"
epub_title = "heliograph"

_MANUALS = (
    ("reference/commands/helio", "helio", "the executable atlas of Solaris kernel mechanisms"),
    ("reference/commands/signals", "helio-signals", "translate signals between Linux, Solaris and the BSDs"),
    ("reference/commands/genassym", "helio-genassym", "write the constants that assembly code needs of C"),
    ("reference/commands/claims", "helio-claims", "check the sentences of the atlas"),
)
man_pages = [(page, name, text, author, 1) for page, name, text in _MANUALS if (ROOT / f"docs/{page}.md").exists()]
man_show_urls = False
