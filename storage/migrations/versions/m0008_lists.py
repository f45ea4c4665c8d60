"""Lists, their contacts and refused rows.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Under what a list was loaded never changes; only what became of it does.
_FIXED = (
    "list_id", "title", "requester", "unit", "order_number", "legal_basis", "cut_off", "expires_on",
    "source", "kind", "loaded_by", "loaded_at",
)  # fmt: skip


def upgrade() -> None:
    """Create everything."""
    _create_lists()
    _create_events()
    _create_contacts()
    _create_refused()
    op.create_table(
        "column_mappings",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("mapping", sa.Text, nullable=False),
        _text("changed_by", 64),
        _time("changed_at"),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_lists() -> None:
    op.create_table(
        "lists",
        sa.Column("list_id", sa.String(32), primary_key=True),
        _text("title", 200),
        _text("requester", 32),
        _text("unit", 200),
        _text("order_number", 100),
        _text("legal_basis", 500),
        sa.Column("cut_off", sa.Date, nullable=False),
        sa.Column("expires_on", sa.Date, nullable=False),
        _text("source", 64),
        _text("kind", 16),
        sa.Column("sealed_file_name", sa.LargeBinary, nullable=False),
        _text("loaded_by", 64),
        _time("loaded_at"),
        _text("state", 16),
        *(_count(name) for name in ("rows_read", "rows_about")),
        *(_count(name) for name in ("accepted", "rejected", "duplicate", "suppressed")),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("sheets", sa.Text, nullable=False),
        sa.Column("sealed_header", sa.LargeBinary),
        _text("approved_by", 64),
        _time("approved_at", nullable=True),
        sa.Column("last_contact", _N, nullable=False),
        _text("loader", 128),
        _time("touched_at"),
        _text("fault", 32),
    )
    loading = sa.text("state = 'loading'")
    op.create_index(
        "lists_one_loading", "lists", ["state"], unique=True, sqlite_where=loading, postgresql_where=loading
    )
    op.create_index("lists_by_time", "lists", ["loaded_at"])


def _create_events() -> None:
    op.create_table(
        "list_events",
        sa.Column("n", _N, primary_key=True, autoincrement=True),
        _text("list_id", 32),
        _time("at"),
        _text("who", 64),
        _text("what", 32),
        sa.Column("words", sa.Text, nullable=False),
    )
    op.create_index("list_events_by_list", "list_events", ["list_id", "n"])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", _N, primary_key=True, autoincrement=False),
        _text("list_id", 32),
        _count("row"),
        sa.Column("taxpayer_key", sa.LargeBinary, nullable=False),
        sa.Column("number_keys", sa.LargeBinary, nullable=False),
        _text("zone", 8),
        _text("taxpayer_group", 32),
        sa.Column("sealed_body", sa.LargeBinary, nullable=False),
    )
    op.create_index("contacts_by_list", "contacts", ["list_id", "contact_id"])
    op.create_table(
        "contact_keys",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("contact_id", _N, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _create_refused() -> None:
    op.create_table(
        "refused_rows",
        sa.Column("list_id", sa.String(32), primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sheet", sa.SmallInteger, nullable=False),
        _count("sheet_row"),
        _text("fate", 16),
        _text("reason", 32),
        sa.Column("place", sa.SmallInteger, nullable=False),
        _text("value", 64),
        sa.Column("sealed_cells", sa.LargeBinary, nullable=False),
    )


def _guard_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER list_events_no_{verb.lower()} BEFORE {verb} ON list_events "
            "BEGIN SELECT RAISE(ABORT, 'list_events is append-only'); END"
        )
    for table in ("contacts", "refused_rows"):
        op.execute(
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    op.execute(
        "CREATE TRIGGER lists_no_delete BEFORE DELETE ON lists "
        "BEGIN SELECT RAISE(ABORT, 'lists are kept'); END"
    )
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED)
    op.execute(
        f"CREATE TRIGGER lists_fixed BEFORE UPDATE ON lists WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'the origin of lists is append-only'); END"
    )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table, verbs in (
        ("list_events", "UPDATE OR DELETE OR TRUNCATE"),
        ("contacts", "UPDATE"),
        ("refused_rows", "UPDATE"),
        ("lists", "DELETE OR TRUNCATE"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {verbs} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED)
    op.execute(
        "CREATE TRIGGER lists_fixed BEFORE UPDATE ON lists FOR EACH ROW "
        f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
    )
