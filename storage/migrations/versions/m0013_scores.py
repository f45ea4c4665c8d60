"""Versions of forms; drafts, scores, their lines, steps and standings.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("quality_forms", "scores", "score_lines", "score_steps")
_KEPT = ("score_standings",)  # rows change, and are never deleted


def upgrade() -> None:
    """Create everything."""
    _create_forms()
    _create_scores()
    _create_parts()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _key(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False)


def _create_forms() -> None:
    op.create_table(
        "quality_forms",
        sa.Column("name", sa.String(16), primary_key=True),
        _key("version"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("why", 200),
        sa.Column("text", sa.Text, nullable=False),
    )


def _head() -> "list[sa.Column[str] | sa.Column[int]]":
    return [
        sa.Column("score_id", sa.String(32), primary_key=True),
        _text("recording_id", 32),
        _text("call_id", 64),
        _text("agent", 32),
        _text("form", 16),
        _number("form_version"),
        _text("kind", 16),
        _text("reviewer", 64),
        _text("reminds_of", 32),
        sa.Column("started_at", _TIME, nullable=False),
    ]


def _create_scores() -> None:
    body = ("sealed_body", sa.LargeBinary)
    op.create_table("score_drafts", *_head(), _number("count"), sa.Column(*body, nullable=False))
    op.create_index("score_drafts_by_reviewer", "score_drafts", ["reviewer", "started_at"])
    op.create_index("score_drafts_by_recording", "score_drafts", ["recording_id"])
    op.create_table(
        "scores",
        *_head(),
        sa.Column("final_at", _TIME, nullable=False),
        _number("total"),
        sa.Column("effects", sa.Text, nullable=False),
        sa.Column(*body, nullable=False),
    )
    review = sa.text("kind = 'review'")
    op.create_index(
        "scores_one_review",
        "scores",
        ["recording_id", "agent"],
        unique=True,
        sqlite_where=review,
        postgresql_where=review,
    )
    op.create_index("scores_by_recording", "scores", ["recording_id"])
    op.create_index("scores_by_agent", "scores", ["agent", "final_at"])
    op.create_index("scores_by_reviewer", "scores", ["reviewer", "final_at"])
    op.create_index("scores_by_time", "scores", ["final_at"])
    op.create_index("scores_by_first", "scores", ["reminds_of"])


def _create_parts() -> None:
    op.create_table(
        "score_lines",
        sa.Column("score_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        _text("criterion", 40),
        _text("item", 40),
        _number("most"),
        _number("points"),
        _text("reason", 40),
        _text("effect", 40),
    )
    op.create_table(
        "score_steps",
        sa.Column("score_id", sa.String(32), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("act", 16),
    )
    op.create_table(
        "score_standings",
        sa.Column("score_id", sa.String(32), primary_key=True),
        _text("state", 16),
        sa.Column("signed_at", _TIME),
        _number("steps"),
    )
    op.create_index("score_standings_by_state", "score_standings", ["state"])


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
