"""Thresholds, messages to agents and announcements, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from domain.floor_log import EntryRow
from ivr.announcements import Announcement
from reporting.wall_messages import Audience, StaffMessage, told
from reporting.wall_thresholds import Measure, ThresholdChange
from storage.attempt_tables import attempts
from storage.database import Database, DatabaseProblem
from storage.floor_rows import table_row
from storage.tables import floor_entries
from storage.vault import Vault
from storage.wall import DurableMessages, DurableThresholds
from storage.wall_announcements import DurableAnnouncements
from storage.wall_day import EntriesOfDay

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 10.00 WIB
HOUR = timedelta(hours=1)
WHO = "s" * 32
TEXT = "Rapat singkat pukul 14.00"


def message(
    name: str = "a", audience: Audience = Audience.ALL, whom: str = "", **changes: object
) -> StaffMessage:
    made = StaffMessage(name * 32, NOW, WHO, audience, whom, NOW + 8 * HOUR, TEXT)
    return replace(made, **changes)  # type: ignore[arg-type]


async def test_the_newest_threshold_of_each_measure_and_queue_is_in_force(database: Database) -> None:
    store = DurableThresholds(database)
    first = ThresholdChange(NOW, WHO, Measure.WAITING, "", 3.0, 9.0)
    of_efin = ThresholdChange(NOW, WHO, Measure.WAITING, "efin", 1.0, 2.0)
    later = ThresholdChange(NOW + HOUR, WHO, Measure.WAITING, "", None, None)
    for change in (first, of_efin, later):
        await store.set(change)
    assert list(await store.newest()) == [of_efin, later]
    assert list(await store.history(2)) == [later, of_efin]


async def test_a_message_is_shown_until_it_is_acknowledged(database: Database, vault: Vault) -> None:
    store = DurableMessages(database, vault)
    await store.send(message(), ["90000001", "90000002"])
    assert [one.text for one in await store.open_for("90000001", "alfa", NOW + HOUR)] == [TEXT]
    assert await store.acknowledge("a" * 32, "90000001", "alfa", NOW + 2 * HOUR)
    assert await store.acknowledge("a" * 32, "90000001", "alfa", NOW + 3 * HOUR), "idempotent"
    assert await store.open_for("90000001", "alfa", NOW + 3 * HOUR) == []
    (sent,) = await store.recent(NOW)
    first, second = sent.receipts
    assert (first.shown_at, first.acknowledged_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (second.shown_at, second.acknowledged_at) == (None, None)
    assert (sent.shown, sent.acknowledged) == (1, 1)


async def test_a_message_reaches_latecomers_of_its_audience_and_nobody_else(
    database: Database, vault: Vault
) -> None:
    store = DurableMessages(database, vault)
    await store.send(message("a", Audience.TEAM, "alfa"), [])
    await store.send(message("b", Audience.AGENT, "90000002", at=NOW + timedelta(seconds=1)), ["90000002"])
    late = NOW + HOUR
    assert [one.message_id[0] for one in await store.open_for("90000001", "alfa", late)] == ["a"]
    assert [one.message_id[0] for one in await store.open_for("90000002", "beta", late)] == ["b"]
    assert not await store.acknowledge("b" * 32, "90000001", "alfa", late)
    assert not await store.acknowledge("c" * 32, "90000001", "alfa", late)
    assert await store.open_for("90000001", "alfa", NOW + 8 * HOUR) == [], "after its time it is gone"
    newest, oldest = await store.recent(NOW)
    assert (newest.message.message_id[0], oldest.message.message_id[0]) == ("b", "a")
    assert [one.agent for one in oldest.receipts] == ["90000001"]


async def test_what_a_message_says_is_sealed_and_its_row_stays(database: Database, vault: Vault) -> None:
    await DurableMessages(database, vault).send(message(), ["90000001"])
    query = sa.text("SELECT sealed_text FROM wall_messages")
    assert TEXT.encode() not in bytes(database.read_now(lambda c: c.execute(query).scalar_one()))
    for spoilt in (
        "UPDATE wall_messages SET whom = 'x'",
        "DELETE FROM wall_messages",
        "DELETE FROM wall_receipts",
        "UPDATE wall_receipts SET agent = '1'",
    ):
        with pytest.raises(DatabaseProblem):
            database.write_now(lambda c, spoilt=spoilt: c.execute(sa.text(spoilt)))  # type: ignore[misc]


def test_only_those_at_work_are_told_at_once() -> None:
    at_work = [("90000001", "alfa"), ("90000002", "beta")]
    assert told(message(), at_work) == ["90000001", "90000002"]
    assert told(message(audience=Audience.TEAM, whom="beta"), at_work) == ["90000002"]
    assert told(message(audience=Audience.AGENT, whom="90000003"), at_work) == []


async def test_announcements_are_on_until_their_end_or_until_they_are_switched_off(
    database: Database,
) -> None:
    store = DurableAnnouncements(database)
    first = Announcement("a" * 32, NOW, WHO, "announce_busy", NOW, NOW + HOUR)
    second = Announcement("b" * 32, NOW + HOUR, WHO, "announce_fraud", NOW + 2 * HOUR, NOW + 3 * HOUR)
    for one in (first, second):
        await store.begin(one)
    assert list(await store.coming(NOW)) == [first, second]
    assert list(await store.coming(NOW + HOUR)) == [second]
    assert await store.end("b" * 32, NOW + 2 * HOUR, "t" * 32)
    assert await store.end("b" * 32, NOW + 3 * HOUR, WHO), "idempotent"
    assert not await store.end("c" * 32, NOW, WHO)
    assert list(await store.coming(NOW + 2 * HOUR)) == []
    ended = replace(second, ended_at=NOW + 2 * HOUR, ended_by="t" * 32)
    assert list(await store.recent()) == [ended, first]


async def test_entries_are_read_once_each_in_their_order(database: Database) -> None:
    def write(number: int, at: datetime, outcome: str = "") -> EntryRow:
        row = EntryRow(f"call{number}", at, "efin", "id", at, outcome)
        columns = [column.name for column in floor_entries.columns]
        values = dict(zip(columns, table_row(number, row)[1], strict=True)) | {"at": at, "since": at}
        database.write_now(lambda c: c.execute(sa.insert(floor_entries).values(values)))
        return row

    entries, day = EntriesOfDay(database), datetime(2026, 11, 23, tzinfo=UTC).date()
    assert await entries.since(day) == (0, [])
    write(1, NOW - timedelta(days=2))
    assert await entries.since(day) == (1, []), "of the days before nothing is read, and not later either"
    second = write(2, NOW)
    assert await entries.after(1) == (2, [second])
    third = write(3, NOW + HOUR, "answered")
    assert await entries.after(2) == (3, [third])
    assert await entries.after(3) == (3, [])
    assert await entries.since(day) == (3, [second, third])


async def test_whom_we_called_is_no_call_that_came_in_and_who_rings_back_is_one(database: Database) -> None:
    """In whatever queue: an agent may send either anywhere."""
    ours, theirs = "1" * 32, "2" * 32
    attempt = {
        "attempt_id": ours, "campaign_id": "c" * 32, "version": 1, "lead_id": 1, "ordinal": 1,
        "taxpayer_key": b"t", "number_key": b"n", "sealed_number": b"", "zone": "wib",
        "mode": "progressive", "agent": "", "engine": "e1", "code_key": b"", "sealed_code": b"",
        "intended_at": NOW, "state": "intent", "step": 0, "changed_at": NOW,
    }  # fmt: skip
    came_in = EntryRow(theirs, NOW, "outbound/A", "id", NOW)
    columns = [column.name for column in floor_entries.columns]

    def keep(connection: sa.Connection) -> None:
        connection.execute(sa.insert(attempts).values(**attempt))
        for number, row in enumerate((came_in, EntryRow(ours, NOW, "efin", "id", NOW)), 1):
            values = dict(zip(columns, table_row(number, row)[1], strict=True)) | {"at": NOW, "since": NOW}
            connection.execute(sa.insert(floor_entries).values(values))

    database.write_now(keep)
    entries = EntriesOfDay(database)
    assert await entries.since(NOW.date()) == (2, [came_in])
    assert await entries.after(0) == (2, [came_in])
    assert await entries.after(1) == (2, [])
