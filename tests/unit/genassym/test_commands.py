"""The commands of the wing, as a terminal runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.unit.door import ask, table
from tests.unit.genassym.sample import ASSYM, CC, OFFSETS, cc, needs_cc

from heliograph.cli import error_json, explain_error, run
from heliograph.errors import Error, ParseError, UsageError
from heliograph.files import MemoryFiles
from heliograph.genassym.cli.original import USAGE, invocation

pytestmark = needs_cc


def text(files: MemoryFiles, *argv: str) -> tuple[int, str]:
    answer = run(["genassym", *argv], files=files)
    return answer.exit_code, "".join(answer.render())


def refused(files: MemoryFiles, *argv: str) -> Error:
    with pytest.raises(Error) as caught:
        run(["genassym", *argv], files=files)
    return caught.value


def findings(found: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    (one,) = [view for view in found["views"] if view["view"] == "findings"]
    return [(item["line"], item["column"], item["code"], item["severity"]) for item in one["items"]]


def test_gen(tmp_path: Path) -> None:
    files = MemoryFiles({"offsets.in": OFFSETS}, stdin=OFFSETS)
    for name in ("offsets.in", "-"):
        assert text(files, "gen", name, "--cc", cc(tmp_path)) == (0, ASSYM)


def test_gen_as_json(tmp_path: Path) -> None:
    code, found = ask("genassym", "gen", "a.in", "--cc", cc(tmp_path), "--cite", files={"a.in": OFFSETS})
    assert code == 0
    listing = found["views"][0]
    assert (listing["id"], listing["artefact"], listing["text"]) == ("assym", True, ASSYM)
    rows = {row["name"]: row for row in table(found, "defines")}
    assert rows["T_RBX"]["value"] == 0x50
    assert rows["T_RBX"]["text"] == "#define T_RBX (T_LABEL + LABEL_RBX)"
    assert (rows["T_LABEL"]["line"], rows["T_LABEL"]["of"]) == (5, "worker_t.w_pcb")
    assert table(found, "sources")


def test_gen_writes_only_what_is_new(tmp_path: Path) -> None:
    files = MemoryFiles({"a.in": OFFSETS})
    argv = ("gen", "a.in", "--cc", cc(tmp_path), "-o", "my assym.h", "--depfile", "assym.d")
    assert "written" in text(files, *argv)[1]
    assert files.text("my assym.h") == ASSYM
    rule = files.text("assym.d")
    assert rule.startswith("my\\ assym.h: \\\n  a.in \\\n")
    assert f"\n{tmp_path}/machine.h:\n" in rule
    again = text(files, *argv)[1]
    assert again.count("unchanged") == 2
    assert "written" not in again


def test_check(tmp_path: Path) -> None:
    files = MemoryFiles({"a.in": OFFSETS, "golden": ASSYM, "old": ASSYM.replace("0x38", "0x40")})
    assert text(files, "gen", "a.in", "--cc", cc(tmp_path), "--check", "golden")[0] == 0
    code, shown = text(files, "gen", "a.in", "--cc", cc(tmp_path), "--check", "old")
    assert code == 1
    assert "-#define\tT_LABEL\t0x40" in shown.replace("    ", "\t") or "T_LABEL" in shown


def test_everything_wrong_is_told_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    wrong = OFFSETS.replace("w_pcb", "w_pbc").replace("\tval", "\tval x y z").replace("label_t\n", "lable_t\n")
    files = MemoryFiles({"a.in": wrong + "\nhidden H\n"})
    error = refused(files, "gen", "a.in", "--cc", cc(tmp_path), "-o", "assym.h")
    assert isinstance(error, ParseError)
    assert error.exit_code == 2
    assert "assym.h" not in files.files
    assert [str(each.span) for each in (error, *error.more)] == ["a.in:5:2", "a.in:8:8", "a.in:13:1"]
    shown = explain_error(error)
    assert "a.in:5:2: error: worker_t has no member w_pbc; did you mean w_pcb?\n" in shown
    assert "declared and never defined" in shown
    assert shown.count("^\n") == 2
    first = json.loads(error_json(error))["error"]
    assert [each["span"]["line"] for each in (first, *first["more"])] == [5, 8, 13]


def test_errors_of_headers_are_told_at_their_include(tmp_path: Path) -> None:
    files = MemoryFiles({"a.in": OFFSETS})
    error = refused(files, "gen", "a.in", "--cc", cc(tmp_path, header="int x = ;\n"))
    assert str(error.span) == "a.in:2:1"
    assert "machine.h:1" in error.message
    error = refused(files, "gen", "a.in", "--cc", CC)
    assert (str(error.span).startswith("a.in:2:"), "machine.h" in error.message) == (True, True)


def test_the_conditionals_see_the_compiler(tmp_path: Path) -> None:
    files = MemoryFiles({"a.in": "#if defined(MINE) && __CHAR_BIT__ == 8\nint I\n#else\nchar C\n#endif\n"})
    assert text(files, "gen", "a.in", "--cc", CC) == (0, "#define\tC\t0x1\n")
    assert text(files, "gen", "a.in", "--cc", f"{CC} -DMINE") == (0, "#define\tI\t0x4\n")


def test_werror(tmp_path: Path) -> None:
    files = MemoryFiles({"a.in": "int I\n\nlong\n\n"}, stdin="int I\n\nlong\n\n")
    assert text(files, "gen", "a.in", "--cc", CC)[0] == 0
    for name in ("a.in", "-"):
        assert "nothing is asked of long" in refused(files, "gen", name, "--cc", CC, "--werror").message


@pytest.mark.parametrize("style", ["gas", "rust", "python", "json", "c-assert"])
def test_styles(tmp_path: Path, style: str) -> None:
    files = MemoryFiles({"a.in": OFFSETS})
    code, shown = text(files, "gen", "a.in", "--cc", cc(tmp_path), "--style", style)
    assert code == 0
    assert "0x38" in shown or "56" in shown
    if style == "c-assert":
        argv = [*cc(tmp_path).split(), "-fsyntax-only", "-x", "c", "-"]
        assert subprocess.run(argv, input=shown, text=True, check=False).returncode == 0
        changed = subprocess.run(argv, input=shown.replace("0x38", "0x40"), text=True, capture_output=True, check=False)
        assert "T_LABEL" in changed.stderr or "static assertion failed" in changed.stderr


@pytest.mark.parametrize(
    "argv",
    [
        ("gen", "a.in", "--depfile", "x"),
        ("gen", "a.in", "--check", "x", "-o", "y"),
        ("gen", "a.in", "--cc", "'"),
        ("gen", "a.in", "--cc", ""),
        ("fmt", "a.in", "--write", "--check"),
        ("fmt", "-", "--write"),
    ],
)
def test_wrong_calls(argv: tuple[str, ...]) -> None:
    assert isinstance(refused(MemoryFiles({"a.in": OFFSETS}), *argv), UsageError)


def test_explain(tmp_path: Path) -> None:
    argv = ["genassym", "explain", "T_RBX", "--offsets", "a.in", "--cc", cc(tmp_path), "--explain"]
    code, found = ask(*argv, files={"a.in": OFFSETS})
    assert code == 0
    assert found["views"][0]["text"] == "T_RBX = T_LABEL 0x38 + 3*LABEL_VAL_INCR 0x8 + LABEL_VAL 0x0 = 0x50\n"
    assert [row["product"] for row in table(found, "terms")] == ["0x38", "0x18", "0x0"]
    assert [row["line"] for row in table(found, "chain")] == [11, 5, 10, 8, 8]
    error = refused(MemoryFiles({"a.in": OFFSETS}), "explain", "T_RBK", "--offsets", "a.in", "--cc", cc(tmp_path))
    assert "did you mean T_RBX" in error.message


LINT = "foo\nbar\n\nempty\n\nunix\n a A\n b A\n#if X\n" + " x\n" * 9 + "#endif\n c\n"


def test_lint() -> None:
    code, found = ask("genassym", "lint", "a.in", files={"a.in": LINT})
    assert code == 1
    assert findings(found) == [
        (2, 1, "unindented-member", "warning"),
        (4, 1, "empty-block", "warning"),
        (8, 4, "duplicate", "note"),
        (9, 1, "long-if", "note"),
    ]
    assert ask("genassym", "lint", "a.in", files={"a.in": OFFSETS})[0] == 0
    _, found = ask("genassym", "lint", "a.in", files={"a.in": "foo\n a b c\n"})
    assert findings(found) == [(1, 1, "empty-block", "warning"), (2, 6, "words", "error")]


def test_lint_with_a_compiler(tmp_path: Path) -> None:
    _, found = ask("genassym", "lint", "a.in", "--cc", cc(tmp_path), files={"a.in": OFFSETS.replace("w_pcb", "w_pbc")})
    assert findings(found) == [(5, 2, "unknown-member", "error")]
    _, found = ask("genassym", "lint", "a.in", "--cc", f"{CC} -std=gnu11 -Dunix=unix", files={"a.in": "int\n I.unix\n"})
    assert (2, 2, "unknown-member", "error") in findings(found)


def test_fmt() -> None:
    loose = "\n\nfoo  FOO_SIZE \n    a   A\nb\n\n\n\nbar\n  c /* why */  C\n\\#define\tX  1 \n\n"
    tight = "foo\tFOO_SIZE\n\ta\tA\n\tb\n\nbar\n  c /* why */  C\n\\#define\tX  1\n"
    files = MemoryFiles({"a.in": loose, "b.in": tight}, stdin=loose)
    assert text(files, "fmt", "-") == (0, tight)
    assert text(files, "fmt", "b.in", "--check")[0] == 0
    assert text(files, "fmt", "a.in", "--check")[0] == 1
    assert "written" in text(files, "fmt", "a.in", "--write")[1]
    assert files.text("a.in") == tight


@pytest.mark.parametrize(
    ("words", "argv", "remarks"),
    [
        ("gcc -m64 -DX='a'", "gcc -m64 '-DX='\"'\"'a'\"'\"''", 0),
        ("-s ctfstabs -r ctfconvert cc", "cc", 0),
        ("-v -sctfstabs cc -v", "cc -v", 2),
        ("-kv cc", "cc", 2),
        ("-- cc", "cc", 0),
    ],
)
def test_the_original_convention(words: str, argv: str, remarks: int) -> None:
    found = invocation(words.split(" "))
    assert found.argv == ("genassym", "gen", "-", f"--cc={argv}")
    assert len(found.remarks) == remarks


@pytest.mark.parametrize("words", [[], ["-x", "cc"], ["-s"], ["-v"], ["-", "cc"]])
def test_wrong_calls_of_the_original(words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        invocation(words)
    assert caught.value.message == USAGE


def test_genoffsets(tmp_path: Path) -> None:
    code = "import sys; from heliograph.__main__ import genoffsets; genoffsets()"

    def call(stdin: str, *words: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-c", code, *words]
        return subprocess.run(argv, input=stdin, text=True, capture_output=True, check=False)

    done = call(OFFSETS, "-s", "ctfstabs", *cc(tmp_path).split())
    assert (done.returncode, done.stdout, done.stderr) == (0, ASSYM, "")
    done = call("none N\n", "-v", CC)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"+ {CC}\nhelio: -:1:1: error: no type is called none")
    done = call("")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{USAGE}\n")


def test_options_that_are_left_out_are_named() -> None:
    _, found = ask("genassym", "gen", "-", "--cc", f"{CC} -flto -O2", "--explain", stdin="int I\n")
    (prose,) = [view["text"] for view in found["views"] if view["view"] == "prose"]
    assert prose.endswith("Kept from it, as they move or hide constants: -flto.")
    _, found = ask("genassym", "gen", "-", "--cc", CC, "--explain", stdin="int I\n")
    (prose,) = [view["text"] for view in found["views"] if view["view"] == "prose"]
    assert "Kept" not in prose
