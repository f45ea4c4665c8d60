"""What came of a campaign, as it goes back to the requester; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from dialer.attempts import DialOutcome
from dialer.leads import FollowUp, LeadState
from dialer.reasons import WhyNot
from dialer.results import LiveUnavailable, ResultRow
from storage import campaign_results
from storage.campaign_results import CampaignResults
from storage.database import Database, DatabaseProblem
from storage.vault import Vault
from tests.storage.campaign_world import NINE
from tests.storage.figures_world import FiguresWorld

LATER = NINE + timedelta(hours=3)


@pytest.fixture
async def world(database: Database, vault: Vault) -> AsyncIterator[FiguresWorld]:
    world = FiguresWorld(database, vault)
    yield world
    await world.attempts.close()


async def _all(results: CampaignResults, campaign_id: str) -> list[ResultRow]:
    return [row async for rows in results.rows(campaign_id) for row in rows]


async def test_every_lead_has_one_row_with_what_came_of_it(world: FiguresWorld) -> None:
    campaign_id, found = await world.campaign(7)
    talked, tried, spared, solved, fresh, rang_back, ringing = found
    await world.calls(campaign_id, talked, DialOutcome.NO_ANSWER)
    promised = date(2026, 6, 20)
    await world.calls(
        campaign_id, talked, DialOutcome.TALKED, LATER, "promised_to_file", promised_on=promised
    )
    await world.calls(campaign_id, tried, DialOutcome.BUSY)
    world.spare([spared])
    gone = FollowUp(LeadState.DONE, NINE, WhyNot.SOLVED.value)
    await world.world.leads.settle(solved.lead_id, gone, attempted=False)
    vain = await world.calls(campaign_id, rang_back, DialOutcome.NO_ANSWER)
    await world.says(campaign_id, rang_back, f"back-{vain}"[:32], "already_filed", LATER, None)
    await world.calls(campaign_id, ringing, None, LATER)
    results = CampaignResults(world.database, world.vault)
    rows = await _all(results, campaign_id)
    assert [(row.row, row.npwp, row.name) for row in rows] == [(one.row, one.npwp, "Contoh") for one in found]
    assert [(row.outcome, row.disposition, row.attempts) for row in rows] == [
        ("talked", "promised_to_file", 2),
        ("busy", "", 1),
        ("control_group", "", 0),
        ("solved", "", 0),
        ("", "", 0),
        ("no_answer", "already_filed", 1),
        ("", "", 1),
    ]
    assert [(row.last_at, row.promised_on) for row in rows[:2]] == [(LATER, promised), (NINE, None)]
    assert fresh.npwp == rows[4].npwp and rows[4].last_at is None

    figures = await results.figures(campaign_id)
    assert (figures.leads, figures.ready, figures.done, figures.control) == (7, 4, 2, 1)
    assert figures.attempts == 5
    assert figures.outcomes == {"talked": 1, "busy": 1, "no_answer": 1}
    assert figures.dispositions == {"promised_to_file": 1, "already_filed": 1}


async def test_rows_come_in_the_order_of_lists_and_rows_page_by_page(
    world: FiguresWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign_results, "_PAGE", 4)
    campaign_id, _ = await world.campaign(6)
    other, _ = await world.campaign(3)
    second = world.world.new_list(5)
    assert await world.world.campaigns.add_list(campaign_id, second, "staff-1", NINE) == 5
    third = world.world.new_list(2)  # of nobody
    results = CampaignResults(world.database, world.vault)
    pages = [rows async for rows in results.rows(campaign_id)]
    assert [len(rows) for rows in pages] == [4, 2, 4, 1]
    assert [row.row for rows in pages for row in rows] == [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5]
    npwps = [row.npwp for rows in pages for row in rows]
    assert npwps == [one.npwp for one in world.leads(campaign_id)]
    assert third and len(await _all(results, other)) == 3


async def test_what_happened_in_another_campaign_is_not_told(world: FiguresWorld) -> None:
    campaign_id, (one,) = await world.campaign(1)
    other = await world.world.campaigns.copy(campaign_id, "Lain", "staff-1", NINE)
    await world.world.campaigns.add_list(
        other.campaign_id, (await world.world.campaigns.get(campaign_id)).lists[0], "staff-1", NINE
    )
    (same,) = world.leads(other.campaign_id)
    await world.calls(campaign_id, one, DialOutcome.BUSY)
    results = CampaignResults(world.database, world.vault)
    (row,) = await _all(results, other.campaign_id)
    assert (row.npwp, row.outcome, row.attempts) == (same.npwp, "", 0)
    assert (await results.figures(other.campaign_id)).outcomes == {}
    assert (await results.figures(campaign_id)).outcomes == {"busy": 1}


async def test_what_could_not_be_found_out_is_lost(world: FiguresWorld) -> None:
    campaign_id, (one,) = await world.campaign(1)
    attempt_id = await world.calls(campaign_id, one, None)
    await world.attempts.doubted(attempt_id, NINE)
    assert await world.attempts.flagged(attempt_id, LATER)
    results = CampaignResults(world.database, world.vault)
    (row,) = await _all(results, campaign_id)
    assert row.outcome == DialOutcome.LOST
    assert (await results.figures(campaign_id)).outcomes == {"lost": 1}


async def test_an_unknown_campaign_and_a_lost_database_are_told(
    world: FiguresWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = CampaignResults(world.database, world.vault)
    with pytest.raises(KeyError):
        await results.figures("f" * 32)
    with pytest.raises(KeyError):
        await _all(results, "f" * 32)

    def broken(_: object) -> None:
        raise DatabaseProblem("gone")

    monkeypatch.setattr(world.database, "read_now", broken)
    with pytest.raises(LiveUnavailable):
        await results.figures("f" * 32)
    with pytest.raises(LiveUnavailable):
        await _all(results, "f" * 32)
    await asyncio.sleep(0)
