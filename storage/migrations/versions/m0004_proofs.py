"""What calls proved, and the profiles of the synthetic register.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "proof_acts",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("done_by", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("detail", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("sealed_taxpayer", sa.LargeBinary),
        sa.Column("taxpayer_lookup", sa.LargeBinary),
        sa.Column("holder", sa.String(16)),
    )
    op.create_index("proof_acts_by_taxpayer", "proof_acts", ["taxpayer_lookup"])
    op.create_table(
        "taxpayer_profiles",
        sa.Column("taxpayer_id", sa.String(64), primary_key=True),
        sa.Column("sealed_profile", sa.LargeBinary, nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _guard_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER proof_acts_no_{verb.lower()} BEFORE {verb} ON proof_acts "
            "BEGIN SELECT RAISE(ABORT, 'proof_acts is append-only'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    op.execute(
        "CREATE TRIGGER proof_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON proof_acts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
