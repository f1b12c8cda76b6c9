"""Where a fact comes from."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A public file, manual or run that a row of a table was taken from.

    :param fact: what it is the source of, such as ``signal numbers of linux-sparc``.
    :param project: ``owner/name`` of a repository, or the name of a manual.
    :param revision: the commit, edition or date.
    :param path: the file inside the project, or the chapter.
    :param note: a remark, such as ``comment only, not verified``.
    """

    fact: str
    project: str
    revision: str = ""
    path: str = ""
    note: str = ""
