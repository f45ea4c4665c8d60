"""What the pages of appeals, calibration and coaching stand on, and what every route of theirs does first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import HTTPException, Request

from desk.working_days import WorkingCalendar, between, office_day
from domain.audit import AuditRow, AuditUnavailable
from domain.masking import mask
from domain.staff import Staff, StaffStore, StaffUnavailable
from recording.persons import PersonsUnavailable
from recording.ports import RecordingBook
from recording.quality.appeals import Appeal, AppealChanged
from recording.quality.appeals_desk import AppealDesk
from recording.quality.blind import BlindWork
from recording.quality.calibration import Rounds
from recording.quality.coaching_desk import CoachingDesk
from recording.quality.forms import Form, QualityForms
from recording.quality.scores import Score
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.visitor import Visitor


@dataclass(frozen=True, slots=True)
class AppealPort:
    """Given to `add_appeal_routes`, `add_calibration_routes` and `add_coaching_routes`."""

    desk: AppealDesk
    blind: BlindWork
    rounds: Rounds
    coaching: CoachingDesk
    people: StaffStore
    recordings: RecordingBook
    calendar: WorkingCalendar

    @property
    def forms(self) -> QualityForms:
        """Where forms are kept."""
        return self.desk.on.forms


class People:
    """Staff by id and by staff number, as they are at one moment."""

    def __init__(self, staff: Sequence[Staff], on_air: Mapping[str, str]) -> None:
        self.staff = staff
        self._by_id = {one.staff_id: one for one in staff}
        self._by_number = {one.number: one for one in staff if one.number}
        self._on_air = on_air

    def name(self, staff_id: str) -> str:
        """Return a name; empty: nobody of ours."""
        found = self._by_id.get(staff_id)
        return "" if found is None else found.display_name

    def agent(self, number: str) -> str:
        """Return the on-air name of an agent, else the name, else the number masked: it is personal."""
        found = self._by_number.get(number)
        return self._on_air.get(number) or (mask(number) if found is None else found.display_name)

    def team(self, number: str) -> str:
        """Return an agent's team; empty: none, or unknown."""
        found = self._by_number.get(number)
        return "" if found is None else found.team

    def number(self, staff_id: str) -> str:
        """Return the staff number; empty: none."""
        found = self._by_id.get(staff_id)
        return "" if found is None else found.number


class AppealDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: AppealPort) -> None:
        self.shared, self.port = shared, port

    def now(self) -> datetime:
        """Return the time."""
        return self.shared.clock.now()

    def language(self, request: Request) -> str:
        """Return the reader's language."""
        return self.shared.render.language(request)

    async def people(self) -> People:
        """Return everybody. Raises HTTPException 503."""
        try:
            staff = await self.port.people.all()
        except StaffUnavailable as error:
            raise HTTPException(503, "appeals.unavailable") from error
        return People(staff, {one.agent: one.on_air_name for one in self.shared.floor.agents()})

    async def did(
        self, visitor: Visitor, act: str, subject: str, why: str = "", outcome: str = "done", **data: str
    ) -> None:
        """Put an act on the audit trail, before it is done. Raises HTTPException 503."""
        row = AuditRow(self.now(), visitor.staff.staff_id, act, subject, why, outcome, data)
        try:
            await self.shared.audit.record(row)
        except AuditUnavailable as error:
            raise HTTPException(503, "appeals.audit_down") from error

    def days_left(self, due_on: date | None) -> int | None:
        """Return the working days that are left until a day; negative: it is late."""
        if due_on is None:
            return None
        return between(self.port.calendar, office_day(self.now()), due_on)

    async def form(self, name: str, version: int) -> Form | None:
        """Return a form; None: it is gone."""
        try:
            return await self.port.forms.get(name, version)
        except KeyError:
            return None

    async def hidden(self, visitor: Visitor) -> frozenset[str]:
        """Return the recordings that somebody scores blind: nothing of their scores is shown."""
        if visitor.reach(Permission.REVIEW_WORK) is None:
            return frozenset()
        return await self.port.blind.hidden(visitor.staff.staff_id)

    async def restricted(self, visitor: Visitor) -> frozenset[str]:
        """Return the recordings under restriction; none for who answers people's requests.

        Raises HTTPException 503.
        """
        if visitor.reach(Permission.PERSON_FILE) is not None:
            return frozenset()
        try:
            return await self.port.desk.on.restricted.recordings()
        except PersonsUnavailable as error:
            raise HTTPException(503, "appeals.unavailable") from error

    async def check_open(self, visitor: Visitor, recording_id: str, score_id: str) -> None:
        """Raise HTTPException 403, on record, while a restriction stands over a recording."""
        if recording_id in await self.restricted(visitor):
            await self.did(visitor, "appeal_viewed", f"score:{score_id}", "restricted", "refused")
            raise HTTPException(403, "scores.restricted")

    def sees(self, visitor: Visitor, appeal: Appeal, hidden: frozenset[str]) -> bool:
        """Whether somebody may see an appeal with its scores and reasons.

        Reviewers see those against their own scores once they are over, and none before: any of them may be
        asked to score the call blind.
        """
        if appeal.recording_id in hidden:
            return False
        if visitor.reach(Permission.APPEAL_DECIDE) is not None:
            return True
        if visitor.reach(Permission.REVIEW_WORK) is not None:
            return appeal.reviewer == visitor.staff.staff_id and not appeal.is_open
        return visitor.covers(Permission.SCORE_VIEW, appeal.agent, appeal.team)

    async def appeal(self, request: Request, appeal_id: str) -> Appeal:
        """Return an appeal that the visitor may see.

        Raises HTTPException 404, the same for no right, and 403 while its recording is under restriction.
        """
        visitor = visitor_of(request)
        try:
            appeal = await self.port.desk.on.book.get(appeal_id)
        except KeyError as error:
            raise HTTPException(404, "appeals.no_such_appeal") from error
        if not self.sees(visitor, appeal, await self.hidden(visitor)):
            await self.did(visitor, "appeal_viewed", f"score:{appeal.score_id}", "", "refused")
            raise HTTPException(404, "appeals.no_such_appeal")
        await self.check_open(visitor, appeal.recording_id, appeal.score_id)
        return appeal

    async def to_change(
        self, request: Request, appeal_id: str, version: int, permission: Permission
    ) -> tuple[Visitor, Appeal]:
        """Return an appeal for a step that a permission covers. Raises HTTPException, AppealChanged."""
        visitor, appeal = visitor_of(request), await self.appeal(request, appeal_id)
        if not visitor.covers(permission, appeal.agent, appeal.team):
            raise HTTPException(403, "appeals.not_yours")
        if appeal.version != version:
            raise AppealChanged
        return visitor, appeal

    async def own_score(self, visitor: Visitor, score_id: str) -> Score:
        """Return a score of the visitor's own work. Raises HTTPException 404, and 403 as for an appeal."""
        found = await self.port.desk.on.scores.get(score_id)
        if found is None or not visitor.covers(Permission.APPEAL_FILE, found.agent, ""):
            raise HTTPException(404, "appeals.no_such_score")
        await self.check_open(visitor, found.recording_id, score_id)
        return found
