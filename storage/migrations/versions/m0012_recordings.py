"""Recordings: rows, marks, moves, measures, the manifest's chain, holds, alarms, policies.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = (
    "recording_moves",
    "recording_marks",
    "recording_measures",
    "recording_manifest",
    "recording_holds",
    "recording_policies",
)
_KEPT = ("recordings", "recording_alarms")  # rows change, and are never deleted


def upgrade() -> None:
    """Create everything."""
    _create_recordings()
    _create_parts()
    _create_manifest()
    _create_alarms()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _big(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False)


def _key(name: str, kind: "sa.types.TypeEngine[int]") -> "sa.Column[int]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _create_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("recording_id", sa.String(32), primary_key=True),
        _text("call_id", 64),
        sa.Column("number", sa.Integer, nullable=False),
        _text("channel", 64),
        _text("direction", 4),
        _text("queue", 64),
        _text("campaign_id", 64),
        _text("agent", 32),
        _text("language", 4),
        _text("mode", 16),
        _text("state", 16),
        sa.Column("planned_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("stopped_at", _TIME),
        _big("expected_ms"),
        _big("audio_ms"),
        _big("lost_ms"),
        _text("cause", 40),
        _text("digest", 64),
        _text("object_key", 120),
        _big("object_bytes"),
        _text("coding", 8),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed_at", _TIME),
        sa.Column("keep_until", _TIME),
        sa.Column("destroyed_at", _TIME),
    )
    op.create_index("recordings_by_call", "recordings", ["call_id", "number"], unique=True)
    op.create_index("recordings_by_state", "recordings", ["state", "planned_at"])
    op.create_index("recordings_by_time", "recordings", ["planned_at"])
    op.create_index("recordings_by_agent", "recordings", ["agent", "planned_at"])
    op.create_index("recordings_by_end", "recordings", ["keep_until"])


def _create_parts() -> None:
    op.create_table(
        "recording_moves",
        sa.Column("recording_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("event", 16),
        _text("state", 16),
        _text("cause", 40),
    )
    op.create_table(
        "recording_marks",
        sa.Column("recording_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("kind", 16),
        _big("from_ms"),
        sa.Column("until_ms", sa.BigInteger),
        _text("detail", 64),
    )
    op.create_table(
        "recording_measures",
        sa.Column("recording_id", sa.String(32), primary_key=True),
        _big("caller_ms"),
        _big("agent_ms"),
        _big("silence_ms"),
        _big("overlap_ms"),
        _big("longest_silence_ms"),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.Column("agent_pace", sa.Double, nullable=False),
        sa.Column("caller_pace", sa.Double, nullable=False),
    )


def _create_manifest() -> None:
    op.create_table(
        "recording_manifest",
        _key("number", sa.BigInteger()),
        sa.Column("at", _TIME, nullable=False),
        _text("recording_id", 32),
        _text("act", 16),
        _text("digest", 64),
        _text("detail", 120),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
    )
    op.create_index("recording_manifest_by_recording", "recording_manifest", ["recording_id", "number"])
    op.create_table(
        "recording_holds",
        sa.Column("recording_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("act", 8),
        _text("reason", 64),
    )


def _create_alarms() -> None:
    op.create_table(
        "recording_alarms",
        _key("alarm_id", sa.BigInteger()),
        _text("kind", 16),
        _text("recording_id", 32),
        _text("detail", 120),
        sa.Column("raised_at", _TIME, nullable=False),
        sa.Column("cleared_at", _TIME),
        _text("seen_by", 64),
        sa.Column("level", sa.SmallInteger, nullable=False),
    )
    only = sa.text("cleared_at IS NULL")
    op.create_index(
        "recording_alarms_open",
        "recording_alarms",
        ["kind", "recording_id", "detail"],
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )
    op.create_table(
        "recording_policies",
        _key("version", sa.Integer()),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("why", 200),
        sa.Column("text", sa.LargeBinary, nullable=False),
    )


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never deleted'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for tables, verbs in ((_APPEND_ONLY, "UPDATE OR DELETE OR TRUNCATE"), (_KEPT, "DELETE OR TRUNCATE")):
        for table in tables:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
