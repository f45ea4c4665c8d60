"""The gate: why a lead is not dialled now. One order of questions, right before dialling and in the dry run.

What concerns the whole campaign is asked first, what is asked of a record or of the directory last, and of
those leads only that passed so far: a batch costs one question to each of them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from desk.working_days import WIB, WorkingCalendar, office_day
from dialer.attempt_rules import Past, why_not
from dialer.campaigns import Campaign, CampaignState, Window
from dialer.contacts import Key
from dialer.kinds import CapRule, CapTable
from dialer.leads import Lead, LeadState
from dialer.lists import ListState
from dialer.ports import Solved, Suppressions
from dialer.reasons import WhyNot
from dialer.retry import Refusal, allowed_from
from dialer.windows import day_began, why_closed
from domain.directory import DirectoryUnavailable
from domain.phone import callback_number
from domain.zones import Zone

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ListStanding:
    """What the gate knows of a list."""

    state: ListState
    cut_off: date
    expires_on: date  # the last day (WIB)


@dataclass(frozen=True, slots=True)
class LeadPast:
    """Earlier attempts: all to the taxpayer, and those to the number that goes next."""

    taxpayer: Sequence[Past] = ()
    number: Sequence[Past] = ()


class GateFacts(Protocol):
    """What the gate asks of the records. Every method raises `dialer.leads.LeadsUnavailable`."""

    async def lists(self, list_ids: Iterable[str]) -> Mapping[str, ListStanding]:
        """Return how these lists stand; one that is not there is left out."""
        ...

    async def past(self, leads: Sequence[Lead]) -> Mapping[int, LeadPast]:
        """Return the earlier attempts of leads, by lead id; a lead without any may be left out."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for every lead at this moment."""

    now: datetime  # aware
    killed: bool  # the kill switch is thrown
    ready: bool  # Asterisk, database and disk
    held: frozenset[int] | None = None  # leads whose lease is held; None: not asked


@dataclass(frozen=True, slots=True)
class _Case:
    """One lead, and the moment for which it is judged."""

    lead: Lead
    at: datetime
    listed: ListStanding | None
    clock: "_Clock"

    @property
    def number_key(self) -> Key | None:
        keys = self.lead.contact.number_keys
        return keys[self.lead.number] if 0 <= self.lead.number < len(keys) else None


class _Clock:
    """The callee's clock, asked once for each zone and moment: a batch has few of them."""

    def __init__(self, window: Window, calendar: WorkingCalendar) -> None:
        self._window, self._calendar = window, calendar
        self._closed: dict[tuple[datetime, Zone], WhyNot | None] = {}
        self._began: dict[tuple[datetime, Zone], datetime] = {}

    def why_closed(self, at: datetime, zone: Zone) -> WhyNot | None:
        if (at, zone) not in self._closed:
            self._closed[at, zone] = why_closed(self._window, self._calendar, at, zone)
        return self._closed[at, zone]

    def day_began(self, at: datetime, zone: Zone) -> datetime:
        if (at, zone) not in self._began:
            self._began[at, zone] = day_began(at, zone)
        return self._began[at, zone]


class Gate:
    """Judges leads. Decides nothing by itself: what it asks is given to it."""

    def __init__(
        self,
        facts: GateFacts,
        suppressions: Suppressions,
        solved: Solved,
        caps: CapTable,
        calendar: WorkingCalendar,
    ) -> None:
        self._facts, self._suppressions, self._solved = facts, suppressions, solved
        self._caps, self._calendar = caps, calendar

    async def judge(
        self,
        campaign: Campaign,
        leads: Sequence[Lead],
        standing: Standing,
        moment: Callable[[Lead], datetime] | None = None,
    ) -> Mapping[int, Refusal | None]:
        """Return for each lead why it is not dialled, and until when; None: it is dialled.

        `moment`: for which moment a lead is judged, where that is not now. Raises LeadsUnavailable.
        """
        listed = await self._facts.lists({lead.contact.list_id for lead in leads})
        clock = _Clock(campaign.definition.window, self._calendar)
        cases = [
            _Case(lead, moment(lead) if moment else standing.now, listed.get(lead.contact.list_id), clock)
            for lead in leads
        ]
        refused: dict[int, Refusal] = {}
        rule = self._caps.at(standing.now)
        for ask in (self._by_rule, self._by_suppression, self._by_directory, self._by_record):
            rest = [case for case in cases if case.lead.lead_id not in refused]
            if rest:
                refused |= await ask(campaign, rest, standing, rule)
        return {lead.lead_id: refused.get(lead.lead_id) for lead in leads}

    async def _by_rule(
        self, campaign: Campaign, cases: Sequence[_Case], standing: Standing, rule: CapRule
    ) -> Mapping[int, Refusal]:
        found: dict[int, Refusal] = {}
        for case in cases:
            why = _of_campaign(campaign, standing) or self._of_lead(campaign, case)
            if why is not None:
                found[case.lead.lead_id] = Refusal(why, self._until(campaign, case, why, standing.now))
        return found

    def _of_lead(self, campaign: Campaign, case: _Case) -> WhyNot | None:
        today, definition = office_day(case.at), campaign.definition
        if (definition.starts_on and today < definition.starts_on) or (
            definition.ends_on and today > definition.ends_on
        ):
            return WhyNot.CAMPAIGN_OVER
        if case.listed is None or case.listed.state is not ListState.APPROVED:
            return WhyNot.LIST_NOT_APPROVED
        if today > case.listed.expires_on:
            return WhyNot.LIST_EXPIRED
        if case.lead.state is LeadState.CONTROL:
            return WhyNot.CONTROL_GROUP
        return case.clock.why_closed(case.at, case.lead.contact.zone)

    def _until(self, campaign: Campaign, case: _Case, why: WhyNot, now: datetime) -> datetime:
        """Return when a lead is looked at again that its campaign, list or hour refuses."""
        if why in (WhyNot.OUTSIDE_WINDOW, WhyNot.DAY_OFF):
            return self._allowed(campaign, case, case.at)
        starts_on = campaign.definition.starts_on
        if why is WhyNot.CAMPAIGN_OVER and starts_on and office_day(now) < starts_on:
            return self._allowed(campaign, case, datetime.combine(starts_on, time(), WIB))
        return max(case.lead.due_at, now)

    async def _by_suppression(
        self, campaign: Campaign, cases: Sequence[_Case], standing: Standing, rule: CapRule
    ) -> Mapping[int, Refusal]:
        keys = {case.lead.contact.taxpayer_key for case in cases}
        keys |= {case.number_key for case in cases if case.number_key is not None}
        known = await self._suppressions.find(keys)
        found: dict[int, Refusal] = {}
        for case in cases if known else ():
            mine = (case.lead.contact.taxpayer_key, case.number_key)
            whys = {known[key] for key in mine if key is not None and key in known}
            why = next((one for one in (WhyNot.DO_NOT_CALL, WhyNot.WRONG_NUMBER) if one in whys), None)
            if why is not None:
                found[case.lead.lead_id] = Refusal(why, None)
        return found

    async def _by_directory(
        self, campaign: Campaign, cases: Sequence[_Case], standing: Standing, rule: CapRule
    ) -> Mapping[int, Refusal]:
        definition = campaign.definition
        by_cut_off: dict[date, list[_Case]] = {}
        for case in cases:
            if case.listed is not None:
                by_cut_off.setdefault(case.listed.cut_off, []).append(case)
        found: dict[int, Refusal] = {}
        for cut_off, some in by_cut_off.items():
            contacts = [case.lead.contact for case in some]
            try:
                solved = await self._solved.since(
                    contacts, definition.kind.value, cut_off, definition.tax_period
                )
            except DirectoryUnavailable:
                later = standing.now + timedelta(minutes=rule.ask_again)
                again = Refusal(WhyNot.DIRECTORY_UNAVAILABLE, later)
                found |= {case.lead.lead_id: again for case in some}
                continue
            done = (case for case in some if case.lead.contact.taxpayer_key in solved)
            found |= {case.lead.lead_id: Refusal(WhyNot.SOLVED, None) for case in done}
        return found

    async def _by_record(
        self, campaign: Campaign, cases: Sequence[_Case], standing: Standing, rule: CapRule
    ) -> Mapping[int, Refusal]:
        found: dict[int, Refusal] = {}
        rest = []
        for case in cases:
            if _may_be_dialled(case):
                rest.append(case)
            else:
                found[case.lead.lead_id] = Refusal(WhyNot.NOT_A_NUMBER, None)
        past = await self._facts.past([case.lead for case in rest]) if rest else {}
        for case in rest:
            refusal = self._of_past(campaign, case, past.get(case.lead.lead_id, LeadPast()), rule)
            if refusal is None and case.lead.due_at > case.at:
                refusal = Refusal(WhyNot.SPACING, case.lead.due_at)
            if refusal is None and standing.held is not None and case.lead.lead_id not in standing.held:
                refusal = Refusal(WhyNot.LEASE_LOST, case.lead.due_at)
            if refusal is not None:
                found[case.lead.lead_id] = refusal
        return found

    def _of_past(self, campaign: Campaign, case: _Case, past: LeadPast, rule: CapRule) -> Refusal | None:
        """Return what the record would refuse (`AttemptStore.intend` asks the same), and until when."""
        limits = rule.limits(campaign.definition.caps)
        began = case.clock.day_began(case.at, case.lead.contact.zone)
        why = why_not(past.taxpayer, past.number, campaign.campaign_id, limits, began, case.at)
        if why is None:
            return None
        if why in (WhyNot.CAP_LIFE, WhyNot.TAXPAYER_CAP_LIFE):
            return Refusal(why, None)
        until = case.at + timedelta(minutes=rule.ask_again)
        if why is WhyNot.RESTING:
            rest = timedelta(hours=limits.rest_after_abandoned_hours)
            ends = [one.ended_at for one in (*past.taxpayer, *past.number) if one.rests and one.ended_at]
            until = max(ends) + rest
        elif why in (WhyNot.CAP_DAY, WhyNot.TAXPAYER_CAP_DAY):
            until = began + _A_DAY
        elif why in (WhyNot.CAP_24H, WhyNot.TAXPAYER_CAP_24H):
            own = campaign.campaign_id if why is WhyNot.CAP_24H else None
            most = limits.campaign_24h if own else limits.taxpayer_24h
            made = sorted(
                one.intended_at for one in past.taxpayer if one.counts and own in (None, one.campaign_id)
            )
            # Still counted at the very moment at which it is 24 hours old.
            until = made[-most] + _A_DAY + timedelta(seconds=1)
        return Refusal(why, self._allowed(campaign, case, max(until, case.at)))

    def _allowed(self, campaign: Campaign, case: _Case, at: datetime) -> datetime:
        return allowed_from(campaign.definition.window, self._calendar, at, case.lead.contact.zone)


def _of_campaign(campaign: Campaign, standing: Standing) -> WhyNot | None:
    if standing.killed:
        return WhyNot.KILL_SWITCH
    if not standing.ready:
        return WhyNot.ENGINE_NOT_READY
    return None if campaign.state is CampaignState.RUNNING else WhyNot.CAMPAIGN_NOT_RUNNING


def _may_be_dialled(case: _Case) -> bool:
    numbers = case.lead.contact.person.numbers
    if case.number_key is None or case.lead.number >= len(numbers):
        return False
    number = numbers[case.lead.number]
    return callback_number(number) == number
