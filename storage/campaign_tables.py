"""The tables of campaigns, leads and suppressions, as the newest migration leaves them.

A campaign's leads come list by list: a batch is one list's. Batches are seen only when they are complete,
so that millions of leads are added in short transactions and still all or none.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from storage.tables import UtcTime, metadata

_N = BigInteger().with_variant(Integer, "sqlite")  # on SQLite the row's own id

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),  # a dialer.campaigns.CampaignState
    Column("version", Integer, nullable=False),
    Column("created_by", String(64), nullable=False),  # staff_id
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

campaign_versions = Table(
    "campaign_versions",
    metadata,
    Column("campaign_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("definition", Text, nullable=False),  # JSON, `dialer.campaigns_text`
)

campaign_history = Table(
    "campaign_history",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=True),
    Column("campaign_id", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("what", Text, nullable=False),
)
Index("campaign_history_by_campaign", campaign_history.c.campaign_id, campaign_history.c.n)

lead_batches = Table(
    "lead_batches",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=True),
    Column("campaign_id", String(32), nullable=False),
    Column("list_id", String(32), nullable=False),
    Column("added_by", String(64), nullable=False),  # staff_id
    Column("added_at", UtcTime, nullable=False),
    Column("completed_at", UtcTime),  # None: its leads are being made, nobody sees them
    Column("control_share", Double, nullable=False),
    Column("made_up_to", _N, nullable=False),  # the last contact_id that was looked at
    Column("leads", Integer, nullable=False),
    Column("control", Integer, nullable=False),  # of `leads`, those of the control group
)
Index("lead_batches_by_campaign", lead_batches.c.campaign_id, lead_batches.c.list_id, unique=True)
Index("lead_batches_by_list", lead_batches.c.list_id)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", _N, primary_key=True, autoincrement=True),
    Column("batch_id", Integer, nullable=False),
    Column("contact_id", _N, nullable=False),
    Column("zone", String(8), nullable=False),  # a domain.zones.Zone
    Column("state", String(8), nullable=False),  # a dialer.leads.LeadState
    Column("rank", SmallInteger, nullable=False),  # 0: promised, before all others
    Column("due_at", UtcTime, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("number", SmallInteger, nullable=False),
    Column("dead_numbers", Integer, nullable=False),  # one bit for each index
    Column("owner", String(32), nullable=False),  # staff number, or empty
    Column("anyone_from", UtcTime),
    Column("reason", String(32), nullable=False),
)
_READY = leads.c.state == "ready"
# In the order in which leads are leased.
Index(
    "leads_due",
    leads.c.batch_id,
    leads.c.zone,
    leads.c.rank,
    leads.c.due_at,
    leads.c.lead_id,
    sqlite_where=_READY,
    postgresql_where=_READY,
)
Index("leads_by_contact", leads.c.contact_id)
Index("leads_by_reason", leads.c.batch_id, leads.c.state, leads.c.reason)

# Leases stand in a small table of their own: taking one touches a few pages that lie together, and not one
# page of `leads` for each lead. A row stays until its attempt is settled, also when the lease ran out.
lead_leases = Table(
    "lead_leases",
    metadata,
    Column("lead_id", _N, primary_key=True, autoincrement=False),
    Column("engine", String(64), nullable=False),
    Column("until", UtcTime, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("key", LargeBinary, primary_key=True),  # of a taxpayer or a number
    Column("why", String(32), nullable=False),  # a dialer.reasons.WhyNot
    Column("at", UtcTime, nullable=False),
)

suppression_events = Table(
    "suppression_events",
    metadata,
    Column("n", _N, primary_key=True, autoincrement=True),
    Column("key", LargeBinary, nullable=False),
    Column("act", String(16), nullable=False),  # added, lifted
    Column("why", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("call_id", String(64), nullable=False),  # in which it was asked for, or empty
)
Index("suppression_events_by_key", suppression_events.c.key, suppression_events.c.n)

# What taxpayers have done, as the administration tells it.
taxpayer_outcomes = Table(
    "taxpayer_outcomes",
    metadata,
    Column("taxpayer_key", LargeBinary, primary_key=True),
    Column("kind", String(8), primary_key=True),  # a dialer.kinds.OutcomeKind
    Column("period", String(8), primary_key=True),  # 2025 or 2025-03
    Column("on_date", Date, primary_key=True),
    Column("source", String(64), nullable=False),
    Column("imported_at", UtcTime, nullable=False),
)

kill_switch = Table(
    "kill_switch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("thrown", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("who", String(64), nullable=False),
)
