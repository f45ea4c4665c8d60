"""Asterisk's manager interface (AMI) by pyst2, in a worker thread.

For what ARI cannot do: reload, move callers whose application is gone, read Asterisk's own counters, record
both sides of a leg into two files.
"""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from asterisk import manager as pyst2

from asterisk_conf.settings import AMI_USER, APPLICATION, LIMIT_VARIABLE, AsteriskSettings

Result = TypeVar("Result")

_DEADLINE = 5.0
# Callers stand in one of these when the service has them; an agent's leg never does.
_CALLER_CONTEXTS = ("from-trunk", "kring-hold")
_ORPHAN_CONTEXT = "kring-orphans"
MONITOR = "KRING_RECORDING"  # the channel variable that keeps the id of its recording in Asterisk


class AmiUnavailable(Exception):
    """AMI does not answer, or not within the deadline."""


class AmiRefused(Exception):
    """AMI answered with an error; the text is Asterisk's own."""


@dataclass(frozen=True, slots=True)
class CoreStatus:
    """Asterisk's own counters."""

    calls: int  # calls inside now
    reloaded: str  # when the configuration was last read: Asterisk's own text, local time


class Ami:
    """One AMI connection, made at the first use and again after it was lost.

    Actions run one after the other; each ends within `deadline` seconds or raises AmiUnavailable.
    """

    def __init__(self, settings: AsteriskSettings, deadline: float = _DEADLINE) -> None:
        self._settings = settings
        self._deadline = deadline
        self._manager: Any = None
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ami")

    async def status(self) -> CoreStatus:
        """Return Asterisk's counters."""
        answer = await self._perform(lambda: self._action("CoreStatus"))
        return CoreStatus(
            int(answer["CoreCurrentCalls"]), f"{answer['CoreReloadDate']} {answer['CoreReloadTime']}"
        )

    async def reload(self) -> None:
        """Let Asterisk read its configuration anew; calls go on."""
        await self._perform(lambda: self._action("Reload"))

    async def set_global(self, name: str, value: str) -> None:
        """Set a global variable of the dialplan, e.g. `KRING_LIMIT`."""
        await self._perform(lambda: self._action("Setvar", Variable=name, Value=value))

    async def redirect_orphans(self) -> int:
        """Move every caller whom the dead service had into the dialplan's hold, but for those in a talk.

        Return how many. They hear an apology, then music, and are handed to the application again
        (`orphan` is then its first argument) as soon as it is back. What the dead service had throttled
        is opened again.
        """
        return await self._perform(self._redirect_orphans)

    async def hang_up(self, channel_id: str) -> None:
        """Hang up a channel by its id; one that is gone is no failure."""

        def work() -> None:
            # AmiRefused: no such channel.
            with contextlib.suppress(AmiRefused):
                self._action("Hangup", Channel=channel_id)

        await self._perform(work)

    async def record(self, channel_id: str, says: Path, hears: Path) -> None:
        """Write what a leg says and hears into two WAV files, until it is hung up or `stop_recording`.

        Both grow alike: where one direction is silent, MixMonitor writes silence (its option `n` would not).
        Bridges, music and the death of this process do not end it. Raises AmiRefused: no such leg.
        """
        options = f"r({says})t({hears})i({MONITOR})"
        await self._perform(lambda: self._action("MixMonitor", Channel=channel_id, Options=options))

    async def stop_recording(self, channel_id: str) -> None:
        """End the recording of a leg; one that is gone has ended it. The files are closed shortly after."""

        def work() -> None:
            # AmiRefused: no such leg, or nothing is recorded.
            with contextlib.suppress(AmiRefused):
                monitor = self._action("Getvar", Channel=channel_id, Variable=MONITOR).get("Value", "")
                if monitor:
                    self._action("StopMixMonitor", Channel=channel_id, MixMonitorID=monitor)

        await self._perform(work)

    async def mute_recording(self, channel_id: str, *, on: bool) -> None:
        """Let both files of a leg's recording grow by silence, or by sound again. Raises AmiRefused."""
        state = "1" if on else "0"
        await self._perform(
            lambda: self._action("MixMonitorMute", Channel=channel_id, Direction="both", State=state)
        )

    async def close(self) -> None:
        """Close the connection; the object is of no use afterwards."""
        await asyncio.to_thread(self._drop)
        self._worker.shutdown(wait=False)

    async def _perform(self, work: Callable[[], Result]) -> Result:
        pending = asyncio.get_running_loop().run_in_executor(self._worker, self._connected, work)
        done, _ = await asyncio.wait({pending}, timeout=self._deadline)
        if not done:
            self._drop()  # the worker's read ends with the connection
            pending.add_done_callback(lambda late: late.exception())
            raise AmiUnavailable(f"AMI did not answer within {self._deadline:g} s")
        return pending.result()

    def _connected(self, work: Callable[[], Result]) -> Result:
        try:
            if self._manager is None or not self._manager.connected():
                self._connect()
            return work()
        except (pyst2.ManagerException, OSError) as error:
            self._drop()
            raise AmiUnavailable(
                f"ami_port = {self._settings.ami_port}: AMI cannot be used ({error}); "
                "is Asterisk running? see: kring asterisk status"
            ) from error

    def _connect(self) -> None:
        self._manager = pyst2.Manager()
        self._manager.connect("127.0.0.1", self._settings.ami_port)
        self._manager.login(AMI_USER, self._settings.ami_password)

    def _drop(self) -> None:
        """Cut the connection: pyst2 knows no deadline, but a read that waits ends with its socket."""
        connection, self._manager = self._manager, None
        if connection is None or connection._sock is None:
            return
        with (
            contextlib.suppress(OSError, ValueError),
            socket.socket(fileno=os.dup(connection._sock.fileno())) as twin,
        ):
            twin.shutdown(socket.SHUT_RDWR)
        connection._response_queue.put(None)  # connect() waits for the greeting and learns of no end

    def _action(self, name: str, **fields: str) -> Mapping[str, str]:
        answer = self._manager.send_action({"Action": name, **fields})
        if answer.get_header("Response") == "Error":
            raise AmiRefused(f"{name}: {answer.get_header('Message')}")
        headers: Mapping[str, str] = answer.headers
        return headers

    def _redirect_orphans(self) -> int:
        moved = 0
        self._action("Setvar", Variable=LIMIT_VARIABLE, Value=str(self._settings.max_calls))
        for channel in self._channels():
            application = channel.get("ApplicationData", "").split(",")[0]
            inside = channel.get("Application") == "Stasis" and application == APPLICATION
            # Who is in a bridge speaks with an agent, and goes on without the service.
            alone = not channel.get("BridgeId")
            if inside and alone and channel.get("Context") in _CALLER_CONTEXTS:
                # AmiRefused: the caller hung up meanwhile.
                with contextlib.suppress(AmiRefused):
                    self._action(
                        "Redirect",
                        Channel=channel["Channel"],
                        Context=_ORPHAN_CONTEXT,
                        Exten="s",
                        Priority="1",
                    )
                    moved += 1
        return moved

    def _channels(self) -> list[Mapping[str, str]]:
        found: list[Mapping[str, str]] = []
        complete = threading.Event()

        def listed(event: Any, _: Any) -> None:
            found.append(dict(event.headers))

        def ended(event: Any, _: Any) -> None:
            complete.set()

        self._manager.register_event("CoreShowChannel", listed)
        self._manager.register_event("CoreShowChannelsComplete", ended)
        try:
            self._action("CoreShowChannels")
            if not complete.wait(self._deadline):
                raise pyst2.ManagerException("the list of channels did not end")
        finally:
            self._manager.unregister_event("CoreShowChannel", listed)
            self._manager.unregister_event("CoreShowChannelsComplete", ended)
        return found
