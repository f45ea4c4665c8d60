"""The floor's record, SIP accounts, the administrator's tables and callbacks.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = (
    "floor_legs",
    "floor_offers",
    "floor_agents",
    "floor_supervision",
    "floor_entries",
    "acd_texts",
    "acd_versions",
    "callback_events",
)
_KEPT = ("sip_accounts", "callbacks")


def upgrade() -> None:
    """Create everything."""
    _create_legs()
    _create_other_rows_of_the_floor()
    _create_accounts_and_tables()
    _create_callbacks()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _n() -> "sa.Column[int]":
    return sa.Column("n", _N, primary_key=True, autoincrement=False)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_legs() -> None:
    op.create_table(
        "floor_legs",
        _n(),
        _text("leg", 64),
        sa.Column("seq", sa.Integer, nullable=False),
        _time("at"),
        _text("call_id", 64),
        _text("agent", 32),
        _text("phase", 16),
        sa.Column("seconds", sa.Double),
        _text("outcome", 32),
        sa.Column("estimated", sa.Boolean, nullable=False),
    )
    op.create_index("floor_legs_by_leg", "floor_legs", ["leg", "seq"], unique=True)
    op.create_index("floor_legs_by_call", "floor_legs", ["call_id"])
    op.create_index("floor_legs_by_agent", "floor_legs", ["agent", "at"])
    op.create_index("floor_legs_by_time", "floor_legs", ["at"])
    op.create_table(
        "floor_open_legs",
        sa.Column("leg", sa.String(64), primary_key=True),
        sa.Column("n", _N, nullable=False),
    )


def _create_other_rows_of_the_floor() -> None:
    op.create_table(
        "floor_offers",
        _n(),
        sa.Column("number", _N, nullable=False),
        _time("at"),
        _text("call_id", 64),
        _text("agent", 32),
        _text("leg", 64),
        sa.Column("ring", sa.Integer, nullable=False),
        sa.Column("waited", sa.Double, nullable=False),
        _text("outcome", 32),
    )
    op.create_index("floor_offers_by_number", "floor_offers", ["number"])
    op.create_index("floor_offers_by_call", "floor_offers", ["call_id"])
    op.create_index("floor_offers_by_agent", "floor_offers", ["agent", "at"])
    op.create_table(
        "floor_agents",
        _n(),
        _text("agent", 32),
        _time("at"),
        _text("declared", 32),
        _text("observed", 32),
        _text("reason", 64),
        _text("account", 32),
        _text("declared_by", 64),
        sa.Column("seconds", sa.Double),
    )
    op.create_index("floor_agents_by_agent", "floor_agents", ["agent", "n"])
    op.create_index("floor_agents_by_time", "floor_agents", ["at"])
    op.create_table(
        "floor_supervision",
        _n(),
        _time("at"),
        _text("done_by", 64),
        _text("act", 32),
        _text("agent", 32),
        _text("call_id", 64),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("floor_supervision_by_agent", "floor_supervision", ["agent", "at"])
    op.create_index("floor_supervision_by_call", "floor_supervision", ["call_id"])
    op.create_table(
        "floor_entries",
        _n(),
        _text("call_id", 64),
        _time("at"),
        _text("queue", 64),
        _text("language", 8),
        _time("since"),
        _text("outcome", 32),
    )
    op.create_index("floor_entries_by_call", "floor_entries", ["call_id"])
    op.create_index("floor_entries_by_time", "floor_entries", ["at"])


def _create_accounts_and_tables() -> None:
    op.create_table(
        "sip_accounts",
        sa.Column("account", sa.String(16), primary_key=True),
        _text("agent", 32),
        _text("kind", 16),
        sa.Column("sealed_digest", sa.LargeBinary, nullable=False),
        _time("created_at"),
        _time("revoked_at", nullable=True),
    )
    op.create_index("sip_accounts_by_agent", "sip_accounts", ["agent"])
    op.create_table(
        "acd_texts",
        sa.Column("fingerprint", sa.LargeBinary, primary_key=True),
        sa.Column("sealed_text", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "acd_versions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        _time("at"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("texts", sa.Text, nullable=False),
    )


def _create_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("number_lookup", sa.LargeBinary, nullable=False),
        sa.Column("sealed_number", sa.LargeBinary, nullable=False),
        _text("queue", 64),
        _text("language", 8),
        _time("since"),
        _time("booked_at"),
        _time("expires_at"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _time("taken_at", nullable=True),
        _time("not_before", nullable=True),
        sa.Column("outcome", sa.String(32)),
        _time("closed_at", nullable=True),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "callbacks_one_open",
        "callbacks",
        ["number_lookup", "queue"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "callback_events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        _text("call_id", 64),
        _time("at"),
        _text("what", 32),
    )
    op.create_index("callback_events_by_call", "callback_events", ["call_id"])


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
            f"BEGIN SELECT RAISE(ABORT, '{table} are kept'); END"
        )


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
