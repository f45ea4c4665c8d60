"""What call flows ask about calls of ours, out of the records of attempts, campaigns, leads and lists."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from dialer.attempts import UNFINISHED, Attempt, AttemptsUnavailable, DialOutcome
from dialer.campaigns import Campaign, CampaignKind, CampaignState, CampaignsUnavailable, Definition
from dialer.contacts import NPWP_KEY, NUMBER_KEY, Contact, Key
from dialer.leads import LeadStore, LeadsUnavailable
from dialer.lists import ListStore, ListsUnavailable
from dialer.ports import Suppressions
from dialer.reasons import WhyNot
from domain.campaign_calls import CampaignCallsUnavailable, CodedCall, Matter, PlacedCall, VainCall
from storage.vault import Vault

BY_KEYPAD = "keypad"
"""Who asked for a suppression, where a member of staff's id would stand: the called person, by a key."""

_KEY_BYTES = 16
_MATTERS: Mapping[CampaignKind, Matter] = MappingProxyType(
    {
        CampaignKind.NON_FILER: Matter.FILING,
        CampaignKind.REMINDER: Matter.FILING,
        CampaignKind.BILLING: Matter.PAYMENT,
        CampaignKind.FIRST_PAYMENT: Matter.PAYMENT,
        CampaignKind.SURVEY: Matter.SURVEY,
        CampaignKind.CALLBACK: Matter.OTHER,
    }
)
# The telephone rang, or may have rung, and nobody spoke to an agent or heard the flow to its end.
_IN_VAIN = frozenset(
    {
        DialOutcome.ABANDONED,
        DialOutcome.HUNG_UP_EARLY,
        DialOutcome.MACHINE,
        DialOutcome.BUSY,
        DialOutcome.NO_ANSWER,
        DialOutcome.REJECTED,
        DialOutcome.CANCELLED,
        DialOutcome.ANSWERED_LATE,
        DialOutcome.LOST,
    }
)
_WITH_AGENTS = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})
_NOT_PERSONS = frozenset({"company", "agency", "treasurer"})  # of domain.directory.Profile.group


class AttemptFinder(Protocol):
    """The record of attempts, as far as it is read here (`storage.attempts.DurableAttempts`)."""

    async def get(self, attempt_id: str) -> Attempt | None:
        """Return one."""
        ...

    async def with_code(self, code: str, since: datetime) -> Sequence[Attempt]:
        """Return sent attempts since a time in which this verification code was told, newest first."""
        ...

    async def to_number(self, number_key: Key, since: datetime) -> Sequence[Attempt]:
        """Return sent attempts to a number since a time, newest first."""
        ...


class CampaignFinder(Protocol):
    """Campaigns, as far as they are read here (`storage.campaigns.DurableCampaigns`)."""

    async def get(self, campaign_id: str) -> Campaign:
        """Return one. Raises KeyError."""
        ...

    async def definition(self, campaign_id: str, version: int) -> Definition:
        """Return a version of a definition. Raises KeyError."""
        ...


class CampaignCallRecord:
    """A `domain.campaign_calls.CampaignCalls` on the records of outbound work."""

    def __init__(
        self,
        attempts: AttemptFinder,
        campaigns: CampaignFinder,
        leads: LeadStore,
        lists: ListStore,
        suppressions: Suppressions,
        vault: Vault,
    ) -> None:
        self._attempts = attempts
        self._campaigns = campaigns
        self._leads = leads
        self._lists = lists
        self._suppressions = suppressions
        self._vault = vault

    async def placed(self, call_id: str) -> PlacedCall | None:
        """Return a call that we placed, or None if we placed none with this id."""
        with _unavailable():
            attempt = await self._attempts.get(call_id)
            if attempt is None:
                return None
            definition = await self._campaigns.definition(attempt.campaign_id, attempt.version)
            contact = (await self._leads.get(attempt.lead_id)).contact
            order = (await self._lists.get(contact.list_id)).order
        return PlacedCall(
            call_id,
            _matter(definition),
            definition.kind is not CampaignKind.REMINDER,
            definition.tax_period,
            order.cut_off,
            _is_person(contact),
        )

    async def is_owner(self, call_id: str, npwp: str) -> bool:
        """Whether a call was placed to the taxpayer with this NPWP (16 digits)."""
        with _unavailable():
            attempt = await self._attempts.get(call_id)
        return attempt is not None and attempt.taxpayer_key == self._key(NPWP_KEY + npwp)

    async def stop_calls(self, call_id: str, at: datetime, *, taxpayer: bool) -> bool:
        """Suppress the number, and with `taxpayer` the taxpayer; on record who asked and in which call."""
        with _unavailable():
            attempt = await self._attempts.get(call_id)
            if attempt is None:
                return False
            for key in (attempt.number_key, *((attempt.taxpayer_key,) if taxpayer else ())):
                await self._suppressions.add(key, WhyNot.DO_NOT_CALL, BY_KEYPAD, at, call_id)
        return True

    async def with_code(self, code: str, since: datetime) -> Sequence[CodedCall]:
        """Return the calls since a time that carry a verification code, newest first."""
        with _unavailable():
            found = await self._attempts.with_code(code, since)
        return [CodedCall(one.attempt_id, one.number, _when(one)) for one in found]

    async def in_vain(self, number: str, since: datetime) -> VainCall | None:
        """Return the newest call to a number since a time, if it did not reach the person.

        None also when the network never rang it, and when the campaign is over.
        """
        with _unavailable():
            found = await self._attempts.to_number(self._key(NUMBER_KEY + number), since)
            if not found or found[0].state in UNFINISHED or found[0].outcome not in _IN_VAIN:
                return None
            campaign = await self._campaigns.get(found[0].campaign_id)
        if campaign.state not in _WITH_AGENTS:
            return None
        queue = f"{campaign.definition.skill}/{campaign.definition.tier}"
        return VainCall(found[0].attempt_id, queue, _when(found[0]))

    def _key(self, text: str) -> Key:
        return self._vault.lookup_key(text)[:_KEY_BYTES]


@contextmanager
def _unavailable() -> Iterator[None]:
    """Raise CampaignCallsUnavailable for whatever part of the record does not answer or is not whole."""
    try:
        yield
    except (AttemptsUnavailable, CampaignsUnavailable, LeadsUnavailable, ListsUnavailable, KeyError) as error:
        raise CampaignCallsUnavailable(type(error).__name__) from error


def _matter(definition: Definition) -> Matter:
    matter = _MATTERS[definition.kind]
    # Of a month, payments are due; annual returns are what reminders are about otherwise.
    if definition.kind is CampaignKind.REMINDER and "-" in definition.tax_period:
        return Matter.PAYMENT
    return matter


def _is_person(contact: Contact) -> bool:
    """A resident person's NPWP is their NIK, and no NIK begins with 0 (`domain.npwp`)."""
    return contact.group not in _NOT_PERSONS and not contact.person.npwp.startswith("0")


def _when(attempt: Attempt) -> datetime:
    at = attempt.sent_at or attempt.intended_at
    if at is None:
        raise CampaignCallsUnavailable(f"attempt {attempt.attempt_id} has no time")
    return at
