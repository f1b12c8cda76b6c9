"""The Files port: the disk and the memory keep the same laws."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from heliograph.errors import FileError, ParseError
from heliograph.files import DiskFiles, Files, MemoryFiles, decode

Make = Callable[[dict[str, bytes], bytes], tuple[Files, Callable[[str], str]]]
"""Makes a world from files and a standard input; the second result turns a name into that world's."""


def on_disk(root: Path) -> Make:
    def make(files: dict[str, bytes], stdin: bytes = b"") -> tuple[Files, Callable[[str], str]]:
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return DiskFiles(lambda: BytesIO(stdin)), lambda name: str(root / name)

    return make


def in_memory(files: dict[str, bytes], stdin: bytes = b"") -> tuple[Files, Callable[[str], str]]:
    return MemoryFiles(files, stdin=stdin), lambda name: name


@pytest.fixture(params=["disk", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    return on_disk(tmp_path) if request.param == "disk" else in_memory


TEXTS = [
    (b"", ""),
    (b"a\nb\n", "a\nb\n"),
    (b"a\r\nb\rc", "a\nb\nc"),
    ("\ufeffä\n".encode(), "ä\n"),
    (b"\x00\x1b", "\x00\x1b"),
]


@pytest.mark.parametrize(("data", "text"), TEXTS)
def test_text_and_bytes(make: Make, data: bytes, text: str) -> None:
    files, name = make({"f": data}, data)
    for one in (name("f"), "-"):
        assert files.read(one) == data
    files, name = make({"f": data}, data)
    for one in (name("f"), "-"):
        assert files.text(one) == text


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", ["a"]),
        (b"a\nb\n", ["a", "b"]),
        (b"a\r\n\r\nb", ["a", "", "b"]),
        (b"a\xffb\n\x00\n", ["a\ufffdb", "\x00"]),
        ("\u2028\x0b\x85\n".encode(), ["\u2028\x0b\x85"]),
    ],
)
def test_lines(make: Make, data: bytes, lines: list[str]) -> None:
    for one in ("f", "-"):
        files, name = make({"f": data}, data)
        assert list(files.lines(name(one) if one == "f" else one)) == lines


def test_lines_tell_how_far_they_have_come(make: Make) -> None:
    data = b"line\n" * 10_000
    seen: list[tuple[int, int]] = []
    files, name = make({"f": data}, b"")
    assert sum(1 for _ in files.lines(name("f"), progress=lambda done, total: seen.append((done, total)))) == 10_000
    assert seen == sorted(seen)
    assert seen[-1] == (len(data), len(data))
    assert len(seen) > 2


def test_lines_of_a_missing_file_fail_when_they_are_asked_for(make: Make) -> None:
    files, name = make({}, b"")
    with pytest.raises(FileError):
        files.lines(name("no"))


def test_random_access(make: Make) -> None:
    files, name = make({"f": b"0123456789"}, b"abc")
    for one, data in ((name("f"), b"0123456789"), ("-", b"abc")):
        access = files.open(one)
        assert access.size == len(data)
        for offset, length in ((0, 3), (2, 100), (len(data), 1), (1000, 1), (-1, 1), (0, 0)):
            wanted = data[offset : offset + length] if offset >= 0 else b""
            assert access.read_at(offset, length) == wanted


def test_names_in_a_folder(make: Make) -> None:
    files, name = make({"d/b": b"", "d/a": b"", "d/e/f": b"", "x": b""}, b"")
    assert files.names(name("d")) == ["a", "b", "e"]
    assert files.names(name("d/e")) == ["f"]
    with pytest.raises(FileError):
        files.names(name("no"))


@pytest.mark.parametrize("word", ["no", "no/no", "", "a\0b"])
def test_what_is_not_there(make: Make, word: str) -> None:
    files, name = make({"f": b""}, b"")
    for method in (files.read, files.text, files.open):
        with pytest.raises(FileError) as caught:
            method(name(word))
        assert caught.value.exit_code == 2
        assert caught.value.text == name(word)


def test_write_says_whether_anything_changed(make: Make) -> None:
    files, name = make({"old": b"1"}, b"")
    assert files.write(name("old"), b"1") is False
    assert files.write(name("old"), b"2") is True
    assert files.read(name("old")) == b"2"
    assert files.write(name("new"), b"") is True
    assert files.write(name("new"), b"") is False
    assert files.read(name("new")) == b""


def test_an_offset_for_what_is_no_text(make: Make) -> None:
    files, name = make({"f": b"abc\xff"}, b"")
    with pytest.raises(ParseError, match="byte 0xff at offset 3 is no UTF-8") as caught:
        files.text(name("f"))
    assert caught.value.span is not None
    assert (caught.value.span.file, caught.value.span.offset) == (name("f"), 3)
    assert caught.value.span.line is None


@pytest.mark.parametrize(("data", "offset"), [(b"\xef\xbb\xbf\xff", 3), (b"\xc3", 0), (b"a\xed\xa0\x80", 1)])
def test_decode_counts_bytes_of_the_file(data: bytes, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        decode(data, "f")
    assert caught.value.span is not None
    assert caught.value.span.offset == offset


def test_a_write_to_disk_leaves_the_same_content_alone(tmp_path: Path) -> None:
    files, path = DiskFiles(BytesIO), tmp_path / "f"
    files.write(str(path), b"same")
    os.utime(path, (1, 1))
    before = path.stat()
    assert files.write(str(path), b"same") is False
    assert (path.stat().st_mtime, path.stat().st_ino) == (1, before.st_ino)
    # A change is a new file in the old one's place, so that a reader has all of one or the other.
    with path.open("rb") as reader:
        assert files.write(str(path), b"other") is True
        assert reader.read() == b"same"
    assert path.stat().st_ino != before.st_ino
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def test_a_write_to_disk_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"")
    path.chmod(0o751)
    DiskFiles(BytesIO).write(str(path), b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    files = DiskFiles(BytesIO)
    (tmp_path / "folder").mkdir()
    for name in ("folder", "no/f"):
        with pytest.raises(FileError):
            files.write(str(tmp_path / name), b"x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a directory"):
        DiskFiles(BytesIO).read(str(tmp_path))
