"""Finding recordings: facts, saved searches, sampling plans, work lists.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("review_draws", "review_task_events")
_KEPT = ("review_tasks", "review_plans")  # rows change, and are never deleted


def upgrade() -> None:
    """Create everything."""
    op.create_index("recording_moves_by_time", "recording_moves", ["at"])
    op.create_index("interaction_notes_by_change", "interaction_notes", ["at"])
    _create_facts()
    _create_index_parts()
    _create_searches()
    _create_sampling()
    _create_tasks()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _small(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.SmallInteger, nullable=nullable)


def _place() -> "sa.Column[int]":
    return sa.Column("place", _N, primary_key=True, autoincrement=False)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    only = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def _create_facts() -> None:
    op.create_table(
        "review_facts",
        _place(),
        _number("agent"),
        _number("campaign"),
        _number("seconds"),
        _number("hold"),
        _small("team"),
        _small("queue"),
        _small("branch"),
        _small("category"),
        _small("result"),
        _small("disposition"),
        _small("direction"),
        _small("state"),
        _small("transfers"),
        _small("silence", nullable=True),
        _small("overlap", nullable=True),
        _small("score", nullable=True),
        _small("complaint"),
        _small("new_agent"),
    )
    for column in ("agent", "team", "queue", "category", "campaign", "disposition"):
        op.create_index(f"review_facts_by_{column}", "review_facts", [column, "place"])
    for column in ("hold", "seconds", "silence", "overlap"):
        op.create_index(f"review_facts_by_{column}", "review_facts", [column])
    _partial("review_facts_scored", "review_facts", ["score", "place"], "score IS NOT NULL")
    _partial("review_facts_transferred", "review_facts", ["transfers", "place"], "transfers > 0")
    _partial("review_facts_complaints", "review_facts", ["place"], "complaint = 1")
    _partial("review_facts_new_agents", "review_facts", ["place"], "new_agent = 1")


def _create_index_parts() -> None:
    op.create_table(
        "review_places",
        _place(),
        sa.Column("recording_id", sa.String(32), nullable=False, unique=True),
        _text("call_id", 64),
        sa.Column("look_again_at", _TIME),
    )
    op.create_index("review_places_by_call", "review_places", ["call_id"])
    _partial("review_places_due", "review_places", ["look_again_at"], "look_again_at IS NOT NULL")
    op.create_table(
        "review_names",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _text("name", 120),
    )
    op.create_index("review_names_by_name", "review_names", ["kind", "name"], unique=True)
    op.create_table(
        "review_words",
        sa.Column("word", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,  # the key is the row: each posting is kept once
    )
    op.create_index("review_words_by_place", "review_words", ["place"])
    op.create_table(
        "review_cursors",
        sa.Column("source", sa.String(16), primary_key=True),
        sa.Column("at", _TIME, nullable=False),
    )


def _create_searches() -> None:
    op.create_table(
        "review_searches",
        sa.Column("search_id", sa.String(32), primary_key=True),
        _text("staff_id", 32),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("sealed_search", sa.LargeBinary, nullable=False),
    )
    op.create_index("review_searches_by_staff", "review_searches", ["staff_id"])


def _create_sampling() -> None:
    op.create_table(
        "review_plans",
        sa.Column("plan_id", sa.String(32), primary_key=True),
        _number("version"),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        _text("changed_by", 64),
        sa.Column("changed_at", _TIME, nullable=False),
    )
    op.create_table(
        "review_draws",
        sa.Column("draw_id", sa.String(32), primary_key=True),
        _text("plan_id", 32),
        _text("period", 16),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("seed", 64),
        _number("found"),
        _number("taken"),
        sa.Column("definition", sa.Text, nullable=False),
    )
    op.create_index("review_draws_once", "review_draws", ["plan_id", "period"], unique=True)


def _create_tasks() -> None:
    op.create_table(
        "review_tasks",
        sa.Column("task_id", sa.String(32), primary_key=True),
        _text("recording_id", 32),
        _text("draw_id", 32),
        _text("plan_id", 32),
        _text("why", 16),
        _text("agent", 32),
        _text("state", 16),
        _text("reviewer", 32),
        sa.Column("until", _TIME),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        _number("version"),
    )
    op.create_index("review_tasks_by_recording", "review_tasks", ["recording_id"], unique=True)
    op.create_index("review_tasks_by_draw", "review_tasks", ["draw_id"])
    _partial("review_tasks_undone", "review_tasks", ["due_on"], "state IN ('waiting', 'claimed')")
    op.create_index("review_tasks_by_reviewer", "review_tasks", ["reviewer", "changed_at"])
    op.create_table(
        "review_task_events",
        sa.Column("task_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
        _text("done_by", 64),
        _text("event", 16),
        _text("state", 16),
        _text("reason", 40),
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
