"""Plans of staffing: forecasts and what-ifs that were kept.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "plans",
        sa.Column("plan_id", sa.String(32), primary_key=True),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kept_at", _TIME),
        sa.Column("kept_by", sa.String(64), nullable=False),
    )
    op.create_index("plans_by_time", "plans", ["made_at"])
    op.create_index("plans_by_days", "plans", ["first_day", "last_day"])
    op.create_table(
        "plan_steps",
        sa.Column("plan_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        name = verb.lower()
        op.execute(
            f"CREATE TRIGGER plan_steps_no_{name} BEFORE {verb} ON plan_steps "
            "BEGIN SELECT RAISE(ABORT, 'plan_steps is append-only'); END"
        )
        op.execute(
            f"CREATE TRIGGER plans_no_{name} BEFORE {verb} ON plans WHEN OLD.kept_at IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'what stands in plans is append-only'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    op.execute(
        "CREATE TRIGGER plan_steps_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_steps "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER plans_kept BEFORE UPDATE OR DELETE ON plans FOR EACH ROW "
        "WHEN (OLD.kept_at IS NOT NULL) EXECUTE FUNCTION refuse_change()"
    )
