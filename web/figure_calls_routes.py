"""The calls behind a figure `/angka/panggilan`: what a count counts, call by call, with the recording."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from recording.ports import RecordingsUnavailable
from reporting.asking import CallSeen, Dimension, Interval, Question
from reporting.formulas import COUNTS, of_queues
from reporting.rollup_lines import of_agents
from web.figure_answers import Asked, ask
from web.figure_desk import VIEW, FigureDesk, answered
from web.figure_models import CallAnswer, CallLine, CallsWanted
from web.figure_options import Address
from web.permissions import Permission

_TAGS = ["figures"]
ON_PAGE = 50  # calls
_Wanted = Annotated[CallsWanted, Query()]
_LENGTH = {
    Interval.QUARTER_HOUR: timedelta(minutes=15),
    Interval.HALF_HOUR: timedelta(minutes=30),
    Interval.HOUR: timedelta(hours=1),
}


def add_call_routes(desk: FigureDesk) -> None:
    """Add the routes."""
    shared = desk.shared

    @shared.guard.get("/angka/panggilan", VIEW, include_in_schema=False)
    async def figure_calls_page(request: Request, wanted: _Wanted) -> Response:
        """Show the calls behind a count."""
        asked = await _ask(desk, request, wanted)
        model = await _answer(asked, wanted)
        words = asked.words
        return shared.render.page(
            request,
            "figures/calls_page.html",
            model=model,
            wanted=wanted,
            span=asked.span,
            words=words,
            address=Address(wanted, asked.span, words.group(Dimension.AGENT, "")),
            unknown=of_queues(wanted.count) and of_agents(asked.only),
            narrowed=[
                (
                    words.say(f"figures_dimension.{one}"),
                    ", ".join(sorted(words.group(one, value) for value in values)),
                )
                for one, values in asked.only.items()
            ],
        )

    @shared.guard.get("/api/figures/calls", VIEW, response_model=CallAnswer, tags=_TAGS)
    async def figure_calls(request: Request, wanted: _Wanted) -> Response:
        """Return the calls behind a count, oldest first; recordings only for who may listen to them."""
        asked = await _ask(desk, request, wanted)
        model = await _answer(asked, wanted)
        address = Address(wanted, asked.span, asked.words.group(Dimension.AGENT, ""))
        return shared.render.reply(
            request, model, "figures/calls.html", words=asked.words, address=address, wanted=wanted
        )


async def _ask(desk: FigureDesk, request: Request, wanted: CallsWanted) -> Asked:
    return await ask(desk, request, wanted, "figure_calls_viewed", count=wanted.count)


async def _answer(asked: Asked, wanted: CallsWanted) -> CallAnswer:
    found = await _found(asked, wanted)
    shown = found[:ON_PAGE]
    return CallAnswer(
        count=wanted.count,
        words=asked.words.count(wanted.count),
        calls=[await _line(asked, one) for one in shown],
        after=shown[-1].call_id if len(found) > ON_PAGE else "",
    )


async def _found(asked: Asked, wanted: CallsWanted) -> Sequence[CallSeen]:
    """Return the calls of a page, and one more if there are more."""
    question = Question(asked.span.first, asked.span.last, only=asked.only)
    figures = asked.desk.port.figures
    within = None
    if wanted.at is not None:
        within = (wanted.at, wanted.at + _LENGTH.get(wanted.interval, timedelta(days=1)))
    return await answered(figures.calls(question, wanted.count, ON_PAGE + 1, wanted.after, within))


async def _line(asked: Asked, call: CallSeen) -> CallLine:
    words = asked.words
    return CallLine(
        call_id=call.call_id,
        at=call.at,
        direction=call.direction,
        direction_words=words.group(Dimension.DIRECTION, call.direction),
        queue=words.group(Dimension.QUEUE, call.queue) if call.queue else "",
        agent=words.group(Dimension.AGENT, call.agent) if call.agent else "",
        outcome=words.outcome(call.outcome) if call.outcome else "",
        recordings=await _recordings(asked, call),
        counts={name: amount for name in COUNTS if (amount := getattr(call.counts, name))},
    )


async def _recordings(asked: Asked, call: CallSeen) -> list[str]:
    """Return the recordings that the visitor may open: the page of each asks for a purpose first."""
    if asked.visitor.reach(Permission.RECORDING_LISTEN) is None:
        return []
    try:
        found = await asked.desk.port.recordings.of_call(call.call_id)
    except RecordingsUnavailable as error:
        raise HTTPException(503, "figures_page.unavailable") from error
    people = asked.words.people
    return [
        one.recording_id
        for one in found
        if one.audible
        and any(
            asked.visitor.covers(Permission.RECORDING_LISTEN, agent, people.of(agent).team)
            for agent in (one.agent, call.agent)
        )
    ]
