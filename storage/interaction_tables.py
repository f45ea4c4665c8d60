"""The tables of interaction notes, drafts and script ticks, as the newest migration leaves them."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

# Append-only: a correction is a further version. What an agent wrote is sealed; what figures are
# grouped by is in clear.
interaction_notes = Table(
    "interaction_notes",
    metadata,
    Column("note_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),  # of this version
    Column("first_at", UtcTime, nullable=False),  # of the first one
    Column("staff_id", String(32), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("team", String(64), nullable=False),
    Column("branch", String(120), nullable=False),
    Column("category", String(120), nullable=False),
    Column("result", String(120), nullable=False),
    Column("language", String(8), nullable=False),
    Column("taxpayer_id", String(64)),
    Column("sealed_text", LargeBinary, nullable=False),  # a JSON object: caller, question, answer
)
Index("interaction_notes_by_call", interaction_notes.c.call_id)
Index("interaction_notes_by_time", interaction_notes.c.first_at)
Index("interaction_notes_by_agent", interaction_notes.c.agent, interaction_notes.c.first_at)
Index("interaction_notes_by_taxpayer", interaction_notes.c.taxpayer_id, interaction_notes.c.first_at)

# Keyed fingerprints of the words of each version: by these sealed text is found.
interaction_words = Table(
    "interaction_words",
    metadata,
    Column("fingerprint", LargeBinary, primary_key=True),  # HMAC of a normalised word
    Column("note_id", String(32), primary_key=True),
    Column("version", Integer, primary_key=True),
)

# Drafts change and go.
interaction_drafts = Table(
    "interaction_drafts",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("staff_id", String(32), primary_key=True),
    Column("slot", String(32), primary_key=True),
    Column("note_id", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("sealed_draft", LargeBinary, nullable=False),  # a JSON object: every field of the note
)
Index("interaction_drafts_by_staff", interaction_drafts.c.staff_id, interaction_drafts.c.at)
Index("interaction_drafts_by_time", interaction_drafts.c.at)

script_ticks = Table(
    "script_ticks",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("call_id", String(64), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("script", String(40), nullable=False),
    Column("step", String(40), nullable=False),
    Column("done", Boolean, nullable=False),  # False: taken back
    Column("answer", String(40), nullable=False),
)
Index("script_ticks_by_call", script_ticks.c.call_id, script_ticks.c.staff_id)
