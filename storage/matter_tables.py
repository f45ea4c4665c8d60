"""The tables of cases, complaints, promises and requests, as the newest migration leaves them.

`matters` has one current row each; `matter_events` is the append-only trail, a row for each version.
"""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from storage.tables import UtcTime, metadata

matters = Table(
    "matters",
    metadata,
    Column("matter_id", String(64), primary_key=True),
    Column("code", String(16), nullable=False),
    Column("kind", String(16), nullable=False),  # a desk.matters.MatterKind
    Column("topic", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("opened_by", String(64), nullable=False),  # staff_id
    Column("team", String(64), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("rung", SmallInteger, nullable=False),  # a desk.standing.Rung
    Column("rule", String(64), nullable=False),
    Column("taxpayer_id", String(64)),
    Column("cluster", String(64), nullable=False),
    Column("assignee", String(64), nullable=False),  # staff_id, or empty
    Column("due_on", Date),
    Column("due_at", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("result", String(32), nullable=False),
    Column("closed_at", UtcTime),
    Column("parent", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("words", Text, nullable=False),  # a JSON object of strings, nothing personal
    Column("sealed_body", LargeBinary, nullable=False),  # a JSON object of strings, sealed
)
_OPEN = matters.c.closed_at.is_(None)
Index("matters_by_code", matters.c.code, unique=True)
Index("matters_by_call", matters.c.call_id)
Index("matters_by_taxpayer", matters.c.taxpayer_id, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("matters_open", matters.c.kind, matters.c.due_on, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("matters_promised", matters.c.due_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("matters_assigned", matters.c.assignee, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("matters_closed", matters.c.closed_at)

matter_events = Table(
    "matter_events",
    metadata,
    Column("matter_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),  # the matter's version after it
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("what", String(32), nullable=False),
    Column("state", String(32), nullable=False),
    Column("words", Text, nullable=False),  # a JSON object of strings, nothing personal
    Column("sealed_note", LargeBinary),
)
Index("matter_events_by_time", matter_events.c.at)
