"""What follows from what an agent says of a call: the lead, suppressions, what is said back. Pure.

Pages, the command line and the time-out use the same rules. A disposition may be corrected while the call is
with its agent: the last one counts, and what an earlier one suppressed is lifted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from desk.working_days import WorkingCalendar, office_day
from dialer.campaigns import Definition
from dialer.contacts import Key
from dialer.desk_rules import DeskTable
from dialer.disposed import NO_DISPOSITION, SYSTEM, Disposed
from dialer.dispositions import Disposition, DispositionTable, Flag
from dialer.leads import FollowUp, Lead, LeadState
from dialer.reasons import WhyNot
from dialer.retry import CallbackRefused, CallbackWish, FollowUpRules, RetryTable


@dataclass(frozen=True, slots=True)
class Talked:
    """The call that a disposition is about."""

    call_id: str
    attempt_id: str
    definition: Definition
    lead: Lead
    agent: str  # staff number of who had it
    by: str  # staff_id
    number: int = 0  # index of the number that was dialled
    counted: bool = True  # the attempt is in `lead.attempts` already


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent chose."""

    code: str
    at: datetime | None = None  # of a callback; aware
    mine: bool = False  # the agent makes that call
    promised_on: date | None = None
    confirmed: bool = False  # that nobody is to call again


class DispositionRefused(Exception):
    """A disposition cannot be given so. `word` says why, `place` is the field; both are in the catalogue."""

    def __init__(
        self, word: str, place: str = "code", nearest: datetime | None = None, days: int = 0
    ) -> None:
        super().__init__(f"{place}: {word}")
        self.word, self.place, self.nearest, self.days = word, place, nearest, days


@dataclass(frozen=True, slots=True)
class Consequences:
    """What follows from a disposition."""

    row: Disposed
    after: FollowUp
    suppress: Mapping[Key, WhyNot] = field(default_factory=dict)
    lift: frozenset[Key] = frozenset()


class DispositionDesk:
    """The rules, with the tables in force."""

    def __init__(
        self, dispositions: DispositionTable, retry: RetryTable, rules: DeskTable, calendar: WorkingCalendar
    ) -> None:
        self._dispositions, self._retry, self._rules = dispositions, retry, rules
        self._calendar = calendar

    def offered(self, definition: Definition, now: datetime) -> Mapping[str, Disposition]:
        """Return what agents of a campaign choose from, in the order of the table."""
        return self._dispositions.at(now).offered(definition)

    def known(self, code: str, now: datetime) -> Disposition | None:
        """Return a disposition of the table in force, whatever the campaign; None: there is none."""
        return self._dispositions.at(now).dispositions.get(code)

    def give(self, talked: Talked, wish: Wish, earlier: Sequence[Disposed], now: datetime) -> Consequences:
        """Return what follows from a choice. Raises DispositionRefused.

        `earlier`: the call's dispositions so far.
        """
        chosen = self.offered(talked.definition, now).get(wish.code)
        if chosen is None:
            raise DispositionRefused("unknown")
        if chosen.has(Flag.DO_NOT_CALL) and not wish.confirmed:
            raise DispositionRefused("confirm", "confirmed")
        row = replace(
            _row(talked, earlier, wish.code, talked.by, now),
            promised_on=self._promised_on(chosen, wish, now),
            due_at=wish.at if chosen.has(Flag.CALLBACK) else None,
            owner=talked.agent if chosen.has(Flag.CALLBACK) and wish.mine else "",
        )
        return self.consequences(talked, row, earlier)

    def none_given(self, talked: Talked, earlier: Sequence[Disposed], now: datetime) -> Consequences | None:
        """Return what follows when the time is over without a disposition; None: there is one."""
        if earlier:
            return None
        return self.consequences(talked, _row(talked, (), NO_DISPOSITION, SYSTEM, now), ())

    def may_change(self, last: Disposed | None, now: datetime, *, live: bool) -> bool:
        """Whether the agent may give one, or another one. `live`: the call or its note is with them."""
        if live or last is None:
            return live
        return last.code == NO_DISPOSITION and now <= last.at + self._rules.at(last.at).late

    def consequences(self, talked: Talked, row: Disposed, earlier: Sequence[Disposed]) -> Consequences:
        """Return what follows from a row, the same whenever it is asked. Raises DispositionRefused."""
        keys = self._suppressed(talked, row)
        before = {key for one in earlier for key in self._suppressed(talked, one)}
        return Consequences(row, self._after(talked, row), keys, frozenset(before - keys.keys()))

    def _after(self, talked: Talked, row: Disposed) -> FollowUp:
        # An earlier disposition of this call may have moved the lead on; this one stands in its place.
        lead = replace(
            talked.lead,
            state=LeadState.READY,
            attempts=talked.lead.attempts + (0 if talked.counted else 1),
            number=talked.number,
            dead_numbers=talked.lead.dead_numbers - {talked.number},
            owner="",
            promised=False,
            anyone_from=None,
        )
        if row.code == NO_DISPOSITION:  # somebody was spoken to, nobody knows what of: a person decides
            return FollowUp(LeadState.DONE, row.at, row.code, lead.number, dead_numbers=lead.dead_numbers)
        disposition = self.known(row.code, row.at)
        if disposition is None:
            raise DispositionRefused("unknown")
        rules = FollowUpRules(self._retry.at(row.at), talked.definition, self._calendar)
        wish = None if row.due_at is None else CallbackWish(row.due_at, row.owner)
        try:
            return rules.after_disposition(lead, row.code, disposition, row.at, wish)
        except CallbackRefused as refused:
            nearest = refused.nearest
            if nearest is not None:
                nearest = nearest.astimezone(lead.contact.zone.shown_in)
            raise DispositionRefused(refused.word, "clock", nearest) from refused

    def _suppressed(self, talked: Talked, row: Disposed) -> dict[Key, WhyNot]:
        disposition = self.known(row.code, row.at)
        if disposition is None:
            return {}
        contact = talked.lead.contact
        number = contact.number_keys[talked.number]
        if disposition.has(Flag.DO_NOT_CALL):
            return {contact.taxpayer_key: WhyNot.DO_NOT_CALL, number: WhyNot.DO_NOT_CALL}
        return {number: WhyNot.WRONG_NUMBER} if disposition.has(Flag.WRONG_NUMBER) else {}

    def _promised_on(self, chosen: Disposition, wish: Wish, now: datetime) -> date | None:
        if not chosen.has(Flag.PROMISE):
            return None
        today, most = office_day(now), self._rules.at(now).promise
        if wish.promised_on is None:
            raise DispositionRefused("missing", "promised_on")
        if wish.promised_on < today:
            raise DispositionRefused("past", "promised_on")
        if wish.promised_on > today + timedelta(days=most):
            raise DispositionRefused("too_far", "promised_on", days=most)
        return wish.promised_on


def _row(talked: Talked, earlier: Sequence[Disposed], code: str, by: str, now: datetime) -> Disposed:
    return Disposed(
        call_id=talked.call_id,
        number=len(earlier) + 1,
        attempt_id=talked.attempt_id,
        campaign_id=talked.lead.campaign_id,
        lead_id=talked.lead.lead_id,
        at=now,
        by=by,
        agent=talked.agent,
        code=code,
    )
