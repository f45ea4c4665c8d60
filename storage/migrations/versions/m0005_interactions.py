"""Interaction notes, drafts, script ticks.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("interaction_notes", "interaction_words", "script_ticks")


def upgrade() -> None:
    """Create everything."""
    _create_notes()
    _create_drafts()
    _create_ticks()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _create_notes() -> None:
    op.create_table(
        "interaction_notes",
        sa.Column("note_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        _text("call_id", 64),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("first_at", _TIME, nullable=False),
        _text("staff_id", 32),
        _text("agent", 32),
        _text("team", 64),
        _text("branch", 120),
        _text("category", 120),
        _text("result", 120),
        _text("language", 8),
        sa.Column("taxpayer_id", sa.String(64)),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )
    op.create_index("interaction_notes_by_call", "interaction_notes", ["call_id"])
    op.create_index("interaction_notes_by_time", "interaction_notes", ["first_at"])
    op.create_index("interaction_notes_by_agent", "interaction_notes", ["agent", "first_at"])
    op.create_index("interaction_notes_by_taxpayer", "interaction_notes", ["taxpayer_id", "first_at"])
    op.create_table(
        "interaction_words",
        sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
        sa.Column("note_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
    )


def _create_drafts() -> None:
    op.create_table(
        "interaction_drafts",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.String(32), primary_key=True),
        sa.Column("slot", sa.String(32), primary_key=True),
        _text("note_id", 32),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("sealed_draft", sa.LargeBinary, nullable=False),
    )
    op.create_index("interaction_drafts_by_staff", "interaction_drafts", ["staff_id", "at"])
    op.create_index("interaction_drafts_by_time", "interaction_drafts", ["at"])


def _create_ticks() -> None:
    op.create_table(
        "script_ticks",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        _text("call_id", 64),
        _text("staff_id", 32),
        sa.Column("at", _TIME, nullable=False),
        _text("script", 40),
        _text("step", 40),
        sa.Column("done", sa.Boolean, nullable=False),
        _text("answer", 40),
    )
    op.create_index("script_ticks_by_call", "script_ticks", ["call_id", "staff_id"])


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
