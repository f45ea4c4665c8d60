"""The tables of reports and their runs, as the newest migration leaves them."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, String, Table, Text, text

from storage.tables import UtcTime, metadata

_NOT_REMOVED = text("removed_at IS NULL")

reports = Table(
    "reports",
    metadata,
    Column("report_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(40), nullable=False),  # of the newest version
    Column("created_by", String(64), nullable=False),  # staff_id
    Column("changed_at", UtcTime, nullable=False),
    Column("next_due_at", UtcTime),  # None: by hand only, or removed
    Column("removed_at", UtcTime),
)
Index(
    "reports_by_code", reports.c.code, unique=True, sqlite_where=_NOT_REMOVED, postgresql_where=_NOT_REMOVED
)
Index("reports_by_due", reports.c.next_due_at)

# Append-only: every version of every report, and its removal.
report_versions = Table(
    "report_versions",
    metadata,
    Column("report_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("definition", Text),  # JSON, `reporting.reports.Definition` without deliveries; None: removed
    Column("sealed_deliveries", LargeBinary),  # JSON, sealed: addresses of people
)

report_runs = Table(
    "report_runs",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("report_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("due_at", UtcTime),  # None: asked for by hand
    Column("asked_by", String(64), nullable=False),  # staff_id, or `system`
    Column("asked_at", UtcTime, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("state", String(8), nullable=False),  # a reporting.reports.RunState
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcTime, nullable=False),  # of the next try; RUNNING: until when it is claimed
    Column("begun_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("outcome", String(40), nullable=False),
    Column("files_removed_at", UtcTime),
)
Index("report_runs_once", report_runs.c.report_id, report_runs.c.due_at, unique=True)
_OPEN = text("ended_at IS NULL")
Index("report_runs_open", report_runs.c.next_at, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("report_runs_by_time", report_runs.c.asked_at)

report_files = Table(
    "report_files",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("form", String(8), primary_key=True),  # a reporting.reports.Format
    Column("name", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes
    Column("sha256", String(64), nullable=False),
)

report_deliveries = Table(
    "report_deliveries",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # place among the version's deliveries
    Column("state", String(12), nullable=False),  # a reporting.reports.DeliveryState
    Column("at", UtcTime, nullable=False),
    Column("outcome", String(40), nullable=False),
)

# Append-only: each step of each run.
report_steps = Table(
    "report_steps",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("what", String(16), nullable=False),  # asked, claimed, delivered, refused, or a RunState
    Column("outcome", String(40), nullable=False),
)
