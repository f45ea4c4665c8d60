"""What the routes of scores share: whose work, who may see which score, what the trail is told."""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from fastapi import HTTPException, Request

from desk.working_days import office_day
from domain.audit import AuditRow
from domain.masking import mask
from domain.staff import Reach, StaffUnavailable
from recording.persons import PersonsUnavailable
from recording.ports import RecordingsUnavailable
from recording.quality.blind import BlindUnavailable
from recording.quality.forms import Form, FormsUnavailable
from recording.quality.scores import Kind, Score, ScoreState, ScoresUnavailable
from recording.recordings import MarkKind, Recording
from web.parts import Shared
from web.permissions import Permission
from web.score_models import ScoreRow, ScoreView
from web.score_port import ScorePort
from web.score_views import FormWords
from web.visitor import Visitor

T = TypeVar("T")

FINAL = (ScoreState.FINAL, ScoreState.SIGNED, ScoreState.CONTESTED, ScoreState.REPLACED)
COUNTED = (Kind.REVIEW, Kind.APPEAL)  # what an agent's figures are made of; a replaced one no more
_PAPERS = (Kind.RESCORE, Kind.ARBITER)  # what an appeal was decided by
_APPEALABLE = (ScoreState.FINAL, ScoreState.SIGNED)
UNAVAILABLE = "scores.unavailable"
NO_SCORE = "scores.no_such_score"
RESTRICTED = "scores.restricted"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose work is scored. The staff number is personal: it goes into no page."""

    number: str
    name: str  # on-air name, or the number masked
    staff_id: str = ""
    team: str = ""


class People:
    """Staff, by number and by id, as they are at one moment."""

    def __init__(self, known: Iterable[Person], names: Mapping[str, str]) -> None:
        self._known = {one.number: one for one in known}
        self.names = names  # staff_id → display name

    def of(self, number: str) -> Person:
        """Return whose number it is; somebody without an account has a masked number."""
        return self._known.get(number) or Person(number, mask(number))

    def within(self, visitor: Visitor) -> Sequence[Person]:
        """Return whose scores somebody may see, by name."""
        found = [
            one for one in self._known.values() if visitor.covers(Permission.SCORE_VIEW, one.number, one.team)
        ]
        return sorted(found, key=lambda one: one.name)


@dataclass(frozen=True, slots=True)
class ScoreDesk:
    """Scores, for somebody who was let in."""

    shared: Shared
    port: ScorePort

    def now(self) -> datetime:
        """Return the time."""
        return self.shared.clock.now()

    def words(self, request: Request) -> FormWords:
        """Return what says forms in the reader's language."""
        return FormWords(self.shared.render.texts, self.shared.render.language(request))

    async def people(self) -> People:
        """Return everybody who takes calls, with the name that colleagues know."""
        staff = await kept(self.port.people.all())
        on_air = {one.agent: one for one in self.shared.floor.agents()}
        known = {
            one.number: Person(one.number, _name(on_air, one.number), one.staff_id, one.team)
            for one in staff
            if one.number
        }
        for number, agent in on_air.items():
            known.setdefault(number, Person(number, agent.on_air_name or mask(number), "", agent.team))
        return People(known.values(), {one.staff_id: one.display_name for one in staff})

    async def recording(self, visitor: Visitor, recording_id: str) -> Recording:
        """Return a recording. Raises HTTPException 404, and 403 while a restriction stands over its call."""
        found = await kept(self.port.recordings.get(recording_id))
        if found is None:
            raise HTTPException(404, "scores.no_such_recording")
        await self._check_open(visitor, recording_id)
        return found

    async def restricted(self, visitor: Visitor) -> frozenset[str]:
        """Return the recordings whose scores nobody sees but who answers people's requests."""
        if visitor.reach(Permission.PERSON_FILE) is not None:
            return frozenset()
        return await kept(self.port.restricted.recordings())

    async def _check_open(self, visitor: Visitor, recording_id: str) -> None:
        if recording_id in await self.restricted(visitor):
            await self.shared.audit.record(
                AuditRow(
                    self.now(), visitor.staff.staff_id, "score_refused", f"recording:{recording_id}",
                    "restricted", "refused",
                )
            )  # fmt: skip
            raise HTTPException(403, RESTRICTED)

    async def agents(self, recording: Recording) -> Sequence[str]:
        """Return who talked with the caller, first to last (staff numbers)."""
        marks = await kept(self.port.recordings.marks(recording.recording_id))
        talked = [mark.detail for mark in marks if mark.kind is MarkKind.TALK and mark.detail]
        return list(dict.fromkeys(talked or [recording.agent]))

    async def hidden(self, visitor: Visitor) -> frozenset[str]:
        """Return the recordings whose scores are kept from somebody, who scores them blind."""
        if visitor.reach(Permission.REVIEW_WORK) is None:
            return frozenset()
        return await kept(self.port.blind.hidden(visitor.staff.staff_id))

    async def form_of(self, score: Score) -> Form:
        """Return the form in the version under which a score was given."""
        return await self.form(score.form, score.form_version)

    async def form(self, name: str, version: int) -> Form:
        """Return a form. Raises HTTPException 404."""
        try:
            return await kept(self.port.forms.get(name, version))
        except KeyError:
            raise HTTPException(404, "scores.no_such_form") from None

    async def final(self, visitor: Visitor, score_id: str, people: People) -> Score:
        """Return a final score that somebody may see.

        Raises HTTPException 404, the same for no right, and 403 while a restriction stands over its call.
        """
        score = await kept(self.port.scores.get(score_id))
        hidden = await self.hidden(visitor)
        if score is None or score.state not in FINAL or not readable(visitor, score, people, hidden):
            raise HTTPException(404, NO_SCORE)
        await self._check_open(visitor, score.recording_id)
        return score

    def row(self, visitor: Visitor, score: Score, people: People) -> ScoreRow:
        """Return a final score as a line of a list."""
        final_at = score.final_at or score.started_at
        person = people.of(score.agent)
        own = bool(visitor.staff.number) and visitor.staff.number == score.agent
        told = visitor.reach(Permission.SCORE_VIEW) is Reach.ALL
        return ScoreRow(
            score_id=score.score_id,
            recording_id=score.recording_id,
            agent=person.name,
            agent_id=person.staff_id,
            form=score.form,
            kind=score.kind,
            state=score.state,
            total=score.result.total if score.result else Decimal(0),
            final_at=final_at,
            signed_at=score.signed_at,
            reviewer=people.names.get(score.reviewer, "") if told else "",
            mine=own,
            appeal_until=self._appeal_until(score, final_at) if own else None,
            effects=len(score.result.effects) if score.result else 0,
        )

    async def view(self, request: Request, visitor: Visitor, score: Score, people: People) -> ScoreView:
        """Return a final score with its lines, as they were computed then."""
        form, words = await self.form_of(score), self.words(request)
        if score.result is None or score.final_at is None:
            raise HTTPException(404, NO_SCORE)
        row = self.row(visitor, score, people)
        return ScoreView(
            **row.model_dump(),
            shown=words.form(form, score.kind, score.answers, score.facts),
            result=words.result(form, score.result, score.answers),
            summary=score.summary,
            may_sign=row.mine and score.kind in COUNTED and score.state is ScoreState.FINAL,
        )

    async def did(self, visitor: Visitor, act: str, subject: str, why: str = "", **data: str) -> None:
        """Tell the trail of an act. Raises AuditUnavailable."""
        await self.shared.audit.record(
            AuditRow(self.now(), visitor.staff.staff_id, act, subject, why, "done", data)
        )

    async def viewed(self, visitor: Visitor, scores: Sequence[Score]) -> None:
        """Tell the trail which scores are about to be shown whole."""
        for score in scores:
            await self.did(
                visitor, "score_viewed", f"score:{score.score_id}", f"recording:{score.recording_id}"
            )

    def _appeal_until(self, score: Score, final_at: datetime) -> date | None:
        if score.kind is not Kind.REVIEW or score.state not in _APPEALABLE:
            return None
        until = self.port.appeal_until(final_at)
        return until if office_day(self.now()) <= until else None


def readable(visitor: Visitor, score: Score, people: People, hidden: frozenset[str]) -> bool:
    """Whether somebody may see a final score."""
    if score.reviewer == visitor.staff.staff_id:
        return True
    if score.recording_id in hidden:
        return False
    if score.kind in _PAPERS:
        return visitor.reach(Permission.REVIEW_WORK) is not None
    if score.kind not in COUNTED:
        return visitor.reach(Permission.REVIEW_PLAN) is not None
    person = people.of(score.agent)
    return visitor.covers(Permission.SCORE_VIEW, score.agent, person.team)


async def kept(work: Awaitable[T]) -> T:
    """Return what is asked of the records. Raises HTTPException 503."""
    try:
        return await work
    except (
        ScoresUnavailable, FormsUnavailable, RecordingsUnavailable, BlindUnavailable, StaffUnavailable,
        PersonsUnavailable,
    ) as error:  # fmt: skip
        raise HTTPException(503, UNAVAILABLE) from error


def _name(on_air: Mapping[str, object], number: str) -> str:
    return str(getattr(on_air.get(number), "on_air_name", "")) or mask(number)
