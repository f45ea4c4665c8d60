"""One process with pjsua2 in it, and the calls it carries."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from service.phone.calls import PhoneCall
from service.phone.protocol import LINES

START_SECONDS = 15.0
STOP_SECONDS = 5.0
READ_LIMIT = 1 << 20  # bytes; an audio line has about 1 kB
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Login:
    """With what a phone registers."""

    registrar: str  # host:port
    user: str
    secret: str = field(repr=False)


def _unheeded(_event: dict[str, Any]) -> None:
    """Nobody heeds it."""


class PhoneUnusable(Exception):
    """The test telephone cannot start; the message says why and what to do."""


class Handset:
    """A running telephone process. pjsua2's own build limit makes it carry LINES calls at most."""

    def __init__(
        self, process: asyncio.subprocess.Process, told: Callable[[dict[str, Any]], None] = _unheeded
    ) -> None:
        self._process = process
        self._told = told
        self._calls: dict[int, PhoneCall] = {}
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read())
        self.address = ""  # host:port of its SIP socket

    @classmethod
    async def start(
        cls,
        log: Path | None,
        login: Login | None = None,
        told: Callable[[dict[str, Any]], None] = _unheeded,
        port: int = 0,
    ) -> Handset:
        """Start a process and wait until its SIP socket is open. Raises PhoneUnusable.

        With a `login` it registers and takes calls; `told` gets the events `registered` and `rings`. Without
        one it takes calls to any number that reach its SIP socket (UDP `port` on loopback; 0: any).
        """
        with (log or Path("/dev/null")).open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "service.phone.process"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                limit=READ_LIMIT,
                start_new_session=True,  # Ctrl-C is for the parent, which then hangs up in order
            )
        handset = cls(process, told)
        start = {"do": "start", "port": port, "log_level": 5 if log else 0}
        handset._send({**start, **(asdict(login) if login else {})})
        try:
            handset.address = await asyncio.wait_for(handset._ready, START_SECONDS)
        except TimeoutError:
            await handset.stop()
            raise PhoneUnusable(f"the test telephone did not start within {START_SECONDS:.0f} s") from None
        except PhoneUnusable:
            await handset.stop()
            raise
        return handset

    def has_room(self) -> bool:
        """Whether another call can be placed from here."""
        return len(self._calls) < LINES and self._process.returncode is None

    def place(self, key: int, call: PhoneCall, uri: str, caller: str, listens: bool) -> None:
        """Dial `uri` for a call; `caller` is its From address."""
        self._calls[key] = call
        self._send({"do": "call", "call": key, "uri": uri, "caller": caller, "listens": listens})

    def take(self, key: int, call: PhoneCall) -> None:
        """Tell a call that rings here what becomes of it."""
        self._calls[key] = call

    def sign_off(self) -> None:
        """Take the registration back."""
        self._send({"do": "sign_off"})

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal: SIGKILL is a phone without power, SIGSTOP one without network."""
        if self._process.returncode is None:
            self._process.send_signal(number)

    def sender(self, key: int) -> Callable[..., None]:
        """Return the function by which a call commands its line."""

        def send(do: str, **fields: object) -> None:
            self._send({"do": do, "call": key, **fields})

        return send

    async def stop(self) -> None:
        """Hang up what is left and end the process."""
        self._send({"do": "stop"})
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reader

    def _send(self, command: dict[str, object]) -> None:
        pipe = self._process.stdin
        if pipe is not None and not pipe.is_closing():
            pipe.write(json.dumps(command).encode() + b"\n")

    async def _read(self) -> None:
        pipe = self._process.stdout
        while pipe is not None and (line := await pipe.readline()):
            self._take(json.loads(line))
        self._refuse("the test telephone's process ended; start Telephone with log=… to see why")
        for call in self._calls.values():
            call.lost()
        self._calls.clear()

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "ready":
            if not self._ready.done():
                self._ready.set_result(event["address"])
        elif event["event"] == "unusable":
            self._refuse(event["why"])
        elif event["event"] in ("registered", "rings"):
            self._told(event)
        elif event["call"] in self._calls:
            call = self._calls[event["call"]]
            _tell(call, event)
            if call.ended is not None:
                del self._calls[event["call"]]

    def _refuse(self, why: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(PhoneUnusable(why))


def _tell(call: PhoneCall, event: dict[str, Any]) -> None:
    at = event.get("at", 0.0)
    match event["event"]:
        case "answered":
            call.was_answered(at)
        case "pressed":
            call.key_sent(at)
        case "audio":
            call.received(base64.b64decode(event["pcm"]), at)
        case "ended":
            call.has_ended(at, event["status"], event["reason"], event["by"])
        case "failed":
            call.failed(event["doing"], event["why"])
