"""The tables of forms and scores, as the newest migration leaves them.

Forms, final scores, their lines and steps are append-only. A score's standing is a row that changes with its
steps and is never deleted; drafts are written over and deleted. Points are whole hundredths.
"""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

quality_forms = Table(
    "quality_forms",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("valid_from", Date, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),
    Column("why", String(200), nullable=False),
    Column("text", Text, nullable=False),  # YAML, as it was imported
)

score_drafts = Table(
    "score_drafts",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("recording_id", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),  # staff number
    Column("form", String(16), nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reviewer", String(64), nullable=False),
    Column("reminds_of", String(32), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("count", Integer, nullable=False),
    Column("sealed_body", LargeBinary, nullable=False),  # answers with notes, facts, summary
)
Index("score_drafts_by_reviewer", score_drafts.c.reviewer, score_drafts.c.started_at)
Index("score_drafts_by_recording", score_drafts.c.recording_id)

scores = Table(
    "scores",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("recording_id", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("form", String(16), nullable=False),
    Column("form_version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reviewer", String(64), nullable=False),
    Column("reminds_of", String(32), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("final_at", UtcTime, nullable=False),
    Column("total", Integer, nullable=False),
    Column("effects", Text, nullable=False),  # codes, a space between
    Column("sealed_body", LargeBinary, nullable=False),
)
_REVIEW = scores.c.kind == "review"
# An agent's work in a recording is reviewed once; what comes later refers to it.
Index(
    "scores_one_review",
    scores.c.recording_id,
    scores.c.agent,
    unique=True,
    sqlite_where=_REVIEW,
    postgresql_where=_REVIEW,
)
Index("scores_by_recording", scores.c.recording_id)
Index("scores_by_agent", scores.c.agent, scores.c.final_at)
Index("scores_by_reviewer", scores.c.reviewer, scores.c.final_at)
Index("scores_by_time", scores.c.final_at)
Index("scores_by_first", scores.c.reminds_of)

score_lines = Table(
    "score_lines",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),  # in the form's order, from 1
    Column("criterion", String(40), nullable=False),
    Column("item", String(40), nullable=False),
    Column("most", Integer, nullable=False),
    Column("points", Integer, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("effect", String(40), nullable=False),
)

score_steps = Table(
    "score_steps",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, … without gaps
    Column("at", UtcTime, nullable=False),
    Column("act", String(16), nullable=False),  # final, signed, contested, stands, replaced
)

score_standings = Table(
    "score_standings",
    metadata,
    Column("score_id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("signed_at", UtcTime),
    Column("steps", Integer, nullable=False),
)
Index("score_standings_by_state", score_standings.c.state)
