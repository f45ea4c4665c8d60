"""The marks that called people gave in surveys, out of the record of calls."""

from collections import Counter
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.calls import EventKind
from storage.attempt_tables import attempts
from storage.tables import call_events

_data = msgspec.json.Decoder(dict[str, str])


def survey_marks(connection: Connection, campaign_id: str) -> Mapping[str, Mapping[int, int]]:
    """Return how many gave which mark in a campaign's calls: question → mark → people. Blocking."""
    query = (
        sa.select(call_events.c.data)
        .join(attempts, attempts.c.attempt_id == call_events.c.call_id)
        .where(attempts.c.campaign_id == campaign_id, call_events.c.kind == EventKind.SURVEYED.value)
    )
    found: dict[str, Counter[int]] = {}
    for row in connection.execute(query).scalars():
        data = _data.decode(row)
        found.setdefault(data["question"], Counter())[int(data["mark"])] += 1
    return found
