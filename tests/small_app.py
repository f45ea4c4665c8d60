"""A few lines of ARI: an application that notes who enters, without the typed client."""

import asyncio
import base64
import json
import os
from typing import Any, Self
from urllib.parse import quote

import httpx

from asterisk_conf.settings import APPLICATION
from tests.real_asterisk import RealAsterisk


class SmallApp:
    """Registers an application on ARI's event socket; `calls` gets every StasisStart."""

    def __init__(self, asterisk: RealAsterisk, name: str = APPLICATION) -> None:
        self._asterisk = asterisk
        self._name = name
        self.calls: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._http = httpx.AsyncClient(base_url=asterisk.url, auth=(asterisk.user, asterisk.password))
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        port = self._asterisk.settings.ari_port
        reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        key = quote(f"{self._asterisk.user}:{self._asterisk.password}")
        self._writer.write(
            f"GET /ari/events?app={self._name}&api_key={key} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n")[0]
        self._reading = asyncio.create_task(self._read(reader))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._reading is not None
        assert self._writer is not None
        self._reading.cancel()
        self._writer.close()
        await self._http.aclose()

    async def next_call(self, within: float = 20.0) -> dict[str, Any]:
        """Return the next StasisStart."""
        async with asyncio.timeout(within):
            return await self.calls.get()

    async def command(self, method: str, path: str, **query: str) -> int:
        """Send an ARI request; return its status code."""
        return (await self._http.request(method, path, params=query)).status_code

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            first, length = await reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await reader.readexactly(2), "big")
            payload = await reader.readexactly(length)
            if first & 0x0F == 1:
                event = json.loads(payload)
                if event["type"] == "StasisStart":
                    self.calls.put_nowait(event)
