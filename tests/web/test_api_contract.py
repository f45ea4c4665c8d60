"""Every operation of the API keeps to its own description.

The application is the one that the service joins (`tests.web.whole_pages`). A day of work
(`tests.web.api_day`) has every operation granted; then each is asked with values that its description
allows and with values that it does not, by people who may and who may not: no answer is a 5xx, every
answer has a declared status, kind and shape, and what is not allowed is refused. Who may ask at all is
the matter of the permission matrix.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, Field

from tests.postgres import PostgresServer, postgres
from tests.web import app_parts
from tests.web.api_contract import Contract, RoleSessions, described
from tests.web.api_day import Day
from tests.web.campaign_day import LEFT_OUT as OF_CAMPAIGNS
from tests.web.campaign_day import campaign_day
from tests.web.figure_day import LEFT_OUT as OF_FIGURES
from tests.web.figure_day import figure_day
from tests.web.matter_day import LEFT_OUT as OF_MATTERS
from tests.web.page_parts import CALL, OTHER_CALL, SessionsDouble
from tests.web.quality_day import LEFT_OUT as OF_QUALITY
from tests.web.quality_day import quality_day
from tests.web.schedule_day import LEFT_OUT as OF_SCHEDULES
from tests.web.schedule_day import schedule_day
from tests.web.steering_day import LEFT_OUT as OF_STEERING
from tests.web.steering_day import steering_day
from tests.web.wall_day import LEFT_OUT as OF_WALL
from tests.web.wall_day import wall_day
from tests.web.whole_pages import WAITING, WholePages, whole_pages
from web.parts import Shared
from web.permissions import Permission

__all__ = ["postgres"]  # a fixture

LEFT_OUT = {
    "GET /api/floor/events": "a stream that never ends; held by tests/web/test_floor_api.py",
    "GET /api/desk/events": "a stream that never ends; held by tests/web/test_desk_feed.py",
    **OF_CAMPAIGNS,
    **OF_FIGURES,
    **OF_MATTERS,
    **OF_QUALITY,
    **OF_SCHEDULES,
    **OF_STEERING,
    **OF_WALL,
}  # the WebSocket /sip is no operation of the description; held by tests/web/test_sip_socket.py
# What ends a talk or a proof comes last: the others need it.
LATE = ("/api/calls/{call_id}/proof/close", "/api/desk/requests", "/api/floor/requests")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest) -> Path | str:
    """An empty database of each kind: what one takes, such as a NUL, another refuses."""
    if request.param == "sqlite":
        file: Path = request.getfixturevalue("migrated_staff")
        return file
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.migrated_database()


def test_every_operation_keeps_to_its_description(migrated: Path | str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner, _opened(runner, migrated, tmp_path) as world:
        world.guard.sessions = RoleSessions(world.visitors)
        operations = described(world.app)
        examples = 2 if isinstance(migrated, Path) else 1
        contract = Contract(world.app, world.guard, world.visitors, runner, operations, examples)
        contract.known = {
            "call_id": [CALL, CALL, OTHER_CALL, WAITING],
            "staff_id": [one.staff_id for one in world.people.values()],
            "session_id": [one.session_id for one in world.visitors.values()],
        }
        quality_day(contract, world)
        Day(world, contract.grant).goes_by()
        campaign_day(contract, world.imports, world.clock)
        wall_day(contract, world)
        figure_day(contract)
        schedule_day(contract, world)
        steering_day(contract)
        by_hand, spoilt = contract.asked, contract.spoil()
        tried = [one for one in operations.values() if one.label not in LEFT_OUT]
        for operation in sorted(tried, key=lambda one: (one.path in LATE, one.method.upper() == "GET")):
            contract.try_out(operation)
    print(  # noqa: T201 - the count is asked for
        f"API: {len(tried)} operations, {by_hand} requests of a day of work, {spoilt} with text that cannot "
        f"be stored, {contract.asked - by_hand} generated, {contract.pieces} for pieces of pages; answers "
        f"{dict(contract.statuses)}"
    )
    assert not contract.wrong, "\n".join(contract.wrong)
    assert sorted(operations.keys() - contract.granted) == sorted(LEFT_OUT), "their answers were not seen"
    assert contract.asked >= (1 + examples) * len(tried)
    assert spoilt >= len(contract.bodies)


class Sample(BaseModel):
    n: int = Field(ge=1, le=9)


def _breaks(shared: Shared) -> None:
    @shared.guard.post("/api/sample", Permission.DESK_USE)
    async def sample(body: Sample) -> None:
        raise RuntimeError


def _differs(shared: Shared) -> None:
    @shared.guard.post("/api/sample", Permission.DESK_USE, response_model=Sample)
    async def sample(body: Sample) -> JSONResponse:
        return JSONResponse({"n": "one"})


def _speaks_otherwise(shared: Shared) -> None:
    @shared.guard.post("/api/sample", Permission.DESK_USE)
    async def sample(body: Sample) -> PlainTextResponse:
        return PlainTextResponse("one")


def _hides_a_status(shared: Shared) -> None:
    @shared.guard.post("/api/sample", Permission.DESK_USE)
    async def sample(body: Sample) -> JSONResponse:
        return JSONResponse({}, status_code=418)


def _takes_anything(shared: Shared) -> None:
    described = {"requestBody": {"content": {"application/json": {"schema": Sample.model_json_schema()}}}}

    @shared.guard.post("/api/sample", Permission.DESK_USE, openapi_extra=described)
    async def sample() -> dict[str, str]:
        return {}


@pytest.mark.parametrize(
    ("area", "told"),
    [
        (_breaks, "Server error"),
        (_differs, "violates schema"),
        (_speaks_otherwise, "Undocumented Content-Type"),
        (_hides_a_status, "Undocumented status code"),
        (_takes_anything, "Schema-violating request accepted"),
    ],
)
def test_what_does_not_keep_to_it_is_found(area: Any, told: str) -> None:
    app: FastAPI = app_parts.application([area])
    sessions = SessionsDouble()
    app.state.guard.sessions = RoleSessions(sessions.visitors)
    with asyncio.Runner() as runner:
        contract = Contract(app, app.state.guard, sessions.visitors, runner, described(app))
        contract.try_out(contract.operations["POST /api/sample"])
    assert any(told in one for one in contract.wrong), list(contract.wrong)


@contextmanager
def _opened(runner: asyncio.Runner, migrated: Path | str, folder: Path) -> Iterator[WholePages]:
    opening = whole_pages(migrated, folder)
    yield runner.run(_entered(opening))
    runner.run(_left(opening))


async def _entered(opening: Any) -> WholePages:
    world: WholePages = await opening.__aenter__()
    return world


async def _left(opening: Any) -> None:
    await opening.__aexit__(None, None, None)
