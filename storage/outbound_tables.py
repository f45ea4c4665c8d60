"""The tables of what agents made of outbound calls, as the newest migration leaves them.

Rows are append-only; of a disposition only `applied_at` is filled in later, once.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table

from storage.tables import UtcTime, metadata

outbound_dispositions = Table(
    "outbound_dispositions",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("attempt_id", String(64), nullable=False),
    Column("campaign_id", String(64), nullable=False),
    Column("lead_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),  # staff_id, or "system"
    Column("agent", String(32), nullable=False),  # staff number
    Column("code", String(40), nullable=False),
    Column("due_at", UtcTime),
    Column("owner", String(32), nullable=False),  # staff number, or empty
    Column("promised_on", Date),
    Column("applied_at", UtcTime),
)
_PENDING = outbound_dispositions.c.applied_at.is_(None)
_NONE_GIVEN = outbound_dispositions.c.code == "no_disposition"
Index("outbound_dispositions_by_attempt", outbound_dispositions.c.attempt_id)
Index("outbound_dispositions_by_campaign", outbound_dispositions.c.campaign_id, outbound_dispositions.c.at)
Index("outbound_dispositions_by_lead", outbound_dispositions.c.lead_id)
Index(
    "outbound_dispositions_pending",
    outbound_dispositions.c.at,
    sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)
Index(
    "outbound_dispositions_missing",
    outbound_dispositions.c.at,
    sqlite_where=_NONE_GIVEN,
    postgresql_where=_NONE_GIVEN,
)

outbound_skips = Table(
    "outbound_skips",
    metadata,
    Column("skip_id", String(32), primary_key=True),
    Column("campaign_id", String(64), nullable=False),
    Column("lead_id", BigInteger, nullable=False),
    Column("agent", String(32), nullable=False),  # staff number
    Column("done_by", String(64), nullable=False),  # staff_id
    Column("reason", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
)
Index("outbound_skips_by_campaign", outbound_skips.c.campaign_id, outbound_skips.c.at)
Index("outbound_skips_by_lead", outbound_skips.c.lead_id)
