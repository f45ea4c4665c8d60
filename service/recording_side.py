"""The recordings' half of the running service: each area's constructor called, and the areas joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from acd.driver import FloorDriver
from ari.client import Client
from domain.clock import Clock
from ivr.switchboard import Switchboard
from service.agent_telephony import AriLegControl
from service.outbound_side import OutboundSide
from service.recording_capture_part import CapturePart, CaptureStands, make_capture
from service.set_up import Prepared
from service.tree import Part
from storage.database import Database
from storage.recording_alarms import DurableAlarms
from storage.recording_policies import DurablePolicies
from storage.recordings import DurableRecordings
from storage.vault import Vault


@dataclass(frozen=True, slots=True)
class RecordingGround:
    """What recordings stand on."""

    prepared: Prepared
    database: Database
    vault: Vault
    clock: Clock
    registry: CollectorRegistry


class RecordingSide:
    """Everything about recordings. `join` it once floor and switchboard listen to Asterisk."""

    def __init__(self, on: RecordingGround) -> None:
        self._on = on
        self.book = DurableRecordings(on.database)
        self.alarms = DurableAlarms(on.database, on.clock)
        self._capture: CapturePart | None = None

    @property
    def capture(self) -> CapturePart:
        """Return capture; its `capture` is a `recording.ports.SilenceControl`. Raises RuntimeError."""
        if self._capture is None:
            raise RuntimeError("recordings are not joined with the floor yet")
        return self._capture

    def join(
        self,
        client: Client,
        legs: AriLegControl,
        floor: FloorDriver,
        switchboard: Switchboard,
        outbound: OutboundSide,
    ) -> None:
        """Let talks be recorded. Raises recording.policies.PolicyProblem."""
        on = self._on
        stands = CaptureStands(
            self.book,
            self.alarms,
            DurablePolicies(on.database),
            on.prepared.asterisk,
            client,
            legs,
            floor,
            switchboard,
            outbound.attempts,
            outbound.campaigns.campaigns,
            on.prepared.library,
            on.registry,
            on.clock,
            lambda _: None,
        )
        self._capture = make_capture(stands)

    def parts(self) -> Sequence[Part]:
        """Return what runs, in the order in which it starts."""
        return [self.capture]
