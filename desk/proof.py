"""The ladder of ownership (PORO): what a call has proved, and what may be tried next. Pure.

Anonymous → NPWP keyed → NPWP and name confirmed → full: the items that the service asks for. Only the
person, or a company's legal representative; a call on the non-NPWP line cannot climb. Acts are only
ever added, so that what is proved stays proved for the call, through transfers. Source: domain.md,
section 4; which items, since when and how often is data (`desk.proof_rules`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from domain.directory import ProofItem


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Holder(StrEnum):
    """What kind of taxpayer it is: persons and companies are asked for different things."""

    PERSON = "person"
    COMPANY = "company"  # every other: companies, agencies, foreigners


class Relation(StrEnum):
    """Who is on the line, as they say themselves."""

    SELF = "self"
    REPRESENTATIVE = "representative"  # a company's legal representative
    FAMILY = "family"
    EMPLOYEE = "employee"
    PROXY = "proxy"
    OTHER = "other"


ENTITLED = {Holder.PERSON: Relation.SELF, Holder.COMPANY: Relation.REPRESENTATIVE}
"""To whom a taxpayer's data may be told."""


class ActKind(StrEnum):
    """What was done about the proof of a call."""

    VALIDATION = "validation"  # NPWP and name together; `detail`: "caller" or "other", whose they are
    ITEM = "item"  # `detail`: a ProofItem
    RECEIVER = "receiver"  # `detail`: a Relation
    SERVICE = "service"  # `detail`: for which service items are asked from now on
    CLOSED = "closed"  # `detail`: a Closing; nothing is asked any more


class Outcome(StrEnum):
    """What came of it."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    NOT_HELD = "not_held"  # the register does not hold the item
    NOTED = "noted"  # of acts that are not compared


class Closing(StrEnum):
    """Why nothing more is asked."""

    REFUSED = "refused"  # by the caller
    CANNOT = "cannot"  # the caller cannot prove it


OUTBOUND_SERVICE = "outbound"
"""The service for which an outbound call is proved, and no inbound one."""

CALLER, OTHER = "caller", "other"  # whose number and name are validated


@dataclass(frozen=True, slots=True)
class ProofAct:
    """One act, as it is kept for good. What was expected and what was answered is in none."""

    call_id: str
    seq: int  # 1, 2, … without gaps within a call
    at: datetime  # aware, UTC
    by: str  # staff_id
    kind: ActKind
    detail: str
    outcome: Outcome
    taxpayer_id: str | None = None  # about whom; of validations only the caller's own that matched
    holder: Holder | None = None  # beside `taxpayer_id`


@dataclass(frozen=True, slots=True)
class ProofCase:
    """What is given of a call before anything is proved."""

    call_id: str
    on: date  # the day of the call in the office's zone: the tables in force then hold to its end
    may_climb: bool  # False on the non-NPWP line
    queues: tuple[str, ...] = ()  # it waited for, first to last: they tell the service that is asked for
    taxpayer_id: str | None = None  # inbound: keyed and found; outbound: whom it was placed to
    direction: Direction = Direction.INBOUND
    holder: Holder | None = None  # outbound: what kind the taxpayer is


@dataclass(frozen=True, slots=True)
class Asked:
    """Items that prove ownership for one service: every one of `all_of`, and `count` of `some_of`."""

    all_of: tuple[ProofItem, ...]
    some_of: tuple[ProofItem, ...] = ()
    count: int = 0

    @property
    def items(self) -> tuple[ProofItem, ...]:
        """Every item that may be asked, in the order of asking."""
        return (*self.all_of, *self.some_of)

    def met_by(self, matched: frozenset[ProofItem]) -> bool:
        """Whether matched items are enough."""
        return set(self.all_of) <= matched and len(matched & set(self.some_of)) >= self.count


@dataclass(frozen=True, slots=True)
class Limits:
    """How often may be tried in one call."""

    validations: int  # of NPWP and name, of whomever
    tries_per_item: int
    wrong_per_call: int  # answers that did not match, over all items


class ProofRules(Protocol):
    """The tables that rule proofs."""

    def limits(self, on: date) -> Limits:
        """Return the limits in force on a day."""
        ...

    def service_for(self, queue: str) -> str:
        """Return the service that a queue stands for."""
        ...

    def services(self) -> Sequence[str]:
        """Return every service that can be chosen."""
        ...

    def asked(self, service: str, holder: Holder, on: date) -> Asked:
        """Return the items that a service asks for on a day. Raises KeyError: no such service."""
        ...


class Refusal(StrEnum):
    """Why an act is not allowed; named in the catalogue as `proof.refused.WORD`."""

    NO_NPWP_LINE = "no_npwp_line"
    CLOSED = "closed"
    VALIDATIONS_USED = "validations_used"
    VALIDATION_OUTBOUND = "validation_outbound"
    ALREADY_CONFIRMED = "already_confirmed"
    NAME_FIRST = "name_first"
    RECEIVER_FIRST = "receiver_first"
    NOT_ENTITLED = "not_entitled"
    NOT_ASKED = "not_asked"
    ALREADY_MATCHED = "already_matched"
    NOT_HELD = "not_held"
    ITEM_USED_UP = "item_used_up"
    CALL_USED_UP = "call_used_up"
    NO_SUCH_SERVICE = "no_such_service"


class ProofRefused(Exception):
    """An act is not allowed."""

    def __init__(self, word: Refusal) -> None:
        super().__init__(f"the proof does not allow it: {word.replace('_', ' ')}")
        self.word = word


class ProofsUnavailable(Exception):
    """What calls proved cannot be read or written at the moment; nothing was proved."""


class ProofConflict(Exception):
    """Another act of the same call was kept first. Read the acts again and judge anew."""


class Proofs(Protocol):
    """The durable record of what calls proved, append-only. Every method raises ProofsUnavailable."""

    async def acts(self, call_id: str) -> Sequence[ProofAct]:
        """Return a call's acts in order."""
        ...

    async def append(self, act: ProofAct) -> None:
        """Make an act durable. Raises ProofConflict if its `seq` is taken."""
        ...
