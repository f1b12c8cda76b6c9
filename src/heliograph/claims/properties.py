"""Laws over several commands. Each asks helio and returns what breaks it, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["PROPERTIES", "Ask"]

Ask = Callable[[Sequence[str]], Mapping[str, Any]]
"""A helio command to its JSON object."""

_NATIVE = ("solaris-2005", "illumos")


def _rows(answer: Mapping[str, Any], view: str) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = next(one["rows"] for one in answer["views"] if one.get("id") == view)
    return rows


def _mapped(ask: Ask, numbers: Sequence[int], source: str, target: str) -> dict[int, int | None]:
    words = ["signals", "map", *map(str, numbers), "--from", source, "--to", target, "--policy", "drop"]
    return {row["from"]: row["to"] for row in _rows(ask(words), "map")}


def round_trip(ask: Ask) -> str:
    """Hold if what Linux sends comes back as the same number, unless it is lost on the way."""
    for native in _NATIVE:
        there = {number: to for number, to in _mapped(ask, range(1, 65), "linux", native).items() if to is not None}
        if len(there) < 31 or len(set(there.values())) != len(there):
            return f"{native}: the map is not one to one"
        back = _mapped(ask, list(there.values()), native, "linux")
        for number, to in there.items():
            if back.get(to) != number:
                return f"{native}: Linux {number} goes to {to} and comes back as {back.get(to)}"
    return ""


def kernel_sees_native(ask: Ask) -> str:
    """Hold if the number that enters the kernel on the Linux path is the native one, for every classic signal."""
    for path, native in (("lx-2006", "solaris-2005"), ("lx-now", "illumos")):
        words = ["signals", "map", *map(str, range(1, 32)), "--from", "linux", "--to", native, "--policy"]
        expected = {row["from"]: row["to"] for row in _rows(ask([*words, _policy(path)]), "map")}
        for number in range(1, 32):
            graph = ask(["signals", "flow", "--path", path, "--signal", str(number)])["views"][0]
            label = next(edge["label"] for edge in graph["edges"] if edge["to"] == "kernel")
            arrived = int(label.split()[-1]) if label else number
            if arrived != expected[number]:
                return f"{path}: Linux {number} enters the kernel as {arrived}, not as {expected[number]}"
    return ""


def _policy(path: str) -> str:
    return "lx-2019" if path == "lx-now" else path


def mask_round_trip(ask: Ask) -> str:
    """Hold if every set of one mapped signal, and the set of all of them, comes back unchanged."""
    for native in _NATIVE:
        there = {number: to for number, to in _mapped(ask, range(1, 65), "linux", native).items() if to is not None}
        sets = [1 << number - 1 for number in there] + [sum(1 << number - 1 for number in there)]
        for value in sets:
            over = _value(ask, f"{value:x}", "linux", native)
            back = _value(ask, over, native, "linux")
            if int(back, 16) != value:
                return f"{native}: the set {value:016x} goes over as {over} and comes back as {back}"
    return ""


def _value(ask: Ask, text: str, source: str, target: str) -> str:
    words = ["signals", "mask", text, "--from", source, "--to", target, "--policy", "drop"]
    value: str = _rows(ask(words), "mask_value")[0]["value"]
    return value


PROPERTIES: dict[str, Callable[[Ask], str]] = {
    "signals-round-trip": round_trip,
    "signals-kernel-sees-native": kernel_sees_native,
    "signals-mask-round-trip": mask_round_trip,
}
"""The laws by name; each returns what breaks it, or an empty text."""
