"""The tables, as the newest migration leaves them.

Times are UTC: `timestamptz` on PostgreSQL, ISO 8601 text of fixed width on SQLite (so that text
order is time order). Columns that hold personal data are named `sealed_…`; see `storage.vault`.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

# The newest migration in storage/migrations/versions; a test holds the two together.
SCHEMA_REVISION = "0001"

metadata = MetaData()


@lru_cache(maxsize=64)  # the events of one turn share one time
def utc_text(at: datetime) -> str:
    """Return a time as SQLite keeps it. Raises ValueError for a time without zone."""
    if at.tzinfo is not UTC:
        if at.tzinfo is None:
            raise ValueError("a time without zone cannot be stored")
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database at hand."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return the value as it is stored."""
        if value is None or dialect.name == "postgresql":
            return value
        return utc_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored value as a time in UTC."""
        if value is None:
            return None
        at: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return at.astimezone(UTC)


# No foreign key from calls to flow_versions: a call is served and recorded even when keeping the
# flow version failed.
calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("dialled", Text, nullable=False),
    Column("sealed_caller", LargeBinary),
    Column("flow_version", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", String(32)),
)
Index("calls_by_start", calls.c.started_at)
Index(
    "calls_unfinished",
    calls.c.started_at,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

# SQLite keeps the rows in the order of arrival, with the key beside them: clustered on the key
# (WITHOUT ROWID), 300 calls at once would touch a page each per commit, at twice the cost.
call_events = Table(
    "call_events",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("data", Text, nullable=False),  # a JSON object of strings
    Column("sealed_secret", LargeBinary),  # a JSON object of strings, sealed
)

flow_versions = Table(
    "flow_versions",
    metadata,
    Column("version", Text, primary_key=True),
    Column("saved_at", UtcTime, nullable=False),
    Column("files", Text, nullable=False),  # a JSON object: file name → text
)

taxpayers = Table(
    "taxpayers",
    metadata,
    Column("taxpayer_id", String(64), primary_key=True),
    Column("npwp_lookup", LargeBinary, nullable=False, unique=True),  # HMAC of the 16 digits
    Column("old_npwp_lookup", LargeBinary, unique=True),  # HMAC of the old 15 digits
    Column("sealed_npwp", LargeBinary, nullable=False),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("resident_person", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
)

line_switch = Table(
    "line_switch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("shut", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", Text, nullable=False),
)

calendar_overrides = Table(
    "calendar_overrides",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", String(32), nullable=False),  # an ivr.hours.DayKind
    Column("opens_minute", SmallInteger),  # minutes after midnight WIB, for a working day
    Column("closes_minute", SmallInteger),
    Column("about", Text, nullable=False),
    Column("assumed", Boolean, nullable=False, server_default=text("false")),
)
