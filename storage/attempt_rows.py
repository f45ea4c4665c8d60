"""Attempts as the database keeps them."""

from typing import Any

from dialer.attempts import Attempt, AttemptState, DialOutcome
from storage.attempt_writers import context
from storage.vault import Vault


def attempt_of(row: Any, vault: Vault) -> Attempt:
    """Return a row of `attempts`, opened. Raises storage.vault.VaultProblem."""
    return Attempt(
        attempt_id=row.attempt_id,
        campaign_id=row.campaign_id,
        lead_id=row.lead_id,
        taxpayer_key=bytes(row.taxpayer_key),
        number_key=bytes(row.number_key),
        number=vault.open(bytes(row.sealed_number), context(row.attempt_id, "number")).decode(),
        mode=row.mode,
        agent=row.agent,
        engine=row.engine,
        version=row.version,
        ordinal=row.ordinal,
        zone=row.zone,
        code=vault.open(bytes(row.sealed_code), context(row.attempt_id, "code")).decode(),
        state=AttemptState(row.state),
        outcome=DialOutcome(row.outcome) if row.outcome else None,
        why=row.why,
        disposition=row.disposition,
        joined=row.joined,
        sip_code=row.sip_code,
        cause=row.cause,
        amd=row.amd,
        intended_at=row.intended_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
    )
