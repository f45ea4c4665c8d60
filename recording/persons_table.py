"""The dated table of people's requests: clocks, proofs, refusals, what an erasure does to what is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import WIB, office_day
from recording.recordings import Recording
from recording.retention import months_later
from recording.states import State

SHIPPED = Path(__file__).parent / "data" / "persons.yaml"
Words = Mapping[str, str]  # language → text


class Area(StrEnum):
    """What is held of one kind and kept by one rule."""

    RECORDINGS = "recordings"  # by retention.yaml
    CALLS = "calls"
    NOTES = "notes"
    DRAFTS = "drafts"
    MATTERS = "matters"
    CAMPAIGNS = "campaigns"
    LEADS = "leads"
    QUALITY = "quality"
    REGISTER = "register"
    TRAIL = "trail"


class Fate(StrEnum):
    """What a request comes to for something."""

    GOES = "goes"  # destroyed with the approval
    STOPS = "stops"  # kept, and used no more
    STAYS = "stays"
    GONE = "gone"  # was destroyed before
    GIVEN = "given"  # is in the copy
    LEFT = "left"  # is not in the copy


class Keeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row of `keeping`."""

    does: Literal["remove", "stop", "stays"]
    why: Words
    months: int = 0


class PersonVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time."""

    since: date
    rule: str
    hours: int
    warn_hours: tuple[int, int]
    bundle_days: int
    proofs: Mapping[str, Words]
    relations: Mapping[str, Words]
    refusals: Mapping[str, Words]
    hold_reasons: Mapping[str, Words]
    keeping: Mapping[str, Keeping]
    assumed: bool = False

    def due(self, received: datetime) -> datetime:
        """Return the end of the clock: hours of the wall, whatever the office's hours are."""
        return received + timedelta(hours=self.hours)

    @property
    def warn(self) -> Sequence[timedelta]:
        """Return how long before the end somebody is told."""
        return [timedelta(hours=hours) for hours in self.warn_hours]


class PersonTable:
    """All dated versions."""

    def __init__(self, versions: Sequence[PersonVersion]) -> None:
        self.versions = tuple(versions)

    def at(self, now: datetime) -> PersonVersion:
        """Return what is in force at a time, by the office's day."""
        return in_force(self.versions, office_day(now))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a request comes to for one recording, or for what is held of one area."""

    area: Area
    fate: Fate
    count: int
    why: str  # a word of `hold_reasons`, an area of `keeping`, or a recording's state
    until: datetime | None = None  # of what stays; None: as long as the reason stands
    recording_id: str = ""  # of one recording


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[PersonVersion, ...]


def load_person_table(path: Path = SHIPPED) -> PersonTable:
    """Read the table. Raises desk.matter_data.TableProblem: file, place and remedy."""
    versions = read_table(path, _File).versions
    check_order(path, versions)
    for version in versions:
        for fault in _faults(version):
            raise TableProblem(f"{path.name}: {version.since}: {fault}")
    return PersonTable(versions)


def recording_fate(recording: Recording, held_for: frozenset[str], *, shared: bool = False) -> Decision:
    """Return what an erasure does to a recording: what nothing holds goes, before its time too.

    `shared`: another taxpayer's data was asked about in its call.
    """
    area, one = Area.RECORDINGS, recording.recording_id
    if recording.state in (State.DESTROYED, State.LOST):
        return Decision(area, Fate.GONE, 1, recording.state.value, recording.destroyed_at, one)
    if held_for:
        return Decision(area, Fate.STAYS, 1, sorted(held_for)[0].partition(":")[0], None, one)
    if shared:
        return Decision(area, Fate.STAYS, 1, "others_data", recording.keep_until, one)
    if recording.state is not State.SEALED:
        return Decision(area, Fate.STAYS, 1, "unsealed", None, one)
    return Decision(area, Fate.GOES, 1, "person_request", None, one)


def copy_fate(recording: Recording, *, inside: bool, shared: bool) -> Decision:
    """Return what a copy has of a recording; `inside`: its sound is in the bundle, `shared`: as above."""
    area, one, state = Area.RECORDINGS, recording.recording_id, recording.state
    if inside:
        return Decision(area, Fate.GIVEN, 1, "copy", None, one)
    if state in (State.DESTROYED, State.LOST):
        return Decision(area, Fate.GONE, 1, state.value, recording.destroyed_at, one)
    why = "others_data" if shared else "unreadable" if recording.audible else "unsealed"
    return Decision(area, Fate.LEFT, 1, why, None, one)


def restriction_fates(recordings: Sequence[Recording], calls: int) -> Sequence[Decision]:
    """Return what a restriction does to these recordings, and to so many calls."""
    stops = [
        Decision(Area.RECORDINGS, Fate.STOPS, 1, "restriction", None, one.recording_id) for one in recordings
    ]
    return [Decision(Area.CALLS, Fate.STOPS, calls, "restriction"), *stops]


def decisions_text(decisions: Sequence[Decision]) -> str:
    """Return decisions as JSON, as a request's step keeps them: nothing personal."""
    return msgspec.json.encode([asdict(one) for one in decisions]).decode()


def decisions_of(text: str) -> Sequence[Decision]:
    """Return decisions of a step's words; none where it has none."""
    return msgspec.json.decode(text, type=list[Decision]) if text.startswith("[") else []


def area_fates(
    version: PersonVersion, held: Mapping[Area, tuple[int, datetime | None]]
) -> Sequence[Decision]:
    """Return what an erasure does to everything but recordings; `held`: area → rows, day of the newest."""
    found = []
    for area, (count, newest) in held.items():
        if area is Area.RECORDINGS or not count:
            continue
        rule = version.keeping[area.value]
        fate = {"remove": Fate.GOES, "stop": Fate.STOPS, "stays": Fate.STAYS}[rule.does]
        until = None
        if fate is Fate.STAYS and rule.months and newest is not None:
            last = months_later(office_day(newest), rule.months) + timedelta(days=1)
            until = datetime.combine(last, time(), WIB)
        found.append(Decision(area, fate, count, area.value, until))
    return found


def _faults(version: PersonVersion) -> Iterator[str]:
    if not 1 <= version.hours <= 72:
        yield f"hours: {version.hours}. Remedy: from 1 to 72, which is the law's bound."
    first, second = version.warn_hours
    if not version.hours > first > second > 0:
        yield "warn_hours: not falling, or not within `hours`. Remedy: such as [36, 12]."
    if not 1 <= version.bundle_days <= 90:
        yield f"bundle_days: {version.bundle_days}. Remedy: from 1 to 90."
    wanted = {area.value for area in Area} - {Area.RECORDINGS.value}
    if set(version.keeping) != wanted:
        yield f"keeping: exactly {', '.join(sorted(wanted))}. Remedy: add or remove rows."
    texts = [*version.proofs.values(), *version.relations.values(), *version.refusals.values()]
    texts += [*version.hold_reasons.values(), *(row.why for row in version.keeping.values())]
    if any(set(text) != {"id", "en"} for text in texts):
        yield "a text is not in id and en. Remedy: add it."
