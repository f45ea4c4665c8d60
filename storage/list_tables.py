"""The tables of lists, their contacts and refused rows, as the newest migration leaves them.

`lists` has one current row each, `list_events` is the append-only trail. Contacts and refused rows come
in while their list is LOADING and never change; they are deleted only when loading broke off. Keys have a
table of their own, written in the order of the keys when all contacts are there: written row by row they
would touch another page of the index each.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from storage.tables import UtcTime, metadata

_N = BigInteger().with_variant(Integer, "sqlite")

lists = Table(
    "lists",
    metadata,
    Column("list_id", String(32), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("requester", String(32), nullable=False),  # a dialer.lists.Requester
    Column("unit", String(200), nullable=False),
    Column("order_number", String(100), nullable=False),
    Column("legal_basis", String(500), nullable=False),
    Column("cut_off", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # a dialer.campaigns.CampaignKind, or empty
    Column("sealed_file_name", LargeBinary, nullable=False),
    Column("loaded_by", String(64), nullable=False),  # staff_id
    Column("loaded_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),  # a dialer.lists.ListState
    Column("rows_read", Integer, nullable=False),
    Column("rows_about", Integer, nullable=False),  # 0: not known
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    Column("reasons", Text, nullable=False),  # a JSON object: dialer.lists.RowReason → how many
    Column("sheets", Text, nullable=False),  # a JSON array: names of the sheets read, in order
    Column("sealed_header", LargeBinary),  # a JSON array: the columns of refused rows
    Column("approved_by", String(64), nullable=False),
    Column("approved_at", UtcTime),
    Column("last_contact", _N, nullable=False),  # the greatest contact_id that was given to it; 0: none
    Column("loader", String(128), nullable=False),  # HOST:PID:STARTED of the process that reads it
    Column("touched_at", UtcTime, nullable=False),  # last sign of life of the loader
    Column("fault", String(32), nullable=False),  # of a FAILED one
)
# Two files read at once could both bring the same taxpayer: the database lets in one at a time.
Index(
    "lists_one_loading",
    lists.c.state,
    unique=True,
    sqlite_where=lists.c.state == "loading",
    postgresql_where=lists.c.state == "loading",
)
Index("lists_by_time", lists.c.loaded_at)

list_events = Table(
    "list_events",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=True),
    Column("list_id", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("what", String(32), nullable=False),  # begun, loaded, failed, approved, withdrawn, exported
    Column("words", Text, nullable=False),  # a JSON object of strings, nothing personal
)
Index("list_events_by_list", list_events.c.list_id, list_events.c.n)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", _N, primary_key=True, autoincrement=False),
    Column("list_id", String(32), nullable=False),
    Column("row", Integer, nullable=False),
    Column("taxpayer_key", LargeBinary, nullable=False),  # 16 bytes
    Column("number_keys", LargeBinary, nullable=False),  # 16 bytes each, in the order of the numbers
    Column("zone", String(8), nullable=False),  # a domain.zones.Zone
    Column("taxpayer_group", String(32), nullable=False),  # of domain.directory.Profile.group, or empty
    Column("sealed_body", LargeBinary, nullable=False),  # a dialer.contacts.Person, sealed
)
Index("contacts_by_list", contacts.c.list_id, contacts.c.contact_id)

# Every key by which a contact is found: its taxpayer's and those of its numbers.
contact_keys = Table(
    "contact_keys",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # 16 bytes
    Column("contact_id", _N, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

refused_rows = Table(
    "refused_rows",
    metadata,
    Column("list_id", String(32), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("sheet", SmallInteger, nullable=False),  # index into lists.sheets
    Column("sheet_row", Integer, nullable=False),
    Column("fate", String(16), nullable=False),  # a dialer.lists.RowFate
    Column("reason", String(32), nullable=False),  # a dialer.lists.RowReason
    Column("place", SmallInteger, nullable=False),  # index of the column at fault; -1: none
    Column("value", String(64), nullable=False),  # masked
    Column("sealed_cells", LargeBinary, nullable=False),  # a JSON array: the row as it came
)

column_mappings = Table(
    "column_mappings",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("mapping", Text, nullable=False),  # a dialer.mapping.ColumnMapping as JSON
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
