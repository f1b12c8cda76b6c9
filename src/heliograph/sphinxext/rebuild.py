"""What has to be read or written again although its own file has not changed, and what has to go."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util.index_entries import split_index_msg
from sphinx.util.logging import NAMESPACE, SphinxWarningLogRecord

from heliograph.sphinxext.domain import domain_of

__all__ = [
    "Complaints",
    "broken_pages",
    "keep_index_entries",
    "pages_with_other_navigation",
    "remove_stale_output",
]


class Complaints(logging.Handler):
    """The pages about which Sphinx complains, whoever finds the fault and in whichever phase.

    Sphinx forgets a warning of a page that it does not read again: a link to nowhere would fail one build and not the
    next. Without its doctree a page is read again.
    """

    def __init__(self, app: Sphinx) -> None:
        super().__init__(logging.WARNING)
        self._records: list[logging.LogRecord] = []
        logging.getLogger(NAMESPACE).addHandler(self)
        app.connect("build-finished", self.forget_doctrees)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record: a handler after this one turns its location into a file and a line."""
        self._records.append(record)

    def forget_doctrees(self, app: Sphinx, _error: Exception | None) -> None:
        """Remove the doctrees of the pages."""
        logging.getLogger(NAMESPACE).removeHandler(self)
        # A warning that the configuration suppresses has not been given Sphinx's own class.
        shown = [record.location for record in self._records if isinstance(record, SphinxWarningLogRecord)]
        for place in {found[0] for where in shown if (found := re.match(r"(?:[A-Za-z]:)?[^:]+", where or ""))}:
            docname = app.env.path2doc(place)
            if docname in app.env.found_docs:
                (app.doctreedir / f"{docname}.doctree").unlink(missing_ok=True)


def broken_pages(
    _app: Sphinx, env: BuildEnvironment, _added: set[str], _changed: set[str], removed: set[str]
) -> Iterable[str]:
    """Return the pages that failed: a warning of the last build must come again until it is mended."""
    return sorted(set(domain_of(env).failed) - removed)


def pages_with_other_navigation(_app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Return all pages if what they may show of other pages has changed.

    Themes draw the navigation on every page, and a reference shows the title of what it leads to.
    """
    parts = [
        (
            name,
            env.titles[name].astext() if name in env.titles else "",
            str(env.tocs.get(name, "")),
            env.toctree_includes.get(name, []),
        )
        for name in sorted(env.found_docs)
    ]
    targets = sorted((name, *found) for name, domain in env.domains.items() for found in domain.get_objects())
    digest = hashlib.sha256(repr((parts, targets)).encode()).hexdigest()
    data = domain_of(env).data
    before, data["navigation"] = data["navigation"], digest
    return sorted(env.found_docs) if before and before != digest else []


def keep_index_entries(app: Sphinx) -> Iterable[tuple[str, dict[str, object], str]]:
    """Give the search the index entries of the pages that are not written this time; it keeps all else of them.

    Sphinx reads the last search index back, but not its index entries, so that a second build would lose them. Of a
    page that is gone it would keep the words that no other page has, each with an empty list of pages.
    """
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        for mapping in (indexer._mapping, indexer._title_mapping):
            for word in [word for word, pages in mapping.items() if pages.isdisjoint(app.env.found_docs)]:
                del mapping[word]
        for docname, entries in app.env.domains.index_domain.entries.items():
            if docname in app.env.found_docs and docname not in indexer._index_entries:
                indexer._index_entries[docname] = sorted(_found_in_index(entries))
    return []


def _found_in_index(entries: Iterable[Sequence[str | None]]) -> set[tuple[str, str, str]]:
    """Return (entry, target, main) as the search keeps them."""
    found = set()
    for kind, value, target, main, *_rest in entries:
        with suppress(ValueError):
            words = split_index_msg(str(kind), str(value))
            first = words[:1] if kind in ("see", "seealso") else words
            found |= {(word, target or "", main or "") for word in first}
    return found


def remove_stale_output(app: Sphinx, error: Exception | None) -> None:
    """Remove the pages of sources that are gone; Sphinx leaves them where they are."""
    if error is not None or not isinstance(app.builder, StandaloneHTMLBuilder):
        return
    builder, out = app.builder, Path(app.outdir)
    special = {"genindex", "search", "py-modindex", *app.config.html_additional_pages}
    copied = {path.relative_to(top).as_posix() for top in _extra_folders(app) for path in top.rglob("*")}
    for path in out.rglob(f"*{builder.out_suffix}"):
        name = path.relative_to(out).as_posix().removesuffix(builder.out_suffix)
        if (
            name.startswith("_static/")
            or name in special
            or name.endswith("-modindex")
            or str(path.relative_to(out)) in copied
        ):
            continue
        if name not in app.env.found_docs:
            path.unlink()
    for path in (out / "_sources").rglob("*.txt"):
        name = path.relative_to(out / "_sources").as_posix().removesuffix(".txt")
        if not any(f"{doc}{suffix}" == name for doc, suffix in _sources(app)):
            path.unlink()
    if builder.name != "epub":  # whose pictures are known to the builder only
        _remove_stale_copies(out / builder.imagedir, {str(name) for _pages, name in app.env.images.values()})
        _remove_stale_copies(out / "_downloads", {str(name) for _pages, name in app.env.dlfiles.values()})
    for folder in sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def _remove_stale_copies(folder: Path, wanted: Collection[str]) -> None:
    """Remove the files that no page shows or offers any more."""
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in wanted:
            path.unlink()


def _extra_folders(app: Sphinx) -> Iterable[Path]:
    """Return the folders whose content is copied to the top of the site."""
    return [path for name in app.config.html_extra_path if (path := Path(app.confdir, name)).is_dir()]


def _sources(app: Sphinx) -> Iterable[tuple[str, str]]:
    for doc in app.env.found_docs:
        yield doc, Path(app.env.doc2path(doc)).suffix
