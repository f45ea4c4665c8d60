"""Sampling plans and their draws on a database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from domain.ids import new_id
from recording.quality.finding import Search
from recording.quality.finding_text import SearchRefused, read
from recording.quality.sampling import Candidate, Period, Plan, PlanRefused, Why, check, draw
from recording.quality.sampling_tasks import Draw, KeptPlan, PlanChanged, TaskState, WorkUnavailable
from recording.quality.sampling_text import from_text, to_text
from storage.database import Database
from storage.kept import Kept
from storage.review_find import ReviewFinder
from storage.review_tables import (
    review_draws,
    review_facts,
    review_names,
    review_places,
    review_plans,
    review_task_events,
    review_tasks,
)

_AT_ONCE = 500
_MOST = 2_000_000  # recordings of a period
_TRIES = 5
_p, _d, _f = review_plans.c, review_draws.c, review_facts.c


class _Overtaken(Exception):
    """Another draw took some of it in between."""


class _Chosen(NamedTuple):
    """By what was drawn."""

    definition: str
    seed: str


class ReviewPlans(Kept):
    """A `recording.quality.sampling_tasks.Plans`."""

    unavailable = WorkUnavailable

    def __init__(self, database: Database, finder: ReviewFinder) -> None:
        super().__init__(database)
        self._finder = finder

    async def all(self) -> Sequence[KeptPlan]:
        """Return every plan, active ones first."""
        query = sa.select(review_plans).order_by(_p.active.desc(), _p.changed_at, _p.plan_id)
        return await self._read(lambda connection: [_plan(row) for row in connection.execute(query).all()])

    async def keep(
        self, plan_id: str, plan: Plan, *, active: bool, expected: int, by: str, now: datetime
    ) -> KeptPlan:
        """Keep a new plan (`expected` 0) or a change of that version. Raises PlanChanged, PlanRefused."""
        check(plan)
        search_of(plan)
        values = {
            "version": expected + 1, "active": active, "definition": to_text(plan), "changed_by": by,
            "changed_at": now,
        }  # fmt: skip

        def work(connection: Connection) -> KeptPlan:
            row = connection.execute(sa.select(review_plans).where(_p.plan_id == plan_id)).first()
            if (0 if row is None else row.version) != expected:
                raise PlanChanged
            if row is None:
                connection.execute(sa.insert(review_plans).values(plan_id=plan_id, **values))
            else:
                same = sa.update(review_plans).where(_p.plan_id == plan_id, _p.version == expected)
                if connection.execute(same.values(values)).rowcount != 1:
                    raise PlanChanged
            return _plan(connection.execute(sa.select(review_plans).where(_p.plan_id == plan_id)).one())

        return await self._write(work)

    async def draws(self, plan_id: str, most: int = 20) -> Sequence[Draw]:
        """Return a plan's draws, newest first."""
        over = review_tasks.c.state.in_([TaskState.DONE.value, TaskState.SKIPPED.value])
        done = (
            sa.select(sa.func.count())
            .select_from(review_tasks)
            .where(review_tasks.c.draw_id == _d.draw_id, over)
            .scalar_subquery()
        )
        query = sa.select(review_draws, done.label("done")).where(_d.plan_id == plan_id)
        query = query.order_by(_d.at.desc()).limit(most)
        return await self._read(
            lambda connection: [_draw(row, row.done) for row in connection.execute(query).all()]
        )

    async def draw(
        self, plan_id: str, period: Period, due_on: date, by: str, now: datetime, seed: str = ""
    ) -> tuple[Draw, bool]:
        """Draw for a period, and put what was drawn on the work list. (draw, whether it is new)."""
        for _ in range(_TRIES):
            made = await self._read(partial(_made, plan_id=plan_id, period=period.name))
            if made is not None:
                return made, False
            row, found, taken = await self._read(
                partial(self._choose, plan_id=plan_id, period=period, seed=seed or secrets.token_hex(8))
            )
            values: dict[str, Any] = {
                "draw_id": new_id(), "plan_id": plan_id, "period": period.name, "at": now, "done_by": by,
                "seed": row.seed, "found": found, "taken": len(taken), "definition": row.definition,
            }  # fmt: skip
            try:
                await self._write(partial(_keep, values=values, taken=taken, due_on=due_on))
            except _Overtaken:
                continue
            return Draw(**{name: value for name, value in values.items() if name != "definition"}), True
        raise WorkUnavailable("other draws came in between each time; try again")

    def _choose(
        self, connection: Connection, plan_id: str, period: Period, seed: str
    ) -> tuple[_Chosen, int, Sequence[Candidate]]:
        """Return by what is drawn, among how many, and what. Of a month it takes a while."""
        text = connection.scalar(sa.select(_p.definition).where(_p.plan_id == plan_id))
        if text is None:
            raise KeyError(plan_id)
        plan = from_text(text)
        candidates = self._candidates(connection, plan, period)
        return _Chosen(text, seed), len(candidates), draw(candidates, plan, seed)

    def _candidates(self, connection: Connection, plan: Plan, period: Period) -> list[Candidate]:
        """Return what may be drawn: what the plan asks for of the period, heard, not scored, on no list."""
        search = replace(search_of(plan), since=period.first, until=period.last, audible=True, scored=False)
        query = self._finder.query(connection, search, _MOST)
        if query is None:
            return []
        places = query.subquery()
        known = sa.and_(review_names.c.kind == "agent", review_names.c.number == _f.agent)
        on_a_list = sa.exists().where(
            review_tasks.c.recording_id == review_places.c.recording_id,
        )
        wanted = (
            sa.select(_f.place, review_names.c.name, _f.seconds)
            .join(review_places, review_places.c.place == _f.place)
            .join(review_names, known)
            .where(_f.place.in_(sa.select(places.c.place)), ~on_a_list)
        )
        return [Candidate(place, agent, seconds) for place, agent, seconds in connection.execute(wanted)]


def search_of(plan: Plan) -> Search:
    """Return what a plan looks among. Raises PlanRefused."""
    if {"since", "until"} & set(plan.search):
        raise PlanRefused("search", "no_days")  # the days are the period's
    try:
        search = read(plan.search)
    except SearchRefused as error:
        raise PlanRefused(error.field, error.problem) from error
    match plan.why:
        case Why.TRANSFERS:
            least = max(1, search.transfers.least or 0)
            return replace(search, transfers=replace(search.transfers, least=least))
        case Why.NEW_AGENTS:
            return replace(search, new_agent=True)
        case Why.COMPLAINTS:
            return replace(search, complaint=True)
    return search


def _made(connection: Connection, plan_id: str, period: str) -> Draw | None:
    query = sa.select(review_draws).where(_d.plan_id == plan_id, _d.period == period)
    row = connection.execute(query).first()
    return None if row is None else _draw(row)


def _keep(connection: Connection, values: dict[str, Any], taken: Sequence[Candidate], due_on: date) -> None:
    """Keep a draw with its tasks, all or none. Raises _Overtaken."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE review_draws IN SHARE ROW EXCLUSIVE MODE"))
    if _made(connection, values["plan_id"], values["period"]) is not None:
        raise _Overtaken
    connection.execute(sa.insert(review_draws).values(values))
    for start in range(0, len(taken), _AT_ONCE):
        part = {one.place: one for one in taken[start : start + _AT_ONCE]}
        query = sa.select(review_places.c.place, review_places.c.recording_id)
        rows = connection.execute(query.where(review_places.c.place.in_(list(part)))).all()
        listed = review_tasks.c.recording_id.in_([row.recording_id for row in rows])
        if connection.scalar(sa.select(sa.func.count()).select_from(review_tasks).where(listed)):
            raise _Overtaken
        connection.execute(
            sa.insert(review_tasks),
            [_task_row(row.recording_id, part[row.place].agent, values, due_on) for row in rows],
        )
    first = sa.select(
        review_tasks.c.task_id,
        review_tasks.c.version,
        review_tasks.c.made_at,
        sa.literal(values["done_by"]),
        sa.literal("draw"),
        review_tasks.c.state,
        sa.literal(""),
    ).where(review_tasks.c.draw_id == values["draw_id"])
    connection.execute(sa.insert(review_task_events).from_select(list(review_task_events.c.keys()), first))


def _task_row(recording_id: str, agent: str, made: dict[str, Any], due_on: date) -> dict[str, Any]:
    return {
        "task_id": new_id(), "recording_id": recording_id, "draw_id": made["draw_id"],
        "plan_id": made["plan_id"], "why": from_text(made["definition"]).why.value, "agent": agent,
        "state": TaskState.WAITING.value, "reviewer": "", "due_on": due_on, "made_at": made["at"],
        "changed_at": made["at"], "version": 1,
    }  # fmt: skip


def _plan(row: Any) -> KeptPlan:
    return KeptPlan(
        row.plan_id, row.version, row.active, from_text(row.definition), row.changed_by, row.changed_at
    )


def _draw(row: Any, done: int = 0) -> Draw:
    return Draw(
        row.draw_id, row.plan_id, row.period, row.at, row.done_by, row.seed, row.found, row.taken, done
    )
