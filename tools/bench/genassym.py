"""How long 200 structures take, from the debug information of a large object and from the running kernel's BTF.

The object is a library with debug information, if ``HELIOGRAPH_BENCH_OBJECT`` names one, else C that is generated,
built in many units and linked. pyelftools is asked if ``HELIOGRAPH_BENCH_PYELFTOOLS`` names a Python that has it, as no
lock of ours does. Each reads the same members.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.bench.measure import Figure, command, show

from heliograph.oracles.types import generated

_KERNEL = Path("/sys/kernel/btf/vmlinux")
_UNITS = 60
_STRUCTS = 700
_WANTED = 200

_OURS = """
import sys
from heliograph.files import DiskFiles
from heliograph.genassym.parse.objects import object_types
from heliograph.genassym.translate.layout import rows_of
types, _holder = object_types(DiskFiles().open(sys.argv[1]), sys.argv[1])
print(sum(len(list(rows_of(types, types.names["struct " + name]))) for name in sys.argv[2].split(",")))
"""
_ALL = """
import sys
from heliograph.files import DiskFiles
from heliograph.genassym.parse.objects import object_types
types, _holder = object_types(DiskFiles().open(sys.argv[1]), sys.argv[1])
print(*sorted(name.removeprefix("struct ") for name in types.names if name.startswith("struct ")))
"""
_PEER = """
import sys
from elftools.elf.elffile import ELFFile
wanted, found, members = set(sys.argv[2].split(",")), set(), 0
with open(sys.argv[1], "rb") as stream:
    info = ELFFile(stream).get_dwarf_info(relocate_dwarf_sections=False)
    for unit in info.iter_CUs():
        for die in unit.get_top_DIE().iter_children():
            if die.tag != "DW_TAG_structure_type" or "DW_AT_declaration" in die.attributes:
                continue
            name = die.attributes.get("DW_AT_name")
            if name is None or (text := name.value.decode()) not in wanted or text in found:
                continue
            found.add(text)
            for child in die.iter_children():
                if child.tag == "DW_TAG_member":
                    members += 1
                    child.attributes.get("DW_AT_data_member_location")
        if found == wanted:
            break
print(members)
"""
"""The shortest way with pyelftools: outermost entries only, nothing relocated, done when all are found."""


def run() -> None:
    """Print the figures of the subject."""
    with tempfile.TemporaryDirectory() as folder:
        given = os.environ.get("HELIOGRAPH_BENCH_OBJECT")
        path = Path(given) if given else _built(Path(folder))
        if path is not None:
            _objects(path)
    if _KERNEL.exists():
        names = _names(_KERNEL)
        show(
            f"{len(names)} structures of the running kernel's BTF (aim: under 0.3 s and 60 MB)",
            [_ours("helio, BTF", _KERNEL, names), command("python -c pass", [sys.executable, "-c", "pass"])],
        )


def _objects(path: Path) -> None:
    names = _names(path)
    figures = [_ours("helio, DWARF", path, names)]
    peer = os.environ.get("HELIOGRAPH_BENCH_PYELFTOOLS")
    if peer:
        argv = [peer, "-c", _PEER, str(path), ",".join(names)]
        figures.append(command("pyelftools", argv, runs=2, note="outermost entries, nothing relocated"))
    if shutil.which("pahole"):
        argv = ["pahole", "-C", ",".join(names), str(path)]
        figures.append(command("pahole -C", argv, runs=3, note="a program in C"))
    if shutil.which("gdb"):
        asks = [word for name in names for word in ("-ex", f"ptype /o struct {name}")]
        figures.append(command("gdb ptype /o", ["gdb", "-nx", "-batch", *asks, str(path)], runs=2))
    title = f"{len(names)} structures of {_megabytes(path)} of .debug_info"
    show(f"{title} (aim: 4 times faster than pyelftools, a quarter of its memory)", figures)


def _ours(name: str, path: Path, names: list[str]) -> Figure:
    return command(name, [sys.executable, "-c", _OURS, str(path), ",".join(names)], runs=5)


def _names(path: Path) -> list[str]:
    """Return structures from all over the file; another process reads them, as this one's memory is the measure."""
    done = subprocess.run([sys.executable, "-c", _ALL, str(path)], capture_output=True, text=True, check=True)
    names = done.stdout.split()
    return names[:: max(len(names) // _WANTED, 1)][:_WANTED]


def _megabytes(path: Path) -> str:
    done = subprocess.run(["readelf", "-SW", str(path)], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        words = line.replace("[ ", "[").split()
        if ".debug_info" in words:
            return f"{int(words[words.index('.debug_info') + 4], 16) / 1e6:.1f} MB"
    return "an unknown size"


def _built(folder: Path) -> Path | None:
    """Return a shared library of generated C with more than 10 MB of .debug_info, or None without gcc."""
    if shutil.which("gcc") is None:
        return None
    objects = []
    for number in range(_UNITS):
        source, made = folder / f"u{number}.c", folder / f"u{number}.o"
        text = generated(_STRUCTS, seed=number)
        # Each unit has structures and variables of its own: the worst case, as no unit answers for another.
        text = re.sub(r"\bstruct s(\d+)", rf"struct u{number}_s\1", text)
        text = re.sub(r"\bv(\d+);", rf"v{number}_\1;", text)
        source.write_text(text)
        argv = [
            "gcc",
            "-w",
            "-Wno-packed-bitfield-compat",
            "-g",
            "-gdwarf-5",
            "-fPIC",
            "-fcommon",
            "-c",
            str(source),
            "-o",
            str(made),
        ]
        subprocess.run(argv, check=True, capture_output=True)
        objects.append(str(made))
    path = folder / "bench.so"
    subprocess.run(["gcc", "-shared", "-nostdlib", "-o", str(path), *objects], check=True)
    return path
