"""Whether whoever holds a stream open still may: asked again while it is open."""

from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from tests.web.page_parts import page_app
from web.guard import SESSION_COOKIE, Guard
from web.permissions import Permission
from web.visitor import SessionsUnavailable, Visitor


def _open(cookie: str) -> HTTPConnection:
    headers = [(b"cookie", f"{SESSION_COOKIE}={cookie}".encode())]
    return HTTPConnection({"type": "http", "headers": headers, "state": {}})


@pytest.mark.parametrize(
    ("cookie", "permission", "still"),
    [
        ("agent", Permission.DESK_USE, True),
        ("agent", Permission.FLOOR_SUPERVISE, False),  # the role was taken
        ("nobody", Permission.DESK_USE, False),
        ("new", Permission.DESK_USE, False),  # somebody else gave a new password meanwhile
    ],
)
async def test_a_stream_goes_on_for_those_who_still_may(
    cookie: str, permission: Permission, still: bool
) -> None:
    parts = page_app([])
    parts.sessions.visitors["new"] = replace(parts.sessions.visitors["agent"], must_change=True)
    assert await parts.shared.guard.still_admits(_open(cookie), permission) is still


async def test_a_stream_outlasts_sign_ins_that_cannot_be_checked() -> None:
    class Away:
        async def visitor(self, cookie: str, browser: str = "") -> Visitor | None:
            raise SessionsUnavailable

    assert await Guard(FastAPI(), Away()).still_admits(_open("agent"), Permission.DESK_USE)
