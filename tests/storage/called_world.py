"""Calls of ours put on record as a test asks for them: in memory, and on a database."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from acd.skills import Tier
from dialer.attempts import Attempt, AttemptLimits, DialOutcome
from dialer.campaigns import CampaignKind, CampaignState, Definition
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.outcomes import load_outcomes
from domain.campaign_calls import CampaignCalls, Matter, PlacedCall
from domain.ids import new_id
from domain.zones import Zone
from storage.attempts import DurableAttempts
from storage.campaign_calls import CampaignCallRecord
from storage.campaign_calls_memory import MemoryCampaignCalls, RememberedCall
from storage.campaign_tables import campaigns, lead_batches, leads
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.leads import DurableLeads
from storage.list_tables import contacts, lists
from storage.lists import DurableLists
from storage.suppressions import DurableSuppressions
from storage.tables import UtcTime
from storage.vault import Vault

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY_BEGAN = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
HOUR, AGES_AGO = timedelta(hours=1), NOW - timedelta(days=3000)
AS_OF = date(2026, 11, 1)
NPWP, NUMBER = "3171054501900001", "6281100001234"
FREE = AttemptLimits(90, 90, 90, 90, 90, 90, rest_after_abandoned_hours=0)


@dataclass(frozen=True)
class Made:
    """One call of ours, as a test asks for it."""

    outcome: DialOutcome | None = DialOutcome.NO_ANSWER  # None: it is not over
    kind: CampaignKind = CampaignKind.NON_FILER
    period: str = "2025"
    npwp: str = NPWP
    number: str = NUMBER
    group: str = ""
    at: datetime = NOW - HOUR
    state: CampaignState = CampaignState.RUNNING


class World(Protocol):
    @property
    def calls(self) -> CampaignCalls: ...

    async def make(self, made: Made) -> tuple[str, str]: ...

    async def stopped(self, value: str) -> bool: ...

    def breaks(self) -> None: ...


class MemoryWorld:
    def __init__(self) -> None:
        self._made: list[RememberedCall] = []
        self.calls = MemoryCampaignCalls()

    async def make(self, made: Made) -> tuple[str, str]:
        call_id, code = new_id(), f"{len(self._made):06d}"
        matter = {
            CampaignKind.NON_FILER: Matter.FILING,
            CampaignKind.REMINDER: Matter.PAYMENT if "-" in made.period else Matter.FILING,
            CampaignKind.SURVEY: Matter.SURVEY,
            CampaignKind.CALLBACK: Matter.OTHER,
        }.get(made.kind, Matter.PAYMENT)
        placed = PlacedCall(
            call_id,
            matter,
            made.kind is not CampaignKind.REMINDER,
            made.period,
            AS_OF,
            made.group != "company" and made.npwp[0] != "0",
        )
        self._made.append(
            RememberedCall(
                placed,
                made.npwp,
                made.number,
                code,
                made.at,
                "outbound/B",
                in_vain=made.outcome not in {None, DialOutcome.TALKED, DialOutcome.NOT_IN_SERVICE},
                agents_left=made.state in {CampaignState.RUNNING, CampaignState.PAUSED},
            )
        )
        self.calls = MemoryCampaignCalls(*self._made)
        return call_id, code

    async def stopped(self, value: str) -> bool:
        return value in self.calls.stopped

    def breaks(self) -> None:
        self.calls.broken = True


class DatabaseWorld:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self.attempts = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
        self.campaigns = DurableCampaigns(database, lambda _: None)
        self.suppressions = DurableSuppressions(database)
        self.calls = CampaignCallRecord(
            self.attempts,
            self.campaigns,
            DurableLeads(database, vault),
            DurableLists(database, vault),
            self.suppressions,
            vault,
        )
        self._count = 0
        self.broken = False

    async def make(self, made: Made, campaign_id: str = "") -> tuple[str, str]:
        self._count += 1
        definition = Definition(
            "T", made.kind, "non_filer", "outbound_agent", tier=Tier.B, tax_period=made.period
        )
        if not campaign_id:
            campaign_id = (await self.campaigns.create(definition, "staff-1", NOW)).campaign_id
        await self._database.write(lambda c: self._keep(c, made, campaign_id))
        attempt = Attempt(
            new_id(),
            campaign_id,
            self._count,
            self.key(NPWP_KEY + made.npwp),
            self.key(NUMBER_KEY + made.number),
            made.number,
            mode="progressive",
            engine="dialer",
            version=1,
            zone=Zone.WIB.value,
            intended_at=made.at,
        )
        kept = await self.attempts.intend(attempt, FREE, DAY_BEGAN)
        await self.attempts.take("dialer", "process-1", 60)
        assert await self.attempts.sending(attempt.attempt_id, made.at, "process-1")
        if made.outcome is not None:
            assert await self.attempts.ended(attempt.attempt_id, made.outcome, made.at + timedelta(minutes=1))
        return attempt.attempt_id, kept.code

    def key(self, text: str) -> bytes:
        return self._vault.lookup_key(text)[:16]

    def _keep(self, connection: sa.Connection, made: Made, campaign_id: str) -> None:
        """Put a list of one contact and its lead in place, as the loading of lists would."""
        n = self._count
        connection.execute(
            sa.update(campaigns).where(campaigns.c.campaign_id == campaign_id).values(state=made.state.value)
        )
        list_row = {column.name: _nothing(column) for column in lists.columns if not column.nullable}
        list_row |= {"list_id": f"list-{n}", "state": "approved", "requester": "directorate_regular"}
        list_row |= {"cut_off": AS_OF, "expires_on": AS_OF, "reasons": "{}", "sheets": "[]"}
        connection.execute(sa.insert(lists).values(list_row))
        text = json.dumps([made.npwp, "Contoh", [made.number], {}]).encode()
        body = self._vault.seal(text, b"contacts/%d" % n)  # as storage.list_rows keeps it
        connection.execute(
            sa.insert(contacts).values(
                contact_id=n,
                list_id=f"list-{n}",
                row=2,
                taxpayer_key=self.key(NPWP_KEY + made.npwp),
                number_keys=self.key(NUMBER_KEY + made.number),
                zone=Zone.WIB.value,
                taxpayer_group=made.group,
                sealed_body=body,
            )
        )
        batch_row = {column.name: _nothing(column) for column in lead_batches.columns if not column.nullable}
        batch_row |= {"batch_id": n, "campaign_id": campaign_id, "list_id": f"list-{n}", "completed_at": NOW}
        connection.execute(sa.insert(lead_batches).values(batch_row))
        lead_row = {column.name: _nothing(column) for column in leads.columns if not column.nullable}
        lead_row |= {"lead_id": n, "batch_id": n, "contact_id": n, "zone": "wib", "state": "ready"}
        connection.execute(sa.insert(leads).values(lead_row))

    async def stopped(self, value: str) -> bool:
        keys = [self.key(NPWP_KEY + value), self.key(NUMBER_KEY + value)]
        return bool(await self.suppressions.find(keys))

    def breaks(self) -> None:
        self._rename("attempts", "attempts_away")
        self.broken = True

    def mends(self) -> None:
        """The next test has the same database."""
        if self.broken:
            self._rename("attempts_away", "attempts")

    def _rename(self, table: str, name: str) -> None:
        self._database.write_now(lambda c: c.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}")))


def _nothing(column: "sa.Column[object]") -> object:
    if isinstance(column.type, UtcTime):
        return NOW
    nothing: dict[type, object] = {int: 0, float: 0.0, str: "", bytes: b"", date: AS_OF, bool: False}
    return nothing[column.type.python_type]
