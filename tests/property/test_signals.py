"""Laws of the signals wing, over every pair of systems under every policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import SYSTEMS, TRANSLATORS, libcs, numbers, paths, sets, systems, translators

from heliograph.cli import run
from heliograph.errors import RangeError
from heliograph.signals.model import How, Libc, Policy, SignalSet, Signo, System, Translation, Written
from heliograph.signals.parse.sets import mask
from heliograph.signals.parse.signals import signal
from heliograph.signals.render.words import name_of, why
from heliograph.signals.tables.delivery import PARTS, PATHS
from heliograph.signals.translate.delivery import Setup, Visit, deliver, systems_of
from heliograph.signals.translate.masks import translate_set
from heliograph.signals.translate.numbers import Translator
from heliograph.signals.translate.wait import decode, translate_status


def every() -> Iterator[tuple[Translator, list[Translation]]]:
    for translator in TRANSLATORS:
        yield translator, list(translator.all())


def back_of(translator: Translator) -> Translator:
    return Translator(translator.target, translator.source, translator.policy)


def test_there_is_a_map_for_every_pair_of_systems() -> None:
    plain = [one for one in TRANSLATORS if one.policy in (Policy.STRICT, Policy.DROP)]
    assert len(plain) == 2 * len(SYSTEMS) ** 2
    # Two x86 Linuxes and three Solarises, in both directions, in three generations.
    assert len(TRANSLATORS) - len(plain) == 2 * 3 * 2 * 3


def test_every_signal_is_answered_once_and_in_order() -> None:
    for translator, found in every():
        assert [row.source for row in found] == translator.source.numbers


def test_every_map_is_injective_and_stays_in_its_system() -> None:
    for translator, found in every():
        targets = [row.target for row in found if row.target is not None]
        assert len(targets) == len(set(targets)), translator
        assert set(targets) <= set(translator.target.numbers), translator


def test_the_map_of_the_other_direction_is_the_inverse() -> None:
    for translator, found in every():
        back = back_of(translator)
        there = {(row.source, row.target) for row in found if row.target is not None}
        assert there == {(row.target, row.source) for row in back.all() if row.target is not None}, translator


def test_how_says_what_happened() -> None:
    for translator, found in every():
        for row in found:
            assert (row.how is How.LOST) == (row.target is None)
            if row.how is How.SAME:
                assert row.target == row.source
            if row.how is How.RENUMBERED:
                assert row.target != row.source
            if row.how is How.STAND_IN:
                assert translator.policy.startswith("lx-")
                names = {row.name, row.other}
                assert names == {"SIGSTKFLT", "SIGEMT"}


def test_a_system_is_the_same_as_itself() -> None:
    for translator, found in every():
        if translator.source is translator.target:
            assert {row.how for row in found} == {How.SAME}


def test_strict_and_drop_differ_in_the_exit_code_only() -> None:
    for _pair, both in groupby(TRANSLATORS, key=lambda one: (one.source.name, one.target.name)):
        strict, drop, *_lx = both
        assert (strict.policy, drop.policy) == (Policy.STRICT, Policy.DROP)
        assert list(strict.all()) == list(drop.all())


def test_a_generation_of_lx_changes_stand_ins_and_real_time_signals_only() -> None:
    for translator, found in every():
        if translator.policy.startswith("lx-"):
            plain = Translator(translator.source, translator.target)
            for row, other in zip(found, plain.all(), strict=True):
                assert row == other or row.how is How.STAND_IN or row.index is not None


@given(translators, st.data(), libcs)
def test_a_name_and_its_number_go_to_one_place(translator: Translator, data: st.DataObject, libc: Libc) -> None:
    number = data.draw(numbers(translator.source))
    by_number = translator.written(Written(number=Signo(number)))
    written = signal(name_of(translator.source, number, libc), translator.source, libc)
    assert written.number == number
    by_name = translator.written(written)
    if by_name != by_number:
        # The name's number belongs to another signal on the other system; the number alone has an alias that does not.
        assert by_name.how is How.LOST
        assert written.name in {name for entry in translator.target.signals.values() for name in entry.sharing}


@given(translators, st.data(), libcs)
def test_every_reason_is_a_sentence(translator: Translator, data: st.DataObject, libc: Libc) -> None:
    row = translator.number(Signo(data.draw(numbers(translator.source))))
    text = why(row, translator, libc)
    assert text
    assert text == text.strip()
    assert "None" not in text
    assert "  " not in text
    assert not text.endswith(".")


with_masks = translators.filter(lambda one: one.source.mask is not None and one.target.mask is not None)


@given(with_masks, st.data())
def test_a_set_is_translated_member_by_member(translator: Translator, data: st.DataObject) -> None:
    members = data.draw(sets(translator.source))
    spelling = translator.target.mask
    assert spelling is not None
    given_set = SignalSet(label="", members=tuple(Signo(number) for number in sorted(members)))
    found = translate_set(given_set, translator, spelling)
    wanted = {translator.number(Signo(number)).target for number in members} - {None}
    assert {bit + 1 for bit in range(found.value.bit_length()) if found.value >> bit & 1} == wanted
    assert {row.source for row in found.members} == members
    assert {row.source for row in found.lost} == {row.source for row in found.members if row.target is None}
    # Both spellings of the value read back, and the way back loses nothing more.
    digits = spelling.word_bits // 4
    for text in (f"{found.value:x}", ",".join(f"{word:0{digits}x}" for word in found.words)):
        assert set(mask(text, translator.target)) == wanted
    there = SignalSet(label="", members=mask(f"{found.value:x}", translator.target))
    home = translator.source.mask
    assert home is not None
    back = translate_set(there, back_of(translator), home)
    assert {row.target for row in back.members} == members - {row.source for row in found.lost}


@given(translators.filter(lambda one: None not in (one.source.continued, one.target.continued)), st.integers(0, 0xFFFF))
def test_a_wait_status_keeps_its_meaning(translator: Translator, value: int) -> None:
    try:
        found = translate_status(value, translator)
    except RangeError:
        return
    if found.value is None:
        assert found.signal is not None
        assert found.signal.target is None
        return
    there = decode(found.value, translator.target)
    assert (there.state, there.code) == (found.status.state, found.status.code)
    if found.status.signo is not None:
        assert there.signo == translator.number(Signo(found.status.signo)).target
        assert translate_status(found.value, back_of(translator)).status.signo == there.signo


# ---------------------------------------------------------------- delivery


@st.composite
def setups(draw: st.DrawFn) -> Setup:
    path = draw(paths)
    program, native = systems_of(PATHS[path])
    return Setup(
        path=path,
        signal=Signo(draw(numbers(program))),
        handler=draw(st.booleans()),
        interposer=draw(st.booleans()),
        blocked=draw(sets(native)),
        handler_mask=draw(sets(native)),
    )


def there(visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Return the visits from the sender to the handler, or to where the signal ends."""
    stop = next((index for index, visit in enumerate(visits) if visit.phase == "handler"), len(visits))
    return visits[: stop + 1]


def phases(visits: tuple[Visit, ...]) -> list[str]:
    return [visit.phase for visit in there(visits)]


@given(setups())
def test_a_delivery_ends_and_never_goes_round(setup: Setup) -> None:
    visits = deliver(setup)
    seen = [visit.phase for visit in visits]
    assert len(seen) == len(set(seen))
    assert set(seen) <= set(PARTS)
    assert visits[-1].after.phase == ""
    assert all(one.after.phase == other.phase for one, other in pairwise(visits))
    assert all(one.after == other.before for one, other in pairwise(visits))


@given(setups())
def test_native_code_sees_native_numbers(setup: Setup) -> None:
    _program, native = systems_of(PATHS[setup.path])
    for visit in deliver(setup):
        if visit.phase in ("kernel", "lx_sendsig", "lx_sigacthandler", "sigacthandler", "call_user_handler"):
            assert visit.before.numbering == "native"
            assert visit.before.number in native.numbers
        if visit.phase == "call_user_handler":
            assert visit.before.gs == "solaris"


@given(setups())
def test_a_change_of_an_input_changes_the_trace(setup: Setup) -> None:
    open_setup = replace(setup, blocked=frozenset(), handler=True, interposer=True)
    visits = deliver(open_setup)
    if phases(visits)[-1] != "handler":
        return
    arrived = next(visit.before.number for visit in visits if visit.phase == "kernel")
    traces = [phases(visits)]
    traces.append(phases(deliver(replace(open_setup, handler=False))))
    traces.append(phases(deliver(replace(open_setup, blocked=frozenset({arrived})))))
    if PATHS[setup.path].brand:
        traces.append(phases(deliver(replace(open_setup, interposer=False))))
    assert len({tuple(trace) for trace in traces}) == len(traces)
    # The mask of the handler is the mask of the thread, the handler's own and the signal.
    last = there(deliver(replace(open_setup, handler_mask=setup.handler_mask)))[-1]
    assert last.before.mask == setup.handler_mask | {arrived}
    # Another signal takes the same way with other numbers.
    other = next(number for number in (10, 16) if number != open_setup.signal)
    numbers_seen = [visit.before.number for visit in visits]
    assert [visit.before.number for visit in deliver(replace(open_setup, signal=Signo(other)))] != numbers_seen


@given(setups(), st.data())
def test_blocking_another_signal_changes_nothing_but_the_mask(setup: Setup, data: st.DataObject) -> None:
    _program, native = systems_of(PATHS[setup.path])
    arrived = next((visit.before.number for visit in deliver(setup) if visit.phase == "kernel"), 0)
    other = data.draw(numbers(native).filter(lambda number: number != arrived))
    assert phases(deliver(replace(setup, blocked=setup.blocked | {other}))) == phases(deliver(setup))


# ---------------------------------------------------------------- through the door


@given(systems.filter(lambda where: where.mask is not None), st.data())
def test_list_map_and_mask_agree(where: System, data: st.DataObject) -> None:
    number = data.draw(numbers(where).filter(lambda one: where.mask is not None and one <= where.mask.bits))
    common = ["--from", where.name, "--to", where.name, "--format", "json"]
    text = "".join(run(["signals", "mask", f"{1 << number - 1:x}", *common]).render())
    (member,) = json.loads(text)["views"][0]["rows"]
    (mapped,) = json.loads("".join(run(["signals", "map", str(number), *common]).render()))["views"][0]["rows"]
    assert {**mapped, "bit": number - 1} == member
    assert mapped["how"] == "same"


@pytest.mark.parametrize("source", SYSTEMS, ids=lambda where: where.name)
def test_diff_and_only_in_b_cover_both_systems(source: System) -> None:
    for target in SYSTEMS:
        answer = run(["signals", "diff", source.name, target.name, "--format", "json"])
        differing, only = json.loads("".join(answer.render()))["views"]
        listed = [row["from"] for row in differing["rows"]]
        assert listed == sorted(set(listed))
        reached = set(target.numbers) - {row["number"] for row in only["rows"]}
        assert reached == {row.target for row in Translator(source, target).all()} - {None}
        assert answer.exit_code == int(bool(differing["rows"] or only["rows"]))
