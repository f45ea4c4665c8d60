"""The tables of appeals, calibration and coaching, as the newest migration leaves them.

Appeals, rounds and tasks have one current row each, never deleted; contested items, steps, verdicts, compiled
lists, receipts, blind scores and remarks are append-only.
"""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

appeals = Table(
    "appeals",
    metadata,
    Column("appeal_id", String(32), primary_key=True),
    Column("score_id", String(32), nullable=False),
    Column("recording_id", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),  # staff number
    Column("team", String(64), nullable=False),
    Column("reviewer", String(64), nullable=False),  # staff_id of who gave the first score
    Column("form", String(16), nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("rule", String(80), nullable=False),
    Column("state", String(16), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("filed_at", UtcTime, nullable=False),
    Column("filed_by", String(64), nullable=False),
    Column("due_on", Date),
    Column("list_id", String(32), nullable=False),
    Column("verified", Text, nullable=False),  # a JSON list of items
    Column("rescorer", String(64), nullable=False),
    Column("rescore_id", String(32), nullable=False),
    Column("arbiter", String(64), nullable=False),
    Column("arbiter_score_id", String(32), nullable=False),
    Column("counts", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("closed_at", UtcTime),
    Column("version", Integer, nullable=False),
    Column("owes", Boolean, nullable=False),  # its last step is still to be told to scores and holds
)
_STANDS = appeals.c.state != "withdrawn"
Index(
    "appeals_one_a_score",
    appeals.c.score_id,
    unique=True,
    sqlite_where=_STANDS,
    postgresql_where=_STANDS,
)
Index("appeals_by_agent", appeals.c.agent, appeals.c.filed_at)
Index("appeals_by_state", appeals.c.state, appeals.c.due_on)
Index("appeals_by_recording", appeals.c.recording_id)
Index("appeals_by_time", appeals.c.filed_at)
_OWES = appeals.c.owes
Index("appeals_owing", appeals.c.since, sqlite_where=_OWES, postgresql_where=_OWES)

appeal_items = Table(
    "appeal_items",
    metadata,
    Column("appeal_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),  # of the appeal that brought them; the newest count
    Column("seq", Integer, primary_key=True),
    Column("item", String(64), nullable=False),
    Column("evidence", String(32), nullable=False),
    Column("places", Text, nullable=False),  # a JSON list of [from_ms, until_ms or null]
    Column("sealed_reason", LargeBinary, nullable=False),
)

appeal_steps = Table(
    "appeal_steps",
    metadata,
    Column("appeal_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # the appeal's version after it
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", Text, nullable=False),  # a JSON object of strings, nothing personal
    Column("sealed_note", LargeBinary),
)

appeal_verdicts = Table(
    "appeal_verdicts",
    metadata,
    Column("appeal_id", String(32), primary_key=True),
    Column("item", String(64), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reviewer", String(64), nullable=False),  # of the first score
    Column("criterion", String(40), nullable=False),
    Column("first", String(40), nullable=False),
    Column("rescore", String(40), nullable=False),
    Column("arbiter", String(40), nullable=False),
    Column("final", String(40), nullable=False),
    Column("how", String(16), nullable=False),
)
Index("appeal_verdicts_by_time", appeal_verdicts.c.at)

compiled_lists = Table(
    "compiled_lists",
    metadata,
    Column("list_id", String(32), primary_key=True),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("why", String(200), nullable=False),
    Column("down_from", Date, nullable=False),
    Column("down_until", Date, nullable=False),
)
Index("compiled_lists_by_time", compiled_lists.c.made_at)

compiled_scores = Table(
    "compiled_scores",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("list_id", String(32), nullable=False),
    Column("agent", String(32), nullable=False),
)
Index("compiled_scores_by_list", compiled_scores.c.list_id)
Index("compiled_scores_by_agent", compiled_scores.c.agent)

compiled_receipts = Table(
    "compiled_receipts",
    metadata,
    Column("list_id", String(32), primary_key=True),
    Column("agent", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("noted_by", String(64), nullable=False),  # the agent's staff_id, or SPV PKL's
)

calibration_rounds = Table(
    "calibration_rounds",
    metadata,
    Column("round_id", String(32), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("form", String(16), nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("closed_at", UtcTime),
    Column("closed_by", String(64), nullable=False),
)
Index("calibration_rounds_by_time", calibration_rounds.c.opened_at)

calibration_asked = Table(
    "calibration_asked",
    metadata,
    Column("round_id", String(32), primary_key=True),
    Column("recording_id", String(32), primary_key=True),
    Column("reviewer", String(64), primary_key=True),
    Column("recording_seq", Integer, nullable=False),
    Column("reviewer_seq", Integer, nullable=False),
)
Index("calibration_asked_by_reviewer", calibration_asked.c.reviewer, calibration_asked.c.recording_id)

calibration_scores = Table(
    "calibration_scores",
    metadata,
    Column("round_id", String(32), primary_key=True),
    Column("recording_id", String(32), primary_key=True),
    Column("reviewer", String(64), primary_key=True),
    Column("score_id", String(32), nullable=False),
)

calibration_remarks = Table(
    "calibration_remarks",
    metadata,
    Column("round_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("recording_id", String(32), nullable=False),
    Column("item", String(64), nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
)

coaching_tasks = Table(
    "coaching_tasks",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("agent", String(32), nullable=False),
    Column("team", String(64), nullable=False),
    Column("criterion", String(40), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("share", Integer),  # hundredths of a per cent
    Column("state", String(16), nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("steps", Text, nullable=False),  # a JSON list of words
    Column("done", Text, nullable=False),  # a JSON object: step → when
    Column("closed_at", UtcTime),
    Column("version", Integer, nullable=False),
)
_OPEN = coaching_tasks.c.closed_at.is_(None)
Index(
    "coaching_tasks_one_open",
    coaching_tasks.c.agent,
    coaching_tasks.c.criterion,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)
Index("coaching_tasks_by_due", coaching_tasks.c.due_on)
Index("coaching_tasks_closed", coaching_tasks.c.closed_at)

coaching_links = Table(
    "coaching_links",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("score_id", String(32), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("recording_id", String(32), nullable=False),
    Column("places", Text, nullable=False),  # a JSON list of milliseconds
)
Index("coaching_links_by_score", coaching_links.c.score_id)

coaching_steps = Table(
    "coaching_steps",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),  # the task's version after it
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("step", String(40), nullable=False),
    Column("sealed_note", LargeBinary),
)
