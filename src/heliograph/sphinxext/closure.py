"""Which files an answer depends on: the static import closure of the modules that gave it.

Imports are read from the source (``ast``), never by importing, and a file that has not changed is not read twice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import heliograph

__all__ = ["closure", "data_files", "forget"]

_ROOT = Path(heliograph.__file__).parent
_PACKAGE = "heliograph"


def closure(modules: Iterable[str]) -> tuple[Path, ...]:
    """Return the files of the given modules and of all that they import within heliograph, sorted.

    The answers of one build are kept; :func:`forget` is for the next one.
    """
    return _closure(frozenset(modules))


def forget() -> None:
    """Look at the files again."""
    _closure.cache_clear()


@cache
def _closure(modules: frozenset[str]) -> tuple[Path, ...]:
    waiting, seen = list(modules), dict[str, Path | None]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        path = seen[name] = _file(name)
        if path is None:
            continue
        # A module is imported after the packages above it.
        waiting.extend(name.rpartition(".")[:1])
        waiting.extend(_imports(path))
    return tuple(sorted(path for path in seen.values() if path is not None))


def data_files(package: str) -> list[Path]:
    """Return the data files that lie in a package of heliograph, sorted."""
    folder = _ROOT.joinpath(*package.split(".")[1:])
    return sorted(path for path in folder.rglob("*") if path.suffix in (".toml", ".tsv", ".json"))


def _file(module: str) -> Path | None:
    """Return the file of a module, or None if heliograph has no such module."""
    first, *rest = module.split(".")
    if first != _PACKAGE:
        return None
    path = _ROOT.joinpath(*rest)
    for candidate in (path.with_suffix(".py") if rest else path / "__init__.py", path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _imports(path: Path) -> frozenset[str]:
    stamp = path.stat()
    return _imports_of(path, stamp.st_mtime_ns, stamp.st_size)


@cache
def _imports_of(path: Path, _changed: int, _size: int) -> frozenset[str]:
    """Return the modules of heliograph that a file imports; the last two arguments make a changed file a new key."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            # ``from heliograph.signals.render import numbers`` imports a module too.
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(name for name in found if name.split(".")[0] == _PACKAGE)
