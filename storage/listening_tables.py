"""The tables of listening to recordings, as the newest migration leaves them.

What was asked for never changes in a playback's row, only how far it is; what was given and heard, and
comments, are append-only. Nothing is ever deleted: it is the answer to "who listened".
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

recording_playbacks = Table(
    "recording_playbacks",
    metadata,
    Column("playback_id", String(32), primary_key=True),
    Column("recording_id", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),  # a recording.listening_rules.Purpose
    Column("used_for", String(8), nullable=False),  # a recording.listening.Use
    Column("link_hash", LargeBinary, nullable=False),  # SHA-256 of the token, which is nowhere
    Column("sealed_reason", LargeBinary, nullable=False),  # of a download; empty: none
    Column("issued_at", UtcTime, nullable=False),
    Column("opened_at", UtcTime),
    Column("last_at", UtcTime),
    Column("closed_at", UtcTime),
)
Index("recording_playbacks_by_link", recording_playbacks.c.link_hash, unique=True)
Index("recording_playbacks_by_recording", recording_playbacks.c.recording_id, recording_playbacks.c.issued_at)
Index("recording_playbacks_by_staff", recording_playbacks.c.staff_id, recording_playbacks.c.issued_at)

# Bytes, from the first up to but not with the last: written before they are given.
recording_given = Table(
    "recording_given",
    metadata,
    Column("playback_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, … without gaps
    Column("at", UtcTime, nullable=False),
    Column("from_byte", BigInteger, nullable=False),
    Column("until_byte", BigInteger, nullable=False),
)

# Milliseconds of the recording, as the listener's page told it.
recording_heard = Table(
    "recording_heard",
    metadata,
    Column("playback_id", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

recording_comments = Table(
    "recording_comments",
    metadata,
    Column("comment_id", String(32), primary_key=True),
    Column("recording_id", String(32), nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("staff_id", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("audience", String(16), nullable=False),  # a recording.listening.Audience
    Column("sealed_text", LargeBinary, nullable=False),
)
Index("recording_comments_by_recording", recording_comments.c.recording_id, recording_comments.c.from_ms)

recording_comment_ends = Table(
    "recording_comment_ends",
    metadata,
    Column("comment_id", String(32), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("staff_id", String(64), nullable=False),
)
