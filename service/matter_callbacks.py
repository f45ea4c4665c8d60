"""Callbacks of matters through the dialer: promises handed over, and what came of them followed.

Whoever switches it on answers for the lists, as who approves any list does: the service makes them, a person
approves. A promise is handed over while its campaign runs; a stopped campaign gives all of them back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk.matter_codes import new_code
from desk.matter_rules import MatterRules
from desk.matters import (
    Act,
    CodeTaken,
    Matter,
    MatterBook,
    MatterChanged,
    MatterKind,
    MatterRefused,
    MattersUnavailable,
    Moved,
    WorkFilter,
)
from desk.matters_callbacks import (
    CallbackResult,
    Ended,
    InVain,
    Purpose,
    calls_on_trail,
    can_be_handed,
    confirmed,
    ended,
    handed_over,
    purpose_of,
    put_off,
    taken_back,
    told,
    tried,
    was_told,
)
from desk.matters_work import SYSTEM
from desk.matters_written import needs_notice, written_notice
from desk.promises import zone_of
from desk.working_days import office_day
from dialer.campaigns import (
    CampaignChanged,
    CampaignRefused,
    CampaignState,
    CampaignStore,
    CampaignsUnavailable,
)
from dialer.disposed import NO_DISPOSITION
from dialer.dispositions import DispositionTable, Flag
from dialer.leads import LeadState
from domain.clock import Clock
from domain.directory import DirectoryUnavailable, TaxpayerRecords
from domain.ids import new_id
from storage.matter_callbacks import Callee, DurableMatterCallbacks, LeadNow, Place

log = logging.getLogger(__name__)

CORRECTED_WITHIN = timedelta(minutes=1)
"""Agents may correct a disposition while the call's note is with them: it is followed after this time."""
PUT_OFF = timedelta(hours=1)
"""By how much a call has to be put off for the trail to say so: a gate asks again every few minutes."""
_MOST = 200  # promises handed over in one round
_PROMISES = frozenset({MatterKind.PROMISE})
_TAKES = frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.FINISHED})
_WOULD_NOT_LISTEN = "refused"  # of the table of dispositions
_RESULTS = {"settled": CallbackResult.SETTLED, "not_settled": CallbackResult.NOT_SETTLED}


@dataclass(frozen=True, slots=True)
class CallbackStands:
    """What callbacks stand on."""

    book: MatterBook
    kept: DurableMatterCallbacks
    campaigns: CampaignStore
    rules: MatterRules
    register: TaxpayerRecords
    dispositions: DispositionTable
    clock: Clock


class MatterCallbacks:
    """Hands promises to the dialer and follows what came of them. One for the service, on its event loop."""

    def __init__(self, on: CallbackStands) -> None:
        self._on = on
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Follow what ended, then hand over what can be. Raises MattersUnavailable."""
        async with self._turn:
            now = self._on.clock.now()
            places = await self._on.kept.places(now)
            for lead in await self._on.kept.standing(now):
                place = places.get(lead.handed.purpose)
                good = place is not None and place.campaign_id == lead.handed.campaign_id
                await self._follow(lead, now, dialled=good and lead.campaign is not CampaignState.STOPPED)
            if places:
                await self._hand(places, now)

    # ---- Handing over

    async def _hand(self, places: Mapping[Purpose, Place], now: datetime) -> None:
        found = await self._on.book.work(WorkFilter(_PROMISES, assignee="", most=_MOST))
        for promise in found:
            if not can_be_handed(promise):
                continue
            parent = await self._parent(promise)
            place = places.get(purpose_of(parent))
            if place is None or place.state not in _TAKES:
                continue
            try:
                await self._hand_one(promise, place, now)
            except (MatterChanged, MatterRefused):
                continue  # somebody took it at this moment
            except DirectoryUnavailable:
                log.warning("the register does not answer: promises are handed over later")
                return

    async def _hand_one(self, promise: Matter, place: Place, now: datetime) -> None:
        rounds = await self._on.kept.of_promise(promise.matter_id)
        moved = handed_over(promise, len(rounds) + 1, Act(SYSTEM, now))
        await self._on.kept.hand(moved, await self._callee(promise), place, len(rounds) + 1)

    async def _callee(self, promise: Matter) -> Callee:
        parent = await self._parent(promise)
        code = promise.code if parent is None else parent.code
        taxpayer = None
        if promise.taxpayer_id is not None:
            taxpayer = await self._on.register.by_id(promise.taxpayer_id)
        return Callee(
            number=promise.body["number"],
            name=promise.body.get("name", ""),
            npwp="" if taxpayer is None else taxpayer.npwp,
            zone=zone_of(promise),
            due_at=promise.due_at or self._on.clock.now(),
            fields={"perihal": promise.body.get("about", ""), "kode_perkara": f"{code[:4]}-{code[4:]}"},
        )

    # ---- What came of it

    async def _follow(self, lead: LeadNow, now: datetime, *, dialled: bool) -> None:
        """Move the promise and its matter by how the lead stands; nothing while it is being called.

        `dialled`: its campaign is not stopped, nor its list over.
        """
        promise = await self._on.book.get(lead.handed.promise_id)
        try:
            if promise.closed_at is not None:  # on a page, by hand
                if not lead.leased:
                    await self._on.kept.settle(lead.handed, promise.state, now)
            elif lead.unspoken:
                return
            elif lead.state is LeadState.DONE and lead.reason != NO_DISPOSITION:
                await self._end(promise, lead, now)
            elif lead.state is LeadState.DONE or not (dialled or lead.leased):
                # Spoken to, and nobody knows what of; or nobody dials it any more: people call again.
                back = taken_back(promise, Act(SYSTEM, now))
                await self._on.kept.settle(lead.handed, "taken_back", now, back)
            elif not lead.leased and (told := _news(promise, lead, now)) is not None:
                await self._on.book.change(told)
            elif lead.campaign is CampaignState.FINISHED:  # by itself, when nobody was left to call
                await self._on.campaigns.move(lead.handed.campaign_id, CampaignState.RUNNING, SYSTEM, now)
        except (MatterChanged, MatterRefused, CodeTaken):
            log.warning("a callback's matter changed meanwhile; it is followed in the next round")
        except (CampaignChanged, CampaignRefused, CampaignsUnavailable):
            log.warning("the campaign of callbacks did not start again; it is tried in the next round")

    async def _end(self, promise: Matter, lead: LeadNow, now: datetime) -> None:
        if lead.spoken_by and now - lead.since < CORRECTED_WITHIN:
            return
        end = Ended(
            lead.handed,
            self._result(lead, now),
            lead.reason,
            lead.spoken_by or SYSTEM,
            lead.call_id,
            lead.calls,
        )
        steps, letters = [ended(promise, end, now)], list[Moved]()
        parent = await self._parent(promise)
        if parent is not None:
            steps += self._parents_step(parent, end, now)
            letters = self._letter(parent, promise, end, now)
        await self._on.kept.settle(lead.handed, end.result.value, now, *steps, new=letters)

    def _parents_step(self, parent: Matter, end: Ended, now: datetime) -> Sequence[Moved]:
        if parent.kind is MatterKind.COMPLAINT:
            rules = self._on.rules
            found = confirmed(rules.complaints, rules.calendar, parent, end, now)
            return [] if found is None else [found]
        return [told(parent, end.result, end.code, Act(end.by, now))]

    def _letter(self, parent: Matter, promise: Matter, end: Ended, now: datetime) -> list[Moved]:
        """Return the work to tell in writing what nobody could be told by telephone."""
        if was_told(end.result) or not needs_notice(parent) or parent.closed_at is None:
            return []
        rules, act = self._on.rules, Act(SYSTEM, now)
        new = new_id(), new_code()
        return [written_notice(rules.cases, rules.calendar, parent, promise, end.code, *new, act)]

    def _result(self, lead: LeadNow, now: datetime) -> CallbackResult:
        if lead.reason == _WOULD_NOT_LISTEN:
            return CallbackResult.DECLINED
        row = self._on.dispositions.at(now).dispositions.get(lead.reason)
        if row is None or not row.has(Flag.RIGHT_PARTY):
            return CallbackResult.NOT_REACHED
        return _RESULTS.get(lead.reason, CallbackResult.REACHED)

    async def _parent(self, promise: Matter) -> Matter | None:
        if not promise.parent:
            return None
        try:
            return await self._on.book.get(promise.parent)
        except KeyError as error:
            raise MattersUnavailable("a promise's matter is not on record") from error


def _news(promise: Matter, lead: LeadNow, now: datetime) -> Moved | None:
    """Return what the trail has to say of a call that is to come; None: nothing new."""
    if lead.calls > calls_on_trail(promise):
        return tried(promise, InVain(lead.reason, lead.spoken_by or SYSTEM, lead.calls, lead.since), now)
    due = promise.due_at
    if lead.reason and due is not None and lead.since > now and lead.since - due >= PUT_OFF:
        return put_off(promise, lead.reason, lead.since, now)
    return None


def lists_end(now: datetime) -> date:
    """Return the last day of a list of callbacks that is approved now: the end of the next year."""
    return date(office_day(now).year + 1, 12, 31)
