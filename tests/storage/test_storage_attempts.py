"""What every record of attempts promises: in memory, on SQLite and on PostgreSQL."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dialer.attempts import (
    Attempt,
    AttemptLimits,
    AttemptState,
    AttemptStore,
    AttemptsUnavailable,
    DialOutcome,
    NotAllowed,
)
from dialer.outcomes import load_outcomes
from dialer.reasons import WhyNot
from domain.ids import new_id
from storage.attempts import DurableAttempts
from storage.attempts_memory import MemoryAttempts
from storage.database import Database, DatabaseProblem
from storage.vault import Vault
from tests.postgres import PostgresServer

NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
DAY_BEGAN = datetime(2025, 6, 2, 17, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIMITS = AttemptLimits(6, 4, 4, 8, 4, 4)
ROLE, HOLDER = "dialer", "process-1"

CHECKOUT = Path(__file__).resolve().parents[2]

Record = MemoryAttempts | DurableAttempts


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def record(request: pytest.FixtureRequest, vault: Vault) -> AsyncIterator[Record]:
    if request.param == "memory":
        memory = MemoryAttempts(load_outcomes())
        await memory.take(ROLE, HOLDER, 60)
        yield memory
        return
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.migrated_database()
    database = Database.open(url)
    durable = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
    await durable.take(ROLE, HOLDER, 60)
    yield durable
    await durable.close()
    database.close()


@pytest.fixture
async def durable(record: Record) -> DurableAttempts:
    if isinstance(record, MemoryAttempts):
        pytest.fail("asked for with databases only")
    return record


def attempt(taxpayer: str = "t1", number: str = "n1", campaign: str = "c1", at: datetime = NOW) -> Attempt:
    return Attempt(
        attempt_id=new_id(),
        campaign_id=campaign,
        lead_id=7,
        taxpayer_key=taxpayer.encode().ljust(16, b"."),
        number_key=number.encode().ljust(16, b"."),
        number="628110000123",
        mode="progressive",
        engine=ROLE,
        version=2,
        zone="wita",
        intended_at=at,
    )


async def made(
    record: AttemptStore, one: Attempt, outcome: DialOutcome | None = DialOutcome.NO_ANSWER
) -> Attempt:
    """Make an attempt; with an outcome it is over a minute later."""
    assert one.intended_at is not None
    kept = await record.intend(one, LIMITS, DAY_BEGAN)
    assert await record.sending(one.attempt_id, one.intended_at, HOLDER)
    if outcome is not None:
        assert await record.ended(one.attempt_id, outcome, one.intended_at + MINUTE)
    return kept


async def refusal(record: AttemptStore, one: Attempt, limits: AttemptLimits = LIMITS) -> str:
    with pytest.raises(NotAllowed) as refused:
        await record.intend(one, limits, DAY_BEGAN)
    return refused.value.reason


async def state(record: AttemptStore, one: Attempt) -> AttemptState:
    found = await record.get(one.attempt_id)
    assert found is not None
    return found.state


async def test_an_attempt_is_kept_from_its_intent_to_its_end(record: Record) -> None:
    one = attempt()
    kept = await record.intend(one, LIMITS, DAY_BEGAN)
    assert len(kept.code) == 6
    assert kept.code.isdecimal()
    assert await record.sending(one.attempt_id, NOW + MINUTE, HOLDER)
    await record.answered(one.attempt_id, NOW + 2 * MINUTE, "HUMAN")
    await record.joined(one.attempt_id, "10001", NOW + 2 * MINUTE)
    assert await record.ended(one.attempt_id, DialOutcome.TALKED, NOW + 5 * MINUTE, cause=16)
    assert await record.disposed(one.attempt_id, "promise", NOW + 6 * MINUTE)
    found = await record.get(one.attempt_id)
    assert found == replace(
        kept,
        state=AttemptState.ENDED,
        outcome=DialOutcome.TALKED,
        disposition="promise",
        joined="10001",
        cause=16,
        amd="HUMAN",
        sent_at=NOW + MINUTE,
        answered_at=NOW + 2 * MINUTE,
        joined_at=NOW + 2 * MINUTE,
        ended_at=NOW + 5 * MINUTE,
    )


async def test_a_number_and_a_taxpayer_have_one_unfinished_attempt_in_all_campaigns(record: Record) -> None:
    one = await made(record, attempt(), outcome=None)
    assert await refusal(record, attempt("t2", "n1", "c2")) == WhyNot.BEING_CALLED
    assert await refusal(record, attempt("t1", "n2", "c2")) == WhyNot.BEING_CALLED
    assert [row.attempt_id for row in await record.unfinished(ROLE)] == [one.attempt_id]
    assert await record.unfinished("another") == []
    assert await record.ended(one.attempt_id, DialOutcome.BUSY, NOW + MINUTE)
    await record.intend(attempt("t1", "n1", "c2", NOW + HOUR), LIMITS, DAY_BEGAN)


async def test_intents_made_at_once_leave_one(record: Record) -> None:
    both = await asyncio.gather(
        *(record.intend(attempt(f"t{n}", "n1"), LIMITS, DAY_BEGAN) for n in range(5)), return_exceptions=True
    )
    assert [isinstance(one, Attempt) for one in both] == [True, False, False, False, False]


@pytest.mark.parametrize(
    ("limits", "campaigns", "ago", "why"),
    [
        ({"campaign_life": 1}, "c1", 100 * HOUR, WhyNot.CAP_LIFE),
        ({"campaign_day": 1}, "c1", 5 * HOUR, WhyNot.CAP_DAY),
        ({"campaign_24h": 1}, "c1", 20 * HOUR, WhyNot.CAP_24H),
        ({"taxpayer_life": 1}, "c2", 100 * HOUR, WhyNot.TAXPAYER_CAP_LIFE),
        ({"taxpayer_day": 1}, "c2", 5 * HOUR, WhyNot.TAXPAYER_CAP_DAY),
        ({"taxpayer_24h": 1}, "c2", 20 * HOUR, WhyNot.TAXPAYER_CAP_24H),
    ],
)
async def test_caps_are_counted_where_the_intent_is_written(
    record: Record, limits: dict[str, int], campaigns: str, ago: timedelta, why: WhyNot
) -> None:
    await made(record, attempt(campaign=campaigns, at=NOW - ago))
    capped = replace(LIMITS, **limits)
    assert await refusal(record, attempt(number="n2"), capped) == why
    # One minute further back than the window reaches, or in another campaign, it does not count.
    if "life" not in why.value:
        later = attempt(at=NOW + (HOUR * 24))
        await record.intend(later, capped, NOW + 23 * HOUR)


async def test_what_never_left_our_exchange_does_not_count(record: Record) -> None:
    guarded, unsent = attempt(at=NOW - HOUR), attempt(at=NOW - HOUR / 2)
    await made(record, guarded, DialOutcome.REFUSED_BY_GUARD)
    await record.intend(unsent, LIMITS, DAY_BEGAN)
    assert await record.not_sent(unsent.attempt_id, WhyNot.NO_AGENT, NOW)
    await record.intend(attempt(), replace(LIMITS, campaign_life=1, taxpayer_day=1), DAY_BEGAN)


@pytest.mark.parametrize("outcome", [DialOutcome.ABANDONED, DialOutcome.ANSWERED_LATE])
async def test_who_was_left_without_an_agent_rests_for_72_hours(record: Record, outcome: DialOutcome) -> None:
    await made(record, attempt(at=NOW - 72 * HOUR), outcome)
    assert await refusal(record, attempt("t1", "n2")) == WhyNot.RESTING
    assert await refusal(record, attempt("t2", "n1")) == WhyNot.RESTING
    await record.intend(attempt("t1", "n1", at=NOW + MINUTE), LIMITS, DAY_BEGAN)


async def test_every_move_is_out_of_its_own_state(record: Record) -> None:
    one = await record.intend(attempt(), LIMITS, DAY_BEGAN)
    await record.answered(one.attempt_id, NOW)
    assert not await record.ended(one.attempt_id, DialOutcome.BUSY, NOW)
    assert await state(record, one) is AttemptState.INTENT
    assert not await record.sending(one.attempt_id, NOW, "another process")
    assert await record.sending(one.attempt_id, NOW, HOLDER)
    assert not await record.sending(one.attempt_id, NOW, HOLDER)
    await record.doubted(one.attempt_id, NOW)
    assert await state(record, one) is AttemptState.UNKNOWN
    assert not await record.not_sent(one.attempt_id, WhyNot.NO_AGENT, NOW)
    await record.found(one.attempt_id, NOW)
    assert await state(record, one) is AttemptState.DIALING
    assert await record.ended(one.attempt_id, DialOutcome.BUSY, NOW, sip_code=486, cause=17)
    assert not await record.ended(one.attempt_id, DialOutcome.TALKED, NOW)
    assert not await record.flagged(one.attempt_id, NOW)
    found = await record.get(one.attempt_id)
    assert found is not None
    assert (found.outcome, found.sip_code, found.cause) == (DialOutcome.BUSY, 486, 17)


async def test_what_cannot_be_found_out_is_flagged_and_counts(record: Record) -> None:
    one = await made(record, attempt(at=NOW - HOUR), outcome=None)
    await record.doubted(one.attempt_id, NOW)
    assert await record.flagged(one.attempt_id, NOW)
    assert await state(record, one) is AttemptState.FLAGGED
    assert await refusal(record, attempt(), replace(LIMITS, campaign_life=1)) == WhyNot.CAP_LIFE


async def test_a_role_has_one_holder(record: Record) -> None:
    assert await record.take(ROLE, HOLDER, 60)
    assert not await record.take(ROLE, "another", 60)
    await record.give_up(ROLE, "another")
    assert not await record.take(ROLE, "another", 60)
    await record.give_up(ROLE, HOLDER)
    assert await record.take(ROLE, "another", 60)


@pytest.mark.parametrize(
    "record", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
class TestOnDatabases:
    """What only a database can promise."""

    async def test_a_role_that_expired_is_taken_over(self, durable: DurableAttempts) -> None:
        one = await durable.intend(attempt(), LIMITS, DAY_BEGAN)
        assert await durable.take(ROLE, HOLDER, -1)
        assert await durable.take(ROLE, "another", 60)
        assert not await durable.take(ROLE, HOLDER, 60)
        # Who lost the role cannot send any more, even what it intended before.
        assert not await durable.sending(one.attempt_id, NOW, HOLDER)

    async def test_the_trail_tells_every_move_and_stays(self, durable: DurableAttempts) -> None:
        one = await made(durable, attempt(), outcome=None)
        await durable.answered(one.attempt_id, NOW + MINUTE)
        await durable.joined(one.attempt_id, "10001", NOW + MINUTE)
        await durable.ended(one.attempt_id, DialOutcome.TALKED, NOW + 2 * MINUTE)
        await durable.disposed(one.attempt_id, "promise", NOW + 3 * MINUTE)
        await durable.disposed(one.attempt_id, "refused", NOW + 4 * MINUTE)
        trail = sa.text("SELECT step, state, what FROM attempt_events ORDER BY step")
        rows = durable._database.read_now(lambda c: [tuple(row) for row in c.execute(trail)])
        assert rows == [
            (0, "intent", ""),
            (1, "dialing", ""),
            (2, "answered", ""),
            (3, "answered", "10001"),
            (4, "ended", "talked"),
            (5, "ended", "promise"),
            (6, "ended", "refused"),
        ]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE attempts SET state = 'intent', step = step + 1",
            "UPDATE attempts SET outcome = 'talked', step = step + 1",
            "UPDATE attempts SET campaign_id = 'other', step = step + 1",
            "UPDATE attempts SET disposition = 'promise'",
            "UPDATE attempts SET ended_at = NULL, state = 'answered', step = step + 1",
            "DELETE FROM attempts",
            "UPDATE attempt_events SET what = 'x'",
            "DELETE FROM attempt_events",
        ],
    )
    async def test_nobody_rewrites_it(self, durable: DurableAttempts, statement: str) -> None:
        await made(durable, attempt(), DialOutcome.BUSY)
        with pytest.raises(DatabaseProblem, match="append-only"):
            durable._database.write_now(lambda c: c.execute(sa.text(statement)))

    async def test_numbers_and_codes_are_sealed_and_found_by_key(self, durable: DurableAttempts) -> None:
        one = await made(durable, attempt())
        unsent = await durable.intend(attempt("t2", "n2"), LIMITS, DAY_BEGAN)
        rows = durable._database.read_now(lambda c: c.execute(sa.text("SELECT * FROM attempts")).all())
        written = b"|".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
        assert one.number.encode() not in written
        assert one.code.encode() not in written
        since = NOW - HOUR
        assert [a.attempt_id for a in await durable.with_code(one.code, since)] == [one.attempt_id]
        assert await durable.with_code(unsent.code, since) == []  # nobody was told it
        assert [a.attempt_id for a in await durable.to_number(one.number_key, since)] == [one.attempt_id]
        assert [a.attempt_id for a in await durable.to_taxpayer(one.taxpayer_key, since)] == [one.attempt_id]

    async def test_codes_of_recent_attempts_differ(
        self, durable: DurableAttempts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = iter([1, 1, 1, 1, 1, 1, 2, 3, 1, 2, 3, 4])
        monkeypatch.setattr("storage.attempts.secrets.randbelow", lambda _: next(numbers))
        codes = [(await durable.intend(attempt(f"t{n}", f"n{n}"), LIMITS, DAY_BEGAN)).code for n in range(3)]
        assert codes == ["000001", "000002", "000003"]

    async def test_a_database_that_fails_is_told_and_nothing_is_kept(self, durable: DurableAttempts) -> None:
        rename = sa.text("ALTER TABLE attempts RENAME TO away")
        durable._database.write_now(lambda c: c.execute(rename))
        with pytest.raises(AttemptsUnavailable, match="cannot be written"):
            await durable.intend(attempt(), LIMITS, DAY_BEGAN)
        back = sa.text("ALTER TABLE away RENAME TO attempts")
        durable._database.write_now(lambda c: c.execute(back))
        assert await durable.unfinished() == []
        await durable.intend(attempt(), LIMITS, DAY_BEGAN)


def test_processes_at_once_never_dial_a_number_twice_nor_beyond_its_cap(
    database_url: str, tmp_path: Path
) -> None:
    """Three engines with a role each go for the same 40 taxpayers as fast as they can, all at once."""
    Vault.create(tmp_path / "shared")
    words = [sys.executable, "-m", "tests.storage.attempting_process", database_url, str(tmp_path / "shared")]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen([*words, f"engine-{n}", "600", "40"], cwd=CHECKOUT, **pipes) for n in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    talks: dict[str, list[tuple[float, float]]] = {}
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        for line in out.splitlines():
            number, began, ended = line.split()
            talks.setdefault(number, []).append((float(began), float(ended)))
    # The cap of a taxpayer's life is three, over all campaigns and engines; every one was used up.
    assert {number: len(times) for number, times in talks.items()} == {str(n): 3 for n in range(40)}
    for times in talks.values():
        ordered = sorted(times)  # one clock for all processes of a machine
        assert all(first[1] <= second[0] for first, second in pairwise(ordered))
    database = Database.open(database_url)
    rows = database.read_now(lambda c: c.execute(sa.text("SELECT engine FROM attempts")).all())
    database.close()
    assert len(rows) == 120
    assert len({row[0] for row in rows}) > 1  # more than one of them dialled
