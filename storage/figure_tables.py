"""The tables of figures, as the newest migration leaves them.

Roll-ups follow from the event log and may be thrown away and made again; counts of other channels come by
import and are append-only: of one day, agent and team the newest import holds.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

# A row for every day of the office that is over, also one on which nothing happened.
figure_days = Table(
    "figure_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("made_at", UtcTime, nullable=False),
    Column("stale", Boolean, nullable=False),  # rows came in later: to be made again
    Column("cells", LargeBinary, nullable=False),  # reporting.rollup.pack, not cut
    Column("quarters", LargeBinary, nullable=False),  # likewise, cut into quarters of an hour
)

# The sum of a month's days, once all of them are there. Goes when one of them is stale.
figure_months = Table(
    "figure_months",
    metadata,
    Column("month", Date, primary_key=True),  # its first day
    Column("made_at", UtcTime, nullable=False),
    Column("cells", LargeBinary, nullable=False),
)

# How far each source of facts was looked through for rows that came in late.
figure_marks = Table(
    "figure_marks",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("mark", String(40), nullable=False),  # a number or a time, as the source has it
)

figure_imports = Table(
    "figure_imports",
    metadata,
    Column("import_id", Integer, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("new", Integer, nullable=False),
    Column("replaced", Integer, nullable=False),
    Column("same", Integer, nullable=False),
)

figure_channels = Table(
    "figure_channels",
    metadata,
    Column("import_id", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("agent", String(32), primary_key=True),  # staff number; empty: of a team as a whole
    Column("team", String(64), primary_key=True),  # empty: the agent's of that day
    Column("chats", Integer, nullable=False),
    Column("chats_in_time", Integer, nullable=False),
    Column("mails_assigned", Integer, nullable=False),
    Column("mails_answered", Integer, nullable=False),
)
Index("figure_channels_by_day", figure_channels.c.day)
