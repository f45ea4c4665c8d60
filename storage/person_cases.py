"""Which recordings the requests of people are about that are worked on, by what was found for them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.persons_table import decisions_of
from storage.person_tables import person_requests, person_steps

_Q, _S = person_requests.c, person_steps.c


def recordings_in_cases(connection: Connection) -> frozenset[str]:
    """Return the recordings that were found for copies and erasures whose clock runs."""
    query = (
        sa.select(_S.words)
        .join_from(person_requests, person_steps, _S.request_id == _Q.request_id)
        .where(_Q.closed_at.is_(None), _S.what == "prepare")
    )
    found = [one for words in connection.scalars(query) for one in decisions_of(words)]
    return frozenset(one.recording_id for one in found if one.recording_id)
