"""Writes docs/api.md out of the API's description: every operation, who may ask, what it does."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.staff import Reach, StaffRole
from web.guard import PERMISSION_KEY
from web.permissions import ROLES, Permission

_HEAD = """# The API

Generated from the application's own description; written anew by `kring api describe > docs/api.md` while
the service runs. The whole of it, with every field, is `GET /api/openapi.json` (OpenAPI 3.1) for who is
signed in, and `kring api describe --json`.

- **Who asks.** Programs on this machine send `Authorization: Bearer` with the token in `secrets/floor_token`.
  Browsers have the session's cookie; each change brings the session's token in `X-CSRF-Token`.
- **Who may.** Each operation needs one permission; the [table](#permissions) below says which role has it and
  how far it reaches. Below `/api/calls/{call_id}` the call must be, or have been, within that reach.
- **Bodies** are JSON. Asked with `HX-Request: true`, an operation answers with the piece of page that shows
  the same.
- **Errors** have the shape `ErrorBody`: `error` in English for programs, `message` in the reader's language,
  `fields` with what to correct; never what was sent. 401: sign in; 403: not yours; 404: unknown; 409: not in
  this state; 410: gone, or a link that is used up; 413: too large; 422: fields; 429: too often; 503: cannot
  be told or kept now, nothing was done.
- `GET /api/floor/events` and `GET /api/desk/events` are streams of server-sent events. SIP over WebSockets is
  spoken at `/sip` (subprotocol `sip`), with the permission `desk_use`.
"""


def document(description: Mapping[str, Any]) -> str:
    """Return docs/api.md for a description (OpenAPI, as a `web.guard.Guard` makes it)."""
    return "\n".join([_HEAD, *_operations(description), *_permissions()])


def _operations(description: Mapping[str, Any]) -> Iterator[str]:
    areas: dict[str, list[str]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            row = (
                f"| `{method.upper()} {path}` | {operation[PERMISSION_KEY]} "
                f"| {_one_line(operation['description'])} |"
            )
            areas.setdefault(operation["tags"][0], []).append(row)
    for area, rows in sorted(areas.items()):
        yield f"## {area.capitalize()}\n\n| operation | permission | what it does |\n|---|---|---|"
        yield from rows
        yield ""


def _permissions() -> Iterator[str]:
    yield "## Permissions\n\n`public` is for everybody, `signed_in` for whoever is signed in.\n"
    yield "| permission | " + " | ".join(role.value for role in StaffRole) + " |"
    yield "|---|" + "---|" * len(StaffRole)
    for permission in Permission:
        if permission not in (Permission.PUBLIC, Permission.SIGNED_IN):
            reaches = (_reach(ROLES[role].get(permission)) for role in StaffRole)
            yield f"| {permission.value} | " + " | ".join(reaches) + " |"
    yield ""


def _reach(reach: Reach | None) -> str:
    return "" if reach is None else reach.value


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
