"""The live page over a running engine and an Asterisk that is made up, on a virtual clock."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from desk.working_days import WIB
from dialer.attempts import AttemptState, DialOutcome
from dialer.campaigns import Pacing
from dialer.dispositions import load_dispositions
from dialer.live import AttemptCount, LeadCount, LeadCounts
from domain.zones import Zone
from service.campaign_live import LiveStands, WatchedCampaigns
from tests.unit.engine_world import NOON, World, campaign
from tests.unit.virtual_time import run


class EveryDay:
    def works(self, day: object) -> bool:
        return True


class Counted:
    """The counts of an engine's record in memory."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.questions = 0

    async def attempts(
        self, campaign_id: str, since: datetime, until: datetime | None = None
    ) -> Sequence[AttemptCount]:
        self.questions += 1
        unsent = (AttemptState.INTENT, AttemptState.NOT_SENT)
        found = []
        for row in self._world.attempts.rows.values():
            assert row.intended_at is not None
            if row.state in unsent or row.intended_at < since or (until and row.intended_at >= until):
                continue
            hour, over = row.intended_at.astimezone(WIB).hour, row.outcome.value if row.outcome else ""
            picked_up, joined = int(row.answered_at is not None), int(bool(row.joined))
            found.append(AttemptCount(hour, over, row.disposition, 1, picked_up, joined, 0))
        return found

    async def leads(self, campaign_id: str, now: datetime) -> LeadCounts:
        return LeadCounts((LeadCount("list", Zone.WIB, 1000, {}),), 5, 10, {})


class Asked:
    """The floor, which lends nobody here."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.team = world.floor.team

    def borrow(self, skill: str, tier: object, wanted: int) -> int:
        assert wanted == 0
        return 0


def watched(world: World, counts: Counted) -> WatchedCampaigns:
    return WatchedCampaigns(
        LiveStands(
            world.orders,  # type: ignore[arg-type]
            counts,
            world.engine.look,
            Asked(world),  # type: ignore[arg-type]
            world.outcomes,
            load_dispositions(),
            EveryDay(),
            world.clock,
        )
    )


def test_a_watched_campaign_shows_what_the_engine_does() -> None:
    async def story() -> None:
        async with World(campaign("c1")) as world:
            counts = Counted(world)
            live = watched(world, counts)
            await world.until(lambda: world.engine.look().state == "running")
            assert (await live.look("c1")).why_idle == "no_agent"
            world.agents("1", "2", "3")
            first, second, _ = await world.rings(3)
            look = await live.look("c1")
            assert (look.ringing, look.talking, look.why_idle) == (3, 0, "")
            assert (look.today.dialled, look.ready, look.done, look.control) == (3, 1000, 5, 10)
            assert look.agents == Counter(idle=3)

            world.lines.answer(first)
            world.floor.set("1", "talking", outbound=True)
            world.engine.joined(first, "1")
            world.lines.answer(second)
            world.engine.over(second, DialOutcome.ABANDONED)
            world.lines.end(second)
            await asyncio.sleep(1.0)
            look = await live.look("c1")
            assert look.talking == 1 and look.agents["talking"] == 1
            assert (look.today.live, look.today.abandoned) == (2, 1)
            assert 0.5 < look.abandoned_upper < 1.0
            assert look.hours.keys() == {NOON.astimezone(WIB).hour}

            world.orders.killed = True
            await asyncio.sleep(2.0)
            look = await live.look("c1")
            assert (look.ringing, look.why_idle) == (0, "kill_switch")
            assert look.talking == 1, "who talks goes on"

    run(story())


def test_whom_a_reminder_speaks_with_does_not_wait_for_an_agent() -> None:
    async def story() -> None:
        async with World(campaign("c1", pacing=Pacing.AGENTLESS, most_lines=2)) as world:
            live = watched(world, Counted(world))
            first, _ = await world.rings(2)
            world.lines.answer(first)
            await asyncio.sleep(1.0)
            look = await live.look("c1")
            assert (look.ringing, look.waiting, look.talking) == (1, 0, 1)

    run(story())


def test_many_who_watch_ask_once_a_second_together() -> None:
    async def story() -> None:
        async with World(campaign("c1")) as world:
            counts = Counted(world)
            live = watched(world, counts)
            looks = await asyncio.gather(*(live.look("c1") for _ in range(50)))
            assert len({id(look) for look in looks}) == 1
            assert counts.questions == 2, "what is past, and the last minutes"
            for _ in range(10):
                await asyncio.sleep(1.0)
                await live.look("c1")
            assert counts.questions == 12, "the past is counted every half minute"

    run(story())
