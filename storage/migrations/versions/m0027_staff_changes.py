"""What became of accounts: who, when, before, after, undone.

Revision ID: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_TABLE = "staff_changes"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        _TABLE,
        sa.Column("number", _N, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("undoes", _N, nullable=False),
        sa.Column("sealed_told", sa.LargeBinary, nullable=False),
    )
    op.create_index("staff_changes_by_staff", _TABLE, ["staff_id", "number"])
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
