"""A contact: one taxpayer on one list, with the numbers and fields that came with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.zones import Zone

Key = bytes
"""16 bytes: a keyed fingerprint of an NPWP or a number, by which it is found but not read."""

NPWP_KEY, NUMBER_KEY = "npwp:", "number:"
"""What goes before the 16 digits, or the E.164 digits, of which a key is made (`Vault.lookup_key`[:16])."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is personal of a contact; sealed at rest, never in a log, an address or a feed of events."""

    npwp: str = field(repr=False)  # 16 digits
    name: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)  # E.164 digits without plus, in order of trust; at least one
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)  # for the script, by mapped name


@dataclass(frozen=True, slots=True)
class Contact:
    """One accepted row of a list."""

    contact_id: int  # given by the store, rising
    list_id: str
    row: int  # in the file, the header being row 1
    taxpayer_key: Key
    number_keys: tuple[Key, ...]  # of `person.numbers`, in their order
    zone: Zone
    group: str  # of `Profile.group`, or empty
    person: Person
