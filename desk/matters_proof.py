"""Proofs that another system gives: a one-time code (OTP), a token. Pure; the systems are behind a port.

Such a proof is of one call and one taxpayer, good for a time, and may be tried so many times
(`desk/data/matter_work.yaml`). What was keyed or said is neither kept nor logged.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from desk.matters import MatterRefused
from desk.matters_work import Means, WorkRule


class ProofMeansUnavailable(Exception):
    """The system that gives such proofs does not answer; nothing was asked or tried."""


class ProofOutcome(StrEnum):
    """What became of a proof that was asked for."""

    OPEN = ""
    VALID = "valid"
    INVALID = "invalid"  # tried too often in vain
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AskedProof:
    """A proof that was asked for."""

    proof_id: str
    call_id: str
    taxpayer_id: str
    means: Means
    asked_at: datetime
    asked_by: str  # staff_id
    expires_at: datetime
    reference: str = field(repr=False)  # of the other system
    simulated: bool  # by a double of this installation: it proves nothing
    tries: int = 0
    outcome: ProofOutcome = ProofOutcome.OPEN
    decided_at: datetime | None = None


class ProofMeans(Protocol):
    """The systems that give codes. Every method raises ProofMeansUnavailable."""

    @property
    def simulated(self) -> bool:
        """Whether this is a double: pages say so, and nothing of it is a proof."""
        ...

    async def ask(self, taxpayer_id: str, means: Means) -> str:
        """Let a code be sent to the taxpayer's registered address (OTP) or be expected (token).

        Return a reference by which it is checked.
        """
        ...

    async def check(self, reference: str, answer: str) -> bool:
        """Whether it is the code."""
        ...

    def shown(self, reference: str) -> str:
        """Return the code for the page, from a double alone; empty from the real systems."""
        ...


class ProofBook(Protocol):
    """Keeps what was asked. Every method raises desk.matters.MattersUnavailable."""

    async def add(self, proof: AskedProof) -> None:
        """Keep a proof that was asked for."""
        ...

    async def decide(self, before: AskedProof, after: AskedProof) -> None:
        """Keep a try and its outcome. Raises desk.matters.MatterChanged: it was tried meanwhile."""
        ...

    async def of_call(self, call_id: str) -> Sequence[AskedProof]:
        """Return the proofs of a call, newest first."""
        ...


def asked(
    rule: WorkRule,
    proof_id: str,
    call_id: str,
    taxpayer_id: str,
    means: Means,
    by: str,
    now: datetime,
    reference: str,
    *,
    simulated: bool,
) -> AskedProof:
    """Return a proof that was just asked for."""
    until = now + timedelta(minutes=rule.proof(means).minutes)
    return AskedProof(proof_id, call_id, taxpayer_id, means, now, by, until, reference, simulated)


def check_open(rule: WorkRule, proof: AskedProof, now: datetime) -> None:
    """Raise MatterRefused unless a proof may be tried now."""
    if proof.outcome is not ProofOutcome.OPEN:
        raise MatterRefused("proof_decided", place="answer")
    if now >= proof.expires_at:
        raise MatterRefused("proof_expired", place="answer")
    if proof.tries >= rule.proof(proof.means).tries:
        raise MatterRefused("proof_decided", place="answer")


def tried(rule: WorkRule, proof: AskedProof, now: datetime, *, right: bool) -> AskedProof:
    """Return a proof after a try."""
    tries = proof.tries + 1
    if right:
        return replace(proof, tries=tries, outcome=ProofOutcome.VALID, decided_at=now)
    if tries >= rule.proof(proof.means).tries:
        return replace(proof, tries=tries, outcome=ProofOutcome.INVALID, decided_at=now)
    return replace(proof, tries=tries)


def check_proved(proofs: Sequence[AskedProof], taxpayer_id: str | None, proof: str) -> None:
    """Raise MatterRefused unless the proof that a case names was given in its call."""
    if proof not in frozenset(Means):
        return
    for one in proofs:
        valid = one.outcome is ProofOutcome.VALID
        if valid and one.means == proof and one.taxpayer_id == taxpayer_id:
            return
    raise MatterRefused("proof_missing", place="proof")
