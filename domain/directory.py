"""The ports to the register of taxpayers."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol


class DirectoryUnavailable(Exception):
    """The taxpayer register does not answer at the moment."""


class ProofItem(StrEnum):
    """Something that a caller can be asked for, and that the register holds or does not hold."""

    NAME = "name"
    EFIN = "efin"
    AUTHORISATION_CODE = "authorisation_code"  # Kode Otorisasi DJP
    BIRTH_DATE = "birth_date"
    MOTHER_NAME = "mother_name"
    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"
    REPRESENTATIVE = "representative"  # the name of a company's legal representative
    REGISTERED_ON = "registered_on"


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """A taxpayer as the register knows them. Every field is personal or protected."""

    taxpayer_id: str  # the register's own key, not an NPWP
    npwp: str  # 16 digits
    name: str
    resident_person: bool
    active: bool  # False: non-effective (NE)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the register shows of a taxpayer to whom proof was given. Every field is personal.

    What only proves ownership (EFIN, authorisation code, mother's name) is never in it. An empty text
    or None: the register does not hold it.
    """

    taxpayer_id: str
    address: str
    email: str
    phone: str  # E.164 digits without plus
    office_code: str  # of the tax office (KPP), 3 digits
    office_name: str
    registered_on: date | None
    born_on: date | None  # of a person
    representative: str  # of a company: who speaks for it by law
    group: str  # employee, civil_servant, entrepreneur, treasurer, company, agency


class TaxpayerDirectory(Protocol):
    """Looks taxpayers up."""

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return the taxpayer with this NPWP, or None.

        16 digits, or a resident person's old number of 15: it cannot be turned into the new one.
        Raises DirectoryUnavailable.
        """
        ...


class TaxpayerRecords(TaxpayerDirectory, Protocol):
    """The register as agents need it. Every method raises DirectoryUnavailable."""

    async def by_id(self, taxpayer_id: str) -> Taxpayer | None:
        """Return the taxpayer with this key, or None."""
        ...

    async def profile(self, taxpayer_id: str) -> Profile | None:
        """Return what the register shows of a taxpayer, or None if it holds nothing of the kind."""
        ...

    async def matches(self, taxpayer_id: str, item: ProofItem, answer: str) -> bool | None:
        """Whether an answer is what the register holds; None if it does not hold the item.

        The held value leaves the adapter neither here nor in an error. Answers are compared by
        `domain.answers`. Raises `domain.answers.AnswerUnreadable` for an answer that cannot be one.
        """
        ...
