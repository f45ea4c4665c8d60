"""Units outside KLIP: who they are, what is theirs, what they see, and whose doing a row of the trail is."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from desk.complaint_referrals import Wish, answer, recall, refer, referrals_of
from desk.complaint_steps import STEPS
from desk.complaint_units import (
    Unit,
    asked_of,
    by_itself,
    concerns,
    may_do,
    own_unit,
    read_unit,
    sent_on,
    step_unit,
    theirs,
    withheld,
)
from desk.complaints import file_complaint, load_complaints, move_complaint
from desk.matters import Matter, MatterEvent, MatterRefused
from desk.matters_work import load_work
from desk.standing import Rung
from tests.unit.matter_world import MONDAY, NUMBER, Office, act, origin

COMPLAINTS, OFFICE = load_complaints(), Office()
RULE = load_work().at(MONDAY)
HUMAS, KPP, KITSDA = Unit("p2_humas"), Unit("kpp", "KPP Pratama Contoh"), Unit("kitsda")


def at_step(name: str) -> Matter:
    said = {"reporter": "Contoh", "contact": NUMBER, "what": "Antrean"}
    made = file_complaint(COMPLAINTS, OFFICE, origin(Rung.ANONYMOUS), "service", said).matter
    return replace(made, state=name)


def asked(complaint: Matter, unit: str, name: str = "", trail: Sequence[MatterEvent] = ()) -> MatterEvent:
    moved = refer(RULE, OFFICE, complaint, trail, "klip", Wish(unit, name), act(note="Mohon tanggapan"))
    return moved.event


@pytest.mark.parametrize(
    ("team", "unit"),
    [
        ("P2 Humas", HUMAS),
        ("p2_humas", HUMAS),
        ("KPP Pratama Contoh", KPP),
        (" kpp  pratama contoh", KPP),
        ("Kanwil DJP Contoh", Unit("kanwil", "DJP Contoh")),
        ("other_unit Sekretariat", Unit("other_unit", "Sekretariat")),
        ("KITSDA", KITSDA),
        ("klip", None),  # KLIP's own people work on /perkara
        ("KPP", None),  # which one?
        ("alfa", None),
        ("", None),
    ],
)
def test_a_team_is_a_unit_by_its_name(team: str, unit: Unit | None) -> None:
    assert own_unit(RULE, team) == unit


def test_a_unit_is_the_same_however_its_name_is_typed() -> None:
    assert len({KPP, Unit("kpp", "pratama contoh"), Unit("kpp", "kpp Pratama Contoh")}) == 1
    assert len({KPP, Unit("kpp", "Pratama Lain"), Unit("kp2kp", "Pratama Contoh")}) == 3
    assert read_unit(KPP.code) == KPP and read_unit(HUMAS.code) == HUMAS


def test_each_step_is_its_executors_and_the_reported_units_once_it_is_named() -> None:
    for name in STEPS:
        executor = COMPLAINTS.versions[0].step(name).executor
        expected = HUMAS if executor == "p2_humas" else None
        assert step_unit(COMPLAINTS, at_step(name)) == expected, name
    named = replace(at_step("answer"), words={"reported_unit": "kpp:Pratama Contoh"})
    assert step_unit(COMPLAINTS, named) == KPP
    assert step_unit(COMPLAINTS, at_step("closed")) is None


def test_the_reported_unit_is_named_as_a_complaint_is_sent_there() -> None:
    before = at_step("distribution")
    moved = move_complaint(COMPLAINTS, OFFICE, before, "forward", act())
    assert sent_on(RULE, before, moved, "", "") == moved
    named = sent_on(RULE, before, moved, "kpp", " KPP  Pratama Contoh ")
    assert step_unit(COMPLAINTS, named.matter) == KPP
    assert dict(named.event.words) == {"for_unit": "p2_humas", "to_unit": "kpp:KPP Pratama Contoh"}
    for unit, which, word in (
        ("kpp", "", "missing unit_name"),
        ("klip", "", "no_choice to_unit"),
        ("moon", "", "no_choice to_unit"),
        ("kpp", "x" * 121, "too_long unit_name"),
    ):
        with pytest.raises(MatterRefused, match=word):
            sent_on(RULE, before, moved, unit, which)
    elsewhere = at_step("analysis")
    with pytest.raises(MatterRefused, match="no_choice to_unit"):
        sent_on(
            RULE, elsewhere, move_complaint(COMPLAINTS, OFFICE, elsewhere, "forward", act()), "kitsda", ""
        )


def test_a_unit_sees_what_it_was_asked_or_is_reported_for_and_humas_what_klip_passed_on() -> None:
    complaint = at_step("analysis")
    trail = [asked(complaint, "kpp", "Pratama Contoh")]
    assert concerns(COMPLAINTS, complaint, trail, KPP)
    for other in (KITSDA, Unit("kpp", "Pratama Lain")):
        assert not concerns(COMPLAINTS, complaint, trail, other)
    back = recall(complaint, trail, trail[0].number, act(note="keliru")).event
    assert not concerns(COMPLAINTS, complaint, [*trail, back], KPP)
    reported = replace(at_step("closing"), words={"reported_unit": KPP.code})
    assert concerns(COMPLAINTS, reported, [], KPP), "also once it has answered"
    seen = [name for name in (*STEPS, "closed") if concerns(COMPLAINTS, at_step(name), [], HUMAS)]
    assert seen == [*STEPS[2:], "closed"]
    assert withheld(RULE, KPP) == {"reporter", "contact"}
    assert withheld(RULE, HUMAS) == frozenset()


def test_what_a_unit_does_itself_is_not_recorded_on_its_behalf() -> None:
    before = at_step("analysis")
    moved = by_itself(move_complaint(COMPLAINTS, OFFICE, before, "forward", act()), HUMAS)
    assert dict(moved.event.words) == {"by_unit": "p2_humas"}
    trail = [asked(before, "kpp", "Pratama Contoh")]
    told = by_itself(answer(before, trail, trail[0].number, act(note="Sudah")), KPP)
    other = asked(told.matter, "kitsda", "", [*trail, told.event])
    whole = [*trail, told.event, replace(other, number=9), replace(moved.event, number=10)]
    assert [(one.to_unit, one.itself, one.open) for one in referrals_of(whole)] == [
        ("kpp", True, False), ("kitsda", False, True),
    ]  # fmt: skip
    assert [event.what for event in theirs(whole, KPP)] == ["referred", "referral_answered"]
    assert [one.answer for one in asked_of(whole, KPP)] == ["Sudah"]
    assert [event for event in ("forward", "send_back", "close", "withdraw", "reopen") if may_do(event)] == [
        "forward", "send_back", "close",
    ]  # fmt: skip
