import asyncio

import pytest

from service import admission
from service.admission import AdmissionPart, Throttle


def test_a_healthy_machine_takes_all_it_may() -> None:
    throttle = Throttle(most=500)
    assert [throttle.look(0.005, inside) for inside in (0, 100, 399, 499)] == [100, 200, 499, 500]


def test_delay_lowers_the_limit_below_what_is_inside_and_health_raises_it_slowly() -> None:
    throttle = Throttle(most=500, patience=1)
    assert throttle.look(0.2, inside=200) == 170
    assert throttle.look(0.2, inside=170) == 144
    raised = throttle.look(0.01, inside=140)
    assert 144 < raised <= 160
    for _ in range(60):
        throttle.look(0.01, inside=140)
    assert throttle.limit == 500


def test_one_hiccup_is_not_overload() -> None:
    throttle = Throttle(most=500)
    others_turn = [0.5] * (throttle.patience - 1)
    looks = [*others_turn, 0.01, *others_turn]
    assert [throttle.look(delay, inside=100) for delay in looks] == [200] * len(looks)
    assert throttle.look(0.5, inside=100) == 85


def test_the_line_is_never_closed_by_load() -> None:
    throttle = Throttle(most=500)
    for _ in range(100):
        throttle.look(5.0, inside=3)
    assert throttle.limit == 25
    assert Throttle(most=4, patience=1).look(5.0, inside=0) == 4


async def test_the_dialplan_is_told_changes_only_and_again_after_a_lost_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "EVERY", 0.002)
    told: list[int] = []
    up = True

    async def ping() -> None:
        if not up:
            raise ConnectionError("lost")

    async def tell(limit: int) -> None:
        told.append(limit)

    part = AdmissionPart(Throttle(most=50), inside=lambda: 0, ping=ping, tell=tell, observe=lambda _: None)
    await part.begin()
    await asyncio.sleep(0.05)
    assert told == [50]
    up = False
    await asyncio.sleep(0.05)
    up = True
    await asyncio.sleep(0.05)
    assert told == [50, 50]
    await part.close()
    assert told == [50, 50, 0]
    await part.end()
