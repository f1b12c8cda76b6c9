"""The compiler as a source of layouts: this machine's, and cross compilers where they are."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.unit.genassym.sample import CC, HEADER, cc, needs_cc

from heliograph.errors import UnsupportedError, UsageError
from heliograph.genassym.backends.probe import CompileError, Probe, compiler_words
from heliograph.genassym.model import Missing, Place, Question, SourceLine
from heliograph.genassym.parse.offsets_in import steps_of
from heliograph.process import run

INCLUDE = SourceLine(text='#include "machine.h"', line=2)


def ask(asked: Probe, *names: str) -> dict[str, Place | Missing]:
    questions = []
    for name in names:
        type_, _, path = name.partition(".")
        questions.append(Question(type=type_, steps=steps_of(path) or ()))
    return dict(zip(names, asked.answer(questions), strict=True))


def words(folder: Path, *options: str, program: str = CC, header: str = HEADER) -> Sequence[str]:
    return cc(folder, *options, program=program, header=header).split()


# What is asked, then offset, size, element, bit offset and bit size with 8 and with 4 bytes to a long.
PLACES: dict[str, tuple[tuple[int | None, ...], tuple[int | None, ...]]] = {
    "worker_t": ((0, 232, None, None, None), (0, 160, None, None, None)),
    "worker.w_pcb": ((56, 0, None, None, None), (36, 0, None, None, None)),
    "label_t.val": ((0, 0, 8, None, None), (0, 0, 4, None, None)),
    "label.val[3]": ((24, 0, None, None, None), (12, 0, None, None, None)),
    "worker_t.w_pcb.val[2]": ((72, 0, None, None, None), (44, 0, None, None, None)),
    "worker_t.w_when.minute": ((124, 0, None, None, None), (72, 0, None, None, None)),
    "worker.w_hour": ((120, 0, None, None, None), (68, 0, None, None, None)),
    "worker.u_int": ((128, 0, None, None, None), (76, 0, None, None, None)),
    "worker.high": ((130, 0, None, None, None), (78, 0, None, None, None)),
    "worker_t.w_ready": ((132, 0, None, 1056, 3), (80, 0, None, 640, 3)),
    "worker_t.w_nice": ((132, 0, None, 1059, 9), (80, 0, None, 643, 9)),
    "worker_t.w_grid": ((136, 0, 20, None, None), (84, 0, 20, None, None)),
    "worker_t.w_peers": ((200, 0, 8, None, None), (144, 0, 4, None, None)),
    "worker_t.w_name": ((232, 0, 1, None, None), (160, 0, 1, None, None)),
    "either": ((0, 16, None, None, None), (0, 16, None, None, None)),
    "either.e_bytes": ((0, 0, 1, None, None), (0, 0, 1, None, None)),
    "colour": ((0, 4, None, None, None), (0, 4, None, None, None)),
    "both": ((0, 1, None, None, None), (0, 1, None, None, None)),
    "block_t": ((0, 512, None, None, None), (0, 512, None, None, None)),
    "long": ((0, 8, None, None, None), (0, 4, None, None, None)),
    "hidden_p": ((0, 8, None, None, None), (0, 4, None, None, None)),
}
COMPILERS = [
    (CC, "-m64", 0),
    (CC, "-m32", 1),
    (CC, "-m64 -flto -O2 -g -Werror -fsanitize=undefined -std=c99 -pedantic-errors", 0),
    ("clang", "-m64", 0),
    ("aarch64-linux-gnu-gcc", "", 0),
    ("powerpc-linux-gnu-gcc", "", 1),  # big endian
]


@pytest.mark.parametrize(("program", "options", "column"), COMPILERS)
def test_places(tmp_path: Path, program: str, options: str, column: int) -> None:
    if not shutil.which(program):
        pytest.skip(f"{program or 'a C compiler'} is not here")
    if run([program, *options.split(), "-fsyntax-only", "-x", "c", "-"], stdin="int x;").code:
        pytest.skip(f"{program} does not take {options}")
    probe = Probe(words=words(tmp_path, *options.split(), program=program), source=[INCLUDE])
    wanted = {}
    for name, both in PLACES.items():
        offset, size, element, bit_offset, bit_size = both[column]
        assert offset is not None
        assert size is not None
        wanted[name] = Place(offset=offset, size=size, element=element, bit_offset=bit_offset, bit_size=bit_size)
    assert ask(probe, *PLACES) == wanted


# What is asked, why there is no answer, a name that must be among those that are known, and the step.
MISSING = [
    ("nothing", "no type is called nothing", "worker_t", -1),
    ("worker", None, "", -1),
    ("hidden", "hidden is declared and never defined", "worker", -1),
    ("worker.w_pbc", "worker has no member w_pbc", "w_pcb", 0),
    ("worker_t.w_when.hours", "worker_t has no member hours", "hour", 1),
    ("worker.w_next.w_pri", "goes through w_next", "", 1),
    ("worker.w_state.x", "goes through w_state", "", 1),
    ("worker.w_peers.w_pri", "goes through w_peers", "", 1),
]


@needs_cc
def test_what_is_not_there(tmp_path: Path) -> None:
    found = ask(Probe(words=words(tmp_path), source=[INCLUDE]), *(row[0] for row in MISSING))
    for name, why, known, step in MISSING:
        answer = found[name]
        if why is None:
            assert isinstance(answer, Place)
            continue
        assert isinstance(answer, Missing)
        assert answer.why.startswith(why) or why in answer.why
        assert not known or known in answer.known
        assert answer.step == step


@needs_cc
def test_a_typedef_wins_over_a_tag_without_an_error(tmp_path: Path) -> None:
    probe = Probe(words=words(tmp_path), source=[INCLUDE])
    assert ask(probe, "both", "worker.w_pcb")["both"] == Place(offset=0, size=1)
    assert (probe.spelling("both"), probe.spelling("worker")) == ("both", "struct worker")


@needs_cc
def test_errors_of_the_compiler_have_their_lines(tmp_path: Path) -> None:
    source = [SourceLine(text='#include "none.h"', line=3)]
    odd = 'a "b"\n#error\\.in'
    with pytest.raises(CompileError) as caught:
        ask(Probe(words=words(tmp_path), source=source, file=odd), "int")
    (complaint,) = caught.value.complaints
    assert (complaint.file, complaint.line, complaint.included) == (odd, 3, 0)
    assert "none.h" in complaint.message
    with pytest.raises(CompileError) as caught:
        ask(Probe(words=words(tmp_path, header="int x = ;\n"), source=[INCLUDE], file="a.in"), "int")
    (complaint,) = caught.value.complaints
    assert (complaint.file.endswith("machine.h"), complaint.line, complaint.included) == (True, 1, 2)


@needs_cc
def test_dependencies(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / "machine.h").write_text(HEADER)
    probe = Probe(words=[CC, f"-I{folder}"], source=[INCLUDE])
    ask(probe, "worker_t")
    assert str(folder / "machine.h") in probe.dependencies
    assert "-" not in probe.dependencies


@needs_cc
def test_macros_of_the_compiler() -> None:
    probe = Probe(words=[CC, "-DX=2", "-U", "Y"])
    assert probe.macros()["__CHAR_BIT__"].body == "8"
    assert not probe.macros()["__CHAR_BIT__"].own
    found = probe.command_line()
    assert found["Y"] is None
    assert found["X"] is not None


def test_options_that_spoil_a_probe() -> None:
    given = "gcc -m32 -flto=auto -O2 -o x.o -c -MD -MF x.d -Werror=all -g3 -D A -I b -fshort-enums -fsanitize=address"
    kept, dropped = compiler_words(given.split())
    assert kept == ["gcc", "-m32", "-O2", "-D", "A", "-I", "b", "-fshort-enums"]
    assert dropped == ["-flto=auto", "-o", "x.o", "-c", "-MD", "-MF", "x.d", "-Werror=all", "-g3", "-fsanitize=address"]


def test_programs_that_are_no_compiler() -> None:
    with pytest.raises(UsageError, match="no compiler"):
        Probe(words=[])
    with pytest.raises(UnsupportedError, match="not on PATH"):
        ask(Probe(words=["no-such-compiler"]), "int")
    with pytest.raises(CompileError):
        ask(Probe(words=["false"]), "int")


TAG = r"\360\150\145\154\151\157\237\147\162\141\160\150\245\000\000\000"
WHOLE = TAG + r"\001" + r"\000" * 7 + r"\004" + r"\000" * 23


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("nothing", "stands 0 times in the object"),
        (WHOLE + WHOLE, "stands 2 times in the object"),
        (WHOLE[:-4], "long long is not 8 bytes"),
        (TAG + r"\002" + r"\000" * 40, "long long is not 8 bytes"),
        (WHOLE, ""),
    ],
)
def test_an_object_without_the_constants_is_refused(tmp_path: Path, data: str, message: str) -> None:
    fake = tmp_path / "fake"
    fake.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\nprintf \'{data}\' > "$2"\n')
    fake.chmod(0o755)
    if not message:
        assert ask(Probe(words=[str(fake)]), "int") == {"int": Place(offset=0, size=4)}
        return
    with pytest.raises(UnsupportedError, match=message):
        ask(Probe(words=[str(fake)]), "int")
