"""Tables of prompts that this installation set itself, as the newest migration leaves them."""

from sqlalchemy import Boolean, Column, Double, Index, Integer, LargeBinary, String, Table, Text

from storage.tables import UtcTime, metadata

# What callers hear, so nothing of anybody's. What no change names is removed after a day.
prompt_sounds = Table(
    "prompt_sounds",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the WAV file
    Column("at", UtcTime, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("source", String(16), nullable=False),  # a prompts.manifest.Source
    Column("wav", LargeBinary, nullable=False),  # 8 kHz, 16 bit, one channel
)

# Append-only: of a prompt the newest change is in force.
prompt_changes = Table(
    "prompt_changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id or `cli:NAME`
    Column("prompt", String(64), nullable=False),
    Column("why", String(200), nullable=False),
    Column("undoes", Integer, nullable=False),  # 0: nothing
    Column("as_shipped", Boolean, nullable=False),  # from then on the product's own is heard, or nothing
    Column("shipped_digest", String(64), nullable=False),  # of the catalogue's texts then; empty: it had none
    Column("before", Text, nullable=False),  # JSON: texts and sounds; empty: the prompt was not there
    Column("after", Text, nullable=False),
)
Index("prompt_changes_by_prompt", prompt_changes.c.prompt, prompt_changes.c.number)
