"""Rounds of calibration in words; what others scored is shown only once a round is closed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from recording.quality.appeals_rules import criteria, said
from recording.quality.calibration import ALL, Agreement, Remark, Round, agreement
from recording.quality.forms import Form
from recording.quality.scores import Score
from web.appeal_models import ChoiceView
from web.appeal_port import AppealDoor, People
from web.appeal_views import item_words
from web.calibration_models import (
    AgreementView,
    CellView,
    DifferenceView,
    RecordingView,
    RemarkView,
    RoundRow,
    RoundView,
)
from web.permissions import Permission
from web.visitor import Visitor


class RoundWords:
    """Makes views for one reader."""

    def __init__(self, door: AppealDoor, language: str, visitor: Visitor, people: People) -> None:
        self._door, self._language, self._visitor, self._people = door, language, visitor, people

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._door.shared.render.texts.say(self._language, name, **values)

    def row(self, one: Round) -> RoundRow:
        """Return a line of the list."""
        me = self._visitor.staff.staff_id
        return RoundRow(
            round_id=one.round_id,
            title=one.title,
            form=self.say(f"appeals_form.{one.form}"),
            opened_at=one.opened_at,
            due_on=one.due_on,
            days_left=None if one.closed_at else self._door.days_left(one.due_on),
            closed_at=one.closed_at,
            recordings=len(one.recordings),
            reviewers=len(one.reviewers),
            missing=len(one.missing),
            mine=0 if one.closed_at else sum(who == me for _, who in one.missing),
        )

    async def view(self, one: Round, form: Form | None, remarks: Sequence[Remark]) -> RoundView:
        """Return a round. To be called after the view is on the audit trail."""
        closed = one.closed_at is not None
        scores = await self._scores(one) if closed else {}
        known = {} if form is None else criteria(form)
        rows = agreement(scores.values(), one.reviewers, known) if closed else ()
        order = {code: place for place, code in enumerate(known)}
        by_item = sorted((row for row in rows if row.item), key=lambda row: order.get(row.item, len(order)))
        leads = self._visitor.reach(Permission.REVIEW_PLAN) is not None
        return RoundView(
            **self.row(one).model_dump(),
            names=[self._people.name(who) for who in one.reviewers],
            table=[self._recording(one, number, scores) for number in range(1, len(one.recordings) + 1)],
            method=rows[0].method if rows else "",
            whole=next((self._agreement(form, row) for row in rows if row.criterion == ALL), None),
            criteria=[self._agreement(form, row) for row in rows if row.criterion != ALL and not row.item],
            items=[self._agreement(form, row) for row in by_item],
            differences=self._differences(one, form, scores) if closed else [],
            remarks=[self._remark(one, form, remark) for remark in remarks],
            may_close=leads and not closed,
            may_remark=closed and (leads or self._visitor.staff.staff_id in one.reviewers),
        )

    async def _scores(self, one: Round) -> Mapping[tuple[str, str], Score]:
        found = {}
        for pair, score_id in one.given.items():
            score = await self._door.port.desk.on.scores.get(score_id)
            if score is not None:
                found[pair] = score
        return found

    def _recording(self, one: Round, number: int, scores: Mapping[tuple[str, str], Score]) -> RecordingView:
        recording, me = one.recordings[number - 1], self._visitor.staff.staff_id
        cells, totals = [], []
        for who in one.reviewers:
            score = scores.get((recording, who))
            total = score.result.total if score is not None and score.result is not None else None
            totals += [] if total is None else [total]
            given = (recording, who) in one.given
            cells.append(CellView(reviewer=self._people.name(who), given=given, total=total))
        return RecordingView(
            recording_id=recording,
            number=number,
            cells=cells,
            mine=one.closed_at is None and (recording, me) in one.missing,
            spread=max(totals) - min(totals) if len(totals) > 1 else None,
        )

    def _agreement(self, form: Form | None, row: Agreement) -> AgreementView:
        criterion, item = self._words(form, row.criterion, row.item)
        return AgreementView(
            criterion=criterion,
            item=item,
            subjects=row.subjects,
            left_out=row.left_out,
            percent=row.percent,
            kappa=row.kappa,
            warning=self.say(f"calibration_warning.{row.warning}") if row.warning else "",
        )

    def _words(self, form: Form | None, criterion: str, item: str) -> tuple[str, str]:
        if item:
            return item_words(form, item, self._language, self.say("appeals.facts"))
        if criterion == ALL:
            return self.say("calibration.all"), ""
        known = {} if form is None else {one.code: one.text[self._language] for one in form.criteria}
        return known.get(criterion, self.say("appeals.facts")), ""

    def _differences(
        self, one: Round, form: Form | None, scores: Mapping[tuple[str, str], Score]
    ) -> list[DifferenceView]:
        found = []
        for number, recording in enumerate(one.recordings, 1):
            mine = {who: scores[recording, who] for who in one.reviewers if (recording, who) in scores}
            answers: dict[str, dict[str, str]] = defaultdict(dict)
            for item in {} if form is None else criteria(form):
                for who, score in mine.items():
                    if value := said(score, item):
                        answers[item][who] = value
            for item, given in answers.items():
                if len(set(given.values())) > 1:
                    criterion, words = self._words(form, "", item)
                    shown = [
                        ChoiceView(value=self._people.name(who), words=self._answer(form, item, value))
                        for who, value in given.items()
                    ]
                    found.append(
                        DifferenceView(number=number, criterion=criterion, item=words, answers=shown)
                    )
        return found

    def _answer(self, form: Form | None, item: str, value: str) -> str:
        if value in ("yes", "no", "na"):
            return self.say(f"appeals_answer.{value}")
        for fact in () if form is None else form.facts:
            if item.endswith(f":{fact.code}") and value in fact.values:
                return fact.values[value][self._language]
        return value

    def _remark(self, one: Round, form: Form | None, remark: Remark) -> RemarkView:
        known = remark.recording_id in one.recordings
        number = list(one.recordings).index(remark.recording_id) + 1 if known else None
        item = self._words(form, "", remark.item)[1] if remark.item else ""
        name = self._people.name(remark.who)
        return RemarkView(at=remark.at, who=name, text=remark.text, number=number, item=item)
