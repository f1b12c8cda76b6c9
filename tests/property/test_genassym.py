"""Laws of offsets.in: any text is read or told off, and formatting changes no meaning."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from heliograph.errors import ParseError, UsageError
from heliograph.genassym.arithmetic import value_of
from heliograph.genassym.cli.original import invocation
from heliograph.genassym.model import Block, Entry, MemberLine, Place, Verbatim
from heliograph.genassym.parse.expression import expression
from heliograph.genassym.parse.offsets_in import offsets_in
from heliograph.genassym.parse.preprocess import command_line_macros, defined_macros
from heliograph.genassym.render.assym import STYLES, assym, styled
from heliograph.genassym.render.explain import explain_views
from heliograph.genassym.translate.defines import defines, questions
from heliograph.genassym.translate.explain import explain
from heliograph.genassym.translate.fmt import formatted
from heliograph.genassym.translate.lint import lint

WORDS = st.sampled_from(
    ["foo", "bar", "a.b", "c[2].d", "SIZE", "SHIFT", "1x", "struct", "é", "/*", "*/", "//", "'", '"', "\\", "(", "A(B)"]
)
STARTS = st.sampled_from(
    [
        "",
        "\t",
        "  ",
        "\\",
        "\\#",
        "\\#define X ",
        "\\#define F(a,b) ",
        "#",
        "#if ",
        "#ifdef ",
        "#elif ",
        "#else",
        "#endif",
        "#define A ",
        "#define B(x) ",
        "#undef A",
        "#include ",
        "# include ",
        "#error ",
    ]
)
GAPS = st.sampled_from([" ", "\t", "  "])
LINES = st.builds(
    lambda start, words, gap, end: start + gap.join(words) + end,
    STARTS,
    st.lists(WORDS, max_size=4),
    GAPS,
    st.sampled_from(["", " ", "\\", " /* x */"]),
)
FILES = st.lists(LINES, max_size=12).map("\n".join)
TEXTS = st.one_of(FILES, st.text())


def meaning(entries: tuple[Entry, ...]) -> list[object]:
    """Return what entries ask for, without their places."""
    found: list[object] = []
    for entry in entries:
        match entry:
            case Block():
                found.append(tuple(word and word.text for word in (entry.type, entry.size, entry.shift)))
            case MemberLine():
                found.append((entry.steps, entry.define))
            case Verbatim():
                found.append(entry.text)
    return found


@given(TEXTS)
@example("a /* \\\n*/ b\n")
@example("#define A(x) A(x) A\nA(A(1))\n")
@example("\\#define A A\n\\#define B B + B\n")
def test_any_text_is_read(text: str) -> None:
    parsed = offsets_in(text, defined_macros("#define unix 1\n"), command_line_macros(["-DA=B", "-DB"]))
    lines = text.split("\n")
    for problem in parsed.problems:
        assert problem.text == lines[problem.line - 1]
        assert 1 <= problem.column < problem.end_column <= len(problem.text) + 2
        assert problem.message
    asked = questions(parsed.entries)
    found, wrong = defines(parsed.entries, dict.fromkeys(asked, Place(offset=8, size=8, element=4)))
    assert not wrong or all(problem.code == "redefined" for problem in wrong)
    assert len(assym(found).split("\n")) == len(found) + 1
    for style in STYLES:
        assert styled(style, found, "a.in", parsed.source, str) or style == "assym"
    for define in found:
        if define.name:
            explain_views(explain(define.name, found))
    for remark in lint(text, parsed.entries, parsed.unindented, {"unix": 1}):
        assert 1 <= remark.line <= len(lines)


@given(FILES)
@example("foo\n\n\\#x\n bar\n")
@example("foo /* a\n\n*/\nb\n")
def test_formatting_keeps_the_meaning(text: str) -> None:
    once = formatted(text)
    assert formatted(once) == once
    before, after = offsets_in(text), offsets_in(once)
    assert meaning(after.entries) == meaning(before.entries)
    assert [problem.code for problem in after.problems] == [problem.code for problem in before.problems]
    assert [line.text.split() for line in after.source] == [line.text.split() for line in before.source]


@given(st.text(alphabet="0123456789()+-*/%<>=!&|^~?: ,abx_'\\"))
def test_any_expression_is_read(text: str) -> None:
    try:
        value = value_of(expression(text), lambda _name: 1, {})
    except ParseError:
        return
    assert -(2**63) <= value < 2**63


TREES = st.recursive(
    st.integers(0, 1000).map(str),
    lambda inner: st.one_of(
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, st.sampled_from(["+", "-", "*", "&", "|", "^"]), inner),
        st.builds(lambda op, a: f"{op}({a})", st.sampled_from(["-", "~", "+"]), inner),
        st.builds(lambda a, b: f"{a} + {b}", inner, inner),
        st.builds(lambda a, b: f"({a} * {b} - {a})", inner, inner),
    ),
    max_leaves=12,
)


@given(TREES)
def test_values_are_those_of_another_evaluator(text: str) -> None:
    wanted = eval(text, {"__builtins__": {}})
    assert value_of(expression(text), lambda _name: 0) == (wanted + 2**63) % 2**64 - 2**63


@given(st.lists(st.sampled_from(["-k", "-v", "-s", "-r", "cc", "-sX", "--", "-", "", "-m64", "-vks"]), max_size=6))
def test_any_call_of_the_original(words: list[str]) -> None:
    try:
        found = invocation(words)
    except UsageError:
        return
    assert found.argv[:3] == ("genassym", "gen", "-")
