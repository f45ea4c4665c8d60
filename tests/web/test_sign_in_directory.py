"""Signing in by a directory (OpenID Connect) that really signs its tokens."""

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from domain.audit import AuditQuery
from domain.staff import StaffRole
from tests.web.directory_double import CLIENT, ISSUER, SECRET, DirectoryDouble, another_key
from tests.web.staff_world import StaffWorld, browser, enter
from web.guard import SESSION_COOKIE
from web.sign_in_directory import DirectoryPort, add_directory_routes
from web.sign_in_oidc import Directory, DirectorySettings


@dataclass
class Office:
    """A directory and the application that asks it."""

    world: StaffWorld
    double: DirectoryDouble
    app: FastAPI


def _office(world: StaffWorld, roles: dict[str, StaffRole] | None = None) -> Office:
    double = DirectoryDouble(world.clock)
    directory = Directory(DirectorySettings(ISSUER, CLIENT, SECRET), world.clock, double.transport())
    port = DirectoryPort(
        directory, roles or {}, world.people, world.office, world.passwords, world.sign_in, world.audit,
        world.clock,
    )  # fmt: skip
    return Office(world, double, world.app(lambda shared: add_directory_routes(shared, port)))


@pytest.fixture
def office(world: StaffWorld) -> Office:
    return _office(world)


async def _through(office: Office, client: httpx.AsyncClient, to: str = "/agen") -> httpx.Response:
    """Go to the directory, sign in there, come back."""
    there = await client.get("/masuk/direktori", params={"ke": to})
    assert there.status_code == 303, there.text
    return await client.get(office.double.sign_in(there.headers["location"]))


async def test_who_the_directory_vouches_for_is_in(office: Office) -> None:
    sari = await office.world.person("sari", StaffRole.AGENT, number="90000001", must_change=True)
    async with browser(office.app) as client:
        page = await _through(office, client)
        assert page.status_code == 200, "not a redirect: the session's cookie is Strict"
        assert 'content="0; url=/agen"' in page.text
        assert client.cookies.get(SESSION_COOKIE)
        assert (await client.get("/api/account/sessions")).status_code == 200
        visitor = await office.world.sessions.visitor(
            client.cookies[SESSION_COOKIE], client.headers["user-agent"]
        )
        assert visitor is not None
        assert not visitor.must_change
    row = (await office.world.audit.rows(AuditQuery(act="signed_in")))[0][1]
    assert (row.who, row.data) == (sari.staff_id, {"how": "directory"})


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"iss": "https://other.example"}, "issuer"),
        ({"aud": "somebody-else"}, "audience"),
        ({"aud": [CLIENT, "other"]}, "no authorised party"),
        ({"azp": "other"}, "another authorised party"),
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "no nonce"),
        ({"exp": 1_700_000_000}, "expired"),
        ({"exp": None}, "without an end"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "of a time to come"),
        ({"sub": ""}, "nobody"),
        ({"preferred_username": 7}, "no name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_token_that_is_wrong_is_refused(office: Office, changed: dict[str, Any], why: str) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    office.double.changed = changed
    async with browser(office.app) as client:
        page = await _through(office, client)
        assert page.status_code == 401, why
        assert "tidak dapat dipakai masuk" in page.text
        assert SESSION_COOKIE not in client.cookies


async def test_a_token_signed_by_nobody_or_somebody_else_is_refused(office: Office) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(office.app) as client:
        office.double.shown = [another_key("one")]  # it publishes another key than it signs with
        assert (await _through(office, client)).status_code == 401
        office.double.shown = []
        office.world.clock.move(3601)
        office.double.algorithm = "none"
        assert (await _through(office, client)).status_code == 401
        assert SESSION_COOKIE not in client.cookies
        office.double.algorithm = "RS256"
        assert (await _through(office, client)).status_code == 200, "nothing else was wrong"


async def test_a_directory_that_changed_its_keys_is_asked_again(office: Office) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(office.app) as client:
        assert (await _through(office, client)).status_code == 200
        office.double.key = another_key("two")
        office.world.clock.move(60)
        assert (await _through(office, client)).status_code == 200
    assert sum(path.endswith("/keys") for path in office.double.asked) == 2


async def test_the_way_back_belongs_to_one_browser_and_works_once(office: Office) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(office.app) as client, browser(office.app) as other:
        there = await client.get("/masuk/direktori")
        back = office.double.sign_in(there.headers["location"])
        assert (await other.get(back)).status_code == 401, "another browser's"
        assert (await client.get(back)).status_code == 401, "and then it is used up"
        there = await client.get("/masuk/direktori")
        back = office.double.sign_in(there.headers["location"])
        office.world.clock.move(601)
        assert (await client.get(back)).status_code == 401, "too late"
        there = await client.get("/masuk/direktori")
        back = office.double.sign_in(there.headers["location"])
        foreign = back.replace("login.example.go.id", "evil.example")
        assert (await client.get(foreign)).status_code == 401, "another issuer's answer"
        there = await client.get("/masuk/direktori")
        state = office.double.sign_in(there.headers["location"]).partition("state=")[2].partition("&")[0]
        refused = await client.get(f"/masuk/direktori/kembali?error=access_denied&state={state}")
        assert refused.status_code == 401


async def test_a_code_that_the_directory_does_not_take_is_worth_nothing(office: Office) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(office.app) as client:
        there = await client.get("/masuk/direktori")
        back = office.double.sign_in(there.headers["location"])
        made_up = re.sub("code=[^&]+", "code=guess", back)
        assert (await client.get(made_up)).status_code == 401
        there = await client.get("/masuk/direktori")
        back = office.double.sign_in(there.headers["location"])
        office.double.away = True
        assert (await client.get(back)).status_code == 503
        assert SESSION_COOKIE not in client.cookies


async def test_only_staff_of_this_service_get_in(office: Office) -> None:
    async with browser(office.app) as client:
        assert (await _through(office, client)).status_code == 401, "nobody here is called so"
        sari = await office.world.person("sari", StaffRole.AGENT, number="90000001")
        assert (await _through(office, client)).status_code == 200
        office.double.claims["sub"] = "another person who got the name"
        assert (await _through(office, client)).status_code == 401
        office.double.claims["sub"] = "7d1c"
        await office.world.office.set_disabled("cli:test", sari.staff_id, disabled=True)
        assert (await _through(office, client)).status_code == 401
    rows = [row.data["why"] for _, row in await office.world.audit.rows(AuditQuery(act="sign_in_failed"))]
    assert rows == ["disabled", "other_subject", "unknown"]


async def test_groups_decide_about_roles_where_they_are_told_to(world: StaffWorld) -> None:
    office = _office(world, {"kring-agents": StaffRole.AGENT, "kring-leads": StaffRole.SUPERVISOR})
    sari = await world.person("sari", StaffRole.AGENT, number="90000001")
    async with browser(office.app) as client:
        assert (await _through(office, client)).status_code == 200
        office.double.claims["groups"] = ["kring-leads", "others"]
        assert (await _through(office, client)).status_code == 200
        found = await world.people.by_id(sari.staff_id)
        assert found is not None
        assert found.roles == {StaffRole.SUPERVISOR}
        office.double.claims["groups"] = ["others"]
        assert (await _through(office, client)).status_code == 401, "no role, no entry"


async def test_without_the_directory_the_password_still_works(office: Office) -> None:
    await office.world.person("sari", StaffRole.AGENT, number="90000001")
    office.double.away = True
    async with browser(office.app) as client:
        answer = await client.get("/masuk/direktori")
        assert answer.status_code == 503
        assert "Coba lagi, atau masuk dengan kata sandi" in answer.text
        assert (await enter(client, "sari")).status_code == 303
