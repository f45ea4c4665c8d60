"""Work on complaints and cases: alarms of their clocks, callbacks by the dialer, proofs by OTP or token.

Revision ID: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("matter_signals", "matter_signals_seen")


def upgrade() -> None:
    """Create the tables."""
    _create_signals()
    _create_callbacks()
    _create_proofs()
    op.create_index("matter_events_by_time", "matter_events", ["at"])
    for table in _APPEND_ONLY:
        _guard(table)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_signals() -> None:
    op.create_table(
        "matter_signals",
        sa.Column("signal_id", sa.String(32), primary_key=True),
        _text("matter_id", 64),
        _text("kind", 16),
        _text("step", 32),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("raised_at", _TIME, nullable=False),
    )
    op.create_index(
        "matter_signals_once", "matter_signals", ["matter_id", "step", "due_on", "kind"], unique=True
    )
    op.create_index("matter_signals_by_time", "matter_signals", ["raised_at"])
    op.create_table(
        "matter_signals_seen",
        sa.Column("signal_id", sa.String(32), primary_key=True),
        sa.Column("staff_id", sa.String(64), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
    )


def _create_callbacks() -> None:
    op.create_table(
        "matter_callbacks",
        _text("matter_id", 64),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        _text("campaign_id", 64),
        _text("purpose", 16),
        sa.Column("handed_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME),
        _text("outcome", 40),
        sa.PrimaryKeyConstraint("matter_id", "round"),
    )
    op.create_index("matter_callbacks_by_lead", "matter_callbacks", ["lead_id"], unique=True)
    running = sa.text("settled_at IS NULL")
    op.create_index(
        "matter_callbacks_running",
        "matter_callbacks",
        ["matter_id"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )


def _create_proofs() -> None:
    op.create_table(
        "matter_proofs",
        sa.Column("proof_id", sa.String(32), primary_key=True),
        _text("call_id", 64),
        _text("taxpayer_id", 64),
        _text("means", 16),
        sa.Column("asked_at", _TIME, nullable=False),
        _text("asked_by", 64),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("sealed_reference", sa.LargeBinary, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        _text("outcome", 16),
        sa.Column("decided_at", _TIME),
    )
    op.create_index("matter_proofs_by_call", "matter_proofs", ["call_id", "asked_at"])


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    else:  # refuse_change() is migration 0001's
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
