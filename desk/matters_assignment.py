"""Who gets a matter: by skill and load, fairly, and with the reason told. Pure.

Whoever has the skill and the least to do over all clusters is given it; late matters weigh more. Of equals it
is whoever was given something the longest ago, then whoever has the fewest other skills, so that those who
can do everything stay free for what others cannot do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from desk.matters import Matter, MatterEvent, Worker
from desk.matters_work import WorkRule

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Burden:
    """What somebody has to do."""

    open: int = 0  # matters of every cluster, promises left out
    late: int = 0  # of these, past their due day
    last_given_at: datetime | None = None  # when they were last given or took one

    def load(self, rule: WorkRule) -> int:
        """Return how heavy it is: late ones weigh more."""
        return self.open + self.late * (rule.late_weight - 1)


class Why(StrEnum):
    """Why somebody was chosen."""

    ONLY_ONE = "only_one"  # nobody else could be
    LEAST_LOAD = "least_load"
    LONGEST_WITHOUT = "longest_without"  # equal load, waited longest for one
    FEWEST_SKILLS = "fewest_skills"
    BY_ORDER = "by_order"  # alike in everything


class WhyNot(StrEnum):
    """Why somebody of the cluster could not be chosen."""

    FULL = "full"  # has as many as the table allows
    GAVE_BACK = "gave_back"  # had this matter and gave it back


@dataclass(frozen=True, slots=True)
class Considered:
    """One of those who have the skill."""

    worker: Worker
    load: int
    why_not: WhyNot | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a matter goes to, and who else was considered; `worker` None: to nobody."""

    worker: Worker | None
    why: Why | None
    considered: Sequence[Considered]

    @property
    def words(self) -> dict[str, str]:
        """Return the reason for the trail: nothing personal."""
        if self.worker is None or self.why is None:
            return {}
        mine = next(one for one in self.considered if one.worker is self.worker)
        return {"why": self.why.value, "load": str(mine.load), "among": str(len(self.considered))}


def choose(
    rule: WorkRule,
    workers: Sequence[Worker],
    burdens: Mapping[str, Burden],
    matter: Matter,
    returned: frozenset[str] = frozenset(),
) -> Choice:
    """Return who gets a matter. `returned`: staff_ids who gave it back (`gave_back`); asked only last."""
    able = [one for one in workers if matter.cluster in one.clusters and one.staff_id != matter.assignee]
    considered = []
    for one in able:
        burden = burdens.get(one.staff_id, Burden())
        considered.append(Considered(one, burden.load(rule), _why_not(rule, one, burden, returned)))
    free = [one for one in considered if one.why_not is None]
    if not free:  # better with somebody who gave it back than with nobody
        free = [one for one in considered if one.why_not is WhyNot.GAVE_BACK]
    if not free:
        return Choice(None, None, considered)
    ranked = sorted(free, key=lambda one: _rank(one, burdens))
    return Choice(ranked[0].worker, _why(ranked, burdens), considered)


def gave_back(trail: Sequence[MatterEvent]) -> frozenset[str]:
    """Return who gave a matter back, by its trail."""
    return frozenset(event.who for event in trail if event.what == "release")


def _why_not(rule: WorkRule, worker: Worker, burden: Burden, back: frozenset[str]) -> WhyNot | None:
    if burden.open >= rule.most_open:
        return WhyNot.FULL
    return WhyNot.GAVE_BACK if worker.staff_id in back else None


def _rank(one: Considered, burdens: Mapping[str, Burden]) -> tuple[int, datetime, int, str]:
    last = burdens.get(one.worker.staff_id, Burden()).last_given_at or _NEVER
    return one.load, last, len(one.worker.clusters), one.worker.staff_id


def _why(ranked: Sequence[Considered], burdens: Mapping[str, Burden]) -> Why:
    if len(ranked) == 1:
        return Why.ONLY_ONE
    first, second = (_rank(one, burdens) for one in ranked[:2])
    reasons = (Why.LEAST_LOAD, Why.LONGEST_WITHOUT, Why.FEWEST_SKILLS)
    return next((why for why, a, b in zip(reasons, first, second, strict=False) if a != b), Why.BY_ORDER)
