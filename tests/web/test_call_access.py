"""Who may touch a call."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fastapi import Request

from desk.access import AssignmentsUnavailable, Handling
from domain.staff import StaffRole
from tests.web.page_parts import CALL, OTHER_CALL, OWN, page_app, visitor
from web.call_access import check_call
from web.parts import Shared
from web.permissions import Permission


def _routes(shared: Shared) -> None:
    @shared.guard.get("/api/calls/{call_id}/seen", Permission.CALL_VIEW)
    async def seen(request: Request, call_id: str) -> dict[str, str]:
        return {"by": (await check_call(shared, request, call_id, Permission.CALL_VIEW)).staff.number}

    @shared.guard.get("/api/calls/{call_id}/proved", Permission.CALL_PROVE)
    async def proved(request: Request, call_id: str) -> dict[str, str]:
        found = await check_call(shared, request, call_id, Permission.CALL_PROVE, live=True)
        return {"by": found.staff.number}


@pytest.mark.parametrize(
    ("role", "call", "status"),
    [
        ("agent", CALL, 200),
        ("agent", OTHER_CALL, 403),
        ("team_leader", CALL, 200),
        ("team_leader", OTHER_CALL, 403),
        ("supervisor", OTHER_CALL, 200),
        ("quality", OTHER_CALL, 200),
        ("administrator", CALL, 403),
        ("supervisor", "e" * 32, 404),
        ("agent", "e" * 32, 404),
        ("supervisor", "a%00b", 404),
        ("supervisor", "c" * 65, 404),
    ],
)
async def test_a_call_is_for_those_whose_reach_covers_its_agent(role: str, call: str, status: int) -> None:
    async with page_app([_routes]).client(role) as client:
        assert (await client.get(f"/api/calls/{call}/seen")).status_code == status


async def test_who_has_no_number_has_no_call() -> None:
    parts = page_app([_routes])
    parts.sessions.visitors["trainee"] = visitor(StaffRole.AGENT, "")
    parts.assignments.calls[CALL].append(Handling("", "alfa", live=True))
    async with parts.client("trainee") as client:
        assert (await client.get(f"/api/calls/{CALL}/seen")).status_code == 403


async def test_what_needs_a_live_call_is_refused_once_it_is_over() -> None:
    parts = page_app([_routes])
    async with parts.client() as client:
        assert (await client.get(f"/api/calls/{CALL}/proved")).status_code == 200
        parts.assignments.calls[CALL] = [Handling(OWN, "alfa", live=False), Handling("x", "beta", live=True)]
        assert (await client.get(f"/api/calls/{CALL}/proved")).status_code == 409
        assert (await client.get(f"/api/calls/{CALL}/seen")).status_code == 200


class _Unavailable:
    async def handlings(self, call_id: str) -> Sequence[Handling]:
        raise AssignmentsUnavailable


async def test_nothing_is_shown_while_it_cannot_be_told() -> None:
    parts = page_app([lambda shared: _routes(replace(shared, assignments=_Unavailable()))])
    async with parts.client() as client:
        assert (await client.get(f"/api/calls/{CALL}/seen")).status_code == 503
