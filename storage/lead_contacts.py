"""Opens the contacts that leads are made of."""

from typing import Any

import msgspec

from dialer.contacts import Contact, Person
from domain.zones import Zone
from storage.vault import Vault

_KEY_BYTES = 16
_person = msgspec.json.Decoder(Person)


def contact_of(row: Any, vault: Vault) -> Contact:
    """Return the contact of a selected row of `contacts`. Raises VaultProblem."""
    body = vault.open(bytes(row.sealed_body), f"contacts/{row.contact_id}/body".encode())
    keys = bytes(row.number_keys)
    return Contact(
        contact_id=row.contact_id,
        list_id=row.list_id,
        row=row.row,
        taxpayer_key=bytes(row.taxpayer_key),
        number_keys=tuple(keys[at : at + _KEY_BYTES] for at in range(0, len(keys), _KEY_BYTES)),
        zone=Zone(row.zone),
        group=row.taxpayer_group,
        person=_person.decode(body),
    )
