"""The effect of a campaign out of the records, on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.attempts import DialOutcome
from dialer.campaigns import CampaignKind
from dialer.dispositions import load_dispositions
from dialer.kinds import OutcomeKind, load_kinds
from storage.campaign_effect import CampaignEffect
from storage.database import Database
from storage.vault import Vault
from tests.storage.campaign_world import CUT_OFF, NINE
from tests.storage.figures_world import FiguresWorld

DAY = NINE.date()  # 3 June 2026, 09.00 WIB
FRESH = DAY + timedelta(days=29)


class Later:
    """The clock of those who look at the effect."""

    def now(self) -> datetime:
        return datetime(2026, 8, 1, 3, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
async def world(database: Database, vault: Vault) -> AsyncIterator[FiguresWorld]:
    world = FiguresWorld(database, vault)
    yield world
    await world.attempts.close()


def reading(world: FiguresWorld) -> CampaignEffect:
    return CampaignEffect(world.database, world.world.campaigns, load_kinds(), load_dispositions(), Later())


def after(days: int) -> date:
    return DAY + timedelta(days=days)


async def test_the_effect_of_a_small_campaign(world: FiguresWorld) -> None:
    campaign_id, found = await world.campaign(14)
    a, b, c, d, e, f, g, unreached, machine, *quiet = found
    world.spare(quiet)
    ten, tomorrow = NINE + timedelta(hours=1), NINE + timedelta(days=1, hours=1)
    talked, said = DialOutcome.TALKED, "informed"
    await world.calls(campaign_id, a, talked, NINE, said)
    await world.calls(campaign_id, b, talked, NINE)  # without a disposition: a reminder's flow to its end
    await world.calls(campaign_id, c, DialOutcome.NO_ANSWER, NINE)
    await world.calls(campaign_id, c, talked, ten, said)
    await world.calls(campaign_id, c, talked, ten + timedelta(hours=2), said)  # later ones count nothing
    before = await world.world.campaigns.get(campaign_id)
    changed = replace(before.definition, script="outbound")
    await world.world.campaigns.change(campaign_id, 1, changed, "staff-1", ten)
    for one in (d, e, f):
        await world.calls(campaign_id, one, talked, tomorrow, said, version=2)
    await world.calls(campaign_id, g, talked, NINE + timedelta(days=16), said, version=2)
    await world.calls(campaign_id, unreached, DialOutcome.BUSY, NINE)
    await world.calls(campaign_id, machine, talked, NINE, "answering_machine")
    await world.files(a, after(3), after(40))
    await world.files(b, DAY)
    await world.files(c, after(14))
    await world.files(d, after(1 + 15))
    await world.files(f, after(-1))
    await world.files(g, after(18))
    await world.files(unreached, after(2))
    await world.files(e, after(4), kind=OutcomeKind.PAID)  # not what the campaign is about
    await world.files(quiet[0], after(5))
    await world.files(quiet[1], after(-1))
    await world.files(quiet[2], CUT_OFF - timedelta(days=1))  # before the list was cut: it says nothing
    await world.files(quiet[3], FRESH)
    stranger = (await world.campaign(1))[1][0]
    await world.files(stranger, FRESH)
    effect = await reading(world).of(campaign_id)
    assert effect is not None
    assert (effect.days, effect.fresh_until) == (14, after(40))
    # The feed tells of 40 days here: G counts too, and filed in time.
    assert (effect.called.people, effect.called.solved) == (6, 4)
    assert effect.dialled is not None
    assert (effect.dialled.people, effect.dialled.solved) == (8, 5)
    assert (effect.control.people, effect.control.solved) == (4, 1)
    assert effect.difference == pytest.approx(4 / 6 - 1 / 4)
    assert effect.of_dialled is not None and effect.of_dialled.value == pytest.approx(5 / 8 - 1 / 4)
    shown = [
        [(row.group, row.solved, row.people) for row in rows]
        for rows in (effect.by_script, effect.by_hour, effect.by_attempt)
    ]
    assert shown == [
        [("non_filer", 3, 3), ("outbound", 1, 3)],
        [("9", 3, 3), ("10", 1, 3)],
        [("1", 3, 5), ("2", 1, 1)],
    ]


async def test_days_that_the_feed_does_not_tell_of_are_left_out(world: FiguresWorld) -> None:
    campaign_id, (one, other) = await world.campaign(2)
    await world.calls(campaign_id, one, DialOutcome.TALKED, NINE, "informed")
    await world.calls(campaign_id, other, DialOutcome.TALKED, NINE + timedelta(days=1), "informed")
    await world.files(one, after(14))
    effect = await reading(world).of(campaign_id)
    assert effect is not None
    assert (effect.called.people, effect.called.solved, effect.fresh_until) == (1, 1, after(14))
    assert (effect.control.people, effect.difference, effect.of_dialled) == (0, None, None)


async def test_another_period_is_another_matter(world: FiguresWorld) -> None:
    campaign_id, (one,) = await world.campaign(1, effect_days=1)
    any_period, (other,) = await world.campaign(1, effect_days=1)
    known = await world.world.campaigns.get(any_period)
    await world.world.campaigns.change(
        any_period, 1, replace(known.definition, tax_period=""), "staff-1", NINE
    )
    monthly, (third,) = await world.campaign(1, effect_days=1)
    definition = (await world.world.campaigns.get(monthly)).definition
    await world.world.campaigns.change(monthly, 1, replace(definition, tax_period="2025-03"), "staff-1", NINE)
    for campaign, lead in ((campaign_id, one), (any_period, other), (monthly, third)):
        await world.calls(campaign, lead, DialOutcome.TALKED, NINE, "informed")
        await world.files(lead, after(1))
    effects = [await reading(world).of(campaign) for campaign in (campaign_id, any_period, monthly)]
    assert [effect and (effect.called.people, effect.called.solved) for effect in effects] == [
        (1, 1), (1, 1), (1, 0),
    ]  # fmt: skip


async def test_without_outcomes_there_is_no_effect(world: FiguresWorld) -> None:
    campaign_id, (one,) = await world.campaign(1)
    survey, _ = await world.campaign(1, kind=CampaignKind.SURVEY)
    await world.calls(campaign_id, one, DialOutcome.TALKED, NINE, "informed")
    assert await reading(world).of(campaign_id) is None
    await world.files(one, FRESH)
    assert await reading(world).of(campaign_id) is not None
    assert await reading(world).of(survey) is None, "a survey is about no filing and no payment"
    with pytest.raises(KeyError):
        await reading(world).of("f" * 32)


async def test_before_the_first_call_nobody_counts(world: FiguresWorld) -> None:
    campaign_id, found = await world.campaign(3)
    world.spare(found[1:])
    await world.files(found[1], FRESH)
    effect = await reading(world).of(campaign_id)
    assert effect is not None
    assert (effect.called.people, effect.control.people, effect.difference) == (0, 0, None)
    assert (effect.by_script, effect.by_hour, effect.by_attempt) == ([], [], [])


async def test_who_joins_the_control_group_later_counts_from_then_on(world: FiguresWorld) -> None:
    campaign_id, (one,) = await world.campaign(1)
    await world.calls(campaign_id, one, DialOutcome.TALKED, NINE, "informed")
    added = world.world.new_list(2, expires_on=date(2026, 12, 31))
    week = NINE + timedelta(days=7)
    assert await world.world.campaigns.add_list(campaign_id, added, "staff-1", week) == 2
    _, *late = world.leads(campaign_id)
    world.spare(late)
    await world.files(late[0], after(3))  # after the campaign's first call, before they joined it
    await world.files(late[1], after(20))  # 13 days after they joined it
    await world.files(one, after(30))
    effect = await reading(world).of(campaign_id)
    assert effect is not None
    assert (effect.control.people, effect.control.solved) == (1, 1)
