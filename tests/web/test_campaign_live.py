"""The live page: figures and shares, the forecast, and the feed that keeps it so."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from dialer.campaigns import CampaignState, Window
from tests.web.campaign_doubles import ID, EveryWeekday, LiveDouble, a_look
from tests.web.campaign_stage import campaign_stage, said
from tests.web.list_stage import Watch
from web.campaign_feed import CampaignFeed
from web.campaign_forecast import forecast
from web.campaign_port import DayFigures, LiveLook

MONDAY = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)  # 10.00 WIB: two of eight hours have passed


async def test_a_look_has_counts_shares_and_reasons() -> None:
    stage = campaign_stage()
    stage.campaign(state=CampaignState.RUNNING)
    seen = (await stage.get("leader", f"/api/campaigns/{ID}/live")).json()
    assert (seen["ringing"], seen["talking"], seen["waiting"], seen["borrowed"]) == (5, 4, 1, 1)
    assert {one["state"]: one["agents"] for one in seen["agents"]} == {
        "idle": 2, "ringing": 0, "talking": 4, "wrap_up": 0,
    }  # fmt: skip
    today = seen["today"]
    assert (today["answer_rate"], today["contact_rate"], today["promise_rate"]) == (0.4, 0.25, 0.4)
    assert today["abandon_rate"] == pytest.approx(2 / 60)
    assert (seen["abandon_upper"], seen["abandon_limit"], seen["over_limit"]) == (0.06, 0.03, True)
    assert seen["leads"] == {"ready": 60, "done": 40, "control": 10, "share": 0.4}
    assert [one["words"] for one in seen["reasons"]] == [
        said("outbound_why.outside_window"), said("outbound_why.spacing"),
    ]  # fmt: skip
    assert [one["hour"] for one in seen["hours"]] == [8, 9]
    assert seen["ends_on"] == "2026-03-02"


async def test_of_nothing_there_is_no_share() -> None:
    stage = campaign_stage()
    stage.campaign()
    stage.live.look_now = a_look(stage.watch, today=DayFigures(), hours={}, reasons={}, why_idle="no_agent")
    seen = (await stage.get("leader", f"/api/campaigns/{ID}/live")).json()
    assert seen["today"]["answer_rate"] is None
    assert (seen["over_limit"], seen["ends_on"]) == (False, None)
    assert seen["why_idle"] == said("outbound_why.no_agent")
    assert (await stage.get("leader", f"/kampanye/{ID}/langsung")).status_code == 200
    stage.live.look_now = None
    assert (await stage.get("leader", f"/api/campaigns/{ID}/live")).status_code == 503


@pytest.mark.parametrize(
    ("ready", "done", "day"),
    [
        (60, 40, date(2026, 3, 2)),  # 20 an hour: three more hours
        (120, 40, date(2026, 3, 2)),
        (121, 40, date(2026, 3, 3)),
        (120 + 160 * 4, 40, date(2026, 3, 6)),
        (120 + 160 * 4 + 1, 40, date(2026, 3, 9)),  # over a weekend
        (60, 5, None),  # too little to tell
        (10_000_000, 40, None),
    ],
)
def test_the_forecast_counts_hours_of_working_days(ready: int, done: int, day: date | None) -> None:
    assert forecast(ready, done, Window(), EveryWeekday(), MONDAY) == day


def test_early_in_the_morning_nothing_is_forecast() -> None:
    assert forecast(60, 40, Window(), EveryWeekday(), MONDAY - timedelta(hours=2)) is None


async def _tell(look: LiveLook) -> bytes:
    return msgspec.json.encode({"ringing": look.ringing})


async def _yes() -> bool:
    return True


async def _next(messages: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(20):
        return await anext(messages)


async def test_one_look_serves_all_pages_of_a_campaign() -> None:
    live = LiveDouble(a_look(Watch()))
    feed = CampaignFeed(live, every=0.01)
    pages = [feed.listen(ID, _tell, _yes) for _ in range(3)]
    for page in pages:
        assert await _next(page) == b"retry: 1000\n\n"
    got = await asyncio.gather(*(_next(page) for page in pages))
    assert set(got) == {b'event: look\ndata: {"ringing":5}\n\n'}
    assert len(feed) == 1
    assert live.looks < 3
    for page in pages:
        await page.aclose()  # type: ignore[attr-defined]
    assert len(feed) == 0
    looks = live.looks
    await asyncio.sleep(0.05)
    assert live.looks == looks  # nobody watches: nothing is asked


async def test_what_cannot_be_looked_at_is_told_and_comes_back() -> None:
    live = LiveDouble()
    feed = CampaignFeed(live, every=0.01)
    page = feed.listen(ID, _tell, _yes)
    await _next(page)
    assert (await _next(page)).startswith(b"event: away")
    live.look_now = a_look(Watch())
    async with asyncio.timeout(20):
        while not (await anext(page)).startswith(b"event: look"):
            pass
    await page.aclose()  # type: ignore[attr-defined]


async def test_an_ended_session_ends_the_page_and_the_service_ends_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("web.campaign_feed._SESSION_EVERY", 0.0)
    feed = CampaignFeed(LiveDouble(a_look(Watch())), every=0.01)

    async def no() -> bool:
        return False

    ended = [message async for message in feed.listen(ID, _tell, no)]
    assert ended[-1].startswith(b"event: session")
    page = feed.listen(ID, _tell, _yes)
    await _next(page)
    await _next(page)
    feed.close()
    with contextlib.suppress(StopAsyncIteration):
        for _ in range(3):
            await _next(page)
    assert len(feed) == 0
