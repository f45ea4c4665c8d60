"""What goes around every answer: headers that tell the browser what these pages never do."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Scripts, styles and pictures come from here alone, nothing is inline, nobody frames these pages.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self' blob:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class Shell:
    """Adds the headers; a file that may be kept says so itself, everything else is not kept."""

    def __init__(self, app: ASGIApp, strict_transport: bool = False) -> None:
        """`strict_transport`: browsers are to come by HTTPS only, for good (RFC 6797)."""
        self._app = app
        self._strict = strict_transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope, self._strict)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                mine = MutableHeaders(scope=message)
                for name, value in headers.items():
                    mine.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, dressed)


def _headers(scope: Scope, strict: bool) -> dict[str, str]:
    found = {**_ALWAYS, "Cache-Control": "no-store"}
    if strict and scope.get("scheme") == "https":
        found["Strict-Transport-Security"] = "max-age=31536000"
    return found
