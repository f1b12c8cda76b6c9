"""From answers to definitions, and what a definition is made of."""

from __future__ import annotations

import pytest
from tests.unit.genassym.sample import ASSYM, OFFSETS, Known

from heliograph.errors import UnknownNameError
from heliograph.genassym.model import Define, Problem
from heliograph.genassym.parse.offsets_in import offsets_in
from heliograph.genassym.render.assym import assym, styled
from heliograph.genassym.render.explain import explain_views
from heliograph.genassym.translate.defines import defines, questions
from heliograph.genassym.translate.explain import explain
from heliograph.view import Listing

KNOWN = Known(
    {
        ("worker_t", ""): (232, None),
        ("worker_t", "w_pcb"): (0x38, None),
        ("worker_t", "w_pri"): (0x34, None),
        ("label_t", ""): (64, None),
        ("label_t", "val"): (0, 8),
        ("odd", ""): (12, None),
        ("one", ""): (1, None),
        ("empty", ""): (0, None),
    }
)


def made(text: str) -> tuple[list[Define], list[Problem]]:
    parsed = offsets_in(text)
    assert parsed.problems == ()
    asked = questions(parsed.entries)
    assert len(asked) == len(set(asked))
    return defines(parsed.entries, dict(zip(asked, KNOWN.answer(asked), strict=True)))


def text_of(text: str) -> str:
    found, problems = made(text)
    assert problems == []
    return assym(found)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (OFFSETS, ASSYM),
        ("label_t S SHIFT\n", "#define\tS\t0x40\n#define\tSHIFT\t0x6\n"),
        ("one S SHIFT\n", "#define\tS\t0x1\n#define\tSHIFT\t0x0\n"),
        ("label_t\n val\n", "#define\tVAL\t0x0\n#define\tVAL_INCR\t0x8\n"),
        ("label_t\n val V\n val V\n", "#define\tV\t0x0\n#define\tV_INCR\t0x8\n" * 2),
        ("empty\n\n\\#include <x.h>\n\\# if A\n", "#include <x.h>\n# if A\n"),
        ("", ""),
    ],
)
def test_output(text: str, wanted: str) -> None:
    assert text_of(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("odd S SHIFT\n", [(1, 7, "no-shift", "odd is 12 bytes (0xc): not a power of 2")]),
        ("empty S\n", [(1, 1, "no-size", "empty has no size")]),
        ("wroker_t\n a\n b\n", [(1, 1, "unknown-type", "did you mean worker_t?")]),
        ("worker_t\n w_pbc\n w_prio\n", [(2, 2, "unknown-member", "w_pcb"), (3, 2, "unknown-member", "w_pri")]),
        ("worker_t\n w_pcb A\n w_pri A\n", [(3, 8, "redefined", "A is 0x34 here and 0x38 in line 2")]),
    ],
)
def test_problems(text: str, wanted: list[tuple[int, int, str, str]]) -> None:
    _, problems = made(text)
    assert [(p.line, p.column, p.code) for p in problems] == [row[:3] for row in wanted]
    for problem, row in zip(problems, wanted, strict=True):
        assert row[3] in problem.message


def test_values_of_copied_lines() -> None:
    text = OFFSETS + (
        "\\#define F(a, b) (a * b)\n\\#define A F(T_RBX, 2)\n\\#define L M\n\\#define M L\n"
        '\\#define W "x"\n\\#define FOO_1 (LABEL_VAL + LABEL_VAL_INCR * 1)\n\\#endif\n'
    )
    found, _ = made(text)
    values = {define.name: define.value for define in found}
    assert values["T_RBX"] == 0x50
    assert values["A"] == 0xA0
    assert values["FOO_1"] == 8
    assert (values["F"], values["L"], values["M"], values["W"], values[""]) == (None,) * 5


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("T_RBX", "T_RBX = T_LABEL 0x38 + 3*LABEL_VAL_INCR 0x8 + LABEL_VAL 0x0 = 0x50"),
        ("LABEL_RBX", "LABEL_RBX = 3*LABEL_VAL_INCR 0x8 + LABEL_VAL 0x0 = 0x18"),
        ("T_LABEL", "T_LABEL = offset of worker_t.w_pcb = 0x38"),
        ("LABEL_VAL_INCR", "LABEL_VAL_INCR = size of an element of label_t.val = 0x8"),
        ("WORKER_SIZE", "WORKER_SIZE = size of worker_t = 0xe8"),
        ("MINUS", "MINUS = -T_LABEL 0x38 + 0x40 - 2*LABEL_VAL_INCR 0x8 = -0x8"),
        ("SHIFTED", "SHIFTED = 0x70 + 0x1 = 0x71"),
        ("SQUARE", "SQUARE = 0xc40"),
        ("WORD", "WORD = no integer"),
        ("F", "#define F(x) x"),
    ],
)
def test_explanations(name: str, wanted: str) -> None:
    found, _ = made(
        OFFSETS
        + "\\#define MINUS -T_LABEL + 0x40 - LABEL_VAL_INCR * 2\n\\#define SHIFTED (T_LABEL << 1) + 1\n"
        + '\\#define SQUARE T_LABEL * T_LABEL\n\\#define WORD "x"\n\\#define F(x) x\n'
    )
    line = explain_views(explain(name, found))[0]
    assert isinstance(line, Listing)
    assert line.text == f"{wanted}\n"


def test_the_chain() -> None:
    found, _ = made(OFFSETS)
    chain = [define.name for define in explain("T_RBX", found).chain]
    assert chain == ["T_RBX", "T_LABEL", "LABEL_RBX", "LABEL_VAL_INCR", "LABEL_VAL"]
    with pytest.raises(UnknownNameError, match="did you mean T_RBX"):
        explain("T_RBK", found)


def test_macros_without_end_are_no_sum() -> None:
    lines = "".join(f"\\#define A{n} A{n + 1} + A{n + 1}\n" for n in range(100))
    found, _ = made(lines + "\\#define A100 1\n")
    assert explain("A0", found).terms == ()


def test_styles_keep_what_has_a_value() -> None:
    found, _ = made(OFFSETS)
    wanted = {
        "gas": ".set T_RBX, 0x50\n",
        "nasm": "%define T_RBX 0x50\n",
        "masm": "T_RBX EQU 050h\n",
        "rust": "pub const T_RBX: usize = 0x50;\n",
        "zig": "pub const T_RBX = 0x50;\n",
        "go": "\tT_RBX = 0x50\n)\n",
        "python": "T_RBX = 0x50\n",
        "json": '"T_RBX": 80\n}\n',
        "c-assert": "ASSYM_ASSERT(sizeof(((label_t *)0)->val[0]) == 0x8); /* LABEL_VAL_INCR */\n",
    }
    for style, last in wanted.items():
        assert styled(style, found, "offsets.in", (), lambda name: name).endswith(last), style


def test_macros_that_double_end_soon() -> None:
    calls = "F(" * 50 + "1" + ")" * 50
    chain = "".join(f"\\#define G{n}(x) (G{n + 1}(x) + G{n + 1}(x))\n" for n in range(60))
    found, _ = made(f"\\#define F(x) (x + x)\n\\#define A {calls}\n{chain}\\#define G60(x) x\n\\#define B G0(1)\n")
    values = {define.name: define.value for define in found}
    assert (values["A"], values["B"]) == (2**50, None)
    assert explain("B", found).terms == ()


def test_macros_of_the_file_that_double_end_soon() -> None:
    chain = "".join(f"#define A{n} A{n + 1} A{n + 1}\n" for n in range(40))
    problems = offsets_in(chain + "#define A40 foo\n" + "A0\n" * 200).problems
    assert len(problems) == 200
    assert {problem.code for problem in problems} == {"macro"}
