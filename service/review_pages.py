"""The pages of finding, sampling and the work list, joined with what stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from desk.branches import Branches
from desk.notes import Interactions
from desk.proof_desk import ProvedStandings
from desk.script import Script
from desk.working_days import WorkingCalendar
from dialer.campaigns import CampaignsUnavailable
from dialer.dispositions import DispositionTable
from domain.clock import Clock
from domain.staff import StaffStore, StaffUnavailable
from recording.persons import PersonCases
from recording.ports import RecordingBook
from recording.quality.blind import BlindWork
from service.review_part import ReviewPart
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.review_ticks import CallTicks
from web.app import Area
from web.review_port import ContextPort, ReviewPort
from web.review_routes import add_review_routes


@dataclass(frozen=True, slots=True)
class ReviewGround:
    """What the pages stand on."""

    part: ReviewPart
    database: Database
    book: RecordingBook
    proofs: ProvedStandings
    notes: Interactions
    scripts: Mapping[str, Script]
    branches: Branches
    campaigns: DurableCampaigns
    dispositions: DispositionTable
    people: StaffStore
    blind: BlindWork
    calendar: WorkingCalendar
    clock: Clock
    persons: PersonCases


def make_review_area(on: ReviewGround) -> Area:
    """Return the area: `/rekaman`, `/rekaman/{recording_id}/konteks`, `/rencana-sampel`, `/tugas-nilai`."""
    part = on.part
    port = ReviewPort(
        finder=part.finder,
        searches=part.searches,
        plans=part.plans,
        tasks=part.tasks,
        rules=part.rules,
        calendar=on.calendar,
        blind=on.blind,
        branches=on.branches,
        campaigns=partial(_campaigns, on.campaigns),
        dispositions=partial(_dispositions, on),
        people=partial(_people, on.people),
        context=ContextPort(on.book, on.proofs, on.notes, CallTicks(on.database), on.scripts, on.persons),
    )
    return partial(add_review_routes, port=port)


async def _campaigns(campaigns: DurableCampaigns) -> Mapping[str, str]:
    try:
        return {one.campaign_id: one.definition.title for one in await campaigns.all()}
    except CampaignsUnavailable:
        return {}


def _dispositions(on: ReviewGround, language: str) -> Mapping[str, str]:
    known = on.dispositions.at(on.clock.now()).dispositions
    return {code: one.words(language) for code, one in known.items()}


async def _people(people: StaffStore) -> Mapping[str, str]:
    try:
        return {one.staff_id: one.display_name for one in await people.all()}
    except StaffUnavailable:
        return {}
