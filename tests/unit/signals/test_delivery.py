"""The delivery paths, as traces of the state machine."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from tests.unit.door import ask

from heliograph.signals.model import Signo
from heliograph.signals.tables.delivery import LANES, PARTS, PATHS
from heliograph.signals.translate.delivery import PHASES, Setup, Visit, deliver, systems_of

PATH_2006 = [
    "kill",
    "lx_kill",
    "kernel",
    "lx_sigacthandler",
    "sigacthandler",
    "call_user_handler",
    "lx_call_user_handler",
    "handler",
]
PATH_NOW = [
    "kill",
    "lx_kill",
    "kernel",
    "lx_sendsig",
    "sigacthandler",
    "call_user_handler",
    "lx_call_user_handler",
    "lx_sigdeliver",
    "lx_jump_to_linux",
    "handler",
]
NATIVE = ["kernel", "sigacthandler", "call_user_handler", "handler"]


def flow(*options: str) -> dict[str, Any]:
    code, found = ask("signals", "flow", *options)
    assert code == 0
    graph: dict[str, Any] = found["views"][0]
    assert (graph["view"], graph["id"]) == ("graph", "flow")
    return graph


def until_handler(graph: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the nodes from the sender to the handler, or to where the signal ends."""
    nodes: list[dict[str, Any]] = graph["nodes"]
    stop = next((index for index, node in enumerate(nodes) if node["id"] == "handler"), len(nodes))
    return nodes[: stop + 1]


def labels_until_handler(graph: dict[str, Any]) -> dict[str, str]:
    """Return the labels of the edges on that way, by the node that each leaves."""
    there = [node["id"] for node in until_handler(graph)]
    labels = {(edge["from"], edge["to"]): edge["label"] for edge in graph["edges"]}
    return {one: labels[one, other] for one, other in pairwise(there)}


# (options, the nodes in order, as far as the handler)
TRACES = [
    (("--path", "native"), NATIVE),
    (("--path", "native", "--no-interposer"), NATIVE),
    (("--path", "native", "--no-handler"), ["kernel", "default"]),
    (("--path", "native", "--no-handler", "--signal", "CHLD"), ["kernel", "discarded"]),
    (("--path", "native", "--no-handler", "--signal", "CONT"), ["kernel", "discarded"]),
    (("--path", "native", "--no-handler", "--signal", "PWR"), ["kernel", "discarded"]),
    (("--path", "native", "--blocked"), ["kernel", "pending"]),
    (("--path", "native", "--signal", "KILL"), ["kernel", "default"]),
    (("--path", "native", "--signal", "STOP", "--blocked"), ["kernel", "default"]),
    (("--path", "lx-2006"), PATH_2006),
    (("--path", "lx-2006", "--signal", "PWR"), PATH_2006),
    (("--path", "lx-2006", "--signal", "STKFLT"), PATH_2006),
    (("--path", "lx-2006", "--signal", "38", "--libc", "musl"), PATH_2006),
    (("--path", "lx-2006", "--signal", "RTMAX"), PATH_2006),
    (("--path", "lx-2006", "--no-interposer"), ["kill", "lx_kill", "kernel", "sigacthandler", "fault"]),
    (("--path", "lx-2006", "--no-handler"), ["kill", "lx_kill", "kernel", "default"]),
    (("--path", "lx-2006", "--no-handler", "--no-interposer"), ["kill", "lx_kill", "kernel", "default"]),
    (("--path", "lx-2006", "--no-handler", "--signal", "PWR"), [*PATH_2006[:-1], "sigpwr_exit"]),
    (
        ("--path", "lx-2006", "--no-handler", "--signal", "PWR", "--no-interposer"),
        ["kill", "lx_kill", "kernel", "sigacthandler", "fault"],
    ),
    (("--path", "lx-2006", "--no-handler", "--signal", "PWR", "--blocked"), ["kill", "lx_kill", "kernel", "pending"]),
    (("--path", "lx-2006", "--signal", "40"), ["kill", "lx_kill", "refused"]),
    (("--path", "lx-2006", "--signal", "40", "--blocked", "--no-handler"), ["kill", "lx_kill", "refused"]),
    (("--path", "lx-2006", "--blocked"), ["kill", "lx_kill", "kernel", "pending"]),
    (("--path", "lx-2006", "--signal", "KILL"), ["kill", "lx_kill", "kernel", "default"]),
    (("--path", "lx-now"), PATH_NOW),
    (("--path", "lx-now", "--signal", "40"), PATH_NOW),
    (("--path", "lx-now", "--no-interposer"), ["kill", "lx_kill", "kernel", "lx_sendsig", "sigacthandler", "fault"]),
    (("--path", "lx-now", "--no-handler", "--signal", "PWR"), [*PATH_NOW[:7], "sigpwr_exit"]),
]


@pytest.mark.parametrize(("options", "wanted"), TRACES)
def test_order_of_the_nodes(options: tuple[str, ...], wanted: list[str]) -> None:
    graph = flow(*options)
    assert [node["id"] for node in until_handler(graph)] == wanted
    # Each node follows from the one before it: the path has no gap.
    nodes = [node["id"] for node in graph["nodes"]]
    assert set(pairwise(nodes)) <= {(edge["from"], edge["to"]) for edge in graph["edges"]}
    assert len(nodes) == len(set(nodes))
    if wanted[-1] != "handler":
        assert nodes == wanted
    for node in graph["nodes"]:
        part = PARTS[node["id"]]
        assert (node["lane"], node["kind"]) == (part.lane, part.kind)
        assert node["lane"] in LANES


@pytest.mark.parametrize("path", ["lx-2006", "lx-now"])
def test_two_translation_points(path: str) -> None:
    graph = flow("--path", path)
    crossing = [node["id"] for node in until_handler(graph) if node["kind"] == "translate"]
    assert crossing == ["lx_kill", "lx_call_user_handler"]
    labels = labels_until_handler(graph)
    assert "10 -> 16" in labels["lx_kill"]
    assert "16 -> 10" in labels["lx_call_user_handler"]
    assert [where for where, label in labels.items() if re.search(r"\b1[06] -> 1[06]\b", label)] == crossing
    assert not [node for node in flow("--path", "native")["nodes"] if node["kind"] == "translate"]


@pytest.mark.parametrize(
    ("path", "saved", "given_back"),
    [("lx-2006", "lx_sigacthandler", "lx_call_user_handler"), ("lx-now", "lx_sendsig", "lx_jump_to_linux")],
)
def test_the_selector_is_changed_and_given_back(path: str, saved: str, given_back: str) -> None:
    labels = labels_until_handler(flow("--path", path))
    assert "%gs: linux -> solaris" in labels[saved]
    assert "%gs: solaris -> linux" in labels[given_back]
    assert sum("%gs" in label for label in labels.values()) == 2


def test_labels_name_the_handler_by_the_programs_own_number() -> None:
    labels = [until_handler(flow("--path", path))[-1]["label"] for path in PATHS]
    assert labels == [
        "user signal handler (SIGUSR1, 16)",
        "user signal handler (SIGUSR1, 10)",
        "user signal handler (SIGUSR1, 10)",
    ]
    assert flow("--path", "native", "--no-handler", "--signal", "SEGV")["nodes"][-1]["label"] == "default action: core"


# (options, a part of the explanation)
EXPLAINED = [
    (("--path", "native"), "A native process needs no translation"),
    (("--path", "native", "--no-interposer"), "so there was nothing to leave out"),
    (("--path", "lx-2006"), "translated twice on the way"),
    (("--path", "lx-2006", "--no-interposer"), "entered with the Linux selector; its first access through %gs faults"),
    (("--path", "lx-2006", "--signal", "PWR", "--no-handler"), "exit(158), which a parent sees as a normal exit"),
    (("--path", "lx-now", "--signal", "PWR", "--no-handler"), "the process dies by the signal"),
    (("--path", "lx-2006", "--signal", "40"), "the sender gets EINVAL"),
    (("--path", "lx-2006", "--blocked"), "calls no handler yet: the thread blocks the signal"),
    (("--path", "native", "--signal", "KILL"), "No handler can catch this signal, so the kernel decides alone"),
    (("--path", "lx-2006", "--no-handler", "--signal", "STKFLT"), "the default action of solaris-2005: core."),
    (("--path", "lx-now", "--no-handler", "--signal", "CHLD"), "default action of illumos: it ignores the signal."),
]


@pytest.mark.parametrize(("options", "words"), EXPLAINED)
def test_explanations(options: tuple[str, ...], words: str) -> None:
    _code, found = ask("signals", "flow", *options, "--explain")
    (text,) = [view["text"] for view in found["views"] if view["view"] == "prose"]
    assert words in text
    assert PATHS[options[1]].revision in text


def test_every_phase_is_a_part() -> None:
    assert set(PHASES) == set(PARTS)


def run(path: str, number: int, **inputs: Any) -> tuple[Visit, ...]:
    return deliver(Setup(path=path, signal=Signo(number), **inputs))


def end(visits: tuple[Visit, ...]) -> Visit:
    """Return the visit of the handler, or where the signal ends without one."""
    return next((visit for visit in visits if visit.phase == "handler"), visits[-1])


@pytest.mark.parametrize("path", [*PATHS])
def test_the_kernel_only_ever_sees_its_own_numbers(path: str) -> None:
    program, native = systems_of(PATHS[path])
    kernel = {ident for ident, part in PARTS.items() if part.lane == "kernel"} - {"lx_jump_to_linux"}
    for number in program.numbers:
        for handler in (True, False):
            for interposer in (True, False):
                for visit in run(path, number, handler=handler, interposer=interposer):
                    if visit.phase in kernel | {"sigacthandler", "call_user_handler"}:
                        assert visit.before.numbering == "native"
                        assert visit.before.number in native.numbers
                    assert visit.before.mask <= set(native.numbers)


@pytest.mark.parametrize("path", [*PATHS])
def test_the_handler_gets_the_number_that_was_sent_and_its_own_selector(path: str) -> None:
    program, native = systems_of(PATHS[path])
    for number in program.numbers:
        last = end(run(path, number, handler_mask=frozenset({1, 2})))
        if last.phase == "handler":
            assert last.before.number == number
            assert last.before.gs == ("linux" if PATHS[path].brand else "solaris")
            # The mask while the handler runs: its sa_mask, and the signal by its native number.
            arrived = next(visit.before.number for visit in run(path, number) if visit.phase == "kernel")
            assert last.before.mask == {1, 2, arrived}
        elif path == "lx-2006" and 39 <= number < 64:
            assert last.phase == "refused"
        else:
            assert native.signals[last.before.number].names[0] in ("SIGKILL", "SIGSTOP")
    assert {end(run(path, number)).phase for number in program.numbers} <= {"handler", "default", "refused"}


def test_a_blocked_signal_is_pending_by_its_native_number() -> None:
    last = end(run("lx-2006", 10, blocked=frozenset({16})))
    assert (last.phase, last.before.pending) == ("pending", frozenset({16}))
    # Blocking the Linux number blocks another signal.
    assert end(run("lx-2006", 10, blocked=frozenset({10}))).phase == "handler"
