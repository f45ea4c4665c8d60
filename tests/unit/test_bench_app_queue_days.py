from collections.abc import Callable

import pytest

from bench.app_queue_days import book_of, compare, play
from bench.app_queue_virtual import Hall, OurHall, PeerHall
from bench.figures import Report
from bench.swarm_day import LINES, Colleague, Day, Visit, draw

EFIN = LINES[0]  # tier B; from 2 s on C too, from 4 s on A

Make = Callable[[Day], Hall]
HALLS: dict[str, Make] = {
    "ours": lambda day: OurHall(day, 1, book_of(day)),
    "peer": lambda day: PeerHall(day, 1),
}
both = pytest.mark.parametrize("make", HALLS.values(), ids=HALLS)


def a_day(tiers: str, *visits: tuple[float, float, float]) -> Day:
    """Return a day of calls for EFIN: seconds at which they come, of patience, of talk; an agent a tier."""
    staff = tuple(Colleague(place, f"7{place:04d}", {EFIN.skill: tier}) for place, tier in enumerate(tiers))
    calls = tuple(
        Visit(place, at, EFIN, patience, talk, agent_ends=True)
        for place, (at, patience, talk) in enumerate(visits)
    )
    return Day(60.0, LINES, staff, calls)


@both
@pytest.mark.parametrize(("tier", "after"), [("B", 0.0), ("C", 2.0), ("A", 4.0)])
def test_a_ring_opens_at_its_time_in_either_hall(make: Make, tier: str, after: float) -> None:
    hall = make(a_day(tier, (5.3, 30.0, 6.0)))

    found = hall.run()

    assert after <= hall.phones[0].offers[0].at - hall.contacts[0].waits_since < after + 0.05
    assert (found.calls, found.served, found.right_tier) == (1, 1, 1.0 if tier == "B" else 0.0)


@both
def test_who_is_needed_in_the_narrowest_ring_is_rung_before_others(make: Make) -> None:
    hall = make(a_day("CAB", (5.0, 30.0, 6.0), (6.0, 30.0, 6.0)))

    hall.run()

    assert [contact.agent for contact in hall.contacts] == [2, 0]


def test_a_waiting_call_gets_a_freed_agent_at_once_from_us_and_at_its_next_look_from_app_queue() -> None:
    day = a_day("B", (0.0, 30.0, 6.0), (4.0, 30.0, 6.0))
    after = {}
    for name, make in HALLS.items():
        hall = make(day)
        hall.run()
        second = hall.phones[0].offers[1]
        after[name] = second.at - second.free_since
        waited = second.at - hall.contacts[1].waits_since
        assert name == "ours" or waited == pytest.approx(round(waited), abs=0.03)

    assert after["ours"] == pytest.approx(OurHall.INVITE)
    assert 0.3 < after["peer"] < 1.0


@both
def test_who_gives_up_while_a_phone_rings_leaves_its_agent_to_the_next(make: Make) -> None:
    hall = make(a_day("B", (0.0, 0.04, 6.0), (2.0, 30.0, 6.0)))

    found = hall.run()

    assert (found.impatient, found.served) == (1, 1)
    assert [offer.call for offer in hall.phones[0].offers] == [1]


def test_every_call_of_a_drawn_day_ends_in_one_way_and_alike_every_time() -> None:
    day = draw(60, 20, 0.8, seed=3)

    ours, theirs = play(day, 3)

    for arm in (ours, theirs):
        assert arm.calls == len(day.visits) == arm.served + arm.impatient
        assert (arm.lost, arm.one_way, arm.busy_offers) == (0, 0, 0)
    assert (ours, theirs) == play(day, 3)
    assert ours.rings_late < 0.01


def test_columns_are_compared_by_their_means_and_counted_by_the_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    days = [play(draw(60, 20, 0.8, seed), seed) for seed in (1, 2)]
    report = Report()

    compare(
        report, "x", [(ours, theirs) for ours, theirs in days] + [(theirs, ours) for ours, theirs in days]
    )

    figures = {figure.figure: figure for figure in report.figures}
    assert set(figures) == {
        f"x.{column}"
        for column in (
            "service_level", "mean_wait", "p95_wait", "worst_wait", "occupancy", "right_tier", "impatient",
        )
    }  # fmt: skip
    wait = figures["x.mean_wait"]
    assert wait.ours == pytest.approx(wait.peer)
    assert "better or equal on 2 of them" in wait.note
    assert capsys.readouterr().out.count("\n") == 7
