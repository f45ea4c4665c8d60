"""What follows an outcome, a disposition or a refusal of the gate. Pure; spacings are data (`retry.yaml`).

Further attempts are counted over all causes: what one cause allows is not added to what another allows, and
the campaign's cap and the taxpayer's stand above both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import WorkingCalendar, office_day
from dialer.attempts import DialOutcome
from dialer.campaigns import Definition, RetryRule, Window
from dialer.dispositions import Disposition, Flag
from dialer.kinds import DATA
from dialer.leads import FollowUp, Lead, LeadState
from dialer.reasons import WhyNot
from dialer.windows import next_open, why_closed
from domain.zones import Zone

NO_NUMBER_LEFT = "no_number_left"
"""Why a lead is done whose numbers all lead nowhere."""

_CODES = frozenset(one.value for one in DialOutcome)
_NO_RETRY = RetryRule(0, timedelta())
_A_DAY = timedelta(days=1)


class RetryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the table says of one cause; `spacing` in minutes."""

    attempts: int
    spacing: float
    next_number: bool = False
    dead_number: bool = False


class CallbackRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds of promised times: minutes, but for `horizon`, which is days."""

    grid: int
    horizon: int
    mine_late: int


class RetryVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules in force from a day."""

    since: date
    outcomes: Mapping[DialOutcome, RetryRow]
    dispositions: Mapping[str, RetryRow]
    callback: CallbackRule
    assumed: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """Return every code that a campaign may have a rule of its own for."""
        return _CODES | self.dispositions.keys()

    def row(self, code: str) -> RetryRow | None:
        """Return the table's row of an outcome or disposition."""
        return self.outcomes.get(DialOutcome(code)) if code in _CODES else self.dispositions.get(code)

    def rule(self, code: str, definition: Definition) -> RetryRule:
        """Return what holds for a campaign: its own rule, or the table's; never again without either."""
        own, row = definition.retry.get(code), self.row(code)
        if own is not None or row is None:
            return own or _NO_RETRY
        return RetryRule(row.attempts, timedelta(minutes=row.spacing), row.next_number)


class RetryTable:
    """All versions of `retry.yaml`."""

    def __init__(self, versions: tuple[RetryVersion, ...]) -> None:
        self._versions = versions

    def at(self, now: datetime) -> RetryVersion:
        """Return the rules in force at a time."""
        return in_force(self._versions, office_day(now))


@dataclass(frozen=True, slots=True)
class CallbackWish:
    """When somebody asked to be called, and by whom."""

    at: datetime  # aware
    owner: str = ""  # staff number of the agent who promised it; empty: anyone


class CallbackRefused(Exception):
    """A time cannot be promised. `word` says why; `nearest` is one that can, if there is any."""

    def __init__(self, word: str, nearest: datetime | None = None) -> None:
        super().__init__(word)
        self.word, self.nearest = word, nearest


@dataclass(frozen=True, slots=True)
class FollowUpRules:
    """What holds for a campaign at a moment."""

    retry: RetryVersion
    definition: Definition
    calendar: WorkingCalendar

    def after_outcome(self, lead: Lead, outcome: DialOutcome, now: datetime) -> FollowUp:
        """Return what becomes of a lead whose attempt ended so; it is not in `lead.attempts` yet.

        A promise stays a promise while the person was not reached.
        """
        after = self._again(replace(lead, attempts=lead.attempts + 1), outcome.value, now)
        if not lead.promised or after.state is not LeadState.READY:
            return after
        return self._promised(after, lead.owner)

    def after_disposition(
        self,
        lead: Lead,
        code: str,
        disposition: Disposition,
        now: datetime,
        wish: CallbackWish | None = None,
    ) -> FollowUp:
        """Return what becomes of a lead by what its agent says; the attempt is in `lead.attempts` already.

        Raises CallbackRefused: the disposition needs a time and has none, or one that cannot be promised.
        """
        if disposition.has(Flag.TERMINAL):
            return _done(lead, code, now)
        if disposition.has(Flag.RETRY):
            return self._again(lead, code, now)
        if wish is None:
            raise CallbackRefused("missing")
        if lead.attempts >= self.definition.caps.life:
            return _done(lead, WhyNot.CAP_LIFE.value, now)
        due = self.check_callback(wish.at, lead.contact.zone, now)
        return self._promised(_ready(lead, code, due), wish.owner)

    def check_callback(self, at: datetime, zone: Zone, now: datetime) -> datetime:
        """Return `at` if somebody of this zone may be promised a call then. Raises CallbackRefused."""
        rule, window = self.retry.callback, self.definition.window
        if at.tzinfo is None:
            raise CallbackRefused("no_time")
        if at > now + timedelta(days=rule.horizon):
            raise CallbackRefused("too_far")
        if at >= now and why_closed(window, self.calendar, at, zone) is None:
            return at
        grid = timedelta(minutes=rule.grid)
        nearest = allowed_from(window, self.calendar, max(at, now), zone)
        epoch = datetime(2000, 1, 1, tzinfo=UTC)
        nearest = allowed_from(window, self.calendar, epoch - (epoch - nearest) // grid * grid, zone)
        raise CallbackRefused("past" if at < now else "outside_window", nearest)

    def _again(self, lead: Lead, code: str, now: datetime) -> FollowUp:
        rule, row = self.retry.rule(code, self.definition), self.retry.row(code)
        if lead.attempts >= self.definition.caps.life:
            return _done(lead, WhyNot.CAP_LIFE.value, now)
        if lead.attempts > rule.attempts:
            return _done(lead, code, now)
        if row is not None and row.dead_number:
            lead = replace(lead, dead_numbers=lead.dead_numbers | {lead.number})
        if rule.next_number or lead.number in lead.dead_numbers:
            number = next_number(lead)
            if number is None:
                return _done(lead, NO_NUMBER_LEFT, now)
            lead = replace(lead, number=number)
        due = allowed_from(self.definition.window, self.calendar, now + rule.spacing, lead.contact.zone)
        return _ready(lead, code, due)

    def _promised(self, after: FollowUp, owner: str) -> FollowUp:
        late = timedelta(minutes=self.retry.callback.mine_late)
        anyone = after.due_at + late if owner else None
        return replace(after, owner=owner, promised=True, anyone_from=anyone)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the gate refused a lead, and from when on it may be asked again; None: never."""

    why: WhyNot
    until: datetime | None


def after_refusal(lead: Lead, refusal: Refusal, now: datetime) -> FollowUp:
    """Return what becomes of a lead that the gate refused. A number that may not be called gives way."""
    if refusal.why in (WhyNot.WRONG_NUMBER, WhyNot.NOT_A_NUMBER):
        lead = replace(lead, dead_numbers=lead.dead_numbers | {lead.number})
        number = next_number(lead)
        if number is None:
            return _done(lead, refusal.why.value, now)
        return _kept(replace(lead, number=number), refusal.why, lead.due_at)
    if refusal.until is None:
        return _done(lead, refusal.why.value, now)
    return _kept(lead, refusal.why, refusal.until)


def next_number(lead: Lead) -> int | None:
    """Return the index of the number that goes next, round and round; None: all lead nowhere."""
    count = len(lead.contact.number_keys)
    ahead = ((lead.number + step) % count for step in range(1, count + 1))
    return next((index for index in ahead if index not in lead.dead_numbers), None)


def allowed_from(window: Window, calendar: WorkingCalendar, at: datetime, zone: Zone) -> datetime:
    """Return the first moment from `at` on at which a zone may be called; a day later if none is found."""
    try:
        return next_open(window, calendar, at, zone)
    except ValueError:
        return at + _A_DAY  # the gate refuses it then, and asks again


def load_retry(folder: Path = DATA) -> RetryTable:
    """Read `retry.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "retry.yaml"
    versions = read_table(path, _Table).versions
    check_order(path, versions)
    for version in versions:
        if missing := sorted(set(DialOutcome) - version.outcomes.keys()):
            raise TableProblem(f"{path.name}: outcomes are missing: {', '.join(missing)}. Remedy: add them.")
        if twice := sorted(_CODES & version.dispositions.keys()):
            raise TableProblem(f"{path.name}: outcome and disposition at once: {', '.join(twice)}.")
        for code, row in (*version.outcomes.items(), *version.dispositions.items()):
            if row.attempts < 0 or row.spacing < 0:
                raise TableProblem(f"{path.name}: {code}: attempts and spacing are at least 0.")
        if min(version.callback.grid, version.callback.horizon, version.callback.mine_late) < 1:
            raise TableProblem(f"{path.name}: callback: every number is at least 1.")
    return RetryTable(versions)


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versions: tuple[RetryVersion, ...]


def _done(lead: Lead, reason: str, now: datetime) -> FollowUp:
    return FollowUp(LeadState.DONE, now, reason, lead.number, dead_numbers=lead.dead_numbers)


def _ready(lead: Lead, reason: str, due: datetime) -> FollowUp:
    return FollowUp(LeadState.READY, due, reason, lead.number, dead_numbers=lead.dead_numbers)


def _kept(lead: Lead, why: WhyNot, due: datetime) -> FollowUp:
    # Whose promise it is stays for as long after the new time as it would have after the old one.
    anyone = None if lead.anyone_from is None else max(lead.anyone_from, lead.anyone_from - lead.due_at + due)
    return FollowUp(
        LeadState.READY,
        due,
        why.value,
        lead.number,
        lead.owner,
        lead.promised,
        anyone,
        lead.dead_numbers,
    )
