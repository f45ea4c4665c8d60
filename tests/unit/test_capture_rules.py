"""The rules of capture: one call's recording, without Asterisk."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest

from recording.capture import NOTICE, Course
from recording.capture_orders import Anew, Announce, Begin, Calm, End, Hush, Lose, Note, Started, Warn
from recording.recordings import AlarmKind, Mark, MarkKind, Recording, Silence
from tests.unit.capture_play import AT, ON_DEMAND, RULES, Play


def test_a_talk_after_the_notice_is_recorded_at_once() -> None:
    play = Play()
    (begin,) = play.seen()
    assert isinstance(begin, Begin)
    assert (begin.recording.agent, begin.recording.channel) == ("1001", "leg-of-caller")
    play.after(0.1).keep(play.course.started(play.now))
    assert play.course.status == "recording"
    assert play.marks() == [
        Mark(MarkKind.NOTICE, 0, 0, f"{NOTICE} id"),
        Mark(MarkKind.TALK, 0, None, "1001"),
    ]


def test_who_has_not_heard_the_notice_hears_it_in_the_talk_first() -> None:
    play = Play(heard="")
    assert play.seen(language="en") == [Announce("call", "en")]
    assert play.course.status == "off"
    (begin,) = play.after(4).keep(play.course.announced(True, play.now, play.at))
    assert isinstance(begin, Begin)
    play.keep(play.course.started(play.now))
    assert play.marks()[0] == Mark(MarkKind.NOTICE, 0, 0, f"{NOTICE} en")
    assert play.those(Warn) == []


def test_a_notice_that_the_caller_was_taken_from_is_said_again() -> None:
    play = Play(heard="")
    play.seen()
    assert play.seen(phase=MarkKind.HOLD) == []
    assert play.course.announced(True, play.now, play.at) == []
    assert play.seen() == [Announce("call", "id")]


def test_nobody_is_recorded_whom_nobody_told() -> None:
    play = Play(heard="")
    play.seen()
    assert play.keep(play.course.announced(False, play.now, play.at)) == [Announce("call", "id")]
    lose, warn = play.keep(play.course.announced(False, play.now, play.at))
    assert isinstance(lose, Lose)
    assert lose.cause == "notice"
    assert isinstance(warn, Warn)
    assert warn.kind is AlarmKind.NOTICE
    assert play.course.status == "trouble"
    assert play.course.end(play.now) == []
    assert play.those(Begin) == []


def test_marks_follow_hold_consultation_conference_and_transfer() -> None:
    play = Play().runs()
    play.after(10).seen(phase=MarkKind.HOLD)
    play.after(5).seen()
    play.after(5).seen(phase=MarkKind.CONSULT, third="1002")
    play.after(5).seen(phase=MarkKind.CONFERENCE, third="1002")
    play.after(5).seen(agent="1002")
    play.after(5).seen(agent="", phase=MarkKind.WAITING, queue="pph")
    play.after(5).seen(agent="1003", queue="pph")
    end = play.after(5).keep(play.course.end(play.now))[-1]
    assert end == End("a" * 32, "leg-of-caller", 45_000, alive=False)
    kinds = [(mark.kind.value, mark.from_ms, mark.until_ms, mark.detail) for mark in play.marks()[1:]]
    assert sorted(kinds) == [
        ("conference", 25_000, 30_000, "1002"),
        ("consult", 20_000, 25_000, ""),
        ("hold", 10_000, 15_000, ""),
        ("talk", 0, 10_000, "1001"),
        ("talk", 15_000, 20_000, "1001"),
        ("talk", 25_000, 30_000, "1001"),
        ("talk", 30_000, 35_000, "1002"),
        ("talk", 40_000, 45_000, "1003"),
        ("waiting", 35_000, 40_000, "pph"),
    ]
    assert play.course.end(play.now) == []


def test_another_voice_is_recorded_anew_once_it_is_with_the_caller() -> None:
    play = Play().runs()
    play.after(5).seen(phase=MarkKind.HOLD)
    play.after(5).seen()
    assert play.arrives() == []  # who talked before
    play.after(5).seen(phase=MarkKind.CONSULT, third="1002")
    play.after(5).seen(agent="1002")
    assert play.those(Anew) == []
    (anew,) = play.arrives()
    assert anew == Anew("a" * 32, "leg-of-caller", 1000.0, since=play.now)
    assert play.arrives() == []
    play.after(5).seen(agent="", phase=MarkKind.WAITING)
    play.after(5).seen(agent="1002")
    assert play.course.wake_at == play.now + 1.0  # nobody told that both are together
    assert [type(order) for order in play.after(1).keep(play.course.time(play.now))] == [Anew]


def test_who_stays_after_a_conference_is_recorded_anew() -> None:
    play = Play().runs()
    play.after(5).seen(phase=MarkKind.CONFERENCE, third="1002")
    assert [type(order) for order in play.after(1).keep(play.course.time(play.now))] == [Anew]
    play.after(5).seen(agent="1002")
    assert [type(order) for order in play.after(0.1).keep(play.course.time(play.now))] == [Anew]


def test_what_several_say_is_heard_anew_when_it_is_mixed_and_when_one_is_left() -> None:
    play = Play().runs()
    play.course.among(False, play.now, arrived=False)
    for mixed in (True, False):  # a supervisor barges in, and leaves
        since = play.after(5).now
        assert play.course.among(mixed, play.now, arrived=False) == []
        (anew,) = play.after(0.1).keep(play.course.time(play.now))
        assert anew == Anew("a" * 32, "leg-of-caller", 1000.0, since)
    assert play.course.wake_at == math.inf


def test_a_conference_and_its_bridge_are_one_change() -> None:
    play = Play().runs()
    play.after(5).seen(phase=MarkKind.CONSULT, third="1002")
    play.course.among(True, play.now, arrived=False)
    assert play.course.wake_at == math.inf  # nobody talks with the caller
    play.after(0.02).seen(phase=MarkKind.CONFERENCE, third="1002")
    play.after(0.02).course.among(True, play.now, arrived=False)
    assert [type(order) for order in play.after(0.1).keep(play.course.time(play.now))] == [Anew]
    play.after(5).course.among(False, play.now, arrived=False)
    play.after(0.05).seen(agent="1002")
    anews = play.after(1).keep(play.course.time(play.now))
    assert [type(order) for order in anews] == [Anew]
    assert play.course.wake_at == math.inf


def test_a_call_that_ends_within_the_notice_leaves_a_row_and_no_alarm() -> None:
    play = Play(heard="")
    play.seen()
    planned = play.at
    (lose,) = play.after(2).keep(play.course.end(play.now))
    assert isinstance(lose, Lose)
    assert (lose.cause, lose.recording.planned_at) == ("notice_cut", planned)
    assert play.course.announced(True, play.now, play.at) == []
    assert play.those(Warn) == []
    assert play.course.end(play.now) == []


def test_an_alarm_is_raised_once_when_nothing_began_in_time() -> None:
    play = Play()
    play.seen()
    assert play.course.wake_at == play.now + 2.0
    assert play.after(1.9).keep(play.course.time(play.now)) == []
    assert play.after(0.1).keep(play.course.time(play.now)) == [
        Warn(AlarmKind.NOT_STARTED, "a" * 32, "no_answer")
    ]
    assert play.course.wake_at == math.inf
    assert play.course.status == "trouble"
    play.after(1).keep(play.course.started(play.now))
    assert play.those(Calm) == [Calm(AlarmKind.NOT_STARTED, "a" * 32)]
    assert Started("a" * 32, 3000) in play.orders
    assert Mark(MarkKind.GAP, 0, 0, "late 3000") in play.marks()


def test_an_order_that_failed_is_given_again_while_the_talk_goes_on() -> None:
    play = Play()
    play.seen()
    play.keep(play.course.not_started("no_folder", play.now))
    assert play.those(Warn) == [Warn(AlarmKind.NOT_STARTED, "a" * 32, "no_folder")]
    (again,) = play.after(2).keep(play.course.time(play.now))
    assert isinstance(again, Begin)
    assert again.again
    assert play.keep(play.course.not_started("no_folder", play.now)) == []
    lose, warn = play.after(1).keep(play.course.end(play.now))
    assert isinstance(lose, Lose)
    assert warn == Warn(AlarmKind.LOST, "a" * 32)


@pytest.mark.parametrize("started", [True, False])
def test_a_call_that_ends_before_the_answer_is_closed_by_it(started: bool) -> None:
    play = Play()
    play.seen()
    assert play.after(0.2).keep(play.course.end(play.now)) == []
    if started:
        orders = play.keep(play.course.started(play.now))
        assert [type(order) for order in orders] == [Started, Note, Note, End]
        assert orders[-1] == End("a" * 32, "leg-of-caller", 0, alive=False)
    else:
        orders = play.keep(play.course.not_started("gone", play.now))
        assert [type(order) for order in orders] == [Lose, Warn]


def test_reasons_for_silence_overlap() -> None:
    play = Play().runs()
    play.after(5)
    done, orders = play.course.silence(Silence.PROOF, True, play.now)
    assert done
    assert play.keep(orders)[0] == Hush("leg-of-caller", on=True)
    assert play.course.status == "silenced"
    play.after(2).keep(play.course.silence(Silence.KEYS, True, play.now)[1])
    orders = play.after(1).keep(play.course.silence(Silence.PROOF, False, play.now)[1])
    assert orders[0] == Hush("leg-of-caller", on=True)  # keys are being pressed yet
    assert play.after(2).keep(play.course.time(play.now))[0] == Hush("leg-of-caller", on=False)
    assert play.course.status == "recording"
    assert [mark for mark in play.marks() if mark.kind is MarkKind.SILENCED] == [
        Mark(MarkKind.SILENCED, 5000, 8000, "proof"),
        Mark(MarkKind.SILENCED, 6000, 10_000, "keys"),  # a second before its event
    ]


def test_each_key_lengthens_the_silence() -> None:
    play = Play().runs().after(5)
    for _ in range(4):
        play.after(2).keep(play.course.silence(Silence.KEYS, True, play.now)[1])
        assert play.keep(play.course.time(play.now)) == []
    assert play.course.wake_at == play.now + 3
    play.after(3).keep(play.course.time(play.now))
    silenced = [mark for mark in play.marks() if mark.kind is MarkKind.SILENCED]
    assert silenced == [Mark(MarkKind.SILENCED, 6000, 16_000, "keys")]


def test_silence_asked_for_before_there_is_sound_begins_with_it() -> None:
    play = Play(heard="")
    play.seen()
    assert play.course.silence(Silence.PROOF, True, play.now)[0]
    play.after(3).keep(play.course.announced(True, play.now, play.at))
    orders = play.keep(play.course.started(play.now))
    assert Hush("leg-of-caller", on=True) in orders
    assert Mark(MarkKind.SILENCED, 0, None, "proof") in play.marks()


def test_what_is_not_recorded_cannot_be_silenced() -> None:
    play = Play(rules=ON_DEMAND)
    play.seen()
    assert play.course.silence(Silence.PROOF, True, play.now) == (False, [])


def test_on_demand_waits_for_the_wish() -> None:
    play = Play(rules=ON_DEMAND)
    assert play.seen() == []
    assert play.course.status == "on_demand"
    done, orders = play.course.ask(play.now, play.at)
    assert done
    assert [type(order) for order in play.keep(orders)] == [Begin]
    play.keep(play.course.started(play.now))
    assert play.course.status == "recording"


def test_a_queue_that_is_never_recorded_cannot_be_asked_for() -> None:
    play = Play(rules=ON_DEMAND)
    assert play.seen(queue="pph/A") == []
    assert play.course.ask(play.now, play.at) == (False, [])
    assert play.course.status == "off"


def test_a_transfer_to_a_queue_that_is_not_recorded_is_silence() -> None:
    play = Play(rules=ON_DEMAND)
    play.seen(queue="kup")
    play.keep(play.course.started(play.now))
    orders = play.after(5).seen(queue="pph", agent="1002")
    assert Hush("leg-of-caller", on=True) in orders
    orders = play.after(5).seen(queue="kup", agent="1003")
    assert Hush("leg-of-caller", on=False) in orders
    assert Mark(MarkKind.SILENCED, 5000, 10_000, "policy") in play.marks()
    assert [mark.detail for mark in play.marks() if mark.kind is MarkKind.TALK] == ["1001", "1002", "1003"]


def test_a_call_transferred_to_a_queue_that_is_recorded_begins_there() -> None:
    play = Play(rules=ON_DEMAND)
    assert play.seen(queue="pph") == []
    assert play.after(5).seen(queue="kup", agent="", phase=MarkKind.WAITING) == []
    assert [type(order) for order in play.seen(queue="kup", agent="1002")] == [Begin]


def test_a_person_on_another_leg_has_another_recording() -> None:
    play = Play().runs()
    assert play.course.is_of("leg-of-caller")
    assert not play.course.is_of("leg-2")
    orders = play.after(4).course.end(play.now, "other_leg", alive=True)
    assert orders[-1] == End("a" * 32, "leg-of-caller", 4000, alive=True, cause="other_leg")
    play.course = play.course.next()
    (begin,) = play.seen(channel="leg-2")
    assert isinstance(begin, Begin)
    assert begin.recording.number == 2


def recorded() -> tuple[Recording, list[Mark]]:
    play = Play().runs()
    play.after(5).keep(play.course.silence(Silence.KEYS, True, play.now)[1])
    play.keep(play.course.silence(Silence.PROOF, True, play.now)[1])
    recording = play.course.recording
    assert recording is not None
    return replace(recording, started_at=AT), play.marks()


def test_after_a_restart_marks_go_on_and_the_gap_is_stated() -> None:
    recording, marks = recorded()
    play = Play()
    play.after(60)
    play.course, orders = Course.found(recording, marks, RULES, play.now, AT + timedelta(seconds=20))
    play.keep(orders)
    assert play.course.status == "silenced"  # a proof may still be going on
    assert orders[-1] == Hush("leg-of-caller", on=True)
    play.seen(phase=MarkKind.HOLD)
    play.after(60).keep(play.course.time(play.now))
    assert play.course.status == "recording"
    end = play.after(10).keep(play.course.end(play.now))[-1]
    assert isinstance(end, End)
    assert end.expected_ms == 90_000
    assert play.marks() == [
        Mark(MarkKind.TALK, 0, 20_000, "1001"),
        Mark(MarkKind.SILENCED, 4000, 20_000, "keys"),
        Mark(MarkKind.GAP, 5000, 5000, "service_away 15000"),
        Mark(MarkKind.SILENCED, 5000, 80_000, "proof"),
        Mark(MarkKind.HOLD, 20_000, 90_000, ""),
    ]
