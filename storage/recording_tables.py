"""The tables of recordings, as the newest migration leaves them.

Marks, moves, manifest, holds and measures are append-only. A recording's row changes with its state and is
never deleted; what made it readable (`wrapped_key`) goes when it is destroyed.
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, SmallInteger, String, Table

from storage.tables import UtcTime, metadata

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, … within the call
    Column("channel", String(64), nullable=False),
    Column("direction", String(4), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("campaign_id", String(64), nullable=False),
    Column("agent", String(32), nullable=False),  # staff number of the first agent
    Column("language", String(4), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("planned_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("stopped_at", UtcTime),
    Column("expected_ms", BigInteger, nullable=False),
    Column("audio_ms", BigInteger, nullable=False),
    Column("lost_ms", BigInteger, nullable=False),
    Column("cause", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("object_key", String(120), nullable=False),
    Column("object_bytes", BigInteger, nullable=False),
    Column("coding", String(8), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed_at", UtcTime),
    Column("keep_until", UtcTime),
    Column("destroyed_at", UtcTime),
)
Index("recordings_by_call", recordings.c.call_id, recordings.c.number, unique=True)
Index("recordings_by_state", recordings.c.state, recordings.c.planned_at)
Index("recordings_by_time", recordings.c.planned_at)
Index("recordings_by_agent", recordings.c.agent, recordings.c.planned_at)
Index("recordings_by_end", recordings.c.keep_until)

recording_moves = Table(
    "recording_moves",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, … without gaps
    Column("at", UtcTime, nullable=False),
    Column("event", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # after it
    Column("cause", String(40), nullable=False),
)

recording_marks = Table(
    "recording_marks",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),  # a later row with the same kind and beginning ends an open mark
    Column("detail", String(64), nullable=False),
)

recording_measures = Table(
    "recording_measures",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("caller_ms", BigInteger, nullable=False),
    Column("agent_ms", BigInteger, nullable=False),
    Column("silence_ms", BigInteger, nullable=False),
    Column("overlap_ms", BigInteger, nullable=False),
    Column("longest_silence_ms", BigInteger, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("interruptions", Integer, nullable=False),
    Column("agent_pace", Double, nullable=False),
    Column("caller_pace", Double, nullable=False),
)

# A chain: each row's MAC covers the one before, so a row changed, cut out or exchanged is found at its place.
recording_manifest = Table(
    "recording_manifest",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, … without gaps
    Column("at", UtcTime, nullable=False),
    Column("recording_id", String(32), nullable=False),
    Column("act", String(16), nullable=False),  # sealed, held, released, destroyed, rewrapped
    Column("digest", String(64), nullable=False),  # of the stored object, or empty
    Column("detail", String(120), nullable=False),
    Column("key_version", Integer, nullable=False),  # of the chain's key
    Column("mac", LargeBinary, nullable=False),
)
Index("recording_manifest_by_recording", recording_manifest.c.recording_id, recording_manifest.c.number)

recording_holds = Table(
    "recording_holds",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),  # staff_id, or "system"
    Column("act", String(8), nullable=False),  # hold, release
    Column("reason", String(64), nullable=False),
)

recording_alarms = Table(
    "recording_alarms",
    metadata,
    Column("alarm_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("recording_id", String(32), nullable=False),
    Column("detail", String(120), nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("cleared_at", UtcTime),
    Column("seen_by", String(64), nullable=False),
    Column("level", SmallInteger, nullable=False),  # 1 to be looked at, 2 at once
)
_OPEN = recording_alarms.c.cleared_at.is_(None)
Index(
    "recording_alarms_open",
    recording_alarms.c.kind,
    recording_alarms.c.recording_id,
    recording_alarms.c.detail,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

# The administrator's table of what is recorded, every version of it.
recording_policies = Table(
    "recording_policies",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),
    Column("why", String(200), nullable=False),
    Column("text", LargeBinary, nullable=False),  # YAML, as `recording/data/policies.yaml`
)
