"""Many facts at once, written into the index directly."""

from datetime import timedelta
from uuid import uuid4

from recording.quality.finding import Facts, Sound
from storage.review_rows import FactRows, names_in
from tests.storage.review_world import NOW, ReviewWorld


async def many(world: ReviewWorld, count: int) -> list[str]:
    """Make so many recordings, a second apart; return them newest first."""
    found = [
        Facts(uuid4().hex, f"call-{n}", NOW - timedelta(seconds=n), "1001", "utara", sound=Sound.AUDIBLE)
        for n in range(count)
    ]
    rows = FactRows(world.names)

    def work(connection: object) -> None:
        world.names.add(connection, names_in(found))  # type: ignore[arg-type]
        rows.put(connection, found)  # type: ignore[arg-type]

    await world.database.write(work)
    return [one.recording_id for one in found]
