"""A translation as source code says what the map says."""

from __future__ import annotations

import ast
import json
import re

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from tests.unit.door import ask, rows

from heliograph.cli import run

PAIR = ("--from", "linux", "--to", "solaris-2005")


def exported(language: str, *words: str) -> str:
    return "".join(run(["signals", "export", "--to-lang", language, *(words or PAIR)]).render())


def mapped(policy: str = "drop") -> dict[int, int | None]:
    numbers = map(str, range(1, 65))
    return {row["from"]: row["to"] for row in rows("signals", "map", *numbers, *PAIR, "--policy", policy)}


def test_c_has_every_number() -> None:
    cells = re.findall(r"\[(\d+)\] = (-?\d+),", exported("c"))
    assert {int(number): int(to) for number, to in cells} == {n: -1 if to is None else to for n, to in mapped().items()}


def test_go_has_every_number() -> None:
    cells = re.findall(r"^\t(\d+): (-?\d+),", exported("go"), re.MULTILINE)
    assert {int(number): int(to) for number, to in cells} == {n: -1 if to is None else to for n, to in mapped().items()}


def test_rust_has_a_cell_for_every_number() -> None:
    cells = re.findall(r"^    (-?\d+),", exported("rust"), re.MULTILINE)
    assert [int(cell) for cell in cells] == [0, *(-1 if to is None else to for to in mapped().values())]


def test_python_is_a_dictionary() -> None:
    module = ast.parse(exported("python"))
    (table,) = [node.value for node in module.body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(table) == mapped()


@pytest.mark.parametrize("pair", [PAIR, ("--from", "gdb", "--to", "aix"), ("--from", "illumos", "--to", "linux-mips")])
def test_json_obeys_its_schema(pair: tuple[str, ...]) -> None:
    validator = Draft202012Validator(json.loads(exported("json-schema")))
    body = json.loads(exported("json", *pair))
    validator.validate(body)
    body["signals"][0]["how"] = "other"
    with pytest.raises(ValidationError):
        validator.validate(body)


@pytest.mark.parametrize("language", ["c", "rust", "go", "python"])
def test_the_comments_name_the_sources_and_the_command(language: str) -> None:
    text = exported(language, *PAIR, "--policy", "lx-2008")
    assert "torvalds/linux arch/x86/include/uapi/asm/signal.h@" in text
    assert "lx-2008: the number tables" in text
    command = re.search(r"helio (signals export .*)", text)
    assert command is not None
    assert "".join(run(command[1].split()).render()) == text


def test_the_answer_is_an_artefact() -> None:
    code, answer = ask("signals", "export", "--to-lang", "c", *PAIR)
    assert code == 0
    assert answer["views"][0]["artefact"] is True


def test_the_c_may_be_included_twice_and_is_used_by_its_own_function() -> None:
    text = exported("c")
    name = "linux_x86_64_to_solaris_2005"
    before, _guard, after = text.partition(f"#ifndef {name.upper()}_H\n#define {name.upper()}_H\n")
    assert all(line.startswith("//") for line in before.splitlines() if line)
    assert after.endswith(f"#endif /* {name.upper()}_H */\n")
    assert f"static inline int {name}_number(int number)" in after
