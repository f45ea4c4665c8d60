"""Listening: links, playbacks, comments.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("recording_given", "recording_heard", "recording_comments", "recording_comment_ends")
# What was asked for never changes; only how far it is.
_FIXED = (
    "playback_id", "recording_id", "call_id", "staff_id", "session_id", "purpose", "used_for", "link_hash",
    "sealed_reason", "issued_at",
)  # fmt: skip


def upgrade() -> None:
    """Create everything."""
    _create_playbacks()
    _create_ranges("recording_given", "byte")
    _create_ranges("recording_heard", "ms")
    _create_comments()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_playbacks() -> None:
    op.create_table(
        "recording_playbacks",
        sa.Column("playback_id", sa.String(32), primary_key=True),
        _text("recording_id", 32),
        _text("call_id", 64),
        _text("staff_id", 64),
        _text("session_id", 64),
        _text("purpose", 16),
        _text("used_for", 8),
        sa.Column("link_hash", sa.LargeBinary, nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
        sa.Column("issued_at", _TIME, nullable=False),
        sa.Column("opened_at", _TIME),
        sa.Column("last_at", _TIME),
        sa.Column("closed_at", _TIME),
    )
    op.create_index("recording_playbacks_by_link", "recording_playbacks", ["link_hash"], unique=True)
    for name, column in (("recording", "recording_id"), ("staff", "staff_id")):
        op.create_index(f"recording_playbacks_by_{name}", "recording_playbacks", [column, "issued_at"])


def _create_ranges(table: str, unit: str) -> None:
    op.create_table(
        table,
        sa.Column("playback_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column(f"from_{unit}", sa.BigInteger, nullable=False),
        sa.Column(f"until_{unit}", sa.BigInteger, nullable=False),
    )


def _create_comments() -> None:
    op.create_table(
        "recording_comments",
        sa.Column("comment_id", sa.String(32), primary_key=True),
        _text("recording_id", 32),
        sa.Column("from_ms", sa.BigInteger, nullable=False),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        _text("staff_id", 64),
        sa.Column("at", _TIME, nullable=False),
        _text("audience", 16),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )
    op.create_index("recording_comments_by_recording", "recording_comments", ["recording_id", "from_ms"])
    op.create_table(
        "recording_comment_ends",
        sa.Column("comment_id", sa.String(32), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("staff_id", 64),
    )


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER recording_playbacks_no_delete BEFORE DELETE ON recording_playbacks "
        "BEGIN SELECT RAISE(ABORT, 'rows of recording_playbacks are never deleted'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED)
    op.execute(
        f"CREATE TRIGGER recording_playbacks_fixed BEFORE UPDATE ON recording_playbacks WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'what a playback was for is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER recording_playbacks_no_delete BEFORE DELETE OR TRUNCATE ON recording_playbacks "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED)
    op.execute(
        "CREATE TRIGGER recording_playbacks_fixed BEFORE UPDATE ON recording_playbacks FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
