"""Prompts that an installation sets itself: before and after, audio by its digest; on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from prompts.manifest import Source
from prompts.own import OwnText
from storage.database import Database, DatabaseProblem
from storage.own_prompts import DurableOwnPrompts, KeptSound, OtherPromptChange, PromptChange
from storage.prompt_tables import prompt_changes

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OLD = OwnText({"id": "Ada gangguan.", "en": "A fault."}, {"id/a": "1" * 64, "en/a": "2" * 64})
NEW = OwnText({"id": "Sudah pulih.", "en": "A fault."}, {"id/a": "3" * 64, "en/a": "2" * 64})
CHANGE = PromptChange(0, NOW, "a" * 32, "announce_busy", "SE-12", 0, False, "d" * 16, OLD, NEW)


async def test_the_newest_change_of_each_prompt_is_in_force(database: Database) -> None:
    store = DurableOwnPrompts(database)
    assert (await store.newest(), dict(await store.in_force())) == (0, {})
    first = await store.add(CHANGE, based_on=0)
    other = await store.add(replace(CHANGE, prompt="announce_fraud"), based_on=0)
    undone = await store.add(
        replace(CHANGE, undoes=1, as_shipped=True, before=NEW, after=OLD), based_on=first.number
    )
    assert first == replace(CHANGE, number=1)
    assert await store.in_force() == {"announce_busy": undone, "announce_fraud": other}
    assert store.in_force_now() == await store.in_force()
    assert await store.newest() == 3
    assert [one.number for one in await store.changes("announce_busy")] == [3, 1]
    assert [one.number for one in await store.changes(before=3, most=1)] == [2]
    assert await store.change(1) == first
    with pytest.raises(KeyError):
        await store.change(9)


async def test_who_did_not_see_the_newest_change_changes_nothing(database: Database) -> None:
    store = DurableOwnPrompts(database)
    await store.add(CHANGE, based_on=0)
    with pytest.raises(OtherPromptChange):
        await store.add(CHANGE, based_on=0)
    assert await store.newest() == 1


async def test_nobody_rewrites_the_record(database: Database) -> None:
    await DurableOwnPrompts(database).add(CHANGE, based_on=0)
    for statement in (sa.update(prompt_changes).values(who="b"), sa.delete(prompt_changes)):
        with pytest.raises(DatabaseProblem):
            await database.write(partial(Connection.execute, statement=statement))


async def test_audio_that_no_change_names_is_gone_after_its_day(database: Database) -> None:
    store = DurableOwnPrompts(database)
    for at, digest in ((NOW, "1"), (NOW, "3"), (NOW, "4"), (NOW + timedelta(hours=1), "5")):
        await store.keep_sound(KeptSound(digest * 64, at, 2.5, Source.RECORDED), b"RIFF" + digest.encode())
    await store.add(CHANGE, based_on=0)
    assert await store.drafts(NOW + timedelta(minutes=1)) == 1
    assert await store.wav("4" * 64) is None
    assert await store.wav("3" * 64) == store.wav_now("3" * 64) == b"RIFF3"
    known = await store.sounds(["1" * 64, "4" * 64])
    assert known == {"1" * 64: KeptSound("1" * 64, NOW, 2.5, Source.RECORDED)}


async def test_audio_brought_again_begins_its_day_anew(database: Database) -> None:
    store = DurableOwnPrompts(database)
    for at in (NOW, NOW + timedelta(hours=1)):
        await store.keep_sound(KeptSound("4" * 64, at, 2.5, Source.TTS), b"RIFF")
    assert await store.drafts(NOW + timedelta(minutes=1)) == 1
