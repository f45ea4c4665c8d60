"""Answers of the API."""

import msgspec
from fastapi import Response


def answer_json(content: object, status: int = 200) -> Response:
    """Return an answer with a JSON body."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")
