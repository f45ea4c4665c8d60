"""Asks operations of the API, and holds every answer against the description, by schemathesis."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.requests import REQUESTS_TRANSPORT

from domain.staff import StaffRole
from tests.web.seen_words import english_sentences, raw_words
from web.guard import SESSION_COOKIE, Guard
from web.permissions import Permission, reach_of
from web.visitor import Visitor

BASE = "http://127.0.0.1:8080"
JSON = "application/json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
REFUSALS = ["409", "413"]  # beside those that schemathesis knows for what is not allowed
LEARNED = (
    "matter_id", "note_id", "score_id", "appeal_id", "round_id", "task_id", "plan_id", "search_id",
    "playback_id", "comment_id", "proof_id",
)  # fmt: skip  # ids that answers tell
UNSTORABLE = ("\0", "\ud800")  # not in PostgreSQL; not in UTF-8 at all: half of a pair
FILES = (
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/pdf",
)
PIECES = ("text/html", JSON, "text/plain", *FILES)  # a file is a file, however it is asked for

Case = schemathesis.Case[Any]
Operations = Mapping[str, Any]  # METHOD PATH → schemathesis.APIOperation


@dataclass(slots=True)
class RoleSessions:
    """Sessions by cookie, `ROLE` or `ROLE en`. They stay, whatever the API ends and disables."""

    visitors: Mapping[str, Visitor]

    async def visitor(self, cookie: str, browser: str) -> Visitor | None:
        role, _, language = cookie.partition(" ")
        found = self.visitors.get(role)
        if found is None:
            return None
        return replace(found, staff=replace(found.staff, language=language or "id"))


@dataclass(slots=True)
class Contract:
    """Asks and keeps count."""

    app: FastAPI
    guard: Guard
    visitors: Mapping[str, Visitor]
    runner: asyncio.Runner
    operations: Operations
    examples: int = 6  # of each operation, as allowed and as not allowed
    known: dict[str, list[str]] = field(default_factory=dict)  # ids that exist, by parameter
    wrong: dict[str, None] = field(default_factory=dict)
    asked: int = 0
    pieces: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    granted: set[str] = field(default_factory=set)  # operations with an answer 2xx
    bodies: list[tuple[str, Case]] = field(default_factory=list)  # who sent what that was granted

    def grant(
        self, who: str, operation: str, body: Any = None, query: Mapping[str, Any] | None = None, **ids: str
    ) -> Any:
        """Ask for something that has to be granted (`tests.web.api_day.Ask`)."""
        content = {} if body is None else {"body": body, "media_type": JSON}
        case = self.operations[operation].Case(path_parameters=ids, query=dict(query or {}), **content)
        answer = self.ask(case, who)
        if case.operation.method.upper() == "GET":
            self._look_at(case.operation.label, self._ask_for_piece(case, who), who)
        assert answer.is_success, f"{operation} as {who}: {answer.status_code} {answer.text}"
        if body is not None:
            self.bodies.append((who, case))
        return answer.json() if answer.headers.get("content-type") == JSON else None

    def try_out(self, operation: Any) -> None:
        """Ask an operation several times, with what its description allows and with what it does not."""
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                self._generate(operation, mode)
            except Unsatisfiable:  # it takes nothing, or anything
                assert mode is GenerationMode.NEGATIVE, operation.label

    def spoil(self) -> int:
        """Send what was granted again, with text that no database takes; return how often."""
        sent = 0
        for who, case in self.bodies:
            for spoilt in _spoilt(case.body):
                made = case.operation.Case(path_parameters=case.path_parameters, body=spoilt, media_type=JSON)
                answer = self._send(made, who, piece=False)
                sent += 1
                if answer.status_code >= 500:
                    self.wrong[f"{case.operation.label} as {who}: {answer.status_code}: {spoilt!a}"] = None
        return sent

    def ask(self, case: Case, who: str) -> httpx.Response:
        """Send a case and check the answer."""
        answer = self._send(case, who, piece=False)
        self.asked += 1
        self.statuses[answer.status_code] += 1
        if answer.is_success:
            self.granted.add(case.operation.label)
            self._learn(answer)
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, Failure) as failed:
            for one in failed.exceptions if isinstance(failed, FailureGroup) else [failed]:
                told = " ".join(f"{one.title}: {one.message}".split())
                self.wrong[f"{case.operation.label} as {who}: {answer.status_code}: {told}"[:1000]] = None
        return answer

    def _generate(self, operation: Any, mode: GenerationMode) -> None:
        roles = self._roles((operation.method.upper(), operation.path))

        @settings(
            max_examples=self.examples, derandomize=True, database=None, deadline=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode), who=st.sampled_from(roles), data=st.data())
        def ask(case: Case, who: str, data: st.DataObject) -> None:
            for name in case.path_parameters or {}:
                if mode is GenerationMode.POSITIVE and self.known.get(name):
                    case.path_parameters[name] = data.draw(st.sampled_from(self.known[name]), name)
            self.ask(case, who)
            self._ask_for_piece(case, who)

        ask()

    def _roles(self, where: tuple[str, str]) -> list[str]:
        """Return who asks: those who may, in both languages, and one who may not."""
        permission = self.guard.permissions[where]
        if permission is Permission.PUBLIC:
            return ["", StaffRole.AGENT.value]
        able = [role.value for role in StaffRole if reach_of(frozenset({role}), permission)]
        unable = [role.value for role in StaffRole if role.value not in able][:1]
        return [*able, *(f"{role} en" for role in able), *unable]

    def _look_at(self, label: str, piece: httpx.Response, who: str) -> None:
        """Find words of programs, such as an enumeration's value, and English among what people see."""
        if "html" not in piece.headers.get("content-type", ""):
            return
        english = () if who.endswith(" en") else english_sentences(piece.text)
        if shown := [*raw_words(piece.text), *english]:
            self.wrong[f"{label} as {who}, piece of page: shows {', '.join(shown)}"] = None

    def _ask_for_piece(self, case: Case, who: str) -> httpx.Response:
        """Ask the same as htmx does."""
        answer = self._send(case, who, piece=True)
        self.pieces += 1
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code >= 500 or (answer.status_code != 204 and kind not in PIECES):
            self.wrong[f"{case.operation.label} as {who}, piece of page: {answer.status_code} {kind}"] = None
        return answer

    def _learn(self, answer: httpx.Response) -> None:
        if answer.headers.get("content-type") == JSON:
            for name, value in _texts(answer.json()):
                if name in LEARNED and value not in self.known.setdefault(name, []):
                    self.known[name].append(value)

    def _send(self, case: Case, who: str, *, piece: bool) -> httpx.Response:
        headers = {"hx-request": "true"} if piece else {}
        if role := who.partition(" ")[0]:
            headers["x-csrf-token"] = self.visitors[role].csrf
        sent = REQUESTS_TRANSPORT.serialize_case(case, base_url=BASE, headers=headers)
        return self.runner.run(self._answer(requests.Request(**sent).prepare(), who))

    async def _answer(self, made: requests.PreparedRequest, who: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        content = made.body if isinstance(made.body, bytes) else str(made.body or "").encode()
        async with httpx.AsyncClient(transport=transport) as client:
            client.cookies.set(SESSION_COOKIE, who)
            headers = {name: str(value) for name, value in made.headers.items()}
            return await client.request(str(made.method), str(made.url), headers=headers, content=content)


def described(app: FastAPI) -> Operations:
    """Return every operation of the application's own description."""
    config = SchemathesisConfig()
    config.projects.default.checks.negative_data_rejection.expected_statuses += REFUSALS
    schema = schemathesis.openapi.from_dict(app.openapi(), config=config)
    found: dict[str, Any] = {}
    for result in schema.get_all_operations():
        operation: Any = result
        operation = operation.ok()  # raises where the description itself is wrong
        found[operation.label] = operation
    return found


def _spoilt(content: Any) -> Iterator[Any]:
    """Yield copies of a body, in each one text with a character that cannot be stored."""
    if isinstance(content, str):
        yield from (content + unstorable for unstorable in UNSTORABLE)
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from ({**content, name: spoilt} for spoilt in _spoilt(value))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from ([*content[:place], spoilt, *content[place + 1 :]] for spoilt in _spoilt(value))


def _texts(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for name, value in content.items():
            if isinstance(value, str):
                yield name, value
            yield from _texts(value)
    elif isinstance(content, list):
        for one in content:
            yield from _texts(one)
