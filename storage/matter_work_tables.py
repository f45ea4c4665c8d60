"""Tables of the work on complaints and cases, as the newest migration leaves them.

Signals and who saw them are append-only. Of a callback only its end is noted later, of a proof its tries and
its outcome. Dispositions between units and assignments stand in the trail of the matter itself.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
)

from storage.tables import UtcTime, metadata

matter_signals = Table(
    "matter_signals",
    metadata,
    Column("signal_id", String(32), primary_key=True),
    Column("matter_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),  # a desk.matters_work.SignalKind
    Column("step", String(32), nullable=False),  # the matter's state
    Column("due_on", Date, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
)
_S = matter_signals.c
Index("matter_signals_once", _S.matter_id, _S.step, _S.due_on, _S.kind, unique=True)
Index("matter_signals_by_time", _S.raised_at)

matter_signals_seen = Table(
    "matter_signals_seen",
    metadata,
    Column("signal_id", String(32), primary_key=True),
    Column("staff_id", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# Which lead of the dialer a promise became; `round` counts from 1, since it may be taken back.
matter_callbacks = Table(
    "matter_callbacks",
    metadata,
    Column("matter_id", String(64), nullable=False),  # of the promise
    Column("round", Integer, nullable=False),
    Column("lead_id", BigInteger, nullable=False),
    Column("campaign_id", String(64), nullable=False),
    Column("purpose", String(16), nullable=False),  # a desk.matters_callbacks.Purpose
    Column("handed_at", UtcTime, nullable=False),
    Column("settled_at", UtcTime),
    Column("outcome", String(40), nullable=False),
    PrimaryKeyConstraint("matter_id", "round"),
)
_RUNNING = matter_callbacks.c.settled_at.is_(None)
Index("matter_callbacks_by_lead", matter_callbacks.c.lead_id, unique=True)
Index(
    "matter_callbacks_running",
    matter_callbacks.c.matter_id,
    unique=True,
    sqlite_where=_RUNNING,
    postgresql_where=_RUNNING,
)

matter_proofs = Table(
    "matter_proofs",
    metadata,
    Column("proof_id", String(32), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("taxpayer_id", String(64), nullable=False),
    Column("means", String(16), nullable=False),  # a desk.matters_proof.Means
    Column("asked_at", UtcTime, nullable=False),
    Column("asked_by", String(64), nullable=False),  # staff_id
    Column("expires_at", UtcTime, nullable=False),
    Column("sealed_reference", LargeBinary, nullable=False),  # of the system that gave the code
    Column("simulated", Boolean, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),  # empty while it is open
    Column("decided_at", UtcTime),
)
Index("matter_proofs_by_call", matter_proofs.c.call_id, matter_proofs.c.asked_at)
