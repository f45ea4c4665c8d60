"""Who of a campaign filed or paid in time, out of the records of attempts and of the outcome feed.

Those who did nothing are counted by the database; only those who filed or paid are read one by one.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignsUnavailable
from dialer.dispositions import DispositionTable, Flag
from dialer.effect import Begun, Deeds, Effect, Group, Span, effect_of
from dialer.kinds import KindTable
from dialer.leads import LeadState
from dialer.results import LiveUnavailable
from domain.clock import Clock
from storage.attempt_tables import attempts
from storage.campaign_counts import SENT, as_hour, hour_of, read_figures
from storage.campaign_tables import lead_batches, leads, taxpayer_outcomes
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.list_tables import contacts, lists

_A, _L, _B, _O = attempts.c, leads.c, lead_batches.c, taxpayer_outcomes.c


@dataclass(frozen=True, slots=True)
class _About:
    """What is asked."""

    campaign_id: str
    days: int
    kinds: Collection[str]  # of outcomes
    period: str
    spoken: Collection[str]  # dispositions after which a person was spoken to
    unspoken: Collection[str]  # those after which nobody was
    today: date

    @property
    def deeds(self) -> "sa.ColumnElement[bool]":
        """Return which outcomes count, of those since the cut-off of a person's list."""
        which = sa.and_(_O.kind.in_(self.kinds), _O.on_date >= lists.c.cut_off)
        return sa.and_(which, _O.period == self.period) if self.period else which

    @property
    def reached(self) -> "sa.ColumnElement[bool]":
        """Return which attempts reached a person: talked, and not with a machine by the agent's own word."""
        talked = sa.and_(_A.outcome == DialOutcome.TALKED.value, _A.disposition.not_in(self.unspoken))
        return sa.or_(talked, _A.disposition.in_(self.spoken))


class CampaignEffect:
    """Reads the effect of campaigns. Every read has a thread of its own."""

    def __init__(
        self,
        database: Database,
        campaigns: DurableCampaigns,
        kinds: KindTable,
        dispositions: DispositionTable,
        clock: Clock,
    ) -> None:
        self._database, self._campaigns = database, campaigns
        self._kinds, self._dispositions, self._clock = kinds, dispositions, clock

    async def of(self, campaign_id: str) -> Effect | None:
        """Return it; None: no outcomes are known yet, or the campaign is about none.

        Raises KeyError, LiveUnavailable.
        """
        try:
            campaign = await self._campaigns.get(campaign_id)
            about = self._about(campaign)
            if not about.kinds:
                return None
            groups = await asyncio.to_thread(
                read_figures, self._database, lambda connection: self._groups(connection, about)
            )
            if groups is None:
                return None
            scripts = {
                version: (await self._campaigns.definition(campaign_id, version)).script
                for version in {begun.version for begun in groups[1].people}
            }
        except CampaignsUnavailable as error:
            raise LiveUnavailable(str(error)) from error
        return effect_of(*groups, scripts)

    def _about(self, campaign: Campaign) -> _About:
        now, definition = self._clock.now(), campaign.definition
        rows = self._dispositions.at(now)
        spoken = rows.with_flag(Flag.HUMAN)
        return _About(
            campaign.campaign_id,
            definition.effect_days,
            [kind.value for kind in self._kinds.at(now)[definition.kind].outcomes],
            definition.tax_period,
            spoken,
            rows.dispositions.keys() - spoken,
            office_day(now),
        )

    def _groups(self, connection: Connection, about: _About) -> tuple[Span, Group, Group, Group] | None:
        fresh = sa.select(sa.func.max(_O.on_date)).where(_O.kind.in_(about.kinds))
        newest: date | None = connection.execute(fresh).scalar()
        if newest is None:
            return None
        span = Span(about.days, min(newest, about.today))
        # Nobody counts whose days are not over: neither do later attempts, and they need not be read.
        over = _A.intended_at < span.last_end
        called = self._first(about.campaign_id, sa.and_(over, about.reached))
        dialled = self._first(about.campaign_id, over)
        return (
            span,
            self._group(connection, about, span, called),
            self._group(connection, about, span, dialled),
            self._control(connection, about, span),
        )

    def _first(self, campaign_id: str, which: "sa.ColumnElement[bool]") -> sa.Subquery:
        """Return each person's first attempt of this kind."""
        nth = sa.func.row_number().over(
            partition_by=_A.taxpayer_key, order_by=(_A.intended_at, _A.attempt_id)
        )
        hour = hour_of(_A.intended_at, self._database).label("hour")
        columns = (_A.taxpayer_key, _A.lead_id, _A.version, _A.ordinal, hour, nth.label("nth"))
        found = sa.select(*columns).where(_A.campaign_id == campaign_id, SENT, which).subquery()
        mine = (column for column in found.c if column.name != "nth")
        return sa.select(*mine).where(found.c.nth == 1).subquery()

    def _group(self, connection: Connection, about: _About, span: Span, first: sa.Subquery) -> Group:
        by = (first.c.version, first.c.ordinal, first.c.hour)
        people: Counter[Begun] = Counter()
        for row in connection.execute(sa.select(*by, sa.func.count().label("many")).group_by(*by)):
            people[_begun(row)] += row.many
        query = (
            sa.select(first.c.taxpayer_key, *by, _O.on_date)
            .join(leads, _L.lead_id == first.c.lead_id)
            .join(lead_batches, _B.batch_id == _L.batch_id)
            .join(lists, lists.c.list_id == _B.list_id)
            .join(taxpayer_outcomes, sa.and_(_O.taxpayer_key == first.c.taxpayer_key, about.deeds))
            .order_by(first.c.taxpayer_key)
        )
        return span.group(people, (Deeds(_begun(rows[0]), _days(rows)) for rows in _each(connection, query)))

    def _control(self, connection: Connection, about: _About, span: Span) -> Group:
        began = sa.select(sa.func.min(_A.intended_at)).where(_A.campaign_id == about.campaign_id, SENT)
        first = connection.execute(began).scalar()
        if first is None:  # nobody was dialled: no count has begun
            return Group({}, {})
        mine = sa.and_(_B.campaign_id == about.campaign_id, _B.completed_at.is_not(None))
        control = sa.and_(_L.batch_id == _B.batch_id, _L.state == LeadState.CONTROL.value)
        counted = (
            sa.select(_B.batch_id, _B.completed_at, sa.func.count().label("many"))
            .join(leads, control)
            .where(mine)
            .group_by(_B.batch_id, _B.completed_at)
        )
        begun: dict[int, Begun] = {}
        people: Counter[Begun] = Counter()
        for row in connection.execute(counted):
            begun[row.batch_id] = Begun(office_day(max(first, row.completed_at)))
            people[begun[row.batch_id]] += row.many
        query = (
            sa.select(contacts.c.taxpayer_key, _B.batch_id, _O.on_date)
            .select_from(lead_batches)
            .join(leads, control)
            .join(contacts, contacts.c.contact_id == _L.contact_id)
            .join(lists, lists.c.list_id == _B.list_id)
            .join(taxpayer_outcomes, sa.and_(_O.taxpayer_key == contacts.c.taxpayer_key, about.deeds))
            .where(mine)
            .order_by(contacts.c.taxpayer_key)
        )
        found = _each(connection, query)
        return span.group(people, (Deeds(begun[rows[0].batch_id], _days(rows)) for rows in found))


def _each(connection: Connection, query: "sa.Select[Any]") -> Iterator[list[Any]]:
    """Yield each person's rows; never more than some in memory."""
    rows = connection.execution_options(yield_per=1000).execute(query)
    for _, some in groupby(rows, lambda row: bytes(row.taxpayer_key)):
        yield list(some)


def _begun(row: Any) -> Begun:
    hour = as_hour(row.hour)
    return Begun(hour.date(), row.version, hour.hour, row.ordinal)


def _days(rows: list[Any]) -> list[date]:
    return [row.on_date for row in rows]
