"""What happens to matters by itself, or at one press: signals of clocks, work given out by load and skill."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from desk.cases import move_case
from desk.complaint_referrals import referral_signals
from desk.complaints import give_to
from desk.matter_rules import MatterRules
from desk.matters import (
    Act,
    Matter,
    MatterBook,
    MatterChanged,
    MatterKind,
    MatterRefused,
    Moved,
    Worker,
    Workers,
)
from desk.matters_assignment import Burden, Choice, choose, gave_back
from desk.matters_watch import MatterWatch, Reached
from desk.matters_work import SYSTEM, Signal, signals
from desk.working_days import office_day
from domain.clock import Clock

_AHEAD = timedelta(days=60)  # no reminder comes earlier
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A matter, and whom it went to and why; `choice.worker` None: nobody could be given it."""

    matter: Matter
    choice: Choice


class MatterDesk:
    """Raises signals and gives work out. Every method raises desk.matters.MattersUnavailable."""

    def __init__(
        self, book: MatterBook, watch: MatterWatch, workers: Workers, rules: MatterRules, clock: Clock
    ) -> None:
        self._book, self._watch, self._workers = book, watch, workers
        self._rules, self._clock = rules, clock

    async def look_at_clocks(self) -> Sequence[Signal]:
        """Raise what the clocks of matters and of dispositions to units give now; return what is new."""
        return [*await self._look_at_steps(), *await self._look_at_units()]

    async def _look_at_steps(self) -> Sequence[Signal]:
        now, after, new = self._clock.now(), "", list[Signal]()
        rule = self._rules.work.at(now)
        while True:
            page = await self._watch.clocks(office_day(now + _AHEAD), after, _AT_ONCE)
            found = signals(rule, self._rules.calendar, page, now)
            new += await self._watch.raise_signals(found, now)
            if len(page) < _AT_ONCE:
                return new
            after = page[-1].matter_id

    async def _look_at_units(self) -> Sequence[Signal]:
        now, after, new = self._clock.now(), "", list[Signal]()
        rule, calendar = self._rules.work.at(now), self._rules.calendar
        while True:
            page = await self._watch.disposed(after, _AT_ONCE)
            raised = [referral_signals(rule, calendar, one.matter, one.trail, now) for one in page]
            new += await self._watch.raise_signals([one for some in raised for one in some], now)
            if len(page) < _AT_ONCE:
                return new
            after = page[-1].matter.matter_id

    async def choice(self, matter: Matter, workers: Sequence[Worker]) -> Choice:
        """Return who of these should get a matter, and why."""
        now = self._clock.now()
        burdens = await self._watch.burdens(office_day(now))
        trail = await self._book.trail(matter.matter_id)
        return choose(self._rules.work.at(now), workers, burdens, matter, gave_back(trail))

    async def give_out(self) -> Sequence[GivenOut]:
        """Give out what nobody took for too long, kind by kind as the table says."""
        now = self._clock.now()
        rule = self._rules.work.at(now)
        waited = now - timedelta(minutes=rule.unassigned)
        found = await self._watch.unassigned(rule.automatic, waited)
        return await self._give(found, await self._workers.workers(), SYSTEM)

    async def give_out_now(
        self, whose: Reached, kinds: Collection[MatterKind], by: str
    ) -> Sequence[GivenOut]:
        """Give out everything that nobody has, within reach, to people within reach; `by`: staff_id."""
        found = await self._watch.unassigned(kinds, self._clock.now())
        workers = await self._workers.workers()
        if whose.team is not None:
            workers = [one for one in workers if one.team == whose.team]
        return await self._give([one for one in found if whose.covers(one)], workers, by)

    async def _give(self, matters: Sequence[Matter], workers: Sequence[Worker], by: str) -> list[GivenOut]:
        if not matters:
            return []
        now, given = self._clock.now(), list[GivenOut]()
        rule, burdens = self._rules.work.at(now), dict(await self._watch.burdens(office_day(now)))
        for one in matters:
            trail = await self._book.trail(one.matter_id)
            choice = choose(rule, workers, burdens, one, gave_back(trail))
            if choice.worker is not None:
                try:
                    whole = await self._book.get(one.matter_id)
                    await self._book.change(assigned(self._rules, whole, choice, Act(by, now)))
                except (MatterChanged, MatterRefused):
                    continue  # somebody took it at this moment
                before = burdens.get(choice.worker.staff_id, Burden())
                after = replace(before, open=before.open + 1, last_given_at=now)
                burdens[choice.worker.staff_id] = after
            given.append(GivenOut(one, choice))
        return given


def assigned(rules: MatterRules, matter: Matter, choice: Choice, act: Act) -> Moved:
    """Return a matter that goes to who was chosen, with the reason on its trail. Raises MatterRefused."""
    worker = choice.worker
    if worker is None:
        raise MatterRefused("nobody_able")
    if matter.kind is MatterKind.CASE:
        found = move_case(rules.calendar, matter, "assign", act, worker.staff_id, worker.team)
    else:
        found = give_to(matter, worker.staff_id, act, worker.team)
    return Moved(found.matter, replace(found.event, words={**found.event.words, **choice.words}))
