"""Figures `/angka`: any days, grouping and interval, each with definition, numerator, denominator, calls."""

from typing import Annotated

from fastapi import HTTPException, Query, Request, Response

from reporting.asking import Dimension
from reporting.formulas import COUNTS, FORMULAS
from web.figure_answers import ask
from web.figure_calls_routes import add_call_routes
from web.figure_channel_routes import add_channel_routes
from web.figure_desk import VIEW, FigureDesk
from web.figure_file_routes import add_file_routes
from web.figure_models import DefinitionView, FigureAnswer, FigureWanted
from web.figure_options import Address, offered
from web.figure_port import FigurePort
from web.figure_views import columns, definitions
from web.figure_week_routes import add_week_routes
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
    async def figures_page(request: Request, wanted: Wanted) -> Response:
        """Show figures; a question that has no answer is shown with the reason and what to change."""
        asked = await ask(desk, request, wanted, "figures_viewed")
        model, chart, problem = None, None, ""
        try:
            found = await asked.lines()
            model, chart = await asked.answer(found), await asked.course(found)
        except HTTPException as error:
            if error.status_code != _NO_ANSWER:
                raise
            problem = str(error.detail)
        return shared.render.page(
            request,
            "figures/page.html",
            model=model,
            chart=chart,
            problem=problem,
            wanted=wanted,
            span=asked.span,
            words=asked.words,
            shown=columns(wanted.shown),
            offered=offered(asked),
            address=Address(wanted, asked.span, asked.words.group(Dimension.AGENT, "")),
            all_counts=COUNTS,
            formulas=FORMULAS,
        )


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
