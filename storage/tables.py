"""The tables, as the newest migration leaves them.

Times are UTC: `timestamptz` on PostgreSQL, ISO 8601 text of fixed width on SQLite (so that text
order is time order). Columns that hold personal data are named `sealed_…`; see `storage.vault`.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Double,
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
SCHEMA_REVISION = "0029"

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

# The floor's record. `n` rises in the order of writing, over all five tables, and says whether a row
# that is written again after a lost answer is there already. On SQLite it is the row's own id.
# Staff numbers are in clear here: they are what figures are grouped by. No row has a name or a
# caller's number.
_N = BigInteger().with_variant(Integer, "sqlite")

floor_legs = Table(
    "floor_legs",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("leg", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("phase", String(16), nullable=False),  # a domain.floor_log.Phase
    Column("seconds", Double),  # None: the phase began
    Column("outcome", String(32), nullable=False),
    Column("estimated", Boolean, nullable=False),
)
Index("floor_legs_by_leg", floor_legs.c.leg, floor_legs.c.seq, unique=True)
Index("floor_legs_by_call", floor_legs.c.call_id)
Index("floor_legs_by_agent", floor_legs.c.agent, floor_legs.c.at)
Index("floor_legs_by_time", floor_legs.c.at)

# Which legs are in a phase now: follows from floor_legs, kept beside it so that a start need not read
# years of legs.
floor_open_legs = Table(
    "floor_open_legs",
    metadata,
    Column("leg", String(64), primary_key=True),
    Column("n", _N, nullable=False),  # of the leg's last row
)

floor_offers = Table(
    "floor_offers",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("number", _N, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("leg", String(64), nullable=False),
    Column("ring", Integer, nullable=False),
    Column("waited", Double, nullable=False),
    Column("outcome", String(32), nullable=False),
)
Index("floor_offers_by_number", floor_offers.c.number)
Index("floor_offers_by_call", floor_offers.c.call_id)
Index("floor_offers_by_agent", floor_offers.c.agent, floor_offers.c.at)

floor_agents = Table(
    "floor_agents",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("agent", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("declared", String(32), nullable=False),
    Column("observed", String(32), nullable=False),
    Column("reason", String(64), nullable=False),
    Column("account", String(32), nullable=False),
    Column("declared_by", String(64), nullable=False),
    Column("seconds", Double),  # of the state before this one
)
Index("floor_agents_by_agent", floor_agents.c.agent, floor_agents.c.n)
Index("floor_agents_by_time", floor_agents.c.at)

floor_supervision = Table(
    "floor_supervision",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),
    Column("act", String(32), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("detail", Text, nullable=False),
)
Index("floor_supervision_by_agent", floor_supervision.c.agent, floor_supervision.c.at)
Index("floor_supervision_by_call", floor_supervision.c.call_id)

floor_entries = Table(
    "floor_entries",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=False),
    Column("call_id", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("outcome", String(32), nullable=False),
)
Index("floor_entries_by_call", floor_entries.c.call_id)
Index("floor_entries_by_time", floor_entries.c.at)

sip_accounts = Table(
    "sip_accounts",
    metadata,
    Column("account", String(16), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("kind", String(16), nullable=False),  # a domain.accounts.AccountKind
    Column("sealed_digest", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("session_id", String(32), nullable=False, server_default=""),  # of the page it was made for
)
Index("sip_accounts_by_agent", sip_accounts.c.agent)
# Every page that is opened leaves a row: what is in force, or stands by itself, is found without them.
Index(
    "sip_accounts_to_see",
    sip_accounts.c.created_at,
    sqlite_where=text("session_id = '' OR revoked_at IS NULL"),
    postgresql_where=text("session_id = '' OR revoked_at IS NULL"),
)

# Which phone a member of staff works with, where they chose one.
phone_choices = Table(
    "phone_choices",
    metadata,
    Column("staff_id", String(32), primary_key=True),
    Column("choice", String(16), nullable=False),  # a domain.accounts.AccountKind
    Column("changed_at", UtcTime, nullable=False),
)

# Every text of the administrator's tables that was ever in force, once each, compressed and sealed:
# agents.csv has names in it.
acd_texts = Table(
    "acd_texts",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),  # HMAC of table and text
    Column("sealed_text", LargeBinary, nullable=False),
)

acd_versions = Table(
    "acd_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, … without gaps
    Column("at", UtcTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("texts", Text, nullable=False),  # a JSON object: table → fingerprint in hex and rows
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("number_lookup", LargeBinary, nullable=False),  # HMAC of the number
    Column("sealed_number", LargeBinary, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("booked_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("taken_at", UtcTime),
    Column("not_before", UtcTime),
    Column("outcome", String(32)),  # a domain.callbacks.CallbackOutcome
    Column("closed_at", UtcTime),
)
Index(
    "callbacks_one_open",
    callbacks.c.number_lookup,
    callbacks.c.queue,
    unique=True,
    sqlite_where=callbacks.c.closed_at.is_(None),
    postgresql_where=callbacks.c.closed_at.is_(None),
)

callback_events = Table(
    "callback_events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("call_id", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("what", String(32), nullable=False),  # booked, taken, or a CallbackOutcome
)
Index("callback_events_by_call", callback_events.c.call_id)
