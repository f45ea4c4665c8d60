"""Promises to call back: when they may be made for, whose they are, and what came of them.

Pure. The window is the callee's own wall clock (`desk/data/promises.yaml`, hard bounds of domain rules:
08.00-18.00, never on a day off). Dialling is not done here.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

import msgspec

from acd.machine import table
from desk.matter_data import DATA, TableProblem, check_order, in_force, read_table
from desk.matter_fields import check_note, phone
from desk.matters import (
    Act,
    Matter,
    MatterKind,
    MatterRefused,
    Moved,
    Origin,
    is_possible,
    moved,
    opened,
)
from desk.working_days import WorkingCalendar, next_working_day, office_day
from domain.zones import Zone

PROMISE = table(
    "promise",
    "A promise to call back, until the person was reached or it is given up.",
    {
        "open": "to be called at its time",
        "taken": "somebody is about to call, or calls",
        "kept": "the person was reached",
        "given_up": "not reached, and not tried any more",
        "withdrawn": "the person does not want the call any more",
    },
    {
        "take": "somebody is going to call now",
        "release": "whoever took it does not call",
        "postpone": "another time is promised",
        "reached": "the person was reached",
        "unreached": "nobody answered, busy, or somebody else who asked for another time",
        "told": "the person was told meanwhile, for instance in a call of their own",
        "give_up": "it is not tried any more",
        "withdraw": "the call is not wanted any more",
    },
    """
    open, taken + take -> taken
    taken + release -> open
    open, taken + postpone -> open
    taken + reached -> kept
    taken + unreached -> open
    open, taken + told -> kept
    open, taken + give_up -> given_up
    open, taken + withdraw -> withdrawn
    """,
    """
    take: * = it is over
    release: * = nobody has it, or it is over
    postpone: * = it is over
    reached: * = nobody has taken it, or it is over
    unreached: * = nobody has taken it, or it is over
    told: * = it is over
    give_up: * = it is over
    withdraw: * = it is over
    """,
)
OVER = frozenset({"kept", "given_up", "withdrawn"})
_NEEDS_NOTE = frozenset({"give_up"})
_TEXTS = {"about": 2000, "name": 200}


DIALER = "dialer"
"""The word of a promise that the dialer has: its value is the round, from 1."""
_STOPS_THE_DIALER = frozenset({"told", "withdraw", "give_up"})


class Owner(StrEnum):
    """Who promised to call."""

    MINE = "mine"
    ANYONE = "anyone"


class PromiseRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds of one time. Spans are minutes but for `horizon`, which is days."""

    since: date
    rule: str
    opens: str
    closes: str
    grid: int
    horizon: int
    remind: int
    late: int
    hold: int
    attempts: int
    result: int
    assumed: bool = False

    @property
    def window(self) -> tuple[time, time]:
        """From when to when (excluded) a call may begin, on the callee's clock."""
        return time.fromisoformat(self.opens), time.fromisoformat(self.closes)

    def reminds_until(self, now: datetime) -> datetime:
        """Return up to which promised time an agent is reminded now."""
        return now + timedelta(minutes=self.remind)


class PromiseTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[PromiseRule, ...]

    def at(self, now: datetime) -> PromiseRule:
        """Return the rule in force at a time."""
        return in_force(self.versions, office_day(now))


def load_promises(folder: Path = DATA) -> PromiseTable:
    """Read `promises.yaml`. Raises TableProblem."""
    path = folder / "promises.yaml"
    promises = read_table(path, PromiseTable)
    check_order(path, promises.versions)
    for rule in promises.versions:
        try:
            opens, closes = rule.window
        except ValueError as error:
            raise TableProblem(f'{path.name}: opens, closes: write them as "08:00".') from error
        # No rule of the centre's own may be wider than the hard bounds.
        if not time(8) <= opens < closes <= time(18):
            raise TableProblem(f"{path.name}: the window lies between 08:00 and 18:00.")
        if min(rule.grid, rule.horizon, rule.remind, rule.late, rule.hold, rule.attempts, rule.result) < 1:
            raise TableProblem(f"{path.name}: {rule.rule}: every number is at least 1.")
    return promises


def allowed(rule: PromiseRule, calendar: WorkingCalendar, at: datetime, zone: Zone) -> bool:
    """Whether the callee may be called at an aware time."""
    opens, closes = rule.window
    local = [at.astimezone(place) for place in zone.places]
    return all(calendar.works(one.date()) and opens <= one.time() < closes for one in local)


def nearest(
    rule: PromiseRule, calendar: WorkingCalendar, at: datetime, zone: Zone, now: datetime
) -> datetime:
    """Return the allowed time on the grid nearest to `at`, not before `now`; the earlier of equals."""
    today = office_day(now)
    asked = max(office_day(at), today)
    back = [asked - timedelta(days=days) for days in range((asked - today).days + 1)]
    following = next_working_day(calendar, asked)
    days = [
        *[day for day in back if calendar.works(day)][:2],
        following,
        next_working_day(calendar, following),
    ]
    spans = [span for day in days if (span := _span(rule, day, zone, now))]
    found = [min(max(at, first), last) for first, last in spans]
    return min(found, key=lambda one: (abs(one - at), one))


def make_promise(
    promises: PromiseTable,
    calendar: WorkingCalendar,
    origin: Origin,
    *,
    at: datetime,
    zone: Zone,
    owner: Owner,
    number: str,
    confirmed: bool,
    texts: Mapping[str, str],
    place: str = "personal",
    parent: str = "",
) -> Moved:
    """Return a new promise.

    `confirmed`: the number was read back to the caller. `place`: `office` or `personal`, by which the
    script opens. `texts`: `name` and `about`. Raises MatterRefused, for a time with the nearest
    allowed one.
    """
    rule = promises.at(origin.at)
    digits = phone(number, "number")
    if not confirmed:
        raise MatterRefused("not_confirmed", place="confirmed")
    if place not in ("office", "personal"):
        raise MatterRefused("no_choice", place="place")
    matter = Matter(
        matter_id=origin.matter_id,
        code=origin.code,
        kind=MatterKind.PROMISE,
        topic="result" if parent else "callback",
        state=PROMISE.start,
        since=origin.at,
        opened_at=origin.at,
        opened_by=origin.by,
        team=origin.team,
        call_id=origin.call_id,
        rung=origin.rung,
        rule=rule.rule,
        body={"number": digits, **_texts(texts)},
        words={"zone": zone.value, "owner": owner.value, "place": place},
        taxpayer_id=origin.confirmed_taxpayer,
        assignee=origin.by if owner is Owner.MINE else "",
        due_at=check_time(rule, calendar, at, zone, origin.at),
        parent=parent,
    )
    return opened(matter)


def check_time(
    rule: PromiseRule, calendar: WorkingCalendar, at: datetime, zone: Zone, now: datetime
) -> datetime:
    """Return `at` if the callee may be called then. Raises MatterRefused with the nearest allowed time."""
    if at.tzinfo is None:
        raise MatterRefused("no_time", place="clock")
    if at > now + timedelta(days=rule.horizon):
        raise MatterRefused("too_far", place="clock", days=str(rule.horizon))
    if at >= now and allowed(rule, calendar, at, zone):
        return at
    found = nearest(rule, calendar, max(at, now), zone, now).astimezone(zone.shown_in)
    said = f"{found:%d.%m.%Y %H.%M} {found.tzname()}"
    raise MatterRefused("outside_window", place="clock", nearest=said, nearest_at=found.isoformat())


def move_promise(
    promises: PromiseTable,
    calendar: WorkingCalendar,
    promise: Matter,
    event: str,
    act: Act,
    again_at: datetime | None = None,
) -> Moved:
    """Return a promise after an event; `again_at` with `postpone` and `unreached`.

    After the last attempt in vain it is given up. Raises MatterRefused.
    """
    rule = promises.at(act.at)
    act = replace(act, note=check_note(act.note, required=event in _NEEDS_NOTE))
    _check_hands(rule, promise, event, act)
    changes: dict[str, object] = {}
    words: dict[str, str] = {}
    if event == "take":
        if is_possible(PROMISE, promise, event) and not may_take(rule, promise, act.who, act.at):
            raise MatterRefused("with_another")
        if not allowed(rule, calendar, act.at, zone_of(promise)):
            raise MatterRefused("not_now")
        changes = {"assignee": act.who, "attempts": promise.attempts + 1}
        moved_on = moved(PROMISE, promise, event, act, {}, **changes)
        return replace(moved_on, matter=replace(moved_on.matter, since=act.at))
    if event == "unreached" and promise.attempts >= rule.attempts:
        event = "give_up"
    if event in ("postpone", "unreached"):
        if again_at is None:
            raise MatterRefused("missing", place="clock")
        due = check_time(rule, calendar, again_at, zone_of(promise), act.at)
        changes["due_at"], words = due, {"due_at": due.astimezone(UTC).isoformat(timespec="minutes")}
    if event in ("release", "postpone", "unreached"):
        changes["assignee"] = promise.opened_by if promise.words.get("owner") == Owner.MINE else ""
    state = PROMISE.moves.get((promise.state, event), "")
    if state in OVER:
        changes |= {"closed_at": act.at, "result": state}
    return moved(PROMISE, promise, event, act, words, **changes)


def _check_hands(rule: PromiseRule, promise: Matter, event: str, act: Act) -> None:
    """Raise MatterRefused while the dialer, or somebody else, has a promise."""
    if with_dialer(promise) and event not in _STOPS_THE_DIALER:
        raise MatterRefused("with_dialer")
    if event != "take" and promise.state == "taken" and not may_take(rule, promise, act.who, act.at):
        raise MatterRefused("with_another")


def with_dialer(promise: Matter) -> bool:
    """Whether the dialer has a promise: nobody else calls."""
    return bool(promise.words.get(DIALER))


def zone_of(promise: Matter) -> Zone:
    """Return the callee's zone."""
    return Zone(promise.words.get("zone", Zone.UNKNOWN))


def is_due(rule: PromiseRule, promise: Matter, now: datetime) -> bool:
    """Whether it is time to call, or nearly."""
    due = promise.due_at
    return promise.closed_at is None and due is not None and due <= rule.reminds_until(now)


def is_late(rule: PromiseRule, promise: Matter, now: datetime) -> bool:
    """Whether the promised time is over by more than its owner is given."""
    due = promise.due_at
    return promise.closed_at is None and due is not None and now > due + timedelta(minutes=rule.late)


def may_take(rule: PromiseRule, promise: Matter, who: str, now: datetime) -> bool:
    """Whether somebody may call now: the owner; anyone once it is late, or was theirs from the start."""
    if with_dialer(promise):
        return False
    if promise.state == "taken":
        over = now > promise.since + timedelta(minutes=rule.hold)
        return promise.assignee == who or over
    return promise.assignee in ("", who) or is_late(rule, promise, now)


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, most in _TEXTS.items():
        text = texts.get(name, "").strip()
        if not text:
            raise MatterRefused("missing", place=name)
        if len(text) > most:
            raise MatterRefused("too_long", place=name, most=str(most))
        found[name] = text
    return found


def _span(rule: PromiseRule, day: date, zone: Zone, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the first and last time on the grid of a working day that are to come; None: it is over."""
    opens, closes = rule.window
    grid = timedelta(minutes=rule.grid)
    first = max(datetime.combine(day, opens, place) for place in zone.places)
    last = min(datetime.combine(day, closes, place) for place in zone.places) - grid
    if now > first:
        first += -((first - now) // grid) * grid
    return (first, last) if first <= last else None


def promise_result(
    promises: PromiseTable, calendar: WorkingCalendar, matter: Matter, matter_id: str, code: str, act: Act
) -> Moved:
    """Return the promise to tell how a case or complaint stands, soon and by anyone.

    The taxpayer's zone is not known from a number, so the hours are those of all three. Raises
    MatterRefused: the matter names nobody to call.
    """
    number, name = (
        matter.body.get("contact", ""),
        matter.body.get("contact_name") or matter.body.get("reporter"),
    )
    if not number or not name:
        raise MatterRefused("nobody_to_call")
    rule = promises.at(act.at)
    origin = Origin(
        matter_id, code, matter.call_id, matter.rung, matter.taxpayer_id, act.who, matter.team, act.at
    )
    return make_promise(
        promises,
        calendar,
        origin,
        at=nearest(rule, calendar, act.at + timedelta(minutes=rule.result), Zone.UNKNOWN, act.at),
        zone=Zone.UNKNOWN,
        owner=Owner.ANYONE,
        number=number,
        confirmed=True,  # when the matter was opened
        texts={"name": name, "about": act.note or matter.code},
        parent=matter.matter_id,
    )
