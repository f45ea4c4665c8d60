"""Playbacks, what was heard, and comments: kept for good, sealed where personal."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from recording.listening import Audience, Comment, ListeningUnavailable, Playback, Use
from recording.listening_rules import Purpose
from storage import listening_tables as t
from storage.database import Database, DatabaseProblem
from storage.listening import DurableComments, DurablePlaybacks
from storage.vault import Vault

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
RECORDING = "a" * 32
HASH = b"h" * 32
REASON = "Diminta Ibu Kenanga"
TEXT = "Ibu Kenanga menyebut EFIN di sini"


def playback(number: int = 1, use: Use = Use.PLAY, reason: str = "") -> Playback:
    return Playback(
        f"{number:032x}", RECORDING, "c" * 32, "s" * 32, "session-1", Purpose.APPEAL, use, NOW, reason=reason
    )


def comment(number: int, at_ms: int = 1000, by: str = "s" * 32) -> Comment:
    return Comment(f"{number:032x}", RECORDING, at_ms, at_ms + 500, by, NOW, Audience.LEADERS, TEXT)


@pytest.fixture
def playbacks(database: Database, vault: Vault) -> DurablePlaybacks:
    return DurablePlaybacks(database, vault)


@pytest.fixture
def comments(database: Database, vault: Vault) -> DurableComments:
    return DurableComments(database, vault)


async def test_a_playback_is_found_by_its_link_and_comes_back_as_it_was(playbacks: DurablePlaybacks) -> None:
    given = playback(use=Use.DOWNLOAD, reason=REASON)
    await playbacks.issue(given, HASH)
    assert await playbacks.by_link(HASH) == given
    assert await playbacks.get(given.playback_id) == given
    assert await playbacks.by_link(b"x" * 32) is None
    assert await playbacks.get("f" * 32) is None
    assert await playbacks.of_recording(RECORDING) == [given]


async def test_the_first_byte_is_given_once_and_every_range_is_noted(playbacks: DurablePlaybacks) -> None:
    given = playback()
    await playbacks.issue(given, HASH)
    assert not await playbacks.give(given.playback_id, NOW, 0, 100)  # nothing before it is opened
    assert await playbacks.open(given.playback_id, NOW)
    assert not await playbacks.open(given.playback_id, NOW)
    later = NOW + timedelta(seconds=5)
    assert await playbacks.give(given.playback_id, NOW, 0, 100)
    assert await playbacks.give(given.playback_id, later, 100, 250)
    await playbacks.heard(given.playback_id, later, [(0, 1500), (4000, 9000)])
    await playbacks.heard(given.playback_id, later, [(9000, 9500)])
    assert await playbacks.given(given.playback_id) == [(NOW, 0, 100), (later, 100, 250)]
    assert await playbacks.parts(given.playback_id) == [(0, 1500), (4000, 9000), (9000, 9500)]
    kept = await playbacks.get(given.playback_id)
    assert kept is not None
    assert (kept.opened_at, kept.last_at) == (NOW, later)
    await playbacks.close(given.playback_id, later)
    await playbacks.close(given.playback_id, later + timedelta(seconds=9))
    kept = await playbacks.get(given.playback_id)
    assert kept is not None
    assert kept.closed_at == later
    assert not await playbacks.give(given.playback_id, later, 250, 300)
    assert len(await playbacks.given(given.playback_id)) == 2


async def test_ranges_asked_for_at_once_are_all_noted(playbacks: DurablePlaybacks) -> None:
    given = playback()
    await playbacks.issue(given, HASH)
    assert sum(await asyncio.gather(*[playbacks.open(given.playback_id, NOW) for _ in range(8)])) == 1
    done = await asyncio.gather(*[playbacks.give(given.playback_id, NOW, n, n + 1) for n in range(20)])
    assert all(done)
    assert sorted(start for _, start, _ in await playbacks.given(given.playback_id)) == list(range(20))


async def test_nothing_of_it_is_in_clear_changed_or_deleted(
    playbacks: DurablePlaybacks, comments: DurableComments, database: Database
) -> None:
    given = playback(use=Use.DOWNLOAD, reason=REASON)
    await playbacks.issue(given, HASH)
    await playbacks.open(given.playback_id, NOW)
    await playbacks.give(given.playback_id, NOW, 0, 1)
    await playbacks.heard(given.playback_id, NOW, [(0, 1)])
    await comments.add(comment(1))
    await comments.withdraw(comment(1).comment_id, "s" * 32, NOW)
    tables = (t.recording_given, t.recording_heard, t.recording_comments, t.recording_comment_ends)
    kept = (*tables, t.recording_playbacks)

    def everything(connection: sa.Connection) -> str:
        return repr([connection.execute(sa.select(one)).all() for one in kept])

    before = await database.read(everything)
    assert "Kenanga" not in before
    changes: list[sa.Delete | sa.Update] = [sa.delete(one) for one in kept]
    changes += [sa.update(one).values(at=NOW + timedelta(days=1)) for one in tables]
    changes += [
        sa.update(t.recording_playbacks).values(**{name: "other"})
        for name in ("purpose", "staff_id", "recording_id", "session_id", "used_for")
    ]
    for change in changes:
        with pytest.raises(DatabaseProblem):
            await database.write(partial(_do, change))
    assert await database.read(everything) == before


def _do(change: sa.Delete | sa.Update, connection: sa.Connection) -> None:
    connection.execute(change)


async def test_comments_stand_by_their_place_until_their_writer_takes_them_back(
    comments: DurableComments,
) -> None:
    late, early = comment(1, 5000), comment(2, 1000, by="t" * 32)
    for one in (late, early, late):  # the last one sent again after a lost answer
        await comments.add(one)
    assert await comments.of(RECORDING) == [early, late]
    assert await comments.of("b" * 32) == []
    assert not await comments.withdraw(early.comment_id, "s" * 32, NOW)  # somebody else's
    assert not await comments.withdraw("f" * 32, "s" * 32, NOW)
    assert await comments.withdraw(late.comment_id, "s" * 32, NOW)
    assert await comments.withdraw(late.comment_id, "s" * 32, NOW)
    assert await comments.of(RECORDING) == [early]


async def test_another_key_file_is_told_and_shows_nothing(
    database: Database, comments: DurableComments, tmp_path_factory: pytest.TempPathFactory
) -> None:
    await comments.add(comment(1))
    other = DurableComments(database, Vault.create(tmp_path_factory.mktemp("other") / "key"))
    with pytest.raises(ListeningUnavailable):
        await other.of(RECORDING)
