"""What came of a campaign, as it is counted and as it goes back to the requester. Data only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


class LiveUnavailable(Exception):
    """What a campaign does now, or came of it, cannot be read at the moment."""


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What came of a day's dials, or of an hour's. Counts."""

    dialled: int = 0
    answered: int = 0  # by whatever answers, machines too
    live: int = 0  # by a person: what abandonment is a share of
    abandoned: int = 0
    contacts: int = 0  # the right party was spoken to (`Flag.RIGHT_PARTY`)
    promises: int = 0
    done: int = 0  # leads dialled for the last time


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One lead, as it goes back to the requester. Personal."""

    order_number: str
    row: int  # in the requester's file
    npwp: str = field(repr=False)
    name: str = field(repr=False)
    outcome: str  # `DialOutcome` of the last attempt, or a `WhyNot`; empty: not dialled yet
    disposition: str  # the last one that anybody gave, or empty
    attempts: int  # that were or may have been sent
    last_at: datetime | None  # of the last one
    promised_on: date | None  # by when the taxpayer files or pays


@dataclass(frozen=True, slots=True)
class ResultFigures:
    """What came of a campaign, in counts."""

    leads: int
    ready: int
    done: int
    control: int
    attempts: int
    outcomes: Mapping[str, int]  # last outcome of each dialled lead
    dispositions: Mapping[str, int]  # the last one of each lead that has any
    marks: Mapping[str, Mapping[int, int]] = field(default_factory=dict)  # question → mark → people
