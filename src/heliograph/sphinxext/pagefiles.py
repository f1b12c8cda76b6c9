"""The Files port of a page: the files beside it, each a dependency of the page, and the directive's body as input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from heliograph.errors import FileError
from heliograph.files import STDIN, DiskFiles, MemoryFiles, Progress, RandomAccess, decode

__all__ = ["PageFiles"]


class PageFiles:
    """What a command on a page may read.

    :param folder: the folder of the page.
    :param top: the folder of all sources; nothing above it is read.
    :param body: what ``-`` reads.
    :param note: called with each file that is opened.
    """

    def __init__(self, folder: Path, top: Path, body: str, note: Callable[[Path], None]) -> None:
        self._folder = folder
        self._top = top.resolve()
        self._body = MemoryFiles(stdin=body)
        self._note = note
        self._disk = DiskFiles(folder=folder)

    def _check(self, name: str) -> None:
        """Note a file, and refuse one that a reader of the page does not have."""
        path = (self._folder / name).resolve()
        if Path(name).is_absolute() or not path.is_relative_to(self._top):
            raise FileError(f"{name}: a page reads only files beside it", text=name)
        if path.exists():
            self._note(path)

    def read(self, name: str) -> bytes:
        """Return the whole file; see :class:`heliograph.files.Files`."""
        if name == STDIN:
            return self._body.read(STDIN)
        self._check(name)
        return self._disk.read(name)

    def text(self, name: str) -> str:
        """Return the whole file as text; see :class:`heliograph.files.Files`."""
        return decode(self.read(name), name)

    def lines(self, name: str, *, progress: Progress | None = None) -> Iterator[str]:
        """Yield the lines; see :class:`heliograph.files.Files`."""
        if name == STDIN:
            return self._body.lines(STDIN, progress=progress)
        self._check(name)
        return self._disk.lines(name, progress=progress)

    def open(self, name: str) -> RandomAccess:
        """Return the file for reading by offset; see :class:`heliograph.files.Files`."""
        if name == STDIN:
            return self._body.open(STDIN)
        self._check(name)
        return self._disk.open(name)

    def names(self, name: str) -> list[str]:
        """Return the names in a folder; see :class:`heliograph.files.Files`."""
        self._check(name)
        return self._disk.names(name)

    def write(self, name: str, _data: bytes) -> bool:
        """Refuse: a page is read, and reading it leaves no files behind."""
        raise FileError(f"{name}: a command on a page writes no file", text=name)
