"""Levels of room, their alarms, and what is no longer begun."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from domain.clock import SystemClock
from recording.disk import DiskWatch, Level, Space, level
from recording.policies import Policy, shipped_policies
from recording.recordings import AlarmKind, Mode
from storage.recording_alarms import MemoryAlarms


class Said:
    """A file system that says what it is told to."""

    def __init__(self, **percent: float) -> None:
        self.percent = percent
        self.device = {name: number for number, name in enumerate(percent)}

    def space(self, path: Path) -> Space:
        if path.name not in self.percent:
            raise FileNotFoundError(path)
        return Space(int(self.percent[path.name] * 1000), 100_000, self.device[path.name])


@pytest.mark.parametrize(
    ("percent", "before", "now"),
    [
        (50, Level.ENOUGH, Level.ENOUGH),
        (15.1, Level.ENOUGH, Level.ENOUGH),
        (15, Level.ENOUGH, Level.LOW),
        (15.9, Level.LOW, Level.LOW),
        (16.1, Level.LOW, Level.ENOUGH),
        (8, Level.LOW, Level.SHORT),
        (8.5, Level.LOW, Level.LOW),
        (8.5, Level.SHORT, Level.SHORT),
        (9.1, Level.SHORT, Level.LOW),
        (3, Level.ENOUGH, Level.CRITICAL),
        (3.5, Level.CRITICAL, Level.CRITICAL),
        (4.1, Level.CRITICAL, Level.SHORT),
        (90, Level.CRITICAL, Level.ENOUGH),
        (0, Level.ENOUGH, Level.CRITICAL),
    ],
)
def test_a_level_is_left_only_when_there_is_clearly_more(percent: float, before: Level, now: Level) -> None:
    assert level(percent, before) is now


def test_each_level_is_one_alarm_and_over_when_it_is_left() -> None:
    room = Said(spool=50, store=50)
    alarms = MemoryAlarms(SystemClock())
    watch = DiskWatch({name: Path("/") / name for name in ("spool", "store", "gone")}, room, alarms)

    async def seen(**percent: float) -> list[str]:
        room.percent.update(percent)
        for _ in range(2):
            await watch.look()
        found = await alarms.open()
        assert all(one.kind is AlarmKind.DISK for one in found)
        return sorted(one.detail for one in found)

    async def story() -> None:
        assert await seen() == []
        assert await seen(spool=14) == ["spool:low"]
        assert await seen(store=2, spool=7) == ["spool:short", "store:critical"]
        assert watch.worst is Level.CRITICAL
        assert await seen(spool=40) == ["store:critical"]
        assert await seen(store=40) == []
        assert not watch.worst

    asyncio.run(story())


def test_places_on_one_file_system_are_one_alarm() -> None:
    room = Said(spool=5, store=5)
    room.device["store"] = room.device["spool"]
    alarms = MemoryAlarms(SystemClock())
    watch = DiskWatch({name: Path("/") / name for name in ("spool", "store")}, room, alarms)
    asyncio.run(watch.look())
    assert [one.detail for one in alarms.all] == ["spool:short"]
    assert [place.names for place in watch.places] == [("spool", "store")]


def test_an_alarm_of_a_process_before_is_over_when_room_is_back() -> None:
    alarms = MemoryAlarms(SystemClock())

    async def story() -> None:
        await alarms.raise_alarm(AlarmKind.DISK, "", "spool:critical")
        await DiskWatch({"spool": Path("/spool")}, Said(spool=50), alarms).look()
        assert await alarms.open() == []

    asyncio.run(story())


@pytest.mark.parametrize(("percent", "narrow"), [(50, False), (14, False), (8, True), (2, True)])
def test_where_room_is_short_what_need_not_be_is_not_begun(percent: float, narrow: bool) -> None:
    watch = DiskWatch({"spool": Path("/spool")}, Said(spool=percent), MemoryAlarms(SystemClock()))
    asyncio.run(watch.look())
    shipped = shipped_policies().at(SystemClock().now())
    rows = {
        "all": Policy(Mode.ALWAYS),
        "some": Policy(Mode.SAMPLE, 10),
        "asked": Policy(Mode.ON_DEMAND),
        "none": Policy(Mode.NEVER),
    }
    before = msgspec.structs.replace(shipped, queues=rows, kinds=rows, campaigns=rows, outbound=rows["some"])
    after = watch.narrowed(before)
    cut = {name: Mode.NEVER if narrow else rows[name].mode for name in ("some", "asked")}
    for found in (after.queues, after.kinds, after.campaigns):
        modes = {name: row.mode for name, row in found.items()}
        assert modes == {"all": Mode.ALWAYS, "none": Mode.NEVER} | cut
    assert after.outbound.mode is cut["some"]
    assert after.inbound.mode is Mode.ALWAYS
