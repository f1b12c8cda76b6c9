"""A translation as source code: an array or a dictionary, with where each fact comes from in comments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from heliograph import __version__
from heliograph.signals.model import Libc, Translation
from heliograph.signals.render.numbers import map_row
from heliograph.signals.render.words import name_of
from heliograph.signals.tables.policies import POLICIES
from heliograph.signals.translate.numbers import Translator
from heliograph.source import Source
from heliograph.view import Listing

__all__ = ["LANGUAGES", "SCHEMA", "export_listing"]

_LOST = "-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a language writes a table.

    :param comment: what starts a line of comment.
    :param body: the lines below the comments, from the rows and the name of the table.
    """

    name: str
    comment: str
    body: Callable[[Translator, Sequence[Translation]], Iterable[str]]


def export_listing(language: str, translator: Translator, policy_argument: str) -> Listing:
    """Return the whole translation as a file of source code.

    :param language: a key of :data:`LANGUAGES`, ``json`` or ``json-schema``.
    :param policy_argument: the policy as the user wrote it, for the command that repeats it.
    """
    rows = list(translator.all())
    if language == "json-schema":
        text = json.dumps(SCHEMA, indent=2) + "\n"
    elif language == "json":
        text = _json(translator, rows)
    else:
        found = LANGUAGES[language]
        head = [f"{found.comment} {line}".rstrip() for line in _provenance(language, translator, policy_argument)]
        text = "\n".join([*head, *found.body(translator, rows)]) + "\n"
    shown = "json" if language.startswith("json") else language
    return Listing(id="export", language=shown, text=text, artefact=True)


def _provenance(language: str, translator: Translator, policy: str) -> list[str]:
    source, target = translator.source.name, translator.target.name
    lines = [
        f"Signal numbers of {source} to those of {target}, policy {policy}.",
        f"Written by heliograph {__version__}; do not edit. To write it again:",
        f"  helio signals export --to-lang {language} --from {source} --to {target} --policy {policy}",
        "Where the facts come from:",
    ]
    return lines + [f"  {_cited(row)}" for row in _sources(translator)]


def _sources(translator: Translator) -> list[Source]:
    rows = [*translator.source.sources, *translator.target.sources]
    policy = POLICIES[translator.policy].source
    return list(dict.fromkeys([*rows, policy] if policy else rows))


def _cited(row: Source) -> str:
    return f"{row.fact}: {row.project} {row.path}@{row.revision}".rstrip("@")


def _words(translator: Translator) -> str:
    return re.sub(r"\W", "_", f"{translator.source.name}_to_{translator.target.name}")


def _remark(found: Translation, translator: Translator) -> str:
    name = name_of(translator.source, found.source, Libc.KERNEL)
    if found.target is None:
        return f"{name}: lost"
    return f"{name} -> {name_of(translator.target, found.target, Libc.KERNEL)}: {found.how}"


def _c(translator: Translator, rows: Sequence[Translation]) -> Iterable[str]:
    name = _words(translator)
    guard = f"{name.upper()}_H"
    last = translator.source.last
    yield ""
    yield f"#ifndef {guard}"
    yield f"#define {guard}"
    yield ""
    yield "/* Index: the number there; 0: no signal has that number; -1: it has no counterpart. */"
    yield f"static const short {name}[{last + 1}] = {{"
    for found in rows:
        yield f"\t[{found.source}] = {found.target or _LOST}, /* {_remark(found, translator)} */"
    yield "};"
    yield ""
    # It also uses the table, so that no compiler complains about one that a file includes for something else.
    yield "/* The number there, or -1 if there is no such signal or it has no counterpart. */"
    yield f"static inline int {name}_number(int number)"
    yield "{"
    yield f"\tint found = number > 0 && number <= {last} ? {name}[number] : 0;"
    yield ""
    yield "\treturn found > 0 ? found : -1;"
    yield "}"
    yield ""
    yield f"#endif /* {guard} */"


def _rust(translator: Translator, rows: Sequence[Translation]) -> Iterable[str]:
    by_number: dict[int, Translation] = {found.source: found for found in rows}
    yield ""
    yield "/// Index: the number there; 0: no signal has that number; -1: it has no counterpart."
    yield f"pub static {_words(translator).upper()}: [i16; {translator.source.last + 1}] = ["
    for number in range(translator.source.last + 1):
        found = by_number.get(number)
        yield f"    {found.target or _LOST}, // {_remark(found, translator)}" if found else f"    0, // {number}"
    yield "];"


def _go(translator: Translator, rows: Sequence[Translation]) -> Iterable[str]:
    name = "".join(word.capitalize() for word in re.split(r"\W|_", _words(translator)))
    yield ""
    yield "package signals"
    yield ""
    yield f"// {name} has at the index of a number there the number here; 0: no such signal; -1: no counterpart."
    yield f"var {name} = [...]int16{{"
    for found in rows:
        yield f"\t{found.source}: {found.target or _LOST}, // {_remark(found, translator)}"
    yield "}"


def _python(translator: Translator, rows: Sequence[Translation]) -> Iterable[str]:
    yield ""
    yield f"{_words(translator).upper()} = {{"
    for found in rows:
        yield f"    {found.source}: {found.target},  # {_remark(found, translator)}"
    yield "}"
    yield '"""The number there to the number here, None if it has no counterpart."""'


LANGUAGES = {
    row.name: row
    for row in (
        Language(name="c", comment="//", body=_c),
        Language(name="rust", comment="//", body=_rust),
        Language(name="go", comment="//", body=_go),
        Language(name="python", comment="#", body=_python),
    )
}
"""The languages that are source code; JSON has no comments and carries its sources as data."""


def _json(translator: Translator, rows: Sequence[Translation]) -> str:
    body = {
        "from": translator.source.name,
        "to": translator.target.name,
        "policy": str(translator.policy),
        "version": __version__,
        "sources": [_cited(row) for row in _sources(translator)],
        "signals": [dict(map_row(found, translator, Libc.KERNEL)) for found in rows],
    }
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


_SIGNAL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["signal", "from", "to", "to_name", "how", "action_from", "action_to", "why"],
    "properties": {
        "signal": {"type": "string", "pattern": "^SIG"},
        "from": {"type": "integer", "minimum": 1},
        "to": {"type": ["integer", "null"], "minimum": 1},
        "to_name": {"type": ["string", "null"], "pattern": "^SIG"},
        "how": {"enum": ["same", "renumbered", "stand-in", "lost"]},
        "action_from": {"enum": ["terminate", "core", "ignore", "ignore(continue)", "stop", None]},
        "action_to": {"enum": ["terminate", "core", "ignore", "ignore(continue)", "stop", None]},
        "why": {"type": "string"},
    },
}

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A translation of signal numbers, as helio signals export --to-lang json writes it",
    "type": "object",
    "additionalProperties": False,
    "required": ["from", "to", "policy", "version", "sources", "signals"],
    "properties": {
        "from": {"type": "string"},
        "to": {"type": "string"},
        "policy": {"enum": ["strict", "drop", "lx-2006", "lx-2008", "lx-2019"]},
        "version": {"type": "string"},
        "sources": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "signals": {"type": "array", "items": _SIGNAL, "minItems": 1},
    },
}
"""The schema of the JSON export; ``--to-lang json-schema`` prints it."""
