"""The tables of staff, sign-ins, sessions and the trail of acts, as the newest migration leaves them."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

_N = BigInteger().with_variant(Integer, "sqlite")

staff = Table(
    "staff",
    metadata,
    Column("staff_id", String(32), primary_key=True),
    Column("user_name_lookup", LargeBinary, nullable=False, unique=True),  # HMAC of the user name
    Column("sealed_user_name", LargeBinary, nullable=False),
    Column("sealed_display_name", LargeBinary, nullable=False),
    Column("roles", Text, nullable=False),  # domain.staff.StaffRole, sorted, separated by spaces
    Column("number", String(32), nullable=False),  # as in the floor's record; empty: none
    Column("team", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
Index(
    "staff_one_number",
    staff.c.number,
    unique=True,
    sqlite_where=staff.c.number != "",
    postgresql_where=staff.c.number != "",
)

staff_credentials = Table(
    "staff_credentials",
    metadata,
    Column("staff_id", String(32), primary_key=True),
    Column("sealed_password", LargeBinary, nullable=False),  # the argon2id hash
    Column("must_change", Boolean, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("sealed_totp", LargeBinary),  # the secret
    Column("totp_since", UtcTime),  # NULL: not enrolled
    Column("totp_step", BigInteger, nullable=False),  # the newest that was used
    Column("subject_lookup", LargeBinary),  # HMAC of the directory's subject
)

staff_recovery_codes = Table(
    "staff_recovery_codes",
    metadata,
    Column("staff_id", String(32), primary_key=True),
    Column("code_lookup", LargeBinary, primary_key=True),  # HMAC of the code
    Column("used_at", UtcTime),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("session_id", String(32), primary_key=True),
    Column("cookie_hash", LargeBinary, nullable=False, unique=True),  # SHA-256; the value is known nowhere
    Column("staff_id", String(32), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("end_reason", String(32)),  # a domain.staff_sessions.SessionEnd
)
Index("staff_sessions_by_staff", staff_sessions.c.staff_id, staff_sessions.c.created_at)
Index(
    "staff_sessions_open",
    staff_sessions.c.seen_at,
    sqlite_where=staff_sessions.c.ended_at.is_(None),
    postgresql_where=staff_sessions.c.ended_at.is_(None),
)

# What became of accounts. Append-only; reasons and values are sealed: some hold names.
staff_changes = Table(
    "staff_changes",
    metadata,
    Column("number", _N, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id, `cli:NAME`, `directory` or `system`
    Column("staff_id", String(32), nullable=False),  # whose account
    Column("act", String(40), nullable=False),  # a domain.staff_changes.StaffAct
    Column("undoes", _N, nullable=False),  # 0: nothing
    Column("sealed_told", LargeBinary, nullable=False),  # JSON: why; fields with before and after
)
Index("staff_changes_by_staff", staff_changes.c.staff_id, staff_changes.c.number)

audit_trail = Table(
    "audit_trail",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("act", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("why", String(128), nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("data", Text, nullable=False),  # a JSON object of words
)
Index("audit_trail_by_time", audit_trail.c.at)
Index("audit_trail_by_who", audit_trail.c.who, audit_trail.c.n)
Index("audit_trail_by_subject", audit_trail.c.subject, audit_trail.c.n)
