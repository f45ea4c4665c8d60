"""What the flow engine alone costs: starting a call, a menu key, a digit of an NPWP."""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Report, at_most
from call_flows.book import SHIPPED, FlowBook, load_folder
from call_flows.events import CallStarted, FlowEvent, KeyPressed, LookedUp, PlaybackEnded
from call_flows.known import Known
from call_flows.session import CallSession
from prompts.library import Library

# 500 calls a second start, each with a handful of keys: at this price a tenth of a core.
START_BOUND = 200.0
KEY_BOUND = 50.0

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CALL = "0" * 32
OPENING: Sequence[FlowEvent] = (
    CallStarted("1500200"),
    LookedUp("r1", "morning"),
    PlaybackEnded(f"{CALL}-p1"),
    LookedUp("r2", "open"),
)


def run(report: Report) -> None:
    """Measure in rounds and print the median of each."""
    book = load_folder(SHIPPED, Known.of(Library.load(Path(__file__).parents[1] / "prompts")))
    calls, rounds = (500, 3) if report.short else (3000, 7)
    starts = _rounds(rounds, lambda: _microseconds(calls, book, (), OPENING))
    keys = _rounds(rounds, lambda: _microseconds(calls, book, OPENING, [KeyPressed("1")]))
    entry = (*OPENING, KeyPressed("1"), LookedUp("r3", "nobody"), KeyPressed("1"), KeyPressed("3"))
    digits = _rounds(rounds, lambda: _microseconds(calls, book, entry, [KeyPressed("1")]))
    report.add(at_most("flow_engine.start_to_language_menu", starts, START_BOUND, "µs"))
    report.add(at_most("flow_engine.menu_key", keys, KEY_BOUND, "µs"))
    report.add(at_most("flow_engine.digit", digits, KEY_BOUND, "µs"))


def _rounds(rounds: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(rounds))


def _microseconds(
    calls: int, book: FlowBook, before: Sequence[FlowEvent], events: Sequence[FlowEvent]
) -> float:
    """Return the time per call of handling `events`, after `before` has been handled."""
    sessions = [CallSession(book, CALL, "1500200") for _ in range(calls)]
    for session in sessions:
        for event in before:
            session.handle(event, NOW)
    began = time.perf_counter()
    for session in sessions:
        for event in events:
            session.handle(event, NOW)
    return (time.perf_counter() - began) / calls * 1e6
