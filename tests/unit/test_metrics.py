import asyncio
import timeit

import pytest

from domain.calls import EndReason
from service.metrics import Metrics


def test_what_happens_to_calls_is_counted() -> None:
    metrics = Metrics()
    metrics.call_started()
    metrics.recovered(2)
    metrics.prompt_played("welcome", "id")
    metrics.prompt_played("welcome", "id")
    metrics.key_pressed()
    metrics.looked_up("npwp", "found", 0.02)
    metrics.queued("efin")
    metrics.record_failed()
    metrics.call_ended(EndReason.COMPLETED, 42.0)
    assert metrics.calls_in_progress() == 2
    page = metrics.page().decode()
    for line in (
        "kring_calls_in_progress 2.0",
        'kring_calls_ended_total{reason="completed"} 1.0',
        'kring_calls_ended_total{reason="lost"} 0.0',
        'kring_prompts_total{language="id",prompt="welcome"} 2.0',
        "kring_keys_total 1.0",
        'kring_look_ups_total{answer="found",look_up="npwp"} 1.0',
        'kring_queued_total{queue="efin"} 1.0',
        "kring_record_failures_total 1.0",
        'kring_call_seconds_bucket{le="60.0"} 1.0',
        "kring_calls_recovered_total 2.0",
    ):
        assert line in page


def test_two_sets_of_metrics_never_mix() -> None:
    one, two = Metrics(), Metrics()
    one.call_started()
    assert two.calls_in_progress() == 0


@pytest.mark.parametrize(
    "statement",
    ["m.key_pressed()", "m.prompt_played('welcome', 'id')", "m.call_started()", "m.committed(0.003)"],
)
def test_counting_is_cheap_on_a_calls_path(statement: str) -> None:
    metrics, runs = Metrics(), 5_000
    best = min(timeit.repeat(statement, globals={"m": metrics}, number=runs, repeat=5)) / runs
    # 2 µs is what a call's path may spend on this machine when it is idle; a busy one is slower, and
    # a child that is made anew each time costs ten times as much.
    assert best < 10e-6


async def test_the_tasks_of_the_loop_are_counted() -> None:
    metrics = Metrics()
    waiting = [asyncio.create_task(asyncio.sleep(60)) for _ in range(3)]
    here = metrics.registry.get_sample_value("kring_tasks")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert here is not None
    assert metrics.registry.get_sample_value("kring_tasks") == here - 3
