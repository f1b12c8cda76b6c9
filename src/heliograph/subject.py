"""The face that every wing shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from heliograph.source import Source
from heliograph.view import View

__all__ = ["Subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject of the atlas.

    :param name: the name of the wing and of its command.
    :param command: the click group; each leaf command, invoked, returns ``tuple[View, ...]``.
    :param reference: the tables that the subject stands on, as views for the reference pages.
    :param sources: where its facts come from; a function, as a command that needs few facts should not load them all.
    """

    name: str
    command: click.Command
    reference: Callable[[], tuple[View, ...]]
    sources: Callable[[], tuple[Source, ...]]
