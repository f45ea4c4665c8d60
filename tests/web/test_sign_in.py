"""Signing in and out: the page, the session, what is told to whom."""

import asyncio

import pytest

from domain.audit import AuditQuery
from domain.staff import StaffRole
from domain.staff_sessions import SessionEnd
from tests.web.staff_world import BROWSER, PASSWORD, StaffWorld, browser, enter
from web.guard import SESSION_COOKIE
from web.parts import Shared
from web.permissions import Permission
from web.sign_in_pages import own_path

OTHER_BROWSER = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0"


def _desk(shared: Shared) -> None:
    @shared.guard.get("/api/desk", Permission.DESK_USE)
    async def desk() -> dict[str, str]:
        return {"you": "in"}

    @shared.guard.get("/agen", Permission.DESK_USE)
    async def page() -> dict[str, str]:
        return {"you": "in"}


async def test_with_the_password_one_is_in_and_comes_back_to_where_one_was_going(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(world.app(_desk)) as sari:
        asked = await sari.get("/agen")
        assert (asked.status_code, asked.headers["location"]) == (303, "/masuk?ke=/agen")
        page = await sari.get(asked.headers["location"])
        assert 'name="ke" value="/agen"' in page.text
        answer = await enter(sari, " Sari ", to="/agen")
        assert (answer.status_code, answer.headers["location"]) == (303, "/agen")
        assert (await sari.get("/api/desk")).json() == {"you": "in"}


async def test_the_cookie_is_for_this_service_alone_and_kept_nowhere(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(world.app(_desk)) as sari:
        told = (await enter(sari, "sari")).headers["set-cookie"]
        value = sari.cookies[SESSION_COOKIE]
        for flag in ("HttpOnly", "SameSite=strict", "Path=/"):
            assert flag in told
        assert "Secure" not in told
        assert len(value) == 43
    files = world.database.engine.url.database
    assert files is not None
    with open(files, "rb") as kept:  # noqa: ASYNC230, PTH123 - small, and the loop has nothing else to do
        assert value.encode() not in kept.read()
    async with browser(world.app(_desk)) as secure:
        answer = await secure.post(
            "https://127.0.0.1:8080/masuk", data={"user_name": "sari", "password": PASSWORD}
        )
        assert all("Secure" in one for one in answer.headers.get_list("set-cookie"))


@pytest.mark.parametrize("name", ["sari", "nobody", "gone"])
async def test_what_does_not_fit_is_told_alike_for_everybody(world: StaffWorld, name: str) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    gone = await world.person("gone", StaffRole.AGENT, number="90000002")
    await world.office.set_disabled("cli:test", gone.staff_id, disabled=True)
    async with browser(world.app()) as stranger:
        answer = await enter(stranger, name, PASSWORD if name == "gone" else "something else")
        assert answer.status_code == 401
        assert "Nama pengguna atau kata sandi tidak cocok" in answer.text
        assert SESSION_COOKIE not in stranger.cookies
        assert name not in answer.text
        as_program = await stranger.post("/api/sign-in", json={"user_name": name, "password": "wrong"})
        assert as_program.status_code == 401
    rows = [row for _, row in await world.audit.rows(AuditQuery(act="sign_in_failed"))]
    assert [row.outcome for row in rows] == ["refused", "refused"]
    assert all(name not in str(row) for row in rows)


async def test_a_hash_is_verified_for_unknown_names_too(
    world: StaffWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = world.passwords._fits

    def noted(known: str, given: str) -> bool:
        verified.append(known)
        return real(known, given)

    monkeypatch.setattr(world.passwords, "_fits", noted)
    async with browser(world.app()) as stranger:
        await enter(stranger, "nobody")
        await world.person("sari", StaffRole.AGENT, number="90000001")
        await enter(stranger, "sari", "wrong")
    assert len(verified) == 2
    assert verified[0].split("$")[:4] == verified[1].split("$")[:4], "the same parameters"


async def test_failures_make_the_next_attempts_wait_and_shut_nobody_out(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app(_desk)
    async with browser(app) as sari, browser(app) as stranger:
        await enter(sari, "sari")  # from now on this browser is known
        for _ in range(8):
            assert (await enter(stranger, "sari", "wrong")).status_code == 401
        waits = list(world.clock.slept)
        assert waits == sorted(waits)
        assert waits[-1] == 8.0
        world.clock.slept.clear()
        assert (await enter(sari, "sari")).status_code == 303
        assert world.clock.slept == [], "the owner's own browser does not wait for a stranger"
    async with browser(app) as elsewhere:
        assert (await enter(elsewhere, "sari")).status_code == 303
        assert 0 < sum(world.clock.slept) <= 8.0


async def test_guessing_side_by_side_gains_nothing(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    gate = asyncio.Event()
    inside = 0

    async def slow(seconds: float) -> None:
        nonlocal inside
        inside += 1
        await gate.wait()

    world.delays._sleep = slow
    for _ in range(5):
        world.delays.failed("name sari", "127.0.0.1")
    async with browser(world.app()) as stranger:
        body = {"user_name": "sari", "password": "wrong"}
        tasks = [asyncio.create_task(stranger.post("/api/sign-in", json=body)) for _ in range(7)]
        while sum(task.done() for task in tasks) < 3:
            await asyncio.sleep(0.01)
        assert inside == 1
        refused = [task.result() for task in tasks if task.done()]
        assert [answer.status_code for answer in refused] == [429] * 3
        assert int(refused[0].headers["retry-after"]) > 0
        gate.set()
        assert sorted({(await task).status_code for task in tasks}) == [401, 429]


async def test_a_session_ends_when_idle_and_at_its_age(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(world.app(_desk)) as sari:
        await enter(sari, "sari")
        for _ in range(20):
            world.clock.move(25 * 60)
            assert (await sari.get("/api/desk")).status_code == 200
        world.clock.move(30 * 60)
        assert (await sari.get("/api/desk")).status_code == 401
        assert "lama tidak dipakai" in (await sari.get("/masuk")).text
        await enter(sari, "sari")
        for _ in range(29):
            world.clock.move(25 * 60)
            last = await sari.get("/api/desk")
        assert last.status_code == 401
        assert "batas waktunya" in (await sari.get("/masuk")).text


async def test_a_cookie_from_another_browser_ends_the_session_and_its_owner_is_told(
    world: StaffWorld,
) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    app = world.app(_desk)
    ended: list[SessionEnd] = []
    world.sessions.on_end(lambda _, why: ended.append(why))
    async with browser(app) as sari, browser(app, OTHER_BROWSER) as thief:
        await enter(sari, "sari")
        thief.cookies.set(SESSION_COOKIE, sari.cookies[SESSION_COOKIE])
        assert (await thief.get("/api/desk")).status_code == 401
        assert ended == [SessionEnd.OTHER_BROWSER]
        assert (await sari.get("/api/desk")).status_code == 401
        assert "dipakai dari peramban lain" in (await sari.get("/masuk")).text
    assert len(await world.audit.rows(AuditQuery(act="session_stolen"))) == 1


async def test_signing_out_ends_the_session_for_good(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(world.app(_desk)) as sari:
        await enter(sari, "sari")
        cookie = sari.cookies[SESSION_COOKIE]
        assert (await sari.post("/api/sign-out", headers={"x-csrf-token": "guess"})).status_code == 403
        answer = await sari.post("/api/sign-out")
        assert answer.headers["hx-redirect"] == "/masuk"
        assert SESSION_COOKIE not in sari.cookies
        sari.cookies.set(SESSION_COOKIE, cookie)
        assert (await sari.get("/api/desk")).status_code == 401


async def test_a_given_password_opens_nothing_but_the_own_account(world: StaffWorld) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001", must_change=True)
    async with browser(world.app(_desk)) as sari:
        answer = await enter(sari, "sari", to="/agen")
        assert answer.headers["location"] == "/akun"
        assert (await sari.get("/agen")).headers["location"] == "/akun"
        assert (await sari.get("/api/desk")).status_code == 403
        assert (await sari.get("/api/openapi.json")).status_code == 200


async def test_many_pages_do_not_ask_the_database_each_time(
    world: StaffWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.person("sari", StaffRole.AGENT, number="90000001")
    looked = 0
    real = world.store.by_cookie

    async def counted(cookie_hash: bytes) -> object:
        nonlocal looked
        looked += 1
        return await real(cookie_hash)

    monkeypatch.setattr(world.store, "by_cookie", counted)
    async with browser(world.app(_desk)) as sari:
        await enter(sari, "sari")
        answers = await asyncio.gather(*(sari.get("/api/desk") for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert looked == 1
        world.clock.move(3)
        await sari.get("/api/desk")
        assert looked == 2
        found = await world.people.by_user_name("sari")
        assert found is not None
        await world.office.end_sessions("cli:test", found.staff_id)
        assert (await sari.get("/api/desk")).status_code == 401, "at once, without waiting for the memory"


async def test_what_is_ended_elsewhere_is_noticed(world: StaffWorld) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    told: list[str] = []
    world.sessions.on_end(lambda session_id, _: told.append(session_id))
    cookie, session = await world.sessions.begin(sari, BROWSER)
    assert await world.sessions.visitor(cookie, BROWSER)
    await world.store.end([session.session_id], world.clock.now(), SessionEnd.REVOKED)  # another process
    await world.sessions.sweep()
    assert told == [session.session_id]
    assert await world.sessions.visitor(cookie, BROWSER) is None


async def test_a_sweep_ends_what_nobody_asks_for_any_more(world: StaffWorld) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    told: list[tuple[str, SessionEnd]] = []
    world.sessions.on_end(lambda session_id, why: told.append((session_id, why)))
    _, session = await world.sessions.begin(sari, BROWSER)
    world.clock.move(29 * 60)
    await world.sessions.sweep()
    assert told == []
    world.clock.move(60)
    await world.sessions.sweep()
    assert told == [(session.session_id, SessionEnd.IDLE)]


async def test_an_agent_who_waits_for_calls_is_not_idle(world: StaffWorld) -> None:
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    works = True
    world.sessions.used_while(lambda person: works and person.number == "90000001")
    cookie, session = await world.sessions.begin(sari, BROWSER)
    for _ in range(10):
        world.clock.move(20 * 60)
        await world.sessions.sweep()
    assert await world.sessions.visitor(cookie, BROWSER)
    works = False  # signed out on the floor, or the page's phone is gone
    world.clock.move(29 * 60)
    await world.sessions.sweep()
    assert await world.store.ended([session.session_id]) == []
    world.clock.move(60)
    await world.sessions.sweep()
    assert await world.store.ended([session.session_id]) == [session.session_id]


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("/agen?a=1", "/agen?a=1"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/agen\nSet-Cookie: a=b", "/"),
        ("/masuk?ke=/agen", "/"),
    ],
)
def test_the_way_back_stays_here(given: str, used: str) -> None:
    assert own_path(given) == used
