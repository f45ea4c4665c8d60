"""What happens to attempts, as statements: each guarded by the state that it leads out of.

Texts have `?` for values; the writer of each database puts its own sign. Constants only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialer.attempts import Attempt, AttemptLimits

INSERT_COLUMNS = (
    "attempt_id",
    "campaign_id",
    "version",
    "lead_id",
    "ordinal",
    "taxpayer_key",
    "number_key",
    "sealed_number",
    "zone",
    "mode",
    "agent",
    "engine",
    "code_key",
    "sealed_code",
    "intended_at",
    "state",
    "step",
    "changed_at",
)
INSERT = (
    f"INSERT INTO attempts ({', '.join(INSERT_COLUMNS)}) "  # noqa: S608 - constants
    f"VALUES ({', '.join('?' * len(INSERT_COLUMNS))}) ON CONFLICT DO NOTHING"
)
_STEP = "UPDATE attempts SET step = step + 1, changed_at = ?, "
# name → (what is set, from which states). The order of the values: at, those of SET, attempt_id, the rest.
_MOVES: Mapping[str, tuple[str, str]] = {
    "sending": (
        "state = 'dialing', sent_at = ?",
        "state = 'intent' AND EXISTS (SELECT 1 FROM dialer_roles WHERE role = engine AND holder = ?)",
    ),
    "not_sent": ("state = 'not_sent', why = ?, ended_at = ?", "state IN ('intent', 'dialing')"),
    "doubted": ("state = 'unknown'", "state = 'dialing'"),
    "found": ("state = 'dialing'", "state = 'unknown'"),
    "answered": (
        "state = 'answered', answered_at = ?, amd = ?",
        "state IN ('dialing', 'unknown')",
    ),
    "joined": ("joined = ?, joined_at = ?", "state = 'answered' AND joined = ''"),
    "ended": (
        "state = 'ended', outcome = ?, sip_code = ?, cause = ?, ended_at = ?",
        "state IN ('dialing', 'unknown', 'answered')",
    ),
    "flagged": (
        "state = 'flagged', outcome = 'lost', ended_at = ?",
        "state IN ('dialing', 'unknown', 'answered')",
    ),
    "disposed": ("disposition = ?", "state IN ('answered', 'ended', 'flagged') AND disposition <> ?"),
}
STATEMENTS = {
    name: f"{_STEP}{what} WHERE attempt_id = ? AND {which}" for name, (what, which) in _MOVES.items()
}


@dataclass(slots=True)
class Intent:
    """An attempt to be put on record, and what the record may refuse it for."""

    attempt: Attempt
    limits: AttemptLimits
    day_began: datetime
    at: datetime
    codes: Sequence[tuple[str, bytes]]  # candidates for its verification code, each with its key


@dataclass(slots=True)
class Change:
    """One move of an attempt: a name of STATEMENTS and its values, times as datetimes."""

    name: str
    values: tuple[Any, ...]
