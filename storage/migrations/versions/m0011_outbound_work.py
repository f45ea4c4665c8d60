"""What agents made of outbound calls: dispositions and skips.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
# Of a disposition nothing changes but that it was followed, once.
_FIXED = (
    "call_id",
    "number",
    "attempt_id",
    "campaign_id",
    "lead_id",
    "at",
    "done_by",
    "agent",
    "code",
    "due_at",
    "owner",
    "promised_on",
)


def upgrade() -> None:
    """Create everything."""
    _create_dispositions()
    _create_skips()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_dispositions() -> None:
    op.create_table(
        "outbound_dispositions",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _text("attempt_id", 64),
        _text("campaign_id", 64),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("agent", 32),
        _text("code", 40),
        sa.Column("due_at", _TIME),
        _text("owner", 32),
        sa.Column("promised_on", sa.Date),
        sa.Column("applied_at", _TIME),
    )
    op.create_index("outbound_dispositions_by_attempt", "outbound_dispositions", ["attempt_id"])
    op.create_index("outbound_dispositions_by_campaign", "outbound_dispositions", ["campaign_id", "at"])
    op.create_index("outbound_dispositions_by_lead", "outbound_dispositions", ["lead_id"])
    for name, where in (("pending", "applied_at IS NULL"), ("missing", "code = 'no_disposition'")):
        only = sa.text(where)
        op.create_index(
            f"outbound_dispositions_{name}",
            "outbound_dispositions",
            ["at"],
            sqlite_where=only,
            postgresql_where=only,
        )


def _create_skips() -> None:
    op.create_table(
        "outbound_skips",
        sa.Column("skip_id", sa.String(32), primary_key=True),
        _text("campaign_id", 64),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        _text("agent", 32),
        _text("done_by", 64),
        _text("reason", 40),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("outbound_skips_by_campaign", "outbound_skips", ["campaign_id", "at"])
    op.create_index("outbound_skips_by_lead", "outbound_skips", ["lead_id"])


def _guard_on_sqlite() -> None:
    for table, verbs in (("outbound_skips", ("UPDATE", "DELETE")), ("outbound_dispositions", ("DELETE",))):
        for verb in verbs:
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED)
    op.execute(
        "CREATE TRIGGER outbound_dispositions_fixed BEFORE UPDATE ON outbound_dispositions "
        f"WHEN {changed} OR OLD.applied_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'outbound_dispositions is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table, verbs in (
        ("outbound_skips", "UPDATE OR DELETE OR TRUNCATE"),
        ("outbound_dispositions", "DELETE OR TRUNCATE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED)
    op.execute(
        "CREATE TRIGGER outbound_dispositions_fixed BEFORE UPDATE ON outbound_dispositions FOR EACH ROW "
        f"WHEN ({changed} OR OLD.applied_at IS NOT NULL) EXECUTE FUNCTION refuse_change()"
    )
