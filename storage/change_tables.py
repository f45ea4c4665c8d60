"""The table of changes of what administrators set, as the newest migration leaves it. Append-only."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

# Texts are sealed: some hold on-air names and staff numbers.
config_changes = Table(
    "config_changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(64), nullable=False),  # staff_id, `cli:NAME`, `system` or `elsewhere`
    Column("kind", String(40), nullable=False),
    Column("why", String(200), nullable=False),
    Column("undoes", Integer, nullable=False),  # 0: nothing
    Column("added", Integer, nullable=False),  # lines
    Column("removed", Integer, nullable=False),
    Column("as_shipped", Boolean, nullable=False),  # from then on the product's own text is followed
    Column("sealed_before", LargeBinary, nullable=False),
    Column("sealed_after", LargeBinary, nullable=False),
)
Index("config_changes_by_kind", config_changes.c.kind, config_changes.c.number)
