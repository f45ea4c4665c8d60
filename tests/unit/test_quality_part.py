"""Appeals, calibration and coaching joined: who may score, who saw, what is done every now and then."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.audit import AuditRow, AuditUnavailable
from domain.staff import Staff, StaffRole, StaffUnavailable
from recording.persons import NobodyRestricted
from recording.quality.appeals import Act, AppealsUnavailable
from recording.quality.coaching import CoachingUnavailable
from recording.quality.scores import Kind
from service.quality_appeals import QualityAppeals, QualityGround, StaffReviewers, make_quality_appeals
from storage.audit import DurableAudit
from storage.database import Database
from storage.vault import Vault
from tests.unit.appeal_world import (
    AGENT,
    FIRST,
    LEAD,
    NUMBER,
    FormsDouble,
    HoldsDouble,
    ScoresDouble,
    Watch,
    a_score,
    contested,
    final,
    wib,
)
from tests.unit.matter_world import Office

_R = StaffRole


class People:
    """An agent, reviewers of whom one is gone, SPV PKL."""

    broken = False

    async def all(self) -> list[Staff]:
        if self.broken:
            raise StaffUnavailable("broken on purpose")
        return [
            Staff(AGENT, "agen1", "Agen Contoh", frozenset({_R.AGENT}), NUMBER, "alfa"),
            Staff(FIRST, "mutu1", "Penilai Satu", frozenset({_R.QUALITY})),
            Staff("2" * 32, "mutu2", "Penilai Dua", frozenset({_R.QUALITY}), disabled=True),
            Staff(LEAD, "pkl1", "Ketua PKL", frozenset({_R.QUALITY_LEAD})),
        ]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(f"sqlite:///{tmp_path}/kring.db")
    yield database
    database.close()


def _joined(
    database: Database, folder: Path, people: Any, scores: ScoresDouble, watch: Watch
) -> QualityAppeals:
    unused: Any = None
    return make_quality_appeals(
        QualityGround(
            database, Vault.create(folder / "key"), scores, FormsDouble(), HoldsDouble(), unused, people,
            DurableAudit(database), Office(), watch, NobodyRestricted(),
        )
    )  # fmt: skip


async def test_it_runs_by_itself(database: Database, tmp_path: Path) -> None:
    scores, watch, people = ScoresDouble(), Watch(), People()
    part = _joined(database, tmp_path, people, scores, watch)
    assert [loop.name for loop in part.loops()] == ["appeals", "coaching"]
    assert len(part.areas()) == 3
    assert part.appeal_until(wib(2025, 6, 4)) == date(2025, 6, 11)
    wrong = ("interpretation", "completeness", "accuracy")
    for _ in range(3):
        low = final(a_score(Kind.REVIEW, FIRST, *wrong, at=watch.at), watch.at)
        scores.kept[low.score_id] = low
    await part.propose()
    [task] = await part.coaching.tasks.find((NUMBER,))
    assert (task.team, task.criterion, task.opened_by) == ("alfa", "answer", "system")
    scores.broken = True
    await part.propose()  # it is tried again later
    await part.look()
    scores.broken = False
    first = next(iter(scores.kept.values()))
    appeal = await part.desk.file(
        "f" * 32, first.score_id, "alfa", contested("accuracy"), Act(AGENT, watch.at)
    )
    watch.at = wib(2025, 6, 20)
    await part.look()
    assert (await part.desk.on.book.get(appeal.appeal_id)).state == "endorsed"


async def test_who_may_score_and_who_saw(database: Database) -> None:
    people, trail = People(), DurableAudit(database)
    reviewers = StaffReviewers(people, trail)  # type: ignore[arg-type]
    assert [(one.staff_id, one.leads) for one in await reviewers.reviewers()] == [
        (LEAD, True),
        (FIRST, False),
    ]
    for who, subject, outcome in (
        (FIRST, "score:" + "5" * 32, "done"),
        (LEAD, "score:" + "5" * 32, "refused"),
        (LEAD, "score:" + "6" * 32, "done"),
    ):
        await trail.record(AuditRow(wib(2025, 6, 2), who, "score_viewed", subject, "", outcome))
    assert await reviewers.saw("5" * 32) == {FIRST}
    assert await reviewers.teams() == {NUMBER: "alfa"}
    people.broken = True
    with pytest.raises(AppealsUnavailable):
        await reviewers.reviewers()
    with pytest.raises(CoachingUnavailable):
        await reviewers.teams()

    class NoTrail:
        async def rows(self, query: object) -> None:
            raise AuditUnavailable("broken on purpose")

    with pytest.raises(AppealsUnavailable):
        await StaffReviewers(people, NoTrail()).saw("5" * 32)  # type: ignore[arg-type]
