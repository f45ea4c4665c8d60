"""The command line's way to the running service: the floor's API on loopback, with the secrets' token."""

import getpass
import http
import http.client
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from acd.requests import Request
from service.settings import Settings
from service.web_trust import web_trust
from web.floor_requests import written_request

TOKEN_FILE = "floor_token"  # noqa: S105 - the name of the file
AREA = "/api/floor"
TIMEOUT = 10.0  # seconds; the feed tells something at least this often
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on, so reached by loopback

Row = dict[str, Any]


class FloorUnreachable(Exception):
    """The service cannot be asked. The message names what is wrong and the remedy."""


class NotGranted(Exception):
    """The service refused. `word`: the refusal's name, if it has one; the message is for the user."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word


class FloorClient:
    """Asks the running service. Blocking."""

    def __init__(self, settings: Settings) -> None:
        """Raises FloorUnreachable when the token cannot be read."""
        self._language = settings.language
        self._host = EVERYWHERE.get(settings.web_host, settings.web_host)
        self._port = settings.web_port
        path = settings.secrets_folder / TOKEN_FILE
        try:
            self._token = path.read_text(encoding="ascii").strip()
            self._trust = web_trust(settings)
        except OSError as error:
            raise FloorUnreachable(
                f"{error.filename or path}: cannot be read ({error.strerror}). "
                "Remedy: start the service once (make run), as this user"
            ) from error

    def request(self, request: Request) -> Row | None:
        """Make a request in the name of this machine's user; return the agent's state after it.

        Raises NotGranted, FloorUnreachable.
        """
        answer = self.post("requests", {**written_request(request), "by": user()})
        agent: Row | None = answer["agent"]
        return agent

    def rows(self, name: str) -> list[Row]:
        """Return a list of the API: agents, queues, talks, accounts."""
        rows: list[Row] = self._ask("GET", name)[name]
        return rows

    def lending(self) -> str:
        """Return what inbound lends to outbound work, and why."""
        return str(self._ask("GET", "blending")["text"])

    def explain(self, call_id: str) -> Row:
        """Return why a call is where it is. Raises NotGranted: it is not in the room."""
        return self._ask("GET", f"explain/{call_id}")

    def description(self) -> Row:
        """Return the description of the whole API (OpenAPI)."""
        return self._ask("GET", "openapi.json", area="/api")

    def post(self, name: str, body: Mapping[str, object]) -> Row:
        """Send a body. Raises NotGranted, FloorUnreachable."""
        return self._ask("POST", name, json.dumps(body).encode())

    def changes(self) -> Iterator[None]:
        """Yield at once, and whenever something changed on the floor."""
        connection = self._connection(timeout=3 * TIMEOUT)
        try:
            answer = self._sent(connection, "GET", f"{AREA}/events", None)
            self._check(answer.status, b"")
            while line := answer.readline():
                if line.startswith(b"data:"):
                    yield
        except (OSError, http.client.HTTPException) as error:
            raise self._away(error) from error
        finally:
            connection.close()
        raise FloorUnreachable("The service ended.")

    def _ask(self, method: str, name: str, body: bytes | None = None, area: str = AREA) -> Row:
        connection = self._connection(TIMEOUT)
        try:
            answer = self._sent(connection, method, f"{area}/{name}", body)
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._away(error) from error
        finally:
            connection.close()
        self._check(status, content)
        found: Row = json.loads(content)
        return found

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        if self._trust is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=self._trust)

    def _sent(
        self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None
    ) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        return connection.getresponse()

    def _away(self, error: Exception) -> FloorUnreachable:
        return FloorUnreachable(
            f"The service does not answer at {self._host}:{self._port} ({error}). "
            "Remedy: start it (make run), or name its installation with KRING_HOME and KRING_PORT_OFFSET"
        )

    def _check(self, status: int, content: bytes) -> None:
        if status == http.HTTPStatus.OK:
            return
        if status == http.HTTPStatus.UNAUTHORIZED:
            raise FloorUnreachable(
                "The service knows another token than the one in the secrets folder. "
                "Remedy: restart the service"
            )
        try:
            found = json.loads(content)
        except ValueError:
            found = {}
        own = found.get("message") if found.get("refused") and self._language == "id" else None
        fields = "; ".join(f"{one['field']}: {one['problem']}" for one in found.get("fields", ()))
        text = own or fields or found.get("error") or found.get("detail")
        raise NotGranted(
            str(found.get("refused", "")), str(text or f"The service answered with status {status}.")
        )


def user() -> str:
    """Return who is at the keyboard, also behind sudo, in the form the record takes."""
    name = os.environ.get("SUDO_USER") or getpass.getuser()
    return re.sub(r"[^\w.@-]", "_", name)[:40] or "unknown"
