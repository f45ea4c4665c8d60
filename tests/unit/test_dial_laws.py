"""Laws of the gate over random histories: hours, caps and rests hold through days, midnights and zones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.attempt_rules import Past
from dialer.campaigns import Caps
from dialer.gate import LeadPast, ListStanding, Standing
from dialer.kinds import load_caps
from dialer.lists import ListState
from dialer.retry import Refusal
from domain.zones import Zone
from tests.unit.dialling_world import CAMPAIGN, CAMPAIGN_ID, CUT_OFF, LIST, Office, Records, gate, lead

DAY = timedelta(days=1)
TALK = timedelta(minutes=3)
ABOVE_ALL = load_caps().at(datetime(2026, 6, 3, tzinfo=UTC))

starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(  # noqa: DTZ001 - made aware
    lambda at: at.replace(tzinfo=UTC)
)
caps = st.builds(Caps, life=st.integers(1, 8), day=st.integers(1, 4), rolling_24h=st.integers(1, 4))
waits = st.timedeltas(timedelta(minutes=4), timedelta(hours=3)) | st.timedeltas(timedelta(0), 3 * DAY)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next: time passes, or the moment comes that the gate named; then a dial is wanted."""

    wait: timedelta
    as_told: bool  # wait until the moment that the gate named, if it named one
    abandoned: bool  # if it is dialled, it ends so
    of_other: bool  # another campaign calls the taxpayer, if both gates let it


steps = st.lists(
    st.builds(Step, waits, st.booleans(), st.sampled_from([False, False, True]), st.booleans()),
    min_size=1,
    max_size=14,
)


class History:
    """One taxpayer, called again and again as soon as the gate lets it."""

    def __init__(self, zone: Zone, own: Caps, off: set[date], start: datetime) -> None:
        self.office, self.records = Office(off), Records()
        self.records.listed = {LIST: ListStanding(ListState.APPROVED, CUT_OFF, date(2035, 1, 1))}
        definition = replace(CAMPAIGN.definition, caps=own)
        self.campaign = replace(CAMPAIGN, definition=definition)
        self.other = replace(self.campaign, campaign_id="f" * 32)
        self.lead = lead(zone=zone, due_at=start)
        self.made: list[Past] = []
        self._runner = asyncio.Runner()

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def judge(self, at: datetime, *, other: bool = False) -> Refusal | None:
        past = LeadPast(tuple(self.made), tuple(self.made))
        self.records.pasts = {self.lead.lead_id: past}
        campaign = self.other if other else self.campaign
        asked = gate(self.records, self.office).judge(campaign, [self.lead], Standing(at, False, True))
        return self._runner.run(asked)[self.lead.lead_id]

    def dial(self, at: datetime, step: Step) -> None:
        campaign = self.other.campaign_id if step.of_other else CAMPAIGN_ID
        made = Past(str(len(self.made)), campaign, at, at + TALK, counts=True, rests=step.abandoned)
        self.made.append(made)


def _most_within(times: Sequence[datetime], span: timedelta) -> int:
    return max((sum(one <= later <= one + span for later in times) for one in times), default=0)


def _hold(history: History, zone: Zone, own: Caps) -> None:
    whole = [one.intended_at for one in history.made]
    ours = [one.intended_at for one in history.made if one.campaign_id == CAMPAIGN_ID]
    top = ABOVE_ALL.taxpayer
    for times, life, day, rolling in (
        (ours, own.life, own.day, own.rolling_24h),
        (whole, top.life, top.day, top.rolling_24h),
    ):
        assert len(times) <= life
        assert _most_within(times, DAY) <= rolling
        for place in zone.places:
            days = [at.astimezone(place).date() for at in times]
            assert all(days.count(one) <= day for one in days)
    for at in whole:
        for place in zone.places:
            local = at.astimezone(place)
            assert time(8) <= local.time() < time(18)
            assert history.office.works(local.date())
    rest = timedelta(hours=ABOVE_ALL.rest_after_abandoned)
    for before, after in zip(history.made, history.made[1:], strict=False):
        assert before.ended_at is not None
        assert not before.rests or after.intended_at >= before.ended_at + rest


@given(st.sampled_from(Zone), caps, st.sets(st.integers(0, 20)), starts, steps)
def test_nobody_is_called_more_often_or_at_other_hours_than_the_law_allows(
    zone: Zone, own: Caps, off: set[int], start: datetime, todo: list[Step]
) -> None:
    holidays = {(start + one * DAY).date() for one in off}
    with History(zone, own, holidays, start) as history:
        now, told = start, None
        for step in todo:
            now = told if told is not None and step.as_told else now + step.wait
            refusal = history.judge(now, other=step.of_other)
            told = refusal.until if refusal else None
            if refusal is None:
                history.dial(now, step)
                now += TALK
        _hold(history, zone, own)


@given(st.sampled_from(Zone), caps, st.sets(st.integers(0, 20)), starts, steps, st.floats(0, 1))
def test_a_lead_comes_back_when_its_reason_is_over_and_not_before(
    zone: Zone, own: Caps, off: set[int], start: datetime, todo: list[Step], part: float
) -> None:
    holidays = {(start + one * DAY).date() for one in off}
    with History(zone, own, holidays, start) as history:
        now = start
        for step in todo:
            now += step.wait
            refusal = history.judge(now, other=step.of_other)
            if refusal is None:
                history.dial(now, step)
                now += TALK
            elif refusal.until is None:
                assert history.judge(now + 400 * DAY, other=step.of_other) is not None, "it said never"
            else:
                assert refusal.until >= now
                between = now + (refusal.until - now) * part
                assert between >= refusal.until or history.judge(between, other=step.of_other) is not None
                later = history.judge(refusal.until, other=step.of_other)
                assert later is None or later.why != refusal.why, (refusal, later)
