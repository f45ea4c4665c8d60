"""Campaigns, the versions of their definitions, who did what to them, and their lists' leads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.working_days import office_day
from dialer.campaigns import (
    MOVES,
    Campaign,
    CampaignChanged,
    CampaignRefused,
    CampaignState,
    CampaignsUnavailable,
    Definition,
)
from dialer.campaigns_text import Plain, from_plain, to_plain
from storage.campaign_batches import Batches
from storage.campaign_tables import campaign_history, campaign_versions, campaigns, lead_batches
from storage.database import Database, DatabaseProblem
from storage.kept import Kept

_C, _V = campaigns.c, campaign_versions.c
_plain = msgspec.json.Decoder(Plain)


class DurableCampaigns(Kept):
    """A `dialer.campaigns.CampaignStore` on a database.

    `check` raises CampaignRefused for a definition that may not be (`dialer.campaigns_check`).
    """

    unavailable = CampaignsUnavailable

    def __init__(self, database: Database, check: Callable[[Definition], None]) -> None:
        super().__init__(database)
        self._check = check
        self._batches = Batches(database)

    async def all(self) -> Sequence[Campaign]:
        """Return campaigns, newest first."""
        return await self._read(lambda connection: _campaigns(connection))

    async def get(self, campaign_id: str) -> Campaign:
        """Return one. Raises KeyError."""
        return await self._read(lambda connection: _one(connection, campaign_id))

    async def definition(self, campaign_id: str, version: int) -> Definition:
        """Return an earlier or the present version of a definition. Raises KeyError."""
        query = sa.select(_V.definition).where(_V.campaign_id == campaign_id, _V.version == version)
        text = await self._read(lambda connection: connection.execute(query).scalar())
        if text is None:
            raise KeyError(campaign_id)
        return from_plain(_plain.decode(text))

    async def create(self, definition: Definition, by: str, at: datetime) -> Campaign:
        """Keep a new draft. Raises CampaignRefused."""
        return await self._create(definition, by, at, "created")

    async def copy(self, campaign_id: str, title: str, by: str, at: datetime) -> Campaign:
        """Keep a new draft like another campaign, without its dates and lists."""
        like = (await self.get(campaign_id)).definition
        copied = replace(like, title=title, starts_on=None, ends_on=None)
        return await self._create(copied, by, at, f"copied from {campaign_id}")

    async def change(
        self, campaign_id: str, version: int, definition: Definition, by: str, at: datetime
    ) -> Campaign:
        """Keep a new version after `version`. Raises CampaignChanged, CampaignRefused, KeyError."""
        self._check(definition)

        def change(connection: Connection) -> Campaign:
            before = _one(connection, campaign_id)
            if before.definition == definition and before.version == version:
                return before
            if before.state is not CampaignState.DRAFT and before.definition.kind is not definition.kind:
                raise CampaignRefused("kind", "fixed", definition.kind.value)
            update = sa.update(campaigns).where(_C.campaign_id == campaign_id, _C.version == version)
            if connection.execute(update.values(version=version + 1, changed_at=at)).rowcount != 1:
                raise CampaignChanged
            _keep_version(connection, campaign_id, version + 1, definition, by, at)
            told = f"changed: {' '.join(_changed(before.definition, definition))}"
            _record(connection, campaign_id, by, at, told)
            return replace(before, definition=definition, version=version + 1, changed_at=at)

        return await self._write(change)

    async def add_list(self, campaign_id: str, list_id: str, by: str, at: datetime) -> int:
        """Make leads of an approved list's contacts, all or none; return how many."""
        campaign = await self.get(campaign_id)
        try:
            batch = await self._batches.begin(campaign, list_id, by, at)
            while await self._batches.make_some(batch):
                pass
            return await self._batches.complete(
                batch, at, lambda connection, told: _record(connection, campaign_id, by, at, told)
            )
        except DatabaseProblem as error:
            raise CampaignsUnavailable(str(error)) from error

    async def move(self, campaign_id: str, to: CampaignState, by: str, at: datetime) -> Campaign:
        """Start, pause, stop or finish it. Raises CampaignChanged, CampaignRefused, KeyError."""

        def move(connection: Connection) -> Campaign:
            before = _one(connection, campaign_id)
            if to not in MOVES[before.state]:
                raise CampaignChanged
            if to is CampaignState.RUNNING:
                _check_start(before, at)
            update = sa.update(campaigns).where(_C.campaign_id == campaign_id, _C.state == before.state.value)
            if connection.execute(update.values(state=to.value, changed_at=at)).rowcount != 1:
                raise CampaignChanged
            _record(connection, campaign_id, by, at, to.value)
            return replace(before, state=to, changed_at=at)

        return await self._write(move)

    async def history(self, campaign_id: str) -> Sequence[tuple[datetime, str, str]]:
        """Return what was done to it: when, by whom (staff_id), what; oldest first."""
        h = campaign_history.c
        query = sa.select(h.at, h.who, h.what).where(h.campaign_id == campaign_id).order_by(h.n)
        rows: Sequence[Any] = await self._read(lambda connection: connection.execute(query).all())
        return [(row.at, row.who, row.what) for row in rows]

    async def _create(self, definition: Definition, by: str, at: datetime, what: str) -> Campaign:
        self._check(definition)
        new = Campaign(uuid4().hex, definition, 1, CampaignState.DRAFT, (), by, at, at)

        def create(connection: Connection) -> None:
            connection.execute(
                sa.insert(campaigns).values(
                    campaign_id=new.campaign_id,
                    state=new.state.value,
                    version=1,
                    created_by=by,
                    created_at=at,
                    changed_at=at,
                )
            )
            _keep_version(connection, new.campaign_id, 1, definition, by, at)
            _record(connection, new.campaign_id, by, at, what)

        await self._write(create)
        return new


def _check_start(campaign: Campaign, at: datetime) -> None:
    if not campaign.lists:
        raise CampaignRefused("lists", "missing")
    ends_on = campaign.definition.ends_on
    if ends_on is not None and ends_on < office_day(at):
        raise CampaignRefused("ends_on", "past", ends_on.isoformat())


def _one(connection: Connection, campaign_id: str) -> Campaign:
    found = _campaigns(connection, _C.campaign_id == campaign_id)
    if not found:
        raise KeyError(campaign_id)
    return found[0]


def _campaigns(connection: Connection, *which: "sa.ColumnElement[bool]") -> list[Campaign]:
    same_version = sa.and_(_V.campaign_id == _C.campaign_id, _V.version == _C.version)
    query = (
        sa.select(campaigns, _V.definition)
        .join(campaign_versions, same_version)
        .where(*which)
        .order_by(_C.created_at.desc(), _C.campaign_id)
    )
    lists = _lists(connection)
    return [
        Campaign(
            campaign_id=row.campaign_id,
            definition=from_plain(_plain.decode(row.definition)),
            version=row.version,
            state=CampaignState(row.state),
            lists=lists.get(row.campaign_id, ()),
            created_by=row.created_by,
            created_at=row.created_at,
            changed_at=row.changed_at,
        )
        for row in connection.execute(query)
    ]


def _lists(connection: Connection) -> Mapping[str, tuple[str, ...]]:
    b = lead_batches.c
    found: dict[str, tuple[str, ...]] = {}
    query = sa.select(b.campaign_id, b.list_id).where(b.completed_at.is_not(None)).order_by(b.batch_id)
    for row in connection.execute(query):
        found[row.campaign_id] = (*found.get(row.campaign_id, ()), row.list_id)
    return found


def _keep_version(
    connection: Connection, campaign_id: str, version: int, definition: Definition, by: str, at: datetime
) -> None:
    text = msgspec.json.encode(to_plain(definition)).decode()
    connection.execute(
        sa.insert(campaign_versions).values(
            campaign_id=campaign_id, version=version, at=at, who=by, definition=text
        )
    )


def _record(connection: Connection, campaign_id: str, by: str, at: datetime, what: str) -> None:
    connection.execute(sa.insert(campaign_history).values(campaign_id=campaign_id, at=at, who=by, what=what))


def _changed(before: Definition, after: Definition) -> list[str]:
    old, new = to_plain(before), to_plain(after)
    return [name for name in new if new[name] != old[name]]
