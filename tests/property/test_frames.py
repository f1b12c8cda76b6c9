"""Laws of siginfo, contexts and frames: round trips, no byte without a field, and no fault but an Error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heliograph.cli import run
from heliograph.errors import Error
from heliograph.files import MemoryFiles
from heliograph.signals.model import Policy
from heliograph.signals.tables.contexts import CONTEXT_ABIS, PARTS
from heliograph.signals.tables.frames import FRAMES
from heliograph.signals.tables.layouts import ABIS
from heliograph.signals.tables.siginfo import SIGINFO
from heliograph.signals.translate.contexts import decode_context, encode_context, members_in, translate_context
from heliograph.signals.translate.frames import (
    Stack,
    arm_in,
    build_frame,
    decode_frame,
    frame_members,
    place_frame,
    shape_of,
)
from heliograph.signals.translate.layouts import gaps, read_all
from heliograph.signals.translate.lx_siginfo import lx_siginfo
from heliograph.signals.translate.siginfo import decode_siginfo, encode_siginfo, members_of, translate_siginfo
from heliograph.view import Layout

SHAPES = [(kind, layout) for kind, frame in FRAMES.items() for layout in frame.layouts]


def refused(error: Error) -> None:
    """Assert that the input could not be answered, and that somebody says why."""
    assert error.exit_code == 2
    assert error.message


def bytes_of(size: int) -> st.SearchStrategy[bytes]:
    """Return a strategy for just as many bytes: read as the members of a structure, they are any values."""
    return st.binary(min_size=size, max_size=size)


@pytest.mark.parametrize(("kind", "layout"), SHAPES)
@settings(max_examples=30)
@given(data=st.data(), signo=st.integers(1, 70), code=st.integers(-8, 11))
def test_a_frame_that_was_built_reads_back(kind: str, layout: str, data: st.DataObject, signo: int, code: int) -> None:
    shape = shape_of(kind, layout)
    fixed = {"siginfo.si_signo": signo, "siginfo.si_code": code} if shape.has("siginfo") else {}
    members = frame_members(shape, arm_in(shape, fixed.get("siginfo.si_signo", 0), fixed.get("siginfo.si_code", 0)))
    values = read_all(data.draw(bytes_of(shape.size)), members) | fixed
    assert decode_frame(shape, build_frame(shape, values)) == values


@pytest.mark.parametrize(("kind", "layout"), SHAPES)
def test_a_frame_has_no_overlap_and_fills_its_size(kind: str, layout: str) -> None:
    shape = shape_of(kind, layout)
    for arm in SIGINFO[shape.abi.layout].arms:
        members = sorted(frame_members(shape, arm), key=lambda member: member[1])
        ends = [member[1] + member[2] for member in members]
        assert all(end <= member[1] for end, member in zip(ends, members[1:], strict=False))
        assert ends[-1] <= shape.size
        assert sum(member[2] for member in members) + sum(size for _at, size in gaps(members, shape.size)) == shape.size
        assert len({member[0] for member in members}) == len(members)


@pytest.mark.parametrize(("kind", "layout"), SHAPES)
@settings(max_examples=40)
@given(sp=st.integers(1 << 20, (1 << 32) - 1), xstate=st.integers(512, 16384), data=st.data())
def test_a_frame_lies_below_the_stack_and_as_it_is_aligned(
    kind: str, layout: str, sp: int, xstate: int, data: st.DataObject
) -> None:
    shape = shape_of(kind, layout)
    alternate = data.draw(st.none() | st.tuples(st.integers(1 << 16, 1 << 18), st.integers(1 << 15, 1 << 17)))
    if alternate and layout in ("lx-2006", "lx-2019", "solaris"):
        # They round the address and the size up, so that an alternate stack at an odd address is overrun.
        alternate = alternate[0] & ~15, alternate[1] & ~15
    stack = Stack(sp=sp, alternate=alternate, xstate=xstate)
    placed = place_frame(shape, stack)
    top = sum(alternate) if alternate and stack.moves else sp
    assert placed.address + shape.core <= top
    if layout == "linux" or (shape.abi.word == 8):
        assert placed.address % 16 == (8 if shape.abi.word == 8 else 12)
    if placed.floating and not shape.has("fpstate"):
        assert placed.address + shape.size <= placed.floating
        # i386 keeps 112 bytes of the older format before the image of the processor.
        assert (placed.floating + (112 if shape.abi.word == 4 else 0)) % 64 == 0


@pytest.mark.parametrize("abi", list(ABIS))
@settings(max_examples=40)
@given(data=st.data())
def test_a_siginfo_reads_back(abi: str, data: st.DataObject) -> None:
    where = ABIS[abi]
    raw = data.draw(bytes_of(SIGINFO[where.layout].size))
    head = bytes([data.draw(st.integers(0, 80)), 0, 0, 0])
    found = decode_siginfo(head + raw[4:] if where.order == "little" else head[::-1] + raw[4:], where)
    again = decode_siginfo(encode_siginfo(found.values, where), where)
    assert (again.values, again.arm, again.junk) == (found.values, found.arm, ())
    members = members_of(where, found.arm)
    assert sum(member[2] for member in members) + sum(size for _at, size in gaps(members, len(raw))) == len(raw)


@given(data=st.data(), signo=st.integers(-2, 80), code=st.integers(-8, 11) | st.sampled_from([0x80, 2049, 2050, 32767]))
def test_every_siginfo_has_a_translation_or_none(data: st.DataObject, signo: int, code: int) -> None:
    source = ABIS[data.draw(st.sampled_from([name for name, abi in ABIS.items() if abi.target]))]
    target = ABIS[data.draw(st.sampled_from([name for name, abi in ABIS.items() if abi.target]))]
    size = SIGINFO[source.layout].size
    order: Any = source.order
    fields = {member[0]: member for member in SIGINFO[source.layout].header}
    raw = bytearray(data.draw(bytes_of(size)))
    for name, value in (("si_signo", signo), ("si_code", code)):
        at = fields[name][1]
        raw[at : at + 4] = value.to_bytes(4, order, signed=True)
    given_siginfo = decode_siginfo(bytes(raw), source)
    found = translate_siginfo(given_siginfo, target, hz=data.draw(st.integers(1, 1000)))
    if found.data is not None:
        assert len(found.data) == SIGINFO[target.layout].size
        # Nothing but the fields of the arm is set.
        assert decode_siginfo(found.data, target).junk == ()
    for policy in (Policy.LX_2006, Policy.LX_2008, Policy.LX_2019):
        try:
            done = lx_siginfo(given_siginfo, target, policy)
        except Error:
            continue
        assert done.data is None or len(done.data) == SIGINFO[target.layout].size


@pytest.mark.parametrize("abi", CONTEXT_ABIS)
@pytest.mark.parametrize("part", PARTS)
@settings(max_examples=20)
@given(data=st.data(), floating=st.booleans())
def test_a_context_reads_back_and_translates(abi: str, part: str, data: st.DataObject, floating: bool) -> None:
    where = ABIS[abi]
    members, size = members_in(where, part, floating=floating)
    values = read_all(data.draw(bytes_of(size)), members)
    raw = encode_context(values, where, part, floating=floating)
    found = decode_context(raw, where, part)
    assert dict(found.values) == values
    for name in CONTEXT_ABIS:
        for policy in (None, Policy.LX_2006, Policy.LX_2019):
            try:
                there, rows = translate_context(found, ABIS[name], policy)
            except Error:
                continue
            assert len(there) in {members_in(ABIS[name], part, floating=one)[1] for one in (False, True)}
            assert len({row.name for row in rows}) == len(rows)


COMMANDS = [
    *((("siginfo", "-", "--from", name, "--pad")) for name in ABIS),
    ("siginfo", "-", "--from", "solaris-i386", "--to", "linux-i386", "--policy", "lx-2006", "--pad"),
    ("siginfo", "-", "--from", "illumos-amd64", "--to", "linux-x86_64", "--policy", "lx-2019", "--pad"),
    ("context", "--abi", "linux-i386", "--decode", "-", "--to", "solaris-i386"),
    ("context", "--abi", "solaris-amd64", "--decode", "-", "--to", "linux-x86_64"),
    *((("frame", "--kind", kind, "--decode", "-")) for kind in FRAMES),
]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
@settings(max_examples=25)
@given(raw=st.binary(max_size=1200), size=st.sampled_from([0, 116, 128, 256, 304, 512, 864, 908, 1152]))
def test_no_bytes_fail_but_by_an_error(argv: tuple[str, ...], raw: bytes, size: int) -> None:
    data = raw[:size].ljust(size, b"\1") if size else raw
    try:
        answer = run(("signals", *argv), files=MemoryFiles(stdin=data))
    except Error as error:
        refused(error)
        return
    assert answer.exit_code in (0, 1)
    for view in answer.views:
        if isinstance(view, Layout):
            ends = [field.offset + field.size for field in view.fields]
            assert [0, *ends[:-1]] == [field.offset for field in view.fields]
    assert "".join(answer.render())


@given(text=st.text(max_size=40))
def test_no_text_fails_but_by_an_error(text: str) -> None:
    for argv in (
        ("flags", text, "--from", "linux", "--to", "illumos"),
        ("flags", text, "--kind", "how", "--from", "linux", "--to", "illumos"),
        ("siginfo", text, "--from", "linux"),
        ("frame", "--kind", "linux-i386-rt", "--sp", text),
        ("frame", "--kind", "linux-i386-rt", "--onstack", text),
        ("frame", "--kind", "linux-i386-rt", "--set", text),
    ):
        try:
            run(("signals", *argv))
        except Error as error:
            refused(error)
