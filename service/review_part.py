"""Finding, sampling and the work list in the running service: the index is fed, plans draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from desk.working_days import WIB, WorkingCalendar, after, office_day
from domain.clock import Clock
from recording.quality.finding import FindingUnavailable
from recording.quality.sampling import Every, Period, before
from recording.quality.sampling_rules import TaskRules
from recording.quality.sampling_tasks import Draw, KeptPlan, WorkUnavailable
from service.tree import Loop
from storage.database import Database
from storage.review_facts import FactRules
from storage.review_feed import ReviewFeed
from storage.review_find import ReviewFinder
from storage.review_names import ReviewNames
from storage.review_plans import ReviewPlans
from storage.review_searches import ReviewSearches
from storage.review_tasks import SYSTEM, ReviewTasks
from storage.review_words import ReviewWords
from storage.vault import Vault

log = structlog.get_logger("kring.review")

FEED_EVERY = 5.0  # seconds between two looks at what changed
WORK_EVERY = 60.0  # seconds between two looks at claims, finished tasks and plans
_AT_ONCE = 50  # passes in a row while there is more to do


@dataclass(frozen=True, slots=True)
class ReviewStands:
    """What finding and sampling stand on."""

    database: Database
    vault: Vault
    clock: Clock
    calendar: WorkingCalendar
    team_of: Callable[[str], str]  # staff number → team by the administrator's tables; empty: not there
    rules: TaskRules


class ReviewPart:
    """Everything about finding and sampling, joined."""

    def __init__(self, on: ReviewStands) -> None:
        self._on = on
        names = ReviewNames()
        facts = FactRules(timedelta(days=on.rules.new_agent_days), on.team_of)
        self.rules = on.rules
        self.feed = ReviewFeed(on.database, on.vault, names, facts)
        self.finder = ReviewFinder(on.database, on.vault, names)
        self.words = ReviewWords(on.vault)  # `words_in(connection, recording_id, words)` for transcripts
        self.searches = ReviewSearches(on.database, on.vault)
        self.plans = ReviewPlans(on.database, self.finder)
        self.tasks = ReviewTasks(on.database, timedelta(hours=on.rules.claim_hours))

    def loops(self) -> list[Loop]:
        """Return what runs every now and then, for the service's tree."""
        return [
            Loop("review-index", FEED_EVERY, self.feed_now),
            Loop("review-work", WORK_EVERY, self.work_now),
        ]

    async def feed_now(self) -> None:
        """Bring what changed into the index."""
        try:
            for _ in range(_AT_ONCE):
                fed = await self.feed.pass_once(self._on.clock.now())
                if not fed.more:
                    return
        except FindingUnavailable as error:
            log.warning("the index of recordings is behind; it is tried again", why=str(error))

    async def work_now(self) -> None:
        """End claims and tasks that are over, and let plans draw that are due."""
        try:
            await self.tasks.settle(self._on.clock.now())
            await self.draw_due()
        except WorkUnavailable as error:
            log.warning("the reviewers' work list is behind; it is tried again", why=str(error))

    async def draw_due(self) -> list[Draw]:
        """Let every active plan draw for its last period, once; return the new draws."""
        now = self._on.clock.now()
        if now.astimezone(WIB).hour < self.rules.draw_hour:
            return []
        drawn = []
        for kept in await self.plans.all():
            if kept.active and kept.plan.every is not Every.HAND:
                found, new = await self.draw(kept, SYSTEM)
                drawn += [found] if new else []
        return drawn

    async def draw(self, kept: KeptPlan, by: str, period: Period | None = None) -> tuple[Draw, bool]:
        """Let a plan draw for a period, by default its last one that is over. (draw, whether it is new)."""
        now = self._on.clock.now()
        today = office_day(now)
        due_on = after(self._on.calendar, today, kept.plan.due_days)
        chosen = before(kept.plan.every, today) if period is None else period
        found, new = await self.plans.draw(kept.plan_id, chosen, due_on, by, now)
        if new:
            log.info("a sampling plan has drawn", period=found.period, found=found.found, taken=found.taken)
        return found, new


def make_review(on: ReviewStands) -> ReviewPart:
    """Build it. The index is fed once its loops run."""
    return ReviewPart(on)
