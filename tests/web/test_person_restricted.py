"""A recording under restriction over HTTP: 0 bytes to everybody but who answers people's requests."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from recording.persons import PersonsUnavailable
from recording.recordings import Recording
from storage.database import Database
from storage.vault import Vault
from tests.web.listen_doubles import OTHERS, SEALED
from tests.web.listen_world import ListenWorld, listen_world

HEARERS = ("agent", "team_leader", "supervisor", "quality", "quality_lead")
LINK = {"purpose": "review"}


class Restriction:
    """Stands over every call, once it is there; what `cases` names is asked for by a person."""

    stands, away = False, False
    cases: frozenset[str] = frozenset()

    async def call(self, call_id: str) -> bool:
        if self.away:
            raise PersonsUnavailable("away")
        return self.stands

    async def concerns(self, recording: Recording) -> bool:
        return await self.call(recording.call_id) or recording.recording_id in self.cases


RESTRICTION = Restriction()


@pytest.fixture
async def listening(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[ListenWorld]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    RESTRICTION.stands = RESTRICTION.away = False
    RESTRICTION.cases = frozenset()
    yield await listen_world(database, Vault.create(tmp_path / "key"), None, RESTRICTION)
    await asyncio.get_running_loop().run_in_executor(None, database.close)


@pytest.mark.parametrize("who", HEARERS)
async def test_nobody_gets_a_byte_or_a_link_while_it_stands(listening: ListenWorld, who: str) -> None:
    async with listening.client(who) as client:
        before = await listening.link(client)
        assert (await listening.heard(client, before["address"])).status_code == 206
        RESTRICTION.stands = True
        # A playback that was open before is over, too.
        peaks = f"/api/recordings/{SEALED}/peaks?playback={before['playback_id']}"
        for path in (before["address"], peaks):
            answer = await listening.heard(client, path, case="restricted")
            assert answer.status_code in (403, 404)
        answer = await client.post(f"/api/recordings/{SEALED}/playbacks", json=LINK)
        assert answer.status_code == 403 and "dibatasi" in answer.json()["message"]
        assert (await client.get(f"/rekaman/{SEALED}")).status_code == 403
        RESTRICTION.stands = False
        assert (await client.post(f"/api/recordings/{SEALED}/playbacks", json=LINK)).status_code == 200
    assert listening.given["restricted"] == 0
    assert ("recording_refused", f"recording:{SEALED}", "restricted") in listening.acts("refused")


async def test_who_answers_requests_still_gets_it_for_that_purpose(listening: ListenWorld) -> None:
    RESTRICTION.stands = True
    body = {"purpose": "person_request", "reason": "permintaan ABCD2345"}
    async with listening.client("privacy_officer") as officer, listening.client("quality_lead") as lead:
        path = f"/api/recordings/{SEALED}/downloads"
        given = await officer.post(path, json=body)
        assert given.status_code == 200, given.text
        refused = await lead.post(path, json={**body, "purpose": "appeal"})
        assert refused.status_code == 403


async def test_who_answers_a_request_hears_what_it_is_about_as_long_as_it_is_worked_on(
    listening: ListenWorld,
) -> None:
    address, asked = f"/api/recordings/{SEALED}", {"purpose": "person_request"}
    async with listening.client("privacy_officer") as officer, listening.client("quality_lead") as lead:
        assert (await officer.get(f"/rekaman/{SEALED}")).status_code == 404  # nobody asked for anything
        assert (await officer.post(f"{address}/playbacks", json=asked)).status_code == 404
        RESTRICTION.cases = frozenset({SEALED})
        page = await officer.get(f"/rekaman/{SEALED}?tujuan=person_request", headers={"accept": "text/html"})
        assert page.status_code == 200 and 'value="person_request"' in page.text
        assert 'value="review"' not in page.text
        for purpose in ("review", "appeal", "complaint"):
            answer = await officer.post(f"{address}/playbacks", json={"purpose": purpose})
            assert answer.status_code == 403, purpose
        begun = (await officer.post(f"{address}/playbacks", json=asked)).json()
        assert (await listening.heard(officer, begun["address"])).status_code == 206
        assert (await officer.post(f"/api/recordings/{OTHERS}/playbacks", json=asked)).status_code == 404
        assert (await lead.post(f"{address}/playbacks", json=asked)).status_code == 403
        RESTRICTION.cases = frozenset()  # it is answered
        gone = await listening.heard(officer, begun["address"], case="answered")
        assert gone.status_code == 404
    assert listening.given["allowed"] > 0 and listening.given["answered"] == 0
    heard = [why for act, _, why in listening.acts() if act == "recording_opened"]
    assert heard == ["person_request"]


async def test_where_it_cannot_be_told_nothing_is_heard(listening: ListenWorld) -> None:
    RESTRICTION.away = True
    async with listening.client("quality") as client:
        answer = await client.post(f"/api/recordings/{SEALED}/playbacks", json=LINK)
    assert answer.status_code == 503
