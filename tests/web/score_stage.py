"""Scores with doubles behind them: three agents, two reviewers, a recording in which two agents talked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx

from domain.staff import Staff, StaffRole
from recording.quality.blind import Assignment
from recording.quality.forms import Form
from recording.quality.scores import Answer, Given, Kind, Score, ScoreState
from recording.quality.scoring import evaluate
from recording.recordings import Mark, MarkKind, Mode, Recording
from recording.states import State
from storage.recordings_memory import MemoryRecordings
from storage.scores_memory import MemoryForms, MemoryScores
from tests.web.floor_double import agent_view
from tests.web.page_parts import COLLEAGUE, OWN, PageParts, page_app
from web.errors import add_error_handlers
from web.score_port import ScorePort
from web.score_routes import add_score_routes
from web.visitor import Visitor

CALL_AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
ONE, TWO = "1" * 32, "2" * 32  # recordings: of OWN who gave the call to COLLEAGUE; of COLLEAGUE
FIRST, SECOND, LEAD = "reviewer", "second", "lead"
SESSIONS = {
    FIRST: (StaffRole.QUALITY, "", ""),
    SECOND: (StaffRole.QUALITY, "", ""),
    LEAD: (StaffRole.QUALITY_LEAD, "", ""),
    "agent": (StaffRole.AGENT, OWN, "alfa"),
    "colleague": (StaffRole.AGENT, COLLEAGUE, "beta"),
    "leader": (StaffRole.TEAM_LEADER, "", "alfa"),
    "beta_leader": (StaffRole.TEAM_LEADER, "", "beta"),
    "chief": (StaffRole.SUPERVISOR, "", ""),
    "planner": (StaffRole.PLANNER, "", ""),
}


def staff_id(who: str) -> str:
    """Return the id of somebody of SESSIONS."""
    return who.encode().hex().ljust(32, "0")[:32]


@dataclass(slots=True)
class BlindDouble:
    """Nobody scores blind until a test says so."""

    details_of: dict[tuple[str, str], Assignment] = field(default_factory=dict)
    closed_to: set[tuple[str, str]] = field(default_factory=set)
    told: list[Score] = field(default_factory=list)

    def ask(self, who: str, recording: str, assignment: Assignment) -> None:
        self.details_of[staff_id(who), recording] = assignment

    async def assignment(self, staff_id: str, recording_id: str) -> Kind | None:
        found = self.details_of.get((staff_id, recording_id))
        return found.kind if found else None

    async def details(self, staff_id: str, recording_id: str) -> Assignment | None:
        return self.details_of.get((staff_id, recording_id))

    async def hides(self, staff_id: str, recording_id: str) -> bool:
        return recording_id in await self.hidden(staff_id)

    async def hidden(self, staff_id: str) -> frozenset[str]:
        found = {*self.details_of, *self.closed_to}
        return frozenset(recording for who, recording in found if who == staff_id)

    async def scored(self, score: Score) -> None:
        self.told.append(score)
        found = (score.reviewer, score.recording_id)
        self.details_of.pop(found, None)
        self.closed_to.add(found)


@dataclass(slots=True)
class RestrictedDouble:
    """Nothing is restricted until a test says so."""

    ids: frozenset[str] = frozenset()
    fault: Exception | None = None

    async def recordings(self) -> frozenset[str]:
        if self.fault is not None:
            raise self.fault
        return self.ids


class PeopleDouble:
    """The staff of SESSIONS."""

    async def all(self) -> list[Staff]:
        return [
            Staff(staff_id(who), who, f"Contoh {who}", frozenset({role}), number, team)
            for who, (role, number, team) in SESSIONS.items()
        ]


@dataclass(slots=True)
class ScoreStage:
    """The application and what stands behind it."""

    parts: PageParts
    scores: MemoryScores
    forms: MemoryForms
    recordings: MemoryRecordings
    blind: BlindDouble
    record: dict[str, str]
    restricted: RestrictedDouble

    def client(self, who: str = FIRST, *, page: bool = False) -> httpx.AsyncClient:
        return self.parts.client(who, page=page)

    async def get(self, who: str, path: str, *, page: bool = False) -> httpx.Response:
        async with self.client(who, page=page) as client:
            return await client.get(path)

    async def send(self, who: str, method: str, path: str, body: object = None) -> httpx.Response:
        async with self.client(who) as client:
            return await client.request(method, path, json=body)

    async def form_of(self, name: str = "inbound", version: int = 1) -> Form:
        return await self.forms.get(name, version)

    async def scoring(self, who: str = FIRST, recording: str = ONE) -> dict[str, Any]:
        """Return what somebody is offered to fill in."""
        answer = await self.get(who, f"/api/recordings/{recording}/scores")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["scoring"]
        return found

    async def body(
        self, who: str = FIRST, recording: str = ONE, **changes: object
    ) -> tuple[str, dict[str, Any]]:
        """Return the id and a whole body: every question answered yes, every fact as a good call has it."""
        offered = await self.scoring(who, recording)
        form = await self.form_of(offered["form"]["name"], offered["form"]["version"])
        body = {
            "recording_id": recording,
            "person": offered["person"],
            "kind": offered["kind"],
            "form": form.name,
            "form_version": form.version,
            "count": offered["count"],
            "answers": {one.code: {"answer": "yes"} for one in form.questions},
            "facts": good_facts(form, Kind(offered["kind"])),
            "summary": "Baik.",
        }
        return offered["score_id"], {**body, **changes}

    async def finished(self, who: str = FIRST, recording: str = ONE, **changes: object) -> dict[str, Any]:
        """Make a score final."""
        score_id, body = await self.body(who, recording, **changes)
        answer = await self.send(who, "POST", f"/api/scores/{score_id}/finish", body)
        assert answer.status_code == 200, answer.text
        final: dict[str, Any] = answer.json()
        return final

    @property
    def acts(self) -> list[tuple[str, str]]:
        return [(row.act, row.subject) for row in self.parts.audit.rows]


def good_facts(form: Form, kind: Kind) -> dict[str, str]:
    """Return a value for each fact that must be given."""
    return {one.code: next(iter(one.values)) for one in form.facts_for(kind) if not one.default}


def recording(recording_id: str, agent: str, number: int, **changes: object) -> Recording:
    """Return a sealed recording."""
    rest: dict[str, Any] = {"direction": "in", "queue": "efin", "campaign_id": "", **changes}
    return Recording(
        recording_id=recording_id, call_id=f"call-{number}", number=1, channel=f"chan-{number}", agent=agent,
        language="id", mode=Mode.ALWAYS, state=State.SEALED, planned_at=CALL_AT, started_at=CALL_AT,
        stopped_at=CALL_AT + timedelta(minutes=5), expected_ms=300_000, audio_ms=300_000, **rest,
    )  # fmt: skip


@cache
def shipped_forms() -> MemoryForms:
    """Return the shipped forms; reading them takes half a second."""
    return MemoryForms(CALL_AT)


def score_port(
    scores: MemoryScores,
    forms: MemoryForms,
    recordings: MemoryRecordings,
    folder: Path,
    blind: BlindDouble | None = None,
    record: Mapping[str, str] | None = None,
    restricted: RestrictedDouble | None = None,
) -> ScorePort:
    """Return what the routes of scores stand on."""

    async def seen(_: Recording, agent: str) -> Mapping[str, str]:
        return record or {}

    return ScorePort(
        scores, forms, recordings, blind or BlindDouble(), PeopleDouble(), seen,  # type: ignore[arg-type]
        lambda at: date(2999, 1, 1), lambda session: "k" * 43 + "=", folder,
        restricted or RestrictedDouble(),
    )  # fmt: skip


async def score_stage(
    folder: Path, forms: MemoryForms | None = None, scores: MemoryScores | None = None
) -> ScoreStage:
    """Return the application with two recordings and nothing scored.

    `forms`: where a test changes them; `scores`: kept elsewhere than in memory.
    """
    recordings, blind, restricted = MemoryRecordings(), BlindDouble(), RestrictedDouble()
    record: dict[str, str] = {}
    scores, forms = scores or MemoryScores(), forms or shipped_forms()
    await recordings.plan(recording(ONE, OWN, 1))
    await recordings.mark(
        ONE,
        [
            Mark(MarkKind.TALK, 0, 120_000, OWN),
            Mark(MarkKind.WAITING, 120_000, 130_000, "efin"),
            Mark(MarkKind.TALK, 130_000, 300_000, COLLEAGUE),
        ],
    )
    await recordings.plan(recording(TWO, COLLEAGUE, 2))
    await recordings.mark(TWO, [Mark(MarkKind.TALK, 0, 300_000, COLLEAGUE)])

    port = score_port(scores, forms, recordings, folder, blind, record, restricted)
    parts = page_app([partial(add_score_routes, port=port)])
    add_error_handlers(parts.app, parts.shared.render)
    for who, (role, number, team) in SESSIONS.items():
        person = Staff(staff_id(who), who, f"Contoh {who}", frozenset({role}), number, team)
        parts.sessions.visitors[who] = Visitor(person, f"session-{who}", "the-session's-token")
    parts.floor.view = {
        OWN: agent_view(OWN, on_air_name="Melati", team="alfa"),
        COLLEAGUE: agent_view(COLLEAGUE, on_air_name="Kenanga", team="beta"),
    }
    return ScoreStage(parts, scores, forms, recordings, blind, record, restricted)


async def put_final(stage: ScoreStage, score_id: str, agent: str, **changes: Any) -> Score:
    """Keep a final score without a page: all answered yes but what `no` names."""
    name, no = changes.pop("form", "inbound"), changes.pop("no", ())
    form = await stage.form_of(name)
    answers = {
        one.code: Given(Answer.NO if one.code in no else Answer.YES, "", changes.pop("at_ms", None))
        for one in form.questions
    }
    kind, at = changes.pop("kind", Kind.REVIEW), changes.pop("at", CALL_AT)
    score = Score(
        score_id, changes.pop("recording_id", score_id), "call-9", agent, name, 1, kind, ScoreState.DRAFT,
        changes.pop("reviewer", staff_id(FIRST)), answers, good_facts(form, kind),
        changes.pop("summary", ""), at, **changes,
    )  # fmt: skip
    return await stage.scores.finish(score, evaluate(form, answers, score.facts, kind), at)
