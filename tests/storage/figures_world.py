"""A campaign with calls, dispositions and outcomes on a database. Everybody in it is made up."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from dialer.attempts import Attempt, AttemptLimits, DialOutcome
from dialer.disposed import Disposed
from dialer.kinds import OutcomeKind, load_kinds
from dialer.leads import FollowUp, LeadState
from dialer.outcomes import load_outcomes
from domain.ids import new_id
from storage.attempts import DurableAttempts
from storage.campaign_tables import lead_batches, leads
from storage.database import Database
from storage.list_tables import contacts
from storage.outbound_work import DurableDispositions
from storage.solved import Outcome, OutcomeFeed
from storage.vault import Vault
from tests.storage.campaign_world import DEFINITION, NINE, CampaignWorld

FREE = AttemptLimits(90, 90, 90, 90, 90, 90, rest_after_abandoned_hours=0)
HOLDER = "process-1"


@dataclass(frozen=True, slots=True)
class OneLead:
    """A lead, and whose it is."""

    lead_id: int
    row: int
    key: bytes
    number_key: bytes
    npwp: str


class FiguresWorld:
    """Makes calls and what comes of them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self.world = CampaignWorld(database, vault)
        self.attempts = DurableAttempts(database, vault, load_outcomes(), asyncio.get_running_loop())
        self.feed = OutcomeFeed(database, load_kinds())
        self.dispositions = DurableDispositions(database)
        self._tries: dict[int, int] = {}

    async def campaign(self, size: int, **of_definition: object) -> tuple[str, Sequence[OneLead]]:
        """Return a campaign with one list, and its leads by row."""
        definition = replace(DEFINITION, tax_period="2025", **of_definition)  # type: ignore[arg-type]
        campaign_id = await self.world.running(size, definition)
        return campaign_id, self.leads(campaign_id)

    def leads(self, campaign_id: str) -> Sequence[OneLead]:
        query = (
            sa.select(leads.c.lead_id, contacts)
            .join(lead_batches, lead_batches.c.batch_id == leads.c.batch_id)
            .join(contacts, contacts.c.contact_id == leads.c.contact_id)
            .where(lead_batches.c.campaign_id == campaign_id)
            .order_by(lead_batches.c.batch_id, contacts.c.row)
        )
        rows = self.database.read_now(lambda connection: connection.execute(query).all())
        return [
            OneLead(
                row.lead_id,
                row.row,
                bytes(row.taxpayer_key),
                bytes(row.number_keys)[:16],
                self.world.npwp(row.contact_id),
            )
            for row in rows
        ]

    async def calls(
        self,
        campaign_id: str,
        lead: OneLead,
        outcome: DialOutcome | None,
        at: datetime = NINE,
        disposition: str = "",
        *,
        version: int = 1,
        promised_on: date | None = None,
    ) -> str:
        """Put a call on record, and let its lead follow; None: it is not over. Return the attempt's id."""
        self._tries[lead.lead_id] = ordinal = self._tries.get(lead.lead_id, 0) + 1
        attempt = Attempt(
            new_id(), campaign_id, lead.lead_id, lead.key, lead.number_key, "6281100001234",
            mode="progressive", engine="dialer", version=version, ordinal=ordinal, zone="wib", intended_at=at,
        )  # fmt: skip
        await self.attempts.intend(attempt, FREE, at)
        await self.attempts.take("dialer", HOLDER, 60)
        assert await self.attempts.sending(attempt.attempt_id, at, HOLDER)
        if outcome in (DialOutcome.TALKED, DialOutcome.ABANDONED):
            await self.attempts.answered(attempt.attempt_id, at)
        if outcome is DialOutcome.TALKED:
            await self.attempts.joined(attempt.attempt_id, "1001", at)
        if outcome is None:
            return attempt.attempt_id
        over = at + timedelta(seconds=30)
        assert await self.attempts.ended(attempt.attempt_id, outcome, over)
        if disposition:
            assert await self.attempts.disposed(attempt.attempt_id, disposition, over)
            await self.says(campaign_id, lead, attempt.attempt_id, disposition, over, promised_on)
        done = LeadState.DONE if disposition else LeadState.READY
        after = FollowUp(done, over + timedelta(hours=2), disposition or outcome.value)
        await self.world.leads.settle(lead.lead_id, after)
        return attempt.attempt_id

    async def says(
        self, campaign_id: str, lead: OneLead, call_id: str, code: str, at: datetime, promised_on: date | None
    ) -> None:
        """Put a disposition of a call on record, this one's or of one that was rung back."""
        await self.dispositions.add(
            Disposed(
                call_id, 1, call_id, campaign_id, lead.lead_id, at, "staff-1", "1001", code,
                promised_on=promised_on,
            )
        )  # fmt: skip

    async def files(self, lead: OneLead, *days: date, kind: OutcomeKind = OutcomeKind.FILED) -> None:
        """Let the feed tell that somebody filed on these days."""
        told = [Outcome(lead.key, kind, "2025", day) for day in days]
        assert await self.feed.keep(told, "feed", datetime.now(UTC)) == len(days)

    def spare(self, some: Sequence[OneLead]) -> None:
        """Let leads be of the control group."""
        ids = [one.lead_id for one in some]

        def spare(connection: sa.Connection) -> None:
            mine = sa.update(leads).where(leads.c.lead_id.in_(ids))
            connection.execute(mine.values(state=LeadState.CONTROL.value))
            batch = sa.select(leads.c.batch_id).where(leads.c.lead_id == ids[0]).scalar_subquery()
            counted = sa.update(lead_batches).where(lead_batches.c.batch_id == batch)
            connection.execute(counted.values(control=len(ids)))

        self.database.write_now(spare)
