"""Check a built site without a network: ``python tools/check_site.py build/html``.

Every page is well formed and has each id once; every internal link reaches a file of the site and, where it names one,
an id on that page; nothing that a browser loads by itself comes from elsewhere.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
# What a browser fetches without being asked; `rel` values of a link that only name a page are not among them.
LOADS = {("audio", "src"), ("embed", "src"), ("iframe", "src"), ("image", "href"), ("img", "src"), ("input", "src")}
LOADS |= {("object", "data"), ("script", "src"), ("source", "src"), ("track", "src"), ("use", "href"), ("video", "src")}
NAMES = frozenset(["alternate", "author", "bookmark", "canonical", "help", "license", "next", "prev", "search"])
CSS_URL = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s;]+)""", re.IGNORECASE)


class Page(HTMLParser):
    """What one page says: its ids, its links with their lines, and what is wrong with it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[tuple[int, str]] = []
        self.faults: list[tuple[int, str]] = []
        self._open: list[tuple[str, int]] = []
        self._style = False
        self.feed(text)
        self.close()
        self.faults += [(line, f"<{tag}> is never closed") for tag, line in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append((tag, self.getpos()[0]))
        self._style = tag == "style"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        rel = frozenset((dict(attrs).get("rel") or "").split())
        for name, value in attrs:
            value = value or ""
            if name == "id" or (tag == "a" and name == "name"):
                if name == "id" and value in self.ids:
                    self.faults.append((line, f"the id {value!r} is there twice"))
                self.ids.add(value)
            elif name in ("href", "src", "xlink:href") or (tag, name) == ("object", "data"):
                loads = (tag, name.removeprefix("xlink:")) in LOADS or (tag == "link" and not rel & NAMES)
                if loads and _is_outside(value):
                    self.faults.append((line, f"<{tag} {name}> loads {value} from elsewhere"))
                self.links.append((line, value))
            elif name in ("srcset", "poster") and re.search(r"(^|[\s,])(https?:)?//", value):
                self.faults.append((line, f"<{tag} {name}> loads {value} from elsewhere"))
            elif name == "style":
                self._css(value)

    def handle_endtag(self, tag: str) -> None:
        self._style = False
        if self._open and self._open[-1][0] == tag:
            self._open.pop()
            return
        line = self.getpos()[0]
        if tag in (name for name, _ in self._open):
            while self._open[-1][0] != tag:
                self.faults.append((line, "</{}> closes over <{}> of line {}".format(tag, *self._open.pop())))
            self._open.pop()
        else:
            self.faults.append((line, f"</{tag}> closes nothing"))

    def handle_data(self, data: str) -> None:
        if self._style:
            self._css(data)

    def _css(self, text: str) -> None:
        self.faults += [(self.getpos()[0], f"a style loads {url} from elsewhere") for url in CSS_URL.findall(text)]


def _is_outside(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "ftp", "ws", "wss") or url.startswith("//")


def faults(site: Path) -> Iterator[str]:
    """Yield one line for each thing that is wrong with ``site``."""
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        for line, fault in page.faults:
            yield f"{path}:{line}: {fault}"
        for line, link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = path
            if parts.path:
                base = site if parts.path.startswith("/") else path.parent
                target = (base / unquote(parts.path).lstrip("/")).resolve()
                target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                yield f"{path}:{line}: {link} leads to no file"
            elif not target.is_relative_to(site):
                yield f"{path}:{line}: {link} leads out of the site"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids | {"top"}:
                yield f"{path}:{line}: {link} names no id of that page"
    for sheet in sorted(site.rglob("*.css")):
        for url in CSS_URL.findall(sheet.read_text(encoding="utf-8")):
            yield f"{sheet}: loads {url} from elsewhere"
    if not pages:
        yield f"{site}: there are no pages"
    else:
        print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links looked at")


def main() -> int:
    """Print the faults of the site named on the command line; return 1 if there are any."""
    found = list(faults(Path(sys.argv[1]).resolve()))
    print("\n".join([*found, f"{len(found)} faults"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
