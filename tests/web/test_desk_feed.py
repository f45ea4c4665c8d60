"""The agent's page is told what changes, and only that."""

import asyncio
import gc
import time
from dataclasses import replace

import pytest

from acd.floor_views import TalkView
from domain.staff import StaffRole
from tests.web.desk_parts import TALK, THIRD, DeskFloor, DeskParts, desk_app
from tests.web.floor_double import agent_view
from tests.web.page_parts import CALL, COLLEAGUE, OWN, visitor
from web import desk_feed, desk_tabs
from web.desk_feed import DeskFeed
from web.desk_state import FloorLook, OwnState, tells_news

FIRST_TAB, SECOND_TAB = "1" * 32, "2" * 32


@pytest.fixture
def desk() -> DeskParts:
    return desk_app()


@pytest.fixture
def floor() -> DeskFloor:
    return DeskFloor()


async def _data(messages: object) -> bytes:
    async with asyncio.timeout(10):
        return await anext(messages)  # type: ignore[no-any-return, call-overload]


async def test_a_page_is_told_its_own_changes_and_nobodys_else(desk: DeskParts) -> None:
    async with desk.page() as page:
        kind, state = await page.next()
        assert (kind, state["declared"]) == ("state", "paused")
        desk.floor.change(COLLEAGUE, declared="paused")
        await asyncio.sleep(desk_feed.COALESCE * 2)
        desk.floor.change(OWN, declared="ready")
        kind, later = await page.next()
        assert (kind, later["declared"]) == ("state", "ready")
        assert later["number"] > state["number"]
    assert len(desk.feed) == 0
    assert desk.floor.callbacks == []


async def test_two_tabs_show_the_same_and_one_has_the_phone(desk: DeskParts) -> None:
    async with desk.page(tab=FIRST_TAB) as first, desk.page(tab=SECOND_TAB) as second:
        await first.next()
        await second.next()
        async with desk.parts.client() as client:
            answers = [
                (await client.post("/api/desk/tab", json={"tab": tab})).json()["phone"]
                for tab in (FIRST_TAB, SECOND_TAB, FIRST_TAB)
            ]
            assert answers == ["here", "elsewhere", "here"]
            assert (await client.get("/api/desk")).json()["phone_tab"] == FIRST_TAB
            desk.floor.change(OWN, declared="ready")
            assert (await first.next())[1]["declared"] == (await second.next())[1]["declared"] == "ready"
            body = {"tab": SECOND_TAB, "take_over": True}
            assert (await client.post("/api/desk/tab", json=body)).json() == {"phone": "here"}
            assert await first.next() == ("session", {"why": "taken_over"})
            desk.floor.change(OWN, declared="paused")
            assert (await first.next())[0] == "state", "the first goes on as a view"
            assert (await second.next())[0] == "state", "and the second was not told of its own deed"


async def test_a_closed_tab_has_no_phone_and_the_call_stays(desk: DeskParts) -> None:
    desk.floor.talk = [TALK]
    async with desk.parts.client() as client:
        async with desk.page(tab=FIRST_TAB) as first:
            await first.next()
            await client.post("/api/desk/tab", json={"tab": FIRST_TAB})
            desk.floor.change(OWN, observed="talking", call_id=CALL, queue="efin")
        found = (await client.get("/api/desk")).json()
        assert found["phone_tab"] == ""
        assert found["state"]["call"]["call_id"] == CALL
        async with desk.page(tab=SECOND_TAB) as second:
            kind, state = await second.next()
            assert (kind, state["call"]["phase"]) == ("state", "talking")
            claim = await client.post("/api/desk/tab", json={"tab": SECOND_TAB})
            assert claim.json() == {"phone": "here"}
    assert desk.floor.asked == [], "nothing was asked of the floor when the page went"


async def test_the_phone_of_a_closed_tab_is_offered_to_a_tab_of_the_same_session(
    desk: DeskParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_tabs, "GRACE", 0.01)
    at_home = replace(visitor(StaffRole.AGENT, OWN), session_id="session-2")
    desk.parts.sessions.visitors["at home"] = at_home
    async with desk.page("at home", "3" * 32) as home, desk.page(tab=SECOND_TAB) as second:
        async with desk.parts.client() as client:
            async with desk.page(tab=FIRST_TAB) as first:
                for page in (first, second, home):
                    assert (await page.next())[0] == "state"
                await client.post("/api/desk/tab", json={"tab": FIRST_TAB})
            assert await second.next() == ("session", {"why": "phone_free"})
            answer = await client.post("/api/desk/tab", json={"tab": SECOND_TAB})
            assert answer.json() == {"phone": "here"}
        desk.floor.change(OWN, declared="ready")
        assert (await home.next())[0] == "state", "no microphone is switched on elsewhere"


async def test_a_network_that_was_lost_brings_the_newest_state_and_the_phone_stays(desk: DeskParts) -> None:
    async with desk.parts.client() as client:
        async with desk.page(tab=FIRST_TAB) as page:
            _, before = await page.next()
            await client.post("/api/desk/tab", json={"tab": FIRST_TAB})
        desk.floor.change(OWN, declared="ready")
        desk.floor.talk = [TALK]
        desk.floor.change(OWN, observed="talking", call_id=CALL, queue="efin")
        async with desk.page(tab=FIRST_TAB) as page:
            _, after = await page.next()
            assert (after["declared"], after["call"]["phase"]) == ("ready", "talking")
            assert after["number"] > before["number"]
            answer = await client.post("/api/desk/tab", json={"tab": FIRST_TAB})
            assert answer.json() == {"phone": "here"}
    assert desk.floor.asked == []


async def test_another_session_of_the_agent_takes_the_phone_only_when_asked(desk: DeskParts) -> None:
    at_home = replace(visitor(StaffRole.AGENT, OWN), session_id="session-2")
    desk.parts.sessions.visitors["at home"] = at_home
    async with desk.page(tab=FIRST_TAB) as office, desk.page("at home", SECOND_TAB) as home:
        await office.next()
        await home.next()
        async with desk.parts.client() as one, desk.parts.client("at home") as other:
            await one.post("/api/desk/tab", json={"tab": FIRST_TAB})
            answer = await other.post("/api/desk/tab", json={"tab": SECOND_TAB})
            assert answer.json() == {"phone": "elsewhere"}
        desk.end_session("session-1", "revoked")
        assert await office.next() == ("session", {"why": "ended"})
        assert await office.next() == ("over", None)
        desk.floor.change(OWN, declared="ready")
        assert (await home.next())[0] == "state"


async def test_a_stolen_session_that_was_revoked_is_told_and_fed_no_more(
    desk: DeskParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_feed, "QUIET", 0.05)
    async with desk.page() as page:
        assert (await page.next())[0] == "state"
        assert (await page.next())[0] == "ping"
        del desk.parts.sessions.visitors["agent"]
        told = [(await page.next()) for _ in range(2)]
        while told[-1][0] == "ping":
            told.append(await page.next())
        assert ("session", {"why": "ended"}) in told
        desk.floor.change(OWN, declared="ready")
        assert await page.next() == ("over", None)


async def test_what_the_floor_tells_an_agent_comes_in_the_pages_language(desk: DeskParts) -> None:
    async with desk.page() as page:
        await page.next()
        desk.floor.ears[0](COLLEAGUE, "missed_ring")
        desk.floor.ears[0](OWN, "missed_ring")
        text = "Panggilan tidak dijawab. Status Anda sekarang jeda."
        assert await page.next() == ("told", {"word": "missed_ring", "text": text})


async def test_the_feed_names_nobody(floor: DeskFloor) -> None:
    feed = DeskFeed(floor)
    messages = feed.listen(OWN, "session-1", "id")
    floor.talk = [replace(TALK, third=COLLEAGUE, phase="consulting")]
    first = await _data(messages)
    floor.change(OWN, observed="consulting", call_id=CALL, queue="efin")
    later = await _data(messages)
    assert b'"third":"ringing"' in later
    for personal in (OWN, COLLEAGUE, "Melati", "Kenanga", "Satu"):
        assert personal.encode() not in first + later


async def test_a_slow_page_gets_the_newest_state_and_no_backlog(floor: DeskFloor) -> None:
    feed = DeskFeed(floor)
    slow = feed.listen(OWN, "session-1", "id")
    await _data(slow)
    for turn in range(500):
        floor.change(OWN, reason=f"r{turn}")
        feed._compare()
        floor.ears[0](OWN, "missed_ring")
    backlog = await _data(slow)
    assert backlog.count(b"event: state") == 1
    assert b'"reason":"r499"' in backlog
    assert backlog.count(b"event: told") == desk_feed.MOST_NOTICES
    assert len(backlog) < 4096


async def test_many_changes_are_one_look_and_one_message(floor: DeskFloor) -> None:
    feed = DeskFeed(floor)
    messages = feed.listen(OWN, "session-1", "id")
    await _data(messages)
    looked = floor.looked
    for turn in range(50):
        floor.change(OWN, reason=f"r{turn}")
    assert b'"reason":"r49"' in await _data(messages)
    assert floor.looked == looked + 1


async def test_one_look_serves_two_hundred_pages(floor: DeskFloor) -> None:
    """The processor time of one change is bounded; clocks on the wall are another process's business."""
    feed = DeskFeed(floor)
    for number in range(200):
        floor.view[f"8{number:07}"] = agent_view(f"8{number:07}")
    pages = [feed.listen(f"8{number:07}", f"s{number}", "id") for number in range(200)]
    for page in pages:
        await _data(page)
    looked = floor.looked
    begun = time.thread_time()
    gc.disable()
    for turn in range(20):
        floor.view[f"8{turn:07}"] = agent_view(f"8{turn:07}", declared="ready")
        feed._compare()
    gc.enable()
    worked = (time.thread_time() - begun) / 20
    assert floor.looked == looked + 20
    assert [b"ready" in await _data(page) for page in pages[:20]] == [True] * 20
    assert worked < 0.05, f"one change took {worked * 1000:.1f} ms for 200 pages"


async def test_a_service_that_stops_ends_the_feed(floor: DeskFloor) -> None:
    feed = DeskFeed(floor)
    messages = feed.listen(OWN, "session-1", "id")
    await _data(messages)
    waiting = asyncio.ensure_future(_data(messages))
    await asyncio.sleep(0)
    feed.close()
    assert await waiting == b""
    assert [message async for message in messages] == []
    assert floor.callbacks == []


async def test_an_agent_who_left_the_tables_is_told_that_there_is_no_state(floor: DeskFloor) -> None:
    feed = DeskFeed(floor)
    messages = feed.listen(OWN, "session-1", "id")
    await _data(messages)
    del floor.view[OWN]
    floor.change(COLLEAGUE, declared="paused")
    assert await _data(messages) == b"event: state\ndata: null\n\n"


@pytest.mark.parametrize(
    ("talk", "observed", "phase", "part", "third"),
    [
        ([], "offered", "offered", "own", ""),
        ([TALK], "talking", "talking", "own", ""),
        ([replace(TALK, phase="consulting")], "consulting", "consulting", "own", "wanted"),
        ([replace(TALK, phase="consulting", third=COLLEAGUE)], "consulting", "consulting", "own", "ringing"),
        ([replace(TALK, phase="consulting", third=THIRD)], "consulting", "consulting", "own", "talking"),
        ([replace(TALK, phase="conference", third=THIRD)], "talking", "conference", "own", "talking"),
        ([replace(TALK, agent=THIRD, third=OWN, phase="consulting")], "offered", "offered", "third", ""),
        ([replace(TALK, agent=THIRD, third=OWN, phase="conference")], "talking", "conference", "third", ""),
        ([replace(TALK, agent=THIRD)], "wrap_up", "wrap_up", "own", ""),
        ([replace(TALK, agent="", phase="offered")], "offered", "offered", "own", ""),
    ],
)
def test_a_call_is_seen_from_ones_own_side(
    talk: list[TalkView], observed: str, phase: str, part: str, third: str
) -> None:
    agents = [agent_view(OWN, observed=observed, call_id=CALL), agent_view(COLLEAGUE, observed="offered")]
    look = FloorLook.of([*agents, agent_view(THIRD, observed="talking")], talk)
    state = look.state(OWN, "run", 1)
    assert state is not None
    assert state.call is not None
    assert (state.call.phase, state.call.part, state.call.third) == (phase, part, third)


def test_time_alone_is_no_news() -> None:
    def state(**changes: object) -> OwnState | None:
        return FloorLook.of([agent_view(OWN, call_id=CALL, **changes)], [TALK]).state(OWN, "run", 1)

    before = state(seconds=5.0, wrap_up_left=30.0)
    assert not tells_news(before, state(seconds=9.0, wrap_up_left=26.0))
    assert tells_news(before, state(seconds=0.1, wrap_up_left=29.9))
    assert tells_news(before, state(seconds=6.0, wrap_up_left=149.0))
    assert tells_news(before, None)
    assert not tells_news(None, None)
