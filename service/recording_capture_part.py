"""Constructs capture, and what runs for it in the service's tree."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry

from acd.driver import FloorDriver
from ari import events
from ari.client import Client, State
from asterisk_conf.ami import Ami
from asterisk_conf.settings import AsteriskSettings
from dialer.campaigns import CampaignStore
from domain.clock import Clock
from ivr.switchboard import Switchboard
from prompts.library import Library
from recording.plain import PlainFolder
from recording.policies import (
    Policies,
    PoliciesUnavailable,
    PolicyProblem,
    PolicyStore,
    PolicyTable,
    read_policies,
    shipped_policies,
)
from recording.ports import Alarms, RecordingBook
from recording.recordings import AlarmKind
from service.agent_telephony import AriLegControl
from service.recording_capture import Capture
from service.recording_capture_asterisk import AsteriskRecorder, Attempts, BridgeNotices, KnownCalls
from service.recording_capture_recovery import Recovery
from service.recording_capture_work import Hands
from service.recording_metrics import CaptureMetrics
from service.tree import Part, end_task

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds between two looks at the folder of plain audio and at the policies


@dataclass(frozen=True, slots=True)
class CaptureStands:
    """What capture stands on."""

    book: RecordingBook
    alarms: Alarms
    policies: PolicyStore
    asterisk: AsteriskSettings
    client: Client
    legs: AriLegControl
    floor: FloorDriver
    switchboard: Switchboard
    attempts: Attempts
    campaigns: CampaignStore
    library: Library
    registry: CollectorRegistry
    clock: Clock
    stopped: Callable[[str], None]  # told of each recording that waits to be sealed; at once
    narrowed: Callable[[Policies], Policies]  # what is recorded of it now: where room is short, not all


class PoliciesWatch:
    """The table in force (`recording.capture_ports.PoliciesInForce`), looked at every now and then."""

    def __init__(
        self, store: PolicyStore, clock: Clock, narrowed: Callable[[Policies], Policies] = lambda all_: all_
    ) -> None:
        self._store, self._clock, self._narrowed = store, clock, narrowed
        self._table: PolicyTable = shipped_policies()
        self._version = 0

    def now(self) -> Policies:
        """Return what is in force."""
        return self._narrowed(self._table.at(self._clock.now()))

    async def refresh(self) -> None:
        """Take a table that was imported meanwhile; while the record is away what was known holds."""
        try:
            newest = await self._store.newest()
            if newest.version != self._version:
                self._table = read_policies(f"version {newest.version}", newest.text)
                self._version = newest.version
        except PoliciesUnavailable:
            return
        except PolicyProblem as error:
            log.error("the policies of recording cannot be used: %s", error)  # noqa: TRY400 - its words say it


class CapturePart(Part):
    """Capture in the service's tree: after Asterisk's connection was made, before calls are wanted."""

    name = "recording-capture"

    def __init__(
        self,
        capture: Capture,
        recovery: Recovery,
        recorder: AsteriskRecorder,
        watch: PoliciesWatch,
        alarms: Alarms,
        metrics: CaptureMetrics,
    ) -> None:
        self.capture, self._recovery, self._recorder = capture, recovery, recorder
        self._watch, self._alarms, self._metrics = watch, alarms, metrics
        self._task: asyncio.Task[None] | None = None
        self._bad = ""  # why nothing can be recorded

    async def begin(self) -> None:
        """Look at the folder and the policies; calls are served whatever is found."""
        await self._look()
        self._task = asyncio.create_task(self._repeat(), name=self.name)

    async def end(self) -> None:
        """Let go; what Asterisk records it goes on with."""
        await end_task(self._task)
        await self._recovery.stop()
        await self.capture.stop()
        await self._recorder.close()

    @property
    def unready(self) -> str:
        """Why nothing can be recorded now, a word, or an empty one."""
        return self._bad

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            with contextlib.suppress(OSError):
                await self._look()

    async def _look(self) -> None:
        await self._watch.refresh()
        before, self._bad = self._bad, await self._recorder.check()
        self._metrics.recording_ready(not self._bad)
        if self._bad and self._bad != before:
            log.error("calls cannot be recorded: the folder of plain audio cannot be used")
            await self._alarms.raise_alarm(AlarmKind.STORE, "", f"plain_{self._bad}")
        elif before and not self._bad:
            await self._alarms.clear(AlarmKind.STORE, "", f"plain_{before}")


def make_capture(on: CaptureStands) -> CapturePart:
    """Join capture. Call it after the floor and the switchboard listen to Asterisk. Raises PolicyProblem.

    The part's `capture` is a `recording.ports.SilenceControl`.
    """
    metrics = CaptureMetrics(on.registry)
    recorder = AsteriskRecorder(Ami(on.asterisk), PlainFolder(on.asterisk.recordings))
    notices = BridgeNotices(on.client, on.legs, on.library)
    calls = KnownCalls(on.client, on.switchboard, on.attempts, on.campaigns)
    hands = Hands(on.book, on.alarms, recorder, notices, on.clock, metrics, on.stopped)
    watch = PoliciesWatch(on.policies, on.clock, on.narrowed)
    capture = Capture(hands, calls, watch)
    recovery = Recovery(capture, hands, calls, on.floor.call_ears, watch)
    on.floor.call_ears.add(capture)
    _listen(on.client, capture, recovery)
    return CapturePart(capture, recovery, recorder, watch, on.alarms, metrics)


def _entered(capture: Capture, event: events.ChannelEnteredBridge) -> None:
    if event.channel is not None:
        capture.entered(event.bridge.id, event.channel.id, event.bridge.channels)


def _listen(client: Client, capture: Capture, recovery: Recovery) -> None:
    def state_changed(state: State) -> None:
        if state not in {State.READY, State.RECONCILING}:
            capture.control_lost()

    client.on_state(state_changed)
    client.on_reconcile(recovery.connected)
    client.on_event(events.ChannelDtmfReceived, lambda event: capture.key_pressed(event.channel.id))
    client.on_event(events.ChannelEnteredBridge, partial(_entered, capture))
    client.on_event(events.ChannelDestroyed, lambda event: capture.leg_gone(event.channel.id))
