"""How a definition comes to its value."""

from __future__ import annotations

from collections.abc import Sequence

from heliograph.genassym.model import Define, Kind
from heliograph.genassym.translate.explain import Explanation, Term
from heliograph.view import Column, Listing, Prose, Row, Table, View

__all__ = ["explain_views"]


def explain_views(explanation: Explanation) -> tuple[View, ...]:
    """Return the sum as a line, its terms, and the definitions that it stands on."""
    define = explanation.define
    return (
        Listing(id="sum", language="text", text=_sum(explanation) + "\n"),
        *((_terms(explanation.terms),) if explanation.terms else ()),
        _chain(explanation.chain),
        Prose(text=_sentence(define), aside=True),
    )


def _sum(explanation: Explanation) -> str:
    define = explanation.define
    value = "no integer" if define.value is None else f"{define.value:#x}"
    if define.parameters is not None:
        return define.text
    if define.kind is not Kind.VERBATIM:
        return f"{define.name} = {_meaning(define)} = {value}"
    if not explanation.terms:
        return f"{define.name} = {value}"
    words = []
    for index, term in enumerate(explanation.terms):
        sign = "-" if term.factor < 0 else "+"
        lead = ("-" if term.factor < 0 else "") if index == 0 else f" {sign} "
        factor = "" if abs(term.factor) == 1 else f"{abs(term.factor)}*"
        words.append(f"{lead}{factor}{term.name + ' ' if term.name else ''}{term.value:#x}")
    return f"{define.name} = {''.join(words)} = {value}"


def _terms(terms: Sequence[Term]) -> Table:
    rows: list[Row] = [
        {
            "factor": term.factor,
            "name": term.name or None,
            "value": f"{term.value:#x}",
            "product": f"{term.factor * term.value:#x}",
        }
        for term in terms
    ]
    titles = {"factor": "factor", "name": "definition", "value": "value", "product": "adds"}
    return Table(
        id="terms",
        caption="Terms",
        columns=tuple(Column(id=ident, title=title) for ident, title in titles.items()),
        rows=rows,
    )


def _chain(chain: Sequence[Define]) -> Table:
    rows: list[Row] = [
        {
            "name": define.name,
            "value": None if define.value is None else f"{define.value:#x}",
            "is": _meaning(define),
            "line": define.line,
        }
        for define in chain
    ]
    titles = {"name": "definition", "value": "value", "is": "what it is", "line": "line"}
    return Table(
        id="chain",
        caption="Where it comes from",
        columns=tuple(Column(id=ident, title=title) for ident, title in titles.items()),
        rows=rows,
    )


def _meaning(define: Define) -> str:
    match define.kind:
        case Kind.SIZE:
            return f"size of {define.type}"
        case Kind.SHIFT:
            return f"logarithm of the size of {define.type}"
        case Kind.OFFSET:
            bits = "" if define.bits is None else f", bit {define.bits[0]}, {define.bits[1]} wide"
            return f"offset of {define.type}.{define.path}{bits}"
        case Kind.INCREMENT:
            return f"size of an element of {define.type}.{define.path}"
        case Kind.VERBATIM:
            return define.text


def _sentence(define: Define) -> str:
    if define.kind is Kind.VERBATIM:
        return (
            f"{define.name} stands in no header: line {define.line} of the offsets file has it copied into the output."
            " Its macros are replaced until only sizes and offsets of types, and numbers, are left."
        )
    return f"{define.name} is asked for in line {define.line} of the offsets file, and the compiler answers."
