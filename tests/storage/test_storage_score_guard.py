"""What both databases themselves guard of scores."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from recording.quality.scores import Kind, ScoresUnavailable
from recording.states import State
from storage.database import Database, DatabaseProblem
from storage.score_tables import score_drafts, score_standings, scores
from storage.scores import DurableScores
from storage.vault import Vault
from tests.storage.keeping_world import KeepingWorld
from tests.storage.score_world import NOW, Ground, HoldsSeen, a_score, figures, finished, worth


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scores SET total = 10000",
        "DELETE FROM scores",
        "UPDATE score_lines SET points = most",
        "DELETE FROM score_steps",
        "DELETE FROM score_standings",
        "UPDATE quality_forms SET text = ''",
        "DELETE FROM quality_forms",
    ],
)
async def test_the_database_itself_refuses_to_change_scores(
    database: Database, vault: Vault, statement: str
) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    final = await finished(ground, a_score())
    insert = "INSERT INTO quality_forms VALUES ('inbound', 1, '2026-01-01', :at, 'x', '', 'text')"
    database.write_now(lambda connection: connection.execute(sa.text(insert), {"at": NOW.isoformat()}))
    with pytest.raises(DatabaseProblem, match=r"append-only|never deleted|IntegrityError"):
        database.write_now(lambda connection: connection.execute(sa.text(statement)))
    assert await ground.scores.get(final.score_id) == final


async def test_what_is_written_about_people_is_sealed(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    await ground.scores.save_draft(a_score(1))
    await finished(ground, a_score(2))
    for table in (score_drafts, scores):
        query = sa.select(table)
        assert all(b"Budi" not in _bytes(value) for value in _one_row(database, query))


def _one_row(database: Database, query: "sa.Select[tuple[object, ...]]") -> tuple[object, ...]:
    return tuple(database.read_now(lambda connection: connection.execute(query).one()))


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


async def test_a_score_moved_to_another_id_is_not_opened(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    await ground.scores.save_draft(a_score(1))
    moved = sa.update(score_drafts).values(score_id="b" * 32)
    database.write_now(lambda connection: connection.execute(moved))
    with pytest.raises(ScoresUnavailable):
        await ground.scores.get("b" * 32)


async def test_scores_that_cannot_be_kept_say_so(sqlite_url: str, vault: Vault) -> None:
    database = Database.open(sqlite_url)
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    database.write_now(lambda connection: connection.execute(sa.text("DROP TABLE score_standings")))
    with pytest.raises(ScoresUnavailable):
        await finished(ground, a_score())
    with pytest.raises(ScoresUnavailable):
        await figures(ground)
    kept = sa.select(sa.func.count()).select_from(scores)
    assert database.read_now(lambda connection: connection.execute(kept).scalar()) == 0
    database.close()


async def test_of_two_signatures_at_once_one_is_kept(database: Database, vault: Vault) -> None:
    ground = Ground(DurableScores(database, vault, HoldsSeen()), HoldsSeen(), database)
    final = await finished(ground, a_score())
    times = [NOW + timedelta(minutes=minutes) for minutes in (1, 2, 3)]
    signed = await asyncio.gather(*(ground.scores.sign(final.score_id, "1001", at) for at in times))
    assert len({score.signed_at for score in signed}) == 1
    steps = sa.select(score_standings.c.steps)
    assert database.read_now(lambda connection: connection.execute(steps).scalar()) == 2


async def test_a_sealed_recording_that_was_scored_is_held(
    database: Database, vault: Vault, tmp_path: Path
) -> None:
    world = KeepingWorld(database, tmp_path)
    kept = DurableScores(database, vault, world.holds)
    recording_id = await world.sealed()
    trial = a_score(1, recording_id=recording_id, kind=Kind.TRIAL)
    await kept.finish(trial, worth(), NOW)
    assert await world.state(recording_id) is State.SEALED
    await kept.finish(a_score(2, recording_id=recording_id), worth(), NOW)
    assert await world.state(recording_id) is State.HELD
    with pytest.raises(KeyError):
        await kept.finish(a_score(3, recording_id="e" * 32), worth(), NOW)
    assert await kept.get(a_score(3).score_id) is None
