"""Prompts that an installation sets itself: their audio, and every change with before and after.

Revision ID: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_TABLE = "prompt_changes"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "prompt_sounds",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("wav", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        _TABLE,
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("prompt", sa.String(64), nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("undoes", sa.Integer, nullable=False),
        sa.Column("as_shipped", sa.Boolean, nullable=False),
        sa.Column("shipped_digest", sa.String(64), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("prompt_changes_by_prompt", _TABLE, ["prompt", "number"])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {_TABLE}_no_{verb.lower()} BEFORE {verb} ON {_TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{_TABLE} is append-only'); END"
            )
    else:  # refuse_change() is migration 0001's
        op.execute(
            f"CREATE TRIGGER {_TABLE}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {_TABLE} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
