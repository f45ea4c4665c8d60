"""The agent's page and what it asks: state, events, requests, phone, targets, own figures.

Every route is about the visitor's own staff number; no body names another.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from acd.floor_views import AgentView
from acd.messages import REFUSED, staff_messages
from acd.requests import Actor, Refused, Role, SignIn
from acd.requests import Request as FloorRequest
from reporting.asking import FiguresUnavailable
from reporting.reports_numbers import Said
from web.answers import answer_events
from web.desk_feed import DeskFeed
from web.desk_figures import FiguresOfToday, OwnFigures
from web.desk_models import Desk, PauseChoice, PhoneChoice, Targets
from web.desk_port import DeskPort
from web.desk_requests import DeskRequest, Refusal, SignInChoice, TabAnswer, TabClaim, floor_request
from web.desk_state import OwnState
from web.desk_tabs import PhoneTabs
from web.desk_targets import Colleagues, subject, transfer_targets
from web.floor_requests import BadRequest
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission

_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"description": "A field is missing or too many"},
    409: {"model": Refusal, "description": "Not granted, and why"},
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {409: {"description": "The floor has no such agent"}}


class DeskDoor:
    """What the routes share."""

    def __init__(self, shared: Shared, port: DeskPort) -> None:
        self.shared, self.port = shared, port
        self.feed = DeskFeed(shared.floor)
        self.tabs = PhoneTabs(self.feed)
        self.colleagues = Colleagues()
        self.figures = FiguresOfToday(port.work, shared.clock)

    def agent(self, request: Request) -> str:
        """Return the visitor's own staff number. Raises HTTPException 409: none."""
        number = visitor_of(request).staff.number
        if not number:
            raise HTTPException(409, self._unknown(request))
        return number

    def state(self, request: Request) -> OwnState:
        """Return the visitor's own state now. Raises HTTPException 409."""
        state = self.feed.state(self.agent(request))
        if state is None:
            raise HTTPException(409, self._unknown(request))
        return state

    def view(self, request: Request) -> AgentView:
        """Return the floor's view of the visitor. Raises HTTPException 409."""
        number = self.agent(request)
        for view in self.shared.floor.agents():
            if view.agent == number:
                return view
        raise HTTPException(409, self._unknown(request))

    def desk(self, request: Request) -> Desk:
        """Return everything that the page needs. Raises HTTPException 409."""
        state = self.state(request)
        return Desk(
            state=state,
            call_label=subject(self.say(request), state.call.queue) if state.call else "",
            pauses=self.pauses(request),
            reasons=self.reasons(request),
            phones=tuple(
                PhoneChoice(account, self.port.kind_of(account), account == state.account)
                for account in state.phones
            ),
            phone_tab=self.tabs.holder(self.agent(request)),
        )

    def pauses(self, request: Request) -> tuple[PauseChoice, ...]:
        """Return the reasons that an agent may choose: those that can be dialled as well."""
        labels = self.reasons(request)
        return tuple(
            PauseChoice(
                row.name,
                labels[row.name],
                row.limit_minutes * 60.0 if row.limit_minutes else None,
            )
            for row in self.port.book().tables.reasons
            if row.digit
        )

    def reasons(self, request: Request) -> dict[str, str]:
        """Return what every reason to pause is called, those that only the system gives too."""
        indonesian = self.shared.render.language(request) == "id"
        rows = self.port.book().tables.reasons
        return {row.name: row.indonesian if indonesian else row.english for row in rows}

    def ask(self, request: Request, make: Callable[[], FloorRequest]) -> Response:
        """Bring a request before the floor; answer with the state after it, or why it was not granted."""
        number = self.agent(request)
        try:
            self.shared.floor.request(Actor(number, Role.AGENT), make())
        except BadRequest as error:
            raise HTTPException(400, str(error)) from error
        except Refused as refused:
            language = self.shared.render.language(request)
            text = staff_messages().text(REFUSED, refused.word, language)
            return JSONResponse({"refused": refused.word, "text": text}, 409)
        return JSONResponse(_plain(self.state(request)))

    def say(self, request: Request) -> Callable[[str], str | None]:
        """Return what gives a text of the visitor's language, or None where there is none."""
        texts, language = self.shared.render.texts, self.shared.render.language(request)
        return lambda name: texts.say(language, name) if name in texts else None

    def _unknown(self, request: Request) -> str:
        return self.shared.render.texts.say(self.shared.render.language(request), "desk.no_number")


def add_desk_routes(shared: Shared, port: DeskPort) -> DeskFeed:
    """Add the routes; return the feed, to be closed at the end, and told of sessions that end."""
    door = DeskDoor(shared, port)
    _state_routes(door)
    _event_route(door)
    _request_routes(door)
    _figure_route(door)
    _page_route(door)
    if port.on_session_end is not None:
        port.on_session_end(lambda session_id, _: door.feed.session_over(session_id))
    return door.feed


def _state_routes(door: DeskDoor) -> None:
    guard = door.shared.guard

    @guard.get("/api/desk", Permission.DESK_USE, response_model=Desk, responses=_UNKNOWN, tags=["desk"])
    async def desk(request: Request) -> Desk:
        """Return one's own state and call, the reasons to pause and one's phones."""
        return door.desk(request)

    @guard.get(
        "/api/desk/targets", Permission.DESK_USE, response_model=Targets, responses=_UNKNOWN, tags=["desk"]
    )
    async def desk_targets(request: Request) -> Targets:
        """Return where one's call may be sent: skills by tier, queues, colleagues by on-air name."""
        floor = door.shared.floor
        found = transfer_targets(
            door.port.book(),
            floor.agents(),
            floor.queues(),
            door.agent(request),
            door.colleagues,
            door.say(request),
            door.shared.render.language(request),
        )
        return Targets(tuple(found))


def _event_route(door: DeskDoor) -> None:
    shared = door.shared

    @shared.guard.get(
        "/api/desk/events",
        Permission.DESK_USE,
        response_class=StreamingResponse,
        responses={
            **_UNKNOWN,
            200: {"content": {"text/event-stream": {}}, "description": "Events, see `web.desk_feed`"},
        },
        tags=["desk"],
    )
    async def desk_events(
        request: Request, tab: Annotated[str, Query(pattern="^([0-9a-f]{32})?$")] = ""
    ) -> StreamingResponse:
        """Tell changes of one's own state as they happen: `state`, `told`, `session`, `ping`."""
        visitor = visitor_of(request)

        still_signed_in = partial(shared.guard.still_admits, request, Permission.DESK_USE)
        messages = door.feed.listen(
            door.agent(request), visitor.session_id, shared.render.language(request), tab, still_signed_in
        )
        return answer_events(messages)


def _request_routes(door: DeskDoor) -> None:
    guard = door.shared.guard

    @guard.post(
        "/api/desk/requests",
        Permission.DESK_USE,
        response_model=OwnState,
        responses=_REFUSED,
        tags=["desk"],
    )
    async def desk_request(request: Request, asked: DeskRequest) -> Response:
        """Ask the floor for something about oneself; the answer is one's state after it."""

        def make() -> FloorRequest:
            named = asked
            if asked.target is not None:
                try:
                    target = door.colleagues.target(asked.target, door.shared.floor.agents())
                except KeyError as error:
                    raise Refused("unknown_agent", "There is no such agent.") from error
                named = asked.model_copy(update={"target": target})
            return floor_request(named, door.agent(request))

        return door.ask(request, make)

    @guard.route(
        "PUT",
        "/api/desk/sign-in",
        Permission.DESK_USE,
        response_model=OwnState,
        responses=_REFUSED,
        tags=["desk"],
    )
    async def desk_sign_in(request: Request, choice: SignInChoice) -> Response:
        """Begin work with a phone, or change the phone. One is paused until one asks to be ready."""
        return door.ask(request, partial(SignIn, door.agent(request), choice.account))

    @guard.post(
        "/api/desk/tab", Permission.DESK_USE, response_model=TabAnswer, responses=_UNKNOWN, tags=["desk"]
    )
    async def desk_tab(request: Request, claim: TabClaim) -> TabAnswer:
        """Claim the phone for one of one's open pages; the page that had it is told (`session`)."""
        has = door.tabs.claim(door.agent(request), claim.tab, take_over=claim.take_over)
        return TabAnswer(phone="here" if has else "elsewhere")


def _figure_route(door: DeskDoor) -> None:
    @door.shared.guard.get(
        "/api/desk/figures",
        Permission.DESK_USE,
        response_model=OwnFigures,
        responses={**_UNKNOWN, 503: {"description": "The record cannot be read at the moment"}},
        tags=["desk"],
    )
    async def desk_figures(request: Request) -> Response:
        """Return one's own figures of today, by the formulas of the productivity guide."""
        try:
            figures = await door.figures.of(door.view(request), door.reasons(request))
        except FiguresUnavailable as error:
            raise HTTPException(503, "error.floor_record") from error
        said = Said(door.shared.render.language(request))
        return door.shared.render.reply(request, figures, "desk/figures.html", said=said)


def _page_route(door: DeskDoor) -> None:
    @door.shared.guard.get("/agen", Permission.DESK_USE, include_in_schema=False)
    async def agen(request: Request) -> Response:
        """Show the agent's page."""
        desk = door.desk(request)
        desk_json = msgspec.json.encode(desk).decode()
        page, outbound = "desk/agen.html", door.port.outbound
        return door.shared.render.page(request, page, desk=desk, desk_json=desk_json, outbound=outbound)


def _plain(state: OwnState) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(state)
    return found
