"""A walk of every path: each key, silence, wrong key, look-up answer; every one must come to an end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from call_flows.book import FlowBook
from call_flows.commands import LookUp
from call_flows.events import (
    CallStarted,
    FlowEvent,
    KeyPressed,
    LookedUp,
    PlaybackEnded,
    RoomLeft,
    TalkOver,
    TimerFired,
)
from call_flows.session import CallSession
from call_flows.step import CONVERSATION
from call_flows.verbs.collect import Collect
from call_flows.verbs.menu import Menu
from call_flows.verbs.queue import Queue
from call_flows.verbs.survey import Survey
from domain.calls import EndReason
from domain.waiting_room import TalkEnd
from tests.flows.caller import HOURS, NINE_ON_MONDAY

FACTS = {
    **HOURS,
    "taxpayer_id": "tp-1",
    "callback_number": "628110000123",
    "callback_number_last4": "0123",
    "campaign_queue": "outbound/A",
    "attempt_id": "a" * 32,
    "proven": "yes",
    "tax_year": "2025",
    "tax_month": "2025-10",
    "deadline": "2026-03-31",
    "as_of": "2026-11-02",
    "called_on": "2026-11-20",
}
MOST_INPUTS = 4000  # on one way to an end, a waiting room's messages included


@dataclass(frozen=True)
class Choice:
    """What a caller (or the world) does at one step: a name, and the keys pressed there."""

    step: str
    name: str


def choices_at(session: CallSession) -> list[str]:
    step = session.book.steps[session.step or ""]
    if isinstance(step, Menu):
        return [*step.keys, "wrong", "silence"]
    if isinstance(step, Collect):
        right = "".join(str(index % 10) for index in range(1, max(step.lengths) + 1))
        return ["1234567890123456#", "08110000123#", f"{right}#", "12#", "9999999999999999#", "*", "silence"]
    if isinstance(step, Queue):
        return ["answered", "closed", "limit", *(["callback"] if step.callback else [])]
    if isinstance(step, Survey):
        return ["1", "5", "0", "silence"]
    out = session.outstanding()
    if out.look_ups:
        return list(session.book.known.look_ups[out.look_ups[0].name].answers)
    return []


def events_of(session: CallSession, choice: str) -> list[FlowEvent]:
    step = session.book.steps[session.step or ""]
    out = session.outstanding()
    if out.look_ups:
        return [LookedUp(out.look_ups[0].request, choice, FACTS)]
    if choice == "callback":
        return [KeyPressed("1")]
    if isinstance(step, Queue) and out.room is not None and choice in {"answered", "closed"}:
        return [RoomLeft(out.room.request, choice)]
    if choice == "wrong" and isinstance(step, Menu):
        return [KeyPressed(next(key for key in "0123456789*#" if key not in step.keys))]
    if choice in {"silence", "limit"}:
        return []
    return [KeyPressed(key) for key in choice]


def what_happens_by_itself(session: CallSession) -> FlowEvent | None:
    out = session.outstanding()
    if out.timers and isinstance(session.book.steps.get(session.step or ""), Queue):
        return TimerFired(max(out.timers, key=lambda timer: timer.seconds).timer)
    if out.playing is not None:
        return PlaybackEnded(out.playing.playback)
    return TimerFired(out.timers[0].timer) if out.timers else None


def replayed(book: FlowBook, events: tuple[FlowEvent, ...]) -> CallSession:
    assert isinstance(events[0], CallStarted)
    session = CallSession(book, "c", events[0].dialled)
    for index, event in enumerate(events):
        session.handle(event, time_of(index))
    return session


def time_of(index: int) -> datetime:
    """Return when an event happens: so late that a key can be meant for what is being said."""
    return NINE_ON_MONDAY + index * timedelta(seconds=2)


def settle(session: CallSession, events: list[FlowEvent]) -> None:
    """Let playbacks end until the caller or the world has a choice, or the call is over."""
    while not session.finished and session.step != CONVERSATION and not choices_at(session):
        event = what_happens_by_itself(session)
        assert event is not None, f"dead end at {session.step}"
        events.append(event)
        session.handle(event, time_of(len(events) - 1))


def walk(book: FlowBook) -> Iterator[tuple[Choice, CallSession]]:
    """Take every choice at every step at least once, by the first way found to it."""
    tried: set[Choice] = set()
    ways: list[tuple[FlowEvent, ...]] = [
        (CallStarted("1500200"),),
        *[(CallStarted(f"flow:{name}", facts={"campaign_queue": "outbound/A"}),) for name in book.called()],
    ]
    while ways:
        way = ways.pop()
        session = replayed(book, way)
        events = list(way)
        settle(session, events)
        if session.finished or session.step == CONVERSATION:
            yield Choice(session.step or "", "end"), session
            broken = Choice(session.line.step if session.line else "", "broken")
            if session.step == CONVERSATION and broken not in tried:
                tried.add(broken)
                ways.append((*events, TalkOver(TalkEnd.RETURNED)))
            continue
        here = session.step or ""
        for name in choices_at(session):
            if Choice(here, name) in tried:
                continue
            tried.add(Choice(here, name))
            branch = replayed(book, tuple(events))
            more = list(events)
            if name == "callback":
                wait_for_the_offer(branch, more)
            for event in events_of(branch, name):
                more.append(event)
                branch.handle(event, time_of(len(more) - 1))
            silent_until_moved(branch, more, here)
            yield Choice(here, name), branch
            ways.append(tuple(more))


def wait_for_the_offer(session: CallSession, events: list[FlowEvent]) -> None:
    """Let messages pass until the caller has been told of the callback."""
    while session.line is None or not session.line.offered:
        out = session.outstanding()
        event: FlowEvent
        if out.look_ups:
            answer = "possible" if out.look_ups[0].name == "callback_offer" else "unknown"
            event = LookedUp(out.look_ups[0].request, answer, FACTS)
        else:
            event = TimerFired(min(out.timers, key=lambda timer: timer.seconds).timer)
        events.append(event)
        session.handle(event, time_of(len(events) - 1))


def silent_until_moved(session: CallSession, events: list[FlowEvent], here: str) -> None:
    """Keep silent until the call leaves the step, so that `otherwise` is walked too."""
    for _ in range(200):
        if session.step != here or session.finished or session.outstanding().look_ups:
            return
        event = what_happens_by_itself(session)
        assert event is not None, f"dead end at {here}"
        events.append(event)
        session.handle(event, time_of(len(events) - 1))
    raise AssertionError(f"a silent caller never leaves {here}")


def test_every_path_ends_in_a_farewell_or_a_conversation(book: FlowBook) -> None:
    taken: set[Choice] = set()
    ends: set[tuple[str, EndReason | None]] = set()
    for choice, session in walk(book):
        taken.add(choice)
        if choice.name == "end":
            ends.add((choice.step, session.end_reason))
            assert session.end_reason != EndReason.FAILED
    assert {choice.step for choice in taken} >= {
        name for name, step in book.steps.items() if isinstance(step, Menu | Collect | Queue)
    }
    for name, step in book.steps.items():
        if isinstance(step, Survey):
            assert {Choice(name, word) for word in ("1", "5", "0", "silence")} <= taken
        if isinstance(step, Menu):
            assert {Choice(name, word) for word in [*step.keys, "wrong", "silence"]} <= taken
        if isinstance(step, Queue):
            offered = ["callback"] if step.callback else []
            assert {Choice(name, word) for word in ["answered", "closed", "limit", *offered]} <= taken
    assert ends == {
        (CONVERSATION, None),
        ("branches.end", EndReason.COMPLETED),
        ("callback.end", EndReason.CALLBACK),
        ("kring_pajak.end_closed", EndReason.CLOSED),
        ("outbound_agent.end", EndReason.COMPLETED),
        ("outbound_reminder.end", EndReason.COMPLETED),
        ("outbound_reminder.end_waiting", EndReason.WAIT_EXPIRED),
        ("outbound_agent.end_abandoned", EndReason.ABANDONED),
        ("waiting.end_closed", EndReason.CLOSED),
        ("waiting.end_waiting", EndReason.WAIT_EXPIRED),
    }


def test_every_answer_of_every_look_up_is_walked(book: FlowBook) -> None:
    answers = {
        (step, choice.name)
        for choice, _ in walk(book)
        for step in [choice.step]
        if choice.name in {"found", "not_found", "unavailable", "closed", "ramadan_closed", "holiday", "shut"}
    }
    assert {("with_npwp.find_taxpayer", word) for word in ("found", "not_found", "unavailable")} <= answers
    closed = {("kring_pajak.opening_hours", word) for word in ("closed", "ramadan_closed", "holiday", "shut")}
    assert closed <= answers


def test_an_agent_who_becomes_free_takes_the_call_at_any_step_beside_the_line(book: FlowBook) -> None:
    beside: set[str] = set()
    for how in ("answered", "closed"):
        for _, session in walk(book):
            room, step = session.outstanding().room, session.step or ""
            if room is None or not step.startswith("callback."):
                continue
            beside.add(step)
            session.handle(RoomLeft(room.request, how), NINE_ON_MONDAY)
            assert session.step == (CONVERSATION if how == "answered" else "waiting.room_closed")
            out = session.outstanding()
            assert out.timers == () and out.room is None and out.look_ups == ()
            assert (out.playing is None) == (how == "answered")
    assert beside >= {"callback.confirm", "callback.enter", "callback.declined", "callback.not_booked"}


def test_a_look_up_is_asked_with_what_it_takes(book: FlowBook) -> None:
    asked = [
        look_up
        for _, session in walk(book)
        for look_up in session.outstanding().look_ups
        if isinstance(look_up, LookUp) and look_up.name == "taxpayer"
    ]
    assert asked and all(look_up.arguments == {"npwp": "1234567890123456"} for look_up in asked)
