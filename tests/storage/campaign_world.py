"""Lists with contacts, and campaigns on a database. Everybody in them is made up."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import count
from uuid import uuid4

import sqlalchemy as sa

from dialer.campaigns import CampaignKind, Definition
from dialer.contacts import NPWP_KEY, NUMBER_KEY
from dialer.lists import ListState, Requester
from dialer.rows import ReadRow
from dialer.rows_sieve import Kept
from domain.zones import Zone
from storage.campaigns import DurableCampaigns
from storage.database import Database
from storage.leads import DurableLeads
from storage.list_rows import CONTACT_COLUMNS, ListRows
from storage.list_tables import contact_keys, contacts, lists
from storage.vault import Vault

NINE = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)  # a Wednesday, 09.00 WIB
CUT_OFF, EXPIRES = date(2026, 5, 1), date(2026, 6, 30)
DEFINITION = Definition("SPT Tahunan 2025", CampaignKind.NON_FILER, "non_filer", "outbound_agent")


class CampaignWorld:
    """Makes lists, and holds the stores."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self.campaigns = DurableCampaigns(database, lambda _: None)
        self.leads = DurableLeads(database, vault)
        self._ids = count(1)

    def new_list(
        self,
        size: int,
        state: ListState = ListState.APPROVED,
        expires_on: date = EXPIRES,
        zones: Sequence[Zone] = tuple(Zone),
    ) -> str:
        """Return the id of a list with so many contacts of these zones in turn, two numbers each."""
        list_id, rows = uuid4().hex, ListRows(self.vault)
        made = []
        for number in range(size):
            contact_id = next(self._ids)
            numbers = tuple(f"62811{contact_id:07}{index}" for index in (1, 2))
            npwp = self.npwp(contact_id)
            kept = Kept(
                ReadRow(
                    number + 1, npwp, "Contoh", numbers, zones[number % len(zones)], "", {"tahun": "2025"}
                ),
                contact_id,
                self.key(NPWP_KEY + npwp),
                numbers,
                tuple(self.key(NUMBER_KEY + one) for one in numbers),
            )
            made.append(dict(zip(CONTACT_COLUMNS, rows.contact_row(list_id, kept), strict=True)))

        def keep(connection: sa.Connection) -> None:
            row = _list_row(list_id, state, expires_on, len(made))
            row["last_contact"] = made[-1]["contact_id"] if made else 0
            connection.execute(sa.insert(lists).values(**row))
            if made:
                connection.execute(sa.insert(contacts), made)
                keys = [{"key": row["taxpayer_key"], "contact_id": row["contact_id"]} for row in made]
                connection.execute(sa.insert(contact_keys), keys)

        self.database.write_now(keep)
        return list_id

    def npwp(self, contact_id: int) -> str:
        """Return a made-up NIK, another one for each contact."""
        day, serial = divmod(contact_id, 9000)
        return f"317101{day % 28 + 1:02}0290{serial + 1:04}"

    def key(self, value: str) -> bytes:
        return self.vault.lookup_key(value)[:16]

    async def running(self, size: int, definition: Definition = DEFINITION, **of_list: object) -> str:
        """Return the id of a draft campaign with one list of so many contacts."""
        campaign = await self.campaigns.create(definition, "staff-1", NINE)
        list_id = self.new_list(size, **of_list)  # type: ignore[arg-type]
        assert await self.campaigns.add_list(campaign.campaign_id, list_id, "staff-1", NINE) == size
        return campaign.campaign_id


def _list_row(list_id: str, state: ListState, expires_on: date, accepted: int) -> dict[str, object]:
    texts = dict.fromkeys(
        ("title", "requester", "unit", "order_number", "legal_basis", "source", "kind", "loader", "fault"),
        "x",
    )
    numbers = dict.fromkeys(
        ("rows_read", "rows_about", "rejected", "duplicate", "suppressed", "last_contact"), 0
    )
    return {
        **texts,
        **numbers,
        "list_id": list_id,
        "requester": Requester.DIRECTORATE_REGULAR.value,
        "kind": CampaignKind.NON_FILER.value,
        "cut_off": CUT_OFF,
        "expires_on": expires_on,
        "sealed_file_name": b"",
        "loaded_by": "staff-2",
        "loaded_at": NINE,
        "state": state.value,
        "accepted": accepted,
        "reasons": "{}",
        "sheets": "[]",
        "approved_by": "staff-1",
        "approved_at": NINE,
        "touched_at": NINE,
    }
