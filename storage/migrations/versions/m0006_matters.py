"""Cases, complaints, promises and requests.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
# What a matter is and where it comes from never changes; only its steps do.
_FIXED = ("matter_id", "code", "kind", "opened_at", "opened_by", "call_id", "rung", "taxpayer_id", "parent")


def upgrade() -> None:
    """Create everything."""
    _create_matters()
    _create_indexes()
    _create_events()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_matters() -> None:
    op.create_table(
        "matters",
        sa.Column("matter_id", sa.String(64), primary_key=True),
        _text("code", 16),
        _text("kind", 16),
        _text("topic", 64),
        _text("state", 32),
        _time("since"),
        _time("opened_at"),
        _text("opened_by", 64),
        _text("team", 64),
        _text("call_id", 64),
        sa.Column("rung", sa.SmallInteger, nullable=False),
        _text("rule", 64),
        sa.Column("taxpayer_id", sa.String(64)),
        _text("cluster", 64),
        _text("assignee", 64),
        sa.Column("due_on", sa.Date),
        _time("due_at", nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text("result", 32),
        _time("closed_at", nullable=True),
        _text("parent", 64),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("sealed_body", sa.LargeBinary, nullable=False),
    )


def _create_indexes() -> None:
    op.create_index("matters_by_code", "matters", ["code"], unique=True)
    op.create_index("matters_by_call", "matters", ["call_id"])
    op.create_index("matters_closed", "matters", ["closed_at"])
    still_open = sa.text("closed_at IS NULL")
    for name, columns in (
        ("matters_by_taxpayer", ["taxpayer_id"]),
        ("matters_open", ["kind", "due_on"]),
        ("matters_promised", ["due_at"]),
        ("matters_assigned", ["assignee"]),
    ):
        op.create_index(name, "matters", columns, sqlite_where=still_open, postgresql_where=still_open)


def _create_events() -> None:
    op.create_table(
        "matter_events",
        sa.Column("matter_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _time("at"),
        _text("who", 64),
        _text("what", 32),
        _text("state", 32),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("sealed_note", sa.LargeBinary),
    )


def _guard_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER matter_events_no_{verb.lower()} BEFORE {verb} ON matter_events "
            "BEGIN SELECT RAISE(ABORT, 'matter_events is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER matters_no_delete BEFORE DELETE ON matters "
        "BEGIN SELECT RAISE(ABORT, 'matters are kept'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED)
    op.execute(
        f"CREATE TRIGGER matters_fixed BEFORE UPDATE ON matters WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'the origin of matters is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    op.execute(
        "CREATE TRIGGER matter_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON matter_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER matters_no_delete BEFORE DELETE OR TRUNCATE ON matters "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED)
    op.execute(
        "CREATE TRIGGER matters_fixed BEFORE UPDATE ON matters FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
