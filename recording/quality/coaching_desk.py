"""Coaching at work: what is low becomes tasks, once; people take them through their steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from desk.working_days import WorkingCalendar, office_day
from domain.clock import Clock
from domain.ids import new_id
from recording.persons import NobodyRestricted, RestrictedRecordings
from recording.quality.appeals_rules import criteria
from recording.quality.coaching import (
    TASK,
    CoachingChanged,
    CoachingRefused,
    CoachingTable,
    Task,
    Tasks,
    link_to,
    move_task,
    open_task,
    proposals,
)
from recording.quality.forms import Form, QualityForms
from recording.quality.scores import Kind, Score, ScoreQuery, Scores, ScoreState

SYSTEM = "system"
BY_HAND = "by_hand"
_MOST = 5000  # scores that are looked at; of 60 days, far beyond what reviewers give


class Teams(Protocol):
    """Tells which team an agent is in."""

    async def teams(self) -> Mapping[str, str]:
        """Return staff number → team. Raises CoachingUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class CoachingDesk:
    """Makes and moves coaching tasks. Methods raise what tasks, scores, forms and restrictions raise."""

    tasks: Tasks
    scores: Scores
    forms: QualityForms
    table: CoachingTable
    calendar: WorkingCalendar
    teams: Teams
    clock: Clock
    restricted: RestrictedRecordings = field(default_factory=NobodyRestricted)

    async def propose(self) -> int:
        """Make a task of all that is low and led to none yet; return how many. To be called every hour.

        Scores of recordings under restriction are left out: they may lead to one once it is over.
        """
        now = self.clock.now()
        version, teams = self.table.on(office_day(now)), await self.teams.teams()
        longest = max((rule.within for rule in version.rules), default=0)
        query = ScoreQuery(
            kinds=(Kind.REVIEW, Kind.APPEAL),
            states=(ScoreState.FINAL, ScoreState.SIGNED),
            since=now - timedelta(days=longest),
            most=_MOST,
        )
        closed = await self.restricted.recordings()
        found = [one for one in await self.scores.find(query) if one.recording_id not in closed]
        made = 0
        for agent, criterion, rule, share, scores in proposals(version, found, now):
            if await self.tasks.used([score.score_id for score in scores], criterion):
                continue
            links = [link_to(score, criterion, criteria(await self._form(score))) for score in scores]
            task = Task(
                new_id(), agent, teams.get(agent, ""), criterion, rule.name, share, TASK.start, SYSTEM, now,
                date.min, rule.steps, tuple(links),
            )  # fmt: skip
            made += await self.tasks.open(open_task(task, self.calendar, rule.days))
        return made

    async def make(self, score: Score, criterion: str, team: str, who: str, note: str) -> Task:
        """Make a task by hand, from a score. Raises CoachingRefused (`there_is_one`, `no_choice`)."""
        form, now = await self._form(score), self.clock.now()
        if criterion not in {one.code for one in form.criteria}:
            raise CoachingRefused("no_choice", "criterion")
        version = self.table.on(office_day(now))
        task = Task(
            new_id(), score.agent, team, criterion, BY_HAND, None, TASK.start, who, now,
            date.min, version.steps, (link_to(score, criterion, criteria(form)),),
        )  # fmt: skip
        moved = open_task(task, self.calendar, version.by_hand, note)
        if not await self.tasks.open(moved):
            raise CoachingRefused("there_is_one")
        return moved.task

    async def move(
        self, task: Task, version: int, event: str, who: str, note: str = "", step: str = ""
    ) -> Task:
        """Take a task a step on. Raises CoachingRefused, CoachingChanged."""
        if task.version != version:
            raise CoachingChanged
        return await self.tasks.change(move_task(task, event, who, self.clock.now(), note, step))

    async def results(self, task: Task) -> Sequence[Score]:
        """Return the scores that a task comes from, as they were linked."""
        found = [await self.scores.get(link.score_id) for link in task.links]
        return [score for score in found if score is not None]

    async def _form(self, score: Score) -> Form:
        try:
            return await self.forms.get(score.form, score.form_version)
        except KeyError as error:
            raise CoachingRefused("no_such_form") from error
