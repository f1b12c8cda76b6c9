"""Judges that read code: objdump and as of binutils, and capstone."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from heliograph.errors import Error
from heliograph.oracles.comparison import Said
from heliograph.oracles.x86.questions import instructions
from heliograph.process import run
from heliograph.x86.decode import LONGEST, decode
from heliograph.x86.instruction import EffectiveAddress, Instruction, Relative
from heliograph.x86.registers import REGISTERS, Mode, SegmentRegister
from heliograph.x86.text import text

__all__ = ["against_capstone", "against_gas", "against_objdump"]

_READ = 8000
_ASSEMBLED = 4000
"""Samples for each mode."""

_SLOT = 32
_IDLE = re.compile(r"^(?:(?:rex(?:\.[WRXB]+)?|data16|addr16|addr32|notrack|repz|[cdefgs]s) )+")
_LINE = re.compile(r"\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t?(.*)")


def _plain(line: str) -> str:
    """Return an instruction's text without comment, idle prefixes and runs of spaces."""
    return _IDLE.sub("", " ".join(line.partition("#")[0].split()))


def _objdump(codes: Sequence[bytes], mode: Mode) -> list[tuple[int, str]]:
    """Return the length and the text of each instruction; they stand in slots, filled with nops."""
    blob = b"".join((code + b"\x90" * _SLOT)[:_SLOT] for code in codes)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "code")
        file.write_bytes(blob)
        machine = "i386:x86-64" if mode is Mode.AMD64 else "i386"
        argv = ["objdump", "-D", "-z", "-b", "binary", "-m", machine, f"--insn-width={LONGEST + 1}", str(file)]
        out = run(argv, timeout=120).out
    found = {int(m[1], 16): (len(m[2].split()), _plain(m[3])) for m in map(_LINE.match, out.splitlines()) if m}
    return [found.get(n * _SLOT, (0, "no instruction starts here")) for n in range(len(codes))]


def against_objdump(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: length and text, word for word but for idle prefixes."""

    def ask() -> Iterator[Said]:
        ours = instructions(mode, _READ, 1)
        theirs = _objdump([one.code for one in ours], mode)
        for n, (our, (length, line)) in enumerate(zip(ours, theirs, strict=True)):
            said = _plain(text(our, origin=n * _SLOT))
            yield Said(key=our.code.hex(" "), ours=f"{our.length} {said}", theirs=f"{length} {line}")

    return ask


def _assemble(lines: Sequence[str], mode: Mode) -> list[bytes]:
    """Return the bytes that GNU as makes of each line, or none for one that it refuses."""
    body = "".join(f"b{n}: {line}\ne{n}: .p2align 5,0x90\n" for n, line in enumerate(lines))
    lengths = "".join(f".byte e{n}-b{n}\n" for n in range(len(lines)))
    with tempfile.TemporaryDirectory() as folder:
        object_, code, sizes = (str(Path(folder, name)) for name in ("o", "code", "sizes"))
        source = f".text\n{body}.section .sizes\n{lengths}"
        done = run(
            ["as", "--64" if mode is Mode.AMD64 else "--32", "-mindex-reg", "-o", object_, "-"],
            stdin=source,
            timeout=120,
        )
        if done.code:
            refused = {int(m) - 2 for m in re.findall(r":(\d+): Error", done.err)}
            # A line of the body is every second one; what is refused is left out, and the rest tried again.
            bad = {line // 2 for line in refused}
            if not bad:
                raise Error(f"as: {done.err.strip()[:200]}")
            kept = [line for n, line in enumerate(lines) if n not in bad]
            rest = iter(_assemble(kept, mode))
            return [b"" if n in bad else next(rest) for n in range(len(lines))]
        for section, file in ((".text", code), (".sizes", sizes)):
            run(["objcopy", "-O", "binary", "-j", section, "--set-section-flags", f"{section}=alloc", object_, file])
        blob, counts = Path(code).read_bytes(), Path(sizes).read_bytes()
    return [blob[n * _SLOT : n * _SLOT + count] for n, count in enumerate(counts)]


def _source(found: Instruction) -> str:
    """Return the text for an assembler: a branch by its distance, since an address would need a linker."""
    for operand in found.operands:
        if isinstance(operand, Relative):
            return f"{found.mnemonic} .{found.length + operand.displacement:+d}"
    return text(replace(found, idle=()))


def against_gas(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: what as makes of our text means the same, and of *that* text makes the same bytes."""

    def ask() -> Iterator[Said]:
        ours = [one for one in instructions(mode, _ASSEMBLED, 2) if not _is_jump(one) and not _says_default(one)]
        sources = sorted({_source(one) for one in ours})
        codes = _assemble(sources, mode)
        for line, code, (_length, meant) in zip(sources, codes, _objdump(codes, mode), strict=True):
            said = _plain(line)
            yield Said(key=f"text {line}", ours=_meaning(said), theirs=_meaning(meant) if code else "refused")
        canonical = [one for code in codes if isinstance(one := decode(code, mode), Instruction)]
        canonical += [one for one in instructions(mode, _ASSEMBLED, 3) if _is_jump(one) and _is_shortest(one)]
        again = _assemble([_source(one) for one in canonical], mode)
        for one, code in zip(canonical, again, strict=True):
            yield Said(key=f"bytes {_source(one)}", ours=one.code.hex(" "), theirs=code.hex(" "))

    return ask


def _is_jump(found: Instruction) -> bool:
    return any(isinstance(operand, Relative) for operand in found.operands)


def _is_shortest(found: Instruction) -> bool:
    """Tell whether a jump has the encoding that an assembler chooses."""
    (operand,) = found.operands
    assert isinstance(operand, Relative)
    return not found.idle and (len(found.code) == 2 or not -131 <= operand.displacement < 128)


def _says_default(found: Instruction) -> bool:
    """Tell whether an override names the segment that holds anyway, which as leaves out."""
    places = (operand for operand in found.operands if isinstance(operand, EffectiveAddress))
    return any(place.segment == place.default_segment for place in places)


def _meaning(line: str) -> str:
    """Return a line with what as may write otherwise made equal: it moves a selector in the short form.

    A load takes 16 bits of any register; a store clears all above them, in 32 bits as in 64.
    """
    match = re.fullmatch(r"mov %(\w+),%(\w+)", line)
    if match is None:
        return line
    source, target = match.groups()
    if target.upper() in SegmentRegister.__members__:
        return f"mov gpr{REGISTERS[source].number},%{target}"
    if source.upper() in SegmentRegister.__members__ and REGISTERS[target].bits >= 32:
        return f"mov %{source},gpr{REGISTERS[target].number}"
    return line


_CAPSTONE_NAMES = {
    # A jump and a return are named alike in both; these are what capstone calls otherwise.
    "movabs": "mov",
}
"""Capstone's mnemonics in Intel syntax -> ours."""

_PAUSE = ("pause", True)


def against_capstone(mode: Mode) -> Callable[[], Iterator[Said]]:
    """Return the comparison: length and mnemonic."""

    def ask() -> Iterator[Said]:
        capstone: Any = import_module("capstone")
        machine = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64 if mode is Mode.AMD64 else capstone.CS_MODE_32)
        # capstone reads no pause that has 66 as well: asked by name.
        chosen = [one for one in instructions(mode, _READ, 4) if (one.mnemonic, "data16" in one.idle) != _PAUSE]
        chosen += [one for one in (decode(bytes.fromhex("f3 66 90"), mode),) if isinstance(one, Instruction)]
        for one in chosen:
            _address, size, name, _operands = next(machine.disasm_lite(one.code, 0, 1), (0, 0, "none", ""))
            # Prefixes stand before the name: "repz ret", "notrack jmp".
            word = name.split()[-1]
            yield Said(
                key=one.code.hex(" "),
                ours=f"{one.length} {one.mnemonic}",
                theirs=f"{size} {_CAPSTONE_NAMES.get(word, word)}",
            )

    return ask
