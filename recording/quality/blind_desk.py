"""Who scores what blind: appeals and rounds of calibration, asked by the pages that score."""

from collections.abc import Sequence

from recording.quality.appeals import BLIND, Appeal, AppealQuery, AppealRefused, AppealsUnavailable
from recording.quality.appeals_desk import AppealDesk
from recording.quality.blind import Assignment, BlindUnavailable
from recording.quality.calibration import CalibrationUnavailable, Round, Rounds
from recording.quality.forms import FormsUnavailable
from recording.quality.scores import Kind, Score, ScoreQuery, ScoreState, ScoresUnavailable

_DOWN = (AppealsUnavailable, CalibrationUnavailable, ScoresUnavailable, FormsUnavailable)
_FINAL = (ScoreState.FINAL, ScoreState.SIGNED)


class BlindAssignments:
    """A `recording.quality.blind.BlindWork`."""

    def __init__(self, desk: AppealDesk, rounds: Rounds) -> None:
        self._desk, self._rounds = desk, rounds

    async def assignment(self, staff_id: str, recording_id: str) -> Kind | None:
        """Return the kind of score that somebody is to give of a recording; None: an ordinary review."""
        found = await self.details(staff_id, recording_id)
        return None if found is None else found.kind

    async def details(self, staff_id: str, recording_id: str) -> Assignment | None:
        """Return the assignment with its form; None: there is none. Appeals, which have clocks, go first."""
        try:
            for appeal in await self._appeals(staff_id, recording_id):
                kind = _waits(appeal, staff_id)
                if kind is not None:
                    return Assignment(
                        kind, appeal.appeal_id, appeal.form, appeal.form_version, appeal.score_id
                    )
            for one in await self._rounds.waiting_for(staff_id, recording_id):
                return Assignment(Kind.CALIBRATION, one.round_id, one.form, one.form_version)
        except _DOWN as error:
            raise BlindUnavailable(str(error)) from error
        return None

    async def hides(self, staff_id: str, recording_id: str) -> bool:
        """Whether other people's scores of this recording are kept from somebody."""
        return recording_id in await self.hidden(staff_id)

    async def hidden(self, staff_id: str) -> frozenset[str]:
        """Return every recording whose scores are kept from somebody: until the appeal or round is over."""
        try:
            appeals = await self._appeals(staff_id)
            rounds = [one for one in await self._rounds.all() if one.closed_at is None]
        except _DOWN as error:
            raise BlindUnavailable(str(error)) from error
        mine = {recording for one in rounds if staff_id in one.reviewers for recording in one.recordings}
        return frozenset(mine | {appeal.recording_id for appeal in appeals})

    async def scored(self, score: Score) -> None:
        """A blind score became final: the appeal or round goes on. Idempotent."""
        try:
            if score.kind is Kind.CALIBRATION:
                await self._calibrated(score)
            elif score.kind in (Kind.RESCORE, Kind.ARBITER):
                await self._desk.scored(score)
        except AppealRefused:
            return  # told twice, or somebody else was named meanwhile
        except _DOWN as error:
            raise BlindUnavailable(str(error)) from error

    async def look(self) -> None:
        """Find scores of open rounds that became final while we were away. Every few minutes."""
        for one in await self._rounds.all():
            if one.closed_at is None:
                await self._find_scores(one)

    async def _find_scores(self, one: Round) -> None:
        for recording, reviewer in one.missing:
            query = ScoreQuery(
                recording_id=recording,
                reviewer=reviewer,
                kinds=(Kind.CALIBRATION,),
                states=_FINAL,
                since=one.opened_at,
            )
            for score in list(await self._desk.on.scores.find(query))[-1:]:
                await self._rounds.given(one.round_id, recording, reviewer, score.score_id)

    async def _calibrated(self, score: Score) -> None:
        for one in await self._rounds.waiting_for(score.reviewer, score.recording_id):
            if (one.form, one.form_version) == (score.form, score.form_version):
                await self._rounds.given(one.round_id, score.recording_id, score.reviewer, score.score_id)
                return

    async def _appeals(self, staff_id: str, recording_id: str = "") -> Sequence[Appeal]:
        """Return the open appeals in which somebody scores or scored, oldest first."""
        query = AppealQuery(scorer=staff_id, recording_id=recording_id, states=tuple(BLIND), most=1000)
        return list(reversed(await self._desk.on.book.find(query)))


def _waits(appeal: Appeal, staff_id: str) -> Kind | None:
    if appeal.state == "rescoring" and appeal.rescorer == staff_id:
        return Kind.RESCORE
    return Kind.ARBITER if appeal.state == "arbitration" and appeal.arbiter == staff_id else None
