"""Transcripts on a database: the text sealed, its words found by the index of `storage.review_words`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from domain.clock import Clock
from recording.ports import RecordingsUnavailable
from recording.states import State
from recording.transcripts import Made, Sentence, Transcript, TranscriptsUnavailable
from storage.database import Database
from storage.kept import Kept
from storage.recording_tables import recordings
from storage.review_words import ReviewWords
from storage.transcript_tables import recording_transcripts
from storage.vault import Vault

MOST_TRIES = 3
_DAY = timedelta(days=1)
_R, _T = recordings.c, recording_transcripts.c
_AUDIBLE = (State.SEALED.value, State.HELD.value)
_PLAIN = ("recording_id", "call_id", "at", "language", "model", "model_version", "audio_ms", "cpu_ms")
_json = msgspec.json.Encoder()
_sentences = msgspec.json.Decoder(list[Sentence])


@dataclass(frozen=True, slots=True)
class TranscriptFigures:
    """What there is of transcripts."""

    made: dict[str, int]  # a Made → how many
    to_index: int  # there, and not found by its words yet
    waiting: int  # sealed since a time, none tried
    audio_ms: int  # of those that are there
    cpu_ms: int


class DurableTranscripts(Kept):
    """`recording.transcripts.Transcripts` on a database."""

    unavailable = TranscriptsUnavailable

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database)
        self._vault = vault
        self._words = ReviewWords(vault)

    async def keep(self, transcript: Transcript) -> bool:
        """Keep one with its words, in place of an earlier one. False: its recording is gone meanwhile."""

        def work(connection: Connection) -> bool:
            if _state(connection, transcript.recording_id) not in _AUDIBLE:
                return False
            words = [one.text for one in transcript.sentences]
            found = self._words.words_in(connection, transcript.recording_id, words)
            values = {name: getattr(transcript, name) for name in _PLAIN} | {
                "state": Made.THERE.value,
                "tries": 0,
                "cause": "",
                "sentences": len(transcript.sentences),
                "sealed_text": self._vault.seal(
                    _json.encode(transcript.sentences), _context(transcript.recording_id)
                ),
                "indexed_at": transcript.at if found else None,
            }
            _put(connection, values, tuple(values))
            return True

        return await self._write(work)

    async def failed(self, recording_id: str, call_id: str, cause: str, at: datetime) -> None:
        """Note that it could not be made; one that is there stays."""
        mine = _T.recording_id == recording_id
        values = _nothing(recording_id, call_id, at) | {"cause": cause[:40], "tries": 1}
        again = sa.update(recording_transcripts).where(mine, _T.state == Made.FAILED.value)
        again = again.values(tries=_T.tries + 1, at=at, cause=cause[:40])

        def work(connection: Connection) -> None:
            if connection.scalar(sa.select(_T.state).where(mine)) is None:
                connection.execute(sa.insert(recording_transcripts).values(values))
            else:
                connection.execute(again)

        await self._write(work)

    async def get(self, recording_id: str) -> Transcript | None:
        """Return the transcript of a recording that can still be heard."""
        query = (
            sa.select(recording_transcripts)
            .join(recordings, _R.recording_id == _T.recording_id)
            .where(_T.recording_id == recording_id, _T.state == Made.THERE.value, _R.state.in_(_AUDIBLE))
        )

        def work(connection: Connection) -> Transcript | None:
            row = connection.execute(query).first()
            return None if row is None else self._transcript(row)

        return await self._read(work)

    async def waiting(self, since: datetime, most: int = 20) -> Sequence[str]:
        """Return recordings sealed since then that have none, or failed a few times, the newest first."""
        query = _without(since).with_only_columns(_R.recording_id).order_by(_R.planned_at.desc()).limit(most)
        return await self._read(lambda connection: list(connection.scalars(query)))

    async def index(self, most: int = 50) -> int:
        """Let recordings be found by the words of transcripts that came before the index had them."""
        waits = (_T.state == Made.THERE.value, _T.indexed_at.is_(None))
        query = sa.select(recording_transcripts).where(*waits).order_by(_T.at).limit(most)

        def work(connection: Connection) -> int:
            done = 0
            for row in connection.execute(query).all():
                texts = [one.text for one in self._opened(row)]
                if self._words.words_in(connection, row.recording_id, texts):
                    mine = _T.recording_id == row.recording_id
                    connection.execute(sa.update(recording_transcripts).where(mine).values(indexed_at=row.at))
                    done += 1
            return done

        return await self._write(work)

    async def figures(self, since: datetime) -> TranscriptFigures:
        """Return what there is; `since`: from when on recordings wait."""

        def work(connection: Connection) -> TranscriptFigures:
            counts = sa.select(_T.state, sa.func.count()).group_by(_T.state)
            made = {row.state: row[1] for row in connection.execute(counts)}
            there = _T.state == Made.THERE.value
            sums = sa.select(sa.func.sum(_T.audio_ms), sa.func.sum(_T.cpu_ms)).where(there)
            audio, cpu = connection.execute(sums).one()
            to_index = sa.select(sa.func.count()).where(there, _T.indexed_at.is_(None))
            left = sa.select(sa.func.count()).select_from(_without(since).subquery())
            return TranscriptFigures(
                made,
                connection.scalar(to_index) or 0,
                connection.scalar(left) or 0,
                int(audio or 0),
                int(cpu or 0),
            )

        return await self._read(work)

    def _transcript(self, row: Any) -> Transcript:
        return Transcript(**{name: getattr(row, name) for name in _PLAIN}, sentences=tuple(self._opened(row)))

    def _opened(self, row: Any) -> list[Sentence]:
        return _sentences.decode(self._vault.open(bytes(row.sealed_text), _context(row.recording_id)))


class TranscriptEnds(Kept):
    """`storage.recording_destruction.GoesWith`: a transcript goes with its recording. Needs no key."""

    unavailable = RecordingsUnavailable

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self._clock = clock

    async def forget(self, recording_id: str) -> None:
        """Remove the text for good; its row says so. Idempotent. Raises RecordingsUnavailable."""
        mine = (_T.recording_id == recording_id, _T.state != Made.GONE.value)
        values = {"state": Made.GONE.value, "sealed_text": b"", "cause": "", "at": self._clock.now()}
        change = sa.update(recording_transcripts).where(*mine).values(values)

        def work(connection: Connection) -> None:
            if connection.dialect.name == "sqlite":
                # What stood in the row is overwritten, not only let go of.
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.execute(change)

        await self._write(work)


def _nothing(recording_id: str, call_id: str, at: datetime) -> dict[str, Any]:
    empty = dict.fromkeys(("cause", "language", "model", "model_version"), "")
    numbers = dict.fromkeys(("audio_ms", "cpu_ms", "sentences"), 0)
    return {
        **empty,
        **numbers,
        "recording_id": recording_id,
        "call_id": call_id,
        "state": Made.FAILED.value,
        "at": at,
        "sealed_text": b"",
        "indexed_at": None,
    }


def _put(connection: Connection, values: dict[str, Any], changed: Sequence[str]) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    adding = insert(recording_transcripts).values(values)
    fresh = {name: getattr(adding.excluded, name) for name in changed if name != "recording_id"}
    connection.execute(adding.on_conflict_do_update(index_elements=["recording_id"], set_=fresh))


def _state(connection: Connection, recording_id: str) -> str | None:
    """Return a recording's state; nobody destroys it until the transaction ends."""
    query = sa.select(_R.state).where(_R.recording_id == recording_id)
    return connection.scalar(query.with_for_update())


def _without(since: datetime) -> sa.Select[Any]:
    """Return the query of recordings sealed since then without a transcript.

    Those planned more than a day before that are left out, so that an index gives the others.
    """
    none = sa.or_(_T.recording_id.is_(None), sa.and_(_T.state == Made.FAILED.value, _T.tries < MOST_TRIES))
    return (
        sa.select(_R.recording_id)
        .outerjoin(recording_transcripts, _R.recording_id == _T.recording_id)
        .where(_R.state.in_(_AUDIBLE), _R.planned_at >= since - _DAY, _R.sealed_at >= since, none)
    )


def _context(recording_id: str) -> bytes:
    return f"recording_transcripts/{recording_id}".encode()
