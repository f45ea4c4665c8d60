"""The tables of attempts, as the newest migration leaves them.

`attempts` has one current row each, whose state moves only as the triggers of the migration allow;
`attempt_events` is its append-only trail, which a trigger writes.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from storage.tables import UtcTime, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", String(32), primary_key=True),
    Column("campaign_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),  # of the campaign's definition
    Column("lead_id", BigInteger, nullable=False),
    Column("ordinal", SmallInteger, nullable=False),
    Column("taxpayer_key", LargeBinary, nullable=False),
    Column("number_key", LargeBinary, nullable=False),
    Column("sealed_number", LargeBinary, nullable=False),
    Column("zone", String(8), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("engine", String(64), nullable=False),
    Column("code_key", LargeBinary, nullable=False),
    Column("sealed_code", LargeBinary, nullable=False),
    Column("intended_at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),  # a dialer.attempts.AttemptState
    Column("step", SmallInteger, nullable=False),  # changes so far
    Column("changed_at", UtcTime, nullable=False),
    Column("outcome", String(32), nullable=False, server_default=""),  # a dialer.attempts.DialOutcome
    Column("why", String(32), nullable=False, server_default=""),  # of one that was not sent
    Column("disposition", String(32), nullable=False, server_default=""),
    Column("joined", String(32), nullable=False, server_default=""),  # staff number
    Column("sip_code", SmallInteger, nullable=False, server_default="0"),
    Column("cause", SmallInteger, nullable=False, server_default="0"),  # Q.850
    Column("amd", String(16), nullable=False, server_default=""),
    Column("sent_at", UtcTime),
    Column("answered_at", UtcTime),
    Column("joined_at", UtcTime),
    Column("ended_at", UtcTime),  # set in every finished state, and in no other
)
_UNFINISHED = attempts.c.ended_at.is_(None)
# At most one unfinished attempt of a number and of a taxpayer, over all campaigns and engines.
Index(
    "attempts_one_number",
    attempts.c.number_key,
    unique=True,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)
Index(
    "attempts_one_taxpayer",
    attempts.c.taxpayer_key,
    unique=True,
    sqlite_where=_UNFINISHED,
    postgresql_where=_UNFINISHED,
)
Index("attempts_by_taxpayer", attempts.c.taxpayer_key, attempts.c.intended_at)
Index("attempts_by_number", attempts.c.number_key, attempts.c.intended_at)
Index("attempts_by_code", attempts.c.code_key, attempts.c.intended_at)
Index("attempts_by_campaign", attempts.c.campaign_id, attempts.c.intended_at)
Index("attempts_by_end", attempts.c.ended_at)

attempt_events = Table(
    "attempt_events",
    metadata,
    Column("attempt_id", String(32), primary_key=True),
    Column("step", SmallInteger, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("what", String(32), nullable=False),  # outcome, reason, disposition or agent; empty: none
)

dialer_roles = Table(
    "dialer_roles",
    metadata,
    Column("role", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),  # one process
    Column("taken_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)
