"""The tables of schedules, as the newest migration leaves them.

Shifts, exceptions and requests have one current row each, never deleted; changes of the schedule and steps of
requests are append-only.
"""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

schedule_shifts = Table(
    "schedule_shifts",
    metadata,
    Column("agent", String(32), primary_key=True),  # staff number
    Column("day", Date, primary_key=True),  # of the office
    Column("pattern", String(40), nullable=False),
    Column("place", String(40), nullable=False),
    Column("pieces", Text, nullable=False),  # a JSON list of [activity, begins, ends]; empty: taken away
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
)
Index("schedule_shifts_by_day", schedule_shifts.c.day, schedule_shifts.c.agent)

schedule_changes = Table(
    "schedule_changes",
    metadata,
    Column("change_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),  # set, removed, excepted, unexcepted
    Column("agent", String(32), nullable=False),
    Column("day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("before", Text, nullable=False),  # pieces as in schedule_shifts; empty: there were none
    Column("after", Text, nullable=False),
)
Index("schedule_changes_by_time", schedule_changes.c.at)
Index("schedule_changes_by_agent", schedule_changes.c.agent, schedule_changes.c.day)

schedule_exceptions = Table(
    "schedule_exceptions",
    metadata,
    Column("exception_id", String(32), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("begins", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("request_id", String(32), nullable=False),  # empty: entered without a request
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),  # taken back
    Column("ended_by", String(64), nullable=False),
)
Index("schedule_exceptions_by_agent", schedule_exceptions.c.agent, schedule_exceptions.c.first_day)
Index("schedule_exceptions_by_day", schedule_exceptions.c.last_day, schedule_exceptions.c.first_day)

offline_requests = Table(
    "offline_requests",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("team", String(64), nullable=False),
    Column("day", Date, nullable=False),
    Column("begins", UtcTime, nullable=False),
    Column("ends", UtcTime, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("due_on", Date, nullable=False),  # the last day it could be filed
    Column("filed_at", UtcTime, nullable=False),
    Column("filed_by", String(64), nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("last_day", Date),  # of several days; empty: `day` alone
    Column(
        "parts", Text, nullable=False, server_default="[]"
    ),  # JSON: [begins, ends] of each shift; [] is one
    Column("seen", Integer, nullable=False, server_default="1"),  # the version that the agent has seen
)
Index("offline_requests_by_agent", offline_requests.c.agent, offline_requests.c.day)
Index("offline_requests_by_state", offline_requests.c.state, offline_requests.c.filed_at)

offline_steps = Table(
    "offline_steps",
    metadata,
    Column("request_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # the request's version after it
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("sealed_note", LargeBinary),
)
