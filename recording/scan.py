"""The two-way scan: files without rows and rows without files, in the folder of plain audio and in the store.

Pure: it compares what was listed. Nothing is removed by finding it; what may be mended without a person's
judgement says so (`Found.certain`), and is mended when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recording.manifest import Act
from recording.recordings import AlarmKind
from recording.states import State

SETTLED = timedelta(minutes=15)  # what is younger may just be on its way


class Stray(StrEnum):
    """What does not fit."""

    PLAIN_WITHOUT_ROW = "plain_without_row"
    FOREIGN_FILE = "foreign_file"  # in the folder of plain audio or the store, not named as ours are
    PLAIN_LEFT = "plain_left"  # of a recording that is sealed or destroyed
    ROW_WITHOUT_PLAIN = "row_without_plain"  # it should wait to be sealed
    OBJECT_WITHOUT_ROW = "object_without_row"
    OBJECT_LEFT = "object_left"  # of a recording that is destroyed or lost
    OBJECT_SPARE = "object_spare"  # of an attempt to seal that broke off
    ROW_WITHOUT_OBJECT = "row_without_object"
    OBJECT_SIZE = "object_size"  # not as many bytes as were sealed
    OBJECT_CHANGED = "object_changed"  # not the bytes that were sealed
    ROW_UNSIGNED = "row_unsigned"  # sealed or destroyed, and the manifest does not say so
    ROW_GONE = "row_gone"  # the manifest tells of a recording that has no row
    ROW_EDITED = "row_edited"  # the manifest tells of another object, or another state


_ALARMS = {
    Stray.PLAIN_WITHOUT_ROW: AlarmKind.STRAY_FILE,
    Stray.FOREIGN_FILE: AlarmKind.STRAY_FILE,
    Stray.PLAIN_LEFT: AlarmKind.UNSEALED,
    Stray.ROW_WITHOUT_PLAIN: AlarmKind.LOST,
    Stray.OBJECT_WITHOUT_ROW: AlarmKind.STRAY_FILE,
    Stray.OBJECT_LEFT: AlarmKind.STRAY_FILE,
    Stray.OBJECT_SPARE: AlarmKind.STRAY_FILE,
    Stray.ROW_WITHOUT_OBJECT: AlarmKind.MISSING_OBJECT,
    Stray.OBJECT_SIZE: AlarmKind.TAMPERED,
    Stray.OBJECT_CHANGED: AlarmKind.TAMPERED,
    Stray.ROW_UNSIGNED: AlarmKind.TAMPERED,
    Stray.ROW_GONE: AlarmKind.TAMPERED,
    Stray.ROW_EDITED: AlarmKind.TAMPERED,
}
# Nothing is lost by mending these: the sealed object that the manifest names is there, or must not be.
_CERTAIN = frozenset({Stray.PLAIN_LEFT, Stray.OBJECT_LEFT, Stray.OBJECT_SPARE})
_SOUND = frozenset({State.SEALED, State.HELD})
_WAITS = frozenset({State.STOPPED, State.VERIFIED})


@dataclass(frozen=True, slots=True)
class Found:
    """Something that does not fit."""

    stray: Stray
    recording_id: str  # empty: a file that is not named as ours
    name: str = ""  # of the file or object

    @property
    def certain(self) -> bool:
        """Whether it can be mended without anybody's judgement."""
        return self.stray in _CERTAIN

    @property
    def alarm(self) -> AlarmKind:
        """The alarm that tells it."""
        return _ALARMS[self.stray]


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What a scan needs of a recording's row."""

    recording_id: str
    state: State
    object_key: str
    object_bytes: int
    since: datetime  # the last time that is on it


@dataclass(frozen=True, slots=True)
class Signed:
    """What the manifest says last of a recording."""

    act: Act  # SEALED or DESTROYED
    object_key: str  # of the newest SEALED row
    digest: str


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A file of the folder of plain audio, or an object of the store."""

    recording_id: str  # empty: not named as ours are
    name: str
    size: int
    at: datetime  # last written


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that was listed: files and objects before rows, so that none is there before its row."""

    plain: Sequence[FileSeen]
    objects: Mapping[str, FileSeen]  # by key
    rows: Mapping[str, RowSeen]  # by recording
    manifest: Mapping[str, Signed]  # by recording


def scan(seen: Listing, now: datetime) -> list[Found]:
    """Return what does not fit, by recording."""
    early = now - SETTLED
    found = [
        *_plain(seen, early),
        *_objects(seen, early),
        *_rows(seen, early),
        *_signatures(seen),
    ]
    return sorted(found, key=lambda one: (one.recording_id, one.stray.value, one.name))


def _plain(seen: Listing, early: datetime) -> Iterator[Found]:
    for file in seen.plain:
        if file.at > early:
            continue
        row = seen.rows.get(file.recording_id)
        if not file.recording_id:
            yield Found(Stray.FOREIGN_FILE, "", file.name)
        elif row is None:
            yield Found(Stray.PLAIN_WITHOUT_ROW, file.recording_id, file.name)
        elif row.since <= early and (row.state is State.DESTROYED or _whole(row, seen.objects)):
            yield Found(Stray.PLAIN_LEFT, file.recording_id, file.name)


def _objects(seen: Listing, early: datetime) -> Iterator[Found]:
    for key, file in seen.objects.items():
        if file.at > early:
            continue
        row = seen.rows.get(file.recording_id)
        if not file.recording_id:
            yield Found(Stray.FOREIGN_FILE, "", key)
        elif row is None:
            yield Found(Stray.OBJECT_WITHOUT_ROW, file.recording_id, key)
        elif row.since > early:
            continue
        elif row.state in (State.DESTROYED, State.LOST):
            yield Found(Stray.OBJECT_LEFT, file.recording_id, key)
        elif key != row.object_key and _whole(row, seen.objects):
            yield Found(Stray.OBJECT_SPARE, file.recording_id, key)


def _rows(seen: Listing, early: datetime) -> Iterator[Found]:
    plain = {file.recording_id for file in seen.plain}
    for row in _settled(seen.rows.values(), early):
        if row.state in _WAITS and row.recording_id not in plain:
            yield Found(Stray.ROW_WITHOUT_PLAIN, row.recording_id)
        if row.state not in _SOUND:
            continue
        there = seen.objects.get(row.object_key)
        if there is None:
            yield Found(Stray.ROW_WITHOUT_OBJECT, row.recording_id, row.object_key)
        elif there.size != row.object_bytes:
            yield Found(Stray.OBJECT_SIZE, row.recording_id, row.object_key)


def _signatures(seen: Listing) -> Iterator[Found]:
    """Hold the rows against the manifest: both are written in one step, so there is no age to wait for."""
    for row in seen.rows.values():
        signed = seen.manifest.get(row.recording_id)
        over = row.state is State.DESTROYED
        if signed is None:
            if over or row.state in _SOUND:
                yield Found(Stray.ROW_UNSIGNED, row.recording_id)
        elif over != (signed.act is Act.DESTROYED) or row.state not in (*_SOUND, State.DESTROYED):
            yield Found(Stray.ROW_EDITED, row.recording_id, row.state.value)
        elif not over and signed.object_key and signed.object_key != row.object_key:
            yield Found(Stray.ROW_EDITED, row.recording_id, row.object_key)
    for recording_id in seen.manifest:
        if recording_id not in seen.rows:
            yield Found(Stray.ROW_GONE, recording_id)


def _settled(rows: Iterable[RowSeen], early: datetime) -> Iterator[RowSeen]:
    return (row for row in rows if row.since <= early)


def _whole(row: RowSeen, objects: Mapping[str, FileSeen]) -> bool:
    """Whether a recording is sealed and what was sealed is there."""
    there = objects.get(row.object_key)
    return row.state in _SOUND and there is not None and there.size == row.object_bytes
