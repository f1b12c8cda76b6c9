"""The grammar of offsets.in, line by line."""

from __future__ import annotations

import pytest

from heliograph.genassym.model import Block, Entry, MemberLine, Verbatim
from heliograph.genassym.parse.offsets_in import OffsetsIn, has_conditionals, offsets_in, steps_of
from heliograph.genassym.parse.preprocess import command_line_macros, defined_macros


def short(entry: Entry) -> str:
    """Return an entry in a line: ``T size shift``, ``  path name`` or the verbatim text."""
    match entry:
        case Block():
            return " ".join(word.text for word in (entry.type, entry.size, entry.shift) if word is not None)
        case MemberLine():
            return f"  {entry.path.text} {entry.define}"
        case Verbatim():
            return entry.text


def shown(parsed: OffsetsIn) -> list[str]:
    assert parsed.problems == ()
    return [short(entry) for entry in parsed.entries]


# A name, the text, and what is asked for.
READ = {
    "a block": ("foo FOO_SIZE FOO_SHIFT\n\ta\n\tb\tB\n", ["foo FOO_SIZE FOO_SHIFT", "  a A", "  b B"]),
    "no newline at the end": ("foo\n\ta", ["foo", "  a A"]),
    "carriage returns are the port's": ("foo\n\ta\n", ["foo", "  a A"]),
    "the last name in upper case": ("foo\n a.b_c\n", ["foo", "  a.b_c B_C"]),
    "an index": ("foo\n a[2].b\n c[1]\n", ["foo", "  a[2].b B", "  c[1] C"]),
    "only ASCII is raised": ("foo\n straße\n", None),
    "an unindented member": ("foo\na\n", ["foo", "  a A"]),
    "an indented type": ("  foo\n  a\n", ["foo", "  a A"]),
    "two blocks": ("foo\n a\n\nbar\n b\n", ["foo", "  a A", "bar", "  b B"]),
    "indented after an empty line": ("foo\n a\n\n b\n", ["foo", "  a A", "  b B"]),
    "blanks alone are an empty line": ("foo\n a\n \t\nbar\n", ["foo", "  a A", "bar"]),
    "a comment": ("foo\n\\ an apostrophe's place\n a\n", ["foo", "  a A"]),
    "a comment does not end a block": ("foo\n\\ a\nb\n", ["foo", "  b B"]),
    "a verbatim line inside a block": ("foo\n\\#if DEBUG\n a\n\\#endif\n", ["foo", "#if DEBUG", "  a A", "#endif"]),
    "a verbatim line after an empty one ends the block": ("foo\n\n\\#x\nbar\n b\n", ["foo", "#x", "bar", "  b B"]),
    "blanks of a verbatim line": ("\\#define\tA \t 1  \n", ["#define A 1"]),
    "blanks of a string stay": ('\\#define\tA\t"x  y"\n', ['#define A "x  y"']),
    "a verbatim line goes on": ("\\#define A \\\n  1\n", ["#define A 1"]),
    "a C comment": ("foo\n a /* one */ B\n", ["foo", "  a B"]),
    "a long C comment": ("foo /* one\n\n two */\n a\n", ["foo", "  a A"]),
    "a C++ comment": ("foo // one\n a\n", ["foo", "  a A"]),
    "a directive is an empty line": ("foo\n#define X 1\nbar\n", ["foo", "bar"]),
    "an include is none": ('foo\n#include "x.h"\nbar\n', ["foo", "  bar BAR"]),
    "a condition": ("#if 0\nfoo\n#else\nbar\n#endif\n", ["bar"]),
    "conditions inside": ("#if 1\n#if 0\na\n#elif 2 > 1\nb\n#else\nc\n#endif\n#else\nd\n#endif\n", ["b"]),
    "a condition of its own macro": ("#define X 2\n#if X == 2 && defined(X)\nfoo\n#endif\n", ["foo"]),
    "undefined": ("#define X 1\n#undef X\n#ifndef X\nfoo\n#endif\n", ["foo"]),
    "a macro of the file": ("#define M foo\nM M_SIZE\n", ["foo M_SIZE"]),
    "a macro with arguments": ("#define M(a, b) a##b\n\\#define X M(1, 2)\n", ["#define X 1##2"]),
    "a macro in itself": ("#define A A B\n\\#x A\n", ["#x A B"]),
    "a long stretch left out": ("foo\n a\n#if 0\n" + " x\n" * 12 + "#endif\n b\n", ["foo", "  a A", "  b B"]),
    "a base type": ("int I\n", ["int I"]),
    "an unknown directive": ("#pragma x\n#ident y\nfoo\n", ["foo"]),
}


@pytest.mark.parametrize("name", [name for name, (_, wanted) in READ.items() if wanted is not None])
def test_what_is_read(name: str) -> None:
    text, wanted = READ[name]
    assert shown(offsets_in(text)) == wanted


def test_where_lines_go() -> None:
    text = "#include <a.h>\n# include <b.h>\n#define X \\\n 1\n\\#define Y 1\n\\ no\nfoo\n#ifdef X\n#endif\n"
    parsed = offsets_in(text)
    assert [(line.line, line.text) for line in parsed.source] == [
        (1, "#include <a.h>"),
        (2, "# include <b.h>"),
        (3, "#define X   1"),
        (8, "#ifdef X"),
        (9, "#endif"),
    ]
    assert shown(parsed) == ["#define Y 1", "foo"]


def test_places() -> None:
    parsed = offsets_in("\n/* x */ foo\tSIZE\n\ta.b \tB\n")
    block, member = parsed.entries
    assert isinstance(block, Block)
    assert isinstance(member, MemberLine)
    assert block.size is not None
    assert member.name is not None
    places = [(word.line, word.column) for word in (block.type, block.size, member.path, member.name)]
    assert places == [(2, 9), (2, 13), (3, 2), (3, 7)]


# The text, and (line, column, end column, code, a part of the message) of each problem.
WRONG = [
    ("a b c d e\n", [(1, 7, 10, "words", "3 words at most, not 5")]),
    ("struct foo\n a\n b c d\n", [(1, 1, 11, "type-name", "write the tag alone, foo")]),
    ("foo SIZE 1x\n", [(1, 10, 12, "macro-name", "'1x'")]),
    ("foo*\n", [(1, 1, 5, "type-name", "'foo*'")]),
    ("foo\n a b c\n d->e\n", [(2, 6, 7, "words", "2 words"), (3, 2, 6, "member-path", "'d->e'")]),
    ("foo\nbar BAR_SIZE BAR_SHIFT\n", [(2, 14, 23, "words", "an empty line before a type")]),
    ("foo\n a..b\n\nbar\n [1]\n", [(2, 2, 6, "member-path", ""), (5, 2, 5, "member-path", "")]),
    ("foo\n a B-C\n", [(2, 4, 7, "macro-name", "")]),
    ("#if 1\nfoo\n", [(1, 1, 2, "unclosed-if", "no #endif")]),
    ("#endif\n#else\n", [(1, 1, 7, "directive", "#endif without #if"), (2, 1, 6, "directive", "#else without")]),
    ("#if 1\n#else\n#else\n#endif\n", [(3, 1, 6, "directive", "the conditional in line 1")]),
    ("#if (1\n#endif\n", [(1, 5, 7, "directive", "')' is missing at the end")]),
    ("#if 1 / 0\n#endif\n", [(1, 5, 10, "directive", "division by zero")]),
    ("#ifdef\n#endif\n", [(1, 7, 8, "directive", "#ifdef needs a name")]),
    ("#error no\n", [(1, 1, 10, "directive", "#error no")]),
    ("foo /* x\n", [(1, 1, 2, "unclosed-comment", "has no end")]),
    (
        "#define A B B\n#define B C C\n#define C " + "D " * 50000 + "\nfoo A\n",
        [(4, 1, 6, "macro", "200000 characters")],
    ),
]


@pytest.mark.parametrize(("text", "wanted"), WRONG)
def test_what_is_wrong(text: str, wanted: list[tuple[int, int, int, str, str]]) -> None:
    problems = offsets_in(text).problems
    assert [(p.line, p.column, p.end_column, p.code) for p in problems] == [row[:4] for row in wanted]
    for problem, row in zip(problems, wanted, strict=True):
        assert row[4] in problem.message
        assert problem.text == text.split("\n")[problem.line - 1]


def test_macros_of_the_compiler_decide_and_do_not_replace() -> None:
    compiler = defined_macros("#define unix 1\n#define __LP64__ 1\n#define F(x) x\n")
    text = "#if defined(unix) && __LP64__ && F(1)\nfoo\n unix\n#endif\n"
    assert shown(offsets_in(text, compiler)) == ["foo", "  unix UNIX"]
    assert shown(offsets_in(text, compiler, command_line_macros(["-Uunix"]))) == []


def test_macros_of_the_command_line() -> None:
    macros = command_line_macros(["-DA", "-D", "B=foo", "-O2", "-UC", "-DD="])
    assert shown(offsets_in("#if A\nB B_SIZE\n#endif\n\\#x A D\n", {}, macros)) == ["foo B_SIZE", "#x 1"]


def test_conditionals() -> None:
    assert has_conditionals("# ifdef X\n")
    assert not has_conditionals("\\#if X\n #if\n#include <x>\n")


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("a", ("a",)),
        ("a.b[3].c", ("a", "b", 3, "c")),
        ("a[1][2]", ("a", 1, 2)),
        ("", None),
        ("a.", None),
        (".a", None),
        ("a.[1]", None),
        ("[1]", None),
        ("a[1]b", None),
        ("a[x]", None),
    ],
)
def test_paths(path: str, steps: tuple[str | int, ...] | None) -> None:
    assert steps_of(path) == steps
