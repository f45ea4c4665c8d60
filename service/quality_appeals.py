"""Appeals, blind work, calibration and coaching, joined: their pages, and what is done every now and then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import structlog

from desk.working_days import WorkingCalendar, after, office_day
from domain.audit import AuditQuery, AuditReader, AuditUnavailable
from domain.clock import Clock
from domain.staff import StaffStore, StaffUnavailable
from recording.persons import PersonsUnavailable, RestrictedRecordings
from recording.ports import Holds, RecordingBook
from recording.quality.appeals import AppealChanged, AppealRefused, AppealsUnavailable
from recording.quality.appeals_desk import AppealDesk, AppealGround, Reviewer
from recording.quality.appeals_rules import AppealRules
from recording.quality.appeals_table import load_appeal_table
from recording.quality.blind import BlindUnavailable
from recording.quality.blind_desk import BlindAssignments
from recording.quality.calibration import CalibrationUnavailable
from recording.quality.coaching import (
    CoachingChanged,
    CoachingRefused,
    CoachingUnavailable,
    load_coaching_table,
)
from recording.quality.coaching_desk import CoachingDesk
from recording.quality.forms import FormsUnavailable, QualityForms
from recording.quality.scores import Scores, ScoresUnavailable
from service.tree import Loop
from storage.appeals import DurableAppeals
from storage.calibration import DurableRounds
from storage.coaching import DurableTasks
from storage.database import Database
from storage.vault import Vault
from web.app import Area
from web.appeal_port import AppealPort
from web.appeal_routes import add_appeal_routes
from web.calibration_routes import add_calibration_routes
from web.coaching_routes import add_coaching_routes
from web.permissions import Permission, reach_of

log = structlog.get_logger("kring.appeals")

LOOK_EVERY = 60.0  # seconds between two looks for what is owed, late or scored meanwhile
PROPOSE_EVERY = 3600.0
_SEEN = 1000  # rows of the trail about one score; more people than look at one
_DOWN = (
    AppealsUnavailable,
    AppealChanged,
    AppealRefused,
    BlindUnavailable,
    CalibrationUnavailable,
    CoachingChanged,
    CoachingRefused,
    CoachingUnavailable,
    FormsUnavailable,
    PersonsUnavailable,
    ScoresUnavailable,
)


@dataclass(frozen=True, slots=True)
class QualityGround:
    """What appeals, calibration and coaching stand on."""

    database: Database
    vault: Vault
    scores: Scores
    forms: QualityForms
    holds: Holds
    recordings: RecordingBook
    people: StaffStore
    trail: AuditReader
    calendar: WorkingCalendar
    clock: Clock
    restricted: RestrictedRecordings


class StaffReviewers:
    """Who may score calls, out of the staff; who saw a score, out of the audit trail.

    A `recording.quality.appeals_desk.Reviewers` and `recording.quality.coaching_desk.Teams`.
    """

    def __init__(self, people: StaffStore, trail: AuditReader) -> None:
        self._people, self._trail = people, trail

    async def reviewers(self) -> Sequence[Reviewer]:
        """Return everybody who may score calls, by name."""
        try:
            staff = await self._people.all()
        except StaffUnavailable as error:
            raise AppealsUnavailable(str(error)) from error
        able = [
            Reviewer(
                one.staff_id, one.display_name, reach_of(one.roles, Permission.APPEAL_DECIDE) is not None
            )
            for one in staff
            if not one.disabled and reach_of(one.roles, Permission.REVIEW_WORK) is not None
        ]
        return sorted(able, key=lambda one: one.name)

    async def saw(self, score_id: str) -> frozenset[str]:
        """Return who was shown a score or an appeal against it."""
        try:
            rows = await self._trail.rows(AuditQuery(subject=f"score:{score_id}", most=_SEEN))
        except AuditUnavailable as error:
            raise AppealsUnavailable(str(error)) from error
        return frozenset(row.who for _, row in rows if row.outcome == "done")

    async def teams(self) -> Mapping[str, str]:
        """Return staff number → team."""
        try:
            return {one.number: one.team for one in await self._people.all() if one.number}
        except StaffUnavailable as error:
            raise CoachingUnavailable(str(error)) from error


class QualityAppeals:
    """The area. `blind` is given to the pages that score, `appeal_until` too."""

    def __init__(self, on: QualityGround) -> None:
        """Raises desk.matter_data.TableProblem."""
        reviewers = StaffReviewers(on.people, on.trail)
        self._rules = AppealRules(load_appeal_table(), on.calendar)
        rounds = DurableRounds(on.database, on.vault)
        self.desk = AppealDesk(
            AppealGround(
                DurableAppeals(on.database, on.vault),
                self._rules,
                on.scores,
                on.forms,
                on.holds,
                reviewers,
                on.clock,
                on.restricted,
            )
        )
        self.blind = BlindAssignments(self.desk, rounds)
        self.coaching = CoachingDesk(
            DurableTasks(on.database, on.vault),
            on.scores,
            on.forms,
            load_coaching_table(),
            on.calendar,
            reviewers,
            on.clock,
            on.restricted,
        )
        self.port = AppealPort(
            self.desk, self.blind, rounds, self.coaching, on.people, on.recordings, on.calendar
        )

    def appeal_until(self, final_at: datetime) -> date:
        """Return the last day (WIB) for an appeal against a score that became final then."""
        day = office_day(final_at)
        return after(self._rules.calendar, day, self._rules.table.on(day).file)

    def areas(self) -> Sequence[Area]:
        """Return the pages."""
        return [
            partial(add_appeal_routes, port=self.port),
            partial(add_calibration_routes, port=self.port),
            partial(add_coaching_routes, port=self.port),
        ]

    def loops(self) -> Sequence[Loop]:
        """Return what runs every now and then."""
        return [
            Loop("appeals", LOOK_EVERY, self.look),
            Loop("coaching", PROPOSE_EVERY, self.propose),
        ]

    async def look(self) -> None:
        """Do what is owed, late, or was scored while nobody listened."""
        try:
            await self.desk.look()
            await self.blind.look()
        except _DOWN as error:
            log.warning("appeals are looked at again later", error=str(error))

    async def propose(self) -> None:
        """Make coaching tasks of what is low."""
        try:
            made = await self.coaching.propose()
        except _DOWN as error:
            log.warning("coaching tasks are proposed again later", error=str(error))
            return
        if made:
            log.info("coaching tasks made", count=made)


def make_quality_appeals(on: QualityGround) -> QualityAppeals:
    """Return the area, joined. Raises desk.matter_data.TableProblem."""
    return QualityAppeals(on)
