"""Contacts and refused rows as rows of tables: encoding, sealing, and back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dialer.contacts import Contact, Person
from dialer.lists import RefusedRow, RowFate, RowReason
from dialer.rows_seen import KEY_BYTES
from dialer.rows_sieve import Kept
from domain.zones import Zone
from storage.vault import Vault

# In the order of the columns, see `storage.list_tables`.
CONTACT_COLUMNS = (
    "contact_id", "list_id", "row", "taxpayer_key", "number_keys", "zone", "taxpayer_group", "sealed_body",
)  # fmt: skip
REFUSED_COLUMNS = (
    "list_id", "row", "sheet", "sheet_row", "fate", "reason", "place", "value", "sealed_cells",
)  # fmt: skip
ContactRow = tuple[int, str, int, bytes, bytes, str, str, bytes]
RefusedRowRow = tuple[str, int, int, int, str, str, int, str, bytes]

_ZONES = {zone: zone.value for zone in Zone}  # a member's value is looked up slowly, a million times
_json = msgspec.json.Encoder()
_body = msgspec.json.Decoder(tuple[str, str, tuple[str, ...], dict[str, str]])
_texts = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row stands."""

    list_id: str
    row: int  # through all sheets
    sheet: int  # index among the sheets that are read
    sheet_row: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row."""

    column: int  # index of the column at fault, -1: the row as a whole
    value: str  # masked
    cells: bytes = field(repr=False)  # the row as it came, by `texts_json`


class ListRows:
    """Turns contacts and refused rows into rows and back, what is personal sealed."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def contact_row(self, list_id: str, kept: Kept) -> ContactRow:
        """Return a contact as a row."""
        read = kept.read
        body = _json.encode((read.npwp, read.name, kept.numbers, read.fields))
        return (
            kept.contact_id,
            list_id,
            read.row,
            kept.taxpayer_key,
            b"".join(kept.number_keys),
            _ZONES[read.zone],
            read.group,
            self._vault.seal(body, _contact_context(kept.contact_id)),
        )

    def contact(self, row: Any) -> Contact:
        """Return the contact of a selected row. Raises VaultProblem."""
        npwp, name, numbers, fields = _body.decode(
            self._vault.open(bytes(row.sealed_body), _contact_context(row.contact_id))
        )
        return Contact(
            row.contact_id,
            row.list_id,
            row.row,
            bytes(row.taxpayer_key),
            split_keys(bytes(row.number_keys)),
            Zone(row.zone),
            row.taxpayer_group,
            Person(npwp, name, numbers, fields),
        )

    def refused_row(self, place: RowPlace, fate: RowFate, reason: RowReason, fault: Fault) -> RefusedRowRow:
        """Return a refused row as a row."""
        return (
            place.list_id,
            place.row,
            place.sheet,
            place.sheet_row,
            fate.value,
            reason.value,
            fault.column,
            fault.value[:64],
            self._vault.seal(fault.cells, _refused_context(place.list_id, place.row)),
        )

    def refused(self, row: Any, header: Sequence[str], sheets: Sequence[str]) -> RefusedRow:
        """Return the refused row of a selected row. Raises VaultProblem."""
        return RefusedRow(
            row.list_id,
            row.row,
            RowFate(row.fate),
            RowReason(row.reason),
            header[row.place] if 0 <= row.place < len(header) else "",
            row.value,
            self.texts(bytes(row.sealed_cells), _refused_context(row.list_id, row.row)),
            sheets[row.sheet] if row.sheet < len(sheets) else "",
            row.sheet_row,
        )

    def sealed_texts(self, texts: Sequence[str], context: bytes) -> bytes:
        """Return several texts sealed."""
        return self._vault.seal(texts_json(texts), context)

    def texts(self, sealed: bytes, context: bytes) -> tuple[str, ...]:
        """Open several texts. Raises VaultProblem."""
        return _texts.decode(self._vault.open(sealed, context))


def texts_json(texts: Sequence[str]) -> bytes:
    """Return texts as a JSON array; bytes that were no text, kept as surrogates, become question marks."""
    try:
        return _json.encode(texts)
    except UnicodeEncodeError:
        return _json.encode([text.encode("utf-8", "replace").decode() for text in texts])


def split_keys(keys: bytes) -> tuple[bytes, ...]:
    """Return keys that stand one after the other."""
    return tuple(keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES))


def as_json(value: object) -> str:
    """Return something that is not personal as JSON."""
    return _json.encode(value).decode()


def _contact_context(contact_id: int) -> bytes:
    return b"contacts/%d" % contact_id


def _refused_context(list_id: str, row: int) -> bytes:
    return b"refused_rows/%s/%d" % (list_id.encode(), row)
