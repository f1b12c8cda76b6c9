"""The judges of the type readers: gcc, gdb and pahole, over generated structures and the running kernel's."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from heliograph.errors import Error, OracleMissingError
from heliograph.files import DiskFiles
from heliograph.genassym.model import Struct, TypeId, Types
from heliograph.genassym.parse.objects import object_types
from heliograph.genassym.translate.layout import rows_of
from heliograph.oracles.comparison import Comparison, Known, Said
from heliograph.process import find, run

__all__ = ["COMPARISONS", "KNOWN", "generated"]

_KERNEL = "/sys/kernel/btf/vmlinux"
_COMPILERS = {
    "x86-64": ("gcc", "-m64"),
    "i386": ("gcc", "-m32"),
    "aarch64": ("aarch64-linux-gnu-gcc",),
    "arm": ("arm-linux-gnueabihf-gcc",),
    "ppc": ("powerpc-linux-gnu-gcc",),
    "sparc64": ("sparc64-linux-gnu-gcc",),
    "s390x": ("s390x-linux-gnu-gcc",),
    "riscv64": ("riscv64-linux-gnu-gcc",),
}
"""Machines whose compilers are asked where they are installed; the first two are gcc's own."""

_BASES = (
    "char",
    "signed char",
    "unsigned char",
    "short",
    "unsigned short",
    "int",
    "unsigned int",
    "long",
    "unsigned long",
    "long long",
    "float",
    "double",
    "long double",
    "_Bool",
    "void *",
    "enum color",
    "word_t",
)
_FIELDS = (("unsigned int", 32), ("int", 32), ("unsigned char", 8), ("unsigned short", 16), ("unsigned long long", 64))


def generated(count: int, *, seed: int = 2005, dimensions: int = 3, wide: bool = True) -> str:
    """Return C that defines ``struct s0`` to ``s{count - 1}``, the same for the same seed.

    :param dimensions: of arrays, at most.
    :param wide: let there be members of type long double; without it, the last structure has the only one.
    """
    choose = random.Random(seed)
    bases = [base for base in _BASES if wide or base != "long double"]
    lines = ["enum color { RED, GREEN = 5, BLUE = -1 };", "typedef unsigned long word_t;"]
    for number in range(count):
        members = " ".join(
            _member(choose, bases, number, f"m{index}", dimensions) for index in range(choose.randint(1, 20))
        )
        packed = " __attribute__((packed))" if choose.randrange(12) == 0 else ""
        if not wide and number == count - 1:
            members, packed = "long double m;", ""
        lines.append(f"struct s{number} {{ {members} }}{packed}; struct s{number} v{number};")
    return "\n".join(lines) + "\n"


def _member(choose: random.Random, bases: Sequence[str], number: int, name: str, dimensions: int) -> str:
    base = choose.choice(bases)
    match choose.randrange(11):
        case 0 | 1:
            of, width = choose.choice(_FIELDS)
            return f"{of} {name} : {choose.randint(1, width)};"
        case 2:
            sizes = "".join(f"[{choose.randint(1, 5)}]" for _ in range(choose.randint(1, dimensions)))
            return f"{base} {name}{sizes};"
        case 3 if number:
            return f"struct s{choose.randrange(number)} {name};"
        case 4 if number:
            return f"struct s{choose.randrange(number)} *{name};"
        case 5:
            return f"union {{ {base} {name}a; int {name}b : 7; char {name}c[3]; }};"
        case 6:
            return f"struct {{ {base} x; char y; }} {name};"
        case 7:
            return f"struct {{ char {name}d; {base} {name}e; }};"
        case 8:
            return f"int (*{name})(int, {base});"
        case 9:
            return f"const volatile {base} {name} __attribute__((aligned({choose.choice((1, 4, 8, 16))})));"
        case _:
            return f"{base} {name};"


@cache
def _object(argv: tuple[str, ...], source: str) -> bytes:
    """Return the object of a source."""
    with tempfile.TemporaryDirectory() as folder:
        path, made = Path(folder, "x.c"), Path(folder, "x.o")
        path.write_text(source)
        done = run([*argv, "-w", "-c", str(path), "-o", str(made)], timeout=120)
        if done.code:
            raise Error(f"{argv[0]}: {done.err.strip()[:200]}")
        return made.read_bytes()


def _types(data: bytes) -> Types:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.o")
        path.write_bytes(data)
        return object_types(DiskFiles().open(str(path)), "x.o")[0]


def _whole(types: Types, name: str) -> tuple[TypeId, Struct]:
    ident = types.names[f"struct {name}"]
    entry = types.entries[ident]
    assert isinstance(entry, Struct)
    return ident, entry


# ---------------------------------------------------------------- gcc


def _assertions(types: Types, count: int) -> Iterator[tuple[str, str, int]]:
    """Yield what is asserted, the expression and our value; offsets of bit-fields have no expression in C."""
    for number in range(count):
        name = f"s{number}"
        ident, entry = _whole(types, name)
        yield f"sizeof {name}", f"sizeof(struct {name})", entry.size
        for row in rows_of(types, ident):
            if row.field:
                continue
            yield f"{name}.{row.path}", f"__builtin_offsetof(struct {name}, {row.path})", row.offset
            yield f"sizeof {name}.{row.path}", f"sizeof(((struct {name} *)0)->{row.path})", row.size


def _gcc(
    option: str, machines: Iterable[str], *, dimensions: int = 3, wide: bool = True, count: int = 300
) -> Callable[[], Iterator[Said]]:
    """Return the comparison of what the object of ``option`` says with what the compiler asserts of the same source."""

    def ask() -> Iterator[Said]:
        source = generated(count, dimensions=dimensions, wide=wide)
        for machine in machines:
            argv = _COMPILERS[machine]
            if find(argv[0]) is None:
                continue
            types = _types(_object((*argv, option), source))
            asserted = list(_assertions(types, count))
            lines = [f'_Static_assert(({text}) == {value}, "");' for _key, text, value in asserted]
            first = source.count("\n") + 1
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "x.c")
                path.write_text(source + "\n".join(lines) + "\n")
                done = run([*argv, "-w", "-fsyntax-only", "-fmax-errors=0", str(path)], timeout=120)
            wrong = {int(line) for line in re.findall(r"x\.c:(\d+):\d+: error", done.err)}
            if done.code and (not wrong or min(wrong) < first):
                raise Error(f"{argv[0]}: {done.err.strip()[:200]}")
            for line, (key, _text, value) in enumerate(asserted, first):
                theirs = "another value" if line in wrong else str(value)
                yield Said(key=f"{machine} {key}", ours=str(value), theirs=theirs)

    return ask


# ---------------------------------------------------------------- gdb

_GDB = """
import json
found = {}
def walk(kind, start, out):
    for field in kind.fields():
        at = start + field.bitpos
        if not field.name:
            walk(field.type.strip_typedefs(), at, out)
        else:
            size = field.bitsize or 8 * field.type.strip_typedefs().sizeof
            out.append([field.name, at, size, bool(field.bitsize)])
for number in range(COUNT):
    kind = gdb.lookup_type(f"struct s{number}")
    out = []
    walk(kind, 0, out)
    found[f"s{number}"] = [kind.sizeof, out]
print(json.dumps(found))
"""
"""What gdb is asked, through its own Python: the fields with their bits, as ptype /o prints them."""


def _gdb(options: Sequence[str], count: int = 300) -> Callable[[], Iterator[Said]]:
    """Return the comparison with what gdb reads in the same object, bit-fields included."""

    def ask() -> Iterator[Said]:
        for option in options:
            data = _object(("gcc", *option.split()), generated(count))
            with tempfile.TemporaryDirectory() as folder:
                path, script = Path(folder, "x.o"), Path(folder, "ask.py")
                path.write_bytes(data)
                script.write_text(_GDB.replace("COUNT", str(count)))
                done = run(["gdb", "-nx", "-batch", "-x", str(script), str(path)], timeout=120)
            text = next((line for line in done.out.splitlines() if line.startswith("{")), None)
            if text is None:
                raise Error(f"gdb: {done.err.strip()[:200]}")
            types = _types(data)
            for name, (size, fields) in json.loads(text).items():
                ident, entry = _whole(types, name)
                yield Said(key=f"{option} sizeof {name}", ours=str(entry.size), theirs=str(size))
                ours = [[row.path, row.bit_offset, row.bits, row.field] for row in rows_of(types, ident)]
                for one, other in zip(ours, fields, strict=True):
                    yield Said(key=f"{option} {name}.{other[0]}", ours=str(one), theirs=str(other))

    return ask


# ---------------------------------------------------------------- pahole

_START = re.compile(r"^(struct|union) (\w+) \{")
_LINE = re.compile(r"^\t(?!\t)(.*?)\s*/\*\s+(\d+)(?::\s*(\d+))?\s+(\d+)\s+\*/$")
_ATTRIBUTE = re.compile(r"\s*__attribute__\(\(.*\)\)")
_NAME = re.compile(r"(?:\(\*+(?:const )?(?:volatile )?(\w+)\)|\b(\w+))(?:\[\d*\])*(?:\(.*\))?\s*(?::\s*(\d+))?\s*;$")
_SIZE = re.compile(r"^\t/\* size: (\d+)")


def _pahole_says(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (structure, member, what pahole says of it) for its members that have a name, and its size as no member."""
    name = ""
    begun: set[str] = set()
    for line in text.splitlines():
        if (start := _START.match(line)) is not None:
            # The kernel has several structures of one name; the first one is everybody's answer.
            name = f"{start[1]} {start[2]}"
            name = "" if name in begun else name
            begun.add(name)
        elif line.startswith("}"):
            name = ""
        elif name and (size := _SIZE.match(line)) is not None:
            yield name, "", size[1]
        elif name and (member := _LINE.match(line)) is not None:
            text = _ATTRIBUTE.sub("", member[1])
            found = _NAME.search(text)
            if found is None or text.endswith("};"):
                continue
            if found[3] is not None:
                yield name, found[1] or found[2], f"bits {8 * int(member[2]) + int(member[3] or 0)}+{found[3]}"
            else:
                yield name, found[1] or found[2], f"bytes {member[2]}+{member[4]}"


def _against_pahole(types: Types, text: str, prefix: str = "") -> Iterator[Said]:
    ours: dict[str, dict[str, str]] = {}
    for name, member, theirs in _pahole_says(text):
        if name not in ours:
            ours[name] = _shown(types, name)
        yield Said(key=f"{prefix}{name} {member or 'sizeof'}", ours=ours[name].get(member, "none"), theirs=theirs)


def _shown(types: Types, name: str) -> dict[str, str]:
    ident = types.names.get(name)
    entry = None if ident is None else types.entries[ident]
    if not isinstance(entry, Struct):
        return {}
    found = {"": str(entry.size)}
    for member in entry.members:
        if not member.name:
            continue
        if member.bit_size is not None:
            found[member.name] = f"bits {member.bit_offset}+{member.bit_size}"
        else:
            found[member.name] = f"bytes {member.bit_offset // 8}+{types.size(member.type) or 0}"
    return found


def _pahole(options: Sequence[str], count: int = 300) -> Callable[[], Iterator[Said]]:
    """Return the comparison with what pahole reads in the same object."""

    def ask() -> Iterator[Said]:
        for option in options:
            data = _object(("gcc", *option.split()), generated(count))
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "x.o")
                path.write_bytes(data)
                text = run(["pahole", str(path)], timeout=120).out
            yield from _against_pahole(_types(data), text, f"{option} ")

    return ask


def _kernel() -> Iterator[Said]:
    """Compare every structure of the running kernel; how many there are differs from machine to machine."""
    if not Path(_KERNEL).exists():
        raise OracleMissingError(f"the running kernel has no {_KERNEL}")
    types, _holder = object_types(DiskFiles().open(_KERNEL), _KERNEL)
    yield from _against_pahole(types, run(["pahole", _KERNEL], timeout=120).out)


_VERSIONS = tuple(f"-g -gdwarf-{version}" for version in (2, 3, 4, 5))

COMPARISONS = (
    Comparison(
        id="types-gcc-dwarf", judge="gcc", about="offsets and sizes that gcc asserts, DWARF", ask=_gcc("-g", _COMPILERS)
    ),
    Comparison(
        id="types-gcc-ctf",
        judge="gcc",
        about="offsets and sizes that gcc asserts, CTF without arrays of arrays",
        ask=_gcc("-gctf", ("x86-64", "i386"), dimensions=1, wide=False),
    ),
    Comparison(
        id="types-gcc-btf",
        judge="gcc",
        about="offsets and sizes that gcc asserts, BTF",
        ask=_gcc("-gbtf", ("x86-64", "i386"), wide=False),
    ),
    Comparison(id="types-gdb", judge="gdb", about="members and bit-fields of ptype /o", ask=_gdb(_VERSIONS)),
    Comparison(id="types-pahole", judge="pahole", about="members and bit-fields of pahole", ask=_pahole(_VERSIONS)),
    Comparison(id="types-pahole-kernel", judge="pahole", about="the running kernel's structures", ask=_kernel),
)

_WIDE = "gcc writes 16 bytes for a long double of i386 into CTF and BTF, whose size is 12; its DWARF has 12"

KNOWN = tuple(
    Known(
        comparison=comparison,
        key="i386 sizeof s299.m",
        theirs="another value",
        date="2026-11-24",
        why=_WIDE,
    )
    for comparison in ("types-gcc-ctf", "types-gcc-btf")
)
