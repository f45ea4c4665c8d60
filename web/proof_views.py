"""Turns a ladder into what the form shows."""

from collections.abc import Mapping
from typing import cast

from desk.proof import ENTITLED, ActKind, Direction, Holder, Outcome, ProofAct, Relation
from desk.proof_desk import CallProof
from desk.proof_ladder import Ladder
from desk.standing import Rung
from domain.answers import KINDS
from domain.directory import ProofItem
from web.card_models import RungName
from web.proof_models import (
    AnswerView,
    Done,
    ItemView,
    NextView,
    ProofView,
    Sentence,
)
from web.texts import Texts

_STATES = {Outcome.MATCHED: "matched", Outcome.NOT_MATCHED: "not_matched", Outcome.NOT_HELD: "not_held"}


class ProofViews:
    """Views for one visitor. `names` gives the names of those who acted, by staff_id."""

    def __init__(self, texts: Texts, visitor_id: str, names: Mapping[str, str]) -> None:
        self._texts = texts
        self._visitor_id = visitor_id
        self._names = names

    def view(
        self, proof: CallProof, act: ActKind | None = None, wanted: ProofItem | None = None
    ) -> ProofView:
        """Return the form.

        With `act`: what came of the last act, which was of that kind. With `wanted`: this item is asked
        next, if it may be.
        """
        story, ladder = proof.story, proof.ladder
        holder, receiver = ladder.holder, ladder.receiver
        usable = story.keyed is not None and ladder.case.taxpayer_id is not None
        asked = ladder.asked
        return ProofView(
            call_id=story.call_id,
            direction=story.direction.value,
            language=story.language,
            may_climb=ladder.case.may_climb,
            rung=cast("RungName", ladder.rung.name.lower()),
            keyed=story.keyed.masked if story.keyed is not None and usable else "",
            validations=ladder.limits.validations,
            validations_left=ladder.validations_left,
            wrong_left=ladder.wrong_left,
            confirmed=self._done(ladder.confirmation),
            receiver=None if receiver is None else receiver.value,
            entitled=receiver is None or holder is None or receiver is ENTITLED[holder],
            service=ladder.service,
            services=list(ladder.services),
            proved=list(ladder.services_proved),
            count=0 if asked is None else asked.count,
            items=self._items(ladder),
            next=self._next(ladder, wanted, keyed=usable),
            closed=None if ladder.closed is None else ladder.closed.value,
            answer=None if act is None else _answer(ladder.acts[-1]),
        )

    def _items(self, ladder: Ladder) -> list[ItemView]:
        asked = ladder.asked
        if asked is None:
            return []
        return [self._item(ladder, item, required=item in asked.all_of) for item in asked.items]

    def _item(self, ladder: Ladder, item: ProofItem, *, required: bool) -> ItemView:
        tried = [act for act in ladder.acts if act.kind is ActKind.ITEM and act.detail == item.value]
        last = ladder.matched.get(item) or (tried[-1] if tried else None)
        state = "to_ask" if last is None else _STATES[last.outcome]
        return ItemView.model_validate(
            {
                "item": item.value,
                "required": required,
                "state": state,
                "tries_left": min(ladder.tries_left(item), ladder.wrong_left),
                "can_ask": ladder.can_ask(item),
                "done": self._done(last),
            }
        )

    def _next(self, ladder: Ladder, wanted: ProofItem | None, *, keyed: bool) -> NextView:
        if not ladder.case.may_climb or ladder.closed is not None:
            return NextView(step="nothing")
        inbound = ladder.case.direction is Direction.INBOUND
        if inbound and ladder.confirmation is None:
            if not ladder.validations_left:
                return NextView(step="nothing")
            return NextView(step="npwp", kind="name", say=self._say("npwp_keyed" if keyed else "npwp"))
        if ladder.receiver is None:
            return NextView(step="receiver", say=self._say("receiver"))
        if ladder.rung is Rung.FULL and ladder.service in ladder.services_proved:
            return NextView(step="complete")
        item = wanted if wanted is not None and ladder.can_ask(wanted) else ladder.next_item
        if item is None:
            return NextView(step="nothing")
        return NextView(step="item", item=item.value, kind=KINDS[item].value, say=self._say(item.value))

    def _say(self, name: str) -> Sentence:
        name = f"proof.say_{name}"
        return Sentence(id=self._texts.say("id", name), en=self._texts.say("en", name))

    def _done(self, act: ProofAct | None) -> Done | None:
        if act is None:
            return None
        return Done(who=self._names.get(act.by, ""), you=act.by == self._visitor_id, at=act.at)


def relations(holder: Holder | None) -> list[str]:
    """Return who may be on the line, the entitled one first."""
    first = Relation.SELF if holder is None else ENTITLED[holder]
    other = {Relation.SELF, Relation.REPRESENTATIVE} - {first}
    return [first.value, *(one.value for one in Relation if one is not first and one not in other)]


def _answer(act: ProofAct) -> AnswerView:
    return AnswerView(kind=act.kind.value, detail=act.detail, outcome=act.outcome.value)
