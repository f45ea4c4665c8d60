"""The wallboard's counts of today are those that the roll-up makes of the same rows, whatever happens."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.skills import office_day
from domain.floor_log import EntryRow
from reporting.counting import count
from reporting.facts import DayFacts, EntryFact, to_ms
from reporting.rollup import Key
from reporting.wall_counts import LiveDay
from tests.laws import asks
from tests.nowhere import Nowhere

TEN = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MONDAY = office_day(TEN)
OUTCOMES = ("answered", "caller_hung_up", "callback", "limit", "closed", "lost", "transferred", "returned")
NAMES = ("incoming", "answered", "in_time", "abandoned", "abandoned_in_time", "called_back", "not_served")


class Counting:
    """A `reporting.counting_tally.Tally` of single calls, by queue and name."""

    def __init__(self) -> None:
        self.found: Counter[tuple[str, str]] = Counter()

    def one(self, at: int, key: Key, name: str, call_id: str = "", outcome: str = "") -> None:
        self.found[key.queue, name] += 1

    def many(self, at: int, key: Key, name: str, amount: int, call_id: str = "") -> None: ...
    def span(self, ended: int, ms: int, key: Key, name: str, call_id: str = "") -> None: ...
    def of_day(self, key: Key, counts: object) -> None: ...


@st.composite
def stays(draw: st.DrawFn) -> list[EntryRow]:
    """Draw what some calls went through: entries and exits in turn, the last one perhaps still open."""
    rows: list[EntryRow] = []
    for call in range(draw(st.integers(1, 5))):
        at = TEN + timedelta(seconds=draw(st.integers(0, 100)))
        for _ in range(draw(st.integers(1, 4))):
            queue, since = draw(st.sampled_from(("efin", "token"))), at
            rows.append(EntryRow(f"c{call}", at, queue, "id", since))
            at += timedelta(milliseconds=draw(st.sampled_from((0, 19_999, 20_000, 20_001, 90_000))))
            if draw(st.booleans()) and draw(st.booleans()):
                break  # it still waits
            outcome = draw(st.sampled_from(OUTCOMES))
            rows.append(EntryRow(f"c{call}", at, queue, "id", since, outcome))
            at += timedelta(seconds=draw(st.integers(0, 30)))
    return sorted(rows, key=lambda row: row.at)


@settings(max_examples=asks(150), deadline=None)
@given(stays())
def test_the_same_rows_give_the_same_counts(rows: list[EntryRow]) -> None:
    live, tally = LiveDay(MONDAY, 20), Counting()
    for row in rows:
        live.take(row)
    entries = [
        EntryFact(to_ms(row.at), row.call_id, row.queue, to_ms(row.since), row.outcome) for row in rows
    ]
    count(DayFacts(MONDAY, entries=entries), Nowhere(), 20, tally)
    for queue in ("efin", "token"):
        counts = live.today(queue)
        assert {name: getattr(counts, name) for name in NAMES} == {
            name: tally.found[queue, name] for name in NAMES
        }
