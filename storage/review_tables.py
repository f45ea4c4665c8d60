"""The tables of finding and sampling recordings, as the newest migration leaves them.

`review_facts` is an index: everything in it is known elsewhere and it can be made anew. It is kept narrow
(names are numbers, see `review_names`), so that a search that no single index helps reads a year of calls
in a fraction of a second. `place` is a recording's place in time: microseconds of when it was planned,
counted on where two fall together; on SQLite it is the row's own id, so rows lie in the order they are shown.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
)

from storage.interaction_tables import interaction_notes
from storage.recording_tables import recording_moves
from storage.tables import UtcTime, metadata

_N = BigInteger().with_variant(Integer, "sqlite")  # on SQLite the row's own id

# What the index looks at to learn what changed.
Index("recording_moves_by_time", recording_moves.c.at)
Index("interaction_notes_by_change", interaction_notes.c.at)

review_facts = Table(
    "review_facts",
    metadata,
    Column("place", _N, primary_key=True, autoincrement=False),
    Column("agent", Integer, nullable=False),  # numbers of review_names; 0: none
    Column("campaign", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),  # of the recording
    Column("hold", Integer, nullable=False),  # seconds in which the caller heard music on hold
    Column("team", SmallInteger, nullable=False),
    Column("queue", SmallInteger, nullable=False),
    Column("branch", SmallInteger, nullable=False),
    Column("category", SmallInteger, nullable=False),
    Column("result", SmallInteger, nullable=False),
    Column("disposition", SmallInteger, nullable=False),
    Column("direction", SmallInteger, nullable=False),  # 0 in, 1 out
    Column("state", SmallInteger, nullable=False),  # a recording.quality.finding.Sound
    Column("transfers", SmallInteger, nullable=False),
    Column("silence", SmallInteger),  # percent of the recording in which neither speaks
    Column("overlap", SmallInteger),  # percent in which both do
    Column("score", SmallInteger),  # hundredths of a point, of the score that counts
    Column("complaint", SmallInteger, nullable=False),  # 0, 1
    Column("new_agent", SmallInteger, nullable=False),  # 0, 1: the agent was new then
)
_f = review_facts.c
for _name in ("agent", "team", "queue", "category", "campaign", "disposition"):
    Index(f"review_facts_by_{_name}", _f[_name], _f.place)
for _name in ("hold", "seconds", "silence", "overlap"):
    Index(f"review_facts_by_{_name}", _f[_name])
_SCORED, _MOVED = _f.score.isnot(None), _f.transfers > 0
_COMPLAINT, _NEW = _f.complaint == 1, _f.new_agent == 1
Index("review_facts_scored", _f.score, _f.place, sqlite_where=_SCORED, postgresql_where=_SCORED)
Index("review_facts_transferred", _f.transfers, _f.place, sqlite_where=_MOVED, postgresql_where=_MOVED)
Index("review_facts_complaints", _f.place, sqlite_where=_COMPLAINT, postgresql_where=_COMPLAINT)
Index("review_facts_new_agents", _f.place, sqlite_where=_NEW, postgresql_where=_NEW)

# Beside each row of facts: which recording it is, and when it is to be looked at again because what
# belongs to it (note, disposition, rows of the floor) comes later than the recording.
review_places = Table(
    "review_places",
    metadata,
    Column("place", _N, primary_key=True, autoincrement=False),
    Column("recording_id", String(32), nullable=False, unique=True),
    Column("call_id", String(64), nullable=False),
    Column("look_again_at", UtcTime),
)
_p = review_places.c
_DUE = _p.look_again_at.isnot(None)
Index("review_places_by_call", _p.call_id)
Index("review_places_due", _p.look_again_at, sqlite_where=_DUE, postgresql_where=_DUE)

review_names = Table(
    "review_names",
    metadata,
    Column("kind", String(16), primary_key=True),  # agent, team, queue, …
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, …
    Column("name", String(120), nullable=False),  # staff number, or key of a catalogue
)
Index("review_names_by_name", review_names.c.kind, review_names.c.name, unique=True)

# Keyed fingerprints of the words of notes and transcripts: 64 bits of the HMAC, as a signed integer.
review_words = Table(
    "review_words",
    metadata,
    Column("word", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
)
Index("review_words_by_place", review_words.c.place)

# How far each source has been read.
review_cursors = Table(
    "review_cursors",
    metadata,
    Column("source", String(16), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

review_searches = Table(
    "review_searches",
    metadata,
    Column("search_id", String(32), primary_key=True),
    Column("staff_id", String(32), nullable=False),
    Column("shared", Boolean, nullable=False),  # others see it too
    Column("changed_at", UtcTime, nullable=False),
    Column("sealed_search", LargeBinary, nullable=False),  # name and filter: words can be personal
)
Index("review_searches_by_staff", review_searches.c.staff_id)

# Sampling plans: one current row each; every draw keeps the definition it was drawn by.
review_plans = Table(
    "review_plans",
    metadata,
    Column("plan_id", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("definition", Text, nullable=False),  # JSON, `recording.quality.sampling_text`
    Column("changed_by", String(64), nullable=False),  # staff_id
    Column("changed_at", UtcTime, nullable=False),
)

review_draws = Table(
    "review_draws",
    metadata,
    Column("draw_id", String(32), primary_key=True),
    Column("plan_id", String(32), nullable=False),
    Column("period", String(16), nullable=False),  # 2026-11-22, 2026-W47, 2026-11
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),  # staff_id, or "system"
    Column("seed", String(64), nullable=False),
    Column("found", Integer, nullable=False),  # recordings among which was chosen
    Column("taken", Integer, nullable=False),
    Column("definition", Text, nullable=False),
)
Index("review_draws_once", review_draws.c.plan_id, review_draws.c.period, unique=True)

review_tasks = Table(
    "review_tasks",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("recording_id", String(32), nullable=False),
    Column("draw_id", String(32), nullable=False),
    Column("plan_id", String(32), nullable=False),
    Column("why", String(16), nullable=False),  # a recording.quality.sampling.Why
    Column("agent", String(32), nullable=False),  # staff number of who is reviewed
    Column("state", String(16), nullable=False),  # a recording.quality.sampling_tasks.TaskState
    Column("reviewer", String(32), nullable=False),  # staff_id of who holds it, or did it; empty: nobody
    Column("until", UtcTime),  # when the claim runs out
    Column("due_on", Date, nullable=False),
    Column("made_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
)
_t = review_tasks.c
_UNDONE = _t.state.in_(("waiting", "claimed"))
Index("review_tasks_by_recording", _t.recording_id, unique=True)
Index("review_tasks_by_draw", _t.draw_id)
Index("review_tasks_undone", _t.due_on, sqlite_where=_UNDONE, postgresql_where=_UNDONE)
Index("review_tasks_by_reviewer", _t.reviewer, _t.changed_at)

review_task_events = Table(
    "review_task_events",
    metadata,
    Column("task_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # of the task after it
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),  # staff_id, or "system"
    Column("event", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(40), nullable=False),
)
