"""Reads the dated tables of schedules: activities, patterns, breaks, places and prayers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from reporting.adherence import AdherenceRules
from reporting.planning.roster import CallWork
from reporting.schedule_prayers import Place, PrayerTimes, prayer_times

DATA = Path(__file__).parent / "data"
OPENS, CLOSES = "opens", "closes"


class Activity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a piece of a shift is for."""

    id: str
    en: str
    does: tuple[str, ...]
    work: bool = False
    incoming: bool = True  # of work with callers: they ring us; False: we ring them


class Activities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the activities."""

    since: date
    source: str
    assumed: bool
    call_runs_over_minutes: int
    activities: dict[str, Activity]

    @property
    def rules(self) -> AdherenceRules:
        """By what adherence is judged."""
        return AdherenceRules(
            {code: frozenset(one.does) for code, one in self.activities.items()},
            frozenset(code for code, one in self.activities.items() if one.work),
            timedelta(minutes=self.call_runs_over_minutes),
        )

    @property
    def calls(self) -> CallWork:
        """Which activities are calls that come, and which are calls that go out."""
        work = {code: one.incoming for code, one in self.activities.items() if one.work}
        coming = frozenset(code for code, incoming in work.items() if incoming)
        return CallWork(coming, frozenset(work) - coming)


class Pattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shifts are made by. `begins` and `ends`: HH:MM of WIB, `opens` or `closes`."""

    id: str
    en: str
    begins: str
    ends: str
    activity: str
    friday_prayer: bool = False


class Patterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the patterns."""

    since: date
    source: str
    assumed: bool
    patterns: dict[str, Pattern]


class BreakMinutes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the break is, in minutes."""

    usual: int
    friday: int
    ramadan: int
    ramadan_friday: int

    def of(self, day: date, in_ramadan: bool) -> int:
        """Return the minutes of a day."""
        if day.weekday() == 4:
            return self.ramadan_friday if in_ramadan else self.friday
        return self.ramadan if in_ramadan else self.usual


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when until when breaks are spread, WIB."""

    begins: str = msgspec.field(name="from")
    ends: str = msgspec.field(name="until")


class Windows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The windows of usual days and of Ramadan."""

    usual: Window
    ramadan: Window


class Breaks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A version of the breaks."""

    since: date
    source: str
    minutes: BreakMinutes
    windows: Windows
    step_minutes: int
    friday_lead_minutes: int
    windows_assumed: bool


class LeastBreak(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the law grants every worker."""

    after_minutes: int
    minutes: int
    source: str


class PlaceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an agent works."""

    id: str
    en: str
    zone: str
    latitude: float
    longitude: float


class _Prayers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    asr_shadow: float
    caution_minutes: int
    prayer_minutes: int
    assumed: bool
    places: dict[str, PlaceRow]


class _ActivityFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[Activities, ...]


class _PatternFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[Patterns, ...]


class _BreakFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[Breaks, ...]
    least: LeastBreak


@dataclass(frozen=True)
class ScheduleRules:
    """The tables, as they are at any day."""

    activity_file: _ActivityFile
    pattern_file: _PatternFile
    break_file: _BreakFile
    prayers: _Prayers

    def activities(self, day: date) -> Activities:
        """Return the activities in force on a day."""
        return in_force(self.activity_file.versions, day)

    def patterns(self, day: date) -> Mapping[str, Pattern]:
        """Return the patterns in force on a day."""
        return in_force(self.pattern_file.versions, day).patterns

    def breaks(self, day: date) -> Breaks:
        """Return the breaks in force on a day."""
        return in_force(self.break_file.versions, day)

    @property
    def least(self) -> LeastBreak:
        """The break that the law grants."""
        return self.break_file.least

    @property
    def places(self) -> Mapping[str, PlaceRow]:
        """Return every place by code; the first one is the office."""
        return self.prayers.places

    @property
    def prayer_minutes(self) -> int:
        """How long a prayer takes within a shift."""
        return self.prayers.prayer_minutes

    @cached_property
    def _sites(self) -> Mapping[str, Place]:
        return {
            code: Place(ZoneInfo(row.zone), row.latitude, row.longitude) for code, row in self.places.items()
        }

    def zone(self, place: str) -> ZoneInfo:
        """Return a place's zone; the office's for a place that is no more in the table."""
        return (self._sites.get(place) or next(iter(self._sites.values()))).zone

    def prayer_times(self, day: date, place: str) -> PrayerTimes:
        """Return the times at a place. Raises KeyError: no such place."""
        caution = timedelta(minutes=self.prayers.caution_minutes)
        return prayer_times(day, self._sites[place], self.prayers.asr_shadow, caution)


def load_schedule_rules(folder: Path = DATA) -> ScheduleRules:
    """Return the tables. Raises TableProblem: file, place and remedy."""
    activities = read_table(folder / "activities.yaml", _ActivityFile)
    patterns = read_table(folder / "shift_patterns.yaml", _PatternFile)
    breaks = read_table(folder / "breaks.yaml", _BreakFile)
    prayers = read_table(folder / "prayers.yaml", _Prayers)
    check_order(folder / "activities.yaml", activities.versions)
    check_order(folder / "shift_patterns.yaml", patterns.versions)
    check_order(folder / "breaks.yaml", breaks.versions)
    known = set.intersection(*(set(version.activities) for version in activities.versions))
    if missing := {"break", "prayer", "friday_prayer"} - known:
        raise TableProblem(f"activities.yaml: {', '.join(sorted(missing))} missing. Remedy: add it.")
    for version in patterns.versions:
        _check_patterns(version, known)
    for one in breaks.versions:
        for window in (one.windows.usual, one.windows.ramadan):
            if minute_of("breaks.yaml", window.begins) >= minute_of("breaks.yaml", window.ends):
                raise TableProblem("breaks.yaml: a window ends before it begins. Remedy: correct it.")
        if one.step_minutes < 5:
            raise TableProblem("breaks.yaml: step_minutes must be at least 5. Remedy: correct it.")
    _check_places(prayers)
    return ScheduleRules(activities, patterns, breaks, prayers)


def minute_of(file: str, text: str) -> int:
    """Return HH:MM as minutes after midnight. Raises TableProblem."""
    try:
        found = time.fromisoformat(text)
    except ValueError as error:
        raise TableProblem(f'{file}: {text!r} is no time. Remedy: write it as "11:30".') from error
    return found.hour * 60 + found.minute


def _check_patterns(version: Patterns, activities: set[str]) -> None:
    for code, pattern in version.patterns.items():
        if pattern.activity not in activities:
            raise TableProblem(
                f"shift_patterns.yaml: {code}: {pattern.activity} is no activity. "
                "Remedy: one of activities.yaml."
            )
        for text in (pattern.begins, pattern.ends):
            if text not in (OPENS, CLOSES):
                minute_of("shift_patterns.yaml", text)


def _check_places(prayers: _Prayers) -> None:
    if not prayers.places:
        raise TableProblem("prayers.yaml: no place. Remedy: add the office's.")
    for code, row in prayers.places.items():
        try:
            ZoneInfo(row.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise TableProblem(
                f"prayers.yaml: {code}: {row.zone} is no zone. Remedy: Asia/Jakarta."
            ) from error
