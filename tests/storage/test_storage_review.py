"""The index of facts: what it knows, what it finds, how it keeps up. On SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.floor_log import Phase
from recording.quality.finding import COUNTED, PAGE, Search, Sound, Span
from recording.states import State
from storage.database import Database
from storage.review_words import ReviewWords
from storage.vault import Vault
from tests.storage.review_many import many
from tests.storage.review_world import NOW, ReviewWorld, ids

DAY = timedelta(days=1)


@pytest.fixture
def world(database: Database, vault: Vault) -> ReviewWorld:
    return ReviewWorld(database, vault)


def test_what_other_tables_know_of_a_recording_is_one_row(world: ReviewWorld) -> None:
    async def story() -> None:
        await world.employs("1001", NOW - 10 * DAY)
        one = await world.records(silence_ms=90_000, overlap_ms=9_000)
        await world.writes(one.call_id, "kup", "spt")
        await world.phase(one.call_id, Phase.HOLD, 65.4, "unheld")
        await world.phase(one.call_id, Phase.TALK, 100.0, "transferred", seq=4)
        await world.scores(one, 8750)
        assert await world.feeds() == 1
        facts = await world.finder.facts(one.recording_id)
        assert facts is not None
        told = (facts.agent, facts.team, facts.queue, facts.branch, facts.category, facts.result)
        assert told == ("1001", "utara", "kup/1", "kup", "spt", "answered")
        figures = (facts.seconds, facts.hold, facts.transfers, facts.silence, facts.overlap, facts.score)
        assert figures == (180, 65, 1, 50, 5, 8750)
        assert (facts.at, facts.new_agent, facts.complaint) == (one.planned_at, True, False)
        assert facts.sound is Sound.AUDIBLE

    asyncio.run(story())


def test_each_field_narrows_and_all_of_them_together(world: ReviewWorld) -> None:
    async def story() -> None:
        one = await world.records(silence_ms=90_000, audio_ms=200_000)
        await world.writes(one.call_id, "kup", "spt", "pelaporan faktur")
        await world.phase(one.call_id, Phase.HOLD, 65.0, "unheld")
        await world.scores(one, 8750)
        other = await world.records(
            NOW - DAY, "1002", queue="pph/1", direction="out", campaign_id="c1", seal=False
        )
        await world.disposes(other.call_id, "c1", "informed")
        await world.feeds()
        fits = Search(
            since=date(2026, 3, 4), until=date(2026, 3, 4), agents=["1001", "9999"], teams=["utara"],
            queues=["kup/1"], branches=["kup"], categories=["spt"], results=["answered"], direction="in",
            seconds=Span(200, 200), hold=Span(60, 70), transfers=Span(0, 0), silence=Span(45, 45),
            overlap=Span(4), score=Span(8000, 9000), scored=True, complaint=False, new_agent=False,
            words="Faktur",
        )  # fmt: skip
        assert ids(await world.finder.find(fits)) == [one.recording_id]
        misses: list[dict[str, Any]] = [
            {"since": date(2026, 3, 5), "until": None}, {"until": date(2026, 3, 3), "since": None},
            {"agents": ["1002"]}, {"agents": ["9999"]}, {"teams": ["selatan"]}, {"queues": ["pph/1"]},
            {"branches": ["pph"]}, {"categories": ["umum"]}, {"results": ["x"]}, {"direction": "out"},
            {"seconds": Span(201)}, {"hold": Span(66)}, {"transfers": Span(1)}, {"silence": Span(46)},
            {"overlap": Span(None, 3)}, {"score": Span(8751)}, {"scored": False}, {"complaint": True},
            {"new_agent": True}, {"audible": False}, {"words": "bupot"}, {"words": "…"},
            {"campaigns": ["c1"]}, {"dispositions": ["informed"]},
        ]  # fmt: skip
        for miss in misses:
            assert ids(await world.finder.find(replace(fits, **miss))) == [], miss
        wide = Search(campaigns=["c1"], dispositions=["informed"], audible=None)
        assert ids(await world.finder.find(wide)) == [other.recording_id]
        every = await world.finder.find(Search(audible=None))
        assert ids(every) == [one.recording_id, other.recording_id]
        assert ids(await world.finder.find(Search(audible=None), team="selatan")) == [other.recording_id]
        assert ids(await world.finder.find(Search(audible=None), team="")) == []

    asyncio.run(story())


def test_pages_follow_each_other_newest_first_and_many_are_not_counted(world: ReviewWorld) -> None:
    async def story() -> None:
        made = await many(world, COUNTED + 7)
        page = await world.finder.find(Search())
        assert (page.total, page.more, len(page.rows)) == (COUNTED, True, PAGE)
        seen, before = ids(page), page.next
        while before is not None:
            page = await world.finder.find(Search(), before=before)
            seen += ids(page)
            before = page.next
        assert seen == made

    asyncio.run(story())


def test_what_comes_late_is_found_and_a_changed_note_too(world: ReviewWorld) -> None:
    async def story() -> None:
        one = await world.records(direction="out", campaign_id="c1")
        await world.feeds()
        await world.disposes(one.call_id, "c1", "informed")  # carries no time that is asked for
        assert ids(await world.finder.find(Search(dispositions=["informed"]))) == []
        await world.feeds(timedelta(minutes=2))
        assert ids(await world.finder.find(Search(dispositions=["informed"]))) == [one.recording_id]
        world.now += 30 * DAY
        await world.writes(one.call_id, "pph", "umum")
        await world.scores(one, 5000)
        await world.scores(one, 6000, kind="rescore")  # counts for nobody
        await world.feeds()
        facts = await world.finder.facts(one.recording_id)
        assert facts is not None and (facts.branch, facts.score) == ("pph", 5000)
        await world.scores(one, 7000, kind="appeal")
        await world.feeds()
        facts = await world.finder.facts(one.recording_id)
        assert facts is not None and facts.score == 7000

    asyncio.run(story())


def test_words_of_a_transcript_are_found_until_the_recording_is_gone(
    world: ReviewWorld, vault: Vault
) -> None:
    async def story() -> None:
        one = await world.records()
        words = ReviewWords(vault)
        texts = ["Kode Billing saya", "kedaluwarsa"]

        async def told() -> bool:
            return await world.database.write(
                lambda connection: words.words_in(connection, one.recording_id, texts)
            )

        assert await told() is False  # not in the index yet
        await world.feeds()
        assert await told() and await told()
        assert ids(await world.finder.find(Search(words="billing kedaluwarsa"))) == [one.recording_id]
        assert ids(await world.finder.find(Search(words="billing lunas"))) == []
        await world.book.move(one.recording_id, "destroy", world.now)
        await world.feeds()
        assert ids(await world.finder.find(Search(words="billing", audible=None))) == []
        facts = await world.finder.facts(one.recording_id)
        assert facts is not None and facts.sound is Sound.GONE

    asyncio.run(story())


def test_recordings_of_one_moment_keep_a_place_each_and_a_rebuild_keeps_them(world: ReviewWorld) -> None:
    async def story() -> None:
        made = [await world.records(NOW - DAY) for _ in range(3)]
        await world.feeds()
        before = await world.finder.find(Search())
        assert sorted(ids(before)) == sorted(one.recording_id for one in made)
        told: list[int] = []
        assert await world.feed.rebuild(world.now, told.append) == 3
        assert told == [3]
        assert ids(await world.finder.find(Search())) == ids(before)

    asyncio.run(story())


def test_a_recording_that_is_still_made_is_there_but_not_among_what_can_be_heard(
    world: ReviewWorld,
) -> None:
    async def story() -> None:
        one = await world.records(seal=False)
        await world.feeds()
        assert (await world.book.get(one.recording_id)) is not None
        assert ids(await world.finder.find(Search())) == []
        found = await world.finder.find(Search(audible=False))
        assert [facts.sound for facts in found.rows] == [Sound.PENDING]
        await world.book.move(one.recording_id, "lose", world.now)
        assert (await world.book.get(one.recording_id)).state is State.LOST  # type: ignore[union-attr]
        await world.feeds()
        assert [facts.sound for facts in (await world.finder.find(Search(audible=None))).rows] == [Sound.GONE]

    asyncio.run(story())
