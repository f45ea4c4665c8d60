"""Rules of people's requests: states, clocks, two people, what an erasure lets go."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from recording.listening import Refusal, refusal
from recording.persons import (
    OPEN,
    REQUEST,
    SECOND_PERSON,
    Asker,
    Kind,
    OpenRecordings,
    PersonRefused,
    PersonsUnavailable,
    Request,
    Urgency,
    stepped,
)
from recording.persons_table import SHIPPED, Area, Fate, area_fates, load_person_table, recording_fate
from recording.ports import RecordingsUnavailable
from recording.recordings import Mode, Recording
from recording.states import State
from tests.unit.test_listening_rules import REVIEWER, SUBJECT

AT = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # before a long weekend
TABLE = load_person_table().at(AT)
ASKER = Asker("3171054501900001", "Contoh Nama", "alamat", "KTP", "salinan")


def asked(kind: Kind = Kind.COPY) -> Request:
    return Request(
        "1" * 32, "ABCD2345", kind, "received", AT, "clerk", TABLE.due(AT), TABLE.rule, "ktp_seen", "self",
        "taxpayer", ASKER,
    )  # fmt: skip


def recording(state: State) -> Recording:
    return Recording("2" * 32, "call", 1, "leg", "in", "efin", "", "90000001", "id", Mode.ALWAYS, state, AT)


def test_the_table_of_states_is_complete() -> None:
    assert list(REQUEST.faults()) == []


def test_nothing_personal_is_in_what_a_request_prints() -> None:
    shown = repr(asked())
    assert ASKER.npwp not in shown and ASKER.name not in shown and "alamat" not in shown


@pytest.mark.parametrize("kind", sorted(SECOND_PERSON))
def test_what_leaves_the_house_or_cannot_be_undone_needs_another_person(kind: Kind) -> None:
    one = asked(kind)
    with pytest.raises(PersonRefused, match="not_approved"):
        stepped(one, "carry_out", "other", AT)
    one, _ = stepped(one, "prepare", "clerk", AT)
    with pytest.raises(PersonRefused, match="second_person"):
        stepped(one, "approve", "clerk", AT)
    with pytest.raises(PersonRefused, match="not_approved"):
        stepped(one, "carry_out", "other", AT)
    one, _ = stepped(one, "approve", "other", AT)
    one, step = stepped(one, "carry_out", "clerk", AT + timedelta(hours=1), note="diserahkan")
    assert (one.state, one.closed_at, step.number) == ("done", AT + timedelta(hours=1), 4)


def test_prepared_by_another_after_sending_back_needs_another_again() -> None:
    one, _ = stepped(asked(), "prepare", "a", AT)
    one, _ = stepped(one, "approve", "b", AT)
    one, _ = stepped(one, "send_back", "b", AT)
    assert one.prepared_by == ""
    one, _ = stepped(one, "prepare", "b", AT)
    with pytest.raises(PersonRefused, match="second_person"):
        stepped(one, "approve", "b", AT)


@pytest.mark.parametrize("kind", sorted(set(Kind) - SECOND_PERSON))
def test_what_protects_takes_effect_at_once(kind: Kind) -> None:
    one, _ = stepped(asked(kind), "carry_out", "clerk", AT)
    assert one.state == "done"
    for event in ("prepare", "approve"):
        with pytest.raises(PersonRefused, match="not_this_kind"):
            stepped(asked(kind), event, "clerk", AT)


def test_only_a_restriction_is_lifted_and_by_two() -> None:
    copy, _ = stepped(asked(Kind.OBJECTION), "carry_out", "clerk", AT)
    with pytest.raises(PersonRefused, match="not_this_kind"):
        stepped(copy, "ask_lift", "clerk", AT)
    one, _ = stepped(asked(Kind.RESTRICTION), "carry_out", "clerk", AT)
    one, _ = stepped(one, "ask_lift", "clerk", AT)
    with pytest.raises(PersonRefused, match="second_person"):
        stepped(one, "lift", "clerk", AT)
    kept, _ = stepped(one, "keep", "clerk", AT)
    assert kept.state == "done" and kept.lift_asked_by == ""
    assert stepped(one, "lift", "other", AT)[0].state == "lifted"


@pytest.mark.parametrize("state", sorted(set(REQUEST.states) - OPEN))
def test_what_is_answered_is_not_answered_again(state: str) -> None:
    over = replace(asked(), state=state, closed_at=AT)
    for event in ("prepare", "carry_out", "refuse", "withdraw"):
        with pytest.raises(PersonRefused):
            stepped(over, event, "x", AT)


def test_the_clock_runs_by_the_wall_over_holidays_and_stops_with_the_answer() -> None:
    one = asked()
    assert one.due_at - one.received_at == timedelta(hours=72)
    seen = [one.urgency(AT + timedelta(hours=hours), TABLE.warn) for hours in (0, 35, 36, 59, 60, 71, 72, 99)]
    calm, soon, urgent, late = Urgency
    assert seen == [calm, calm, soon, soon, urgent, urgent, late, late]
    done, _ = stepped(asked(Kind.CORRECTION), "carry_out", "x", AT)
    assert done.urgency(AT + timedelta(hours=99), TABLE.warn) is calm


@pytest.mark.parametrize(
    ("state", "held", "shared", "fate", "why"),
    [
        (State.SEALED, frozenset(), False, Fate.GOES, "person_request"),
        (State.SEALED, frozenset(), True, Fate.STAYS, "others_data"),
        (State.HELD, frozenset({"scored"}), False, Fate.STAYS, "scored"),
        (State.HELD, frozenset({"legal:ND-3"}), True, Fate.STAYS, "legal"),
        (State.STOPPED, frozenset(), False, Fate.STAYS, "unsealed"),
        (State.DESTROYED, frozenset(), False, Fate.GONE, "destroyed"),
        (State.LOST, frozenset(), False, Fate.GONE, "lost"),
    ],
)
def test_what_an_erasure_does_to_a_recording(
    state: State, held: frozenset[str], shared: bool, fate: Fate, why: str
) -> None:
    found = recording_fate(recording(state), held, shared=shared)
    assert (found.fate, found.why, found.recording_id) == (fate, why, "2" * 32)
    if fate is Fate.STAYS:
        assert why in TABLE.hold_reasons


def test_what_an_erasure_does_to_everything_else_has_reason_and_date() -> None:
    held = dict.fromkeys(Area, (2, AT)) | {Area.MATTERS: (0, None)}
    fates = {one.area: one for one in area_fates(TABLE, held)}
    assert set(fates) == set(Area) - {Area.RECORDINGS, Area.MATTERS}
    assert fates[Area.DRAFTS].fate is Fate.GOES and fates[Area.LEADS].fate is Fate.STOPS
    until = fates[Area.NOTES].until
    assert until is not None and until.date() == date(2031, 3, 21)
    assert fates[Area.TRAIL].until is None and fates[Area.TRAIL].fate is Fate.STAYS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hours: 72", "hours: 96", "hours"),
        ("[36, 12]", "[12, 36]", "warn_hours"),
        ("bundle_days: 14", "bundle_days: 0", "bundle_days"),
        ("      drafts: {does: remove", "      dust: {does: remove", "keeping"),
        ('{id: "Ahli waris", en: "Heir"}', '{id: "Ahli waris"}', "id and en"),
    ],
)
def test_a_mistake_in_the_table_names_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "persons.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(TableProblem, match=said):
        load_person_table(path)


def test_a_restricted_recording_is_heard_only_by_who_answers_people_s_requests() -> None:
    restricted = replace(SUBJECT, restricted=True)
    assert refusal(REVIEWER, SUBJECT) is None
    assert refusal(REVIEWER, restricted) is Refusal.RESTRICTED
    officer = replace(REVIEWER, powers=frozenset({"person_file"}))
    assert refusal(officer, replace(restricted, in_case=True)) is None
    stranger = replace(REVIEWER, reach=None)
    assert refusal(stranger, restricted) is Refusal.NOT_YOURS


def test_a_list_that_leads_to_recordings_leads_to_none_of_a_restricted_call() -> None:
    class Book:
        async def of_call(self, call_id: str) -> list[Recording]:
            return [replace(recording(State.SEALED), call_id=call_id)]

    class Restricted:
        async def call(self, call_id: str) -> bool:
            if call_id == "away":
                raise PersonsUnavailable("away")
            return call_id == "closed"

    async def story() -> None:
        found = OpenRecordings(Book(), Restricted())
        assert [one.call_id for one in await found.of_call("open")] == ["open"]
        assert await found.of_call("closed") == []
        with pytest.raises(RecordingsUnavailable):
            await found.of_call("away")

    asyncio.run(story())
