"""What the routes of people's requests share: views in words, the trail, who may do what now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from fastapi import HTTPException, Request

from domain.audit import AuditRow
from domain.masking import mask
from recording import persons
from recording.persons import REQUEST, Bundle, Kind, PersonRefused, Step, stepped
from recording.persons_table import Decision, PersonVersion, decisions_of
from web.guard import visitor_of
from web.parts import Shared
from web.person_models import BundleView, DecisionView, RequestRow, RequestView, StepView
from web.person_port import PersonPort

_HOUR = timedelta(hours=1)
_FETCH = ("approved", "done")  # states in which a bundle may leave the house


@dataclass(frozen=True, slots=True)
class PersonDesk:
    """Requests, for somebody whom the guard let in."""

    shared: Shared
    port: PersonPort

    @property
    def version(self) -> PersonVersion:
        """Return the table in force now."""
        return self.port.table.at(self.shared.clock.now())

    async def known(self, request_id: str) -> persons.Request:
        """Return a request. Raises HTTPException 404."""
        try:
            return await self.port.book.get(request_id)
        except KeyError as error:
            raise HTTPException(404, "persons.no_such_request") from error

    async def seen(self, request_id: str, version: int) -> persons.Request:
        """Return a request that is as somebody saw it, and not being worked on. Raises HTTPException."""
        one = await self.known(request_id)
        if self.port.work.working(request_id):
            raise HTTPException(409, "persons.working")
        if one.version != version:
            raise persons.PersonChanged
        return one

    async def did(self, request: Request, act: str, request_id: str, why: str = "", **data: str) -> None:
        """Put an act on the trail, before it is done or shown. Raises AuditUnavailable."""
        who = visitor_of(request).staff.staff_id
        now = self.shared.clock.now()
        await self.shared.audit.record(AuditRow(now, who, act, f"person:{request_id}", why, data=data))

    def choices(self, request: Request) -> Mapping[str, Sequence[tuple[str, str]]]:
        """Return what can be chosen in forms: word and text."""
        language, say, table = (
            self.shared.render.language(request),
            self.shared.render.texts.say,
            self.version,
        )
        tables = {"relations": table.relations, "proofs": table.proofs, "refusals": table.refusals}
        found = {name: [(word, text[language]) for word, text in one.items()] for name, one in tables.items()}
        return {**found, "kinds": [(kind.value, say(language, f"persons_kind.{kind}")) for kind in Kind]}

    def row(self, language: str, one: persons.Request) -> RequestRow:
        """Return a request as the list has it."""
        now, say = self.shared.clock.now(), self.shared.render.texts.say
        left = (one.due_at - now) // _HOUR if one.is_open else None
        return RequestRow(
            request_id=one.request_id,
            code=one.code,
            kind=one.kind,
            kind_words=say(language, f"persons_kind.{one.kind}"),
            state=one.state,
            state_words=say(language, f"persons_state.{one.state}"),
            received_at=one.received_at,
            due_at=one.due_at,
            closed_at=one.closed_at,
            urgency=one.urgency(now, self.version.warn).value,
            hours_left=left,
            restricts=one.kind is Kind.RESTRICTION and one.state in ("done", "lifting"),
        )

    async def view(self, request: Request, one: persons.Request) -> RequestView:
        """Return a request with everything about it. To be audited before."""
        language, me = self.shared.render.language(request), visitor_of(request).staff.staff_id
        steps = await self.port.book.trail(one.request_id)
        bundles = await self.port.book.bundles(one.request_id)
        table, fault, row = self.version, self.port.work.fault(one.request_id), self.row(language, one)
        return RequestView(
            **row.model_dump(),
            version=one.version,
            npwp=mask(one.asker.npwp),
            known=bool(one.taxpayer_id),
            name=one.asker.name,
            relation=_words(table.relations, one.relation, language),
            proven_by=_words(table.proofs, one.proven_by, language),
            proof=one.asker.proof,
            contact=one.asker.contact,
            wish=one.asker.wish,
            rule=one.rule,
            steps=[self._step(language, me, step) for step in steps],
            decisions=[self.decision(language, each) for each in decisions_in(steps)],
            bundles=[_bundle(each) for each in bundles],
            working=self.port.work.working(one.request_id),
            fault=self._fault(language, fault),
            may=self.may(one, me),
            handed=one.state in _FETCH and any(each.removed_at is None for each in bundles),
            hears=one.is_open or row.restricts,
        )

    def may(self, one: persons.Request, who: str) -> list[str]:
        """Return the events that somebody can let happen now."""
        found = []
        for event in REQUEST.events:
            try:
                stepped(one, event, who, self.shared.clock.now())
            except PersonRefused:
                continue
            found.append(event)
        return found

    def decision(self, language: str, one: Decision) -> DecisionView:
        """Return what a request comes to for something, in words."""
        say, table = self.shared.render.texts.say, self.version
        if one.why in table.hold_reasons:
            why = _words(table.hold_reasons, one.why, language)
        elif one.why in table.keeping:
            why = table.keeping[one.why].why[language]
        else:
            why = self.shared.render.texts.say(language, f"persons_why.{one.why}")
        return DecisionView(
            about=say(language, f"persons_area.{one.area}"),
            recording_id=one.recording_id,
            count=one.count,
            fate=one.fate.value,
            fate_words=say(language, f"persons_fate.{one.fate}"),
            why=why,
            until=one.until,
        )

    def _step(self, language: str, me: str, step: Step) -> StepView:
        words = self.shared.render.texts.say(language, f"persons_did.{step.what}")
        if step.what == "refuse" and step.words:
            words += f": {_words(self.version.refusals, step.words, language)}"
        return StepView(
            at=step.at, who=step.who, mine=step.who == me, what=step.what, what_words=words, note=step.note
        )

    def _fault(self, language: str, word: str) -> str:
        if not word:
            return ""
        texts, name = self.shared.render.texts, f"persons_refused.{word}"
        return texts.say(language, name if name in texts else "persons_refused.unavailable")


def decisions_in(steps: Sequence[Step]) -> Sequence[Decision]:
    """Return the newest plan or outcome of a request in a trail."""
    return next((found for step in reversed(steps) if (found := decisions_of(step.words))), [])


def _words(table: Mapping[str, Mapping[str, str]], word: str, language: str) -> str:
    return table[word][language] if word in table else word


def _bundle(one: Bundle) -> BundleView:
    return BundleView(
        bundle_id=one.bundle_id,
        made_at=one.made_at,
        keep_until=one.keep_until,
        removed_at=one.removed_at,
        size=one.size,
        digest=one.digest,
        counts=msgspec.json.decode(one.counts, type=dict[str, int]),
    )
