"""Figures: their roll-ups by day and month, how far facts were looked through, counts of other channels.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("figure_imports", "figure_channels")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("stale", sa.Boolean, nullable=False),
        sa.Column("cells", sa.LargeBinary, nullable=False),
        sa.Column("quarters", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "figure_months",
        sa.Column("month", sa.Date, primary_key=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("cells", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "figure_marks",
        sa.Column("source", sa.String(32), primary_key=True),
        sa.Column("mark", sa.String(40), nullable=False),
    )
    op.create_table(
        "figure_imports",
        sa.Column("import_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("new", sa.Integer, nullable=False),
        sa.Column("replaced", sa.Integer, nullable=False),
        sa.Column("same", sa.Integer, nullable=False),
    )
    op.create_table(
        "figure_channels",
        sa.Column("import_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("agent", sa.String(32), primary_key=True),
        sa.Column("team", sa.String(64), primary_key=True),
        sa.Column("chats", sa.Integer, nullable=False),
        sa.Column("chats_in_time", sa.Integer, nullable=False),
        sa.Column("mails_assigned", sa.Integer, nullable=False),
        sa.Column("mails_answered", sa.Integer, nullable=False),
    )
    op.create_index("figure_channels_by_day", "figure_channels", ["day"])
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
