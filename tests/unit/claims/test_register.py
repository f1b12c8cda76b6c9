"""A register is read with the place of every mistake, and what cannot fail is refused."""

from __future__ import annotations

import pytest

from heliograph.claims.model import CommandCheck, Verdict
from heliograph.claims.register import Known, builtin, builtin_names, records, register, sources
from heliograph.errors import Error, ParseError, UnknownNameError

KNOWN = Known(sources=frozenset({"lx-2008"}), properties=frozenset({"a-law"}), comparisons=frozenset({"a-judge"}))

GOOD = """subject = "signals"

[[claim]]
id = "SIG-90"
sentence = "Ten is sixteen."
said = ["lx-2008"]
evidence = "computed"
verdict = "confirmed"

[[claim.check]]
command = "signals map 10 --from linux --to illumos"
[[claim.check.expect]]
view = "map"
all = { to = 16 }
"""


def test_a_good_register_is_read_with_its_places() -> None:
    (claim,) = register(GOOD, "mine.toml", KNOWN)
    assert (claim.id, claim.subject, claim.verdict) == ("SIG-90", "signals", Verdict.CONFIRMED)
    assert claim.place.line == 4
    (check,) = claim.checks
    assert isinstance(check, CommandCheck)
    assert check.place.line == 11
    assert check.command == ("signals", "map", "10", "--from", "linux", "--to", "illumos")
    assert check.expectations[0].place.line == 13


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ('subject = "signals"', "subject = ", 1, 11, "not TOML"),
        ('subject = "signals"', "", 1, 1, "subject"),
        ('id = "SIG-90"', 'id = "sig90"', 4, 1, "two digits"),
        ('id = "SIG-90"', "", 3, 1, "id"),
        ('sentence = "Ten is sixteen."', 'sentence = " "', 5, 1, "sentence"),
        ('said = ["lx-2008"]', "said = []", 6, 1, "at least one source"),
        ('said = ["lx-2008"]', 'said = ["lx-2009"]', 6, 10, "unknown source"),
        ('evidence = "computed"', 'evidence = "computd"', 7, 13, "did you mean computed"),
        ('verdict = "confirmed"', 'verdict = "true"', 8, 12, "unknown verdict"),
        ('verdict = "confirmed"', 'verdict = "testimony"', 8, 1, "testimony has none"),
        ('verdict = "confirmed"', 'verdict = "contradicted"', 8, 1, "account, public and observed"),
        ('verdict = "confirmed"', 'verdct = "confirmed"', 8, 1, "unknown key"),
        ("command =", "comand =", 11, 1, "unknown key"),
        ('command = "signals map', "command = \"signals 'map", 11, 1, "not a command line"),
        ("all = { to = 16 }", "", 13, 1, "matches anything"),
        ("all = { to = 16 }", "all = {}", 14, 1, "matches anything"),
        ("all = { to = 16 }", "values = { to = 16 }", 14, 1, "values = { cell = [...] }"),
        ("all = { to = 16 }", "count = -1", 14, 1, "0 or more"),
        ("all = { to = 16 }", "count = true", 14, 1, "0 or more"),
        ("all = { to = 16 }", "sequence = { to = [16] }", 14, 1, "two different values"),
        ("all = { to = 16 }", "all = { to = 16 }\ncount = 1", 13, 1, "says one of"),
        ('[[claim.check.expect]]\nview = "map"\nall = { to = 16 }\n', "", 11, 1, "matches anything"),
        ("command =", 'property = "a-law"\ncommand =', 10, 1, "a check has one of"),
        ('command = "signals map 10 --from linux --to illumos"', 'property = "b-law"', 11, 13, "unknown property"),
        ('command = "signals map 10 --from linux --to illumos"', 'judge = "b-judge"', 11, 10, "unknown comparison"),
    ],
)
def test_a_mistake_has_a_place(old: str, new: str, line: int, column: int, words: str) -> None:
    assert old in GOOD
    with pytest.raises(Error) as caught:
        register(GOOD.replace(old, new, 1), "mine.toml", KNOWN)
    error = caught.value
    assert isinstance(error, ParseError | UnknownNameError)
    assert error.exit_code == 2
    assert words in error.message
    assert error.span is not None
    assert (error.span.file, error.span.line, error.span.column) == ("mine.toml", line, column)


def test_an_id_stands_once() -> None:
    twice = GOOD + GOOD.split("\n\n", 1)[1]
    with pytest.raises(ParseError, match="SIG-90 stands in line 4 already") as caught:
        register(twice, "mine.toml", KNOWN)
    assert caught.value.span is not None
    assert caught.value.span.line == 16


def test_a_source_stands_once() -> None:
    row = '[[source]]\nkey = "a"\nkind = "post"\ntitle = "t"\nrevision = "r"\n'
    assert list(sources(row)) == ["a"]
    with pytest.raises(ParseError, match="stands twice"):
        sources(row * 2)


def test_a_record_is_as_the_tool_writes_it() -> None:
    with pytest.raises(ParseError, match="record_oracle"):
        records('[[record]]\ncomparison = "a"\n')


def test_the_built_in_files_are_found() -> None:
    assert builtin_names() == ["atlas.toml", "signals.toml"]
    assert "[[source]]" in builtin("sources.toml")
