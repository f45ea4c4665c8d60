"""Transcripts of recordings: what became of each, and its sealed text.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the table."""
    table = "recording_transcripts"
    op.create_table(
        table,
        sa.Column("recording_id", sa.String(32), primary_key=True),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("language", sa.String(4), nullable=False),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("model_version", sa.String(80), nullable=False),
        sa.Column("audio_ms", sa.BigInteger, nullable=False),
        sa.Column("cpu_ms", sa.BigInteger, nullable=False),
        sa.Column("sentences", sa.Integer, nullable=False),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
        sa.Column("indexed_at", _TIME),
    )
    waits = sa.text("indexed_at IS NULL")
    op.create_index(f"{table}_to_index", table, ["state", "at"], sqlite_where=waits, postgresql_where=waits)
    op.create_index(f"{table}_by_call", table, ["call_id"])
