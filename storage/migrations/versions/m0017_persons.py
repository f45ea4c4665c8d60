"""Requests about one person's data: steps, bundles, restrictions.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("person_steps", "person_restricted_calls")
_NEVER_DELETED = ("person_requests", "person_bundles", "person_restrictions")
# What was asked, made and restricted never changes; only how far it is.
_FIXED = {
    "person_requests": (
        "request_id", "code", "kind", "received_at", "received_by", "due_at", "person_key", "sealed_asker",
    ),
    "person_bundles": ("bundle_id", "request_id", "made_at", "made_by", "digest", "size", "counts"),
    "person_restrictions": ("request_id", "taxpayer_lookup", "person_key", "since"),
}  # fmt: skip


def upgrade() -> None:
    """Create everything."""
    _create_requests()
    _create_bundles()
    _create_restrictions()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def _create_requests() -> None:
    op.create_table(
        "person_requests",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(8), nullable=False, unique=True),
        _text("kind", 16),
        _text("state", 16),
        sa.Column("received_at", _TIME, nullable=False),
        _text("received_by", 64),
        sa.Column("due_at", _TIME, nullable=False),
        _text("rule", 80),
        _text("proven_by", 32),
        _text("relation", 32),
        sa.Column("person_key", sa.LargeBinary, nullable=False),
        _text("taxpayer_id", 64),
        sa.Column("sealed_asker", sa.LargeBinary, nullable=False),
        _text("prepared_by", 64),
        _text("lift_asked_by", 64),
        sa.Column("closed_at", _TIME),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _index("person_requests_open", "person_requests", ["due_at"], "closed_at IS NULL")
    _index("person_requests_by_time", "person_requests", ["received_at"])
    _index("person_requests_by_person", "person_requests", ["person_key"])
    op.create_table(
        "person_steps",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        _text("what", 16),
        _text("state", 16),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("sealed_note", sa.LargeBinary),
    )


def _create_bundles() -> None:
    op.create_table(
        "person_bundles",
        sa.Column("bundle_id", sa.String(32), primary_key=True),
        _text("request_id", 32),
        sa.Column("made_at", _TIME, nullable=False),
        _text("made_by", 64),
        _text("digest", 64),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("keep_until", _TIME, nullable=False),
        sa.Column("removed_at", _TIME),
    )
    _index("person_bundles_by_request", "person_bundles", ["request_id", "made_at"])
    _index("person_bundles_there", "person_bundles", ["keep_until"], "removed_at IS NULL")


def _create_restrictions() -> None:
    op.create_table(
        "person_restrictions",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("taxpayer_lookup", sa.LargeBinary, nullable=False),
        sa.Column("person_key", sa.LargeBinary, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("lifted_at", _TIME),
    )
    _index("person_restrictions_by_lookup", "person_restrictions", ["taxpayer_lookup"], "lifted_at IS NULL")
    _index("person_restrictions_by_key", "person_restrictions", ["person_key"], "lifted_at IS NULL")
    op.create_table(
        "person_restricted_calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("request_id", sa.String(32), primary_key=True),
    )


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    for table in _NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never deleted'); END"
        )
        changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED[table])
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} WHEN {changed} "
            f"BEGIN SELECT RAISE(ABORT, 'what stands in {table} is append-only'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in _NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED[table])
        op.execute(
            f"CREATE TRIGGER {table}_fixed BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed}) EXECUTE FUNCTION refuse_change()"
        )
