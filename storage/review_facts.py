"""What other tables know of recordings, gathered into rows of facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from desk.matters import MatterKind
from domain.floor_log import Phase
from recording.quality.finding import Facts, Sound
from recording.quality.scores import Kind, ScoreState
from recording.states import State
from storage.interaction_tables import interaction_notes
from storage.matter_tables import matters
from storage.outbound_tables import outbound_dispositions
from storage.recording_tables import recording_measures, recordings
from storage.score_tables import score_standings, scores
from storage.staff_tables import staff
from storage.tables import floor_legs

COMPLAINTS = "complaint"  # the branch of complaints (`desk/data/branches.yaml`)
_WAITS = (Phase.HOLD.value, Phase.CONSULT.value)  # the caller hears music
_COUNTS = (Kind.REVIEW.value, Kind.APPEAL.value)  # the kinds of score of which the newest counts
_SOUNDS: Mapping[str, Sound] = {
    State.SEALED.value: Sound.AUDIBLE,
    State.HELD.value: Sound.AUDIBLE,
    State.DESTROYED.value: Sound.GONE,
    State.LOST.value: Sound.GONE,
}


@dataclass(frozen=True, slots=True)
class FactRules:
    """What facts are told by beside the tables."""

    new_agent: timedelta  # so long after the account was made an agent is new
    team_of: Callable[[str], str]  # staff number → team, of the floor's tables; empty: not there


def gather(connection: Connection, ids: Sequence[str], rules: FactRules) -> list[Facts]:
    """Return what is known of recordings (at most some hundreds), without those that do not exist."""
    rows = connection.execute(sa.select(recordings).where(recordings.c.recording_id.in_(ids))).all()
    calls = sorted({row.call_id for row in rows})
    people = _people(connection, sorted({row.agent for row in rows}))
    notes, held = _notes(connection, calls), _held(connection, calls)
    moved, complained = _transfers(connection, calls), _complained(connection, calls)
    disposed, measured = _dispositions(connection, calls), _measures(connection, ids)
    given = _scores(connection, ids)
    found = []
    for row in rows:
        facts = _plain(row, measured.get(row.recording_id))
        team, since = people.get(row.agent, ("", None))
        note = notes.get(row.call_id)
        if note is not None:
            facts = replace(facts, branch=note.branch, category=note.category, result=note.result)
        found.append(
            replace(
                facts,
                team=rules.team_of(row.agent) or team,
                new_agent=since is not None and row.planned_at < since + rules.new_agent,
                hold=round(held.get(row.call_id, 0.0)),
                transfers=moved.get(row.call_id, 0),
                disposition=disposed.get(row.call_id, ""),
                complaint=facts.branch == COMPLAINTS or row.call_id in complained,
                score=given.get((row.recording_id, row.agent), given.get((row.recording_id, ""))),
            )
        )
    return found


def _plain(row: Any, measures: Any) -> Facts:
    length = row.audio_ms or row.expected_ms
    return Facts(
        recording_id=row.recording_id,
        call_id=row.call_id,
        at=row.planned_at,
        agent=row.agent,
        queue=row.queue,
        campaign=row.campaign_id,
        direction=row.direction,
        seconds=round(length / 1000),
        silence=_percent(measures and measures.silence_ms, length),
        overlap=_percent(measures and measures.overlap_ms, length),
        sound=_SOUNDS.get(row.state, Sound.PENDING),
    )


def _percent(part: int | None, whole: int) -> int | None:
    return None if part is None or whole <= 0 else min(100, round(100 * part / whole))


def _people(connection: Connection, numbers: Sequence[str]) -> dict[str, tuple[str, datetime | None]]:
    query = sa.select(staff.c.number, staff.c.team, staff.c.created_at)
    rows = connection.execute(query.where(staff.c.number.in_(numbers), staff.c.number != "")).all()
    return {row.number: (row.team, row.created_at) for row in rows}


def _notes(connection: Connection, calls: Sequence[str]) -> dict[str, Any]:
    """Return the first note of each call, in its newest version."""
    columns, later = interaction_notes.c, interaction_notes.alias()
    newest = ~sa.exists().where(later.c.note_id == columns.note_id, later.c.version > columns.version)
    query = sa.select(
        columns.call_id, columns.branch, columns.category, columns.result, columns.note_id, columns.version
    )
    rows = connection.execute(
        query.where(columns.call_id.in_(calls), newest).order_by(columns.first_at, columns.note_id)
    ).all()
    return {row.call_id: row for row in reversed(rows)}


def _held(connection: Connection, calls: Sequence[str]) -> dict[str, float]:
    legs = floor_legs.c
    query = sa.select(legs.call_id, sa.func.sum(legs.seconds)).group_by(legs.call_id)
    waits = sa.and_(legs.phase.in_(_WAITS), legs.seconds.isnot(None))
    return _pairs(connection, query.where(legs.call_id.in_(calls), waits))


def _transfers(connection: Connection, calls: Sequence[str]) -> dict[str, int]:
    """Return how often each call was given on."""
    legs, following = floor_legs.c, floor_legs.alias()
    # A colleague who takes over after being asked ends that phase with the same word, and goes on talking.
    goes_on = sa.exists().where(
        following.c.leg == legs.leg, following.c.seq == legs.seq + 1, following.c.phase == Phase.TALK.value
    )
    given = sa.and_(legs.outcome == "transferred", legs.seconds.isnot(None), ~goes_on)
    query = sa.select(legs.call_id, sa.func.count()).group_by(legs.call_id)
    return _pairs(connection, query.where(legs.call_id.in_(calls), given))


def _complained(connection: Connection, calls: Sequence[str]) -> set[str]:
    query = sa.select(matters.c.call_id).where(
        matters.c.call_id.in_(calls), matters.c.kind == MatterKind.COMPLAINT.value
    )
    return set(connection.scalars(query))


def _dispositions(connection: Connection, calls: Sequence[str]) -> dict[str, str]:
    columns = outbound_dispositions.c
    query = sa.select(columns.call_id, columns.code).order_by(columns.call_id, columns.number)
    return _pairs(connection, query.where(columns.call_id.in_(calls)))


def _measures(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    columns = recording_measures.c
    query = sa.select(columns.recording_id, columns.silence_ms, columns.overlap_ms)
    rows = connection.execute(query.where(columns.recording_id.in_(ids))).all()
    return {row.recording_id: row for row in rows}


def _scores(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the points (hundredths) that count of each agent's work in a recording, and of any agent's."""
    columns, standing = scores.c, score_standings.c
    query = (
        sa.select(columns.recording_id, columns.agent, columns.total)
        .join(score_standings, standing.score_id == columns.score_id)
        .where(
            columns.recording_id.in_(ids),
            columns.kind.in_(_COUNTS),
            standing.state != ScoreState.REPLACED.value,
        )
        .order_by(columns.final_at)
    )
    found: dict[tuple[str, str], int] = {}
    for row in connection.execute(query).all():
        found[row.recording_id, row.agent] = found[row.recording_id, ""] = row.total
    return found


def _pairs(connection: Connection, query: sa.Select[Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in connection.execute(query)}
