"""A few lines of SIP over a secure WebSocket (RFC 7118): what a browser's phone does, without sound."""

import asyncio
import base64
import hashlib
import os
import re
import secrets
import ssl
from pathlib import Path
from typing import Self

_TEXT = 0x81  # a whole text message


class SmallBrowser:
    """Connects, registers, and shows the calls that are offered. It trusts `certificate` alone."""

    def __init__(self, host: str, port: int, certificate: Path, user: str, secret: str) -> None:
        self._host, self._port = host, port
        self._trust = ssl.create_default_context(cafile=certificate)
        self._user, self._secret = user, secret
        self._contact = f"<sip:{user}@browser.invalid;transport=ws>;+sip.ice"
        self._tag, self._call = secrets.token_hex(4), secrets.token_hex(8)
        self._sequence = 0
        self._responses: asyncio.Queue[str] = asyncio.Queue()
        self._invites: asyncio.Queue[str] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port, ssl=self._trust)
        key = base64.b64encode(os.urandom(16)).decode()
        self._writer.write(
            f"GET /ws HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: sip\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head.split(b"\r\n")[0], head
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        self._writer.close()  # as a closed tab: no un-REGISTER

    async def register(self) -> int:
        """Register with digest; return the last status."""
        await self._send_register("")
        challenge = await self._response()
        if (status := _status(challenge)) != 401:
            return status
        await self._send_register(self._authorization(challenge))
        return _status(await self._response())

    async def next_invite(self, within: float = 20.0) -> str:
        """Wait for an INVITE, say busy, and return the INVITE."""
        async with asyncio.timeout(within):
            invite = await self._invites.get()
        await self._answer(invite, "486 Busy Here")
        return invite

    async def _send_register(self, authorization: str) -> None:
        self._sequence += 1
        await self._send(
            f"REGISTER sip:{self._host} SIP/2.0\r\n"
            f"Via: SIP/2.0/WSS browser.invalid;branch=z9hG4bK{secrets.token_hex(6)}\r\n"
            f"From: <sip:{self._user}@{self._host}>;tag={self._tag}\r\n"
            f"To: <sip:{self._user}@{self._host}>\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {self._sequence} REGISTER\r\nContact: {self._contact}\r\n"
            f"Max-Forwards: 70\r\nExpires: 60\r\n{authorization}Content-Length: 0\r\n\r\n"
        )

    def _authorization(self, challenge: str) -> str:
        header = re.search(r"^WWW-Authenticate: Digest (.*)\r$", challenge, re.MULTILINE)
        assert header is not None, challenge
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', header[1]))
        uri, count, nonce = f"sip:{self._host}", "00000001", secrets.token_hex(8)
        one = _md5(f"{self._user}:{asked['realm']}:{self._secret}")
        answer = _md5(f"{one}:{asked['nonce']}:{count}:{nonce}:auth:{_md5(f'REGISTER:{uri}')}")
        opaque = f', opaque="{asked["opaque"]}"' if "opaque" in asked else ""
        return (
            f'Authorization: Digest username="{self._user}", realm="{asked["realm"]}", '
            f'nonce="{asked["nonce"]}", uri="{uri}", response="{answer}", algorithm=MD5, '
            f'qop=auth, nc={count}, cnonce="{nonce}"{opaque}\r\n'
        )

    async def _response(self) -> str:
        async with asyncio.timeout(20):
            return await self._responses.get()

    async def _answer(self, request: str, status: str) -> None:
        kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): .*)\r$", request, re.MULTILINE)
        tagged = [line + (f";tag={self._tag}" if line.startswith("To:") else "") for line in kept]
        await self._send("\r\n".join([f"SIP/2.0 {status}", *tagged, "Content-Length: 0"]) + "\r\n\r\n")

    async def _send(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self._writer.write(bytes([_TEXT]) + length + mask + masked)
        await self._writer.drain()

    async def _read(self) -> None:
        while True:
            first, length = await self._reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self._reader.readexactly(2), "big")
            payload = await self._reader.readexactly(length)
            if first & 0x0F not in (1, 2):
                continue
            message = payload.decode()
            if message.startswith("SIP/2.0"):
                self._responses.put_nowait(message)
            elif message.startswith("INVITE"):
                self._invites.put_nowait(message)
            elif not message.startswith("ACK"):
                await self._answer(message, "200 OK")  # OPTIONS: is anybody there?


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _status(message: str) -> int:
    return int(message.split()[1])
