"""One's own account: password, second step, sessions."""

import re

import pyotp
import pytest
from argon2 import PasswordHasher

from domain.audit import AuditQuery
from domain.staff import StaffRole
from tests.web.staff_world import BROWSER, PASSWORD, StaffWorld, browser, enter
from web.guard import SESSION_COOKIE
from web.sign_in import Source
from web.sign_in_passwords import LEAST, Passwords, fault_of, one_time_password

NEW = "sambal terasi dan lalapan"


async def test_a_given_password_is_changed_and_then_all_is_open(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001", must_change=True)
    app = world.app()
    async with browser(app) as sari:
        await enter(sari, "sari")
        page = (await sari.get("/akun")).text
        assert "Ganti dahulu" in page
        body = {"old": PASSWORD, "new": NEW, "again": NEW}
        answer = await sari.post("/api/account/password", json=body)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/")
        assert "Ganti dahulu" not in (await sari.get("/akun")).text
        assert world.changed_passwords == ["sari"]
    async with browser(app) as again:
        assert (await enter(again, "sari", PASSWORD)).status_code == 401
        assert (await enter(again, "sari", NEW)).status_code == 303


async def test_all_sessions_end_with_the_password(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app()
    async with browser(app) as here, browser(app) as there:
        await enter(here, "sari")
        await enter(there, "sari")
        body = {"old": PASSWORD, "new": NEW, "again": NEW}
        before = here.cookies[SESSION_COOKIE]
        await here.post("/api/account/password", json=body)
        assert here.cookies[SESSION_COOKIE] != before
        assert (await here.get("/akun")).status_code == 200
        assert (await there.get("/akun")).status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "field", "said"),
    [
        ("terlalu-dek", "terlalu-dek", "new", "12 karakter"),
        ("kringpajak1500200", "kringpajak1500200", "new", "mudah ditebak"),
        (PASSWORD, PASSWORD, "new", "berbeda"),
        (NEW, NEW + ".", "again", "tidak sama"),
    ],
)
async def test_a_bad_new_password_is_refused_beside_its_field(
    world: StaffWorld, new: str, again: str, field: str, said: str
) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app()
    async with browser(app) as sari:
        await enter(sari, "sari")
        body = {"old": PASSWORD, "new": new, "again": again}
        answer = await sari.post("/api/account/password", json=body)
        assert answer.status_code == 422
        wrong = answer.json()["fields"]
        assert [(one["field"], said in one["problem"]) for one in wrong] == [(field, True)]
        assert new not in answer.text
        assert (await world.sign_in.with_password("sari", PASSWORD, _source())) is not None


async def test_a_wrong_present_password_changes_nothing_and_makes_the_next_try_wait(
    world: StaffWorld,
) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app()
    async with browser(app) as sari:
        await enter(sari, "sari")
        for _ in range(4):
            answer = await sari.post("/api/account/password", json={"old": "guess", "new": NEW, "again": NEW})
            assert answer.status_code == 422
            assert answer.json()["fields"][0]["field"] == "old"
        assert world.clock.slept
    assert len(await world.audit.rows(AuditQuery(act="password_check_failed"))) == 4


async def test_a_code_is_enrolled_asked_for_and_accepted_once(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app()
    async with browser(app) as sari:
        await enter(sari, "sari")
        begun = await sari.post("/api/account/code", json={"password": PASSWORD})
        totp = pyotp.TOTP(begun.json()["secret"])
        picture = await sari.get("/api/account/code.svg")
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.text.startswith('<svg xmlns="http://www.w3.org/2000/svg"'), "else no browser shows it"
        assert (await sari.post("/api/account/code/confirm", json={"code": "000000"})).status_code == 422
        confirmed = await sari.post("/api/account/code/confirm", json={"code": totp.at(world.clock.at)})
        recovery = confirmed.json()["codes"]
        assert len(set(recovery)) == 10
        assert (await sari.get("/api/account/code.svg")).status_code == 404, "the secret is shown once"
    async with browser(app) as later:
        world.clock.move(60)
        page = await enter(later, "sari")
        assert SESSION_COOKIE not in later.cookies
        token = re.search(r'name="token" value="([^"]+)"', page.text)
        assert token
        form = {"token": token[1], "code": totp.at(world.clock.at), "ke": "/agen"}
        assert (await later.post("/masuk", data={**form, "code": "123456"})).status_code == 401
        answer = await later.post("/masuk", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/agen")
    async with browser(app) as replay:
        asked = await replay.post("/api/sign-in", json={"user_name": "sari", "password": PASSWORD})
        again = {"token": asked.json()["token"], "code": form["code"]}
        assert (await replay.post("/api/sign-in/code", json=again)).status_code == 401, "used before"
        used = await replay.post("/api/sign-in/code", json={**again, "code": recovery[3].upper()})
        assert used.status_code == 200
        asked = await replay.post("/api/sign-in", json={"user_name": "sari", "password": PASSWORD})
        once_more = {"token": asked.json()["token"], "code": recovery[3]}
        assert (await replay.post("/api/sign-in/code", json=once_more)).status_code == 401


async def test_the_time_for_the_code_ends(world: StaffWorld) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    secret = await world.sign_in.codes.begin(sari.staff_id)
    assert await world.sign_in.codes.confirm(sari.staff_id, pyotp.TOTP(secret).at(world.clock.at))
    app = world.app()
    async with browser(app) as client:
        asked = await client.post("/api/sign-in", json={"user_name": "sari", "password": PASSWORD})
        world.clock.move(301)
        body = {"token": asked.json()["token"], "code": pyotp.TOTP(secret).at(world.clock.at)}
        assert (await client.post("/api/sign-in/code", json=body)).status_code == 401


async def test_own_sessions_are_listed_and_ended(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    budi = await world.person("budi", StaffRole.AGENT, number="90000002")
    app = world.app()
    _, foreign = await world.sessions.begin(budi, BROWSER)
    async with browser(app) as here, browser(app) as there:
        await enter(there, "sari")
        world.clock.move(5)
        await enter(here, "sari")
        rows = (await here.get("/api/account/sessions")).json()["sessions"]
        assert [(row["here"], row["browser"]) for row in rows] == [
            (True, "Chrome, Linux"), (False, "Chrome, Linux"),
        ]  # fmt: skip
        path = f"/api/account/sessions/{rows[1]['session_id']}/end"
        ended = (await here.post(path)).json()["sessions"]
        assert [row["end"] for row in ended] == [None, "revoked"]
        assert (await there.get("/akun")).status_code == 303
        theirs = await here.post(f"/api/account/sessions/{foreign.session_id}/end")
        assert theirs.status_code == 404
        piece = await here.get("/api/account/sessions", headers={"hx-request": "true"})
        assert "Sesi ini" in piece.text
    assert await world.store.ended([foreign.session_id]) == []


async def test_the_language_is_kept_with_the_person(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app()
    async with browser(app) as sari:
        assert '<h1 class="panel-title">Masuk' in (await sari.get("/masuk")).text
        await sari.post("/api/language", json={"language": "en"})
        assert '<h1 class="panel-title">Sign in' in (await sari.get("/masuk")).text
        await enter(sari, "sari")
        await sari.post("/api/language", json={"language": "en"})
        assert "Present password" in (await sari.get("/akun")).text
    found = await world.people.by_user_name("sari")
    assert found is not None
    assert found.language == "en"


async def test_a_hash_of_weaker_parameters_is_replaced_at_the_next_sign_in(world: StaffWorld) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    before = (await world.people.credential(sari.staff_id)).password_hash
    world.sign_in._passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    await world.sign_in.with_password("sari", PASSWORD, _source())
    after = (await world.people.credential(sari.staff_id)).password_hash
    assert "t=1" in before
    assert "t=2" in after
    assert (await world.sign_in._passwords.verify(after, PASSWORD)).fits


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("a" * 20, "common"),
        ("abcdefghijklmn", "common"),
        ("98765432109876", "common"),
        ("Password1234", "common"),
        ("sarisarisari", "is_user_name"),
        ("x" * 300, "too_long"),
        ("kucing tidur di atap", None),
    ],
)
def test_which_passwords_are_refused(password: str, fault: str | None) -> None:
    assert fault_of(password, "sari") == fault


def test_a_one_time_password_is_good_enough_to_keep() -> None:
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) >= LEAST and fault_of(one, "sari") is None for one in made)


def _source() -> Source:
    return Source("127.0.0.1", BROWSER)
