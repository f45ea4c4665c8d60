"""Joins the pages of scores: scores and forms, blind work, what a call's record suggests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from desk.notes import Interactions
from desk.proof import Proofs
from desk.proof_desk import ProvedStandings
from desk.script import Ticks
from domain.staff import StaffStore
from recording.persons import RestrictedRecordings
from recording.ports import RecordingBook
from recording.quality.blind import BlindWork
from recording.quality.forms import QualityForms
from recording.quality.scores import Scores
from service.score_record import CallRecord
from web.app import Area
from web.list_sheets import sweep
from web.score_port import ScorePort
from web.score_routes import add_score_routes

_FOLDER = "score-files"


@dataclass(frozen=True, slots=True)
class ScoreGround:
    """What the pages of scores stand on."""

    scores: Scores
    forms: QualityForms
    recordings: RecordingBook
    blind: BlindWork
    people: StaffStore
    standings: ProvedStandings
    proofs: Proofs
    notes: Interactions  # its `safe_key` seals what pages could not send
    ticks: Ticks
    appeal_until: Callable[[datetime], date]  # `service.quality_appeals.QualityAppeals.appeal_until`
    home: Path  # of the installation
    restricted: RestrictedRecordings


def make_score_area(on: ScoreGround) -> Area:
    """Return the area of `/penilaian`, `/formulir-nilai` and `/rekaman/{recording_id}/penilaian`."""
    work = on.home / _FOLDER
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(work)
    record = CallRecord(on.recordings, on.standings, on.proofs, on.notes, on.ticks, on.people)
    port = ScorePort(
        on.scores,
        on.forms,
        on.recordings,
        on.blind,
        on.people,
        record.seen,
        on.appeal_until,
        on.notes.safe_key,
        work,
        on.restricted,
    )
    return partial(add_score_routes, port=port)
