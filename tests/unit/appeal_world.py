"""What the tests of appeals, calibration and coaching share: doubles of scores, forms, holds; a score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from domain.ids import new_id
from recording.quality.appeals import Act, Contested
from recording.quality.appeals_desk import AppealDesk, AppealGround, Reviewer
from recording.quality.appeals_rules import AppealRules
from recording.quality.appeals_table import load_appeal_table
from recording.quality.blind_desk import BlindAssignments
from recording.quality.calibration import Rounds
from recording.quality.forms import Form, KeptForm
from recording.quality.forms_book import shipped
from recording.quality.scores import (
    Answer,
    Given,
    Kind,
    Result,
    Score,
    ScoreIncomplete,
    ScoreQuery,
    ScoreState,
    ScoresUnavailable,
)
from recording.quality.scoring import evaluate
from storage.appeals import DurableAppeals
from tests.unit.matter_world import MONDAY, Office

AGENT, NUMBER, COLLEAGUE = "a" * 32, "90000001", "90000002"
LEADER, LEAD, FIRST, SECOND, THIRD = "c" * 32, "d" * 32, "1" * 32, "2" * 32, "3" * 32
RECORDING, CALL = "e" * 32, "call-1"
FORM: Form = replace(shipped("inbound"), version=1)
RULES = AppealRules(load_appeal_table(), Office())
DAY = timedelta(days=1)


@dataclass(slots=True)
class Watch:
    """A clock that a test moves."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0


@dataclass(slots=True)
class ScoresDouble:
    """`recording.quality.scores.Scores` in memory."""

    kept: dict[str, Score] = field(default_factory=dict)
    moves: list[tuple[str, ScoreState]] = field(default_factory=list)
    broken: bool = False

    async def save_draft(self, score: Score) -> Score:
        self.kept[score.score_id] = score
        return score

    async def discard_draft(self, score_id: str) -> None:
        self.kept.pop(score_id, None)

    async def finish(self, score: Score, result: Result, at: datetime) -> Score:
        self._check()
        if result.missing:
            raise ScoreIncomplete(result.missing)
        final = replace(score, state=ScoreState.FINAL, final_at=at, result=result)
        return self.kept.setdefault(score.score_id, final)

    async def sign(self, score_id: str, agent: str, at: datetime) -> Score:
        self.kept[score_id] = replace(self.kept[score_id], state=ScoreState.SIGNED, signed_at=at)
        return self.kept[score_id]

    async def move(self, score_id: str, state: ScoreState, at: datetime) -> None:
        self._check()
        self.moves.append((score_id, state))
        self.kept[score_id] = replace(self.kept[score_id], state=state)

    async def get(self, score_id: str) -> Score | None:
        self._check()
        return self.kept.get(score_id)

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        self._check()
        found = [
            one
            for one in self.kept.values()
            if one.kind in query.kinds
            and (not query.agents or one.agent in query.agents)
            and query.reviewer in ("", one.reviewer)
            and query.recording_id in ("", one.recording_id)
            and (one.state in query.states if query.states else one.state is not ScoreState.DRAFT)
            and (query.since is None or (one.final_at or one.started_at) >= query.since)
        ]
        return sorted(found, key=lambda one: one.final_at or one.started_at, reverse=True)[: query.most]

    def _check(self) -> None:
        if self.broken:
            raise ScoresUnavailable("broken on purpose")


class FormsDouble:
    """The shipped inbound form, version 1."""

    async def get(self, name: str, version: int) -> Form:
        if (name, version) != ("inbound", 1):
            raise KeyError(name)
        return FORM

    async def for_day(self, name: str, day: date) -> Form:
        return await self.get(name, 1)

    async def versions(self, name: str = "") -> Sequence[KeptForm]:
        return [KeptForm(FORM, "", "system", "shipped", MONDAY)]

    async def check(self, file: str, text: str, at: datetime) -> Form:
        raise NotImplementedError

    async def keep(self, file: str, text: str, at: datetime, by: str, why: str) -> Form:
        raise NotImplementedError


@dataclass(slots=True)
class HoldsDouble:
    """Holds by recording."""

    held: dict[str, set[str]] = field(default_factory=dict)

    async def hold(self, recording_id: str, reason: str, by: str) -> None:
        self.held.setdefault(recording_id, set()).add(reason)

    async def release(self, recording_id: str, reason: str, by: str) -> None:
        self.held.get(recording_id, set()).discard(reason)


@dataclass(slots=True)
class ReviewersDouble:
    """Three reviewers and SPV PKL; who saw which score is up to the test."""

    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    people: list[Reviewer] = field(
        default_factory=lambda: [
            Reviewer(FIRST, "Penilai Satu"),
            Reviewer(SECOND, "Penilai Dua"),
            Reviewer(THIRD, "Penilai Tiga"),
            Reviewer(LEAD, "SPV PKL", leads=True),
        ]
    )

    async def reviewers(self) -> Sequence[Reviewer]:
        return self.people

    async def saw(self, score_id: str) -> frozenset[str]:
        return self.seen.get(score_id, frozenset())


@dataclass(slots=True)
class AppealWorld:
    """Appeals over doubles and a real book."""

    desk: AppealDesk
    blind: BlindAssignments
    scores: ScoresDouble
    holds: HoldsDouble
    people: ReviewersDouble
    watch: Watch

    async def first(self, *wrong: str, **facts: str) -> Score:
        """Keep a first score in which these questions are answered no."""
        return await self.scored(Kind.REVIEW, FIRST, *wrong, **facts)

    async def scored(
        self, kind: Kind, reviewer: str, *wrong: str, reminds_of: str = "", **facts: str
    ) -> Score:
        """Keep a final score of now, in which these questions are answered no."""
        made = a_score(kind, reviewer, *wrong, at=self.watch.at, reminds_of=reminds_of, **facts)
        return await self.scores.finish(made, evaluate(FORM, made.answers, made.facts, kind), self.watch.at)

    def act(self, who: str = AGENT, note: str = "") -> Act:
        return Act(who, self.watch.at, note)


def appeal_world(book: DurableAppeals, rounds: Rounds) -> AppealWorld:
    scores, holds, people, watch = ScoresDouble(), HoldsDouble(), ReviewersDouble(), Watch()
    desk = AppealDesk(AppealGround(book, RULES, scores, FormsDouble(), holds, people, watch))
    return AppealWorld(desk, BlindAssignments(desk, rounds), scores, holds, people, watch)


def a_score(
    kind: Kind = Kind.REVIEW,
    reviewer: str = FIRST,
    *wrong: str,
    at: datetime = MONDAY,
    reminds_of: str = "",
    recording_id: str = RECORDING,
    agent: str = NUMBER,
    **facts: str,
) -> Score:
    """Return a draft in which everything is right but these questions."""
    answers = {
        question.code: Given(Answer.NO if question.code in wrong else Answer.YES, "", 4_000)
        for question in FORM.questions
    }
    given = {"transfer": "answered_rightly", "service": "within", "restriction": "none", **facts}
    return Score(
        new_id(), recording_id, CALL, agent, "inbound", 1, kind, ScoreState.DRAFT, reviewer,
        answers, given, "Ringkasan", at, reminds_of=reminds_of,
    )  # fmt: skip


def final(score: Score, at: datetime = MONDAY) -> Score:
    """Return a score made final."""
    result = evaluate(FORM, score.answers, score.facts, score.kind)
    return replace(score, state=ScoreState.FINAL, final_at=at, result=result)


def contested(*items: str, evidence: str = "") -> list[Contested]:
    return [Contested(item, f"Alasan untuk {item}", (), evidence) for item in items]


def points(score: Score | None) -> Mapping[str, float]:
    """Return item → points of a final score, and `total`."""
    assert score is not None and score.result is not None
    lines = {line.item: float(line.points) for line in score.result.lines}
    return {**lines, "total": float(score.result.total)}


def wib(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour - 7, tzinfo=UTC)
