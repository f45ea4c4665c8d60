"""The tables of staffing plans, as the newest migration leaves them.

`made` is the whole plan as JSON (`reporting.planning.plans.Plan`): counts, forecasts and assumptions, nothing
of a person. What is kept never changes (triggers of migration 0021); drafts have no name and are deleted.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text

from storage.tables import UtcTime, metadata

plans = Table(
    "plans",
    metadata,
    Column("plan_id", String(32), primary_key=True),
    Column("made_at", UtcTime, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("whole", Boolean, nullable=False),  # of all queues
    Column("made", Text, nullable=False),
    Column("name", String(80), nullable=False),
    Column("kept_at", UtcTime),
    Column("kept_by", String(64), nullable=False),
)
Index("plans_by_time", plans.c.made_at)
Index("plans_by_days", plans.c.first_day, plans.c.last_day)

plan_steps = Table(
    "plan_steps",
    metadata,
    Column("plan_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),  # kept, put_away
)
