"""Listening over HTTP: with a purpose, by ranges, nothing before it is on record."""

import asyncio
import base64
import io
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import soundfile

from domain.audit import AuditRow, AuditUnavailable
from recording.listening_copy import read_sign
from recording.quality.scores import Kind, ScoreState
from recording.recordings import AlarmKind
from storage.database import Database
from storage.vault import Vault
from tests.web.listen_doubles import GONE, OTHERS, RUNNING, SEALED, score, sound
from tests.web.listen_world import ListenWorld, listen_world
from tests.web.page_parts import OWN

SUBJECT = f"recording:{SEALED}"
BODY = {"from_s": 4.0, "until_s": 7.0, "text": "Ibu Kenanga menunggu lama", "audience": "leaders"}


@pytest.fixture
async def listening(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[ListenWorld]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    yield await listen_world(database, Vault.create(tmp_path / "key"))
    database.close()


async def test_a_reviewer_hears_a_recording_and_every_byte_is_on_record(listening: ListenWorld) -> None:
    whole = listening.sounds.content[SEALED]
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        assert listening.acts() == [("recording_opened", SUBJECT, "review")]
        first = await listening.heard(reviewer, begun["address"], "bytes=0-999")
        assert (first.status_code, first.content) == (206, whole[:1000])
        assert first.headers["content-range"] == f"bytes 0-999/{len(whole)}"
        assert first.headers["content-type"] == "audio/flac"
        assert first.headers["cache-control"] == "no-store"
        last = await listening.heard(reviewer, begun["address"], "bytes=-500")
        assert last.content == whole[-500:]
    assert listening.acts() == [
        ("recording_opened", SUBJECT, "review"),
        ("recording_played", SUBJECT, "review"),
    ]
    given = await listening.playbacks.given(begun["playback_id"])
    assert [(start, end) for _, start, end in given] == [(0, 1000), (len(whole) - 500, len(whole))]
    assert begun["address"].split("=")[1] not in repr(listening.parts.audit.rows)


async def test_a_recording_never_goes_out_in_one_piece(listening: ListenWorld) -> None:
    listening.sounds.content[SEALED] = b"".join(sound(seconds=60, seed=n) for n in range(3))
    size = len(listening.sounds.content[SEALED])
    assert size > 1_048_576
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        without = await listening.heard(reviewer, begun["address"], "", "no range")
        assert without.status_code == 400
        for span in ("bytes=9999999999-", "bytes=5-2", "bytes=0-1,5-9", "chunks=0-1", "bytes=-"):
            answer = await listening.heard(reviewer, begun["address"], span, "no range")
            assert answer.status_code == 416, span
        assert listening.given["no range"] == 0
        got = b""
        while len(got) < size:
            part = await listening.heard(reviewer, begun["address"], f"bytes={len(got)}-")
            assert 0 < len(part.content) <= 1_048_576
            got += part.content
        assert got == listening.sounds.content[SEALED]


async def test_the_trail_comes_before_the_first_byte(
    listening: ListenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)

        async def broken(row: AuditRow) -> None:
            raise AuditUnavailable("full")

        with monkeypatch.context() as patch:
            patch.setattr(type(listening.parts.audit), "record", lambda self, row: broken(row))
            answer = await listening.heard(reviewer, begun["address"], case="trail away")
            assert answer.status_code == 503
            again = await reviewer.post(f"/api/recordings/{SEALED}/playbacks", json={"purpose": "review"})
            assert again.status_code == 503
        assert listening.given["trail away"] == 0
        assert await listening.playbacks.given(begun["playback_id"]) == []
        assert (await listening.heard(reviewer, begun["address"])).status_code == 206


async def test_what_was_played_is_told_by_the_page_and_the_playback_can_be_left(
    listening: ListenWorld,
) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        await listening.heard(reviewer, begun["address"])
        address = f"/api/recordings/{SEALED}/playbacks/{begun['playback_id']}/heard"
        parts = [[0, 1500], [19_000, 99_000], [5, 5]]
        told = await reviewer.post(address, json={"parts": parts, "close": True})
        assert told.status_code == 204
        assert await listening.playbacks.parts(begun["playback_id"]) == [(0, 1500), (19_000, 20_000)]
        after = await listening.heard(reviewer, begun["address"], case="left")
        assert (after.status_code, listening.given["left"]) == (410, 0)
        assert (await reviewer.post(address, json={"parts": parts})).status_code == 410


async def test_the_levels_and_marks_stand_beside_an_open_playback_only(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer, listening.client("other_reviewer") as other:
        begun = await listening.link(reviewer)
        address = f"/api/recordings/{SEALED}/peaks?playback={begun['playback_id']}"
        found = (await reviewer.get(address)).json()
        assert [len(base64.b64decode(found[side])) for side in ("caller", "agent")] == [200, 200]
        assert (await other.get(address)).status_code == 404
        assert (await reviewer.get(f"/api/recordings/{SEALED}/peaks?playback={'0' * 32}")).status_code == 404
        kinds = [one["kind"] for one in begun["marks"]]
        assert kinds == ["notice", "hold", "silenced", "consult", "conference", "waiting", "gap"]
        gap, silenced = begun["marks"][-1], begun["marks"][2]
        assert (gap["from_ms"], gap["until_ms"], gap["why"]) == (18_000, 20_000, "")
        assert silenced["why"] == "proof"
        assert "90000003" not in repr(begun)
        assert "service_restart" not in repr(begun)


@pytest.mark.parametrize(
    ("recording", "status", "told"),
    [(RUNNING, 409, "masih berjalan"), (GONE, 410, "dimusnahkan"), ("9" * 32, 404, "tidak ada")],
)
async def test_what_cannot_be_heard_is_said(
    listening: ListenWorld, recording: str, status: int, told: str
) -> None:
    async with listening.client("quality") as reviewer:
        answer = await reviewer.post(f"/api/recordings/{recording}/playbacks", json={"purpose": "review"})
        assert answer.status_code == status
        assert told in answer.json()["message"]


async def test_trouble_with_the_store_is_told_and_tampering_is_an_alarm(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        listening.sounds.away = True
        assert (await listening.heard(reviewer, begun["address"])).status_code == 503
        listening.sounds.away, listening.sounds.damaged_at = False, 0
        answer = await listening.heard(reviewer, begun["address"])
        assert (answer.status_code, listening.alarms.raised) == (
            409, [(AlarmKind.TAMPERED, SEALED, "read:0")],
        )  # fmt: skip
        listening.sounds.damaged_at = 20_000
        with pytest.raises(AssertionError):  # httpx's transport found an answer that broke off
            await listening.heard(reviewer, begun["address"])
        assert len(listening.alarms.raised) == 2  # the double keeps doubles
        kept = listening.sounds.content.pop(SEALED)
        assert (await listening.heard(reviewer, begun["address"])).status_code == 410
        listening.sounds.content[SEALED] = kept
        assert listening.alarms.raised[-1] == (AlarmKind.MISSING_OBJECT, SEALED, "read")
        assert listening.given == {"allowed": 0}


async def test_comments_are_read_by_whom_they_are_for(listening: ListenWorld) -> None:
    async with (
        listening.client("quality") as reviewer,
        listening.client("other_reviewer") as other,
        listening.client("team_leader") as leader,
        listening.client("agent") as agent,
    ):
        clients = {"quality": reviewer, "other": other, "leader": leader, "agent": agent}
        begun = {name: await listening.link(client) for name, client in clients.items()}
        address = f"/api/recordings/{SEALED}/comments"
        for place, audience in enumerate(("reviewers", "leaders", "agent")):
            body = {**BODY, "playback_id": begun["quality"]["playback_id"], "audience": audience}
            body["from_s"] = place
            assert (await reviewer.post(address, json=body)).status_code == 201

        async def read(name: str) -> list[str]:
            found = await clients[name].get(f"{address}?playback={begun[name]['playback_id']}")
            return [one["audience"] for one in found.json()["comments"]]

        assert await read("quality") == ["reviewers", "leaders", "agent"]
        assert await read("other") == ["reviewers", "leaders", "agent"]
        assert await read("leader") == ["leaders", "agent"]
        assert await read("agent") == ["agent"]
        listening.blind.staff.add(listening.parts.sessions.visitors["other_reviewer"].staff.staff_id)
        assert await read("other") == []
        blind = await listening.link(other, "appeal")
        assert (blind["comments"]["comments"], blind["comments"]["alone"]) == ([], True)
        assert not {"score", "total", "points"} & set(blind["comments"])
        body = {**BODY, "playback_id": begun["agent"]["playback_id"], "audience": "agent"}
        assert (await agent.post(address, json=body)).status_code == 403
        body = {**BODY, "playback_id": begun["leader"]["playback_id"], "audience": "reviewers"}
        assert (await leader.post(address, json=body)).status_code == 422
    acts = [act for act, _, _ in listening.acts()]
    assert acts.count("recording_commented") == 3
    assert acts.count("recording_comments_viewed") == 5
    assert "Kenanga" not in repr(listening.parts.audit.rows)


async def test_whoever_calibrates_reads_no_other_comments(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer, listening.client("other_reviewer") as other:
        begun = await listening.link(reviewer)
        await reviewer.post(
            f"/api/recordings/{SEALED}/comments", json={**BODY, "playback_id": begun["playback_id"]}
        )
        assert len((await listening.link(other, "review"))["comments"]["comments"]) == 1
        assert (await listening.link(other, "calibration"))["comments"]["comments"] == []


async def test_a_comment_is_taken_back_by_its_writer_only(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer, listening.client("other_reviewer") as other:
        begun, others = await listening.link(reviewer), await listening.link(other)
        address = f"/api/recordings/{SEALED}/comments"
        for _ in range(2):  # sent again after a lost answer
            body = {**BODY, "playback_id": begun["playback_id"], "comment_id": "7" * 32}
            [kept] = (await reviewer.post(address, json=body)).json()["comments"]
        assert (kept["from_ms"], kept["until_ms"], kept["by"], kept["mine"]) == (
            4000, 7000, "Melati Contoh", True,
        )  # fmt: skip
        back = f"{address}/{'7' * 32}/withdraw"
        assert (await other.post(back, json={"playback_id": others["playback_id"]})).status_code == 404
        answer = await reviewer.post(back, json={"playback_id": begun["playback_id"]})
        assert answer.json()["comments"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "  "}, "text"),
        ({"from_s": 21}, "from_s"),
        ({"from_s": -1}, "from_s"),
        ({"until_s": 3}, "until_s"),
        ({"audience": "everybody"}, "audience"),
    ],
)
async def test_a_comment_that_cannot_be_is_refused_by_its_field(
    listening: ListenWorld, changes: dict[str, object], field: str
) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        body = {**BODY, "playback_id": begun["playback_id"], **changes}
        answer = await reviewer.post(f"/api/recordings/{SEALED}/comments", json=body)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["fields"]] == [field]
    assert await listening.comments.of(SEALED) == []


async def test_a_copy_says_whose_it_is_to_eye_and_ear(listening: ListenWorld) -> None:
    async with listening.client("quality_lead") as lead:
        asked = await lead.post(
            f"/api/recordings/{SEALED}/downloads",
            json={"purpose": "complaint", "reason": "Bukti pengaduan Ibu Kenanga"},
        )
        assert asked.status_code == 200, asked.text
        found = asked.json()
        copy = await lead.get(found["address"])
        assert copy.status_code == 200
        assert copy.headers["content-disposition"].startswith("attachment;")
        number = found["download_id"][:8]
        assert number in copy.headers["content-disposition"]
        again = await lead.get(found["address"])
        listening.given["second download"] += len(again.content) if again.status_code == 200 else 0
        assert (again.status_code, listening.given["second download"]) == (410, 0)
    heard, rate = soundfile.read(io.BytesIO(copy.content))
    original, _ = soundfile.read(io.BytesIO(listening.sounds.content[SEALED]))
    assert heard.shape == original.shape
    assert read_sign(heard, rate) == number
    assert read_sign(original, rate) == ""
    assert found["download_id"].encode() in copy.content[:400]
    [kept] = [one for one in await listening.playbacks.of_recording(SEALED) if one.use == "download"]
    assert kept.reason == "Bukti pengaduan Ibu Kenanga"
    acts = listening.acts()
    assert acts == [
        ("recording_download_asked", SUBJECT, "complaint"),
        ("recording_downloaded", SUBJECT, "complaint"),
    ]
    assert "Kenanga" not in repr(listening.parts.audit.rows)


async def test_a_download_needs_its_purpose_and_a_reason(listening: ListenWorld) -> None:
    address = f"/api/recordings/{SEALED}/downloads"
    reason = "Diminta pemilik data"
    async with listening.client("privacy_officer") as officer, listening.client("quality_lead") as lead:
        answer = await officer.post(address, json={"purpose": "person_request", "reason": reason})
        assert answer.status_code == 404  # no request is about it
        for purpose, status in (("person_request", 403), ("complaint", 200), ("review", 403)):
            answer = await lead.post(address, json={"purpose": purpose, "reason": reason})
            assert answer.status_code == status, purpose
        assert (await lead.post(address, json={"purpose": "appeal", "reason": "singkat"})).status_code == 422
        spaces = await lead.post(address, json={"purpose": "appeal", "reason": "  banding      "})
        assert spaces.status_code == 422
        assert "reason" in spaces.text


async def test_an_agent_hears_their_own_work_once_it_is_scored(listening: ListenWorld) -> None:
    address = f"/api/recordings/{SEALED}/playbacks"
    async with listening.client("agent") as agent:
        for state, kind, status in (
            (ScoreState.DRAFT, Kind.REVIEW, 404),
            (ScoreState.FINAL, Kind.CALIBRATION, 404),
            (ScoreState.FINAL, Kind.TRIAL, 404),
            (ScoreState.FINAL, Kind.REVIEW, 200),
            (ScoreState.CONTESTED, Kind.REVIEW, 200),
            (ScoreState.REPLACED, Kind.REVIEW, 200),
        ):
            listening.scores.rows = [score(OWN, state, kind)]
            answer = await agent.post(address, json={"purpose": "appeal"})
            assert answer.status_code == status, (state, kind)
        assert (await agent.post(address, json={"purpose": "coaching"})).status_code == 403


async def test_the_page_asks_what_for_before_it_shows_anything(listening: ListenWorld) -> None:
    async with listening.client("quality", page=True) as reviewer, listening.client("agent") as agent:
        page = await reviewer.get(f"/rekaman/{SEALED}?tujuan=calibration", headers={"accept": "text/html"})
        assert page.status_code == 200
        offered = re.findall(r'name="purpose" value="(\w+)" required( checked)?', page.text)
        assert offered == [
            ("review", ""), ("appeal", ""), ("calibration", " checked"), ("coaching", ""), ("complaint", ""),
        ]  # fmt: skip
        assert "/sound?" not in page.text
        assert "/konteks" not in page.text
        nonce = re.search(r'data-nonce="([\w-]+)"', page.text)
        assert nonce is not None
        assert f"'nonce-{nonce[1]}'" in page.headers["content-security-policy"]
        assert "script-src 'self';" in page.headers["content-security-policy"]
        assert listening.acts() == []
        piece = await reviewer.post(f"/api/recordings/{SEALED}/playbacks", json={"purpose": "review"})
        assert piece.text.count("data-mark=") == 7
        assert f'data-piece-of="/rekaman/{SEALED}/konteks"' in piece.text
        assert f'data-piece-of="/rekaman/{SEALED}/penilaian"' in piece.text
        for path in (f"/rekaman/{OTHERS}", f"/rekaman/{SEALED}/unduh"):
            assert (await agent.get(path)).status_code in (403, 404)
        running = await reviewer.get(f"/rekaman/{RUNNING}")
        assert "masih berjalan" in running.text


async def test_a_playback_goes_on_while_its_session_lives(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        for _ in range(4):
            assert (await listening.heard(reviewer, begun["address"])).status_code == 206
            listening.clock.passes(1700)
        listening.clock.passes(101)
        idle = await listening.heard(reviewer, begun["address"], case="idle")
        assert (idle.status_code, listening.given["idle"]) == (410, 0)


async def test_many_first_requests_at_once_leave_one_row_of_the_playback(listening: ListenWorld) -> None:
    async with listening.client("quality") as reviewer:
        begun = await listening.link(reviewer)
        spans = [f"bytes={n * 100}-{n * 100 + 99}" for n in range(6)]
        answers = await asyncio.gather(*[listening.heard(reviewer, begun["address"], span) for span in spans])
        assert {one.status_code for one in answers} == {206}
    assert len(await listening.playbacks.given(begun["playback_id"])) == 6
    assert ("recording_played", SUBJECT, "review") in listening.acts()
