"""Plans of staffing in memory: a double of `storage.plans`, under the same contract tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from reporting.planning.plans import KeptPlan, Plan, PlanRow


@dataclass(slots=True)
class MemoryPlans:
    """A `reporting.planning.ports.Plans`."""

    kept: dict[str, KeptPlan] = field(default_factory=dict)

    async def add(self, plan_id: str, plan: Plan, by: str, now: datetime) -> None:
        """Put a new plan on record, as a draft."""
        self.kept[plan_id] = KeptPlan(plan_id, now, by, plan)

    async def get(self, plan_id: str) -> KeptPlan:
        """Return one. Raises KeyError."""
        return self.kept[plan_id]

    async def rows(self, by: str, most: int = 100) -> Sequence[PlanRow]:
        """Return what is kept and not put away, and the drafts of `by`, newest first."""
        seen = [
            one
            for one in self.kept.values()
            if (one.kept_at is not None and not one.put_away) or (one.kept_at is None and one.made_by == by)
        ]
        seen.sort(key=lambda one: one.made_at, reverse=True)
        return [
            PlanRow(
                one.plan_id,
                one.name,
                one.plan.asked.first,
                one.plan.asked.last,
                one.made_at,
                one.made_by,
                one.kept_at,
                one.put_away,
            )
            for one in seen[:most]
        ]

    async def keep(self, plan_id: str, name: str, by: str, now: datetime) -> KeptPlan:
        """Keep a draft under a name; again it changes nothing. Raises KeyError."""
        found = self.kept[plan_id]
        if found.kept_at is None:
            self.kept[plan_id] = replace(found, name=name, kept_at=now, kept_by=by)
        return self.kept[plan_id]

    async def put_away(self, plan_id: str, by: str, now: datetime) -> None:
        """Take a kept plan out of the list. Raises KeyError."""
        found = self.kept[plan_id]
        if found.kept_at is None:
            raise KeyError(plan_id)
        self.kept[plan_id] = replace(found, put_away=True)

    async def forget_drafts(self, before: datetime) -> int:
        """Delete drafts made before a moment; return how many."""
        old = [key for key, one in self.kept.items() if one.kept_at is None and one.made_at < before]
        for key in old:
            del self.kept[key]
        return len(old)
