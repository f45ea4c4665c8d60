"""Facts as rows of the index, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from recording.quality.finding import Facts, Sound
from recording.quality.finding_places import place_of, time_of
from storage.review_names import KINDS, ReviewNames
from storage.review_tables import review_facts, review_places

DIRECTIONS = ("in", "out")
_SMALL = 32_767  # the most of a SmallInteger
_ROOM = 1000  # microseconds: so many recordings can be planned in one


class FactRows:
    """Turns facts into rows and back."""

    def __init__(self, names: ReviewNames) -> None:
        self.names = names

    def put(self, connection: Connection, found: Iterable[Facts]) -> Mapping[str, int]:
        """Write facts over what the index has of these recordings; return their places.

        Names must have been added. Everything within the transaction of `connection`.
        """
        facts = list(found)
        if not facts:
            return {}
        places = _places(connection, facts)
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        adding = insert(review_facts)
        changed = {name: adding.excluded[name] for name in review_facts.c.keys() if name != "place"}  # noqa: SIM118 - a column collection iterates over columns
        rows = [self._row(connection, one, places[one.recording_id]) for one in facts]
        connection.execute(adding.on_conflict_do_update(index_elements=["place"], set_=changed), rows)
        return places

    def facts(self, connection: Connection, row: Any) -> Facts:
        """Return the facts of a row of `review_facts` joined with `review_places`."""
        named = {kind: self.names.name(connection, kind, getattr(row, kind)) for kind in KINDS}
        return Facts(
            recording_id=row.recording_id,
            call_id=row.call_id,
            at=time_of(row.place),
            direction=DIRECTIONS[row.direction],
            seconds=row.seconds,
            hold=row.hold,
            transfers=row.transfers,
            silence=row.silence,
            overlap=row.overlap,
            score=row.score,
            complaint=bool(row.complaint),
            new_agent=bool(row.new_agent),
            sound=Sound(row.state),
            **named,
        )

    def _row(self, connection: Connection, facts: Facts, place: int) -> dict[str, Any]:
        named = {kind: self.names.number(connection, kind, getattr(facts, kind)) for kind in KINDS}
        return {
            "place": place,
            **named,
            "direction": DIRECTIONS.index(facts.direction),
            "seconds": facts.seconds,
            "hold": facts.hold,
            "transfers": min(facts.transfers, _SMALL),
            "silence": facts.silence,
            "overlap": facts.overlap,
            "score": facts.score,
            "complaint": int(facts.complaint),
            "new_agent": int(facts.new_agent),
            "state": int(facts.sound),
        }


def names_in(found: Iterable[Facts]) -> set[tuple[str, str]]:
    """Return the (kind, name) that occur in facts."""
    return {(kind, getattr(facts, kind)) for facts in found for kind in KINDS}


def _places(connection: Connection, facts: list[Facts]) -> dict[str, int]:
    """Return the place of each recording, a new one for those that have none."""
    table = review_places.c
    known = sa.select(table.recording_id, table.place).where(
        table.recording_id.in_([one.recording_id for one in facts])
    )
    places = {row.recording_id: row.place for row in connection.execute(known)}
    new = [one for one in facts if one.recording_id not in places]
    if not new:
        return places
    wanted = sorted(place_of(one.at) for one in new)
    near = sa.or_(*(table.place.between(place, place + _ROOM) for place in wanted))
    if len(wanted) > 50:  # a rebuild: its recordings lie together
        near = table.place.between(wanted[0], wanted[-1] + _ROOM)
    taken = set(connection.scalars(sa.select(table.place).where(near)))
    rows = []
    for one in new:
        place = place_of(one.at)
        while place in taken:
            place += 1
        taken.add(place)
        places[one.recording_id] = place
        rows.append({"place": place, "recording_id": one.recording_id, "call_id": one.call_id})
    connection.execute(sa.insert(review_places), rows)
    return places
