"""How far a caller has proved who they are: the ladder of domain.md section 4."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Rung(IntEnum):
    """A rung of the ladder. What may be told or changed depends on it."""

    ANONYMOUS = 0
    KEYED = 1  # an NPWP was keyed in the menu, or told and found valid
    CONFIRMED = 2  # NPWP and name
    FULL = 3  # NPWP, name, and the further items that are asked for


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one call stands on the ladder."""

    call_id: str
    rung: Rung
    taxpayer_id: str | None  # whom the call is about; known from KEYED on
    may_climb: bool  # False on the non-NPWP line: such calls stay anonymous
    services: frozenset[str] = frozenset()  # of desk/data/proof_items.yaml: those proved in full


class StandingUnavailable(Exception):
    """What a call has proved cannot be read at the moment; nothing is shown."""


class Standings(Protocol):
    """Tells where calls stand."""

    async def standing(self, call_id: str) -> Standing:
        """Return where a call stands. Raises StandingUnavailable; KeyError: no such call."""
        ...
