"""The table of transcripts, as the newest migration leaves it.

A row is what became of one recording's transcript. Its text goes with the recording, its row stays; it can be
made again from the sound, so nothing here is evidence of anything.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

recording_transcripts = Table(
    "recording_transcripts",
    metadata,
    Column("recording_id", String(32), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # a recording.transcripts.Made
    Column("tries", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),  # of the newest try, or when its text went
    Column("cause", String(40), nullable=False),  # of what failed: a word
    Column("language", String(4), nullable=False),
    Column("model", String(40), nullable=False),
    Column("model_version", String(80), nullable=False),
    Column("audio_ms", BigInteger, nullable=False),
    Column("cpu_ms", BigInteger, nullable=False),  # of the machine's time
    Column("sentences", Integer, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),  # JSON, sealed; empty: there is none
    Column("indexed_at", UtcTime),  # when its words could be searched for
)
_WAITS = recording_transcripts.c.indexed_at.is_(None)
Index(
    "recording_transcripts_to_index",
    recording_transcripts.c.state,
    recording_transcripts.c.at,
    sqlite_where=_WAITS,
    postgresql_where=_WAITS,
)
Index("recording_transcripts_by_call", recording_transcripts.c.call_id)
