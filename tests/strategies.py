"""Hypothesis strategies that several suites share."""

from __future__ import annotations

from hypothesis import strategies as st

from heliograph.errors import UnsupportedError
from heliograph.signals.model import Libc, Policy, System
from heliograph.signals.system import all_systems, system_names
from heliograph.signals.tables.delivery import PATHS
from heliograph.signals.translate.numbers import Translator
from heliograph.view import Cell, Column, Edge, Finding, Findings, Graph, Listing, Node, Prose, Severity, Table, View

__all__ = [
    "SYSTEMS",
    "TRANSLATORS",
    "argv",
    "contents",
    "graphs",
    "layers",
    "libcs",
    "logs",
    "numbers",
    "paths",
    "sets",
    "statuses",
    "systems",
    "tables",
    "translators",
    "views",
    "words",
]

SYSTEMS = tuple(all_systems())


def _allowed() -> tuple[Translator, ...]:
    """Return a translator for every pair of systems under every policy that speaks of them."""
    found = []
    for source in SYSTEMS:
        for target in SYSTEMS:
            for policy in Policy:
                try:
                    found.append(Translator(source, target, policy))
                except UnsupportedError:
                    continue
    return tuple(found)


TRANSLATORS = _allowed()

systems = st.sampled_from(SYSTEMS)
libcs = st.sampled_from([*Libc])
paths = st.sampled_from([*PATHS])
translators = st.sampled_from(TRANSLATORS)


def numbers(where: System) -> st.SearchStrategy[int]:
    """Return the signal numbers of a system."""
    return st.sampled_from([int(number) for number in where.numbers])


def sets(where: System) -> st.SearchStrategy[frozenset[int]]:
    """Return sets of the signals of a system."""
    return st.frozensets(numbers(where))


# ---------------------------------------------------------------- the command line

_COMMANDS = [
    *("signals", "map", "list", "systems", "policies", "diff", "default", "mask", "wait", "check", "trace", "flow"),
    "completion",
]
_OPTIONS = [
    *("--from", "--to", "--system", "--compare", "--against", "--policy", "--libc", "--path", "--signal", "--proc"),
    *("--format", "--explain", "--cite", "--help", "-h", "--version", "--old", "--complete", "--blocked"),
    *("--no-interposer", "--no-handler", "--", "-", "--nosuch", "-x", "--from=linux", "--to=illumos"),
]
_VALUES = [
    *("linux", "illumos", "solaris-2005", "darwin", "linux-mips", "linux,illumos", "solaris", "a.csv", "log", "status"),
    *("USR1", "SIGSTKFLT", "RTMIN+3", "RTMAX-1", "RTMIN-1", "0", "-1", "65", "10", "0x", "0x10", "1,2", "f" * 40),
    *("strict", "lx-2006", "lx-now", "native", "json", "csv", "text", "glibc", "bash", "self", "9" * 5000, ""),
]

words = st.sampled_from(_COMMANDS + _OPTIONS + _VALUES) | st.sampled_from(system_names()) | st.text(max_size=8)
"""A word of a command line: one that helio knows, or any other."""

_begun = st.sampled_from(
    [
        [],
        ["signals"],
        ["signals", "map", "--from", "linux", "--to", "illumos"],
        ["signals", "list", "--system"],
        ["signals", "diff"],
        ["signals", "default", "--compare"],
        ["signals", "mask", "--from", "linux"],
        ["signals", "wait", "--from", "linux", "--to", "freebsd"],
        ["signals", "check", "a.csv", "--against", "linux,illumos"],
        ["signals", "trace", "log"],
        ["signals", "flow", "--path", "lx-2006"],
    ]
)
argv = st.builds(lambda begun, rest: [*begun, *rest], _begun, st.lists(words, max_size=6))
"""A command line; half of a known one, then any words."""


# ---------------------------------------------------------------- files

_cells = st.sampled_from(
    ["", "-", "-1", "0", "1", "10", "USR1", "SIGEMT", "65", "x", '"', "a b", "\x00", "٣", "RTMIN+3"]
)
_line = st.lists(_cells | st.text(max_size=5), max_size=4).map(",".join)
layers = st.lists(_line, max_size=6).map(lambda lines: "\n".join(["from,to,name", *lines]))
"""Tables of a compatibility layer, right and wrong."""

_spell = st.integers(-2, 1100).map(str) | st.just("9" * 30)
_pair = st.builds("{} (lx {})".format, _spell, _spell)
logs = st.lists(_pair | st.text(max_size=10), max_size=8).map("\n".join)
"""Logs of lx with other text between the pairs."""

_label = st.sampled_from(["SigBlk:\t", "SigCgt:\t", "ShdPnd: ", "Name:\t", ""])
_mask = st.integers(0, 2**140).map("{:x}".format) | st.text(max_size=6)
statuses = st.lists(st.builds("{}{}".format, _label, _mask), max_size=5).map("\n".join)
"""Files like /proc/PID/status."""

_ends = st.sampled_from(["\n", "\r\n", "\r"])
_bom = st.sampled_from([b"", b"\xef\xbb\xbf"])
contents = st.builds(
    lambda text, end, bom: bom + text.replace("\n", end).encode("utf-8", "surrogatepass"),
    layers | logs | statuses,
    _ends,
    _bom,
) | st.binary(max_size=60)
"""The bytes of a file: what a command expects, in each manner of writing it, or anything."""


# ---------------------------------------------------------------- views

_plain = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
_wide = st.sampled_from(["", "日本", "ä", "e\u0301", "[bold]", ":smile:", "a  b", "\\[x]", "-", "lost", "same", "yes"])
_phrase = st.lists(_plain | _wide, max_size=12).map(lambda found: " ".join(found).strip())
_cell: st.SearchStrategy[Cell] = st.one_of(
    st.none(), st.booleans(), st.integers(), _phrase, st.lists(_plain, max_size=3).map(tuple)
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a table of any width with a few rows."""
    ids = draw(st.lists(_plain, min_size=1, max_size=7, unique=True))
    columns = tuple(Column(id=ident, title=ident, unit=draw(st.sampled_from(["", "byte"]))) for ident in ids)
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(ids, _cell)), max_size=4))
    return Table(id="t", columns=columns, rows=rows, caption=draw(_phrase), differs=draw(st.booleans()))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Return a path with a few more edges."""
    ids = draw(st.lists(_plain, min_size=1, max_size=5, unique=True))
    lane = st.sampled_from(["kernel", "libc", ""])
    nodes = tuple(Node(id=ident, label=draw(_plain), lane=draw(lane), note=draw(_phrase)) for ident in ids)
    ends = st.sampled_from(ids)
    edges = draw(
        st.lists(st.builds(lambda a, b, label: Edge(from_=a, to=b, label=label), ends, ends, _phrase), max_size=4)
    )
    return Graph(id="g", nodes=nodes, edges=tuple(edges), caption=draw(_phrase))


_findings = st.lists(
    st.builds(
        lambda severity, message: Finding(
            file="f", line=1, column=1, code="code", severity=severity, message=message, fix=""
        ),
        st.sampled_from([*Severity]),
        _phrase,
    ),
    max_size=3,
).map(lambda items: Findings(id="f", items=tuple(items)))

views: st.SearchStrategy[View] = st.one_of(
    tables(),
    graphs(),
    _findings,
    _phrase.map(lambda text: Prose(text=text)),
    _phrase.map(lambda text: Listing(id="l", language="text", text=text)),
)
"""A view of one of the kinds that the signals use."""
