"""Tables of the wallboard: thresholds, messages to agents, announcements that are on."""

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

# Append-only: of a measure and a queue the newest row is in force.
wall_thresholds = Table(
    "wall_thresholds",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("measure", String(32), nullable=False),  # a reporting.wall_thresholds.Measure
    Column("queue", String(64), nullable=False),  # empty: all queues, or what is of no queue
    Column("warn", Double),  # both None: as shipped again
    Column("alarm", Double),
)

# Append-only. Staff write what they like: sealed.
wall_messages = Table(
    "wall_messages",
    metadata,
    Column("message_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("audience", String(16), nullable=False),  # a reporting.wall_messages.Audience
    Column("whom", String(64), nullable=False),  # staff number, team, or empty: all
    Column("until", UtcTime, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
)
Index("wall_messages_by_end", wall_messages.c.until)
Index("wall_messages_by_time", wall_messages.c.at)

# Whom a message reached. Never deleted; what stands in it is filled in once.
wall_receipts = Table(
    "wall_receipts",
    metadata,
    Column("message_id", String(32), primary_key=True),
    Column("agent", String(32), primary_key=True),  # staff number
    Column("told_at", UtcTime, nullable=False),
    Column("shown_at", UtcTime),
    Column("acknowledged_at", UtcTime),
)
Index("wall_receipts_by_agent", wall_receipts.c.agent)

# Append-only.
announcements = Table(
    "announcements",
    metadata,
    Column("announcement_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("prompt", String(64), nullable=False),  # of the catalogue
    Column("begins", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
)
Index("announcements_by_end", announcements.c.ends)

# Append-only: what was switched off before its time.
announcement_ends = Table(
    "announcement_ends",
    metadata,
    Column("announcement_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
)
