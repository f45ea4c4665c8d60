"""Plans as they are shown: rows, sums, charts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from markupsafe import Markup

from reporting.planning.plans import Backtest, DayPlan, KeptPlan, PlanRow, Reason, SlotPlan
from reporting.planning.simulated import Simulated
from reporting.planning.what_if import Change
from reporting.reports_numbers import Said
from web.card_words import CardWords
from web.charts import Chart, Series, bars, lines
from web.plan_cover_models import CoverDayView
from web.plan_models import PER_CENT, DayRow, PlanDayView, PlanRowView, PlanView
from web.texts import Texts

WIB = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class PlanWords:
    """Texts, numbers and charts of plans in one language."""

    texts: Texts
    language: str

    @property
    def said(self) -> Said:
        """Numbers as people read them."""
        return Said(self.language)

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self.texts.say(self.language, name, **values)

    def day(self, day: date) -> str:
        """Return a day with its weekday."""
        weekday = self.say(f"plans_weekday.{day.weekday()}")
        return f"{weekday} {day:%d.%m.%Y}"

    def reason(self, reason: Reason) -> str:
        """Return why a day is busier or calmer, in words."""
        steps = reason.days
        when = "plans_days.ahead" if steps > 0 else "plans_days.since" if steps < 0 else "plans_days.today"
        values = {"days": self.say(when, days=abs(steps)), "factor": self.said.number(reason.factor, 2)}
        return self.say(f"plans_reason.{reason.word}", **values)

    def queues(self, names: Sequence[str]) -> str:
        """Return queues as staff call them."""
        return ", ".join(self.queue(name) for name in names)

    def change(self, change: Change) -> str:
        """Return a changed number: "Volume 120 %"."""
        return f"{self.say(f'plans_number.{change.name}')} {self.number(change.name, change.value)}"

    def number(self, name: str, value: float) -> str:
        """Return a number of a plan in its unit."""
        if name in PER_CENT:
            digits = 0 if round(value * 100, 6) == round(value * 100) else 1
            return f"{self.said.number(value * 100, digits)} %"
        return self.said.seconds(value)

    def days_chart(self, model: PlanView) -> Markup:
        """Return the calls of a plan's days, with the band, and what came."""
        series = [
            Series(self.say("plans.expected"), [one.calls for one in model.days]),
            Series(self.say("plans.low"), [one.low for one in model.days]),
            Series(self.say("plans.high"), [one.high for one in model.days]),
        ]
        if any(one.happened is not None for one in model.days):
            series.append(Series(self.say("plans.happened"), [one.happened for one in model.days]))
        return self._lines("plans.calls_by_day", [f"{one.day:%d.%m.}" for one in model.days], series)

    def agents_chart(self, day: DayPlan, simulated: Simulated | None = None) -> Markup:
        """Return the agents of a day's half hours."""
        series = [
            Series(self.say("plans.by_erlang_a"), [slot.agents for slot in day.slots]),
            Series(self.say("plans.by_erlang_c"), [slot.agents_c for slot in day.slots]),
            Series(self.say("plans.on_roster"), [slot.scheduled for slot in day.slots]),
        ]
        if simulated is not None:
            series[1:] = [Series(self.say("plans.by_simulator"), [slot.needed for slot in simulated.slots])]
        labels = [clock(slot.minute) for slot in day.slots]
        return self._lines("plans.agents_by_slot", labels, series, "plans.agents")

    def cover_chart(self, day: CoverDayView) -> Markup:
        """Return agents required and agents scheduled, side by side."""
        series = [
            Series(self.say("plans_cover.required"), [slot.required for slot in day.slots]),
            Series(self.say("plans_cover.rostered"), [slot.rostered for slot in day.slots]),
        ]
        title = self.say("plans_cover.chart", day=self.day(day.day))
        labels = [clock(slot.minute) for slot in day.slots]
        return bars(Chart(title, labels, series, self.said.number, measure=self.say("plans.agents")))

    def difference(self, value: float) -> str:
        """Return agents over (+) or short (−)."""
        sign = "−" if round(value, 1) < 0 else "+" if round(value, 1) > 0 else ""
        return f"{sign}{self.said.number(abs(value), 1)}"

    def queue(self, name: str) -> str:
        """Return a queue as staff call it."""
        return CardWords(self.texts, self.language).queue(name)

    def calls_chart(self, day: DayPlan) -> Markup:
        """Return the calls of a day's half hours."""
        series = [Series(self.say("plans.expected"), [slot.calls for slot in day.slots])]
        return self._lines("plans.calls_by_slot", [clock(slot.minute) for slot in day.slots], series)

    def tested_chart(self, tested: Backtest) -> Markup:
        """Return what came on tested days, and what would have been forecast of them."""
        nearest = {one.day: one for one in sorted(tested.days, key=lambda one: -one.ahead)}
        days = [nearest[day] for day in sorted(nearest)]
        series = [
            Series(self.say("plans.happened"), [one.actual for one in days]),
            Series(self.say("plans.by_model"), [one.model for one in days]),
            Series(self.say("plans.by_naive"), [one.naive for one in days]),
        ]
        return self._lines("plans.tested_by_day", [f"{one.day:%d.%m.}" for one in days], series)

    def _lines(
        self, title: str, labels: Sequence[str], series: Sequence[Series], measure: str = "plans.calls"
    ) -> Markup:
        return lines(Chart(self.say(title), labels, series, self.said.number, measure=self.say(measure)))


def clock(minute: int) -> str:
    """Return a time of day: 08.30."""
    return f"{minute // 60:02}.{minute % 60:02}"


def row_view(row: PlanRow, names: Mapping[str, str]) -> PlanRowView:
    """Return a plan in a list."""
    by = names.get(row.made_by, "")
    return PlanRowView(
        plan_id=row.plan_id,
        name=row.name,
        first=row.first,
        last=row.last,
        made_at=row.made_at,
        made_by=by,
        kept=row.kept_at is not None,
    )


def plan_view(kept: KeptPlan, happened: Mapping[date, int], names: Mapping[str, str]) -> PlanView:
    """Return a whole plan."""
    plan = kept.plan
    days = [_day_row(one, happened) for one in plan.days]
    peak = max(
        ((slot.agents, one.day, slot) for one in plan.days for slot in one.slots),
        key=lambda found: found[0],
        default=None,
    )
    return PlanView(
        plan_id=kept.plan_id,
        name=kept.name,
        made_at=kept.made_at,
        made_by=names.get(kept.made_by, ""),
        kept_at=kept.kept_at,
        put_away=kept.put_away,
        asked=plan.asked,
        given=plan.given,
        days=days,
        calls=sum(one.calls for one in days),
        hours=sum(one.hours for one in days),
        paid=sum(one.paid for one in days),
        peak=0 if peak is None else peak[0],
        peak_at=None if peak is None else _moment(peak[1], peak[2]),
        miss=_miss(days),
        known_days=plan.known_days,
        known_first=plan.known_first,
        known_last=plan.known_last,
        tested=plan.tested,
        assumed=list(plan.assumed),
    )


def day_view(kept: KeptPlan, day: date) -> PlanDayView | None:
    """Return a day's half hours; None: the plan does not have it."""
    found = next((one for one in kept.plan.days if one.day == day), None)
    if found is None:
        return None
    return PlanDayView(plan_id=kept.plan_id, day=found, hours=found.hours, paid=found.paid)


def _day_row(one: DayPlan, happened: Mapping[date, int]) -> DayRow:
    return DayRow(
        day=one.day,
        calls=one.calls,
        low=one.low,
        high=one.high,
        happened=happened.get(one.day),
        hours=one.hours,
        paid=one.paid,
        peak=one.peak,
        reasons=list(one.reasons),
    )


def _miss(days: Sequence[DayRow]) -> float | None:
    over = [(one.calls, one.happened) for one in days if one.happened]
    calls = sum(came for _, came in over)
    return sum(abs(expected - came) for expected, came in over) / calls if calls else None


def _moment(day: date, slot: SlotPlan) -> datetime:
    return datetime.combine(day, time(slot.minute // 60, slot.minute % 60), WIB)
