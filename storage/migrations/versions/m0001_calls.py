"""Calls, their event log, flow versions, the register, the line switch and the calendar.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("call_events", "line_switch")


def upgrade() -> None:
    """Create everything."""
    _create_calls()
    _create_others()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _create_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("dialled", sa.Text, nullable=False),
        sa.Column("sealed_caller", sa.LargeBinary),
        sa.Column("flow_version", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("end_reason", sa.String(32)),
    )
    op.create_index("calls_by_start", "calls", ["started_at"])
    unfinished = sa.text("ended_at IS NULL")
    op.create_index(
        "calls_unfinished", "calls", ["started_at"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_table(
        "call_events",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary),
    )


def _create_others() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("saved_at", _TIME, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
    )
    op.create_table(
        "taxpayers",
        sa.Column("taxpayer_id", sa.String(64), primary_key=True),
        sa.Column("npwp_lookup", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("old_npwp_lookup", sa.LargeBinary, unique=True),
        sa.Column("sealed_npwp", sa.LargeBinary, nullable=False),
        sa.Column("sealed_name", sa.LargeBinary, nullable=False),
        sa.Column("resident_person", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "line_switch",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("shut", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
    )
    op.create_table(
        "calendar_overrides",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("opens_minute", sa.SmallInteger),
        sa.Column("closes_minute", sa.SmallInteger),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("assumed", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )


# A record that can be changed proves nothing: the database itself refuses. A call's header may only
# be closed, once.
_HEADER_CHANGED = " OR ".join(
    f"{{new}}.{column} {{differs}} {{old}}.{column}"
    for column in ("call_id", "channel", "dialled", "sealed_caller", "flow_version", "started_at")
)


def _guard_on_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER calls_no_delete BEFORE DELETE ON calls "
        "BEGIN SELECT RAISE(ABORT, 'calls are kept'); END"
    )
    changed = _HEADER_CHANGED.format(new="NEW", old="OLD", differs="IS NOT")
    op.execute(
        "CREATE TRIGGER calls_close_once BEFORE UPDATE ON calls "
        f"WHEN OLD.ended_at IS NOT NULL OR {changed} "
        "BEGIN SELECT RAISE(ABORT, 'a call is only closed, once'); END"
    )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER calls_no_delete BEFORE DELETE OR TRUNCATE ON calls "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    changed = _HEADER_CHANGED.format(new="NEW", old="OLD", differs="IS DISTINCT FROM")
    op.execute(
        "CREATE TRIGGER calls_close_once BEFORE UPDATE ON calls FOR EACH ROW "
        f"WHEN (OLD.ended_at IS NOT NULL OR {changed}) EXECUTE FUNCTION refuse_change()"
    )
