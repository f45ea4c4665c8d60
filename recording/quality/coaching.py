"""Coaching: tasks that come from low criteria, for an agent and their team leader. Pure.

What is low, of how many scores, and which steps follow is dated data (`data/coaching.yaml`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import msgspec

from acd.machine import Impossible, table
from desk.matter_data import TableProblem, check_order, in_force, read_table
from desk.working_days import WorkingCalendar, after, office_day
from recording.quality.scores import Answer, Kind, Score, ScoreState

DATA = Path(__file__).parent / "data"
LONGEST = 2000  # characters of what changed
_COUNTS = frozenset({ScoreState.FINAL, ScoreState.SIGNED})
_COUNTING_KINDS = frozenset({Kind.REVIEW, Kind.APPEAL})

TASK = table(
    "coaching",
    "A coaching task, from what was low to what changed.",
    {
        "open": "agent and team leader know of it",
        "begun": "a step of it was done",
        "told": "the agent says what changed; the team leader is to confirm it",
        "done": "confirmed, with what changed",
        "dropped": "not needed any more, with the reason",
    },
    {
        "step": "a step was done",
        "tell": "the agent says what changed",
        "again": "the team leader finds that it has not changed yet",
        "confirm": "the team leader confirms, with what changed",
        "drop": "the team leader or SPV PKL drops it",
    },
    """
    open, begun + step -> begun
    open, begun + tell -> told
    told + again -> begun
    open, begun, told + confirm -> done
    open, begun, told + drop -> dropped
    """,
    """
    step: * = the agent has told what changed, or it is over
    tell: * = told already, or it is over
    again: * = nothing was told, or it is over
    confirm: * = it is over
    drop: * = it is over
    """,
)
OVER = frozenset({"done", "dropped"})


class CoachingUnavailable(Exception):
    """Coaching tasks cannot be read or written at the moment; nothing was changed."""


class CoachingChanged(Exception):
    """Somebody else changed the task in the meantime. Load it again."""


class CoachingRefused(Exception):
    """What was asked for is not allowed. `word` names the reason in the catalogue, `place` the field."""

    def __init__(self, word: str, place: str = "") -> None:
        super().__init__(f"{word} {place}".strip())
        self.word = word
        self.place = place


class CoachingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a task comes about: the mean share of a criterion over the latest scores is below a bound."""

    name: str
    below: int  # per cent of the points that could be had
    scores: int  # of the latest ones; fewer: no task
    within: int  # days back
    days: int  # working days to do it
    steps: tuple[str, ...]  # words of the catalogue
    criteria: tuple[str, ...] = ()  # none: every criterion
    assumed: bool = False


class CoachingVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table of one time; the first rule that fits makes the task."""

    since: date
    source: str
    rules: tuple[CoachingRule, ...]
    by_hand: int  # working days of a task that somebody made by hand
    steps: tuple[str, ...]  # of such a task
    assumed: bool = False


class CoachingTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All versions."""

    versions: tuple[CoachingVersion, ...]

    def on(self, day: date) -> CoachingVersion:
        """Return the version in force on a day."""
        return in_force(self.versions, day)


@dataclass(frozen=True, slots=True)
class Link:
    """A score that a task comes from, with the places of the recording where points were lost."""

    score_id: str
    recording_id: str
    places: Sequence[int] = ()  # milliseconds


@dataclass(frozen=True, slots=True)
class Task:
    """A coaching task as it stands."""

    task_id: str  # 32 hex digits
    agent: str  # staff number
    team: str
    criterion: str
    rule: str  # by which it came about; "by_hand" if somebody made it
    share: Decimal | None  # per cent: the mean that led to it; None: made by hand
    state: str  # of TASK
    opened_by: str  # staff_id, or "system"
    opened_at: datetime  # aware, UTC
    due_on: date
    steps: Sequence[str]
    links: Sequence[Link]
    done: Mapping[str, datetime] = field(default_factory=dict)  # step → when
    closed_at: datetime | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class TaskStep:
    """One row of a task's trail."""

    task_id: str
    number: int  # the task's version after it
    at: datetime
    who: str
    what: str  # an event of TASK, or "opened"
    state: str
    step: str = ""  # which one was done
    note: str = field(default="", repr=False)  # what changed, or why; sealed at rest


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """A task after a step, and the step."""

    task: Task
    step: TaskStep


class Tasks(Protocol):
    """Keeps coaching tasks. Every method raises CoachingUnavailable."""

    async def open(self, moved: TaskMoved) -> bool:
        """Keep a new task; False: the agent has an open one for this criterion."""
        ...

    async def change(self, moved: TaskMoved) -> Task:
        """Keep a step. Raises CoachingChanged."""
        ...

    async def get(self, task_id: str) -> Task:
        """Return one. Raises KeyError."""
        ...

    async def trail(self, task_id: str) -> Sequence[TaskStep]:
        """Return every step, first to last."""
        ...

    async def find(
        self, agents: Sequence[str] = (), team: str = "", *, closed: bool = False, most: int = 200
    ) -> Sequence[Task]:
        """Return tasks, those due first in front; closed ones newest first."""
        ...

    async def used(self, score_ids: Collection[str], criterion: str) -> bool:
        """Whether one of these scores led to a task for this criterion already."""
        ...


def load_coaching_table(folder: Path = DATA) -> CoachingTable:
    """Read `coaching.yaml`. Raises desk.matter_data.TableProblem."""
    path = folder / "coaching.yaml"
    found = read_table(path, CoachingTable)
    check_order(path, found.versions)
    for version in found.versions:
        for rule in version.rules:
            fits = 0 < rule.below <= 100 and min(rule.scores, rule.within, rule.days) >= 1
            if not fits or not rule.steps or len(set(rule.steps)) != len(rule.steps):
                raise TableProblem(f"{path.name}: {rule.name}: a bound, count or step is wrong.")
    return found


def counting(scores: Iterable[Score]) -> Sequence[Score]:
    """Return the scores that count: reviews that no appeal replaced, and what appeals put in their place."""
    return [one for one in scores if one.kind in _COUNTING_KINDS and one.state in _COUNTS and one.result]


def share_of(score: Score, criterion: str) -> Decimal | None:
    """Return the per cent of a criterion's points that a score gives; None: nothing could be had."""
    lines = score.result.lines if score.result is not None else ()
    mine = [line for line in lines if line.criterion == criterion]
    most = sum((line.most for line in mine), Decimal())
    if not most:
        return None
    return (100 * sum((line.points for line in mine), Decimal()) / most).quantize(Decimal("0.01"))


def link_to(score: Score, criterion: str, criteria: Mapping[str, str]) -> Link:
    """Return a link to a score with the places where points of a criterion were lost.

    `criteria`: what can be answered → its criterion (`appeals_rules.criteria`).
    """
    given = [one for item, one in score.answers.items() if criteria.get(item) == criterion]
    places = {one.at_ms for one in given if one.answer is Answer.NO and one.at_ms is not None}
    return Link(score.score_id, score.recording_id, tuple(sorted(places)))


def proposals(
    version: CoachingVersion, scores: Iterable[Score], now: datetime
) -> Sequence[tuple[str, str, CoachingRule, Decimal, Sequence[Score]]]:
    """Return what is low: agent, criterion, rule, mean share in per cent, and the scores it comes from."""
    by_agent: dict[str, list[Score]] = defaultdict(list)
    for score in sorted(counting(scores), key=lambda one: one.final_at or one.started_at, reverse=True):
        by_agent[score.agent].append(score)
    found = []
    for agent, mine in sorted(by_agent.items()):
        for criterion in _criteria(mine):
            for rule in version.rules:
                low = _low(rule, criterion, mine, now)
                if low is not None:
                    found.append((agent, criterion, rule, *low))
                    break
    return found


def _criteria(scores: Iterable[Score]) -> Sequence[str]:
    lines = (line for one in scores if one.result is not None for line in one.result.lines)
    return list(dict.fromkeys(line.criterion for line in lines))


def _low(
    rule: CoachingRule, criterion: str, scores: Sequence[Score], now: datetime
) -> tuple[Decimal, Sequence[Score]] | None:
    if rule.criteria and criterion not in rule.criteria:
        return None
    since = now - timedelta(days=rule.within)
    shares = [
        (share, one)
        for one in scores
        if one.final_at is not None
        and one.final_at >= since
        and (share := share_of(one, criterion)) is not None
    ][: rule.scores]
    if len(shares) < rule.scores:
        return None
    mean = sum((share for share, _ in shares), Decimal()) / len(shares)
    return None if mean >= rule.below else (mean.quantize(Decimal("0.01")), [one for _, one in shares])


def open_task(task: Task, calendar: WorkingCalendar, days: int, note: str = "") -> TaskMoved:
    """Return a new task with its due day (`task.due_on` is replaced) and the first row of its trail."""
    if len(note) > LONGEST:
        raise CoachingRefused("too_long", "note")
    made = replace(task, due_on=after(calendar, office_day(task.opened_at), days))
    row = TaskStep(made.task_id, 1, made.opened_at, made.opened_by, "opened", made.state, "", note)
    return TaskMoved(made, row)


def move_task(task: Task, event: str, who: str, at: datetime, note: str = "", step: str = "") -> TaskMoved:
    """Return a task after an event. Raises CoachingRefused."""
    if event != "step" and not note.strip():
        raise CoachingRefused("missing", "note")
    if len(note) > LONGEST:
        raise CoachingRefused("too_long", "note")
    if event == "step" and (step not in task.steps or step in task.done):
        raise CoachingRefused("no_choice", "step")
    try:
        state = TASK.after(task.state, event)
    except Impossible as error:
        raise CoachingRefused("not_possible") from error
    if (task.state, event) not in TASK.moves:
        raise CoachingRefused("not_possible")
    moved = replace(
        task,
        state=state,
        done={**task.done, step: at} if event == "step" else task.done,
        closed_at=at if state in OVER else None,
        version=task.version + 1,
    )
    return TaskMoved(moved, TaskStep(task.task_id, moved.version, at, who, event, state, step, note))
