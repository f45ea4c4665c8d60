"""Over which calls and recordings a restriction stands (UU 27/2022 art. 41), as queries.

A call is under restriction if it was found to be the person's when the restriction began, or proved or
dialled the person since. One definition, so that every search, list and page leaves out the same ones.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.attempt_tables import attempts
from storage.person_tables import person_restricted_calls, person_restrictions
from storage.proof_tables import proof_acts
from storage.recording_tables import recordings
from storage.review_tables import review_places

_X = person_restrictions.c
STANDS = _X.lifted_at.is_(None)


def any_stands(connection: Connection) -> bool:
    """Whether there is a restriction at all: mostly there is none, and nothing more need be asked."""
    return connection.execute(sa.select(_X.request_id).where(STANDS).limit(1)).first() is not None


def call_is_restricted(connection: Connection, call_id: str) -> bool:
    """Whether a restriction stands over a call."""
    return any_stands(connection) and any(
        connection.execute(query.where(column == call_id).limit(1)).first() is not None
        for query, column in _ways()
    )


def restricted_recordings() -> sa.Select[tuple[str]]:
    """Return the query of the recordings of restricted calls."""
    return sa.select(recordings.c.recording_id).where(recordings.c.call_id.in_(_calls()))


def restricted_places() -> sa.Select[tuple[int]]:
    """Return the query of their places in the index of facts."""
    return sa.select(review_places.c.place).where(review_places.c.call_id.in_(_calls()))


def _calls() -> sa.CompoundSelect[Any]:
    return sa.union(*(query for query, _ in _ways()))


def _ways() -> list[tuple[sa.Select[Any], sa.ColumnElement[Any]]]:
    """Return what leads from a restriction to calls: the query, and the column that names the call."""
    named, proved, dialled = person_restricted_calls.c, proof_acts.c, attempts.c
    joins = (
        (named.call_id, named.request_id == _X.request_id),
        (proved.call_id, proved.taxpayer_lookup == _X.taxpayer_lookup),
        (dialled.attempt_id, dialled.taxpayer_key == _X.person_key),
    )
    return [
        (sa.select(call).join_from(person_restrictions, call.table, on).where(STANDS), call)
        for call, on in joins
    ]
