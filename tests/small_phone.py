"""A few lines of SIP over UDP: enough to dial, to see every answer on the wire, and to hear tones."""

import asyncio
import re
import secrets
from typing import Self

from tests.mailbox import Mailbox


class SmallPhone:
    """Dials one number and records what comes back: SIP status codes and A-law audio."""

    def __init__(
        self, target: str, number: str, source: str = "127.0.0.1", from_user: str = "tester"
    ) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._number = number
        self._source = source
        self._from_user = from_user
        self._sip = Mailbox()
        self._audio = Mailbox()
        self._to = f"<sip:{number}@{target}>"
        self._call = secrets.token_hex(8)
        self.codes: list[int] = []

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        for box in (self._sip, self._audio):
            await loop.create_datagram_endpoint(lambda box=box: box, local_addr=(self._source, 0))  # type: ignore[misc]
        return self

    async def __aexit__(self, *_: object) -> None:
        if 200 in self.codes:
            self._send("BYE", 2)
            await asyncio.sleep(0.05)
        for box in (self._sip, self._audio):
            box.transport.close()

    async def dial(self, within: float = 20.0) -> int:
        """Send INVITE; return the final status code."""
        self._send("INVITE", 1, self._sdp())
        async with asyncio.timeout(within):
            while True:
                text = (await self._sip.queue.get()).decode()
                found = re.match(r"SIP/2\.0 (\d+)", text)
                if found is None or "INVITE" not in text:
                    continue
                self.codes.append(int(found[1]))
                if self.codes[-1] >= 200:
                    self._to = re.search(r"^To: (.*)\r$", text, re.MULTILINE)[1]  # type: ignore[index]
                    self._send("ACK", 1)
                    return self.codes[-1]

    async def hung_up(self, within: float = 20.0) -> bool:
        """Tell whether Asterisk sends BYE in time."""
        try:
            async with asyncio.timeout(within):
                while True:
                    if (await self._sip.queue.get()).startswith(b"BYE"):
                        return True
        except TimeoutError:
            return False

    async def hears(self, hertz: float, within: float = 20.0) -> bool:
        """Tell whether 100 ms of a tone of this frequency arrive in time; earlier sound is gone."""
        return await self._audio.hears(hertz, within)

    def _send(self, method: str, cseq: int, body: str = "") -> None:
        local = f"{self._source}:{self._sip.port}"
        lines = [
            f"{method} sip:{self._number}@{self._target[0]}:{self._target[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {local};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f"From: <sip:{self._from_user}@{local}>;tag={self._call}",
            f"To: {self._to}",
            f"Call-ID: {self._call}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:{self._from_user}@{local}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._target)

    def _sdp(self) -> str:
        return self._audio.describe(self._source)
