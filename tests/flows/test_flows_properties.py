"""Properties that hold for every caller: keys are never lost or doubled, and a call can be rebuilt."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from call_flows.book import FlowBook
from call_flows.commands import Record
from call_flows.events import CallerHungUp, CallStarted, KeyPressed, RoomLeft
from call_flows.journal import from_row, replay, to_row
from call_flows.session import CallSession
from domain.calls import Call, CallEvent
from tests.flows.caller import NINE_ON_MONDAY, Caller, in_place
from tests.laws import asks

NPWP = "1234567890123456#"
# Runs of keys as callers press them, with mistakes in between.
KEYS = st.lists(
    st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "9", "0", "*", "#", NPWP, "12#", f"77*{NPWP}"]),
    max_size=12,
).map("".join)
# Pauses before keys, each shorter than any wait of the flows once the prompt is over.
PAUSES = st.lists(st.floats(min_value=0, max_value=2.5), min_size=80, max_size=80)
QUICK = settings(
    max_examples=asks(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def standing(call: Caller) -> bool:
    step = call.session.step or ""
    return step.startswith("waiting.") or call.session.book.steps[step].takes_keys


def route_of(book: FlowBook, keys: str, pauses: list[float]) -> list[str]:
    call = Caller(book, taxpayer=[("not_found", {})] + [("found", {"taxpayer_id": "tp-1"})] * 9)
    call.calls()
    for key, pause in zip(keys, pauses, strict=False):
        call.waits_unmoved(pause)
        call.feed(KeyPressed(key))
    # The last prompts run out, so that both callers stand where their keys have led.
    while not call.session.finished and not standing(call):
        call.advance()
    # Prompts without choice are skipped when keys wait behind them; what is chosen is what counts.
    return [step for step in call.route() if step.startswith("waiting.") or book.steps[step].takes_keys]


@QUICK
@given(keys=KEYS, pauses=PAUSES)
def test_keys_lead_the_same_way_however_they_are_spread(
    book: FlowBook, keys: str, pauses: list[float]
) -> None:
    """Nothing is lost or doubled: at once, before the greeting, or one by one in the prompts."""
    at_once = route_of(book, keys, [0.0] * 200)
    assert route_of(book, keys, pauses * 3) == at_once


EVENTS = st.one_of(
    st.sampled_from("0123456789*#").map(KeyPressed),
    st.sampled_from(["1", "2", NPWP]).map(KeyPressed),
    st.just("advance"),
    st.just("answered"),
    st.just("closed"),
    st.just("hang up"),
)


def random_call(book: FlowBook, script: list[KeyPressed | str]) -> Caller:
    place = [in_place(9 - n % 7, n % 12) for n in range(200)]
    call = Caller(book, callback_offer="possible", place_in_line=place).calls()
    for act in script:
        if call.session.finished:
            break
        out = call.session.outstanding()
        if isinstance(act, KeyPressed):
            for key in act.key:
                call.feed(KeyPressed(key))
        elif act in {"answered", "closed"}:
            if out.room is not None and call.session.step != "conversation":
                call.feed(RoomLeft(out.room.request, act))
        elif act == "hang up":
            call.feed(CallerHungUp())
        elif out.playing is not None or out.timers:
            call.advance()
        call.unheard.clear()
    return call


def as_rows(call: Caller) -> list[CallEvent]:
    rows = []
    for seq, (event, at) in enumerate(call.inputs, start=1):
        kind, data, secret = to_row(event)
        rows.append(CallEvent(call.session.call_id, seq, at, kind, data, secret))
    return rows


@QUICK
@given(script=st.lists(EVENTS, max_size=40), cut=st.integers(min_value=0, max_value=200))
def test_a_call_rebuilt_from_any_prefix_of_its_record_goes_on_the_same(
    book: FlowBook, script: list[KeyPressed | str], cut: int
) -> None:
    call = random_call(book, script)
    rows = as_rows(call)
    header = Call("c1", "channel", "1500200", None, book.version, NINE_ON_MONDAY)
    live = CallSession(book, "c1", "1500200")
    for row in rows[:cut]:
        live.handle(from_row(row), row.at)
    rebuilt = replay(book, header, rows[:cut])
    assert rebuilt.outstanding() == live.outstanding()
    assert (rebuilt.step, rebuilt.facts, rebuilt.language, rebuilt.keys) == (
        live.step,
        live.facts,
        live.language,
        live.keys,
    )
    for row in rows[cut:]:
        event = from_row(row)
        assert rebuilt.handle(event, row.at) == live.handle(event, row.at)
    assert rebuilt.outstanding() == call.session.outstanding()


def test_outcomes_among_the_rows_do_not_disturb_the_replay(book: FlowBook) -> None:
    call = Caller(book).calls().hears("welcome_morning").presses("12")
    rows: list[CallEvent] = []
    session = CallSession(book, "c1", "1500200")
    for event, at in call.inputs:
        kind, data, secret = to_row(event)
        rows.append(CallEvent("c1", len(rows) + 1, at, kind, data, secret))
        for command in session.handle(event, at):
            if isinstance(command, Record):
                rows.append(CallEvent("c1", len(rows) + 1, at, command.kind, command.data, command.secret))
    header = Call("c1", "channel", "1500200", None, book.version, NINE_ON_MONDAY)
    assert replay(book, header, rows).outstanding() == call.session.outstanding()


def test_keys_and_facts_are_sealed_in_the_record(book: FlowBook) -> None:
    call = Caller(book).calls().hears("welcome_morning").presses(f"11{NPWP}1")
    for event, _ in call.inputs:
        _, data, secret = to_row(event)
        assert "3456" not in " ".join(data.values())
        if isinstance(event, KeyPressed):
            assert data == {} and secret == {"key": event.key}
    assert isinstance(call.inputs[0][0], CallStarted)
    assert call.now - NINE_ON_MONDAY < timedelta(minutes=1)
