"""The width of a help text on a page, which is no business of the terminal that builds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["eighty_columns"]

_NAME = "COLUMNS"


@contextmanager
def eighty_columns() -> Iterator[None]:
    """Let click fold what it writes at 80 columns: it asks the environment, and then the terminal."""
    before = os.environ.get(_NAME)
    os.environ[_NAME] = "80"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NAME]
        else:
            os.environ[_NAME] = before
