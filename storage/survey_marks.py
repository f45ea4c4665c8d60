"""The marks that called people gave in surveys, out of the record of calls."""

from collections import Counter
from collections.abc import Mapping

import msgspec
import sqlalchemy as sa

from domain.calls import EventKind
from domain.campaign_calls import CampaignCallsUnavailable
from storage.attempt_tables import attempts
from storage.database import Database, DatabaseProblem
from storage.tables import call_events

_data = msgspec.json.Decoder(dict[str, str])

Marks = Mapping[str, Mapping[int, int]]
"""Question → mark → how many gave it."""


class SurveyMarks:
    """Counts marks by question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_campaign(self, campaign_id: str) -> Marks:
        """Return the marks given in a campaign's calls. Raises CampaignCallsUnavailable."""
        query = (
            sa.select(call_events.c.data)
            .join(attempts, attempts.c.attempt_id == call_events.c.call_id)
            .where(attempts.c.campaign_id == campaign_id, call_events.c.kind == EventKind.SURVEYED.value)
        )
        try:
            rows = await self._database.read(lambda connection: connection.execute(query).scalars().all())
        except DatabaseProblem as error:
            raise CampaignCallsUnavailable(str(error)) from error
        found: dict[str, Counter[int]] = {}
        for row in rows:
            data = _data.decode(row)
            found.setdefault(data["question"], Counter())[int(data["mark"])] += 1
        return found
