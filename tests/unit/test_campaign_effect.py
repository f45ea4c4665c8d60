"""The effect of calls: rule, intervals, and a small case worked out by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.effect import Begun, Deeds, EffectRow, Group, Span, difference, effect_of, wilson

DAY = date(2026, 3, 2)
SPAN = Span(14, date(2026, 3, 31))  # whoever begins up to 17 March has had their days
NOBODY = Group({}, {})


def begun(after: int = 0, version: int = 1, hour: int = 9, attempt: int = 1) -> Begun:
    return Begun(DAY + timedelta(days=after), version, hour, attempt)


def deeds(one: Begun, *after: int) -> Deeds:
    """Somebody who filed so many days after their count began."""
    return Deeds(one, [one.day + timedelta(days=days) for days in after])


def test_intervals_as_in_newcombe() -> None:
    """56 of 70 against 48 of 80: table II, case (a), method 10 of the paper gives 0.0524 to 0.3339.

    Wilson, z = 1.95996, z^2 = 3.84146. Of 56/70 = 0.8: z^2/n = 0.054878, centre 0.8 + 0.027439 = 0.827439,
    half sqrt(0.16 x 0.054878 + 0.054878^2 / 4) = 0.097639; over 1.054878: 0.69183 to 0.87695.
    Of 48/80 = 0.6: z^2/n = 0.048018, centre 0.624009, half sqrt(0.24 x 0.048018 + 0.048018^2 / 4) = 0.110003;
    over 1.048018: 0.49045 to 0.70038.
    Difference 0.2: low 0.2 - sqrt((0.8 - 0.69183)^2 + (0.70038 - 0.6)^2) = 0.2 - 0.14757 = 0.05243;
    high 0.2 + sqrt((0.87695 - 0.8)^2 + (0.6 - 0.49045)^2) = 0.2 + 0.13387 = 0.33387.
    """
    assert wilson(56, 70) == pytest.approx((0.69183, 0.87695), abs=2e-5)
    assert wilson(48, 80) == pytest.approx((0.49045, 0.70038), abs=2e-5)
    found = difference(EffectRow("a", 70, 56), EffectRow("b", 80, 48))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.05243, 0.33387), abs=2e-5)


def test_the_effect_of_a_small_campaign_worked_out_by_hand() -> None:
    """Seven people reached, five not called; 14 days; the feed tells up to 31 March.

    Reached:
    A  2 March, 09.00, first script, attempt 1   filed on day 3                    solved
    B  2 March, 09.00, first script, attempt 1   filed on the same day             solved
    C  2 March, 10.00, first script, attempt 2   filed on day 14, the last         solved
    D  3 March, 10.00, second script, attempt 1  filed on day 15, a day late       not solved
    E  3 March, 10.00, second script, attempt 1  never                             not solved
    F  3 March, 10.00, second script, attempt 1  filed on 1 March, before          left out
    G  18 March, 09.00, second script, attempt 1 their days end on 1 April         left out
    Five count, three solved: 3/5. First script 3/3, second 0/2;
    9.00: 2/2, 10.00: 1/3; attempt 1: 2/4, attempt 2: 1/1.
    Not called, all from 2 March: one filed on day 5, one before: 1/4. Difference 0.6 - 0.25 = 0.35.
    """
    a = begun()
    c, d, g = begun(hour=10, attempt=2), begun(1, version=2, hour=10), begun(16, version=2)
    called = SPAN.group(
        {a: 2, c: 1, d: 3, g: 1},
        [deeds(a, 3), deeds(a, 0), deeds(c, 14), deeds(d, 15), deeds(d, -2, 4), deeds(g, 2)],
    )
    quiet = Begun(DAY)
    control = SPAN.group({quiet: 5}, [deeds(quiet, 5), deeds(quiet, -1)])
    effect = effect_of(SPAN, called, called, control, {1: "non_filer", 2: "outbound"})
    assert (effect.called.people, effect.called.solved) == (5, 3)
    assert (effect.control.people, effect.control.solved) == (4, 1)
    assert effect.difference == pytest.approx(0.35)
    assert [(row.group, row.solved, row.people) for row in effect.by_script] == [
        ("non_filer", 3, 3), ("outbound", 0, 2),
    ]  # fmt: skip
    assert [(row.group, row.solved, row.people) for row in effect.by_hour] == [("9", 2, 2), ("10", 1, 3)]
    assert [(row.group, row.solved, row.people) for row in effect.by_attempt] == [("1", 2, 4), ("2", 1, 1)]
    # Wilson of 3/5: z^2/n = 0.768292, centre 0.984146, half sqrt(0.331958) = 0.576158,
    # over 1.768292: 0.23072 to 0.88238.
    assert (effect.called.low, effect.called.high) == pytest.approx((0.23072, 0.88238), abs=2e-5)
    assert effect.low is not None and effect.low < 0 < (effect.high or 0), "five against four prove nothing"
    assert effect.fresh_until == date(2026, 3, 31)


def test_nobody_has_no_share_and_no_difference() -> None:
    some = SPAN.group({begun(): 3}, [deeds(begun(), 1)])
    effect = effect_of(SPAN, some, some, NOBODY, {1: "outbound"})
    assert (effect.control.people, effect.control.low, effect.control.high, effect.control.share) == (
        0, None, None, None,
    )  # fmt: skip
    assert (effect.difference, effect.low, effect.high, effect.of_dialled) == (None, None, None, None)
    assert effect.called.share == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="no share"):
        wilson(0, 0)


def test_groups_whose_people_are_all_left_out_are_not_shown() -> None:
    one, other = begun(hour=9), begun(hour=10)
    found = SPAN.group({one: 1, other: 1}, [deeds(one, -1)])
    effect = effect_of(SPAN, found, found, NOBODY, {})
    assert [row.group for row in effect.by_hour] == ["10"]


def test_days_that_are_not_over_say_nothing_yet() -> None:
    early = Span(14, DAY + timedelta(days=13))
    assert early.group({begun(): 9}, [deeds(begun(), 1)]) == NOBODY
    assert Span(14, DAY + timedelta(days=14)).group({begun(): 9}, []).people == {begun(): 9}
    ends = [(SPAN.is_over(begun(after)), begun(after).day < SPAN.last_end.date()) for after in range(12, 19)]
    assert ends == [(True, True)] * 4 + [(False, False)] * 3


@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(1, 2000), st.integers(0, 2000))
def test_intervals_hold_their_shares(people: int, solved: int, others: int, theirs: int) -> None:
    solved, theirs = min(solved, people), min(theirs, others)
    low, high = wilson(solved, people)
    assert 0.0 <= low <= solved / people <= high <= 1.0
    one, other = EffectRow("a", people, solved), EffectRow("b", others, theirs)
    found, turned = difference(one, other), difference(other, one)
    assert found is not None and turned is not None
    assert -1.0 - 1e-9 <= found.low <= found.value <= found.high <= 1.0 + 1e-9
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))
