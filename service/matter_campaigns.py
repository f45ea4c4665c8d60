"""The campaigns of callbacks of matters: made, approved and started by one press of a person.

The lists are the service's own and empty at first; who presses approves them, and is another than who made
them (`system`), as for every list.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from desk.matters import MatterRefused, MattersUnavailable
from desk.matters_callbacks import Purpose
from desk.matters_callbacks_table import CallbackTable, PurposeRow
from desk.matters_work import SYSTEM
from desk.promises import PromiseTable
from desk.working_days import office_day
from dialer.campaigns import (
    CampaignChanged,
    CampaignKind,
    CampaignRefused,
    CampaignState,
    CampaignStore,
    CampaignsUnavailable,
    Definition,
    Pacing,
    Window,
)
from dialer.dispositions import DispositionTable
from dialer.imports import ImportsBusy
from dialer.kinds import KindTable
from dialer.lists import Counts, ListChanged, ListStore, ListsUnavailable, Order, Requester, SamePerson
from dialer.mapping import ColumnMapping
from domain.clock import Clock
from service.matter_callbacks import lists_end
from storage.database import Database
from storage.list_loads import ListLoads
from storage.list_writing import ListWriter, NotLoading
from storage.matter_callbacks import DurableMatterCallbacks, source_of
from storage.vault import Vault

FIELDS = ("perihal", "kode_perkara")
_ON = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED})
_AWAY = (CampaignsUnavailable, ListsUnavailable)
_IN_THE_WAY = (ImportsBusy, ListChanged, NotLoading, CampaignChanged)


@dataclass(frozen=True, slots=True)
class CampaignStands:
    """What the campaigns stand on."""

    database: Database
    vault: Vault
    kept: DurableMatterCallbacks
    campaigns: CampaignStore
    lists: ListStore
    kinds: KindTable
    dispositions: DispositionTable
    promises: PromiseTable
    table: CallbackTable
    clock: Clock


@dataclass(frozen=True, slots=True)
class PurposeStanding:
    """How the callbacks of one purpose stand."""

    purpose: Purpose
    campaign_id: str  # empty: there is none
    state: str  # a CampaignState, or `off`
    expires_on: date | None
    running: int  # promises that the dialer has


class MatterCampaigns:
    """Switches callbacks through the dialer on and off. Every method raises MattersUnavailable."""

    def __init__(self, on: CampaignStands) -> None:
        self._on = on
        self._turn = asyncio.Lock()

    async def standing(self) -> Sequence[PurposeStanding]:
        """Return how each purpose stands."""
        now = self._on.clock.now()
        places, running = await self._on.kept.places(now), await self._on.kept.running()
        found = []
        for purpose in Purpose:
            count = sum(one.purpose is purpose for one in running)
            place = places.get(purpose)
            if place is None:
                found.append(PurposeStanding(purpose, "", "off", None, count))
                continue
            try:
                listed = await self._on.lists.get(place.list_id)
            except ListsUnavailable as error:
                raise MattersUnavailable(str(error)) from error
            found.append(
                PurposeStanding(purpose, place.campaign_id, place.state.value, listed.order.expires_on, count)
            )
        return found

    async def switch_on(self, by: str) -> None:
        """Make what is missing and start what stands still; `by`: the staff_id of who approves.

        Raises MatterRefused.
        """
        async with self._turn:
            now = self._on.clock.now()
            places = await self._on.kept.places(now)
            try:
                for purpose in Purpose:
                    place = places.get(purpose)
                    if place is None:
                        await self._make(purpose, by, now)
                    elif place.state is not CampaignState.RUNNING:
                        await self._on.campaigns.move(place.campaign_id, CampaignState.RUNNING, by, now)
            except _AWAY as error:
                raise MattersUnavailable(str(error)) from error
            except CampaignRefused as refused:
                raise MatterRefused("callbacks_refused", what=f"{refused.field}: {refused.word}") from refused
            except SamePerson as refused:
                raise MatterRefused("callbacks_refused", what=str(refused)) from refused
            except _IN_THE_WAY as error:
                raise MatterRefused("callbacks_later") from error

    async def switch_off(self, by: str) -> None:
        """Stop the campaigns: what rings is cancelled, and promises come back to people."""
        async with self._turn:
            now = self._on.clock.now()
            for place in (await self._on.kept.places(now)).values():
                if place.state in _ON:
                    try:
                        if (
                            place.state is CampaignState.FINISHED
                        ):  # it would begin again with the next promise
                            await self._on.campaigns.move(place.campaign_id, CampaignState.RUNNING, by, now)
                        await self._on.campaigns.move(place.campaign_id, CampaignState.STOPPED, by, now)
                    except CampaignsUnavailable as error:
                        raise MattersUnavailable(str(error)) from error
                    except CampaignChanged:
                        continue  # somebody moved it at the same moment

    async def _make(self, purpose: Purpose, by: str, now: datetime) -> None:
        row = self._on.table.at(now)[purpose]
        campaign = await self._on.campaigns.create(self._definition(row, now), by, now)
        loop = asyncio.get_running_loop()
        list_id = await loop.run_in_executor(None, self._list, purpose, row, now)
        await self._on.lists.approve(list_id, by, now)
        await self._on.campaigns.add_list(campaign.campaign_id, list_id, by, now)
        await self._on.campaigns.move(campaign.campaign_id, CampaignState.RUNNING, by, now)

    def _list(self, purpose: Purpose, row: PurposeRow, now: datetime) -> str:
        """Make a list of nobody, which waits for its approval. Blocking."""
        order = Order(
            title=row.title,
            requester=Requester.DIRECTORATE_ON_REQUEST,
            unit="KLIP",
            order_number=f"{source_of(purpose)}:{office_day(now):%Y}",
            legal_basis="Permintaan pelapor atau pemohon yang dihubungi kembali",
            cut_off=office_day(now),
            expires_on=lists_end(now),
            source=source_of(purpose),
        )
        loads = ListLoads(self._on.database, self._on.vault)
        list_id = loads.begin(order, ColumnMapping(), row.title, SYSTEM, f"service:{os.getpid()}:0")
        ListWriter(self._on.database, list_id).finish(Counts(), {}, SYSTEM)
        return list_id

    def _definition(self, row: PurposeRow, now: datetime) -> Definition:
        kind = self._on.kinds.at(now)[CampaignKind.CALLBACK]
        opens, closes = self._on.promises.at(now).window
        offered = self._on.dispositions.at(now).dispositions
        codes = [code for code, one in offered.items() if one.fits(CampaignKind.CALLBACK)]
        return Definition(
            title=row.title,
            kind=CampaignKind.CALLBACK,
            script=row.script,
            flow=kind.flow,
            pacing=Pacing.PROGRESSIVE,
            priority=row.priority,
            window=Window(opens, closes),
            dispositions=tuple(code for code in codes if code not in row.without),
            needs_poro=row.needs_poro,
            fields=FIELDS,
            content=row.content,
        )
