"""The accounting of the bench of recording: what phones said, what was received, what is in the files."""

import numpy as np
import pytest

from bench.recording_accounts import Account, Fit, Span, apart, clicks, missed, tally
from bench.recording_talks import CLICK_EVERY, Count
from recording.recordings import RATE


def count(at: float, sent: int, received: int | None = None, *, cut: bool = False) -> Count:
    got = sent if received is None else received
    return Count(at, (sent, sent), (got, got), cut)


def account(end: Count, files: tuple[float, float] = (10_000.0, 10_000.0)) -> Account:
    last = Count(end.at + 0.1, (end.sent[0] + 5,) * 2, (end.received[0] + 5,) * 2, end.cut)
    return Account(Span(count(0.0, 0), count(0.1, 5), end, last), files)


def test_files_are_held_against_what_was_received_between_and_around_the_orders() -> None:
    end = count(10.1, 505)
    assert account(end).fit is Fit.FED
    assert account(end).error == 0.0
    assert account(end, (10_200.0, 10_100.0)).error == 0.0  # the orders take time
    assert account(end, (10_000.0, 9_700.0)).error == 300.0
    assert account(end, (10_500.0, 10_000.0)).error == 300.0


@pytest.mark.parametrize(
    ("end", "fit"),
    [
        (count(10.1, 500), Fit.FED),
        (count(10.1, 400), Fit.STARVED),
        (count(10.1, 505, 480), Fit.DROPPED),
        (count(10.1, 505, 100, cut=True), Fit.CUT),
    ],
)
def test_what_is_not_the_recorders_fault_is_told_apart(end: Count, fit: Fit) -> None:
    assert account(end).fit is fit


def test_what_was_not_fit_is_told() -> None:
    accounts = [account(count(10.1, 505)), account(count(10.1, 400)), account(count(10.1, 400))]
    assert tally(accounts) == "1 of 3 conversations fit, 2 starved"


def sound(places: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    made = np.full(RATE * 10, 8, dtype=np.int16)
    for place in places:
        made[place : place + 160] = 8000
    return made


def test_clicks_tell_how_far_sides_are_apart_and_which_are_missing() -> None:
    every = CLICK_EVERY * 160
    caller = sound([800, 800 + every, 800 + 2 * every])
    agent = sound([960, 640 + every])
    assert clicks(caller).tolist() == [800, 800 + every, 800 + 2 * every]
    assert apart(caller, agent) == [20.0, -20.0]
    assert missed(caller) == 0
    assert missed(sound([800, 800 + 2 * every])) == 1
    with pytest.raises(ValueError, match="no clicks"):
        apart(caller, sound([]))
