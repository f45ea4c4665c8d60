"""Figures `/angka`: any days, grouping and interval, each with definition, numerator, denominator, calls."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from reporting.asking import Dimension
from reporting.formulas import COUNTS, FORMULAS, of_queues
from web.figure_answers import ask
from web.figure_calls_routes import add_call_routes
from web.figure_channel_routes import add_channel_routes
from web.figure_desk import VIEW, FigureDesk
from web.figure_file_routes import add_file_routes
from web.figure_form import FigureForm, read_wanted, refused_form
from web.figure_models import DefinitionView, FigureAnswer, FigureWanted
from web.figure_options import Address, offered
from web.figure_port import FigurePort
from web.figure_views import columns, definitions, runs
from web.figure_week_routes import add_week_routes
from web.guard import visitor_of
from web.parts import Shared

TAGS = ["figures"]
_NO_ANSWER = 422
Wanted = Annotated[FigureWanted, Query()]


def add_figure_routes(shared: Shared, port: FigurePort) -> None:
    """Add the pages of figures and what they ask for."""
    desk = FigureDesk(shared, port)
    _add_page(desk)
    _add_answers(desk)
    add_week_routes(desk)
    add_call_routes(desk)
    add_file_routes(desk)
    add_channel_routes(desk)


def _add_page(desk: FigureDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/angka", VIEW, include_in_schema=False)
    async def figures_page(request: Request) -> Response:
        """Show figures; a question that has no answer comes back in its form, with what to change."""
        try:
            wanted = read_wanted(request.query_params)
            asked = await ask(desk, request, wanted, "figures_viewed")
            found = await asked.lines()
            model, chart = await asked.answer(found), await asked.course(found)
        except (RequestValidationError, HTTPException) as error:
            return await _refused(desk, request, error)
        address = Address(wanted, asked.span, asked.words.group(Dimension.AGENT, ""))
        choices = offered(asked.visitor, asked.words, desk.port)
        return shared.render.page(
            request,
            "figures/page.html",
            form=FigureForm(address.filled, choices, asked.words, {}),
            model=model,
            chart=chart,
            wanted=wanted,
            span=asked.span,
            words=asked.words,
            shown=columns(wanted.shown),
            offered=choices,
            address=address,
            all_counts=COUNTS,
            formulas=FORMULAS,
            of_queues=of_queues,
            runs=runs,
        )


async def _refused(
    desk: FigureDesk, request: Request, refusal: RequestValidationError | HTTPException
) -> Response:
    """Return the form as it was sent, what is wrong beside its field. Raises HTTPException 503."""
    render = desk.shared.render
    words = await desk.words(request, await desk.people())
    choices = offered(visitor_of(request), words, desk.port)
    form = refused_form(request.query_params, choices, words, render.texts, refusal)
    status = refusal.status_code if isinstance(refusal, HTTPException) else _NO_ANSWER
    return render.page(request, "figures/page.html", status, form=form, model=None, words=words)


def _add_answers(desk: FigureDesk) -> None:
    shared = desk.shared

    @shared.guard.get("/api/figures", VIEW, response_model=FigureAnswer, tags=TAGS)
    async def get_figures(request: Request, wanted: Wanted) -> FigureAnswer:
        """Return figures within the visitor's reach: of all days together, and by interval and group."""
        asked = await ask(desk, request, wanted, "figures_viewed")
        return await asked.answer(await asked.lines())

    @shared.guard.get("/api/figures/definitions", VIEW, response_model=list[DefinitionView], tags=TAGS)
    async def figure_definitions(request: Request) -> list[DefinitionView]:
        """Return what every figure means: name, definition, unit, what is divided by what."""
        return definitions(shared.render.language(request))
