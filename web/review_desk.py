"""What the routes of finding, sampling and the work list share: names, words, and what the trail is told."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from fastapi import HTTPException, Request

from desk.working_days import between, office_day
from domain.audit import AuditRow
from domain.masking import mask
from domain.staff import Reach
from recording.quality.blind import BlindUnavailable
from recording.quality.finding import Facts, FindingUnavailable, Search, Sound
from recording.quality.finding_text import SearchRefused, read
from recording.quality.sampling import PlanRefused
from recording.quality.sampling_tasks import (
    OwnWork,
    PlanChanged,
    Task,
    TaskState,
    TaskTaken,
    WorkUnavailable,
)
from web.card_words import CardWords
from web.field_refused import field_refused
from web.parts import Shared
from web.permissions import Permission
from web.review_models import RecordingRow, TaskView
from web.review_port import Names, ReviewPort
from web.texts import Texts
from web.visitor import Visitor

T = TypeVar("T")

UNAVAILABLE = "review.unavailable"  # names of texts, as everything that an HTTPException tells
FIND = Permission.RECORDING_FIND
_SOUNDS = {Sound.PENDING: "pending", Sound.AUDIBLE: "audible", Sound.GONE: "gone"}


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """Recordings and lists of them, for somebody whom the guard let in."""

    shared: Shared
    port: ReviewPort

    def team(self, visitor: Visitor) -> str | None:
        """Return the team to which a search is held; None: to none. Raises HTTPException 403."""
        match visitor.reach(FIND):
            case Reach.ALL:
                return None
            case Reach.TEAM if visitor.staff.team:
                return visitor.staff.team
        raise HTTPException(403, "review.no_reach")

    async def hidden(self, visitor: Visitor) -> frozenset[str]:
        """Return the recordings whose scores are kept from somebody. Raises HTTPException 503."""
        try:
            return await self.port.blind.hidden(visitor.staff.staff_id)
        except BlindUnavailable as error:
            raise HTTPException(503, UNAVAILABLE) from error

    async def words(self, request: Request) -> RowWords:
        """Return what rows are called in the language of whoever asks."""
        language = self.shared.render.language(request)
        on_air = {view.agent: view.on_air_name for view in self.shared.floor.agents() if view.on_air_name}
        cards = CardWords(self.shared.render.texts, language)
        return RowWords(
            self.shared.render.texts,
            cards,
            on_air,
            await self.port.campaigns(),
            self.port.dispositions(language),
            self.port,
        )

    async def did(
        self, visitor: Visitor, act: str, subject: str, why: str = "", outcome: str = "done", **data: str
    ) -> None:
        """Tell the trail of an act. Raises AuditUnavailable."""
        now, staff_id = self.shared.clock.now(), visitor.staff.staff_id
        await self.shared.audit.record(AuditRow(now, staff_id, act, subject, why, outcome, data))

    async def tasks(
        self, visitor: Visitor, words: RowWords, tasks: Sequence[Task], facts: Mapping[str, Facts]
    ) -> list[TaskView]:
        """Return tasks as this reviewer sees them."""
        today, number = office_day(self.shared.clock.now()), visitor.staff.number
        found = []
        for task in tasks:
            known = facts.get(task.recording_id)
            found.append(
                TaskView(
                    task_id=task.task_id,
                    recording_id=task.recording_id,
                    plan=task.plan,
                    why=task.why,
                    agent=words.agent(task.agent),
                    at=None if known is None else known.at,
                    topic="" if known is None else words.topic(known),
                    seconds=0 if known is None else known.seconds,
                    state=task.state.value,
                    due_on=task.due_on,
                    days_left=between(self.port.calendar, today, task.due_on),
                    until=task.until if task.state is TaskState.CLAIMED else None,
                    mine=task.reviewer == visitor.staff.staff_id,
                    own_call=bool(number) and task.agent == number,
                )
            )
        return found


@dataclass(frozen=True, slots=True)
class RowWords:
    """What agents, queues, topics, campaigns and dispositions are called."""

    texts: Texts
    cards: CardWords
    on_air: Names
    campaigns: Names
    dispositions: Names
    port: ReviewPort

    def agent(self, number: str) -> str:
        """Return the on-air name, or the staff number masked."""
        return self.on_air.get(number) or mask(number)

    def topic(self, facts: Facts) -> str:
        """Return branch and category."""
        return (
            self.port.branches.name(self.cards.language, facts.branch, facts.category) if facts.branch else ""
        )

    def result(self, facts: Facts) -> str:
        """Return what came of the call."""
        return self.port.branches.result_name(self.cards.language, facts.result) if facts.result else ""

    def row(self, facts: Facts, hidden: frozenset[str]) -> RecordingRow:
        """Return a recording as it is listed."""
        score = None if facts.score is None or facts.recording_id in hidden else facts.score / 100
        return RecordingRow(
            recording_id=facts.recording_id,
            at=facts.at,
            agent=self.agent(facts.agent),
            team=facts.team,
            direction="out" if facts.direction == "out" else "in",
            queue=self.cards.queue(facts.queue) if facts.queue else "",
            topic=self.topic(facts),
            result=self.result(facts),
            campaign=self.campaigns.get(facts.campaign, "") if facts.campaign else "",
            disposition=self.dispositions.get(facts.disposition, facts.disposition),
            seconds=facts.seconds,
            hold=facts.hold,
            transfers=facts.transfers,
            silence=facts.silence,
            overlap=facts.overlap,
            score=score,
            complaint=facts.complaint,
            new_agent=facts.new_agent,
            sound=_SOUNDS[facts.sound],  # type: ignore[arg-type]  # the three words of the model
        )


def read_search(written: Mapping[str, str]) -> Search:
    """Return a search. Raises RequestValidationError beside the field that is wrong."""
    try:
        return read(written)
    except SearchRefused as error:
        raise field_refused(error.field, f"review.refused_{error.problem}") from error


def without_scores(search: Search, hidden: frozenset[str]) -> bool:
    """Whether a search tells something of scores, so that what is hidden must not be found by it."""
    return bool(hidden) and (bool(search.score) or search.scored is not None)


async def answered(work: Awaitable[T]) -> T:
    """Return what the index or the lists answer. Raises HTTPException, and 422 beside a field."""
    try:
        return await work
    except (FindingUnavailable, WorkUnavailable) as error:
        raise HTTPException(503, UNAVAILABLE) from error
    except TaskTaken as error:
        raise HTTPException(409, "review.task_taken") from error
    except OwnWork as error:
        raise HTTPException(403, "review.own_work") from error
    except PlanChanged as error:
        raise HTTPException(409, "review.plan_changed") from error
    except PlanRefused as error:
        raise field_refused(error.field, f"review.refused_{error.problem}") from error
    except KeyError as error:
        raise HTTPException(404, "review.not_there") from error


def of_team(search: Search, team: str | None) -> Search:
    """Return a search whose team filter says what it is held to."""
    return search if team is None else replace(search, teams=[team])
