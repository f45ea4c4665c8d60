"""Answers of the API."""

from collections.abc import AsyncIterator

import msgspec
from fastapi import Response
from fastapi.responses import StreamingResponse


def answer_json(content: object, status: int = 200) -> Response:
    """Return an answer with a JSON body."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def answer_events(messages: AsyncIterator[bytes]) -> StreamingResponse:
    """Return server-sent events, each passed on at once by whatever proxy is between."""
    return StreamingResponse(messages, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
