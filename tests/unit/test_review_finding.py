"""A search as words: read, refused with its field, written again; places are times."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recording.quality.finding import Search, Span
from recording.quality.finding_places import day_begins, day_ends, place_of, time_of
from recording.quality.finding_text import FIELDS, SearchRefused, read, write


def test_a_search_is_read_as_it_was_written() -> None:
    search = Search(
        date(2026, 1, 2), date(2026, 1, 31), ["1001", "1002"], ["utara"], ["kup/1"], ["kup"], ["spt"],
        ["resolved"], ["c1"], ["informed"], "in", Span(60, 600), Span(30), Span(1), Span(None, 20),
        Span(5, 50), Span(6000, 9050), True, False, True, None, "faktur pajak",
    )  # fmt: skip
    words = write(search)
    again = read(words)
    assert write(again) == words and again.score == search.score and again.audible is None
    assert set(words) <= set(FIELDS)
    assert words["seconds_least"] == "1:00" and words["score_most"] == "90.5"
    assert dict(write(Search())) == {} and read({}) == Search()


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("1:30", 90), ("1:00:00", 3600)])
def test_lengths_are_seconds_or_minutes(value: str, seconds: int) -> None:
    assert read({"hold_least": value}).hold == Span(seconds)


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"colour": "red"}, "colour", "unknown"),
        ({"since": "1.1.2026"}, "since", "not_a_day"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "until", "before_since"),
        ({"direction": "up"}, "direction", "unknown"),
        ({"hold_least": "1:75"}, "hold_least", "not_a_number"),
        ({"hold_least": "x"}, "hold_least", "not_a_number"),
        ({"silence_least": "101"}, "silence_least", "out_of_range"),
        ({"score_least": "90.555"}, "score_least", "not_a_number"),
        ({"score_least": "90", "score_most": "80"}, "score_most", "below_least"),
        ({"agents": "<b>"}, "agents", "unknown"),
        ({"agents": ",".join(map(str, range(60)))}, "agents", "too_many"),
        ({"scored": "maybe"}, "scored", "unknown"),
        ({"words": "x" * 201}, "words", "too_long"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_field(given: dict[str, str], field: str, problem: str) -> None:
    with pytest.raises(SearchRefused) as refused:
        read(given)
    assert (refused.value.field, refused.value.problem) == (field, problem)


def test_places_are_times_and_days_are_the_offices() -> None:
    at = datetime(2026, 3, 4, 17, 0, 0, 1, tzinfo=UTC)
    assert time_of(place_of(at)) == at
    assert time_of(day_begins(date(2026, 3, 5))) == datetime(2026, 3, 4, 17, tzinfo=UTC)
    assert time_of(day_ends(date(2026, 3, 5))) - time_of(day_begins(date(2026, 3, 5))) == timedelta(days=1)
