"""Capture's hands on Asterisk: both sides recorded over AMI, the notice played into a talk over ARI."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import ari
from ari import events
from ari.client import Client
from ari.request import Reply
from asterisk_conf.ami import Ami, AmiRefused, AmiUnavailable
from dialer.attempts import Attempt, AttemptsUnavailable
from dialer.campaigns import CampaignStore, CampaignsUnavailable
from domain.ids import new_id
from ivr.switchboard import Switchboard
from recording.capture import NOTICE
from recording.capture_parts import PlainParts
from recording.capture_ports import CallFacts, Plain, RecorderRefused
from recording.plain import PlainAway, PlainFolder
from recording.ports import RecordingsUnavailable
from recording.recordings import SIDES
from recording.wav import Wav, WavRefused, look

log = logging.getLogger(__name__)

FILES_WITHIN = 1.5  # seconds until both files are there
CLOSED_WITHIN = 5.0  # seconds until they are closed after the end
LET_GO = 0.15  # seconds until a leg has let go of all that recorded it: some frames in both directions
LOOK = 0.05  # seconds between two looks
NOTICE_WITHIN = 20.0  # seconds in which a notice comes to its end
NOTICE_PREFIX = "notice-"


class AsteriskRecorder:
    """A `recording.capture_ports.Recorder`: MixMonitor on a connection of its own; files in threads."""

    def __init__(self, ami: Ami, folder: PlainFolder) -> None:
        self._ami, self._folder = ami, folder
        self._parts = PlainParts(folder)

    async def begin(self, recording_id: str, channel: str, monotonic: Callable[[], float]) -> float:
        """Begin; both files are there when this returns. Return since when. Raises RecorderRefused."""
        # Asterisk would make a folder that is gone anew, with other rights and maybe on another disk.
        if cause := await self.check():
            raise RecorderRefused(cause)
        says, hears = (self._folder.path(recording_id, side) for side in SIDES)
        try:
            await self._ami.record(channel, says, hears)
            began = monotonic()  # it records before it answers; the files are seen later
        except AmiRefused as error:
            raise RecorderRefused("refused") from error
        except AmiUnavailable as error:
            raise RecorderRefused("asterisk") from error
        for _ in range(round(FILES_WITHIN / LOOK)):
            if (await self.plain(recording_id)).there:
                return began
            await asyncio.sleep(LOOK)
        raise RecorderRefused("no_file")

    async def anew(
        self, recording_id: str, channel: str, began: float, monotonic: Callable[[], float]
    ) -> int:
        """Record on into files of their own, to be joined after the end; return since which millisecond."""
        try:
            await asyncio.to_thread(self._parts.make)
            await self._ami.stop_recording(channel)
            await asyncio.sleep(LET_GO)
            since = round((monotonic() - began) * 1000)
            await self._ami.record(channel, *self._parts.paths(recording_id, since))
        except OSError as error:
            raise RecorderRefused("folder") from error
        except AmiRefused as error:
            raise RecorderRefused("refused") from error
        except AmiUnavailable as error:
            raise RecorderRefused("asterisk") from error
        return since

    async def join(self, recording_id: str) -> None:
        """Put what was recorded anew into the two files, each at its time; never raises. Idempotent."""
        try:
            await asyncio.to_thread(self._parts.join, recording_id)
        except (OSError, WavRefused):
            log.exception("parts of a recording cannot be joined", extra={"recording": recording_id})

    async def end(self, recording_id: str, channel: str) -> None:
        """End the recording of a leg that lives; never raises."""
        del recording_id  # Asterisk keeps on the leg which one it is
        try:
            await self._ami.stop_recording(channel)
        except (AmiUnavailable, AmiRefused):
            return  # it ends with its leg

    async def closed(self, recording_id: str) -> None:
        """Return when the files were closed, or will not be in any time worth waiting."""
        for _ in range(round(CLOSED_WITHIN / LOOK)):
            if (await self.plain(recording_id)).closed:
                return
            await asyncio.sleep(LOOK)

    async def hush(self, channel: str, *, on: bool) -> None:
        """Write silence on both sides, or sound again. Raises RecorderRefused."""
        try:
            await self._ami.mute_recording(channel, on=on)
        except AmiRefused as error:
            raise RecorderRefused("refused") from error
        except AmiUnavailable as error:
            raise RecorderRefused("asterisk") from error

    async def plain(self, recording_id: str) -> Plain:
        """Return what is in the folder; never raises."""
        return await asyncio.to_thread(self._plain, recording_id)

    async def check(self) -> str:
        """Return `folder` if the folder of plain audio cannot be used now, else nothing."""
        return await asyncio.to_thread(self._check)

    async def close(self) -> None:
        """Close the connection."""
        await self._ami.close()

    def _plain(self, recording_id: str) -> Plain:
        since, paths = self._parts.last(recording_id)
        sides = [_look(path) for path in paths]
        found = [side for side in sides if side is not None]
        if not found:
            return Plain(there=False, closed=False, audio_ms=0, written_at=0.0)
        whole = len(found) == len(SIDES)
        closed = whole and all(side.closed and side.frames for side in found)
        longest = since + max(side.milliseconds for side in found)
        return Plain(whole, closed, longest, max(side.modified for side in found))

    def _check(self) -> str:
        try:
            self._folder.check()
        except PlainAway:
            return "folder"
        return "" if os.access(self._folder.root, os.W_OK | os.X_OK) else "folder"


def _look(path: Path) -> Wav | None:
    try:
        return look(path)
    except (OSError, WavRefused):
        return None


class Voice(Protocol):
    """Plays into bridges (`service.agent_telephony.AriLegControl`)."""

    def say(self, bridge: str, playback: str, sounds: Sequence[str]) -> Reply[object] | None:
        """Play sounds to everybody in a bridge as one playback; None: there is no such bridge."""
        ...


class Sounds(Protocol):
    """Knows what a prompt sounds like (`prompts.library.Library`)."""

    def sounds(self, name: str, language: str, values: Mapping[str, str] = ...) -> tuple[str, ...]:
        """Return a prompt's sounds."""
        ...


class BridgeNotices:
    """A `recording.capture_ports.Notices` by ARI."""

    def __init__(self, client: Client, voice: Voice, library: Sounds) -> None:
        self._voice, self._library = voice, library
        self._playing: dict[str, asyncio.Future[bool]] = {}
        client.on_event(events.PlaybackFinished, self._finished)

    async def say(self, call_id: str, language: str) -> bool:
        """Return whether it was played to its end."""
        playback = f"{NOTICE_PREFIX}{new_id()}"
        over = self._playing[playback] = asyncio.get_running_loop().create_future()
        try:
            reply = self._voice.say(f"talk-{call_id}", playback, self._library.sounds(NOTICE, language))
            if reply is None:
                return False
            await reply
            async with asyncio.timeout(NOTICE_WITHIN):
                heard: bool = await over
            # Until what says it has left, the bridge mixes: a recorder begun then would hear nobody later.
            await asyncio.sleep(LET_GO)
        except (ari.AriError, TimeoutError):
            return False
        finally:
            del self._playing[playback]
        return heard

    def _finished(self, event: events.PlaybackFinished) -> None:
        over = self._playing.get(event.playback.id)
        if over is not None and not over.done():
            over.set_result(event.playback.state != "failed")


class Attempts(Protocol):
    """Knows calls of ours (`storage.attempts.DurableAttempts`)."""

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one. Raises AttemptsUnavailable."""
        ...


class KnownCalls:
    """A `recording.capture_ports.Calls` over attempts, campaigns, the switchboard and Asterisk."""

    def __init__(
        self, client: Client, switchboard: Switchboard, attempts: Attempts, campaigns: CampaignStore
    ) -> None:
        self._client, self._switchboard = client, switchboard
        self._attempts, self._campaigns = attempts, campaigns

    async def facts(self, call_id: str) -> CallFacts:
        """Return what is known. Raises RecordingsUnavailable."""
        try:
            attempt = await self._attempts.get(call_id)
            if attempt is None:
                return CallFacts()
            try:
                campaign = await self._campaigns.get(attempt.campaign_id)
            except KeyError:
                return CallFacts("out", attempt.campaign_id)
        except (AttemptsUnavailable, CampaignsUnavailable) as error:
            raise RecordingsUnavailable(str(error)) from error
        return CallFacts("out", attempt.campaign_id, campaign.definition.kind.value)

    def heard(self, call_id: str) -> str:
        """Return the language in which a call's flow said the notice to its end; empty: it did not."""
        driver = next((one for one in self._switchboard.inside() if one.call.call_id == call_id), None)
        return "" if driver is None else driver.session.heard.get(NOTICE, "")

    async def live(self) -> Sequence[str]:
        """Return Asterisk's ids of the legs that live. Raises RecorderRefused."""
        try:
            return [channel.id for channel in await self._client.channels.list()]
        except ari.AriError as error:
            raise RecorderRefused("asterisk") from error
