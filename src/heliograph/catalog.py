"""The list of subjects. A wing is imported when it is first used, by the name of its module."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from heliograph.errors import UnknownNameError
from heliograph.subject import Subject

__all__ = ["SUBJECTS", "Entry", "subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A row of the catalog: enough to list a subject without importing it."""

    name: str
    summary: str
    module: str


SUBJECTS = (
    Entry(
        name="signals",
        summary="Signal numbers, masks, wait statuses and delivery between Linux, Solaris and the BSDs.",
        module="heliograph.signals.cli",
    ),
)


def subject(name: str) -> Subject:
    """Import the wing ``name`` and return its Subject.

    :raises UnknownNameError: there is no such subject.
    """
    for entry in SUBJECTS:
        if entry.name == name:
            found = import_module(entry.module).SUBJECT
            assert isinstance(found, Subject)
            return found
    raise UnknownNameError("subject", name, (entry.name for entry in SUBJECTS))
