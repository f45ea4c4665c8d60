"""Transcripts on both databases: sealed, found by their words, gone with their recordings."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from recording.quality.finding import Search
from recording.recordings import Recording
from recording.transcripts import Made, Sentence, Transcript, TranscriptsUnavailable
from storage.database import Database
from storage.recording_destruction import Destruction
from storage.transcript_tables import recording_transcripts
from storage.transcripts import MOST_TRIES, DurableTranscripts, TranscriptEnds
from storage.vault import Vault
from tests.storage.keeping_world import KeepingWorld
from tests.storage.review_world import NOW, ReviewWorld

DAY = timedelta(days=1)
SAID = (Sentence("caller", 0, 900, "Kode billing saya kedaluwarsa."), Sentence("agent", 1000, 1500, "Baik."))


@pytest.fixture
def world(database: Database, vault: Vault) -> ReviewWorld:
    return ReviewWorld(database, vault)


@pytest.fixture
def transcripts(database: Database, vault: Vault) -> DurableTranscripts:
    return DurableTranscripts(database, vault)


def _of(one: Recording, *said: Sentence) -> Transcript:
    model = ("whisper-base", "1.2.1, d01c3014881c9c6f")
    return Transcript(one.recording_id, one.call_id, NOW, "id", *model, 180_000, 30_000, said or SAID)


def test_a_transcript_is_kept_sealed_and_found_by_its_words(
    world: ReviewWorld, transcripts: DurableTranscripts
) -> None:
    async def story() -> None:
        one = await world.records()
        await world.feeds()
        assert await transcripts.keep(_of(one))
        kept = await transcripts.get(one.recording_id)
        assert kept == _of(one)
        assert [row.recording_id for row in (await world.finder.find(Search(words="billing"))).rows] == [
            one.recording_id
        ]
        rows = await world.database.read(
            lambda connection: connection.execute(sa.select(recording_transcripts)).all()
        )
        assert "billing" not in repr(rows) and b"billing" not in bytes(rows[0].sealed_text)
        assert "billing" not in repr(kept)
        # Made anew, in place of the first.
        again = _of(one, Sentence("agent", 5, 9, "Sudah lunas."))
        assert await transcripts.keep(again)
        assert await transcripts.get(one.recording_id) == again

    asyncio.run(story())


def test_words_wait_for_the_index(world: ReviewWorld, transcripts: DurableTranscripts) -> None:
    async def story() -> None:
        one = await world.records()
        assert await transcripts.keep(_of(one))  # the index has not seen the recording yet
        assert await transcripts.index() == 0
        assert (await transcripts.figures(NOW - DAY)).to_index == 1
        await world.feeds()
        assert (await world.finder.find(Search(words="billing"))).rows == []
        assert await transcripts.index() == 1
        assert len((await world.finder.find(Search(words="billing"))).rows) == 1
        assert await transcripts.index() == 0

    asyncio.run(story())


def test_what_waits_is_recent_audible_and_not_tried_too_often(
    world: ReviewWorld, transcripts: DurableTranscripts
) -> None:
    async def story() -> None:
        older = await world.records(NOW - timedelta(hours=2))
        newer = await world.records(NOW - timedelta(hours=1))
        await world.records(seal=False)
        ids = [newer.recording_id, older.recording_id]
        assert await transcripts.waiting(NOW - DAY) == ids
        assert await transcripts.waiting(NOW - DAY, 1) == ids[:1]
        assert await transcripts.waiting(world.now + DAY) == []
        assert await transcripts.keep(_of(newer))
        for _ in range(MOST_TRIES):
            assert await transcripts.waiting(NOW - DAY) == ids[1:]
            await transcripts.failed(older.recording_id, older.call_id, "not_decoded", NOW)
        assert await transcripts.waiting(NOW - DAY) == []
        figures = await transcripts.figures(NOW - DAY)
        assert figures.made == {Made.THERE: 1, Made.FAILED: 1}
        assert (figures.waiting, figures.audio_ms, figures.cpu_ms) == (0, 180_000, 30_000)
        # A failure never takes away what is there.
        await transcripts.failed(newer.recording_id, newer.call_id, "not_decoded", NOW)
        assert await transcripts.get(newer.recording_id) == _of(newer)
        assert await transcripts.get(older.recording_id) is None

    asyncio.run(story())


def test_nothing_is_kept_of_or_shown_for_a_recording_that_is_gone(
    world: ReviewWorld, transcripts: DurableTranscripts
) -> None:
    async def story() -> None:
        one, other = await world.records(), await world.records()
        assert await transcripts.keep(_of(one))
        for each in (one, other):
            await world.book.move(each.recording_id, "destroy", world.now)
        assert await transcripts.get(one.recording_id) is None  # before its text is removed, too
        assert not await transcripts.keep(_of(other))
        assert not await transcripts.keep(_of(one))
        assert await transcripts.waiting(NOW - DAY) == []

    asyncio.run(story())


def test_another_key_file_opens_nothing(
    world: ReviewWorld, transcripts: DurableTranscripts, tmp_path: Path
) -> None:
    async def story() -> None:
        one, other = await world.records(), await world.records()
        assert await transcripts.keep(_of(one)) and await transcripts.keep(_of(other))
        with pytest.raises(TranscriptsUnavailable):
            await DurableTranscripts(world.database, Vault.create(tmp_path / "other")).get(one.recording_id)
        text = sa.select(recording_transcripts.c.sealed_text).where(
            recording_transcripts.c.recording_id == other.recording_id
        )
        swap = sa.update(recording_transcripts).where(
            recording_transcripts.c.recording_id == one.recording_id
        )
        await world.database.write(lambda c: c.execute(swap.values(sealed_text=c.scalar(text))))
        with pytest.raises(TranscriptsUnavailable):  # of another recording
            await transcripts.get(one.recording_id)

    asyncio.run(story())


def test_its_text_is_destroyed_with_the_recording(database: Database, vault: Vault, tmp_path: Path) -> None:
    async def story() -> None:
        world = KeepingWorld(database, tmp_path)
        transcripts = DurableTranscripts(database, vault)
        one = await world.book.get(await world.sealed())
        assert one is not None
        assert await transcripts.keep(_of(one))
        ends = TranscriptEnds(database, world.clock)
        destruction = Destruction(database, world.manifest, world.store, world.table, world.clock, [ends])
        world.clock.move(timedelta(days=4000))
        await destruction.destroy(one.recording_id, "retention", "system")
        row = (await database.read(lambda c: c.execute(sa.select(recording_transcripts)).mappings().all()))[0]
        assert (row["state"], bytes(row["sealed_text"])) == (Made.GONE.value, b"")
        assert row["at"] == world.clock.now()
        assert await transcripts.get(one.recording_id) is None
        world.clock.move(DAY)
        await ends.forget(one.recording_id)  # again changes nothing
        again = await database.read(lambda c: c.scalar(sa.select(recording_transcripts.c.at)))
        assert again == row["at"]
        await ends.forget("f" * 32)  # one that never had a transcript

    asyncio.run(story())
