"""Attempts read for people: lists, and counts by outcome, hour and disposition. On both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from dialer.attempts import Attempt, AttemptState, DialOutcome
from dialer.outcomes import load_outcomes
from storage.attempt_reader import AttemptReader
from storage.attempts import DurableAttempts
from storage.database import Database
from storage.vault import Vault
from tests.storage.test_storage_attempts import DAY_BEGAN, HOLDER, HOUR, LIMITS, MINUTE, NOW, ROLE, attempt

BEGIN = NOW - 2 * HOUR
O = DialOutcome  # noqa: E741 - a word for the table below


@pytest.fixture
async def record(database: Database, vault: Vault) -> AsyncIterator[DurableAttempts]:
    record = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
    await record.take(ROLE, HOLDER, 60)
    yield record
    await record.close()


async def dialled(
    record: DurableAttempts, number: int, at: datetime, outcome: DialOutcome | None, campaign: str = "c1"
) -> Attempt:
    one = attempt(f"t{number}", f"n{number}", campaign, at)
    await record.intend(one, LIMITS, DAY_BEGAN)
    await record.sending(one.attempt_id, at, HOLDER)
    if outcome in {O.TALKED, O.ABANDONED}:
        await record.answered(one.attempt_id, at + MINUTE)
    if outcome is O.TALKED:
        await record.joined(one.attempt_id, "10001", at + MINUTE)
    if outcome is not None:
        await record.ended(one.attempt_id, outcome, at + 2 * MINUTE)
    return one


async def test_attempts_are_counted(record: DurableAttempts, database: Database, vault: Vault) -> None:
    talked = await dialled(record, 1, NOW, O.TALKED)
    await record.disposed(talked.attempt_id, "promise", NOW)
    await dialled(record, 2, NOW, O.ABANDONED)
    await dialled(record, 3, NOW, O.BUSY)
    under_way = await dialled(record, 4, NOW - HOUR, None)
    lost = await dialled(record, 5, NOW - HOUR, None)
    await record.flagged(lost.attempt_id, NOW)
    unsent = attempt("t6", "n6")
    await record.intend(unsent, LIMITS, DAY_BEGAN)
    await record.not_sent(unsent.attempt_id, "no_agent", NOW)
    await dialled(record, 7, NOW, O.BUSY, campaign="c2")
    reader = AttemptReader(database, vault)

    tally = reader.tally(BEGIN, "c1")
    assert (tally.sent, tally.unfinished, tally.answered, tally.joined) == (5, 1, 2, 1)
    assert (tally.live, tally.not_sent, tally.flagged, tally.abandoned) == (2, 1, 1, 1)
    assert tally.outcomes == {O.TALKED: 1, O.ABANDONED: 1, O.BUSY: 1, O.LOST: 1}
    assert tally.dispositions == {"promise": 1}
    assert (tally.abandoned_share, tally.answer_rate) == (0.5, 0.5)
    assert reader.tally(BEGIN).sent == 6
    assert reader.tally(NOW + HOUR).abandoned_share == 0.0

    hours = reader.by_hour(BEGIN, NOW + HOUR, "c1")
    assert [(one.began, one.tally.sent) for one in hours] == [(NOW - HOUR, 2), (NOW, 3)]

    assert [one.attempt_id for one in reader.unfinished()] == [under_way.attempt_id]
    (found,) = reader.flagged(BEGIN)
    assert (found.attempt_id, found.state) == (lost.attempt_id, AttemptState.FLAGGED)
    assert reader.flagged(NOW + HOUR) == []
    newest = reader.newest(BEGIN, "c1", most=4)
    assert {one.intended_at for one in newest} == {NOW}
    (role,) = reader.roles()
    assert (role.role, role.held) == (ROLE, True)
    assert role.expires_at - datetime.now(UTC) < timedelta(minutes=2)
