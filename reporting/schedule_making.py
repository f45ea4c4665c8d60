"""Makes shifts by patterns: breaks spread over their window, prayers at their times. Pure.

Agents are given in a fixed order; who rests first on one day rests later on the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from desk.working_days import WIB
from reporting.schedule import BadShift, Piece, Shift, checked, laid_over
from reporting.schedule_rules import CLOSES, OPENS, Pattern, ScheduleRules, minute_of

BREAK, PRAYER, FRIDAY_PRAYER = "break", "prayer", "friday_prayer"
_FRIDAY = 4
_ROUND = 5  # minutes to which the break of Friday prayer is set


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """What is planned for a day of the office; times of WIB."""

    day: date
    works: bool
    opens: time
    closes: time
    in_ramadan: bool


def make_shifts(
    agents: Sequence[str], day: OfficeDay, pattern: str, place: str, rules: ScheduleRules
) -> Sequence[Shift]:
    """Return a shift for each agent by a pattern.

    Raises KeyError: no such pattern or place; BadShift: the day leaves no room for it.
    """
    row = rules.patterns(day.day)[pattern]
    return [make_shift(agent, index, day, pattern, row, place, rules) for index, agent in enumerate(agents)]


def make_shift(
    agent: str, index: int, day: OfficeDay, name: str, pattern: Pattern, place: str, rules: ScheduleRules
) -> Shift:
    """Return one agent's shift. `index`: the agent's place in the order. Raises BadShift."""
    begins, ends = _edge(pattern.begins, day), _edge(pattern.ends, day)
    if begins >= ends:
        raise BadShift("ends_before")
    pieces: tuple[Piece, ...] = (Piece(pattern.activity, begins, ends),)
    turn = index + day.day.toordinal()
    rests = [
        one for one in _rests(day, pattern, turn, place, rules) if begins < one.begins and one.ends < ends
    ]
    prayers = [one for one in _prayers(day, place, turn, rests, rules) if begins <= one.begins]
    for piece in (*rests, *(one for one in prayers if one.ends <= ends)):
        pieces = laid_over(pieces, piece)
    activities = rules.activities(day.day).activities
    return checked(Shift(agent, day.day, pieces, name, place), activities)


def _edge(text: str, day: OfficeDay) -> int:
    if text in (OPENS, CLOSES):
        at = day.opens if text == OPENS else day.closes
        return at.hour * 60 + at.minute
    return minute_of("shift_patterns.yaml", text)


def _rests(day: OfficeDay, pattern: Pattern, turn: int, place: str, rules: ScheduleRules) -> Sequence[Piece]:
    """Return the break: around Friday prayer for those who go, else a turn within the window."""
    table = rules.breaks(day.day)
    minutes = table.minutes.of(day.day, day.in_ramadan)
    if day.day.weekday() == _FRIDAY:
        prayer = _friday_break(day, place, rules)
        if pattern.friday_prayer:
            return [Piece(FRIDAY_PRAYER, prayer, prayer + minutes)]
        # The others hold the line meanwhile; they rest before, and a little when those are back.
        after = min(rules.least.minutes, minutes)
        before = Piece(BREAK, prayer - (minutes - after), prayer)
        late = Piece(BREAK, prayer + minutes, prayer + minutes + after)
        return [one for one in (before, late) if one.begins < one.ends]
    window = table.windows.ramadan if day.in_ramadan else table.windows.usual
    first, last = minute_of("breaks.yaml", window.begins), minute_of("breaks.yaml", window.ends)
    turns = max((last - first - minutes) // table.step_minutes + 1, 1)
    begins = first + turn % turns * table.step_minutes
    return [Piece(BREAK, begins, begins + minutes)]


def _friday_break(day: OfficeDay, place: str, rules: ScheduleRules) -> int:
    lead = rules.breaks(day.day).friday_lead_minutes
    return (_minute(rules.prayer_times(day.day, place).dhuhr, day.day) - lead) // _ROUND * _ROUND


def _prayers(
    day: OfficeDay, place: str, turn: int, rests: Sequence[Piece], rules: ScheduleRules
) -> Sequence[Piece]:
    """Return the prayers that no break makes room for; in three turns, one after the other."""
    times, minutes = rules.prayer_times(day.day, place), rules.prayer_minutes
    dhuhr, asr, maghrib = (_minute(at, day.day) for at in (times.dhuhr, times.asr, times.maghrib))
    found = []
    for begins, until in ((dhuhr, asr), (asr, maghrib)):
        at = begins + turn % 3 * minutes
        # A prayer follows a break that it would cut short.
        at = max([at, *(one.ends for one in rests if one.begins < at + minutes and at < one.ends)])
        if not any(one.begins + minutes <= until and one.ends >= begins + minutes for one in rests):
            found.append(Piece(PRAYER, at, at + minutes))
    return found


def _minute(at: datetime, day: date) -> int:
    """Return a time as minutes after midnight WIB of a day."""
    midnight = datetime.combine(day, time.min, WIB)
    return int((at - midnight).total_seconds() // 60)


def remarks(shift: Shift, day: OfficeDay, rules: ScheduleRules) -> Sequence[str]:
    """Return what a planner should know of a shift, as words of the catalogue; nothing of it refuses it.

    closed_day, outside_hours, long_without_break (UU 13/2003), short_break (Perpres 21/2023).
    """
    if not shift.pieces:
        return []
    table, least, found = rules.activities(shift.day), rules.least, list[str]()
    work = {code for code, one in table.activities.items() if one.work}
    resting = [one for one in shift.pieces if one.activity in (BREAK, FRIDAY_PRAYER)]
    if not day.works:
        found.append("closed_day")
    elif any(
        one.activity in work and not _edge(OPENS, day) <= one.begins < one.ends <= _edge(CLOSES, day)
        for one in shift.pieces
    ):
        found.append("outside_hours")
    if _longest_without(shift, least.minutes) > least.after_minutes:
        found.append("long_without_break")
    granted = rules.breaks(shift.day).minutes.of(shift.day, day.in_ramadan)
    if (
        sum(one.ends - one.begins for one in resting) < granted
        and shift.ends - shift.begins > least.after_minutes
    ):
        found.append("short_break")
    return found


def _longest_without(shift: Shift, least: int) -> int:
    """Return the longest stretch without a break (or gap) of at least so many minutes."""
    longest, since, until = 0, shift.begins, shift.begins
    for piece in shift.pieces:
        rests = piece.activity in (BREAK, FRIDAY_PRAYER) and piece.ends - piece.begins >= least
        if rests or piece.begins - until >= least:
            longest = max(longest, until - since)
            since = piece.ends if rests else piece.begins
        until = piece.ends
    return max(longest, until - since)
