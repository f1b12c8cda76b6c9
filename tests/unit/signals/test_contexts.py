"""Contexts by name and offset, and the way of the registers between the systems."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from tests.unit.door import ask

from heliograph.cli import run
from heliograph.errors import Error, ParseError, UnknownNameError, UnsupportedError, UsageError
from heliograph.files import MemoryFiles
from heliograph.signals.render import contexts as render
from heliograph.signals.tables.contexts import CONTEXT_ABIS, CONTEXTS, GREGS, PARTS
from heliograph.signals.tables.layouts import ABIS
from heliograph.signals.translate.contexts import (
    ContextWhy,
    decode_context,
    encode_context,
    members_in,
    translate_context,
)
from heliograph.signals.translate.layouts import gaps


def layout(*argv: str, stdin: bytes = b"") -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return all views by id, and the fields of ``context`` by name."""
    code, found = ask("signals", "context", *argv, stdin=stdin)
    assert code == 0
    views = {view["id"]: view for view in found["views"]}
    return views, {field["name"]: field for field in views["context"]["fields"]}


OFFSETS = [
    ("linux-i386", "uc_mcontext.gs", 20, 4),
    ("linux-i386", "uc_mcontext.esp_at_signal", 88, 4),
    ("linux-i386", "uc_mcontext.cr2", 104, 4),
    ("linux-i386", "uc_stack.ss_flags", 12, 4),
    ("linux-i386", "uc_sigmask", 108, 8),
    ("linux-x86_64", "uc_mcontext.r8", 40, 8),
    ("linux-x86_64", "uc_mcontext.rax", 144, 8),
    ("linux-x86_64", "uc_mcontext.rcx", 152, 8),
    ("linux-x86_64", "uc_mcontext.ss", 190, 2),
    ("linux-x86_64", "uc_mcontext.reserved", 232, 64),
    ("linux-x86_64", "uc_sigmask", 296, 8),
    ("solaris-i386", "uc_sigmask", 8, 16),
    ("solaris-i386", "uc_stack.ss_flags", 32, 4),
    ("solaris-i386", "uc_mcontext.gregs.gs", 36, 4),
    ("solaris-i386", "uc_mcontext.fpregs.status", 220, 4),
    ("solaris-i386", "uc_brand_data.0", 492, 4),
    ("solaris-amd64", "uc_mcontext.gregs.rcx", 168, 8),
    ("solaris-amd64", "uc_mcontext.gregs.rax", 176, 8),
    ("solaris-amd64", "uc_mcontext.gregs.gsbase", 280, 8),
    ("illumos-amd64", "uc_brand_data.0", 816, 8),
]


@pytest.mark.parametrize(("abi", "name", "offset", "size"), OFFSETS)
def test_offsets(abi: str, name: str, offset: int, size: int) -> None:
    _views, fields = layout("--abi", abi)
    assert (fields[name]["offset"], fields[name]["size"]) == (offset, size)


@pytest.mark.parametrize(
    ("abi", "sizes"),
    [
        ("linux-i386", (116, 88, 76, 624)),
        ("linux-x86_64", (304, 256, 184, 512)),
        ("solaris-i386", (512, 456, 76, 380)),
        ("solaris-amd64", (864, 752, 224, 528)),
    ],
)
def test_sizes_of_the_parts(abi: str, sizes: tuple[int, ...]) -> None:
    for part, size in zip(PARTS, sizes, strict=True):
        views, _fields = layout("--abi", abi, "--part", part)
        assert sum(field["size"] for field in views["context"]["fields"]) == size


@pytest.mark.parametrize("abi", CONTEXT_ABIS)
@pytest.mark.parametrize("part", PARTS)
def test_parts_do_not_overlap_and_round_trip(abi: str, part: str) -> None:
    where = ABIS[abi]
    for floating in (False, True):
        members, size = members_in(where, part, floating=floating)
        ordered = sorted(members, key=lambda member: member[1])
        ends = [member[1] + member[2] for member in ordered]
        assert all(end <= member[1] for end, member in zip(ends, ordered[1:], strict=False))
        assert sum(member[2] for member in members) + sum(length for _at, length in gaps(members, size)) == size
        assert len({member[0] for member in members}) == len(members)
        values = {member[0]: index + 1 for index, member in enumerate(members)}
        data = encode_context(values, where, part, floating=floating)
        assert dict(decode_context(data, where, part).values) == values


def solaris32(flags: int = 0xF, mask: int = 0, **registers: int) -> bytes:
    values = {"uc_flags": flags, "uc_sigmask": mask} | {
        ("uc_mcontext.fpregs." if name[0] == "f" and name[1:2] == "_" else "uc_mcontext.gregs.")
        + name.removeprefix("f_"): value
        for name, value in registers.items()
    }
    return encode_context(values, ABIS["solaris-i386"], "ucontext")


def test_the_nineteen_words_are_one_block() -> None:
    linux, solaris = CONTEXTS["linux", 4]["gregset"], CONTEXTS["solaris", 4]["gregset"]
    assert linux.size == solaris.size == 76
    assert [member[1:] for member in linux.members] == [member[1:] for member in solaris.members]
    names = [
        (one[0], other[0]) for one, other in zip(linux.members, solaris.members, strict=True) if one[0] != other[0]
    ]
    assert names == [("esp_at_signal", "uesp")]


@pytest.mark.parametrize(
    ("policy", "esp", "back"),
    [("correct", 0xBFFF0000, 0x1234), ("lx-2006", 0xD00D, 0xBFFF0000), ("lx-2008", 0xBFFF0000, 0x1234)],
)
def test_the_rule_for_esp_and_uesp(policy: str, esp: int, back: int) -> None:
    data = solaris32(esp=0xD00D, uesp=0xBFFF0000, eax=7)
    argv = ("--abi", "solaris-i386", "--decode", "-", "--to", "linux-i386", "--policy", policy)
    views, _fields = layout(*argv, stdin=data)
    got = bytes.fromhex("".join(views["context_bytes"]["text"].split()))
    there = decode_context(got, ABIS["linux-i386"], "ucontext")
    assert there.values["uc_mcontext.esp"] == esp
    assert there.values["uc_mcontext.esp_at_signal"] == 0xBFFF0000
    assert there.values["uc_mcontext.eax"] == 7
    changed = dict(there.values) | {"uc_mcontext.esp": 0x1234}
    linux = encode_context(changed, ABIS["linux-i386"], "ucontext", floating=True)
    argv = ("--abi", "linux-i386", "--decode", "-", "--to", "solaris-i386", "--policy", policy)
    views, _fields = layout(*argv, stdin=linux)
    got = bytes.fromhex("".join(views["context_bytes"]["text"].split()))
    assert decode_context(got, ABIS["solaris-i386"], "ucontext").values["uc_mcontext.gregs.uesp"] == back


def test_masks_go_signal_by_signal_and_losses_are_named() -> None:
    # SIGUSR1 (16) and SIGLOST (37), which Linux has not.
    data = solaris32(flags=7, mask=1 << 15 | 1 << 36)
    given = decode_context(data, ABIS["solaris-i386"], "ucontext")
    got, rows = translate_context(given, ABIS["linux-i386"])
    assert len(got) == 116
    (row,) = [row for row in rows if row.name == "uc_sigmask"]
    assert (row.target, row.why, row.detail) == (1 << 9, ContextWhy.MASK_LOST, ("37",))
    assert struct.unpack_from("<I", got, 20 + 80) == (1 << 9,)


def test_registers_of_amd64_go_by_name() -> None:
    values = {f"uc_mcontext.gregs.{name}": 100 + index for index, name in enumerate(GREGS[8])}
    data = encode_context(values | {"uc_flags": 7}, ABIS["solaris-amd64"], "ucontext")
    given = decode_context(data, ABIS["solaris-amd64"], "ucontext")
    got, rows = translate_context(given, ABIS["linux-x86_64"])
    assert struct.unpack_from("<QQ", got, 40 + 104) == (114, 113)  # rax, rcx
    assert struct.unpack_from("<HHHH", got, 40 + 144) == (118, 123, 122, 121)  # cs gs fs ss
    lost = [row.name.rpartition(".")[2] for row in rows if row.target is None]
    assert lost == ["es", "ds", "fsbase", "gsbase"]
    back, _rows = translate_context(decode_context(got, ABIS["linux-x86_64"], "ucontext"), ABIS["solaris-amd64"])
    there = decode_context(back, ABIS["solaris-amd64"], "ucontext").values
    assert all(there[name] == value for name, value in values.items() if name.rpartition(".")[2] not in lost)


@pytest.mark.parametrize(("policy", "sw"), [("correct", 0x3F), ("lx-2006", 0x11), ("lx-2008", 0x3F)])
def test_the_floating_point_state_of_i386(policy: str, sw: int) -> None:
    data = solaris32(f_cw=0xFFFF037F, f_sw=0xFFFF0011, f_status=0x3F, f_mxcsr=0x1F80, f_xmm3=5, f_st7=9)
    argv = ("--abi", "solaris-i386", "--decode", "-", "--to", "linux-i386", "--policy", policy)
    views, _fields = layout(*argv, stdin=data)
    got = bytes.fromhex("".join(views["context_bytes"]["text"].split()))
    assert len(got) == 116 + 624
    there = decode_context(got, ABIS["linux-i386"], "ucontext").values
    assert (there["fpstate.cw"], there["fpstate.sw"], there["fpstate.status"]) == (0x37F, sw, 0x3F)
    assert (there["fpstate.magic"], there["fpstate.xmm3"], there["fpstate.st7"]) == (0, 5, 9)


def test_xmm_counts_only_with_the_magic() -> None:
    given = decode_context(solaris32(f_xmm3=5), ABIS["solaris-i386"], "ucontext")
    got, _rows = translate_context(given, ABIS["linux-i386"])
    there = decode_context(got, ABIS["linux-i386"], "ucontext")
    assert (there.values["fpstate.magic"], there.values["fpstate.xmm3"]) == (0xFFFF, 0)
    odd = encode_context(dict(there.values) | {"fpstate.xmm3": 5}, ABIS["linux-i386"], "ucontext", floating=True)
    back, _rows = translate_context(decode_context(odd, ABIS["linux-i386"], "ucontext"), ABIS["solaris-i386"])
    assert decode_context(back, ABIS["solaris-i386"], "ucontext").values["uc_mcontext.fpregs.xmm3"] == 0


def test_the_fxsave_image_is_the_same_on_amd64() -> None:
    data = bytes(range(208)) * 2 + bytes(112)
    given = decode_context(data[:528], ABIS["solaris-amd64"], "fpregset")
    got, _rows = translate_context(given, ABIS["linux-x86_64"])
    assert got[:464] == data[:464]
    assert len(got) == 512


def test_parts_are_translated_alone() -> None:
    data = bytes(range(76))
    got, _rows = translate_context(decode_context(data, ABIS["solaris-i386"], "gregset"), ABIS["linux-i386"])
    assert got[28:32] == data[68:72]
    assert got[:28] + got[32:] == data[:28] + data[32:]


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (("--abi", "freebsd"), UnknownNameError),
        (("--abi", "linux", "--to", "illumos"), UsageError),
        (("--abi", "linux", "--policy", "lx-2006"), UsageError),
        (("--abi", "linux", "--decode", "f"), ParseError),
        (("--abi", "linux", "--decode", "empty"), ParseError),
        (("--abi", "linux", "--decode", "some"), ParseError),
        (("--abi", "linux", "--decode", "f304", "--to", "linux-i386"), UnsupportedError),
        (("--abi", "linux", "--decode", "f304", "--to", "solaris-i386"), UnsupportedError),
        (("--abi", "linux", "--decode", "f304", "--to", "illumos", "--policy", "lx-2008"), UnsupportedError),
        (("--abi", "linux", "--part", "mcontext", "--decode", "f256", "--to", "illumos"), UnsupportedError),
    ],
)
def test_what_is_refused(argv: tuple[str, ...], kind: type[Error]) -> None:
    files = MemoryFiles({"f": b"\1\0", "empty": b"", "some": bytes(400), "f304": bytes(304), "f256": bytes(256)})
    with pytest.raises(kind):
        run(("signals", "context", *argv), files=files)


def test_every_reason_has_its_sentence() -> None:
    assert set(render._WHY) == set(ContextWhy)
