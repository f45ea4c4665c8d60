"""Reports: saved, scheduled, and the runs of each.

Revision ID: 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_APPEND_ONLY = ("report_versions", "report_steps")


def upgrade() -> None:
    """Create the tables."""
    _create_reports()
    _create_runs()
    _create_results()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _index(name: str, table: str, columns: list[str], where: str = "", *, unique: bool = False) -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=only, postgresql_where=only)


def _create_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("report_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        _text("code", 40),
        _text("created_by", 64),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("next_due_at", _TIME),
        sa.Column("removed_at", _TIME),
    )
    _index("reports_by_code", "reports", ["code"], "removed_at IS NULL", unique=True)
    _index("reports_by_due", "reports", ["next_due_at"])
    op.create_table(
        "report_versions",
        sa.Column("report_id", sa.String(32), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("who", 64),
        sa.Column("definition", sa.Text),
        sa.Column("sealed_deliveries", sa.LargeBinary),
    )


def _create_runs() -> None:
    op.create_table(
        "report_runs",
        sa.Column("run_id", sa.String(32), primary_key=True),
        _text("report_id", 32),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("due_at", _TIME),
        _text("asked_by", 64),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        _text("state", 8),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("begun_at", _TIME),
        sa.Column("ended_at", _TIME),
        _text("outcome", 40),
        sa.Column("files_removed_at", _TIME),
    )
    _index("report_runs_once", "report_runs", ["report_id", "due_at"], unique=True)
    _index("report_runs_open", "report_runs", ["next_at"], "ended_at IS NULL")
    _index("report_runs_by_time", "report_runs", ["asked_at"])


def _create_results() -> None:
    op.create_table(
        "report_files",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("form", sa.String(8), primary_key=True),
        _text("name", 120),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("sha256", 64),
    )
    op.create_table(
        "report_deliveries",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _text("state", 12),
        sa.Column("at", _TIME, nullable=False),
        _text("outcome", 40),
    )
    op.create_table(
        "report_steps",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", _TIME, nullable=False),
        _text("what", 16),
        _text("outcome", 40),
    )


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
