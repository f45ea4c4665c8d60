"""Appeals, calibration, coaching.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = (
    "appeal_items",
    "appeal_steps",
    "appeal_verdicts",
    "compiled_lists",
    "compiled_scores",
    "compiled_receipts",
    "calibration_asked",
    "calibration_scores",
    "calibration_remarks",
    "coaching_links",
    "coaching_steps",
)
# Rows that change with their steps and are never deleted, and what of them never changes.
_KEPT = {
    "appeals": ("score_id", "recording_id", "agent", "reviewer", "filed_at", "filed_by", "list_id"),
    "calibration_rounds": ("form", "form_version", "opened_by", "opened_at"),
    "coaching_tasks": ("agent", "criterion", "rule", "opened_by", "opened_at"),
}


def upgrade() -> None:
    """Create everything."""
    _create_appeals()
    _create_appeal_parts()
    _create_compiled_lists()
    _create_rounds()
    _create_tasks()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _long(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _key(name: str, length: int = 32) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), primary_key=True)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, primary_key=True)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_appeals() -> None:
    op.create_table(
        "appeals",
        _key("appeal_id"),
        _text("score_id", 32),
        _text("recording_id", 32),
        _text("call_id", 64),
        _text("agent", 32),
        _text("team", 64),
        _text("reviewer", 64),
        _text("form", 16),
        _number("form_version"),
        _text("rule", 80),
        _text("state", 16),
        _time("since"),
        _time("filed_at"),
        _text("filed_by", 64),
        sa.Column("due_on", sa.Date),
        _text("list_id", 32),
        _long("verified"),
        _text("rescorer", 64),
        _text("rescore_id", 32),
        _text("arbiter", 64),
        _text("arbiter_score_id", 32),
        _text("counts", 32),
        _text("outcome", 16),
        _time("closed_at", nullable=True),
        _number("version"),
        sa.Column("owes", sa.Boolean, nullable=False),
    )
    stands, owes = sa.text("state != 'withdrawn'"), sa.text("owes")
    op.create_index(
        "appeals_one_a_score",
        "appeals",
        ["score_id"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )
    op.create_index("appeals_owing", "appeals", ["since"], sqlite_where=owes, postgresql_where=owes)
    op.create_index("appeals_by_agent", "appeals", ["agent", "filed_at"])
    op.create_index("appeals_by_state", "appeals", ["state", "due_on"])
    op.create_index("appeals_by_recording", "appeals", ["recording_id"])
    op.create_index("appeals_by_time", "appeals", ["filed_at"])


def _create_appeal_parts() -> None:
    op.create_table(
        "appeal_items",
        _key("appeal_id"),
        _count("version"),
        _count("seq"),
        _text("item", 64),
        _text("evidence", 32),
        _long("places"),
        sa.Column("sealed_reason", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "appeal_steps",
        _key("appeal_id"),
        _count("number"),
        _time("at"),
        _text("who", 64),
        _text("what", 16),
        _text("state", 16),
        _long("words"),
        sa.Column("sealed_note", sa.LargeBinary),
    )
    op.create_table(
        "appeal_verdicts",
        _key("appeal_id"),
        _key("item", 64),
        _number("seq"),
        _time("at"),
        _text("reviewer", 64),
        _text("criterion", 40),
        _text("first", 40),
        _text("rescore", 40),
        _text("arbiter", 40),
        _text("final", 40),
        _text("how", 16),
    )
    op.create_index("appeal_verdicts_by_time", "appeal_verdicts", ["at"])


def _create_compiled_lists() -> None:
    op.create_table(
        "compiled_lists",
        _key("list_id"),
        _text("made_by", 64),
        _time("made_at"),
        _text("why", 200),
        sa.Column("down_from", sa.Date, nullable=False),
        sa.Column("down_until", sa.Date, nullable=False),
    )
    op.create_index("compiled_lists_by_time", "compiled_lists", ["made_at"])
    op.create_table("compiled_scores", _key("score_id"), _text("list_id", 32), _text("agent", 32))
    op.create_index("compiled_scores_by_list", "compiled_scores", ["list_id"])
    op.create_index("compiled_scores_by_agent", "compiled_scores", ["agent"])
    op.create_table("compiled_receipts", _key("list_id"), _key("agent"), _time("at"), _text("noted_by", 64))


def _create_rounds() -> None:
    op.create_table(
        "calibration_rounds",
        _key("round_id"),
        _text("title", 200),
        _text("form", 16),
        _number("form_version"),
        _text("opened_by", 64),
        _time("opened_at"),
        sa.Column("due_on", sa.Date, nullable=False),
        _time("closed_at", nullable=True),
        _text("closed_by", 64),
    )
    op.create_index("calibration_rounds_by_time", "calibration_rounds", ["opened_at"])
    op.create_table(
        "calibration_asked",
        _key("round_id"),
        _key("recording_id"),
        _key("reviewer", 64),
        _number("recording_seq"),
        _number("reviewer_seq"),
    )
    op.create_index("calibration_asked_by_reviewer", "calibration_asked", ["reviewer", "recording_id"])
    op.create_table(
        "calibration_scores",
        _key("round_id"),
        _key("recording_id"),
        _key("reviewer", 64),
        _text("score_id", 32),
    )
    op.create_table(
        "calibration_remarks",
        _key("round_id"),
        _count("number"),
        _time("at"),
        _text("who", 64),
        _text("recording_id", 32),
        _text("item", 64),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )


def _create_tasks() -> None:
    op.create_table(
        "coaching_tasks",
        _key("task_id"),
        _text("agent", 32),
        _text("team", 64),
        _text("criterion", 40),
        _text("rule", 40),
        sa.Column("share", sa.Integer),
        _text("state", 16),
        _text("opened_by", 64),
        _time("opened_at"),
        sa.Column("due_on", sa.Date, nullable=False),
        _long("steps"),
        _long("done"),
        _time("closed_at", nullable=True),
        _number("version"),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "coaching_tasks_one_open",
        "coaching_tasks",
        ["agent", "criterion"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_index("coaching_tasks_by_due", "coaching_tasks", ["due_on"])
    op.create_index("coaching_tasks_closed", "coaching_tasks", ["closed_at"])
    op.create_table(
        "coaching_links",
        _key("task_id"),
        _key("score_id"),
        _number("seq"),
        _text("recording_id", 32),
        _long("places"),
    )
    op.create_index("coaching_links_by_score", "coaching_links", ["score_id"])
    op.create_table(
        "coaching_steps",
        _key("task_id"),
        _count("number"),
        _time("at"),
        _text("who", 64),
        _text("what", 16),
        _text("state", 16),
        _text("step", 40),
        sa.Column("sealed_note", sa.LargeBinary),
    )


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table, fixed in _KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never deleted'); END"
        )
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in fixed)
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN {changed} "
            f"BEGIN SELECT RAISE(ABORT, 'the origin of {table} is append-only'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, fixed in _KEPT.items():
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in fixed)
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )
