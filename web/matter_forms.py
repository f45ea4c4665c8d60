"""The forms by which matters are opened in a call, filled in as far as the proof allows."""

from collections.abc import Mapping, Sequence

from desk.matter_fields import Field
from desk.matters import Matter, MatterKind, MatterRefused
from desk.matters_work import Means
from desk.promises import Owner
from desk.requests import NEEDED
from desk.standing import Rung
from desk.working_days import office_day
from domain.ids import new_id
from domain.zones import Zone
from web.matter_models import CallMatters, FieldView, FormView, OfferView
from web.matter_port import MatterDoor
from web.matter_views import RUNGS, MatterWords

_ADDRESSES = {
    MatterKind.CASE: "cases",
    MatterKind.COMPLAINT: "complaints",
    MatterKind.PROMISE: "promises",
    MatterKind.REQUEST: "data-requests",
}
# The field of a form that is filled from what is known, and from what.
_FROM = {"contact": "number", "contact_name": "name", "reporter": "name"}


class MatterForms:
    """Makes forms and the list of what can be opened."""

    def __init__(self, door: MatterDoor, words: MatterWords) -> None:
        self._door, self._words = door, words
        self._rules = door.port.rules
        self._today = office_day(words.now)

    def offers(self, rung: Rung) -> list[OfferView]:
        """Return everything that can be opened, and whether the proof allows it."""
        words = self._words
        cases = [
            words.offer(MatterKind.CASE, kind.name, kind.needed, rung)
            for kind in self._rules.cases.on(self._today).types
        ]
        complaints = [
            words.offer(MatterKind.COMPLAINT, kind.name, Rung.ANONYMOUS, rung)
            for kind in self._rules.complaints.on(self._today).kinds
        ]
        promise = words.offer(MatterKind.PROMISE, "callback", Rung.ANONYMOUS, rung)
        request = words.offer(MatterKind.REQUEST, "data_update", NEEDED, rung)
        return [promise, *cases, request, *complaints]

    def form(
        self, call_id: str, kind: MatterKind, topic: str, rung: Rung, known: Mapping[str, str]
    ) -> FormView:
        """Return a form. `known` has what the proof allows, and the caller's `number`.

        Raises MatterRefused: no such thing, or not enough proved.
        """
        needed, rule, bases, fields = self._asked(kind, topic, known)
        if rung < needed:
            raise MatterRefused("rung_too_low", needed=needed.name.lower())
        # Only where the taxpayer's data is what it is about.
        about_data = kind in (MatterKind.CASE, MatterKind.REQUEST)
        shown = {f"known_{name}": value for name, value in known.items() if about_data and name != "number"}
        return FormView(
            call_id=call_id,
            kind=kind.value,
            topic=topic,
            title=self._words.word(topic),
            matter_id=new_id(),
            rule=rule,
            bases=list(bases),
            address=f"/api/calls/{call_id}/{_ADDRESSES[kind]}",
            fields=fields,
            known=self._words.known(shown),
            codes=any(field.name == "proof" and _is_code(field) for field in fields),
        )

    def _asked(
        self, kind: MatterKind, topic: str, known: Mapping[str, str]
    ) -> tuple[Rung, str, Sequence[str], list[FieldView]]:
        if kind is MatterKind.CASE:
            version = self._rules.cases.on(self._today)
            case = version.type(topic)
            fields = self._filled(case.fields, known)
            return case.needed, version.rule, (), self._proofs(case.proofs) + fields
        if kind is MatterKind.COMPLAINT:
            procedure = self._rules.complaints.on(self._today)
            bases = procedure.kind(topic).bases
            return Rung.ANONYMOUS, procedure.rule, bases, self._filled(procedure.fields_of(topic), known)
        if kind is MatterKind.REQUEST and topic == "data_update":
            table = self._rules.requests.on(self._today)
            return NEEDED, table.rule, (), self._filled(table.fields, {})
        if kind is MatterKind.PROMISE and topic == "callback":
            return Rung.ANONYMOUS, "", (), self._promise(known)
        raise MatterRefused("no_choice", place="topic")

    def _filled(self, fields: Sequence[Field], known: Mapping[str, str]) -> list[FieldView]:
        return [self._words.field(field, known.get(_FROM.get(field.name, ""), "")) for field in fields]

    def _proofs(self, proofs: Sequence[str]) -> list[FieldView]:
        if not proofs:
            return []
        options = [(proof, self._words.say(f"matters.proof_{proof}")) for proof in proofs]
        return [self._field("proof", "select", value=proofs[0], options=options)]

    def _promise(self, known: Mapping[str, str]) -> list[FieldView]:
        say = self._words.say
        zones = [(zone.value, say(f"matters.zone_{zone}")) for zone in Zone]
        owners = [(owner.value, say(f"matters.owner_{owner}")) for owner in Owner]
        places = [(place, say(f"matters.place_{place}")) for place in ("personal", "office")]
        return [
            self._field("number", "tel", known.get("number", "")),
            self._field("confirmed", "checkbox"),
            self._field("name", "text", known.get("name", "")),
            self._field("about", "textarea"),
            self._field("day", "date", self._today.isoformat()),
            self._field("clock", "time"),
            self._field("zone", "select", Zone.UNKNOWN.value, zones, say("matters.zone_hint")),
            self._field("owner", "select", Owner.MINE.value, owners),
            self._field("place", "select", "personal", places),
        ]

    def _field(
        self,
        name: str,
        kind: str,
        value: str = "",
        options: Sequence[tuple[str, str]] = (),
        hint: str = "",
    ) -> FieldView:
        return FieldView(
            name=name,
            label=self._words.say(f"matters_field.{name}"),
            kind=kind,  # type: ignore[arg-type]
            required=True,
            value=value,
            options=list(options),
            hint=hint,
        )


def _is_code(field: FieldView) -> bool:
    return any(proof in frozenset(Means) for proof, _ in field.options)


async def call_matters(door: MatterDoor, words: MatterWords, call_id: str) -> CallMatters:
    """Return what is open for the caller as far as the proof allows, and what was opened in the call."""
    standing = await door.standing(call_id)
    found = {one.matter_id: one for one in await door.port.book.of_call(call_id)}
    if standing.rung >= Rung.CONFIRMED and standing.taxpayer_id is not None:
        about = await door.port.book.about_taxpayer(standing.taxpayer_id)
        found = {**{one.matter_id: one for one in about}, **found}
    placed = await _called_for(door, call_id)
    if placed is not None:
        found = {placed.matter_id: placed, **found}
    names = await door.names()
    newest = sorted(found.values(), key=lambda one: (one.opened_at, one.matter_id), reverse=True)
    return CallMatters(
        call_id=call_id,
        rung=RUNGS[standing.rung],
        matters=[words.view(one, names) for one in newest],
        offers=MatterForms(door, words).offers(standing.rung),
    )


async def _called_for(door: MatterDoor, call_id: str) -> Matter | None:
    """Return the promise that a call of the dialer keeps; None: it keeps none."""
    lead_id = await door.port.office.placed.lead_of(call_id)
    handed = None if lead_id is None else await door.port.office.callbacks.of_lead(lead_id)
    return None if handed is None else await door.port.book.get(handed.promise_id)
