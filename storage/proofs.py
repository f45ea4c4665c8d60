"""What calls proved, on a database: rows are only added. Neither answers nor expected values are kept."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from desk.proof import ActKind, Holder, Outcome, ProofAct, ProofConflict, ProofsUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.proof_tables import proof_acts
from storage.vault import Vault


class DurableProofs(Kept):
    """A `desk.proof.Proofs` on a database."""

    unavailable = ProofsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def acts(self, call_id: str) -> Sequence[ProofAct]:
        """Return a call's acts in order. Raises ProofsUnavailable."""
        query = sa.select(proof_acts).where(proof_acts.c.call_id == call_id).order_by(proof_acts.c.seq)
        return await self._read(lambda c: [self._act(row) for row in c.execute(query)])

    async def append(self, act: ProofAct) -> None:
        """Make an act durable. Raises ProofConflict: its `seq` is taken; ProofsUnavailable."""
        values = self._values(act)

        def work(connection: Connection) -> bool:
            # Two tabs may add at once: the key lets one through, and the other judges anew.
            taken = sa.select(sa.func.max(proof_acts.c.seq)).where(proof_acts.c.call_id == act.call_id)
            if (connection.execute(taken).scalar() or 0) != act.seq - 1:
                return False
            insert = _insert(connection).values(values).on_conflict_do_nothing()
            return connection.execute(insert.returning(proof_acts.c.seq)).first() is not None

        if not await self._write(work):
            raise ProofConflict("another act of this call was kept first")

    def _values(self, act: ProofAct) -> dict[str, object]:
        subject = act.taxpayer_id
        context = _context(act.call_id, act.seq)
        return {
            "call_id": act.call_id,
            "seq": act.seq,
            "at": act.at,
            "done_by": act.by,
            "kind": act.kind.value,
            "detail": act.detail,
            "outcome": act.outcome.value,
            "sealed_taxpayer": None if subject is None else self._vault.seal(subject.encode(), context),
            "taxpayer_lookup": None if subject is None else self._vault.lookup_key(subject),
            "holder": None if act.holder is None else act.holder.value,
        }

    def _act(self, row: Any) -> ProofAct:
        subject: str | None = None
        if row.sealed_taxpayer is not None:
            subject = self._vault.open(bytes(row.sealed_taxpayer), _context(row.call_id, row.seq)).decode()
        return ProofAct(
            call_id=row.call_id,
            seq=row.seq,
            at=row.at,
            by=row.done_by,
            kind=ActKind(row.kind),
            detail=row.detail,
            outcome=Outcome(row.outcome),
            taxpayer_id=subject,
            holder=None if row.holder is None else Holder(row.holder),
        )


def _insert(connection: Connection) -> Any:
    """Return the dialect's INSERT that can pass over a row that is there."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(proof_acts)
    return postgresql.insert(proof_acts)


def _context(call_id: str, seq: int) -> bytes:
    return f"proof_acts/{call_id}/{seq}".encode()
