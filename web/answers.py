"""Answers of the API."""

import msgspec
from fastapi import Response


def answer_json(content: object, status: int = 200) -> Response:
    """Return an answer with a JSON body."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def unauthorized() -> Response:
    """Return the answer to whoever has no valid token."""
    response = answer_json(
        {"error": "no valid token; the command line reads it from the secrets folder"}, 401
    )
    response.headers["WWW-Authenticate"] = "Bearer"
    return response
