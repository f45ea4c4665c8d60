"""Proofs by OTP or token, as they were asked for in calls (`desk.matters_proof.ProofBook`)."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.matters import MatterChanged, MattersUnavailable
from desk.matters_proof import AskedProof, ProofOutcome
from desk.matters_work import Means
from storage.database import Database, DatabaseProblem
from storage.matter_work_tables import matter_proofs
from storage.vault import Vault, VaultProblem

T = TypeVar("T")
_P = matter_proofs.c


class DurableProofBook:
    """A `desk.matters_proof.ProofBook` on a database. The other system's reference is sealed."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def add(self, proof: AskedProof) -> None:
        """Keep a proof that was asked for."""
        values = {
            **{name: getattr(proof, name) for name in _SAME},
            "means": proof.means.value,
            "outcome": proof.outcome.value,
            "sealed_reference": self._vault.seal(proof.reference.encode(), _context(proof.proof_id)),
        }
        await self._write(lambda connection: connection.execute(sa.insert(matter_proofs).values(values)))

    async def decide(self, before: AskedProof, after: AskedProof) -> None:
        """Keep a try and its outcome. Raises MatterChanged: it was tried meanwhile."""
        same = sa.and_(_P.proof_id == before.proof_id, _P.tries == before.tries, _P.outcome == "")
        values = {"tries": after.tries, "outcome": after.outcome.value, "decided_at": after.decided_at}
        change = sa.update(matter_proofs).where(same).values(values)

        def work(connection: Connection) -> None:
            if connection.execute(change).rowcount != 1:
                raise MatterChanged

        await self._write(work)

    async def of_call(self, call_id: str) -> Sequence[AskedProof]:
        """Return the proofs of a call, newest first."""
        query = sa.select(matter_proofs).where(_P.call_id == call_id)
        query = query.order_by(_P.asked_at.desc(), _P.proof_id)
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).all())
            return [self._proof(row) for row in rows]
        except (DatabaseProblem, VaultProblem) as error:
            raise MattersUnavailable(str(error)) from error

    def _proof(self, row: Any) -> AskedProof:
        reference = self._vault.open(bytes(row.sealed_reference), _context(row.proof_id)).decode()
        return AskedProof(
            **{name: getattr(row, name) for name in _SAME},
            means=Means(row.means),
            outcome=ProofOutcome(row.outcome),
            reference=reference,
        )

    async def _write(self, work: Callable[[Connection], T]) -> T:
        try:
            return await self._database.write(work)
        except DatabaseProblem as error:
            raise MattersUnavailable(str(error)) from error


_SAME = (
    "proof_id", "call_id", "taxpayer_id", "asked_at", "asked_by", "expires_at", "simulated", "tries",
    "decided_at",
)  # fmt: skip


def _context(proof_id: str) -> bytes:
    return f"matter_proofs/{proof_id}/reference".encode()
