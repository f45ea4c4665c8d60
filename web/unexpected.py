"""Catches what no handler foresaw, before the server would print it with the values it quotes."""

import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_FRAMES = 6  # of the traceback, the innermost
_HOME = Path(__file__).parent.parent

Answer = Callable[[Request, Exception, str], Awaitable[Response]]


class Unexpected:
    """Answers an exception with `answer(request, exception, where)`; where: files, lines and functions."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._make_answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as exception:  # noqa: BLE001 (that is what it is for; it is logged by `answer`)
            response = await self._make_answer(Request(scope, receive), exception, _where(exception))
            if not begun:  # otherwise the server closes the connection: the answer is cut, and seen to be
                await response(scope, receive, send)


def _where(exception: Exception) -> str:
    frames = traceback.extract_tb(exception.__traceback__)[-_FRAMES:]
    return " > ".join(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(_HOME)) if path.is_relative_to(_HOME) else "/".join(path.parts[-2:])
