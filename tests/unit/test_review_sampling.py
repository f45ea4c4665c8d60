"""Sampling: periods, chance that repeats itself, the table of a task's states."""

from datetime import date

from recording.quality.sampling import Candidate, Every, Plan, Why, before, draw, period_of
from recording.quality.sampling_rules import load_task_rules
from recording.quality.sampling_tasks import TASK
from recording.quality.sampling_text import from_text, to_text


def candidates(agents: int = 5, each: int = 20) -> list[Candidate]:
    return [Candidate(a * 1000 + n, f"10{a:02}", 60 + n) for a in range(agents) for n in range(each)]


def test_the_table_of_a_tasks_states_is_whole() -> None:
    assert list(TASK.faults()) == []


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    plan = Plan("Acak", each=3)
    found = candidates()
    drawn = draw(found, plan, "one")
    assert drawn == draw(reversed(found), plan, "one")
    assert drawn != draw(found, plan, "two")
    assert [sum(one.agent == f"10{a:02}" for one in drawn) for a in range(5)] == [3] * 5


def test_every_recording_is_as_likely_as_any_other() -> None:
    found = candidates(agents=1, each=10)
    times = dict.fromkeys((one.place for one in found), 0)
    for seed in range(2000):
        for one in draw(found, Plan("Acak", each=2), str(seed)):
            times[one.place] += 1
    # 400 each are expected, with a standard deviation of 18.
    assert all(310 < count < 490 for count in times.values()), times


def test_a_limit_in_all_leaves_nobody_out_for_others() -> None:
    drawn = draw(candidates(), Plan("Acak", each=3, most=7), "one")
    per_agent = [sum(one.agent == f"10{a:02}" for one in drawn) for a in range(5)]
    assert len(drawn) == 7 and sorted(per_agent) == [1, 1, 1, 2, 2]


def test_the_longest_are_taken_of_each_or_of_all() -> None:
    of_each = draw(candidates(2), Plan("Lama", Why.LONGEST, each=2), "one")
    assert [one.seconds for one in of_each] == [78, 79, 78, 79]
    of_all = draw([*candidates(2), Candidate(5, "1009", 999)], Plan("Lama", Why.LONGEST, each=0, most=3), "s")
    assert sorted(one.seconds for one in of_all) == [79, 79, 999]


def test_periods_meet_without_gap() -> None:
    assert period_of(Every.WEEK, date(2026, 1, 1)).name == "2026-W01"
    assert period_of(Every.WEEK, date(2026, 1, 1)).first == date(2025, 12, 29)
    assert period_of(Every.BATCH, date(2026, 2, 16)) == period_of(Every.BATCH, date(2026, 2, 28))
    for every in Every:
        day = date(2026, 3, 1)
        now, last = period_of(every, day), before(every, day)
        assert (now.first - last.last).days == 1 and now.first <= day <= now.last
    assert before(Every.BATCH, date(2026, 3, 3)).name == "2026-02-b"
    assert before(Every.MONTH, date(2026, 3, 31)).last == date(2026, 2, 28)


def test_a_plan_is_read_as_it_was_written() -> None:
    plan = Plan("Pengaduan", Why.COMPLAINTS, Every.DAY, 0, 10, 3, {"teams": "utara"})
    assert from_text(to_text(plan)) == plan


def test_the_shipped_rules_are_whole() -> None:
    rules = load_task_rules()
    assert rules.assumed and rules.claim_hours > 0
    assert set(rules.reasons("id")) == {*rules.give_back, *rules.skip}
