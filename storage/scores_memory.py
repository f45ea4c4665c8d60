"""Scores, their figures and forms in memory, for tests and trials; under the same tests as the real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from desk.working_days import office_day
from recording.ports import Holds, RecordingsUnavailable
from recording.quality.forms import FORMS, Form, FormsUnavailable, KeptForm, in_force
from recording.quality.forms_book import form_and_fields, shipped, shipped_text
from recording.quality.scores import (
    AlreadyScored,
    Kind,
    Result,
    Score,
    ScoreClosed,
    ScoreMoveRefused,
    ScoreQuery,
    ScoreState,
    ScoresUnavailable,
)
from recording.quality.scoring_figures import By, FigureQuery, ScoreFigure, mean, percent
from recording.quality.scoring_states import ACTS, after_move, after_signing
from storage.quality_forms import SHIPPED_BY, next_version
from storage.score_rows import hundredths, same_work
from storage.scores import HELD_AS, final_of, newest_first


class MemoryScores:
    """A `Scores` and `ScoreFigures` in memory. While `broken` is set, every method is refused."""

    def __init__(self, holds: Holds | None = None) -> None:
        self.broken = False
        self.steps: list[tuple[str, str]] = []  # score_id, act
        self._holds = holds
        self._drafts: dict[str, Score] = {}
        self._finals: dict[str, Score] = {}

    async def save_draft(self, score: Score) -> Score:
        """Keep a draft, and return what is kept. Raises ScoreClosed, ScoreMoveRefused."""
        self._check()
        if score.score_id in self._finals:
            raise ScoreClosed("the score is final")
        kept = self._drafts.get(score.score_id)
        if kept is not None and kept.reviewer != score.reviewer:
            raise ScoreMoveRefused("the draft is another reviewer's")
        if kept is None or kept.count < score.count:
            kept = replace(score, state=ScoreState.DRAFT, final_at=None, signed_at=None, result=None)
            self._drafts[score.score_id] = kept
        return kept

    async def discard_draft(self, score_id: str) -> None:
        """Forget a draft. Idempotent."""
        self._check()
        self._drafts.pop(score_id, None)

    async def finish(self, score: Score, result: Result, at: datetime) -> Score:
        """Make it final, once. Raises ScoreClosed, AlreadyScored, ScoreIncomplete."""
        self._check()
        final = final_of(score, result, at)
        if final.kind is not Kind.TRIAL and self._holds is not None:
            try:
                await self._holds.hold(score.recording_id, HELD_AS, score.reviewer)
            except RecordingsUnavailable as error:
                raise ScoresUnavailable(str(error)) from error
        there = self._finals.get(score.score_id)
        if there is not None:
            if same_work(there, final):
                return there
            raise ScoreClosed("the score was made final with other answers")
        for one in self._finals.values():
            if final.kind is one.kind is Kind.REVIEW and _work(one) == _work(final):
                raise AlreadyScored(one.score_id)
        self._finals[final.score_id] = final
        self._drafts.pop(final.score_id, None)
        self.steps.append((final.score_id, "final"))
        return final

    async def sign(self, score_id: str, agent: str, at: datetime) -> Score:
        """The agent has read it. Idempotent. Raises KeyError."""
        self._check()
        before = self._finals[score_id]
        if before.agent != agent:
            raise KeyError(score_id)
        if before.signed_at is None:
            self._finals[score_id] = replace(before, state=after_signing(before.state), signed_at=at)
            self.steps.append((score_id, "signed"))
        return self._finals[score_id]

    async def move(self, score_id: str, state: ScoreState, at: datetime) -> None:
        """Note an appeal's step. Idempotent. Raises KeyError, ScoreMoveRefused."""
        self._check()
        before = self._finals[score_id]
        after = after_move(before.state, state, before.signed_at is not None)
        if after is not before.state:
            self._finals[score_id] = replace(before, state=after)
            self.steps.append((score_id, ACTS[state]))

    async def get(self, score_id: str) -> Score | None:
        """Return one."""
        self._check()
        return self._finals.get(score_id) or self._drafts.get(score_id)

    async def find(self, query: ScoreQuery) -> Sequence[Score]:
        """Return scores, newest first; drafts by when they were begun."""
        self._check()
        every = [*self._finals.values(), *self._drafts.values()]
        return newest_first([one for one in every if _fits(one, query)])[: query.most]

    async def figures(self, query: FigureQuery) -> Sequence[ScoreFigure]:
        """Return the groups, by what they are told apart by."""
        self._check()
        groups: dict[tuple[str, str, str, int, str], list[tuple[int, int]]] = {}
        for score in self._finals.values():
            if self._counts(score) and _asked_for(score, query):
                for key, worth in _worths(score, query.by):
                    groups.setdefault(key, []).append(worth)
        return [_figure(key, [one for one in worths if one[1]]) for key, worths in sorted(groups.items())]

    async def left_out(self, query: FigureQuery) -> int:
        """Return none: nothing is restricted here."""
        del query
        self._check()
        return 0

    def _counts(self, score: Score) -> bool:
        if score.state is ScoreState.REPLACED:
            return False
        first = self._finals.get(score.reminds_of)
        appealed = first is not None and first.state is ScoreState.REPLACED
        return score.kind is Kind.REVIEW or (score.kind is Kind.APPEAL and appealed)

    def _check(self) -> None:
        if self.broken:
            raise ScoresUnavailable("broken for a test")


class MemoryForms:
    """A `recording.quality.forms.QualityForms` in memory, with the shipped ones."""

    def __init__(self, at: datetime) -> None:
        self.broken = False
        self._kept: list[KeptForm] = []
        for name in FORMS:
            self._kept.append(KeptForm(shipped(name), shipped_text(name), SHIPPED_BY, "", at))

    async def get(self, name: str, version: int) -> Form:
        """Return one. Raises KeyError."""
        for kept in await self.versions(name):
            if kept.form.version == version:
                return kept.form
        raise KeyError((name, version))

    async def for_day(self, name: str, day: date) -> Form:
        """Return the version for calls of a day. Raises KeyError."""
        found = await self.versions(name) if name in FORMS else []
        if not found:
            raise KeyError(name)
        return in_force([kept.form for kept in found], day)

    async def versions(self, name: str = "") -> Sequence[KeptForm]:
        """Return every version of a form, or of all, newest first."""
        if self.broken:
            raise FormsUnavailable("broken for a test")
        found = [kept for kept in self._kept if name in ("", kept.form.name)]
        return sorted(found, key=lambda one: (one.form.name, -one.form.version))

    async def check(self, file: str, text: str, at: datetime) -> Form:
        """Return what `keep` would keep. Raises desk.tables.BadTable."""
        form, fields = form_and_fields(file, text)
        return next_version(form, fields, text, await self.versions(form.name), office_day(at))

    async def keep(self, file: str, text: str, at: datetime, by: str, why: str) -> Form:
        """Keep a new version. Raises desk.tables.BadTable."""
        form = await self.check(file, text, at)
        self._kept.append(KeptForm(form, text, by, why, at))
        return form


def _work(score: Score) -> tuple[str, str]:
    return score.recording_id, score.agent


def _fits(score: Score, query: ScoreQuery) -> bool:
    at = score.final_at or score.started_at
    named: Mapping[str, str] = {
        name: getattr(query, name) for name in ("reviewer", "recording_id", "reminds_of")
    }
    return (
        (score.state in query.states if query.states else score.state is not ScoreState.DRAFT)
        and score.kind in query.kinds
        and (not query.agents or score.agent in query.agents)
        and all(not value or getattr(score, name) == value for name, value in named.items())
        and (query.since is None or at >= query.since)
        and (query.until is None or at < query.until)
    )


def _asked_for(score: Score, query: FigureQuery) -> bool:
    return (
        score.final_at is not None
        and query.since <= score.final_at < query.until
        and (query.agents is None or score.agent in query.agents)
        and query.form in ("", score.form)
        and query.reviewer in ("", score.reviewer)
    )


def _worths(score: Score, by: Sequence[By]) -> list[tuple[tuple[str, str, str, int, str], tuple[int, int]]]:
    """Return the groups that a score is in, each with its points and what could be had there."""
    assert score.result is not None  # noqa: S101 - every final score has one
    criteria = (
        dict.fromkeys(line.criterion for line in score.result.lines) if By.CRITERION in by else {"": None}
    )
    found = []
    for criterion in criteria:
        lines = [line for line in score.result.lines if criterion in ("", line.criterion)]
        worth = (sum(hundredths(line.points) for line in lines), sum(hundredths(line.most) for line in lines))
        found.append((_key(score, criterion, by), worth))
    return found


def _key(score: Score, criterion: str, by: Sequence[By]) -> tuple[str, str, str, int, str]:
    return (
        score.agent if By.AGENT in by else "",
        criterion,
        score.form if By.FORM in by else "",
        score.form_version if By.FORM in by else 0,
        score.reviewer if By.REVIEWER in by else "",
    )


def _figure(key: tuple[str, str, str, int, str], worths: Sequence[tuple[int, int]]) -> ScoreFigure:
    got, most = sum(one[0] for one in worths), sum(one[1] for one in worths)
    return ScoreFigure(*key, len(worths), mean(got, len(worths)), percent(got, most))
