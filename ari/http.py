"""ARI over plain HTTP, for what the WebSocket cannot carry: binary answers and oversize requests."""

import asyncio
from urllib.parse import quote, urlsplit

import h11
import msgspec

from ari.endpoint import Endpoint
from ari.request import QueryParameter

MAX_BODY = 40_960  # bytes; Asterisk refuses more
_CHUNK = 65_536


def body_of(query: list[QueryParameter], content: object) -> bytes:
    """Return query parameters and content as one JSON body: Asterisk takes both from there.

    In the address they would end up in logs.
    """
    merged: dict[str, object] = {parameter.name: parameter.value for parameter in query}
    if isinstance(content, dict):
        merged |= content
    return msgspec.json.encode(merged) if merged else b""


async def exchange(
    endpoint: Endpoint, method: str, uri: str, query: list[QueryParameter], content: object
) -> tuple[int, str, bytes]:
    """Send one request on a connection of its own; return status, reason and body.

    Raises OSError when there is no connection or it is lost, h11.RemoteProtocolError for an answer
    that is not HTTP.
    """
    parts = urlsplit(endpoint.base)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    target = f"{parts.path}/{uri}"
    body = b""
    if method == "GET":
        target += "".join(f"{'&' if i else '?'}{quote(p.name)}={quote(p.value)}" for i, p in enumerate(query))
    else:
        body = body_of(query, content)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
    try:
        headers = {"Host": parts.netloc, "Connection": "close", **endpoint.headers()}
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        http = h11.Connection(h11.CLIENT)
        request = h11.Request(method=method, target=target, headers=list(headers.items()))
        out = [http.send(request), http.send(h11.Data(data=body)), http.send(h11.EndOfMessage())]
        writer.write(b"".join(part for part in out if part))
        await writer.drain()
        return await _answer(http, reader)
    finally:
        writer.close()


async def _answer(http: h11.Connection, reader: asyncio.StreamReader) -> tuple[int, str, bytes]:
    status, reason, data = 0, "", bytearray()
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            status, reason = event.status_code, event.reason.decode("latin-1")
        elif isinstance(event, h11.Data):
            data += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, reason, bytes(data)
        else:
            raise ConnectionError("Asterisk closed the connection before it had answered")
