import asyncio

import pytest

from service import tree
from service.tree import Loop, LoopLag, Part, ServiceTree, StartFailed


class _Recorder(Part):
    def __init__(self, name: str, told: list[str], fails: bool = False, hangs: bool = False) -> None:
        self.name = name
        self.told = told
        self.fails = fails
        self.hangs = hangs
        self.wrong: str | None = None

    async def begin(self) -> None:
        self.told.append(f"+{self.name}")
        if self.fails:
            raise StartFailed(f"{self.name}: no")

    async def end(self) -> None:
        self.told.append(f"-{self.name}")
        if self.hangs:
            await asyncio.sleep(60)

    def trouble(self) -> str | None:
        return self.wrong


async def test_parts_start_in_order_and_stop_in_the_opposite_order() -> None:
    told: list[str] = []
    service = ServiceTree()
    first, second = _Recorder("asterisk", told), _Recorder("ari", told)
    service.add(first)
    service.add(second)
    assert service.troubles() == ["the service is stopping"]
    await service.begin()
    assert service.troubles() == []
    second.wrong = "ari: not connected"
    assert service.troubles() == ["ari: not connected"]
    await tree.as_awaitable(service.stopService())
    assert told == ["+asterisk", "+ari", "-ari", "-asterisk"]


async def test_a_failed_start_stops_what_had_started() -> None:
    told: list[str] = []
    service = ServiceTree()
    for part in (_Recorder("one", told), _Recorder("two", told, fails=True), _Recorder("three", told)):
        service.add(part)
    with pytest.raises(StartFailed, match="two: no"):
        await service.begin()
    assert told == ["+one", "+two", "-two", "-one"]


async def test_a_part_that_hangs_does_not_keep_the_others_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "STOP_WITHIN", 0.05)
    told: list[str] = []
    service = ServiceTree()
    service.add(_Recorder("asterisk", told))
    service.add(_Recorder("web", told, hangs=True))
    await service.begin()
    await service.end()
    assert told[-1] == "-asterisk"


async def test_a_loop_survives_an_error() -> None:
    rounds: list[int] = []
    again = asyncio.Event()

    async def work() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("disk")
        again.set()

    part = Loop("flows", 0.005, work)
    await part.begin()
    async with asyncio.timeout(10):
        await again.wait()
    await part.end()
    count = len(rounds)
    await asyncio.sleep(0.02)
    assert len(rounds) == count


async def test_a_blocked_loop_is_measured() -> None:
    import time

    late: list[float] = []
    part = LoopLag(late.append)
    part.EVERY = 0.02
    await part.begin()
    await asyncio.sleep(0.05)
    time.sleep(0.1)  # noqa: ASYNC251 - the fault that is to be seen
    await asyncio.sleep(0.05)
    await part.end()
    assert max(late) >= 0.07
