"""What the bench `pages` makes of the record and of what the pages saw."""

from bench.pages import card_delays, event_delays

CALL = "c" * 32


def test_each_change_is_timed_to_the_first_event_that_shows_it() -> None:
    rows = [(10.0, "offered"), (12.0, "joining"), (12.02, "talking"), (20.0, "wrap_up")]
    states = [(9.9, "idle", ""), (10.06, "offered", CALL), (12.1, "talking", CALL)]
    delays, missing = event_delays(rows, states)
    assert [round(delay, 3) for delay in delays] == [0.06, 0.08]
    assert missing == 1, "the wrap-up was never told; joining was over before it could be"


def test_an_event_of_an_earlier_time_is_none_of_a_later_change() -> None:
    delays, missing = event_delays([(10.0, "idle"), (15.0, "offered")], [(10.1, "idle", "")])
    assert (len(delays), missing) == (1, 1)
    assert event_delays([], [(10.1, "idle", "")]) == ([], 0)
    assert (
        event_delays([(1.0, "offered"), (1.1, "idle")], [(1.2, "idle", ""), (60.0, "offered", CALL)])[1] == 0
    )
    assert (
        event_delays([(1.0, "offered"), (3.0, "idle")], [(3.1, "idle", ""), (60.0, "offered", CALL)])[1] == 1
    )


def test_a_card_is_timed_from_the_last_offer_before_it_was_asked_for() -> None:
    rows = [(5.0, "offered"), (10.0, "offered"), (11.0, "joining"), (30.0, "offered")]
    assert [round(delay, 3) for delay in card_delays(rows, [(CALL, 10.05, 10.2, 200)])] == [0.2]
    assert card_delays(rows, [(CALL, 1.0, 1.1, 200)]) == []
