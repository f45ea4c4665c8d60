"""What follows from what an agent says of a call."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from desk.matter_data import TableProblem
from dialer.campaigns import CampaignKind
from dialer.desk_rules import load_desk_rules
from dialer.disposed import NO_DISPOSITION, SYSTEM, Disposed
from dialer.disposition_desk import Consequences, DispositionRefused, Talked, Wish
from dialer.kinds import DATA
from dialer.leads import LeadState
from dialer.reasons import WhyNot
from tests.unit.outbound_world import (
    DEFINITION,
    FIRST_KEY,
    LEAD,
    SECOND_KEY,
    TALKED,
    TAXPAYER_KEY,
    TEN,
    disposition_desk,
    of_kind,
)
from tests.web.page_parts import OWN

DESK = disposition_desk()
THREE = datetime(2026, 6, 3, 6, 0, tzinfo=UTC)  # 14.00 WITA


def given(wish: Wish, *earlier: Disposed, talked: Talked = TALKED, now: datetime = TEN) -> Consequences:
    return DESK.give(talked, wish, earlier, now)


def test_agents_choose_from_what_fits_the_campaign() -> None:
    offered = DESK.offered(DEFINITION, TEN)
    assert {"promised_to_file", "callback", "do_not_call"} <= offered.keys()
    assert "promised_to_pay" not in offered
    fewer = replace(DEFINITION, dispositions=("callback", "refused"))
    assert list(DESK.offered(fewer, TEN)) == ["refused", "callback"]
    with pytest.raises(DispositionRefused, match="code: unknown"):
        given(Wish("promised_to_pay"))


def test_a_promise_has_its_day_and_ends_the_calls() -> None:
    found = given(Wish("promised_to_file", promised_on=date(2026, 6, 30)))
    assert found.row.promised_on == date(2026, 6, 30)
    assert (found.row.number, found.row.by, found.row.agent) == (1, "s" * 32, OWN)
    assert (found.after.state, found.after.reason) == (LeadState.DONE, "promised_to_file")
    assert found.suppress == {}


@pytest.mark.parametrize(
    ("day", "word"),
    [(None, "missing"), (date(2026, 6, 2), "past"), (date(2027, 6, 2), "too_far")],
)
def test_a_promise_for_no_day_that_counts_is_refused(day: date | None, word: str) -> None:
    with pytest.raises(DispositionRefused) as refused:
        given(Wish("promised_to_file", promised_on=day))
    assert (refused.value.word, refused.value.place) == (word, "promised_on")


def test_a_callback_is_promised_on_the_callees_clock() -> None:
    mine = given(Wish("callback", at=THREE, mine=True))
    assert (mine.after.state, mine.after.due_at) == (LeadState.READY, THREE)
    assert (mine.after.owner, mine.after.promised) == (OWN, True)
    assert mine.after.anyone_from is not None
    assert mine.after.anyone_from > THREE
    anyone = given(Wish("callback", at=THREE))
    assert (anyone.after.owner, anyone.after.anyone_from) == ("", None)


def test_a_callback_outside_the_callees_window_is_refused_with_the_nearest_time() -> None:
    late = datetime(2026, 6, 3, 8, 30, tzinfo=UTC)  # 15.30 WIB, but 16.30 WITA
    with pytest.raises(DispositionRefused) as refused:
        given(Wish("callback", at=late))
    assert (refused.value.word, refused.value.place) == ("outside_window", "clock")
    assert refused.value.nearest == datetime(2026, 6, 4, 0, 0, tzinfo=UTC)  # 08.00 WITA


def test_a_callback_without_a_time_is_refused() -> None:
    with pytest.raises(DispositionRefused, match="clock: missing"):
        given(Wish("callback"))


def test_nobody_is_taken_off_all_lists_without_being_asked() -> None:
    with pytest.raises(DispositionRefused, match="confirmed: confirm"):
        given(Wish("do_not_call"))
    found = given(Wish("do_not_call", confirmed=True))
    assert found.suppress == {TAXPAYER_KEY: WhyNot.DO_NOT_CALL, FIRST_KEY: WhyNot.DO_NOT_CALL}
    assert found.after.state is LeadState.DONE


def test_a_wrong_number_is_not_dialled_again_and_the_next_one_is() -> None:
    found = given(Wish("wrong_number"))
    assert found.suppress == {FIRST_KEY: WhyNot.WRONG_NUMBER}
    assert (found.after.state, found.after.number, found.after.dead_numbers) == (
        LeadState.READY,
        1,
        frozenset({0}),
    )
    second = given(Wish("wrong_number"), talked=replace(TALKED, number=1))
    assert second.suppress == {SECOND_KEY: WhyNot.WRONG_NUMBER}


def test_a_correction_lifts_what_the_first_one_suppressed() -> None:
    first = given(Wish("wrong_number"))
    moved_on = replace(LEAD, number=1, dead_numbers=frozenset({0}))
    again = given(
        Wish("callback", at=THREE),
        first.row,
        talked=replace(TALKED, lead=moved_on),
        now=TEN + timedelta(minutes=1),
    )
    assert again.row.number == 2
    assert again.lift == {FIRST_KEY}
    assert (again.after.number, again.after.dead_numbers) == (0, frozenset())
    stays = given(Wish("do_not_call", confirmed=True), first.row)
    assert stays.lift == frozenset()
    assert stays.suppress[FIRST_KEY] is WhyNot.DO_NOT_CALL


def test_consequences_are_the_same_when_they_are_worked_out_again() -> None:
    for wish in (Wish("callback", at=THREE, mine=True), Wish("wrong_number"), Wish("someone_else")):
        found = given(wish)
        assert DESK.consequences(TALKED, found.row, ()) == found


def test_no_disposition_when_the_time_is_over_is_on_record_and_nobody_is_dialled() -> None:
    found = DESK.none_given(TALKED, (), TEN)
    assert found is not None
    assert (found.row.code, found.row.by) == (NO_DISPOSITION, SYSTEM)
    assert (found.after.state, found.after.reason) == (LeadState.DONE, NO_DISPOSITION)
    assert DESK.none_given(TALKED, (given(Wish("refused")).row,), TEN) is None


def test_a_disposition_changes_with_the_call_and_a_missing_one_for_a_day() -> None:
    row = given(Wish("refused")).row
    none = replace(row, code=NO_DISPOSITION)
    assert DESK.may_change(None, TEN, live=True)
    assert DESK.may_change(row, TEN, live=True)
    assert not DESK.may_change(row, TEN, live=False)
    assert not DESK.may_change(None, TEN, live=False)
    assert DESK.may_change(none, TEN + timedelta(hours=23), live=False)
    assert not DESK.may_change(none, TEN + timedelta(hours=25), live=False)


@pytest.mark.parametrize("kind", CampaignKind)
def test_every_offered_disposition_leads_somewhere(kind: CampaignKind) -> None:
    talked = of_kind(kind)
    offered = DESK.offered(talked.definition, TEN)
    for code in offered:
        wish = Wish(code, THREE, mine=False, promised_on=date(2026, 6, 30), confirmed=True)
        found = given(wish, talked=talked)
        assert found.row.code == code
        assert found.after.state is LeadState.DONE or found.after.due_at > TEN
    assert offered


def test_a_table_whose_digit_chooses_two_skips_is_refused(tmp_path: Path) -> None:
    text = (DATA / "desk.yaml").read_text("utf-8").replace("digit: 2", "digit: 1")
    (tmp_path / "desk.yaml").write_text(text, "utf-8")
    with pytest.raises(TableProblem, match="a digit chooses two"):
        load_desk_rules(tmp_path)
