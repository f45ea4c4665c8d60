"""Routes with permissions."""

from fastapi import Request
from fastapi.responses import JSONResponse

from tests.web.page_parts import CSRF, page_app
from web.guard import SignInNeeded, visitor_of
from web.parts import Shared
from web.permissions import Permission


def _routes(shared: Shared) -> None:
    @shared.guard.get("/api/open", Permission.PUBLIC)
    async def everybody() -> dict[str, str]:
        return {"answer": "everybody"}

    @shared.guard.get("/api/desk", Permission.DESK_USE)
    async def desk(request: Request) -> dict[str, str]:
        return {"number": visitor_of(request).staff.number}

    @shared.guard.post("/api/line", Permission.LINE_SWITCH)
    async def line() -> dict[str, str]:
        return {"answer": "switched"}

    @shared.guard.app.exception_handler(SignInNeeded)
    async def nobody(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({"error": "sign in"}, 401)


async def test_only_who_has_the_permission_gets_in() -> None:
    parts = page_app([_routes])
    async with parts.client("agent") as agent, parts.client("nobody") as stranger:
        assert (await stranger.get("/api/open")).json() == {"answer": "everybody"}
        assert (await stranger.get("/api/desk")).status_code == 401
        assert (await agent.get("/api/desk")).json() == {"number": "90000001"}
        assert (await agent.post("/api/line")).status_code == 403


async def test_a_change_needs_the_sessions_token_and_this_origin() -> None:
    parts = page_app([_routes])
    async with parts.client("supervisor") as client:
        assert (await client.post("/api/line")).json() == {"answer": "switched"}
        assert (await client.post("/api/line", headers={"x-csrf-token": "guess"})).status_code == 403
        foreign = {"origin": "http://elsewhere.example", "x-csrf-token": CSRF}
        assert (await client.post("/api/line", headers=foreign)).status_code == 403
        own = {"origin": "http://127.0.0.1:8080", "sec-fetch-site": "same-origin"}
        assert (await client.post("/api/line", headers=own)).status_code == 200
        cross = {"sec-fetch-site": "cross-site"}
        assert (await client.post("/api/line", headers=cross)).status_code == 403
