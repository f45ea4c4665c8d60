"""What a campaign does now and what came of it, as shown: counts, shares, reasons in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialer.campaigns import Campaign
from web.campaign_door import CampaignDoor
from web.campaign_forecast import forecast
from web.campaign_models import (
    AgentsView,
    CountView,
    EffectRowView,
    EffectView,
    FiguresView,
    HourView,
    LookView,
    MarksView,
    ResultsView,
)
from web.campaign_port import DayFigures, Effect, EffectRow, LiveLook, ResultFigures
from web.campaign_views import CampaignWords, leads_view

_AGENTS = ("idle", "ringing", "talking", "wrap_up")


def share(part: int, whole: int) -> float | None:
    """Return a share; of nothing there is none."""
    return part / whole if whole else None


def figures_view(figures: DayFigures) -> FiguresView:
    """Return counts with their shares."""
    return FiguresView(**_figures(figures))


def _figures(figures: DayFigures) -> dict[str, Any]:
    return {
        "dialled": figures.dialled,
        "answered": figures.answered,
        "live": figures.live,
        "abandoned": figures.abandoned,
        "contacts": figures.contacts,
        "promises": figures.promises,
        "answer_rate": share(figures.answered, figures.dialled),
        "abandon_rate": share(figures.abandoned, figures.live),
        "contact_rate": share(figures.contacts, figures.dialled),
        "promise_rate": share(figures.promises, figures.contacts),
    }


def look_view(
    door: CampaignDoor, words: CampaignWords, one: Campaign, look: LiveLook, *, thrown: bool
) -> LookView:
    """Return a campaign at this moment."""
    definition = one.definition
    ends_on = forecast(look.ready, look.today.done, definition.window, door.port.calendar, look.at)
    told = "campaigns.forecast_none" if ends_on is None else "campaigns.forecast"
    day = "" if ends_on is None else f"{ends_on:%d.%m.%Y}"
    pacing = look.pacing or definition.pacing
    return LookView(
        at=look.at,
        state=one.state,
        ringing=look.ringing,
        waiting=look.waiting,
        talking=look.talking,
        most_lines=definition.most_lines,
        agents=[
            AgentsView(
                state=state, words=words.say(f"campaigns_agents.{state}"), agents=look.agents.get(state, 0)
            )
            for state in _AGENTS
        ],
        borrowed=look.borrowed,
        today=figures_view(look.today),
        abandon_upper=look.abandoned_upper,
        abandon_limit=definition.abandon_limit,
        over_limit=look.today.abandoned > 0 and look.abandoned_upper > definition.abandon_limit,
        leads=leads_view(look.ready, look.done, look.control),
        ends_on=ends_on,
        forecast=words.say("campaigns.forecast_done") if not look.ready else words.say(told, day=day),
        reasons=words.reasons(look.reasons),
        hours=[HourView(hour=hour, **_figures(row)) for hour, row in sorted(look.hours.items())],
        why_idle=words.why(look.why_idle) if look.why_idle else "",
        pacing=words.say(f"campaigns_pacing.{pacing}"),
        thrown=thrown,
    )


def results_view(
    words: CampaignWords, one: Campaign, figures: ResultFigures, effect: Effect | None, *, may_download: bool
) -> ResultsView:
    """Return what came of a campaign."""
    return ResultsView(
        campaign_id=one.campaign_id,
        title=one.definition.title,
        leads=leads_view(figures.ready, figures.done, figures.control),
        attempts=figures.attempts,
        outcomes=_counts(words, figures.outcomes),
        dispositions=_counts(words, figures.dispositions),
        survey=[_marks(words, question, marks) for question, marks in sorted(figures.marks.items())],
        effect=None if effect is None else _effect(words, effect),
        may_download=may_download,
    )


def _counts(words: CampaignWords, counts: Mapping[str, int]) -> list[CountView]:
    return [
        CountView(code=code, words=words.code(code), leads=leads)
        for code, leads in sorted(counts.items(), key=lambda one: -one[1])
    ]


def _marks(words: CampaignWords, question: str, marks: Mapping[int, int]) -> MarksView:
    people = sum(marks.values())
    return MarksView(
        question=question,
        words=words.question(question),
        people=people,
        mean=sum(mark * count for mark, count in marks.items()) / people,
        marks=dict(sorted(marks.items())),
    )


def _effect(words: CampaignWords, effect: Effect) -> EffectView:
    scripts = dict(words.door.port.choices.scripts(words.language))
    dialled, of_dialled = effect.dialled, effect.of_dialled

    def rows(found: Sequence[EffectRow], name: str) -> list[EffectRowView]:
        return [_effect_row(row, words.say(f"campaigns.{name}", group=row.group)) for row in found]

    return EffectView(
        days=effect.days,
        called=_effect_row(effect.called, words.say("campaigns.effect_called")),
        control=_effect_row(effect.control, words.say("campaigns.effect_control")),
        difference=effect.difference,
        low=effect.low,
        high=effect.high,
        dialled=None if dialled is None else _effect_row(dialled, words.say("campaigns.effect_dialled")),
        dialled_difference=None if of_dialled is None else of_dialled.value,
        dialled_low=None if of_dialled is None else of_dialled.low,
        dialled_high=None if of_dialled is None else of_dialled.high,
        by_script=[_effect_row(row, scripts.get(row.group, row.group)) for row in effect.by_script],
        by_hour=rows(effect.by_hour, "effect_hour"),
        by_attempt=rows(effect.by_attempt, "effect_attempt"),
        fresh_until=effect.fresh_until,
    )


def _effect_row(row: EffectRow, words: str) -> EffectRowView:
    return EffectRowView(
        group=row.group,
        words=words,
        people=row.people,
        solved=row.solved,
        share=share(row.solved, row.people),
        low=row.low,
        high=row.high,
    )
