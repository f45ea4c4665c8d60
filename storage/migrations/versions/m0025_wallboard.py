"""The wallboard: thresholds, messages to agents, announcements that are on.

Revision ID: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("wall_thresholds", "wall_messages", "announcements", "announcement_ends")
_RECEIPT = ("message_id", "agent", "told_at")  # of a receipt: never changes


def upgrade() -> None:
    """Create the tables."""
    _create_wall()
    _create_announcements()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_wall() -> None:
    op.create_table(
        "wall_thresholds",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("measure", 32),
        _text("queue", 64),
        sa.Column("warn", sa.Double),
        sa.Column("alarm", sa.Double),
    )
    op.create_table(
        "wall_messages",
        sa.Column("message_id", sa.String(32), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("audience", 16),
        _text("whom", 64),
        sa.Column("until", _TIME, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )
    op.create_index("wall_messages_by_end", "wall_messages", ["until"])
    op.create_index("wall_messages_by_time", "wall_messages", ["at"])
    op.create_table(
        "wall_receipts",
        sa.Column("message_id", sa.String(32), primary_key=True),
        sa.Column("agent", sa.String(32), primary_key=True),
        sa.Column("told_at", _TIME, nullable=False),
        sa.Column("shown_at", _TIME),
        sa.Column("acknowledged_at", _TIME),
    )
    op.create_index("wall_receipts_by_agent", "wall_receipts", ["agent"])


def _create_announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("announcement_id", sa.String(32), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("prompt", 64),
        sa.Column("begins", _TIME, nullable=False),
        sa.Column("ends", _TIME, nullable=False),
    )
    op.create_index("announcements_by_end", "announcements", ["ends"])
    op.create_table(
        "announcement_ends",
        sa.Column("announcement_id", sa.String(32), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
    )


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER wall_receipts_no_delete BEFORE DELETE ON wall_receipts "
        "BEGIN SELECT RAISE(ABORT, 'rows of wall_receipts are never deleted'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _RECEIPT)
    op.execute(
        f"CREATE TRIGGER wall_receipts_fixed BEFORE UPDATE ON wall_receipts WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'what stands in wall_receipts is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER wall_receipts_no_delete BEFORE DELETE OR TRUNCATE ON wall_receipts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _RECEIPT)
    op.execute(
        f"CREATE TRIGGER wall_receipts_fixed BEFORE UPDATE ON wall_receipts FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
