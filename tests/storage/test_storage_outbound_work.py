"""Dispositions and skips: kept once, never changed but for having been followed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from dialer.disposed import NO_DISPOSITION, SYSTEM, Disposed, DispositionTaken, Skipped
from storage.database import Database, DatabaseProblem
from storage.outbound_tables import outbound_dispositions, outbound_skips
from storage.outbound_work import DurableDispositions

NOW = datetime(2026, 6, 3, 3, 0, tzinfo=UTC)
CALL, OTHER = "a" * 32, "b" * 32
AGENT, COLLEAGUE = "90000001", "90000002"
GIVEN = Disposed(
    call_id=CALL,
    number=1,
    attempt_id=CALL,
    campaign_id="c" * 32,
    lead_id=7,
    at=NOW,
    by="s" * 32,
    agent=AGENT,
    code="callback",
    due_at=NOW + timedelta(hours=3),
    owner=AGENT,
    promised_on=date(2026, 6, 30),
)


@pytest.fixture
def record(database: Database) -> DurableDispositions:
    return DurableDispositions(database)


async def test_what_was_given_is_found_whole_and_in_order(record: DurableDispositions) -> None:
    again = replace(GIVEN, number=2, code="solved", due_at=None, owner="", promised_on=None)
    await record.add(GIVEN)
    await record.add(again)
    assert await record.of(CALL) == [GIVEN, again]
    assert await record.of(OTHER) == []


async def test_two_at_once_cannot_both_be_the_first(record: DurableDispositions) -> None:
    await record.add(GIVEN)
    with pytest.raises(DispositionTaken):
        await record.add(replace(GIVEN, code="do_not_call"))
    assert [row.code for row in await record.of(CALL)] == ["callback"]


async def test_what_was_not_followed_yet_is_found_until_it_is(record: DurableDispositions) -> None:
    await record.add(GIVEN)
    await record.add(replace(GIVEN, call_id=OTHER, at=NOW + timedelta(minutes=1)))
    soon = NOW + timedelta(minutes=2)
    assert [row.call_id for row in await record.pending(soon)] == [CALL, OTHER]
    assert [row.call_id for row in await record.pending(NOW + timedelta(seconds=1))] == [CALL]
    await record.applied(CALL, 1, soon)
    await record.applied(CALL, 1, soon + timedelta(hours=1))
    assert [row.call_id for row in await record.pending(soon)] == [OTHER]
    assert (await record.of(CALL))[0].applied_at == soon


async def test_calls_without_a_disposition_are_those_whose_last_one_is_none(
    record: DurableDispositions,
) -> None:
    none = replace(GIVEN, by=SYSTEM, code=NO_DISPOSITION, due_at=None, owner="", promised_on=None)
    later = replace(none, call_id=OTHER, agent=COLLEAGUE, at=NOW + timedelta(minutes=1))
    await record.add(none)
    await record.add(later)

    async def calls(since: datetime, agents: Sequence[str] | None) -> list[str]:
        return [row.call_id for row in await record.undisposed(since, agents)]

    assert await calls(NOW, None) == [OTHER, CALL]
    assert await calls(NOW, [AGENT]) == [CALL]
    assert await calls(NOW, []) == []
    assert await calls(NOW + timedelta(seconds=1), None) == [OTHER]
    await record.add(replace(GIVEN, number=2))
    assert await calls(NOW, None) == [OTHER]


async def test_a_skip_is_kept_once(record: DurableDispositions, database: Database) -> None:
    row = Skipped("e" * 32, "c" * 32, 7, AGENT, "s" * 32, "out_of_scope", NOW)
    await record.skip(row)
    await record.skip(row)
    count = sa.select(sa.func.count()).select_from(outbound_skips)
    assert database.read_now(lambda connection: connection.execute(count).scalar_one()) == 1


async def test_rows_cannot_be_changed_or_deleted(record: DurableDispositions, database: Database) -> None:
    await record.add(GIVEN)
    await record.applied(CALL, 1, NOW)
    await record.skip(Skipped("e" * 32, "c" * 32, 7, AGENT, "s" * 32, "out_of_scope", NOW))
    for statement in (
        sa.update(outbound_dispositions).values(code="solved"),
        sa.update(outbound_dispositions).values(applied_at=None),
        sa.delete(outbound_dispositions),
        sa.update(outbound_skips).values(reason="other"),
        sa.delete(outbound_skips),
    ):
        with pytest.raises(DatabaseProblem):
            database.write_now(lambda connection, what=statement: connection.execute(what))  # type: ignore[misc]
    assert (await record.of(CALL))[0].code == "callback"
