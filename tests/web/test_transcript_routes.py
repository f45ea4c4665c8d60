"""The transcript beside a recording: for who may hear it while a playback is open; on record; no evidence."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.audit import AuditRow, AuditUnavailable
from recording.persons import NobodyRestricted
from recording.transcripts import Sentence, Transcript, Transcripts, TranscriptsUnavailable
from storage.database import Database
from storage.vault import Vault
from tests.web.listen_doubles import AT, GONE, OTHERS, SEALED
from tests.web.listen_world import ListenWorld, listen_world
from tests.web.page_parts import CALL
from web.transcript_routes import add_transcript_routes

SAID = "Ibu Kenanga bertanya soal EFIN <b>"
SENTENCES = (Sentence("caller", 2500, 4000, SAID), Sentence("agent", 12_600, 13_000, "Baik."))
FOUND = Transcript(SEALED, CALL, AT, "id", "whisper-base", "1.2, d01c", 20_000, 3000, SENTENCES)
ADDRESS = f"/rekaman/{SEALED}/transkrip"
SUBJECT = f"recording:{SEALED}"


class TranscriptsDouble:
    """Has one transcript."""

    away = False

    async def get(self, recording_id: str) -> Transcript | None:
        if self.away:
            raise TranscriptsUnavailable("away")
        return FOUND if recording_id == SEALED else None


class Reading:
    """The application with the route."""

    def __init__(self, world: ListenWorld) -> None:
        self.world = world
        self.double = TranscriptsDouble()
        double: Transcripts = self.double  # type: ignore[assignment]  # it is only read from
        add_transcript_routes(world.parts.shared, world.port, double)


@pytest.fixture
async def reading(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[Reading]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    yield Reading(await listen_world(database, Vault.create(tmp_path / "key")))
    database.close()


async def test_who_hears_it_may_read_it_and_each_look_is_on_record(reading: Reading) -> None:
    world = reading.world
    async with world.client("quality") as reviewer:
        begun = await world.link(reviewer)
        asked = {"playback_id": begun["playback_id"]}
        answer = await reviewer.get(ADDRESS, params=asked)
        assert answer.status_code == 200
        found = answer.json()
        assert found["evidence"] is False
        assert [(one["side"], one["from_ms"], one["text"]) for one in found["sentences"]] == [
            ("caller", 2500, SAID),
            ("agent", 12_600, "Baik."),
        ]
        assert world.acts()[-1] == ("recording_transcript_viewed", SUBJECT, "review")
        before = len(world.acts())
        piece = await reviewer.get(ADDRESS, params=asked, headers={"hx-request": "true"})
        assert len(world.acts()) == before + 1
    assert "Bantuan pencarian, bukan bukti." in piece.text
    assert 'href="#t=2.5"' in piece.text and "0:02" in piece.text
    assert "EFIN &lt;b&gt;" in piece.text and "<b>" not in piece.text
    assert SAID not in repr(world.parts.audit.rows)


async def test_a_recording_without_one_says_so(reading: Reading) -> None:
    world = reading.world
    async with world.client("quality") as reviewer:
        begun = await world.link(reviewer, recording=OTHERS)
        address = f"/rekaman/{OTHERS}/transkrip"
        piece = await reviewer.get(
            address, params={"playback_id": begun["playback_id"]}, headers={"hx-request": "true"}
        )
    assert piece.status_code == 200
    assert "Belum ada transkrip" in piece.text and "bukan bukti" in piece.text


async def test_the_player_offers_it(reading: Reading) -> None:
    world = reading.world
    async with world.client("quality") as reviewer:
        piece = await reviewer.post(
            f"/api/recordings/{SEALED}/playbacks", json={"purpose": "review"}, headers={"hx-request": "true"}
        )
    assert f'hx-get="{ADDRESS}"' in piece.text and 'hx-include="#playback-id"' in piece.text
    assert SAID not in piece.text  # only when it is asked for, and on record


async def test_nobody_else_reads_a_word(reading: Reading) -> None:
    """Counted: characters of the transcript given to those who may not."""
    world, leaked, tried = reading.world, 0, 0
    async with world.client("quality") as reviewer:
        begun = await world.link(reviewer)
    asked = {"playback_id": begun["playback_id"]}
    everybody = sorted(world.parts.sessions.visitors)
    for who in everybody:
        if who == "quality":
            continue
        async with world.client(who) as other:
            answer = await other.get(ADDRESS, params=asked)
        tried += 1
        assert answer.status_code in (403, 404), who
        leaked += "Kenanga" in answer.text
    async with world.client("quality") as reviewer:
        for wrong in ({"playback_id": "0" * 32}, {"playback_id": "no"}, {}):
            answer = await reviewer.get(ADDRESS, params=wrong)
            tried += 1
            assert answer.status_code in (404, 422)
            leaked += "Kenanga" in answer.text
        gone = await reviewer.get(f"/rekaman/{GONE}/transkrip", params=asked)
        assert gone.status_code in (404, 410)
        world.clock.passes(timedelta(days=1).total_seconds())
        closed = await reviewer.get(ADDRESS, params=asked)
        assert closed.status_code == 410
        leaked += "Kenanga" in closed.text + gone.text
    assert tried > 5 and leaked == 0
    assert not [one for one in world.acts() if one[0] == "recording_transcript_viewed"]


async def test_no_word_without_the_trail_or_the_record(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = reading.world

    async def broken(row: AuditRow) -> None:
        raise AuditUnavailable("full")

    async with world.client("quality") as reviewer:
        begun = await world.link(reviewer)
        asked = {"playback_id": begun["playback_id"]}
        with monkeypatch.context() as patch:
            patch.setattr(type(world.parts.audit), "record", lambda self, row: broken(row))
            answer = await reviewer.get(ADDRESS, params=asked)
            assert answer.status_code == 503 and "Kenanga" not in answer.text
        reading.double.away = True
        assert (await reviewer.get(ADDRESS, params=asked)).status_code == 503


async def test_under_restriction_nobody_reads_it(reading: Reading) -> None:
    class Restricted(NobodyRestricted):
        async def call(self, call_id: str) -> bool:
            return call_id == CALL

    world = reading.world
    async with world.client("quality") as reviewer:
        begun = await world.link(reviewer)
        fresh = await listen_world(
            world.database, Vault.create(Path(world.database.engine.url.database or "").parent / "key2")
        )
        fresh.port = replace(fresh.port, persons=Restricted())
        add_transcript_routes(fresh.parts.shared, fresh.port, reading.double)  # type: ignore[arg-type]
    async with fresh.client("quality") as reviewer:
        answer = await reviewer.get(ADDRESS, params={"playback_id": begun["playback_id"]})
    assert answer.status_code in (403, 404) and "Kenanga" not in answer.text
    refused = [row for row in fresh.parts.audit.rows if row.outcome == "refused"]
    assert [row.subject for row in refused] == [SUBJECT]
