"""Accounts of pages belong to a session; which phone somebody works with.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Add the session to accounts, and the table of choices."""
    session = sa.Column("session_id", sa.String(32), nullable=False, server_default="")
    op.add_column("sip_accounts", session)
    to_see = sa.text("session_id = '' OR revoked_at IS NULL")
    op.create_index(
        "sip_accounts_to_see", "sip_accounts", ["created_at"], sqlite_where=to_see, postgresql_where=to_see
    )
    op.create_table(
        "phone_choices",
        sa.Column("staff_id", sa.String(32), primary_key=True),
        sa.Column("choice", sa.String(16), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
    )
