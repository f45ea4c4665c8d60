"""Attempts.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = sa.String(32).with_variant(TIMESTAMP(timezone=True), "postgresql")
_FINISHED = "('ended', 'not_sent', 'flagged')"
# What an attempt is never changes; only what became of it does.
_FIXED = (
    "attempt_id",
    "campaign_id",
    "version",
    "lead_id",
    "ordinal",
    "taxpayer_key",
    "number_key",
    "sealed_number",
    "zone",
    "mode",
    "agent",
    "engine",
    "code_key",
    "sealed_code",
    "intended_at",
)
# Every move that there is; the same state: something was added to it. A finished attempt stays finished.
_MOVES = (
    "intent>dialing",
    "intent>not_sent",
    "dialing>not_sent",
    "dialing>answered",
    "dialing>unknown",
    "dialing>ended",
    "dialing>flagged",
    "unknown>dialing",
    "unknown>answered",
    "unknown>ended",
    "unknown>flagged",
    "answered>answered",
    "answered>ended",
    "answered>flagged",
    "ended>ended",
    "flagged>flagged",
)
# What is told once stays as it was told first.
_ONCE = ("outcome", "why", "joined", "sent_at", "answered_at", "joined_at", "ended_at")


def upgrade() -> None:
    """Create everything."""
    _create_attempts()
    _create_indexes()
    op.create_table(
        "attempt_events",
        sa.Column("attempt_id", sa.String(32), primary_key=True),
        sa.Column("step", sa.SmallInteger, primary_key=True),
        _time("at", nullable=False),
        _text("state", 16),
        _text("what", 32),
    )
    op.create_table(
        "dialer_roles",
        sa.Column("role", sa.String(64), primary_key=True),
        _text("holder", 64),
        _time("taken_at", nullable=False),
        _time("expires_at", nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _later(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False, server_default="")


def _small(name: str, default: str | None = None) -> "sa.Column[int]":
    return sa.Column(name, sa.SmallInteger, nullable=False, server_default=default)


def _bytes(name: str) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _time(name: str, *, nullable: bool = True) -> "sa.Column[str]":
    return sa.Column(name, _TIME, nullable=nullable)


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.String(32), primary_key=True),
        _text("campaign_id", 32),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        _small("ordinal"),
        _bytes("taxpayer_key"),
        _bytes("number_key"),
        _bytes("sealed_number"),
        _text("zone", 8),
        _text("mode", 16),
        _text("agent", 32),
        _text("engine", 64),
        _bytes("code_key"),
        _bytes("sealed_code"),
        _time("intended_at", nullable=False),
        _text("state", 16),
        _small("step"),
        _time("changed_at", nullable=False),
        _later("outcome", 32),
        _later("why", 32),
        _later("disposition", 32),
        _later("joined", 32),
        _small("sip_code", "0"),
        _small("cause", "0"),
        _later("amd", 16),
        *(_time(name) for name in ("sent_at", "answered_at", "joined_at", "ended_at")),
        sa.CheckConstraint(f"(state IN {_FINISHED}) = (ended_at IS NOT NULL)", name="attempts_finished"),
        # Room for the changes of a row beside it: they need no new entries in the indexes then.
        postgresql_with={"fillfactor": 60},
    )


def _create_indexes() -> None:
    unfinished = sa.text("ended_at IS NULL")
    for name, column in (("attempts_one_number", "number_key"), ("attempts_one_taxpayer", "taxpayer_key")):
        op.create_index(
            name, "attempts", [column], unique=True, sqlite_where=unfinished, postgresql_where=unfinished
        )
    for name, column in (
        ("attempts_by_taxpayer", "taxpayer_key"),
        ("attempts_by_number", "number_key"),
        ("attempts_by_code", "code_key"),
        ("attempts_by_campaign", "campaign_id"),
    ):
        op.create_index(name, "attempts", [column, "intended_at"])
    op.create_index("attempts_by_end", "attempts", ["ended_at"])


def _moves() -> str:
    return ", ".join(f"'{move}'" for move in _MOVES)


_WHAT = (
    "CASE WHEN {new}.disposition <> '' THEN {new}.disposition WHEN {new}.outcome <> '' THEN {new}.outcome "
    "WHEN {new}.why <> '' THEN {new}.why ELSE {new}.joined END"
)


def _guard_on_sqlite() -> None:
    # `OLD.x` of a time is NULL until it is told; of a word it is empty.
    fixed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _FIXED)
    once = " OR ".join(
        f"(OLD.{name} IS NOT NULL AND OLD.{name} <> '' AND NEW.{name} IS NOT OLD.{name})" for name in _ONCE
    )
    what = _WHAT.format(new="NEW")
    for statement in (
        f"CREATE TRIGGER attempts_moves BEFORE UPDATE ON attempts WHEN {fixed} OR {once} "
        f"OR (OLD.state || '>' || NEW.state) NOT IN ({_moves()}) OR NEW.step <> OLD.step + 1 "
        "BEGIN SELECT RAISE(ABORT, 'attempts move by their table: the record is append-only'); END",
        "CREATE TRIGGER attempts_begin BEFORE INSERT ON attempts WHEN NEW.state <> 'intent' OR NEW.step <> 0 "
        "BEGIN SELECT RAISE(ABORT, 'attempts begin as an intent: the record is append-only'); END",
        "CREATE TRIGGER attempts_no_delete BEFORE DELETE ON attempts "
        "BEGIN SELECT RAISE(ABORT, 'attempts are kept'); END",
        "CREATE TRIGGER attempts_begun AFTER INSERT ON attempts BEGIN INSERT INTO attempt_events "
        "VALUES (NEW.attempt_id, NEW.step, NEW.changed_at, NEW.state, ''); END",
        "CREATE TRIGGER attempts_moved AFTER UPDATE ON attempts BEGIN "  # noqa: S608 - constants
        "INSERT INTO attempt_events VALUES "
        f"(NEW.attempt_id, NEW.step, NEW.changed_at, NEW.state, {what}); END",
        "CREATE TRIGGER attempt_events_no_update BEFORE UPDATE ON attempt_events "
        "BEGIN SELECT RAISE(ABORT, 'attempt_events is append-only'); END",
        "CREATE TRIGGER attempt_events_no_delete BEFORE DELETE ON attempt_events "
        "BEGIN SELECT RAISE(ABORT, 'attempt_events is append-only'); END",
    ):
        op.execute(statement)


def _guard_on_postgresql() -> None:
    # refuse_change() is migration 0001's.
    fixed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _FIXED)
    once = " OR ".join(
        f"(OLD.{name} IS NOT NULL AND OLD.{name}::text <> '' AND NEW.{name} IS DISTINCT FROM OLD.{name})"
        for name in _ONCE
    )
    what = _WHAT.format(new="NEW")
    for statement in (
        "CREATE OR REPLACE FUNCTION note_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - constants
        "INSERT INTO attempt_events VALUES "
        f"(NEW.attempt_id, NEW.step, NEW.changed_at, NEW.state, {what}); "
        "RETURN NULL; END $$",
        "CREATE TRIGGER attempts_moves BEFORE UPDATE ON attempts FOR EACH ROW "
        f"WHEN ({fixed} OR {once} OR (OLD.state || '>' || NEW.state) NOT IN ({_moves()}) "
        "OR NEW.step <> OLD.step + 1) EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER attempts_begin BEFORE INSERT ON attempts FOR EACH ROW "
        "WHEN (NEW.state <> 'intent' OR NEW.step <> 0) EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER attempts_no_delete BEFORE DELETE OR TRUNCATE ON attempts "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER attempts_noted AFTER INSERT OR UPDATE ON attempts "
        "FOR EACH ROW EXECUTE FUNCTION note_attempt()",
        "CREATE TRIGGER attempt_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attempt_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ):
        op.execute(statement)
