"""What every route of planning needs: plans as they are shown, refusals, the trail."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import HTTPException, Request

from domain.audit import AuditRow
from reporting.planning.plans import KeptPlan, PlanRefused, PlansUnavailable
from web.field_refused import field_refused
from web.guard import visitor_of
from web.parts import Shared
from web.permissions import Permission
from web.plan_models import PlanRowView, PlanView
from web.plan_port import PlanPort
from web.plan_views import PlanWords, plan_view, row_view

TAGS = ["plans"]
WORK = Permission.PLAN_WORK

T = TypeVar("T")


class PlanDesk:
    """What every route of planning needs."""

    def __init__(self, shared: Shared, port: PlanPort) -> None:
        self.shared = shared
        self.port = port

    def words(self, request: Request) -> PlanWords:
        """Return texts and numbers in the language of whoever asks."""
        return PlanWords(self.shared.render.texts, self.shared.render.language(request))

    async def kept(self, plan_id: str) -> KeptPlan:
        """Return a plan. Raises HTTPException."""
        try:
            return await answered(self.port.plans.get(plan_id))
        except KeyError as error:
            raise HTTPException(404, "plans.not_there") from error

    async def view(self, kept: KeptPlan) -> PlanView:
        """Return a plan as it is shown. What came is left out where figures cannot be read."""
        try:
            happened = await self.port.planner.happened(kept.plan)
        except PlansUnavailable:
            happened = {}
        return plan_view(kept, happened, await self.port.people())

    async def rows(self, request: Request) -> list[PlanRowView]:
        """Return the plans in the list."""
        by, names = visitor_of(request).staff.staff_id, await self.port.people()
        return [row_view(row, names) for row in await answered(self.port.plans.rows(by))]

    async def did(self, request: Request, act: str, plan_id: str, **data: str) -> None:
        """Tell the trail of an act. Raises AuditUnavailable."""
        now, by = self.shared.clock.now(), visitor_of(request).staff.staff_id
        await self.shared.audit.record(AuditRow(now, by, act, f"plan:{plan_id}", data=data))


async def answered(work: Awaitable[T]) -> T:
    """Return what planning answers. Raises HTTPException, and 422 beside a field."""
    try:
        return await work
    except PlansUnavailable as error:
        raise HTTPException(503, "plans.unavailable") from error
    except PlanRefused as error:
        text = f"plans_refused.{error.word}"
        if not error.field:
            raise HTTPException(409, text) from error
        raise field_refused(error.field, text) from error
