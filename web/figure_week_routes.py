"""The week as a heat map, and whether roll-ups equal the event log."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from reporting.asking import Interval, Question
from reporting.formulas import COUNTS, of_queues
from reporting.rollup_lines import of_agents
from web.figure_answers import ask
from web.figure_course import heat
from web.figure_desk import VIEW, FigureDesk, answered
from web.figure_models import CheckAnswer, FigureWanted, HeatAnswer

_TAGS = ["figures"]
LONGEST_CHECK = 31  # days that are counted anew while somebody waits
_Wanted = Annotated[FigureWanted, Query()]


def add_week_routes(desk: FigureDesk) -> None:
    """Add the routes."""
    shared = desk.shared

    @shared.guard.get("/api/figures/week", VIEW, response_model=HeatAnswer, tags=_TAGS)
    async def figures_of_week(request: Request, wanted: _Wanted) -> Response:
        """Return the chosen figure by half hour and day of the week; of a count the mean of one day.

        Nothing of certain agents or teams where the figure is about waiting calls: these belong to queues.
        """
        asked = await ask(desk, request, wanted, "figures_viewed", what="week")
        known = not (of_queues(wanted.figure) and of_agents(asked.only))
        found = await desk.lines(asked.span, asked.only, (), Interval.HALF_HOUR) if known else ()
        span = asked.span
        days = Counter((span.first + timedelta(days=day)).weekday() for day in range(span.days))
        model = heat(wanted.figure, found, days, asked.words)
        return shared.render.reply(request, model, "figures/week.html")

    @shared.guard.get("/api/figures/check", VIEW, response_model=CheckAnswer, tags=_TAGS)
    async def check_figures(request: Request, wanted: _Wanted) -> Response:
        """Count anew from the event log and compare, line by line and count by count; at most 31 days."""
        asked = await ask(desk, request, wanted, "figures_checked")
        if asked.span.days > LONGEST_CHECK:
            raise HTTPException(422, "figures_refused.check_too_long")
        span = asked.span
        question = Question(span.first, span.last, asked.by, wanted.interval, asked.only)
        kept = {
            (one.begins, one.key): one.counts for one in await answered(desk.port.figures.lines(question))
        }
        anew = {
            (one.begins, one.key): one.counts
            for one in await answered(desk.port.figures.recomputed(question))
        }
        differing = [place for place in kept.keys() | anew.keys() if kept.get(place) != anew.get(place)]
        fields = [
            name
            for name in COUNTS
            if any(getattr(kept.get(one), name, 0) != getattr(anew.get(one), name, 0) for one in differing)
        ]
        model = CheckAnswer(
            first=span.first, last=span.last, lines=len(anew), differing=len(differing), fields=fields
        )
        return shared.render.reply(request, model, "figures/check.html", words=asked.words)
