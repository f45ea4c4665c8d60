"""The reviewers' half of the running service: finding, listening, scores, appeals, calibration, coaching."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from acd.skills import Skillbook
from desk.branches import Branches
from desk.proof_desk import ProvedStandings
from desk.script import Script
from desk.working_days import WorkingCalendar
from domain.clock import Clock
from domain.staff import StaffStore
from recording.quality.sampling_rules import load_task_rules
from service.campaign_part import CampaignPart
from service.listening_pages import make_listening_area
from service.quality_appeals import QualityGround, make_quality_appeals
from service.recording_side import RecordingSide
from service.review_pages import ReviewGround, make_review_area
from service.review_part import ReviewStands, make_review
from service.score_pages import ScoreGround, make_score_area
from service.set_up import Prepared
from service.tree import Loop
from storage.audit import DurableAudit
from storage.database import Database
from storage.interaction_calls import DurableTicks
from storage.interactions import DurableInteractions
from storage.proofs import DurableProofs
from storage.quality_forms import DurableForms
from storage.scores import DurableScores
from storage.vault import Vault
from web.app import Area


@dataclass(frozen=True, slots=True)
class ReviewersGround:
    """What review stands on."""

    prepared: Prepared
    database: Database
    vault: Vault
    clock: Clock
    recording: RecordingSide
    campaigns: CampaignPart
    people: StaffStore
    calendar: WorkingCalendar
    book: Callable[[], Skillbook]  # the administrator's tables in force
    standings: ProvedStandings
    proofs: DurableProofs
    notes: DurableInteractions
    scripts: Mapping[str, Script]
    branches: Branches


class QualitySide:
    """Review, joined."""

    def __init__(self, on: ReviewersGround) -> None:
        """Raises desk.matter_data.TableProblem."""
        self._on = on
        keeping = on.recording.keeping.keeping
        stands = ReviewStands(
            on.database, on.vault, on.clock, on.calendar, self._team_of, load_task_rules()
        )  # fmt: skip
        self.review = make_review(stands)
        self.scores = DurableScores(on.database, on.vault, keeping.holds)
        self.forms = DurableForms(on.database)
        self.appeals = make_quality_appeals(
            QualityGround(
                on.database,
                on.vault,
                self.scores,
                self.forms,
                keeping.holds,
                on.recording.book,
                on.people,
                DurableAudit(on.database),
                on.calendar,
                on.clock,
                on.recording.persons.restricted,
            )
        )

    def loops(self) -> Sequence[Loop]:
        """Return what runs every now and then."""
        return [*self.review.loops(), *self.appeals.loops()]

    def areas(self) -> Sequence[Area]:
        """Return the pages. The one of a recording is last: it takes every address below `/rekaman/`."""
        return [
            make_review_area(self._review_ground()),
            make_score_area(self._score_ground()),
            *self.appeals.areas(),
            self._listening(),
        ]

    def _team_of(self, number: str) -> str:
        agents = self._on.book().tables.agents
        return next((agent.team for agent in agents if agent.number == number), "")

    def _review_ground(self) -> ReviewGround:
        on = self._on
        return ReviewGround(
            self.review,
            on.database,
            on.recording.book,
            on.standings,
            on.notes,
            on.scripts,
            on.branches,
            on.campaigns.campaigns,
            on.campaigns.tables.dispositions,
            on.people,
            self.appeals.blind,
            on.calendar,
            on.clock,
            on.recording.persons.restricted,
        )

    def _score_ground(self) -> ScoreGround:
        on = self._on
        return ScoreGround(
            self.scores,
            self.forms,
            on.recording.book,
            self.appeals.blind,
            on.people,
            on.standings,
            on.proofs,
            on.notes,
            DurableTicks(on.database),
            self.appeals.appeal_until,
            on.prepared.settings.home,
            on.recording.persons.restricted,
        )

    def _listening(self) -> Area:
        on, recording = self._on, self._on.recording
        return make_listening_area(
            on.database,
            on.vault,
            recording.book,
            recording.sealing.sounds,
            self.scores,
            self.appeals.blind,
            recording.alarms,
            on.people,
        )
