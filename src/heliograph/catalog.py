"""The list of subjects. A wing is imported when it is first used, by the name of its module."""

from __future__ import annotations

from importlib import import_module

from heliograph.command import Entry
from heliograph.errors import UnknownNameError
from heliograph.subject import Subject

__all__ = ["SUBJECTS", "subject"]


SUBJECTS = (
    Entry(
        name="signals",
        summary="Translate signals between Linux, Solaris and the BSDs.",
        place="heliograph.signals.cli.subject:SUBJECT",
    ),
    Entry(
        name="genassym",
        summary="Write the constants that assembly code needs of C.",
        place="heliograph.genassym.cli.subject:SUBJECT",
    ),
)
"""A row a subject: enough to list it without importing it."""


def subject(name: str) -> Subject:
    """Import the wing ``name`` and return its Subject.

    :raises UnknownNameError: there is no such subject.
    """
    for entry in SUBJECTS:
        if entry.name == name:
            module, _, attribute = entry.place.partition(":")
            found = getattr(import_module(module), attribute)
            assert isinstance(found, Subject)
            return found
    raise UnknownNameError("subject", name, (entry.name for entry in SUBJECTS))
