"""What the manifest, holds, alarms and destruction promise on SQLite and PostgreSQL."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.anchors import AnchorFolder
from recording.keys import RecordingKeys
from recording.manifest import Act, Entry
from recording.ports import RecordingsUnavailable
from recording.recordings import AlarmKind
from recording.sound_store import SoundStore, StoreAway
from recording.states import State
from storage.database import Database
from storage.recording_alarms import DurableAlarms, MemoryAlarms
from storage.recording_destruction import NotDestroyed
from storage.recording_manifest import append_in
from storage.recording_tables import recording_manifest, recording_marks
from tests.storage.keeping_world import AT, KeepingWorld, MovedClock, Refusing

DAY = timedelta(days=1)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> KeepingWorld:
    return KeepingWorld(database, tmp_path)


def test_numbers_have_no_gaps_whatever_is_rolled_back_and_whoever_writes_at_once(world: KeepingWorld) -> None:
    def append(connection: Connection) -> None:
        append_in(connection, Entry("0" * 32, Act.SEALED, AT), world.keys)

    def broken(connection: Connection) -> None:
        append(connection)
        raise ZeroDivisionError

    def many() -> None:
        for _ in range(10):
            world.database.write_now(append)
            with pytest.raises(ZeroDivisionError):
                world.database.write_now(broken)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = asyncio.run(world.manifest.check())
    assert report.sound and (report.rows, report.head.number, report.anchored) == (40, 40, 0)


def test_a_write_is_anchored_before_it_returns(world: KeepingWorld) -> None:
    async def story() -> None:
        for number in (1, 2, 3):
            await world.sealed()
            report = await world.manifest.check()
            assert (report.rows, report.anchored, report.findings) == (number, number, ())

    asyncio.run(story())


def test_what_cannot_be_anchored_is_on_record_and_anchored_later(world: KeepingWorld) -> None:
    async def story() -> None:
        for name in ("anchors", "second"):
            (world.home / name).write_text("in the way of the folder")
        await world.sealed()
        for name in ("anchors", "second"):
            (world.home / name).unlink()
        assert (await world.manifest.check()).anchored == 0
        await world.manifest.anchor()
        assert (await world.manifest.check()).anchored == 1

    asyncio.run(story())


def test_a_hold_keeps_a_recording_until_the_last_reason_is_gone(world: KeepingWorld) -> None:
    async def story() -> None:
        one = await world.sealed()
        for _ in range(2):  # idempotent
            await world.holds.hold(one, "scored", "r1")
        await world.holds.hold(one, "disputed", "a1")
        assert await world.state(one) is State.HELD
        world.clock.move(400 * DAY)
        assert await world.destruction.due() == []
        with pytest.raises(NotDestroyed, match="held: disputed, scored"):
            await world.destruction.destroy(one, "retention", "system")
        await world.holds.release(one, "scored", "r1")
        await world.holds.release(one, "scored", "r1")
        assert await world.state(one) is State.HELD
        assert await world.holds.reasons(one) == {"disputed"}
        await world.holds.release(one, "disputed", "spv")
        assert await world.state(one) is State.SEALED
        steps = [(step.act, step.reason, step.by) for step in await world.holds.trail(one)]
        assert steps == [
            ("hold", "scored", "r1"),
            ("hold", "disputed", "a1"),
            ("release", "scored", "r1"),
            ("release", "disputed", "spv"),
        ]
        acts = [row.act for row in await world.manifest.of(one)]
        assert acts == ["sealed", "held", "held", "released", "released"]
        assert [due.recording_id for due in await world.destruction.due()] == [one]

    asyncio.run(story())


def test_what_is_held_before_it_is_sealed_is_not_destroyed_after(world: KeepingWorld) -> None:
    async def story() -> None:
        one = await world.stopped()
        await world.holds.hold(one, "legal:ND-1", "po")
        assert await world.state(one) is State.STOPPED
        await world.seal(one)
        world.clock.move(400 * DAY)
        assert await world.destruction.due() == []  # by the hold itself, whatever its state says
        with pytest.raises(NotDestroyed, match="held"):
            await world.destruction.destroy(one, "retention", "system")
        assert await world.holds.settle() == 1
        assert await world.state(one) is State.HELD

    asyncio.run(story())


@pytest.mark.parametrize(("reason", "by"), [("", "r1"), ("x" * 65, "r1"), ("scored", ""), ("scored", " ")])
def test_a_hold_needs_a_reason_and_a_name(world: KeepingWorld, reason: str, by: str) -> None:
    async def story() -> None:
        one = await world.sealed()
        with pytest.raises(ValueError, match="a hold's"):
            await world.holds.hold(one, reason, by)
        with pytest.raises(KeyError):
            await world.holds.hold("0" * 32, "scored", "r1")

    asyncio.run(story())


def test_what_is_over_is_destroyed_and_its_rows_stay(world: KeepingWorld) -> None:
    async def story() -> None:
        one = await world.sealed()
        with pytest.raises(NotDestroyed, match="not_due"):
            await world.destruction.destroy(one, "retention", "system")
        assert await world.sound(one) is not None
        world.clock.move(366 * DAY)
        gone = await world.destruction.destroy(one, "retention", "system")
        again = await world.destruction.destroy(one, "retention", "system")
        assert gone == again
        assert (gone.state, gone.wrapped_key, gone.object_key) == (State.DESTROYED, b"", "")
        assert (gone.cause, gone.destroyed_at) == ("retention", world.clock.now())
        assert await world.sound(one) is None
        kept = await world.database.read(
            lambda connection: connection.execute(
                sa.select(sa.func.count()).where(recording_marks.c.recording_id == one)
            ).scalar()
        )
        assert kept == 1
        rows = await world.manifest.of(one)
        assert [(row.act, row.detail) for row in rows][1:] == [("destroyed", "retention system")]
        assert rows[0].digest == rows[1].digest != ""
        assert (await world.manifest.check()).sound

    asyncio.run(story())


def test_outside_the_table_two_people_destroy(world: KeepingWorld) -> None:
    async def story() -> None:
        one = await world.sealed()
        for reason, why in (("person_request", "not_asked"), ("whim", "no_reason")):
            with pytest.raises(NotDestroyed, match=why):
                await world.destruction.destroy(one, reason, "po")
        await world.destruction.ask(one, "person_request", "po")
        await world.destruction.ask(one, "person_request", "po")
        assert [(each.reason, each.by) for each in await world.destruction.asked()] == [
            ("person_request", "po")
        ]
        with pytest.raises(NotDestroyed, match="same_person"):
            await world.destruction.destroy(one, "person_request", "po")
        with pytest.raises(NotDestroyed, match="not_asked"):
            await world.destruction.destroy(one, "court_order", "lead")
        await world.destruction.deny(one, "lead")
        with pytest.raises(NotDestroyed, match="not_asked"):
            await world.destruction.destroy(one, "person_request", "lead")
        await world.destruction.ask(one, "person_request", "po")
        world.clock.move(15 * DAY)  # what was asked long ago is asked again
        with pytest.raises(NotDestroyed, match="not_asked"):
            await world.destruction.destroy(one, "person_request", "lead")
        await world.destruction.ask(one, "person_request", "po")
        gone = await world.destruction.destroy(one, "person_request", "lead")
        assert gone.state is State.DESTROYED
        assert await world.destruction.asked() == []
        assert (await world.manifest.of(one))[-1].detail == "person_request lead po"

    asyncio.run(story())


def test_no_trace_of_the_key_is_left_in_an_sqlite_file(world: KeepingWorld) -> None:
    if not world.database.is_sqlite:
        # PostgreSQL leaves it to VACUUM: what can be shown is that the row has none.
        assert world.database.engine.dialect.name == "postgresql"
        return

    async def story() -> bytes:
        one = await world.sealed()
        wrapped = (await world.book.get(one)).wrapped_key  # type: ignore[union-attr]
        world.clock.move(366 * DAY)
        await world.destruction.destroy(one, "retention", "system")
        return wrapped

    wrapped = asyncio.run(story())
    path = Path(str(world.database.engine.url.database))
    world.database.close()  # folds the log into the file
    assert len(wrapped) > 16 and wrapped not in path.read_bytes()


STEPS: dict[str, Callable[[KeepingWorld, SoundStore], SoundStore]] = {
    "list": lambda world, store: Refusing(store, "objects"),
    "first": lambda world, store: Refusing(store, "delete"),
    "second": lambda world, store: Refusing(store, "delete", after=1),
    "row": lambda world, store: Refusing(store, "delete", after=2, then=world.break_the_database),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_destruction_that_breaks_off_is_completed(world: KeepingWorld, step: str) -> None:
    async def story() -> None:
        one = await world.sealed()
        world.clock.move(366 * DAY)
        refusing = STEPS[step](world, world.store)
        assert isinstance(refusing, Refusing)
        with pytest.raises((StoreAway, RecordingsUnavailable)):
            await world.destruction_with(refusing).destroy(one, "retention", "system")
        assert refusing.refused == 1
        world.mend_the_database()
        assert await world.state(one) is State.DESTROYED
        assert (await world.book.get(one)).wrapped_key == b""  # type: ignore[union-attr]
        assert [left.recording_id for left in await world.destruction.unfinished()] == [one]
        assert await world.destruction.complete() == 1
        assert await world.sound(one) is None
        assert await world.destruction.unfinished() == []
        assert await world.destruction.complete() == 0
        assert [row.act for row in await world.manifest.of(one)] == ["sealed", "destroyed"]
        assert (await world.manifest.check()).sound

    asyncio.run(story())


def test_a_destruction_whose_row_cannot_be_written_destroys_nothing(world: KeepingWorld) -> None:
    async def story() -> None:
        one = await world.sealed()
        world.clock.move(366 * DAY)
        world.break_the_database()
        with pytest.raises(RecordingsUnavailable):
            await world.destruction.destroy(one, "retention", "system")
        world.mend_the_database()
        assert await world.state(one) is State.SEALED
        assert await world.sound(one) is not None

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["durable", "memory"])
def test_one_alarm_of_a_kind_is_open(database: Database, kind: str) -> None:
    clock = MovedClock()
    counted: list[AlarmKind] = []
    alarms = DurableAlarms(database, clock, counted.append) if kind == "durable" else MemoryAlarms(clock)

    async def story() -> None:
        for _ in range(2):
            await alarms.raise_alarm(AlarmKind.DISK, detail="spool:low")
        clock.move(DAY)
        await alarms.raise_alarm(AlarmKind.DISK, detail="spool:short")
        await alarms.raise_alarm(AlarmKind.LOST, "a" * 32, "x" * 200)
        found = await alarms.open()
        assert [(one.kind, one.detail[:11]) for one in found] == [
            (AlarmKind.LOST, "x" * 11),
            (AlarmKind.DISK, "spool:short"),
            (AlarmKind.DISK, "spool:low"),
        ]
        await alarms.clear(AlarmKind.DISK, detail="spool:low")
        await alarms.clear(AlarmKind.LOST)  # another recording
        assert len(await alarms.open()) == 2
        await alarms.raise_alarm(AlarmKind.DISK, detail="spool:low")  # again
        await alarms.clear(AlarmKind.DISK)
        assert [one.kind for one in await alarms.open()] == [AlarmKind.LOST]

    asyncio.run(story())
    if kind == "durable":
        assert counted == [AlarmKind.DISK, AlarmKind.DISK, AlarmKind.LOST, AlarmKind.DISK]


def test_alarms_are_noted_by_the_first_and_told_when_over(database: Database) -> None:
    clock = MovedClock()
    alarms = DurableAlarms(database, clock)

    async def story() -> None:
        await alarms.raise_alarm(AlarmKind.STORE, detail="away")
        number = (await alarms.open())[0].alarm_id
        assert await alarms.take_note(number + 1, "sup") is None
        await alarms.take_note(number, "sup")
        noted = await alarms.take_note(number, "other")
        assert noted is not None and noted.seen_by == "sup"
        assert await alarms.counts() == {AlarmKind.STORE: 1}
        await alarms.clear(AlarmKind.STORE)
        assert await alarms.counts() == {}
        over = await alarms.recent()
        assert [(one.alarm_id, one.cleared_at) for one in over] == [(number, clock.now())]

    asyncio.run(story())


def test_alarms_raised_at_once_are_all_kept(database: Database) -> None:
    async def story() -> int:
        alarms = DurableAlarms(database, MovedClock())
        raised = (alarms.raise_alarm(AlarmKind.LOST, f"{number:032x}") for number in range(20))
        await asyncio.gather(*raised)
        return len(await alarms.open())

    assert asyncio.run(story()) == 20


def test_an_alarm_that_cannot_be_written_is_kept_until_it_can(world: KeepingWorld) -> None:
    async def story() -> None:
        alarms = DurableAlarms(world.database, world.clock)
        world.break_the_database()
        await alarms.raise_alarm(AlarmKind.STORE, detail="away")
        assert alarms.unwritten == 1
        world.mend_the_database()
        await alarms.write_again()
        assert alarms.unwritten == 0
        assert [one.kind for one in await alarms.open()] == [AlarmKind.STORE]

    asyncio.run(story())


def test_anchors_go_to_two_places_and_keys_may_be_rotated(world: KeepingWorld, tmp_path: Path) -> None:
    async def story() -> None:
        await world.sealed()
        world.rotate_keys()
        await world.sealed()
        assert (await world.manifest.check()).sound
        versions = await world.database.read(
            lambda connection: connection.execute(sa.select(recording_manifest.c.key_version)).scalars().all()
        )
        assert sorted(versions) == [1, 2]

    asyncio.run(story())
    for name in ("anchors", "second"):
        keys = RecordingKeys.load(tmp_path / "secrets" / "recording_keys")
        assert AnchorFolder(tmp_path / name, keys).read().newest == 2
        assert len(list((tmp_path / name).glob("*.anchors"))) == 1
