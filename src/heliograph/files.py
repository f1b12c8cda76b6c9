"""The Files port: all that a command may ask of a file system.

The caller chooses the world behind it. The terminal hands in :class:`DiskFiles`; a page reads beside itself and notes
what it read; the browser and the tests use :class:`MemoryFiles`. The name ``-`` is standard input everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import IO, Protocol

from heliograph.errors import Error, FileError, ParseError, Span

__all__ = ["STDIN", "DiskFiles", "Files", "MemoryFiles", "Progress", "RandomAccess", "decode"]

STDIN = "-"

Progress = Callable[[int, int], None]
"""A port for long work: called with (done, total), both in the same unit; total 0 means unknown."""


class RandomAccess(Protocol):
    """Bytes that are read by offset: a memory image, an object file."""

    size: int
    """Bytes in all."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Return the ``length`` bytes from ``offset``, fewer at the end, none beyond it."""
        ...


class Files(Protocol):
    """What a command may do with files. Every method raises :class:`FileError` when the file cannot be had."""

    def read(self, name: str) -> bytes:
        """Return the whole file."""
        ...

    def text(self, name: str) -> str:
        """Return the whole file as UTF-8 with plain line ends and without a byte order mark."""
        ...

    def lines(self, name: str, *, progress: Progress | None = None) -> Iterator[str]:
        """Yield the lines one by one without their ends; bytes that are no UTF-8 become U+FFFD."""
        ...

    def open(self, name: str) -> RandomAccess:
        """Return the file for reading by offset."""
        ...

    def names(self, name: str) -> list[str]:
        """Return the names of the files in a folder, sorted."""
        ...

    def write(self, name: str, data: bytes) -> bool:
        """Replace the file in one step; leave it alone, and return False, if it holds ``data`` already."""
        ...


def decode(data: bytes, name: str) -> str:
    """Return UTF-8 ``data`` as text with plain line ends.

    :raises ParseError: a byte that is no UTF-8, with its offset in the span.
    """
    try:
        # Not utf-8-sig: its errors count from behind the mark.
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ParseError(
            f"not a text file: byte {data[error.start]:#04x} at offset {error.start} is no UTF-8",
            span=Span(file=name, offset=error.start),
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Buffer:
    """Bytes in memory as RandomAccess."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        """Return a slice; see :class:`RandomAccess`."""
        return self._data[offset : offset + length] if offset >= 0 else b""


class _OpenFile:
    """A file on disk as RandomAccess."""

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        self._file = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def read_at(self, offset: int, length: int) -> bytes:
        """Seek and read; see :class:`RandomAccess`."""
        if offset < 0:
            return b""
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as error:
            raise _refused(self._name, error) from error


def _lines(stream: IO[bytes], total: int, progress: Progress | None, name: str) -> Iterator[str]:
    """Yield the lines of a binary stream and report the position every 4096 lines."""
    every = 4096
    with TextIOWrapper(stream, encoding="utf-8", errors="replace", newline=None) as text:
        for number, line in enumerate(_readable(text, name)):
            if progress and number % every == 0:
                progress(text.buffer.tell() if text.buffer.seekable() else 0, total)
            yield line.rstrip("\n")
    if progress:
        progress(total, total)


def _readable(text: Iterable[str], name: str) -> Iterator[str]:
    """Yield what can be read; a file can be opened and still be unreadable."""
    try:
        yield from text
    except OSError as error:
        raise _refused(name, error) from error


class DiskFiles:
    """The files of this machine, and a standard input.

    :param stdin: opens standard input as bytes; called at most once.
    :param folder: where relative names start; it is made when a file is first written there.
    """

    def __init__(self, stdin: Callable[[], IO[bytes]] = BytesIO, *, folder: Path | None = None) -> None:
        self._stdin = stdin
        self._folder = folder

    def _path(self, name: str) -> Path:
        return Path(name) if self._folder is None else self._folder / name

    def read(self, name: str) -> bytes:
        """Return the whole file; see :class:`Files`."""
        try:
            return self._stdin().read() if name == STDIN else self._path(name).read_bytes()
        except (OSError, ValueError) as error:
            raise _refused(name, error) from error

    def text(self, name: str) -> str:
        """Return the whole file as text; see :class:`Files`."""
        return decode(self.read(name), name)

    def lines(self, name: str, *, progress: Progress | None = None) -> Iterator[str]:
        """Open the file now and yield its lines as they are asked for; see :class:`Files`."""
        if name == STDIN:
            return _lines(self._stdin(), 0, progress, name)
        try:
            path = self._path(name)
            return _lines(path.open("rb"), path.stat().st_size, progress, name)
        except (OSError, ValueError) as error:
            raise _refused(name, error) from error

    def open(self, name: str) -> RandomAccess:
        """Open the file for reading by offset; standard input is read whole; see :class:`Files`."""
        if name == STDIN:
            return _Buffer(self.read(name))
        try:
            return _OpenFile(self._path(name), name)
        except (OSError, ValueError) as error:
            raise _refused(name, error) from error

    def names(self, name: str) -> list[str]:
        """Return the names in a folder; see :class:`Files`."""
        try:
            return sorted(entry.name for entry in self._path(name).iterdir())
        except (OSError, ValueError) as error:
            raise _refused(name, error) from error

    def write(self, name: str, data: bytes) -> bool:
        """Write beside the file and rename over it, so that no reader ever sees half of it; see :class:`Files`."""
        path = self._path(name)
        try:
            if self._folder is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.read_bytes() == data:
                return False
            scratch = path.with_name(f".{path.name}.{os.getpid()}")
            try:
                with scratch.open("xb") as stream:
                    stream.write(data)
                if path.exists():
                    scratch.chmod(path.stat().st_mode & 0o777)
                scratch.replace(path)
            except BaseException:
                with suppress(OSError):
                    scratch.unlink()
                raise
        except (OSError, ValueError) as error:
            raise _refused(name, error) from error
        return True


class MemoryFiles:
    """Files in a dictionary, for the browser and for tests.

    :param files: name to content; text is stored as UTF-8.
    :param stdin: what ``-`` reads.
    """

    def __init__(self, files: Mapping[str, bytes | str] | None = None, *, stdin: bytes | str = b"") -> None:
        self.files = {name: _encoded(content) for name, content in (files or {}).items()}
        self._stdin = _encoded(stdin)

    def read(self, name: str) -> bytes:
        """Return the whole file; see :class:`Files`."""
        if name == STDIN:
            return self._stdin
        try:
            return self.files[name]
        except KeyError:
            raise FileError(f"{name}: no such file", text=name) from None

    def text(self, name: str) -> str:
        """Return the whole file as text; see :class:`Files`."""
        return decode(self.read(name), name)

    def lines(self, name: str, *, progress: Progress | None = None) -> Iterator[str]:
        """Yield the lines; see :class:`Files`."""
        data = self.read(name)
        return _lines(BytesIO(data), len(data), progress, name)

    def open(self, name: str) -> RandomAccess:
        """Return the bytes for reading by offset; see :class:`Files`."""
        return _Buffer(self.read(name))

    def names(self, name: str) -> list[str]:
        """Return the names that start with ``name/``, without it; see :class:`Files`."""
        prefix = f"{name.rstrip('/')}/"
        found = {path.removeprefix(prefix).split("/")[0] for path in self.files if path.startswith(prefix)}
        if not found:
            raise FileError(f"{name}: no such folder", text=name)
        return sorted(found)

    def write(self, name: str, data: bytes) -> bool:
        """Keep ``data`` under ``name``; see :class:`Files`."""
        if self.files.get(name) == data:
            return False
        self.files[name] = data
        return True


def _encoded(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _refused(name: str, error: OSError | ValueError) -> Error:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FileError(f"{name}: {reason[:1].lower()}{reason[1:]}", text=name)
