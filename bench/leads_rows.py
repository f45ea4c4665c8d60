"""Millions of made-up leads and contacts, on either database: as a campaign has them in its third month."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from dialer.campaigns import CampaignKind, Definition
from dialer.campaigns_text import to_plain
from dialer.lists import ListState
from dialer.rows import ReadRow
from dialer.rows_sieve import Kept
from domain.zones import Zone
from storage.campaign_tables import campaign_versions, campaigns, lead_batches, leads
from storage.database import Database
from storage.list_rows import CONTACT_COLUMNS, ListRows
from storage.list_tables import contacts, lists
from storage.tables import utc_text
from storage.vault import Vault

NOW = datetime(2026, 6, 3, 3, 0, tzinfo=UTC)  # a Wednesday, 10.00 WIB
CAMPAIGN, OTHERS = "0" * 32, 7  # the campaign that is leased of, and how many others there are
LISTS = 3  # of each campaign
_SHARE = 0.5  # of all leads that are the campaign's own
_ZONES = (*[Zone.WIB] * 12, *[Zone.WITA] * 5, *[Zone.WIT] * 2, Zone.UNKNOWN)
_AT_ONCE = 20_000
_SOON = timedelta(hours=1)  # within which a bench leases: leads that are due later need no contact
_Pair = tuple[tuple[Any, ...], tuple[Any, ...] | None]  # rows of a lead and of its contact
_LEAD_COLUMNS = tuple(column.name for column in leads.c)
_COPY_TYPES = {
    "leads": (
        "int8", "int4", "int8", "varchar", "varchar", "int2", "timestamptz", "int2", "int2", "int4",
        "varchar", "timestamptz", "varchar",
    ),
    "contacts": ("int8", "varchar", "int4", "bytea", "bytea", "varchar", "varchar", "bytea"),
}  # fmt: skip
_DEFINITION = Definition("bench", CampaignKind.NON_FILER, "non_filer", "outbound_agent")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made."""

    leads: int
    due: int  # of the campaign: ready and due now


def fill(database: Database, vault: Vault, size: int) -> Filled:
    """Make campaigns with `size` leads in all. Indexes are made at the end, as rows come in no order."""
    database.write_now(lambda connection: _drop_indexes(connection))
    database.write_now(lambda connection: _make_campaigns(connection))
    maker = _Maker(vault, size)
    rows = maker.rows()
    while chunk := list(islice(rows, _AT_ONCE)):
        database.write_now(lambda connection, chunk=chunk: _keep(connection, chunk))  # type: ignore[misc]
    database.write_now(_make_indexes)
    database.write_now(lambda connection: connection.execute(sa.text("ANALYZE")))
    return Filled(size, maker.due)


def _drop_indexes(connection: sa.Connection) -> None:
    for index in (*leads.indexes, *contacts.indexes):
        index.drop(connection)


def _make_indexes(connection: sa.Connection) -> None:
    for index in (*leads.indexes, *contacts.indexes):
        index.create(connection)


def _make_campaigns(connection: sa.Connection) -> None:
    for number in range(1 + OTHERS):
        campaign_id = f"{number:032}"
        connection.execute(
            sa.insert(campaigns).values(
                campaign_id=campaign_id,
                state="running",
                version=1,
                created_by="",
                created_at=NOW,
                changed_at=NOW,
            )
        )
        definition = str(to_plain(_DEFINITION))
        connection.execute(
            sa.insert(campaign_versions).values(
                campaign_id=campaign_id, version=1, at=NOW, who="", definition=definition
            )
        )
        for place in range(LISTS):
            list_id = f"{number * LISTS + place:032}"
            connection.execute(sa.insert(lists).values(**_list(list_id)))
            connection.execute(
                sa.insert(lead_batches).values(
                    batch_id=number * LISTS + place + 1, campaign_id=campaign_id, list_id=list_id,
                    added_by="", added_at=NOW, completed_at=NOW, control_share=0.0, made_up_to=0,
                    leads=0, control=0,
                )
            )  # fmt: skip


def _list(list_id: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        column.name: 0 if isinstance(column.type, sa.Integer) else "" for column in lists.c
    }
    return row | {
        "list_id": list_id, "state": ListState.APPROVED.value, "cut_off": date(2026, 5, 1),
        "expires_on": date(2026, 12, 31), "loaded_at": NOW, "touched_at": NOW, "sealed_file_name": b"",
        "sealed_header": None, "approved_at": None, "reasons": "{}", "sheets": "[]",
    }  # fmt: skip


class _Maker:
    """Draws rows; the same size gives the same ones."""

    def __init__(self, vault: Vault, size: int) -> None:
        self._dice, self._rows, self._size = random.Random(1500200), ListRows(vault), size
        self.due = 0

    def rows(self) -> Iterator[_Pair]:
        """Return leads, and the contacts of those that may be leased, in the order of their ids."""
        for number in range(1, self._size + 1):
            yield self._row(number)

    def _row(self, number: int) -> _Pair:
        dice = self._dice
        own = dice.random() < _SHARE
        batch = dice.randrange(LISTS) if own else dice.randrange(LISTS, LISTS * (1 + OTHERS))
        zone, state = dice.choice(_ZONES), "ready"
        drawn = dice.random()
        if drawn < 0.35:
            state = "done" if drawn < 0.3 else "control"
        promised = dice.random() < 0.005
        # Most are new and long due; others wait for their next attempt, today or on days to come.
        at = NOW + timedelta(seconds=dice.randrange(-5 * 86400, 15 * 86400)) if drawn > 0.6 else NOW
        owner = f"{dice.randrange(200):06}" if promised and dice.random() < 0.5 else ""
        lead = (
            number, batch + 1, number, zone.value, state, 0 if promised else 1, at, dice.randrange(3), 0, 0,
            owner, at + timedelta(minutes=15) if owner else None, "" if at == NOW else "busy",
        )  # fmt: skip
        soon = own and state == "ready" and at <= NOW + _SOON
        self.due += soon and at <= NOW
        return lead, self._contact(number, f"{batch:032}", zone) if soon else None

    def _contact(self, number: int, list_id: str, zone: Zone) -> tuple[Any, ...]:
        keys = self._dice.randbytes(32)
        npwp, phone = f"317101{1 + number % 28:02}0290{number % 10_000:04}", f"62811{number:08}"
        read = ReadRow(number, npwp, "Contoh Nama Panjang", (phone,), zone, "", {"tahun": "2025"})
        return self._rows.contact_row(list_id, Kept(read, number, keys[:16], (phone,), (keys[16:],)))


def _keep(connection: sa.Connection, chunk: Sequence[_Pair]) -> None:
    tables = (
        ("leads", _LEAD_COLUMNS, [row[0] for row in chunk]),
        ("contacts", CONTACT_COLUMNS, [row[1] for row in chunk if row[1] is not None]),
    )
    for table, columns, rows in tables:
        names = ", ".join(f'"{name}"' for name in columns)
        if connection.dialect.name == "sqlite":
            places = ", ".join("?" * len(columns))
            values = [
                tuple(utc_text(one) if isinstance(one, datetime) else one for one in row) for row in rows
            ]
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", values)  # noqa: S608 - names of our own tables
            continue
        driver: Any = connection.connection.driver_connection
        text = f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)"
        with driver.cursor() as cursor, cursor.copy(text) as copy:
            copy.set_types(_COPY_TYPES[table])
            for row in rows:
                copy.write_row(row)
