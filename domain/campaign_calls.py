"""The port to what call flows ask about calls of ours: people we called, and those who ring back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class CampaignCallsUnavailable(Exception):
    """The record of our calls cannot be read or written at the moment; nothing was changed."""


class Matter(StrEnum):
    """What a call of ours is about."""

    FILING = "filing"
    PAYMENT = "payment"
    SURVEY = "survey"
    OTHER = "other"  # an agent says what it is about


@dataclass(frozen=True, slots=True)
class PlacedCall:
    """A call that we placed, as its flow may know it."""

    call_id: str  # of the attempt, and of the call
    matter: Matter
    missed: bool  # the deadline is over; False: a reminder before it
    period: str  # what is to be filed or paid, 2025 or 2025-03; empty: any
    as_of: date  # the day of the data that the taxpayer was chosen by
    resident_person: bool  # the taxpayer; False: companies, agencies, foreigners


@dataclass(frozen=True, slots=True)
class CodedCall:
    """A call of ours with a verification code that somebody asks about."""

    call_id: str
    number: str = field(repr=False)  # that we called: E.164 digits without plus
    at: datetime  # aware, UTC


@dataclass(frozen=True, slots=True)
class VainCall:
    """A call of ours that did not reach the person."""

    call_id: str
    queue: str  # the skill and tier of its campaign's agents, e.g. `outbound/A`
    at: datetime  # aware, UTC


class CampaignCalls(Protocol):
    """The record of our calls, as flows need it. Every method raises CampaignCallsUnavailable."""

    async def placed(self, call_id: str) -> PlacedCall | None:
        """Return a call that we placed, or None if we placed none with this id."""
        ...

    async def is_owner(self, call_id: str, npwp: str) -> bool:
        """Whether a call was placed to the taxpayer with this NPWP (16 digits)."""
        ...

    async def stop_calls(self, call_id: str, at: datetime, *, taxpayer: bool) -> bool:
        """Never call this number again, and with `taxpayer` nor any other number of theirs. Idempotent.

        Returns whether it was a call of ours; when it returned True the wish is durable.
        """
        ...

    async def with_code(self, code: str, since: datetime) -> Sequence[CodedCall]:
        """Return the calls since a time that carry a verification code, newest first."""
        ...

    async def in_vain(self, number: str, since: datetime) -> VainCall | None:
        """Return the newest call to a number (E.164 digits) since a time, if it did not reach the person.

        None also when it did, and when its campaign has no agents to connect to any more.
        """
        ...
