"""The port to the register of taxpayers."""

from dataclasses import dataclass
from typing import Protocol


class DirectoryUnavailable(Exception):
    """The taxpayer register does not answer at the moment."""


@dataclass(frozen=True, slots=True)
class Taxpayer:
    """A taxpayer as the register knows them. Every field is personal or protected."""

    taxpayer_id: str  # the register's own key, not an NPWP
    npwp: str  # 16 digits
    name: str
    resident_person: bool
    active: bool  # False: non-effective (NE)


class TaxpayerDirectory(Protocol):
    """Looks taxpayers up."""

    async def find(self, npwp: str) -> Taxpayer | None:
        """Return the taxpayer with this NPWP, or None.

        16 digits, or a resident person's old number of 15: it cannot be turned into the new one.
        Raises DirectoryUnavailable.
        """
        ...
