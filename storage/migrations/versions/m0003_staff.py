"""Staff, sign-ins, sessions and the trail of acts.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_N = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_APPEND_ONLY = ("audit_trail",)
_KEPT = ("staff", "staff_credentials")


def upgrade() -> None:
    """Create everything."""
    _create_staff()
    _create_sessions()
    _create_trail()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_staff() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.String(32), primary_key=True),
        sa.Column("user_name_lookup", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("sealed_user_name", sa.LargeBinary, nullable=False),
        sa.Column("sealed_display_name", sa.LargeBinary, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        _text("number", 32),
        _text("team", 64),
        _text("language", 8),
        sa.Column("disabled", sa.Boolean, nullable=False),
        _time("created_at"),
        _time("changed_at"),
    )
    with_number = sa.text("number != ''")
    op.create_index(
        "staff_one_number",
        "staff",
        ["number"],
        unique=True,
        sqlite_where=with_number,
        postgresql_where=with_number,
    )
    op.create_table(
        "staff_credentials",
        sa.Column("staff_id", sa.String(32), primary_key=True),
        sa.Column("sealed_password", sa.LargeBinary, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        _time("changed_at"),
        sa.Column("sealed_totp", sa.LargeBinary),
        _time("totp_since", nullable=True),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("subject_lookup", sa.LargeBinary),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff_id", sa.String(32), primary_key=True),
        sa.Column("code_lookup", sa.LargeBinary, primary_key=True),
        _time("used_at", nullable=True),
    )


def _create_sessions() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("session_id", sa.String(32), primary_key=True),
        sa.Column("cookie_hash", sa.LargeBinary, nullable=False, unique=True),
        _text("staff_id", 32),
        _text("browser", 64),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        _time("created_at"),
        _time("seen_at"),
        _time("ends_at"),
        _time("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(32)),
    )
    op.create_index("staff_sessions_by_staff", "staff_sessions", ["staff_id", "created_at"])
    still_open = sa.text("ended_at IS NULL")
    op.create_index(
        "staff_sessions_open",
        "staff_sessions",
        ["seen_at"],
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _create_trail() -> None:
    op.create_table(
        "audit_trail",
        sa.Column("n", _N, primary_key=True, autoincrement=True),
        _time("at"),
        _text("who", 64),
        _text("act", 64),
        _text("subject", 128),
        _text("why", 128),
        _text("outcome", 64),
        sa.Column("data", sa.Text, nullable=False),
    )
    op.create_index("audit_trail_by_time", "audit_trail", ["at"])
    op.create_index("audit_trail_by_who", "audit_trail", ["who", "n"])
    op.create_index("audit_trail_by_subject", "audit_trail", ["subject", "n"])


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
