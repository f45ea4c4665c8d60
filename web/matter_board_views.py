"""The office's work on matters in words, for pages and programs."""

from collections.abc import Mapping, Sequence

from fastapi import Request

from desk.complaint_steps import STEPS
from desk.matter_codes import shown_code
from desk.matters import MatterKind, Worker
from desk.matters_assignment import Burden
from desk.matters_desk import GivenOut
from desk.matters_statistics import ComplaintStatistics, Line, unit_of
from desk.matters_watch import RaisedSignal
from desk.working_days import office_day
from web.matter_models import Kinds
from web.matter_office_models import (
    CallbackView,
    CountView,
    GivenView,
    LineView,
    SignalView,
    Spread,
    Statistics,
    StepCount,
    WorkerLoad,
)
from web.matter_office_port import CallbackStanding
from web.matter_port import MatterDoor
from web.matter_views import MatterWords
from web.visitor import Visitor

_ORDER: Mapping[str, Kinds] = {
    "complaint": "complaint",
    "case": "case",
    "request": "request",
    "promise": "promise",
}


class BoardWords:
    """The office's work in the words of whoever asks."""

    def __init__(self, door: MatterDoor, request: Request, visitor: Visitor) -> None:
        self._door = door
        self.words = MatterWords(door, request, visitor)
        self._rules = door.port.rules

    def signal(self, one: RaisedSignal, names: Mapping[str, str]) -> SignalView:
        """Return a signal."""
        words, signal = self.words, one.signal
        sent = one.referral
        unit = "" if sent is None else words.unit(sent.to_unit, sent.unit_name)
        left = self._rules.days_until(signal.due_on, words.now)
        return SignalView(
            signal_id=one.signal_id,
            kind=signal.kind.value,
            words=words.say(f"matters.signal_{signal.kind.value}"),
            raised_at=one.raised_at,
            matter=words.view(one.matter, names),
            unit=unit,
            step=words.say("matters.referral_to", unit=unit) if unit else words.word(one.matter.state),
            due_on=signal.due_on,
            days_left=left,
            late=office_day(words.now) > signal.due_on,
        )

    def loads(self, workers: Sequence[Worker], burdens: Mapping[str, Burden]) -> list[WorkerLoad]:
        """Return who has how much, the most first."""
        rule = self._rules.work.at(self.words.now)
        found = []
        for worker in workers:
            burden = burdens.get(worker.staff_id, Burden())
            found.append(
                WorkerLoad(
                    staff_id=worker.staff_id,
                    name=worker.name,
                    team=worker.team,
                    clusters=[self.words.say(f"matters_cluster.{one}") for one in sorted(worker.clusters)],
                    open=burden.open,
                    late=burden.late,
                    load=burden.load(rule),
                    full=burden.open >= rule.most_open,
                    last_given_at=burden.last_given_at,
                )
            )
        return sorted(found, key=lambda one: (-one.load, one.name, one.staff_id))

    def steps(self, counts: Mapping[tuple[str, str], tuple[int, int]]) -> list[StepCount]:
        """Return how many matters are at each step, complaints first, in the order of their way."""
        version = self._rules.complaints.on(office_day(self.words.now))
        found = []
        for (kind, state), (is_open, late) in sorted(counts.items(), key=_place):
            executor = ""
            if kind == MatterKind.COMPLAINT and state in STEPS:
                executor = self.words.say(f"matters.executor_{version.step(state).executor}")
            found.append(
                StepCount(
                    kind=_ORDER[kind],
                    state=state,
                    words=self.words.word(state),
                    executor=executor,
                    open=is_open,
                    late=late,
                )
            )
        return found

    def spread(self, given: Sequence[GivenOut]) -> Spread:
        """Return what was given out."""
        return Spread(
            given=[
                GivenView(
                    code=shown_code(one.matter.code),
                    title=self.words.word(one.matter.topic),
                    to="" if one.choice.worker is None else one.choice.worker.name,
                    why=self.words.say(f"matters_why.{one.choice.why.value if one.choice.why else 'nobody'}"),
                )
                for one in given
            ]
        )

    def statistics(self, found: ComplaintStatistics, cases: Sequence[Line]) -> Statistics:
        """Return statistics with every name in words."""
        words = self.words
        return Statistics(
            first=found.first,
            last=found.last,
            received=found.received,
            closed=found.closed,
            reopened=found.reopened,
            open=found.open,
            open_late=found.open_late,
            kinds=self._counts(found.by_kind),
            results=self._counts(found.by_result),
            confirmations=self._counts(found.confirmations),
            steps=[_line(one, words.word(one.name)) for one in found.steps],
            units=[_line(one, words.say(f"matters.executor_{one.name}")) for one in found.units],
            asked=[_line(one, words.unit(*unit_of(one.name))) for one in found.asked],
            cases=[_line(one, words.word(one.name)) for one in cases],
        )

    def callback(self, one: CallbackStanding) -> CallbackView:
        """Return how the callbacks of a purpose stand."""
        return CallbackView(
            purpose=one.purpose.value,
            words=self.words.say(f"matters.purpose_{one.purpose.value}"),
            campaign_id=one.campaign_id,
            state=one.state,
            state_words=self.words.say(f"matters.callbacks_{one.state}"),
            expires_on=one.expires_on,
            running=one.running,
        )

    def _counts(self, counts: Mapping[str, int]) -> list[CountView]:
        ranked = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        return [CountView(name=name, words=self.words.word(name), count=count) for name, count in ranked]


def _line(one: Line, words: str) -> LineView:
    return LineView(
        name=one.name,
        words=words,
        done=one.done,
        on_time=one.on_time,
        late=one.late,
        mean_days=one.mean_days,
        longest=one.longest,
        open=one.open,
        open_late=one.open_late,
        share=one.on_time_share,
    )


def _place(one: tuple[tuple[str, str], tuple[int, int]]) -> tuple[int, int, str]:
    (kind, state), _ = one
    step = STEPS.index(state) if state in STEPS else len(STEPS)
    return list(_ORDER).index(kind), step, state
