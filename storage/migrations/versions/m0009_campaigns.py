"""Campaigns, leads and suppressions.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("campaign_versions", "campaign_history", "suppression_events", "kill_switch")


def upgrade() -> None:
    """Create everything."""
    _create_campaigns()
    _create_leads()
    _create_suppressions()
    _create_others()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _whole(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _small(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.SmallInteger, nullable=False)


def _key(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.String(32), primary_key=True),
        _text("state", 16),
        _whole("version"),
        _text("created_by", 64),
        _time("created_at"),
        _time("changed_at"),
    )
    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        _time("at"),
        _text("who", 64),
        sa.Column("definition", sa.Text, nullable=False),
    )
    op.create_table(
        "campaign_history",
        sa.Column("n", _N, primary_key=True, autoincrement=True),
        _text("campaign_id", 32),
        _time("at"),
        _text("who", 64),
        sa.Column("what", sa.Text, nullable=False),
    )
    op.create_index("campaign_history_by_campaign", "campaign_history", ["campaign_id", "n"])


def _create_leads() -> None:
    op.create_table(
        "lead_batches",
        sa.Column("batch_id", sa.Integer, primary_key=True, autoincrement=True),
        _text("campaign_id", 32),
        _text("list_id", 32),
        _text("added_by", 64),
        _time("added_at"),
        _time("completed_at", nullable=True),
        sa.Column("control_share", sa.Double, nullable=False),
        sa.Column("made_up_to", _N, nullable=False),
        _whole("leads"),
        _whole("control"),
    )
    op.create_index("lead_batches_by_campaign", "lead_batches", ["campaign_id", "list_id"], unique=True)
    op.create_index("lead_batches_by_list", "lead_batches", ["list_id"])
    op.create_table(
        "leads",
        sa.Column("lead_id", _N, primary_key=True, autoincrement=True),
        _whole("batch_id"),
        sa.Column("contact_id", _N, nullable=False),
        _text("zone", 8),
        _text("state", 8),
        _small("rank"),
        _time("due_at"),
        _small("attempts"),
        _small("number"),
        _whole("dead_numbers"),
        _text("owner", 32),
        _time("anyone_from", nullable=True),
        _text("reason", 32),
    )
    op.create_table(
        "lead_leases",
        sa.Column("lead_id", _N, primary_key=True, autoincrement=False),
        _text("engine", 64),
        _time("until"),
    )
    ready = sa.text("state = 'ready'")
    due = ["batch_id", "zone", "rank", "due_at", "lead_id"]
    op.create_index("leads_due", "leads", due, sqlite_where=ready, postgresql_where=ready)
    op.create_index("leads_by_contact", "leads", ["contact_id"])
    op.create_index("leads_by_reason", "leads", ["batch_id", "state", "reason"])


def _create_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        _text("why", 32),
        _time("at"),
    )
    op.create_table(
        "suppression_events",
        sa.Column("n", _N, primary_key=True, autoincrement=True),
        _key("key"),
        _text("act", 16),
        _text("why", 32),
        _time("at"),
        _text("who", 64),
        _text("call_id", 64),
    )
    op.create_index("suppression_events_by_key", "suppression_events", ["key", "n"])


def _create_others() -> None:
    op.create_table(
        "taxpayer_outcomes",
        sa.Column("taxpayer_key", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("period", sa.String(8), primary_key=True),
        sa.Column("on_date", sa.Date, primary_key=True),
        _text("source", 64),
        _time("imported_at"),
    )
    op.create_table(
        "kill_switch",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        _time("at"),
        sa.Column("thrown", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
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
        "CREATE TRIGGER campaigns_no_delete BEFORE DELETE ON campaigns "
        "BEGIN SELECT RAISE(ABORT, 'campaigns are kept'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER campaigns_no_delete BEFORE DELETE OR TRUNCATE ON campaigns "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    # Rows leave the head of the queue all day; what is left of them must not pile up there.
    op.execute(
        "ALTER TABLE leads SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, "
        "autovacuum_vacuum_threshold = 2000)"
    )
