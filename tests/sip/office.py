"""People of the office as the API knows them: each signs in with user name and password."""

from __future__ import annotations

import json
import time
from typing import Any, Self

import httpx

from service.floor_client import FloorClient
from service.phone.handset import Login
from tests.sip.installation import Installation
from web.guard import CSRF_HEADER, SESSION_COOKIE
from web.sign_in_sessions import csrf_of


class Clerk:
    """Somebody signed in."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    async def signs_in(cls, installation: Installation, user_name: str, password: str) -> Self:
        """Sign in with a password that need not be changed."""
        address = f"http://127.0.0.1:{installation.settings.web_port}"
        clerk = cls(httpx.AsyncClient(base_url=address, timeout=30))
        await clerk.posts("/api/sign-in", {"user_name": user_name, "password": password})
        return clerk

    async def gets(self, path: str) -> Any:
        """Ask for something."""
        return self._granted(await self._client.get(path))

    async def posts(self, path: str, body: Any = None) -> Any:
        """Do something."""
        return self._granted(await self._client.post(path, json=body, headers=self._token()))

    async def changes(self, path: str, body: Any) -> Any:
        """Put something in another's place."""
        return self._granted(await self._client.put(path, json=body, headers=self._token()))

    async def asks(self, path: str, **headers: str) -> httpx.Response:
        """Ask for something; return the answer, whatever it is."""
        return await self._client.get(path, headers=headers)

    async def puts(self, path: str, content: bytes) -> Any:
        """Send a file's bytes."""
        return self._granted(await self._client.put(path, content=content, headers=self._token()))

    async def is_refused(self, path: str) -> int:
        """Try to do something that is refused; return the status."""
        answer = await self._client.post(path, headers=self._token())
        assert 400 <= answer.status_code < 500, answer.text
        return answer.status_code

    async def leaves(self) -> None:
        """Close the browser."""
        await self._client.aclose()

    def _token(self) -> dict[str, str]:
        cookie = self._client.cookies.get(SESSION_COOKIE)
        return {CSRF_HEADER: csrf_of(cookie)} if cookie else {}

    def _granted(self, answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def demo_passwords(installation: Installation, agent: str, within: float) -> dict[str, str]:
    """Make the made-up people, and wait until the floor knows one of the agents; return their passwords."""
    made = [json.loads(line) for line in installation.kring("staff", "demo", "--json").splitlines()]
    floor = FloorClient(installation.settings)
    deadline = time.monotonic() + within
    while agent not in {row["agent"] for row in floor.rows("agents")}:
        assert time.monotonic() < deadline, "the service does not know the agent"
        time.sleep(0.1)
    return {one["user_name"]: one["password"] for one in made}


def login_of(installation: Installation, agent: str) -> Login:
    """Make a desk phone's account for an agent."""
    told: dict[str, Any] = json.loads(installation.kring("agent", "account", "create", agent, "--json"))
    return Login(installation.sip, told["account"], told["secret"])
