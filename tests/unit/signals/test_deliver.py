"""A signal there and back again, step by step."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.door import ask

from heliograph.errors import Error
from heliograph.signals.model import Signo
from heliograph.signals.tables.delivery import NATIVE_FRAME, PARTS, PATHS, SIZES
from heliograph.signals.translate.delivery import PHASES, Setup, deliver
from heliograph.signals.translate.thread import stack_needed

HOME_2006 = [
    "return",
    "trampoline",
    "brand_syscall",
    "lx_sigreturn",
    "lx_sigreturn_tolibc",
    "call_user_handler_back",
    "setcontext",
]
THERE_2006 = ["kernel", "lx_sigacthandler", "sigacthandler", "call_user_handler", "lx_call_user_handler", "handler"]
SENT_2006 = ["setsigacthandler", "sigaction", "kill", "lx_kill"]
HOME_NOW = ["return", "trampoline", "lx_sigreturn_old", "lx_sigdeliver_back", "call_user_handler_back", "setcontext"]
THERE_NATIVE = ["kernel", "sigacthandler", "call_user_handler", "handler"]
HOME_NATIVE = ["return", "call_user_handler_back", "setcontext"]


def run(path: str = "lx-2006", signal: int = 10, **changes: Any) -> list[str]:
    return [visit.phase for visit in deliver(Setup(path=path, signal=Signo(signal), home=True, **changes))]


TRACES = [
    ({}, [*SENT_2006, *THERE_2006, *HOME_2006, "interrupted"]),
    ({"siginfo": True}, [*SENT_2006, *THERE_2006, *HOME_2006, "interrupted"]),
    ({"new_thread": True}, [*SENT_2006[:2], "thread_create", *SENT_2006[2:], *THERE_2006, *HOME_2006, "interrupted"]),
    ({"late": True}, ["sigaction", "setsigacthandler", "kill", "lx_kill", "kernel", "sigacthandler", "fault"]),
    ({"calls": 0}, ["kill", "lx_kill", "kernel", "sigacthandler", "fault"]),
    (
        {"calls": 2},
        ["setsigacthandler", "setsigacthandler_again", *SENT_2006[1:], "kernel", "lx_sigacthandler", "loop"],
    ),
    ({"magic": False}, [*SENT_2006, *THERE_2006, *HOME_2006[:4], "bad_frame"]),
    ({"signal": 30, "handler": False}, [*SENT_2006, *THERE_2006[:-1], "sigpwr_exit"]),
    (
        {"critical": True},
        [*SENT_2006, *THERE_2006[:3], "defer", "leave_critical", *THERE_2006, *HOME_2006, "interrupted"],
    ),
    ({"nested": 16, "nodefer": True}, [*SENT_2006, *THERE_2006, *THERE_2006, *HOME_2006, *HOME_2006, "interrupted"]),
    (
        {"nested": 16},
        [*SENT_2006, *THERE_2006, "kernel", "pending", *HOME_2006, *THERE_2006, *HOME_2006, "interrupted"],
    ),
    # The signal that the handler blocks by itself waits, another one does not.
    ({"nested": 17}, [*SENT_2006, *THERE_2006, *THERE_2006, *HOME_2006, *HOME_2006, "interrupted"]),
    (
        {"nested": 17, "handler_mask": frozenset({17})},
        [*SENT_2006, *THERE_2006, "kernel", "pending", *HOME_2006, *THERE_2006, *HOME_2006, "interrupted"],
    ),
    (
        {"nested": 16, "resethand": True},
        [*SENT_2006, *THERE_2006, "kernel", "pending", *HOME_2006, "kernel", "default"],
    ),
    # Solaris does not reset these, so the second one still reaches the brand, whose entry is gone.
    (
        {"signal": 4, "nested": 4, "nodefer": True, "resethand": True},
        [*SENT_2006, *THERE_2006, *THERE_2006[:-1], "reset_exit"],
    ),
    (
        {"signal": 30, "nested": 19, "nodefer": True, "resethand": True},
        [*SENT_2006, *THERE_2006, *THERE_2006[:-1], "sigpwr_exit"],
    ),
    ({"path": "native", "signal": 16}, [*THERE_NATIVE, *HOME_NATIVE, "interrupted"]),
    (
        {"path": "native", "signal": 16, "critical": True},
        ["kernel", "sigacthandler", "defer", "leave_critical", *THERE_NATIVE, *HOME_NATIVE, "interrupted"],
    ),
    (
        {"path": "lx-now"},
        [
            *("kill", "lx_kill", "kernel", "lx_sendsig", "sigacthandler", "call_user_handler"),
            *("lx_call_user_handler", "lx_sigdeliver", "lx_jump_to_linux", "handler"),
            *HOME_NOW,
            "interrupted",
        ],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), TRACES, ids=lambda value: str(value)[:60])
def test_the_way_there_and_back(changes: dict[str, Any], expected: list[str]) -> None:
    assert run(**changes) == expected


def test_the_record_is_used_or_the_backup_in_2019() -> None:
    """A spoilt record ends a process of 2006; in 2019 the thread keeps a second one."""
    assert run("lx-now", magic=False) == run("lx-now")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("siginfo", [False, True])
@pytest.mark.parametrize("nested", [0, 17])
def test_all_is_as_before_at_the_end(path: str, siginfo: bool, nested: int) -> None:
    visits = deliver(Setup(path=path, signal=Signo(10), home=True, siginfo=siginfo, nested=nested))
    first, last = visits[0].before, visits[-1].after
    assert visits[-1].phase == "interrupted"
    assert (last.sp, last.gs, last.mask, last.pending, last.frames) == (first.sp, first.gs, first.mask, frozenset(), ())


@pytest.mark.parametrize(("siginfo", "distance"), [(False, 8), (True, 4)])
def test_sigreturn_finds_its_frame(siginfo: bool, distance: int) -> None:
    """At the system call the stack pointer is 8 above an old frame and 4 above one with siginfo."""
    visits = {
        visit.phase: visit for visit in deliver(Setup(path="lx-2006", signal=Signo(10), home=True, siginfo=siginfo))
    }
    base = visits["handler"].before.sp
    assert visits["trampoline"].after.sp == base + distance
    assert visits["lx_sigreturn"].after.sp == base
    size = 892 if siginfo else 732
    assert visits["lx_sigreturn_tolibc"].after.sp == base + size + 16 == visits["lx_call_user_handler"].before.sp


def test_an_alternate_stack_is_used_once() -> None:
    stack = (0x8040000, 8192)
    visits = deliver(Setup(path="lx-2006", signal=Signo(10), home=True, onstack=stack, nested=17))
    native = [visit.after.frames[-1].native for visit in visits if visit.phase == "kernel"]
    assert native[0] == sum(stack) - NATIVE_FRAME
    assert stack[0] < native[1] < native[0], "the second frame goes below the first, on the same stack"
    setup = Setup(path="lx-2006", signal=Signo(10), siginfo=True)
    assert stack_needed(setup, PATHS["lx-2006"]) == NATIVE_FRAME + SIZES["lx-2006"].record + 892


def test_the_command_shows_steps_and_warns_of_a_small_stack() -> None:
    code, answer = ask("signals", "deliver", "--path", "lx-2006", "--flags", "onstack", "--altstack", "0x8040000,1000")
    steps, findings = answer["views"]
    assert code == 1
    assert (steps["view"], steps["id"]) == ("steps", "deliver")
    assert findings["items"][0]["code"] == "altstack-too-small"
    assert str(NATIVE_FRAME + 16 + 732) in findings["items"][0]["message"]
    for one, other in pairwise(steps["steps"]):
        assert one["after"] == other["before"]
    assert {"sp", "%gs", "mask", "pending", "signal"} <= set(steps["steps"][0]["before"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--flags", "sigifo"), "SA_SIGINFO"),
        (("--flags", "0x9"), "0x8 is no flag"),
        (("--flags", "0x"), "unknown flag"),
        (("--altstack", "1"), "SP,SIZE"),
        (("--flags", "onstack", "--altstack", "1"), "SP,SIZE"),
        (("--flags", "onstack", "--altstack", "0xffffffff,2"), "4 GB"),
        (("--flags", "onstack", "--altstack", "1,0"), "has bytes"),
        (("--sp", "0x100000000"), "0xffffffff"),
        (("--sp", "top"), "no address"),
        (("--mask", "USR1,USR9"), "USR9"),
        (("--nested", "USR9"), "USR9"),
        (("--from", "freebsd", "--signal", "EMT"), "linux-i386, whose program this is, has no such signal"),
        (("--from", "illumos", "--mask", "JVM1"), "JVM1 of illumos"),
        (("--sp", "0x10"), "no room for the frames below 0x10"),
    ],
)
def test_a_mistake_is_named(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Error, match=message) as caught:
        ask("signals", "deliver", "--path", "lx-2006", *words)
    assert caught.value.exit_code == 2


def test_every_part_has_a_phase() -> None:
    assert set(PARTS) == set(PHASES)


@given(
    st.builds(
        Setup,
        path=st.sampled_from(list(PATHS)),
        signal=st.integers(1, 31).map(Signo),
        handler=st.booleans(),
        interposer=st.booleans(),
        blocked=st.frozensets(st.integers(1, 31), max_size=3),
        handler_mask=st.frozensets(st.integers(1, 31), max_size=3),
        home=st.just(True),
        siginfo=st.booleans(),
        nodefer=st.booleans(),
        resethand=st.booleans(),
        onstack=st.none() | st.just((0x8040000, 8192)),
        critical=st.booleans(),
        magic=st.booleans(),
        nested=st.integers(0, 31),
        calls=st.integers(0, 2),
        late=st.booleans(),
        new_thread=st.booleans(),
    )
)
def test_every_run_ends(setup: Setup) -> None:
    """Whatever the input, the machine comes to an end of its own, and the kernel sees native numbers only."""
    visits = deliver(setup)
    assert visits[-1].after.phase == ""
    assert all(visit.before.numbering == "native" for visit in visits if visit.phase == "kernel")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("--path", "native", "--from", "linux", "--signal", "USR1"), "16 (SIGUSR1"),
        (("--path", "native", "--from", "linux", "--signal", "10"), "16 (SIGUSR1"),
        (("--path", "lx-2006", "--from", "illumos", "--signal", "16"), "10 (SIGUSR1"),
        (("--path", "lx-now", "--from", "linux-mips", "--signal", "16"), "10 (SIGUSR1"),
    ],
)
def test_a_signal_may_be_named_by_another_system(words: tuple[str, ...], first: str) -> None:
    _code, answer = ask("signals", "deliver", *words)
    (steps,) = (view for view in answer["views"] if view["view"] == "steps")
    assert steps["steps"][0]["before"]["signal"].startswith(first)


def test_an_alternate_stack_is_not_used_without_the_flag() -> None:
    _code, plain = ask("signals", "deliver", "--path", "lx-2006")
    code, answer = ask("signals", "deliver", "--path", "lx-2006", "--altstack", "0x8040000,100")
    assert (code, answer["views"]) == (0, plain["views"])


@pytest.mark.parametrize(
    ("path", "number", "names"),
    [("lx-2006", "0x48000004", "siginfo,nodefer,onstack"), ("native", "0x19", "siginfo,nodefer,onstack")],
)
def test_flags_as_a_number_are_the_programs_own(path: str, number: str, names: str) -> None:
    words = ("signals", "deliver", "--path", path, "--nested", "USR1", "--altstack", "0x8040000,8192", "--flags")
    assert ask(*words, number)[1]["views"] == ask(*words, names)[1]["views"]
