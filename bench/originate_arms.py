"""The arms of the bench `originate`: the whole dialer, and a client that only sends the same numbers."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

import ari
from ari import events
from asterisk_conf.ami import Ami
from asterisk_conf.settings import APPLICATION, AsteriskSettings
from bench.leads_rows import CAMPAIGN, NOW
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignKind, CampaignState, Definition, Pacing
from dialer.engine import Engine
from dialer.engine_leads import LeadDesk
from dialer.engine_ports import EnginePorts, Ordered
from dialer.engine_rules import EngineRules
from dialer.gate import Gate
from dialer.kinds import load_caps, load_kinds
from dialer.outcomes import load_outcomes
from dialer.pacing.progressive import Progressive
from dialer.ports import LineEnd
from dialer.retry import load_retry
from domain.clock import SystemClock
from domain.ids import new_id
from service.outbound_ledger import CelLedger
from service.outbound_lines import AriLines
from storage.attempt_tables import attempts
from storage.attempts import DurableAttempts
from storage.campaign_facts import RecordedFacts
from storage.database import Database
from storage.lead_outcomes import LeadOutcomes
from storage.leads import DurableLeads
from storage.solved import OutcomeFeed
from storage.suppressions import DurableSuppressions
from storage.vault import Vault

LINES = 120  # busy at once, in both arms
_DEFINITION = Definition("bench", CampaignKind.NON_FILER, "non_filer", "outbound_agent")


class Raw:
    """Originates straight to the trunk, and waits for the end: nothing else."""

    def __init__(self, client: ari.Client) -> None:
        self._client = client
        self._live: set[str] = set()
        self._going = False
        self._count = 0
        self.done = 0

    def listen(self, ours: "Ours") -> None:
        """Hear of this arm's channels; let the other arm hear of the rest."""

        def destroyed(event: events.ChannelDestroyed) -> None:
            if event.channel.id in self._live:
                self._over(event.channel.id)
            else:
                ours.destroyed(event)

        def arrived(event: events.StasisStart) -> None:
            if event.channel.id in self._live:
                self._client.channels.hangup(event.channel.id)
            else:
                ours.arrived(event)

        self._client.on_event(events.ChannelDestroyed, destroyed)
        self._client.on_event(events.StasisStart, arrived)

    def begin(self) -> None:
        """Keep the lines busy until `end`."""
        self._going = True
        for _ in range(LINES):
            self._dial()

    async def end(self) -> None:
        """Dial no more, and wait for what lives."""
        self._going = False
        for _ in range(200):
            if not self._live:
                return
            await asyncio.sleep(0.05)
        self._live.clear()

    def _dial(self) -> None:
        self._count += 1
        channel = f"raw-{self._count}"
        self._live.add(channel)
        self._client.channels.originate_with_id(
            channel,
            endpoint=f"PJSIP/62812{self._count:08}@trunk",
            app=APPLICATION,
            app_args="raw",
            timeout=30,
        )

    def _over(self, channel: str) -> None:
        self._live.discard(channel)
        self.done += 1
        if self._going:
            self._dial()


class Ours:
    """The dialer as the service joins it, but for the floor: whoever answers is hung up on."""

    def __init__(
        self, client: ari.Client, settings: AsteriskSettings, database: Database, vault: Vault
    ) -> None:
        self._client, self._database = client, database
        self._outcomes = load_outcomes()
        self._campaign: Campaign | None = None
        record = DurableAttempts(database, vault, self._outcomes, asyncio.get_running_loop())
        self._record = record
        self._ami = Ami(settings)
        kinds, caps = load_kinds(), load_caps()
        facts, solved = RecordedFacts(database, self._outcomes), OutcomeFeed(database, kinds)
        gate = Gate(facts, DurableSuppressions(database), solved, caps, _EveryDay())
        ends = LeadOutcomes(database)
        leads = LeadDesk(DurableLeads(database, vault), ends, gate, load_retry(), caps, _EveryDay(), "bench")
        ports = EnginePorts(
            attempts=record,
            role=record,
            leads=leads,
            campaigns=self,  # type: ignore[arg-type]
            orders=self,
            floor=_NoFloor(),  # type: ignore[arg-type]
            lines=AriLines(client, SystemClock(), self._ami.hang_up),
            ledger=CelLedger(settings.ledger),
            room=lambda: True,
            clock=_OnAWednesday(),
            observer=_Silent(),
            sleep=asyncio.sleep,
        )
        rules = EngineRules(lambda _: Progressive(), self._outcomes, LINES, new_id)
        self.engine = Engine(ports, rules, "bench", "bench")
        self.engine.start()
        client.on_state(lambda state: self.engine.back() if state is ari.State.READY else self.engine.lost())

    async def read(self) -> Ordered:
        """As `dialer.engine_ports.Orders`."""
        return Ordered(killed=False, campaigns=() if self._campaign is None else (self._campaign,))

    async def get(self, campaign_id: str) -> Campaign:
        """As `dialer.campaigns.CampaignStore`."""
        return _campaign()

    def begin(self) -> None:
        """Let the campaign run until `end`."""
        self._campaign = _campaign()

    async def end(self) -> None:
        """Pause the campaign, and wait for what lives."""
        self._campaign = replace(_campaign(), state=CampaignState.PAUSED)
        for _ in range(400):
            await asyncio.sleep(0.05)
            if not self.engine.look().lines:
                break
        self._campaign = None
        await asyncio.sleep(1.0)

    async def close(self) -> None:
        """Stop the engine and what is under it."""
        await self.engine.stop()
        await self._record.close()
        await self._ami.close()

    def arrived(self, event: events.StasisStart) -> None:
        """Somebody answered: hang up on them."""
        attempt = event.channel.id.removeprefix("out-")
        self.engine.answered(attempt, event.args[-1])
        self.engine.over(attempt, DialOutcome.TALKED)
        self._client.channels.hangup(event.channel.id)

    def destroyed(self, event: events.ChannelDestroyed) -> None:
        """Tell the engine the end of a line."""
        if event.channel.id.startswith("out-") and ";" not in event.channel.id:
            attempt, up = event.channel.id.removeprefix("out-"), event.channel.state == "Up"
            self.engine.ended(LineEnd(attempt, event.cause, event.tech_cause or 0, up))

    def durable(self) -> int:
        """Return how many attempts have their outcome on record."""
        return self._count(attempts.c.state == "ended")

    def flagged(self) -> int:
        """Return how many have no outcome."""
        return self._count(attempts.c.state.in_(("flagged", "unknown")))

    def outcomes(self) -> "Counter[str]":
        """Return attempts by outcome."""
        query = sa.select(attempts.c.outcome, sa.func.count()).group_by(attempts.c.outcome)
        rows = self._database.read_now(lambda c: c.execute(query.where(attempts.c.state == "ended")).all())
        return Counter({row[0]: row[1] for row in rows})

    def _count(self, which: "sa.ColumnElement[bool]") -> int:
        query = sa.select(sa.func.count()).select_from(attempts).where(which)
        return int(self._database.read_now(lambda c: c.execute(query).scalar()) or 0)


def _campaign() -> Campaign:
    definition = replace(_DEFINITION, pacing=Pacing.AGENTLESS, most_lines=LINES, ring_seconds=15.0)
    return Campaign(CAMPAIGN, definition, 1, CampaignState.RUNNING, (), "", NOW, NOW)


class _OnAWednesday:
    """A clock on which calls are allowed, whatever the hour: the leads' own day at 10.00 WIB, going on."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self._began)

    def monotonic(self) -> float:
        return time.monotonic()


class _EveryDay:
    def works(self, day: date) -> bool:
        return True


class _NoFloor:
    """A reminder without agents."""

    def watch(self, callback: Any) -> Any:
        return partial(id, callback)

    def release(self, attempt_id: str) -> None:
        """Nobody is kept."""


class _Silent:
    """Counts nothing: the record does."""

    def dialled(self) -> None:
        """Not counted."""

    def answered(self) -> None:
        """Not counted."""

    def ended(self, outcome: DialOutcome | None) -> None:
        """Not counted."""

    def refused(self, why: str) -> None:
        """Not counted."""

    def failed(self) -> None:
        """Logged by the engine."""
