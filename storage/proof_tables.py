"""The tables of what calls proved and of the register's profiles, as the newest migration leaves them."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from storage.tables import UtcTime, metadata

# What a call proved: append-only. No row has an answer or what was expected.
proof_acts = Table(
    "proof_acts",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, … without gaps within a call
    Column("at", UtcTime, nullable=False),
    Column("done_by", String(64), nullable=False),  # a staff_id
    Column("kind", String(16), nullable=False),  # a desk.proof.ActKind
    Column("detail", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),  # a desk.proof.Outcome
    Column("sealed_taxpayer", LargeBinary),
    Column("taxpayer_lookup", LargeBinary),  # HMAC of the taxpayer_id: whose data was asked about
    Column("holder", String(16)),  # a desk.proof.Holder
)
Index("proof_acts_by_taxpayer", proof_acts.c.taxpayer_lookup)

# Beside `taxpayers`: what the register shows and what proves ownership, one sealed JSON object a taxpayer.
taxpayer_profiles = Table(
    "taxpayer_profiles",
    metadata,
    Column("taxpayer_id", String(64), primary_key=True),
    Column("sealed_profile", LargeBinary, nullable=False),
    Column("sealed_secrets", LargeBinary, nullable=False),  # EFIN and what else is never shown
)
