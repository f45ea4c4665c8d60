"""Whom calls are with: attempts, leads and campaigns joined by the call's id."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from desk.card import LiveCalls, StoryUnavailable
from desk.placed import PlacedTo
from desk.proof import Holder
from desk.tax_dates import TaxCalendar, spoken_dates
from desk.working_days import WorkingCalendar, office_day
from dialer.attempts import UNFINISHED, Attempt, AttemptsUnavailable
from dialer.campaigns import CampaignStore, CampaignsUnavailable
from dialer.contacts import Key
from dialer.dispositions import DispositionTable, Flag
from dialer.leads import LeadStore, LeadsUnavailable
from domain.clock import Clock
from domain.directory import DirectoryUnavailable, TaxpayerRecords
from domain.masking import mask
from web.outbound_port import Called, OutboundUnavailable, PastAttempt
from web.script_port import INBOUND, CallPurpose

log = logging.getLogger(__name__)

RECOGNISED_FACT = "attempt_id"
"""The fact of a call that came in after one of ours in vain: our call (`ivr.campaign_look_ups`)."""

GENERAL_SCRIPT, CALLBACK_SCRIPT = "outbound", "outbound_callback"
_REMEMBERED = 2_000  # calls whose taxpayer is known already
_PAST = timedelta(days=366)  # of attempts that are shown


class AttemptReader(Protocol):
    """Reads attempts. Every method raises AttemptsUnavailable."""

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one."""
        ...

    async def to_taxpayer(self, taxpayer_key: Key, since: datetime) -> Sequence[Attempt]:
        """Return sent attempts to a taxpayer since a time, newest first."""
        ...


class Recognised(Protocol):
    """Knows which of our calls an inbound call answers."""

    async def recognised(self, call_id: str) -> str | None:
        """Return our call's id, or None. Raises LeadsUnavailable."""
        ...


class OutboundCalls:
    """Joins what is on record of a call."""

    def __init__(
        self,
        attempts: AttemptReader,
        leads: LeadStore,
        campaigns: CampaignStore,
        recognised: Recognised,
        live: LiveCalls,
        clock: Clock,
    ) -> None:
        self._attempts, self._leads, self._campaigns = attempts, leads, campaigns
        self._recognised, self._live = recognised, live
        self._clock = clock

    async def attempt(self, call_id: str) -> Attempt | None:
        """Return the attempt that a call is; None: we did not place it. Raises OutboundUnavailable."""
        try:
            return await self._attempts.get(call_id)
        except AttemptsUnavailable as error:
            raise OutboundUnavailable(str(error)) from error

    async def called(self, call_id: str) -> Called | None:
        """Return whom a call is with; None: no campaign's call. Raises OutboundUnavailable."""
        try:
            attempt = await self._attempts.get(call_id)
            placed = attempt is not None
            if attempt is None:
                attempt = await self._answered(call_id)
            return None if attempt is None else await self._called(call_id, attempt, placed=placed)
        except (AttemptsUnavailable, LeadsUnavailable, CampaignsUnavailable) as error:
            raise OutboundUnavailable(str(error)) from error

    async def past(self, taxpayer_key: Key, lead_id: int, but: str = "") -> Sequence[PastAttempt]:
        """Return a lead's attempts, newest first, without one. Raises AttemptsUnavailable."""
        found = await self._attempts.to_taxpayer(taxpayer_key, self._clock.now() - _PAST)
        return [
            PastAttempt(at, "" if one.outcome is None else one.outcome.value, one.disposition)
            for one in found
            if one.lead_id == lead_id and one.attempt_id != but and (at := one.sent_at) is not None
        ]

    async def _answered(self, call_id: str) -> Attempt | None:
        """Return the attempt of ours that somebody who rang back answers."""
        live = self._live.live(call_id)
        attempt_id = None if live is None else live.facts.get(RECOGNISED_FACT)
        if attempt_id is None:
            attempt_id = await self._recognised.recognised(call_id)
        return None if attempt_id is None else await self._attempts.get(attempt_id)

    async def _called(self, call_id: str, attempt: Attempt, *, placed: bool) -> Called | None:
        try:
            lead = await self._leads.get(attempt.lead_id)
            campaign = await self._campaigns.get(attempt.campaign_id)
        except KeyError:
            log.warning("a call's lead or campaign is not on record")
            return None
        keys = lead.contact.number_keys
        number = keys.index(attempt.number_key) if attempt.number_key in keys else 0
        past = await self.past(attempt.taxpayer_key, lead.lead_id, attempt.attempt_id if placed else "")
        return Called(
            call_id=call_id,
            attempt_id=attempt.attempt_id,
            campaign=campaign,
            lead=lead,
            number=number,
            code=attempt.code,
            past=past,
            placed=placed,
            counted=attempt.state not in UNFINISHED,
        )


class CalledTaxpayers:
    """Whom calls of ours were placed to, as the register knows them (`desk.placed.PlacedCalls`)."""

    def __init__(self, calls: OutboundCalls, register: TaxpayerRecords) -> None:
        self._calls, self._register = calls, register
        self._known: OrderedDict[str, PlacedTo] = OrderedDict()

    async def placed_to(self, call_id: str) -> PlacedTo | None:
        """Return whom a call was placed to; None: it is none of ours. Raises StoryUnavailable."""
        known = self._known.get(call_id)
        if known is not None:
            return known
        try:
            called = await self._calls.called(call_id)
        except OutboundUnavailable as error:
            raise StoryUnavailable(str(error)) from error
        if called is None or not called.placed:
            return None
        found = await self._placed(called)
        if found.taxpayer_id is not None:
            self._known[call_id] = found
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return found

    async def _placed(self, called: Called) -> PlacedTo:
        person = called.lead.contact.person
        number = mask(person.numbers[called.number])
        try:
            taxpayer = await self._register.find(person.npwp)
        except DirectoryUnavailable:
            taxpayer = None
        if taxpayer is None:
            return PlacedTo(number, holder_of(person.npwp), None)
        holder = Holder.PERSON if taxpayer.resident_person else Holder.COMPANY
        return PlacedTo(number, holder, taxpayer.taxpayer_id)


def holder_of(npwp: str) -> Holder:
    """Return what kind of taxpayer a 16-digit NPWP is of: a resident person's is never led by a zero."""
    return Holder.COMPANY if npwp.startswith("0") else Holder.PERSON


class OutboundPurposes:
    """Why calls are made (`web.script_port.CallPurposes`): the campaign's script, and what fills it."""

    def __init__(
        self,
        calls: OutboundCalls,
        scripts: Mapping[str, object],
        dispositions: DispositionTable,
        tax: TaxCalendar,
        calendar: WorkingCalendar,
        clock: Clock,
    ) -> None:
        """`scripts`: by name; a campaign whose script is not among them has the general one."""
        self._calls, self._scripts = calls, scripts
        self._dispositions, self._tax, self._calendar = dispositions, tax, calendar
        self._clock = clock

    async def purpose(self, call_id: str) -> CallPurpose:
        """Return why a call is made. Whatever is not known is a call that came in."""
        try:
            called = await self._calls.called(call_id)
        except OutboundUnavailable:
            return CallPurpose()
        if called is None:
            return CallPurpose()
        definition, person = called.campaign.definition, called.lead.contact.person
        shown = {name: person.fields[name] for name in definition.fields if person.fields.get(name)}
        if not called.placed:  # whoever rings back may prove to be somebody else
            shown = {}
        today = office_day(self._clock.now())
        return CallPurpose(
            script=self._script(called),
            fields={
                **shown,
                "isi_campaign": definition.content,
                "kode_verifikasi": f"{called.code[:3]} {called.code[3:]}",
            },
            said=spoken_dates(self._tax, self._calendar, holder_of(person.npwp), today),
            about=f"lead:{called.lead.lead_id}" if shown else "",
            needs_poro=definition.needs_poro,
        )

    def _script(self, called: Called) -> str:
        if not called.placed:
            return INBOUND
        last = next((one.disposition for one in called.past if one.disposition), "")
        row = self._dispositions.at(self._clock.now()).dispositions.get(last)
        promised = row is not None and row.has(Flag.CALLBACK)
        script = CALLBACK_SCRIPT if promised else called.campaign.definition.script
        return script if script in self._scripts else GENERAL_SCRIPT
