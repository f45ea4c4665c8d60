"""Rounds of calibration. Who was asked, what was given and what was said of it only grows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recording.quality.calibration import CalibrationUnavailable, Remark, Round
from storage.appeal_tables import (
    calibration_asked,
    calibration_remarks,
    calibration_rounds,
    calibration_scores,
)
from storage.database import Database
from storage.kept import Kept
from storage.vault import Vault, VaultProblem

_PLAIN = tuple(column.name for column in calibration_rounds.c)


class DurableRounds(Kept):
    """A `recording.quality.calibration.Rounds` on a database."""

    unavailable = CalibrationUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault

    async def open(self, made: Round) -> None:
        """Keep a new round. Idempotent by its id."""

        def insert(connection: Connection) -> None:
            if _known(connection, made.round_id):
                return
            values = {name: getattr(made, name) for name in _PLAIN}
            connection.execute(sa.insert(calibration_rounds).values(values))
            asked = [
                {
                    "round_id": made.round_id,
                    "recording_id": recording,
                    "reviewer": reviewer,
                    "recording_seq": at,
                    "reviewer_seq": place,
                }
                for at, recording in enumerate(made.recordings, 1)
                for place, reviewer in enumerate(made.reviewers, 1)
            ]
            connection.execute(sa.insert(calibration_asked), asked)

        await self._write(insert)

    async def get(self, round_id: str) -> Round:
        """Return one. Raises KeyError."""
        found = await self._rounds(calibration_rounds.c.round_id == round_id, 1)
        if not found:
            raise KeyError(round_id)
        return found[0]

    async def all(self, most: int = 100) -> Sequence[Round]:
        """Return rounds, open ones in front, newest first."""
        return await self._rounds(sa.true(), most)

    async def waiting_for(self, reviewer: str, recording_id: str = "") -> Sequence[Round]:
        """Return the open rounds that ask a reviewer for a score, oldest first."""
        asked = sa.select(calibration_asked.c.round_id).where(calibration_asked.c.reviewer == reviewer)
        if recording_id:
            asked = asked.where(calibration_asked.c.recording_id == recording_id)
        which = sa.and_(calibration_rounds.c.closed_at.is_(None), calibration_rounds.c.round_id.in_(asked))
        found = await self._rounds(which, 100)
        return [
            one
            for one in reversed(found)
            if any(who == reviewer and recording_id in ("", recording) for recording, who in one.missing)
        ]

    async def given(self, round_id: str, recording_id: str, reviewer: str, score_id: str) -> None:
        """A reviewer's score is there; the first one counts. Raises KeyError: nobody asked for it."""
        key = {"round_id": round_id, "recording_id": recording_id, "reviewer": reviewer}

        def insert(connection: Connection) -> None:
            if connection.execute(sa.select(calibration_asked).filter_by(**key)).first() is None:
                raise KeyError(round_id)
            if connection.execute(sa.select(calibration_scores).filter_by(**key)).first() is None:
                connection.execute(sa.insert(calibration_scores).values(**key, score_id=score_id))

        await self._write(insert)

    async def close(self, round_id: str, by: str, at: datetime) -> None:
        """End it. Idempotent. Raises KeyError."""
        which = sa.and_(calibration_rounds.c.round_id == round_id, calibration_rounds.c.closed_at.is_(None))

        def update(connection: Connection) -> None:
            if not _known(connection, round_id):
                raise KeyError(round_id)
            connection.execute(sa.update(calibration_rounds).where(which).values(closed_at=at, closed_by=by))

        await self._write(update)

    async def remark(self, remark: Remark) -> None:
        """Add a note of the discussion; its number is chosen here."""
        number = sa.func.coalesce(sa.func.max(calibration_remarks.c.number), 0) + 1
        query = sa.select(number).where(calibration_remarks.c.round_id == remark.round_id)

        def insert(connection: Connection) -> None:
            numbered = replace(remark, number=connection.execute(query).scalar_one())
            values = {
                "round_id": numbered.round_id,
                "number": numbered.number,
                "at": numbered.at,
                "who": numbered.who,
                "recording_id": numbered.recording_id,
                "item": numbered.item,
                "sealed_text": self._vault.seal(numbered.text.encode(), _context(numbered)),
            }
            connection.execute(sa.insert(calibration_remarks).values(values))

        await self._write(insert)

    async def remarks(self, round_id: str) -> Sequence[Remark]:
        """Return the notes, first to last."""
        query = (
            sa.select(calibration_remarks)
            .where(calibration_remarks.c.round_id == round_id)
            .order_by(calibration_remarks.c.number)
        )
        return [self._remark(row) for row in await self._all(query)]

    async def _rounds(self, which: "sa.ColumnElement[bool]", most: int) -> Sequence[Round]:
        order = (calibration_rounds.c.closed_at.is_not(None), calibration_rounds.c.opened_at.desc())
        rows = await self._all(sa.select(calibration_rounds).where(which).order_by(*order).limit(most))
        ids = [row.round_id for row in rows]
        asked = await self._all(sa.select(calibration_asked).where(calibration_asked.c.round_id.in_(ids)))
        given = await self._all(sa.select(calibration_scores).where(calibration_scores.c.round_id.in_(ids)))
        return [_round(row, asked, given) for row in rows]

    async def _all(self, query: "sa.Select[Any]") -> Sequence[Any]:
        return await self._read(lambda connection: connection.execute(query).all())

    def _remark(self, row: Any) -> Remark:
        remark = Remark(row.round_id, row.number, row.at, row.who, "", row.recording_id, row.item)
        try:
            text = self._vault.open(bytes(row.sealed_text), _context(remark)).decode()
        except VaultProblem as error:
            raise CalibrationUnavailable(str(error)) from error
        return replace(remark, text=text)


def _known(connection: Connection, round_id: str) -> bool:
    query = sa.select(calibration_rounds.c.round_id).where(calibration_rounds.c.round_id == round_id)
    return connection.execute(query).first() is not None


def _round(row: Any, asked: Sequence[Any], given: Sequence[Any]) -> Round:
    mine = [one for one in asked if one.round_id == row.round_id]
    recordings = {one.recording_seq: one.recording_id for one in mine}
    reviewers = {one.reviewer_seq: one.reviewer for one in mine}
    return Round(
        **{name: getattr(row, name) for name in _PLAIN},
        recordings=[recordings[at] for at in sorted(recordings)],
        reviewers=[reviewers[at] for at in sorted(reviewers)],
        given={
            (one.recording_id, one.reviewer): one.score_id for one in given if one.round_id == row.round_id
        },
    )


def _context(remark: Remark) -> bytes:
    return f"calibration_remarks/{remark.round_id}/{remark.number}".encode()
