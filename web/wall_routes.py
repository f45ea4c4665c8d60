"""The wallboard `/papan`: page, full-screen view, board, events, thresholds."""

from functools import partial
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from acd.messages import DECLARED, OBSERVED, staff_messages
from reporting.wall_board import STATES
from reporting.wall_thresholds import OF_QUEUES, BadThreshold, Measure, ThresholdChange, check
from web.answers import answer_events, answer_json
from web.field_refused import field_refused
from web.floor_api import EVENT_STREAM
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.wall_announcement_routes import add_announcement_routes
from web.wall_door import WallDoor
from web.wall_message_routes import add_sending_routes
from web.wall_models import BoardView, Roster, ThresholdBody, ThresholdList, ThresholdView
from web.wall_port import WallPort

_VIEW = Permission.FLOOR_VIEW
_TAGS = ["wall"]


def add_wall_routes(shared: Shared, port: WallPort) -> WallDoor:
    """Add the routes; return what they share (`close()` ends the streams)."""
    door = WallDoor(shared, port)
    _add_pages(door)
    _add_board(door)
    _add_events(door)
    _add_thresholds(door)
    add_sending_routes(door)
    add_announcement_routes(door)
    return door


def _add_pages(door: WallDoor) -> None:
    shared = door.shared

    async def values(request: Request) -> dict[str, Any]:
        language, messages = shared.render.language(request), staff_messages()
        words = {
            "queues": {name: door.queue_name(request, name) for name in door.port.queues()},
            "declared": {word: messages.text(DECLARED, word, language) for word in messages.words(DECLARED)},
            "observed": {word: messages.text(OBSERVED, word, language) for word in messages.words(OBSERVED)},
            "reasons": door.port.reasons(language),
            "own": visitor_of(request).staff.number,
        }
        teams = sorted({view.team for view in door.agents(request, Permission.FLOOR_SUPERVISE) if view.team})
        return {
            "words": msgspec.json.encode(words).decode(),
            "states": STATES,
            "teams": teams,
            "reasons": words["reasons"],
            "measures": list(Measure),
            "of_queues": OF_QUEUES,
        }

    @shared.guard.get("/papan", _VIEW, include_in_schema=False)
    async def wall_page(request: Request) -> Response:
        return shared.render.page(request, "wall/page.html", **await values(request))

    @shared.guard.get("/papan/layar", _VIEW, include_in_schema=False)
    async def wall_screen(request: Request) -> Response:
        return shared.render.page(request, "wall/screen.html", **await values(request))


def _add_board(door: WallDoor) -> None:
    guard, source = door.shared.guard, door.port.source

    @guard.get("/api/wall", _VIEW, response_model=BoardView, tags=_TAGS)
    async def wall(request: Request) -> Response:
        """Return the wallboard as it is now, with the agents of the own reach."""
        await source.refresh()
        sees = door.sees(visitor_of(request))
        rows = {key: row for key, row in source.rows().items() if sees(key)}
        return answer_json({"at": door.shared.clock.now(), "rows": rows, "course": source.course()})

    @guard.get("/api/wall/roster", _VIEW, response_model=Roster, tags=_TAGS)
    async def wall_roster(request: Request) -> Response:
        """Say whose the board's keys are, of the agents of the own reach."""
        rows = [
            {
                "key": source.key(view.agent),
                "agent": view.agent,
                "on_air_name": view.on_air_name,
                "team": view.team,
            }
            for view in door.agents(request)
        ]
        return answer_json({"agents": rows})


def _add_events(door: WallDoor) -> None:
    guard = door.shared.guard

    @guard.get(
        "/api/wall/events", _VIEW, response_class=StreamingResponse, responses=EVENT_STREAM, tags=_TAGS
    )
    async def wall_events(request: Request) -> StreamingResponse:
        """Tell what changes on the wallboard: see `web.wall_feed`."""
        visitor = visitor_of(request)
        still_signed_in = partial(guard.still_admits, request, _VIEW)
        messages = door.feed.listen(door.group(visitor), door.sees(visitor), still_signed_in)
        return answer_events(messages)


def _add_thresholds(door: WallDoor) -> None:
    shared, port = door.shared, door.port
    described: dict[str, Any] = {"response_model": ThresholdList, "tags": _TAGS}

    @shared.guard.get("/api/wall/thresholds", _VIEW, **described)
    async def wall_thresholds(request: Request) -> Response:
        """Return from which values on figures are warned of and alarmed about."""
        await port.source.refresh()
        return _answer_thresholds(door, request)

    @shared.guard.route("PUT", "/api/wall/thresholds", Permission.WALL_SET, **described)
    async def set_wall_threshold(request: Request, body: ThresholdBody) -> Response:
        """Set a threshold, of all queues or of one."""
        now, who = shared.clock.now(), visitor_of(request).staff.staff_id
        change = ThresholdChange(now, who, body.measure, body.queue, body.warn, body.alarm)
        try:
            check(change, port.queues())
        except BadThreshold as error:
            raise field_refused(error.place, f"wall_refused.{error.word}") from error
        data = {"queue": body.queue, "warn": str(body.warn), "alarm": str(body.alarm)}
        await door.record(request, "wall_threshold_set", f"threshold:{body.measure}", data=data)
        await door.told(port.thresholds.set(change))
        await door.changed()
        return _answer_thresholds(door, request)


_ORDER = {measure: place for place, measure in enumerate(Measure)}


def _answer_thresholds(door: WallDoor, request: Request) -> Response:
    render = door.shared.render
    say = partial(render.texts.say, render.language(request))
    rows = sorted(
        door.port.source.thresholds().rows.values(), key=lambda one: (_ORDER[one.measure], one.queue)
    )
    view = ThresholdList(
        thresholds=[
            ThresholdView(
                measure=one.measure,
                queue=one.queue,
                warn=one.warn,
                alarm=one.alarm,
                above=one.above,
                unit=one.unit,
                assumed=one.assumed,
                name=say(f"wall_measure.{one.measure}"),
                queue_name=door.queue_name(request, one.queue) if one.queue else "",
            )
            for one in rows
        ]
    )
    return render.reply(request, view, "wall/thresholds.html", **_values(door, request))


def _values(door: WallDoor, request: Request) -> dict[str, Any]:
    return {
        "measures": list(Measure),
        "of_queues": OF_QUEUES,
        "queues": [(name, door.queue_name(request, name)) for name in door.port.queues()],
    }
