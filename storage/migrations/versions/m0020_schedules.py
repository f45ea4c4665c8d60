"""Schedules: shifts with their activities, exceptions, requests to be offline.

Revision ID: 0020
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("schedule_changes", "offline_steps")
_NEVER_DELETED = ("schedule_shifts", "schedule_exceptions", "offline_requests")
# What was excepted and asked for never changes; only how far it is.
_FIXED = {
    "schedule_exceptions": ("exception_id", "agent", "begins", "ends", "reason", "request_id", "made_by"),
    "offline_requests": ("request_id", "agent", "begins", "ends", "reason", "filed_at", "filed_by", "due_on"),
}


def upgrade() -> None:
    """Create everything."""
    _create_shifts()
    _create_exceptions()
    _create_requests()
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _APPEND_ONLY:
        _guard(table, ("UPDATE", "DELETE"), on_sqlite)
    for table in _NEVER_DELETED:
        _guard(table, ("DELETE",), on_sqlite)
    for table, columns in _FIXED.items():
        _fix(table, columns, on_sqlite)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_shifts() -> None:
    op.create_table(
        "schedule_shifts",
        sa.Column("agent", sa.String(32), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        _text("pattern", 40),
        _text("place", 40),
        sa.Column("pieces", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        _text("changed_by", 64),
    )
    op.create_index("schedule_shifts_by_day", "schedule_shifts", ["day", "agent"])
    op.create_table(
        "schedule_changes",
        sa.Column("change_id", sa.String(32), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("what", 16),
        _text("agent", 32),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("schedule_changes_by_time", "schedule_changes", ["at"])
    op.create_index("schedule_changes_by_agent", "schedule_changes", ["agent", "day"])


def _create_exceptions() -> None:
    table = "schedule_exceptions"
    op.create_table(
        table,
        sa.Column("exception_id", sa.String(32), primary_key=True),
        _text("agent", 32),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("begins", _TIME, nullable=False),
        sa.Column("ends", _TIME, nullable=False),
        _text("reason", 40),
        _text("request_id", 32),
        _text("made_by", 64),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        _text("ended_by", 64),
    )
    op.create_index(f"{table}_by_agent", table, ["agent", "first_day"])
    op.create_index(f"{table}_by_day", table, ["last_day", "first_day"])


def _create_requests() -> None:
    table = "offline_requests"
    op.create_table(
        table,
        sa.Column("request_id", sa.String(32), primary_key=True),
        _text("agent", 32),
        _text("team", 64),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("begins", _TIME, nullable=False),
        sa.Column("ends", _TIME, nullable=False),
        _text("reason", 40),
        _text("state", 16),
        _text("rule", 80),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("filed_at", _TIME, nullable=False),
        _text("filed_by", 64),
        sa.Column("closed_at", _TIME),
        _text("closed_by", 64),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index(f"{table}_by_agent", table, ["agent", "day"])
    op.create_index(f"{table}_by_state", table, ["state", "filed_at"])
    op.create_table(
        "offline_steps",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("what", 16),
        _text("state", 16),
        sa.Column("sealed_note", sa.LargeBinary),
    )


def _guard(table: str, verbs: tuple[str, ...], on_sqlite: bool) -> None:
    if not on_sqlite:
        # refuse_change() is migration 0001's.
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE {' OR '.join(verbs)} OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in verbs:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} keeps its rows: append-only'); END"
        )


def _fix(table: str, columns: tuple[str, ...], on_sqlite: bool) -> None:
    if on_sqlite:
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in columns)
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN {changed} "
            f"BEGIN SELECT RAISE(ABORT, 'what stands in {table} is append-only'); END"
        )
        return
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in columns)
    op.execute(
        f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
