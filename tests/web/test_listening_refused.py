"""Nobody who may not hear a recording is given a byte of it. The bytes given are counted and printed."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from domain.staff import StaffRole
from storage.database import Database
from storage.vault import Vault
from tests.faults import Denied, FaultLog
from tests.web.listen_doubles import OTHERS, SEALED
from tests.web.listen_world import ListenWorld, listen_world, sound_bytes
from tests.web.permission_matrix import matrix
from web.guard import COMMAND_LINE

# Who may hear OWN's scored recording, of team alfa.
LISTENERS = {"agent", "team_leader", "supervisor", "quality", "quality_lead"}
DOWNLOADERS = {"quality_lead"}  # the privacy officer: for a request only
_DENIED = {
    "expired link": Denied.EXPIRED,
    "other session of the same user": Denied.OTHER_SESSION,
    "replayed after sign-out": Denied.OTHER_SESSION,
    "replayed in the next session": Denied.OTHER_SESSION,
}  # all others: somebody, or a link, that is for something else


@pytest.fixture
async def listening(migrated_staff: Path, tmp_path: Path) -> AsyncIterator[ListenWorld]:
    shutil.copy(migrated_staff, tmp_path / "kring.db")
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    yield await listen_world(database, Vault.create(tmp_path / "key"))
    database.close()


async def _plays(listening: ListenWorld, who: str, recording: str = SEALED) -> int:
    """Go the whole way as somebody: purpose, link, sound, levels. Return the bytes of sound they got."""
    before = listening.given[who]
    async with listening.client(who) as client:
        for purpose in ("review", "appeal", "calibration", "coaching", "complaint", "person_request"):
            answer = await client.post(f"/api/recordings/{recording}/playbacks", json={"purpose": purpose})
            assert answer.status_code in (200, 403, 404)
            if answer.status_code == 200:
                await listening.heard(client, answer.json()["address"], case=who)
    return listening.given[who] - before


async def test_each_role_hears_what_it_may_and_no_other_a_byte(
    listening: ListenWorld, faults: FaultLog
) -> None:
    own = {role.value: await _plays(listening, role.value) for role in StaffRole}
    others = {role.value: await _plays(listening, role.value, OTHERS) for role in StaffRole}
    print(f"bytes of a recording of team alfa: {own}; of team beta: {others}")  # noqa: T201 - asked for
    for heard, may in ((own, LISTENERS), (others, LISTENERS - {"agent", "team_leader"})):
        denied = [given for role, given in heard.items() if role not in may]
        faults.asked(Denied.WRONG_ROLE, len(denied), sum(denied))
    assert {role for role, given in own.items() if given} == LISTENERS
    assert {role for role, given in others.items() if given} == LISTENERS - {"agent", "team_leader"}


async def test_a_link_is_good_for_one_person_session_recording_and_minute(
    listening: ListenWorld, faults: FaultLog
) -> None:
    refused = {
        "expired link": 410, "other user": 404, "other session of the same user": 404,
        "other recording": 404, "made-up link": 404, "as a download": 404, "without signing in": 401,
        "the command line": 403, "other agent": 404, "other team's leader": 404,
    }  # fmt: skip
    asked: dict[str, httpx.Response] = {}
    listening.parts.sessions.visitors["command_line"] = COMMAND_LINE
    async with listening.client("quality_lead") as lead:
        address = (await listening.link(lead))["address"]
        token = address.split("=")[1]
        for case, who in (
            ("other user", "quality"),
            ("other session of the same user", "quality_lead_again"),
            ("the command line", "command_line"),  # no person, though its roles reach everything
            ("other agent", "colleague"),
            ("other team's leader", "other_leader"),
        ):
            async with listening.client(who) as other:
                asked[case] = await listening.heard(other, address, case=case)
        elsewhere = f"/api/recordings/{OTHERS}/sound?link={token}"
        asked["other recording"] = await listening.heard(lead, elsewhere, case="other recording")
        made_up = address.replace(token, "x" * 43)
        asked["made-up link"] = await listening.heard(lead, made_up, case="made-up link")
        copy = address.replace("/sound", "/download")
        asked["as a download"] = await listening.heard(lead, copy, case="as a download")
        transport, base = httpx.ASGITransport(app=listening.parts.app), "http://127.0.0.1:8080"
        async with httpx.AsyncClient(transport=transport, base_url=base) as nobody:
            asked["without signing in"] = await listening.heard(nobody, address, case="without signing in")
        listening.clock.passes(60)
        asked["expired link"] = await listening.heard(lead, address, case="expired link")
    counted = {case: listening.given[case] for case in refused}
    print(f"bytes given to who may not have them: {counted}")  # noqa: T201 - asked for
    assert {case: answer.status_code for case, answer in asked.items()} == refused
    for case, given in counted.items():
        faults.asked(_DENIED.get(case, Denied.WRONG_ROLE), 1, given)
    assert counted == dict.fromkeys(refused, 0)
    assert listening.sounds.read_bytes == 0  # nothing was even read
    assert [act for act, _, _ in listening.acts()] == ["recording_opened"]
    why = {why for act, _, why in listening.acts("refused")}
    assert why == {"unknown", "other_session", "expired", "not_yours", "no_person"}


async def test_a_playback_ends_with_its_session_and_with_its_right(
    listening: ListenWorld, faults: FaultLog
) -> None:
    visitors = listening.parts.sessions.visitors
    async with listening.client("quality") as reviewer, listening.client("quality_again") as again:
        address = (await listening.link(reviewer))["address"]
        assert (await listening.heard(reviewer, address)).status_code == 206
        del visitors["quality"]  # signed out
        out = await listening.heard(reviewer, address, case="replayed after sign-out")
        visitors["quality"] = visitors["quality_again"]  # the same person signs in anew
        anew = await listening.heard(again, address, case="replayed in the next session")
        assert (out.status_code, anew.status_code) == (401, 404)
    async with listening.client("agent") as agent:
        address = (await listening.link(agent, "appeal"))["address"]
        assert (await listening.heard(agent, address)).status_code == 206
        listening.scores.rows = []
        answer = await listening.heard(agent, address, case="right withdrawn meanwhile")
        assert answer.status_code == 404
    cases = ("replayed after sign-out", "replayed in the next session", "right withdrawn meanwhile")
    counted = {case: listening.given[case] for case in cases}
    print(f"bytes given after the end: {counted}")  # noqa: T201 - asked for
    for case, given in counted.items():
        faults.asked(_DENIED.get(case, Denied.WRONG_ROLE), 1, given)
    assert counted == dict.fromkeys(cases, 0)
    assert listening.given["allowed"] > 0


async def test_no_copy_but_for_who_may_take_one(listening: ListenWorld, faults: FaultLog) -> None:
    given: dict[str, int] = {}
    reason = "Permintaan tertulis yang tercatat"
    for role in StaffRole:
        async with listening.client(role.value) as client:
            given[role.value] = 0
            for purpose in ("review", "appeal", "complaint", "person_request"):
                body = {"purpose": purpose, "reason": reason}
                asked = await client.post(f"/api/recordings/{SEALED}/downloads", json=body)
                assert asked.status_code in (200, 403, 404)
                if asked.status_code == 200:
                    copy = await client.get(asked.json()["address"])
                    given[role.value] += sound_bytes(copy, listening.sounds)
    print(f"bytes of copies: {given}")  # noqa: T201 - asked for
    denied = [count for role, count in given.items() if role not in DOWNLOADERS]
    faults.asked(Denied.WRONG_ROLE, len(denied), sum(denied))
    assert {role for role, count in given.items() if count} == DOWNLOADERS


async def test_a_copys_link_is_no_good_to_anybody_else_or_late(
    listening: ListenWorld, faults: FaultLog
) -> None:
    body = {"purpose": "complaint", "reason": "Bukti pengaduan tercatat"}
    async with listening.client("quality_lead") as lead, listening.client("privacy_officer") as officer:
        asked = (await lead.post(f"/api/recordings/{SEALED}/downloads", json=body)).json()["address"]
        answers = [await officer.get(asked), await lead.get(asked.replace("/download", "/sound"))]
        async with listening.client("quality_lead_again") as again:
            answers.append(await again.get(asked))
        listening.clock.passes(60)
        answers.append(await lead.get(asked))
    bytes_of = [sound_bytes(one, listening.sounds) for one in answers]
    who = (Denied.WRONG_ROLE, Denied.WRONG_ROLE, Denied.OTHER_SESSION, Denied.EXPIRED)
    for denied, given in zip(who, bytes_of, strict=True):
        faults.asked(denied, 1, given)
    counted = sum(bytes_of)
    print(f"bytes of a copy to others, elsewhere and late: {counted}")  # noqa: T201 - asked for
    assert (counted, [one.status_code for one in answers]) == (0, [404, 404, 404, 410])


async def test_a_stranger_learns_nothing_by_the_answers(listening: ListenWorld) -> None:
    """A recording that is not theirs and one that is not there answer alike."""
    async with listening.client("other_leader") as stranger:
        texts = set()
        for recording in (SEALED, "9" * 32):
            answer = await stranger.post(f"/api/recordings/{recording}/playbacks", json={"purpose": "review"})
            texts.add((answer.status_code, answer.text))
            page = await stranger.get(f"/rekaman/{recording}")
            assert page.status_code == 404
    assert len(texts) == 1


async def test_every_route_is_open_to_the_roles_of_the_table_only(listening: ListenWorld) -> None:
    guard = listening.parts.shared.guard
    outcome = await matrix(listening.parts.app, guard)
    print(outcome)  # noqa: T201 - asked for
    assert (outcome.wrong, outcome.unproven) == ([], [])
    assert outcome.allowed > 0
    assert outcome.denied > 0
