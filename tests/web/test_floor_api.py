"""The floor over HTTP."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import msgspec
import pytest

from acd.explain import Explanation
from acd.messages import REFUSED, staff_messages
from acd.requests import Actor, Pause, Refused, Role
from domain.staff import StaffRole
from tests.web import app_parts
from tests.web.app_parts import SECRET, application
from tests.web.floor_double import AGENT, QUEUE, FloorDouble, agent_view
from tests.web.page_parts import CSRF, SessionsDouble, visitor
from web.floor_api import add_floor_routes, of_own_reach
from web.floor_events import COALESCE, MOST_WAITING, FloorFeed
from web.guard import SESSION_COOKIE

OTHER = "90000002"  # of another team
WAITING = Explanation("c" * 32, "efin", "id", "efin", "waiting", 42.0, 0, 2, 0, None, (), ())


@pytest.fixture
def floor() -> FloorDouble:
    return FloorDouble()


def _client(floor: FloorDouble, secret: str = SECRET) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {secret}"}
    return app_parts.client(application([add_floor_routes], floor=floor), headers)


def _signed_in(
    floor: FloorDouble, role: StaffRole, number: str = "", team: str = "Satu"
) -> httpx.AsyncClient:
    sessions = SessionsDouble({"cookie": visitor(role, number, team)})
    client = app_parts.client(
        application([add_floor_routes], floor=floor, sessions=sessions), {"x-csrf-token": CSRF}
    )
    client.cookies.set(SESSION_COOKIE, "cookie")
    return client


@pytest.fixture
async def client(floor: FloorDouble) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(floor) as client:
        yield client


async def test_a_request_is_granted_and_answered_with_the_new_state(
    client: httpx.AsyncClient, floor: FloorDouble
) -> None:
    body = {"request": "pause", "agent": AGENT, "reason": "prayer", "by": "sari"}
    answer = await client.post("/api/floor/requests", json=body)
    assert answer.status_code == 200
    assert floor.asked == [(Actor("sari", Role.SUPERVISOR), Pause(AGENT, "prayer"))]
    assert answer.json()["agent"]["reason"] == "prayer"


async def test_a_refusal_comes_by_its_word_and_in_both_languages(
    client: httpx.AsyncClient, floor: FloorDouble
) -> None:
    floor.refuse = Refused("bad_target", "English only")
    answer = await client.post("/api/floor/requests", json={"request": "ready", "agent": AGENT, "by": "s"})
    assert answer.status_code == 409
    texts = staff_messages().both(REFUSED, "bad_target")
    said = answer.json()
    assert (said["refused"], said["error"], said["message"]) == ("bad_target", texts["en"], texts["id"])


@pytest.mark.parametrize(
    "body",
    [
        {"request": "ready", "agent": AGENT},
        {"request": "ready", "agent": AGENT, "by": "a b"},
        {"request": "fly", "agent": AGENT, "by": "sari"},
    ],
)
async def test_what_is_no_request_changes_nothing(
    client: httpx.AsyncClient, floor: FloorDouble, body: dict[str, str]
) -> None:
    answer = await client.post("/api/floor/requests", json=body)
    assert answer.status_code == 400
    assert floor.asked == []
    assert AGENT not in answer.text


@pytest.mark.parametrize("path", ["agents", "queues", "talks", "events", f"explain/{WAITING.call}"])
async def test_nothing_is_shown_without_the_token(floor: FloorDouble, path: str) -> None:
    floor.explanation = WAITING
    async with _client(floor, secret="wrong") as stranger:
        answer = await stranger.get(f"/api/floor/{path}")
    assert answer.status_code == 401
    assert AGENT not in answer.text


async def test_nothing_is_done_without_the_token(floor: FloorDouble) -> None:
    async with _client(floor, secret="") as stranger:
        answer = await stranger.post(
            "/api/floor/requests", json={"request": "ready", "agent": AGENT, "by": "s"}
        )
    assert answer.status_code == 401
    assert floor.asked == []


async def test_an_agent_sees_and_asks_nothing_of_others(floor: FloorDouble) -> None:
    async with _signed_in(floor, StaffRole.AGENT, AGENT) as agent:
        assert (await agent.get("/api/floor/agents")).status_code == 403
        body = {"request": "ready", "agent": AGENT}
        assert (await agent.post("/api/floor/requests", json=body)).status_code == 403
    assert floor.asked == []


async def test_a_team_leader_sees_and_asks_about_the_own_team_only(floor: FloorDouble) -> None:
    floor.view[OTHER] = agent_view(OTHER, team="Dua")
    floor.explanation = replace(WAITING, agent=OTHER)
    async with _signed_in(floor, StaffRole.TEAM_LEADER, "90000007") as leader:
        agents = (await leader.get("/api/floor/agents")).json()["agents"]
        assert [row["agent"] for row in agents] == [AGENT]
        explained = await leader.get(f"/api/floor/explain/{WAITING.call}")
        assert explained.json()["agent"] is None
        mine = await leader.post("/api/floor/requests", json={"request": "ready", "agent": AGENT})
        assert mine.status_code == 200
        foreign = await leader.post("/api/floor/requests", json={"request": "ready", "agent": OTHER})
        assert foreign.status_code == 403
        nobody = await leader.post("/api/floor/requests", json={"request": "ready", "agent": "90000099"})
        assert nobody.status_code == 403
    assert [(actor.who, asked.agent) for actor, asked in floor.asked] == [("90000007", AGENT)]
    async with _signed_in(floor, StaffRole.TEAM_LEADER, team="Dua") as other:
        assert (await other.get("/api/floor/talks")).json() == {"talks": []}


async def test_a_supervisor_lets_nobody_elses_phone_ring(floor: FloorDouble) -> None:
    async with _signed_in(floor, StaffRole.SUPERVISOR, "90000008") as supervisor:
        body = {"request": "listen", "agent": AGENT, "supervisor": OTHER}
        assert (await supervisor.post("/api/floor/requests", json=body)).status_code == 403
        own = {**body, "supervisor": "90000008"}
        assert (await supervisor.post("/api/floor/requests", json=own)).status_code == 200
    assert len(floor.asked) == 1


async def test_a_team_leaders_feed_tells_of_the_own_team_only(floor: FloorDouble) -> None:
    floor.view[OTHER] = agent_view(OTHER, team="Dua")
    feed = FloorFeed(floor)
    leader = visitor(StaffRole.TEAM_LEADER, team="Satu")
    messages = of_own_reach(feed.listen(), leader, floor, feed)
    _, rows = _parsed(await anext(messages))
    assert set(rows) == {f"agent {feed.key(AGENT)}", "queue efin id"}
    floor.ears[0](OTHER, "missed_ring")
    floor.ears[0](AGENT, "missed_ring")
    told = await anext(messages)
    assert feed.key(AGENT).encode() in told
    floor.change(OTHER, declared="ready")
    floor.change(AGENT, declared="ready")
    _, rows = _parsed(await anext(messages))
    assert set(rows) == {f"agent {feed.key(AGENT)}"}
    await messages.aclose()


async def test_the_views_are_listed(client: httpx.AsyncClient) -> None:
    agents = (await client.get("/api/floor/agents")).json()["agents"]
    assert [(row["agent"], row["declared"]) for row in agents] == [(AGENT, "paused")]
    assert (await client.get("/api/floor/queues")).json() == {"queues": [msgspec.to_builtins(QUEUE)]}
    assert (await client.get("/api/floor/talks")).json()["talks"][0]["phase"] == "talking"
    assert "may be borrowed" in (await client.get("/api/floor/blending")).json()["text"]


async def test_a_call_is_explained_while_it_waits(client: httpx.AsyncClient, floor: FloorDouble) -> None:
    floor.explanation = WAITING
    answer = (await client.get(f"/api/floor/explain/{WAITING.call}")).json()
    assert answer["ahead"] == 2
    assert answer["text"].startswith("efin in `id`, requires efin")
    assert (await client.get("/api/floor/explain/other")).status_code == 404
    assert (await client.get("/api/floor/explain/a%20b")).status_code == 404


def _parsed(message: bytes) -> tuple[str, dict[str, dict[str, object]]]:
    found = re.fullmatch(rb"event: (\w+)\ndata: (.*)\n\n", message)
    assert found, message
    return found[1].decode(), msgspec.json.decode(found[2])["rows"]


async def test_a_change_is_told_within_100_ms_and_only_what_changed(floor: FloorDouble) -> None:
    floor.view["90000002"] = agent_view("90000002")
    feed = FloorFeed(floor)
    messages = feed.listen()
    kind, rows = _parsed(await anext(messages))
    assert kind == "everything"
    assert len(rows) == 3
    floor.change(AGENT, declared="ready")
    begun = time.thread_time()
    kind, rows = _parsed(await anext(messages))
    worked = time.thread_time() - begun
    assert COALESCE + worked < 0.1, "processor time: another process's turn is not counted"
    assert kind == "changes"
    assert list(rows) == [f"agent {feed.key(AGENT)}"]
    assert rows[f"agent {feed.key(AGENT)}"]["declared"] == "ready"
    await messages.aclose()  # type: ignore[attr-defined]
    assert floor.callbacks == []


async def test_the_feed_names_nobody(floor: FloorDouble) -> None:
    feed = FloorFeed(floor)
    messages = feed.listen()
    everything = await anext(messages)
    floor.change(AGENT, declared="ready")
    changes = await anext(messages)
    assert b'"declared":"ready"' in changes
    for personal in (AGENT, "Melati", "a" + "0" * 15):
        assert personal.encode() not in everything + changes
    await messages.aclose()  # type: ignore[attr-defined]


async def test_what_an_agent_is_told_is_fed_in_both_languages(floor: FloorDouble) -> None:
    feed = FloorFeed(floor)
    messages = feed.listen()
    await anext(messages)
    floor.ears[0](AGENT, "missed_ring")
    kind, _, data = (await anext(messages)).partition(b"\n")
    told = msgspec.json.decode(data.removeprefix(b"data: "))
    assert kind == b"event: told"
    assert told["agent"] == feed.key(AGENT)
    assert told["text"]["en"] == "You missed a call. You are now paused."
    await messages.aclose()  # type: ignore[attr-defined]


async def test_who_reads_too_slowly_gets_everything_anew_and_holds_nobody_up(floor: FloorDouble) -> None:
    feed = FloorFeed(floor)
    slow, quick = feed.listen(), feed.listen()
    await anext(slow)
    await anext(quick)
    for turn in range(MOST_WAITING + 3):
        floor.change(AGENT, reason=f"r{turn}")
        feed._look()
        kind, rows = _parsed(await anext(quick))
        assert kind == "changes"
    kind, rows = _parsed(await anext(slow))
    assert kind == "everything"
    assert rows[f"agent {feed.key(AGENT)}"]["reason"] == f"r{MOST_WAITING + 2}"
    floor.change(AGENT, reason="last")
    assert _parsed(await anext(slow))[0] == "changes"
    for one in (slow, quick):
        await one.aclose()  # type: ignore[attr-defined]
    assert len(feed) == 0


async def test_time_alone_is_no_change(floor: FloorDouble) -> None:
    feed = FloorFeed(floor)
    messages = feed.listen()
    await anext(messages)
    next_one = asyncio.ensure_future(anext(messages))
    floor.view[AGENT] = agent_view(seconds=14.0)
    floor.waiting = [replace(QUEUE, longest=44.0, expected=94.0)]
    feed._look()
    await asyncio.sleep(0)
    assert not next_one.done()
    floor.view[AGENT] = agent_view(seconds=0.1)  # the same state, begun anew
    floor.waiting = [replace(QUEUE, longest=46.0, expected=89.0)]  # by now another wait
    feed._look()
    _, rows = _parsed(await next_one)
    assert list(rows) == [f"agent {feed.key(AGENT)}", "queue efin id"]
    await messages.aclose()  # type: ignore[attr-defined]


async def test_a_service_that_stops_ends_the_feed(floor: FloorDouble) -> None:
    feed = FloorFeed(floor)
    messages = feed.listen()
    await anext(messages)
    waiting = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0)
    feed.close()
    assert await waiting == b": over\n\n"
    assert [message async for message in messages] == []
    assert floor.callbacks == []
