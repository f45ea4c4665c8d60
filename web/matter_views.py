"""Matters in words, for pages and programs."""

from collections.abc import Mapping, Sequence
from datetime import date

from fastapi import Request

from desk.complaint_referrals import Referral, referrals_of
from desk.complaint_units import REPORTED, Unit, own_unit, step_unit
from desk.complaints import OURS, REOPEN, lacking, plan
from desk.matter_codes import shown_code
from desk.matter_fields import Field
from desk.matter_rules import possible_events
from desk.matters import Matter, MatterEvent, MatterKind, Worker
from desk.matters_statistics import unit_of
from desk.promises import is_late, with_dialer, zone_of
from desk.working_days import office_day
from web.matter_models import (
    EventView,
    FieldView,
    KnownView,
    MatterDetail,
    MatterView,
    OfferView,
    PlanView,
    PromiseTrail,
    ReferralView,
    Rungs,
)
from web.matter_port import MatterDoor
from web.matter_trail import TrailWords
from web.permissions import Permission
from web.visitor import Visitor

RUNGS: Mapping[int, Rungs] = {0: "anonymous", 1: "keyed", 2: "confirmed", 3: "full"}
NOTE_NEEDED = frozenset(
    {"wait", "finish", "refuse", "send_back", "close", "reopen", "give_up", "apply_partly"}
)
_BY_ITSELF = frozenset({"assign", "take"})  # have routes of their own
# What leads on comes first, what gives a matter away or ends it unheard last.
_LAST = ("postpone", "wait", "send_back", "close", "release", "give_up", "refuse", "withdraw")
_DAYS = frozenset({"happened_on", "effective_since"})
_SHAPES = {"text": "text", "long": "textarea", "day": "date", "choice": "select", "phone": "tel"}


class MatterWords:
    """Matters in the words of whoever asks."""

    def __init__(self, door: MatterDoor, request: Request, visitor: Visitor) -> None:
        self._door, self._visitor = door, visitor
        self.texts = door.shared.render.texts
        self.language = door.shared.render.language(request)
        self.now = door.shared.clock.now()

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self.texts.say(self.language, name, **values)

    def word(self, key: str) -> str:
        """Return a topic, state or result in words."""
        name = f"matters_word.{key}"
        return self.say(name) if name in self.texts else key.replace("_", " ")

    def view(self, matter: Matter, names: Mapping[str, str] = {}) -> MatterView:
        """Return a matter without what was said."""
        left = self._door.port.rules.days_left(matter, self.now)
        late = left is not None and matter.due_on is not None and office_day(self.now) > matter.due_on
        if matter.kind is MatterKind.PROMISE:
            late = is_late(self._door.port.rules.promises.at(self.now), matter, self.now)
        groups = self._door.port.spelling.spell(matter.code, self.language)
        return MatterView(
            matter_id=matter.matter_id,
            code=shown_code(matter.code),
            spelled=[" ".join(spoken.word for spoken in group) for group in groups],
            kind=matter.kind.value,
            topic=matter.topic,
            title=self.word(matter.topic),
            state=matter.state,
            step=self.word(matter.state),
            opened_at=matter.opened_at,
            due_on=matter.due_on,
            due_at=matter.due_at,
            due_there=self._there(matter),
            days_left=left,
            late=late,
            mine=matter.assignee == self._visitor.staff.staff_id,
            assignee=names.get(matter.assignee, ""),
            version=matter.version,
            result=matter.result,
            closed_at=matter.closed_at,
            dialer=with_dialer(matter),
        )

    def offer(self, kind: MatterKind, topic: str, needed: int, rung: int) -> OfferView:
        """Return something that can be opened."""
        return OfferView(
            kind=kind.value, topic=topic, title=self.word(topic), needs=RUNGS[needed], allowed=rung >= needed
        )

    def field(self, field: Field, value: str = "") -> FieldView:
        """Return a field of a form."""
        return FieldView(
            name=field.name,
            label=self.say(f"matters_field.{field.name}"),
            kind=_SHAPES[field.kind],  # type: ignore[arg-type]
            required=field.required,
            value=value,
            options=[("", self.say("matters.choose"))]
            + [(one, self.say(f"matters_choice.{one}")) for one in field.choices]
            if field.choices
            else [],
            item=field.item,
        )

    def rule(self, rule: str) -> str:
        """Return the name of the rule that a matter follows; an office's own regulations stay as they are."""
        name = f"matters_rule.{rule.replace(' ', '_')}"
        return self.say(name) if name in self.texts else rule

    def known(self, known: Mapping[str, str]) -> list[KnownView]:
        """Return what is known or was said, with its labels; choices in words."""
        return [
            KnownView(name=name, label=self.label(name), value=self._value(name, value))
            for name, value in known.items()
        ]

    def detail(
        self,
        matter: Matter,
        trail: Sequence[MatterEvent],
        workers: Sequence[Worker],
        promises: Sequence[tuple[Matter, Sequence[MatterEvent]]] = (),
        *,
        may_assign: bool,
    ) -> MatterDetail:
        """Return a matter with all that was said. `promises`: those that are to tell its result."""
        rules = self._door.port.rules
        names = {worker.staff_id: worker.name for worker in workers}
        trails = TrailWords(self._door, self, names)
        is_complaint = matter.kind is MatterKind.COMPLAINT
        wanting = lacking(rules.complaints, matter) if is_complaint and self._completing(matter) else ()
        fields = {one.name: one for one in rules.complaints.of(matter).fields} if is_complaint else {}
        able = [worker for worker in workers if matter.cluster in worker.clusters]
        rule = rules.work.at(self.now)
        here = frozenset(unit for one in workers if (unit := own_unit(rule, one.team)) is not None)
        turn = step_unit(rules.complaints, matter)
        reported = matter.words.get(REPORTED, "")
        return MatterDetail(
            matter=self.view(matter, names),
            said=self.known(_in_order(matter.body, fields)),
            rule=self.rule(matter.rule),
            bases=self._bases(matter) if is_complaint else [],
            assumed=is_complaint and rules.complaints.of(matter).assumed,
            rung=RUNGS[matter.rung],
            proof=self._proof(matter),
            trail=[trails.step(event) for event in trail],
            events=self._events(matter),
            plan=self._plan(matter) if is_complaint else [],
            lacking=[self.field(fields[name]) for name in wanting],
            dispositions=self._dispositions(matter) if is_complaint else [],
            workers=[(worker.staff_id, worker.name) for worker in able],
            may_assign=may_assign and matter.closed_at is None,
            parent=matter.parent,
            promises=[
                PromiseTrail(matter=self.view(one, names), trail=[trails.step(event) for event in steps])
                for one, steps in promises
            ],
            referrals=[self._referral(one, names, here) for one in referrals_of(trail)]
            if is_complaint
            else [],
            reported_unit=self.unit(*unit_of(reported)) if reported else "",
            unit_signs_in=turn is not None and turn in here,
            referral_days=rules.work.at(self.now).referral_days,
            units=self._units() if is_complaint and matter.closed_at is None else [],
        )

    def unit(self, name: str, unit_name: str = "") -> str:
        """Return a unit in words; `unit_name`: which of many, which may begin with what it is."""
        what = self.say(f"matters_unit.{name}")
        is_said = unit_name.casefold().startswith((what.casefold(), f"{name} "))
        return unit_name if is_said else f"{what} {unit_name}".strip()

    def _units(self) -> list[tuple[str, str]]:
        return [(one.name, self.unit(one.name)) for one in self._door.port.rules.work.at(self.now).units]

    def _referral(self, one: Referral, names: Mapping[str, str], here: frozenset[Unit]) -> ReferralView:
        ended = one.ended_at or self.now
        return ReferralView(
            number=one.number,
            at=one.at,
            by=names.get(one.by, ""),
            ended_by=names.get(one.ended_by, ""),
            days_left=None if one.ended_at else self._door.port.rules.days_until(one.due_on, self.now),
            step=self.word(one.step),
            from_unit=self.unit(one.from_unit),
            to_unit=self.unit(one.to_unit, one.unit_name),
            due_on=one.due_on,
            question=one.question,
            ended_at=one.ended_at,
            recalled=one.recalled,
            itself=one.itself,
            signs_in=Unit(one.to_unit, one.unit_name) in here,
            answer=one.answer,
            late=not one.recalled and office_day(ended) > one.due_on,
        )

    def _bases(self, complaint: Matter) -> list[str]:
        version = self._door.port.rules.complaints.of(complaint)
        return [basis for kind in version.kinds if kind.name == complaint.topic for basis in kind.bases]

    def _proof(self, matter: Matter) -> str:
        proof = matter.words.get("proof", "poro")
        return "" if proof == "poro" else self.say(f"matters.proof_{proof}")

    def _completing(self, matter: Matter) -> bool:
        return matter.state in ("completeness", "completeness_validation")

    def _events(self, matter: Matter) -> list[EventView]:
        steers = self._visitor.reach(Permission.MATTER_STEER) is not None
        events = [event for event in possible_events(matter) if event not in _BY_ITSELF]
        events = [event for event in events if steers or event != REOPEN]
        events.sort(key=lambda event: _LAST.index(event) if event in _LAST else -1)
        return [
            EventView(name=event, words=self.say(f"matters_event.{event}"), note=event in NOTE_NEEDED)
            for event in events
        ]

    def _plan(self, matter: Matter) -> list[PlanView]:
        rules = self._door.port.rules
        return [
            PlanView(
                name=step.name,
                words=self.word(step.name),
                executor=self.say(f"matters.executor_{step.executor}"),
                ours=step.executor == OURS,
                days=step.days,
                due=step.due,
                status=step.status,
            )
            for step in plan(rules.complaints, rules.calendar, matter)
        ]

    def _dispositions(self, matter: Matter) -> list[tuple[str, str]]:
        allowed = self._door.port.rules.complaints.of(matter).dispositions_at(matter.state)
        return [(one, self.word(one)) for one in allowed]

    def label(self, name: str) -> str:
        """Return the name of a field in words."""
        text = f"matters_field.{name}"
        return self.say(text) if text in self.texts else name.replace("_", " ")

    def _value(self, name: str, value: str) -> str:
        choice = f"matters_choice.{value}"
        if choice in self.texts:
            return self.say(choice)
        if name in ("contact", "number", "phone", "mobile", "known_phone") and value.isdigit():
            return f"+{value}"
        return f"{date.fromisoformat(value):%d.%m.%Y}" if name in _DAYS else value

    def _there(self, matter: Matter) -> str:
        if matter.due_at is None:
            return ""
        zone = zone_of(matter).shown_in
        local = matter.due_at.astimezone(zone)
        return f"{local:%d.%m.%Y %H.%M} {local.tzname()}"


def _in_order(body: Mapping[str, str], fields: Mapping[str, Field]) -> Mapping[str, str]:
    """Return what was said in the order of the form; what is not of the form comes last."""
    order = {name: place for place, name in enumerate(fields)}
    return dict(sorted(body.items(), key=lambda one: order.get(one[0], len(order))))
