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
from service.oversight_pages import make_oversight_area
from service.person_pages import make_persons
from service.person_records import bundle_folder
from service.recording_capture_part import CapturePart, CaptureStands, make_capture
from service.recording_keeping_part import KeepingGround, anchor_folders, make_alarms, make_keeping_side
from service.recording_sealing_side import SealingGround, make_sealing
from service.set_up import Prepared
from service.transcript_part import TranscriptGround, make_transcript_parts
from service.tree import Part
from storage.audit import DurableAudit
from storage.database import Database
from storage.recording_policies import DurablePolicies
from storage.recordings import DurableRecordings
from storage.transcripts import DurableTranscripts, TranscriptEnds
from storage.vault import Vault
from web.app import Area


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
        """Raises desk.matter_data.TableProblem, recording.sound_store.StoreAway."""
        self._on = on
        self.book = DurableRecordings(on.database)
        self.alarms, metrics = make_alarms(on.database, on.clock, on.registry)
        settings, asterisk = on.prepared.settings, on.prepared.asterisk
        further = anchor_folders(settings)[1:]
        self.sealing = make_sealing(
            SealingGround(settings, asterisk, self.book, self.alarms, on.clock, on.registry, further)
        )
        sealed = self.sealing
        ground = KeepingGround(
            settings,
            on.database,
            sealed.store,
            sealed.keys,
            sealed.plain,
            DurableAudit(on.database),
            on.clock,
            [TranscriptEnds(on.database, on.clock)],
        )
        self.keeping = make_keeping_side(ground, self.alarms, metrics)
        written = TranscriptGround(settings, DurableTranscripts(on.database, on.vault), on.clock, on.registry)
        self.transcripts = make_transcript_parts(written)
        self.persons = make_persons(on.database, on.vault, self.alarms, on.clock, bundle_folder(settings))
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
            lambda _: self.sealing.part.wake(),
            self.keeping.disk.narrowed,
        )
        self._capture = make_capture(stands)

    def parts(self) -> Sequence[Part]:
        """Return what runs, in the order in which it starts."""
        return [
            self.keeping.part,
            self.sealing.part,
            *self.transcripts,
            self.persons.part,
            self.capture,
        ]

    def areas(self) -> Sequence[Area]:
        """Return the pages."""
        return [make_oversight_area(self.keeping), self.persons.area]
