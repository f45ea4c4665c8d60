"""The ladder of ownership: what climbs, what does not, and how often may be tried."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desk.proof import (
    ENTITLED,
    ActKind,
    Closing,
    Direction,
    Holder,
    Outcome,
    ProofAct,
    ProofCase,
    ProofRefused,
    Relation,
)
from desk.proof_ladder import Ladder
from desk.proof_rules import load_proof_tables
from desk.standing import Rung
from domain.directory import ProofItem as Item
from tests.laws import asks

TABLES = load_proof_tables()
NOW = datetime(2025, 6, 3, 2, 0, tzinfo=UTC)
CALL = ProofCase("c" * 32, date(2025, 6, 3), may_climb=True, queues=("data_change",), taxpayer_id="keyed")
LIMITS = TABLES.limits(CALL.on)


class Proving:
    """A call whose acts are judged before they are kept, as the desk does it."""

    def __init__(self, case: ProofCase = CALL) -> None:
        self.case = case
        self.acts: list[ProofAct] = []

    @property
    def ladder(self) -> Ladder:
        return Ladder(self.case, self.acts, TABLES)

    def stands_on(self, rung: Rung) -> bool:
        return self.ladder.rung is rung

    def validates(self, *, valid: bool, whose: str = "caller", holder: Holder = Holder.PERSON) -> None:
        self.ladder.check_validation(whose)
        known = valid and whose == "caller"
        outcome = Outcome.MATCHED if valid else Outcome.NOT_MATCHED
        subject = "proved" if known else None
        self._keep(ActKind.VALIDATION, whose, outcome, subject, holder if known else None)

    def answers(self, item: Item, outcome: Outcome = Outcome.MATCHED) -> None:
        ladder = self.ladder
        ladder.check_item(item)
        self._keep(ActKind.ITEM, item.value, outcome, ladder.subject, ladder.holder)

    def is_with(self, relation: Relation) -> None:
        self.ladder.check_receiver()
        self._keep(ActKind.RECEIVER, relation.value)

    def asks_for(self, service: str) -> None:
        self.ladder.check_service(service)
        self._keep(ActKind.SERVICE, service)

    def gives_up(self, closing: Closing = Closing.CANNOT) -> None:
        self.ladder.check_closing()
        self._keep(ActKind.CLOSED, closing.value)

    def _keep(
        self,
        kind: ActKind,
        detail: str,
        outcome: Outcome = Outcome.NOTED,
        subject: str | None = None,
        holder: Holder | None = None,
    ) -> None:
        seq = len(self.acts) + 1
        self.acts.append(
            ProofAct(self.case.call_id, seq, NOW, "s" * 32, kind, detail, outcome, subject, holder)
        )


def _word(refused: "pytest.ExceptionInfo[ProofRefused]") -> str:
    return refused.value.word


def test_a_call_climbs_rung_by_rung() -> None:
    call = Proving()
    assert call.stands_on(Rung.KEYED)
    call.validates(valid=True)
    assert call.stands_on(Rung.CONFIRMED)
    assert call.ladder.taxpayer_id == "proved"
    call.is_with(Relation.SELF)
    for item in (Item.EFIN, Item.BIRTH_DATE, Item.ADDRESS):
        assert call.stands_on(Rung.CONFIRMED)
        assert call.ladder.next_item is item or item is Item.ADDRESS
        call.answers(item)
    assert call.stands_on(Rung.CONFIRMED)  # two of the further items are needed
    call.answers(Item.PHONE)
    assert call.stands_on(Rung.FULL)
    assert call.ladder.services_proved == ("data_change",)
    assert call.ladder.next_item is None


def test_efin_gives_way_to_the_authorisation_code_by_date() -> None:
    last, first = date(2025, 12, 31), date(2026, 1, 1)
    for service in TABLES.services():
        for holder in Holder:
            assert Item.AUTHORISATION_CODE not in TABLES.asked(service, holder, last).items
            assert Item.EFIN not in TABLES.asked(service, holder, first).items
    assert Item.EFIN in TABLES.asked("data_change", Holder.PERSON, last).all_of
    assert Item.AUTHORISATION_CODE in TABLES.asked("data_change", Holder.PERSON, first).all_of


def test_a_company_is_proved_by_its_legal_representative_only() -> None:
    call = Proving()
    call.validates(valid=True, holder=Holder.COMPANY)
    call.is_with(Relation.PROXY)
    with pytest.raises(ProofRefused) as refused:
        call.answers(Item.EFIN)
    assert _word(refused) == "not_entitled"
    call.is_with(Relation.REPRESENTATIVE)
    call.answers(Item.EFIN)
    call.answers(Item.ADDRESS)
    call.answers(Item.EMAIL)
    assert call.stands_on(Rung.CONFIRMED)
    call.answers(Item.REPRESENTATIVE)
    assert call.stands_on(Rung.FULL)


def test_the_fourth_validation_is_refused_whomever_it_is_about() -> None:
    call = Proving()
    call.validates(valid=False)
    call.validates(valid=True, whose="other")
    call.validates(valid=False)
    for whose in ("caller", "other"):
        with pytest.raises(ProofRefused) as refused:
            call.validates(valid=True, whose=whose)
        assert _word(refused) == "validations_used"
    assert call.stands_on(Rung.KEYED)


def test_another_partys_number_opens_nothing() -> None:
    call = Proving(replace(CALL, taxpayer_id=None))
    call.validates(valid=True, whose="other")
    assert call.stands_on(Rung.ANONYMOUS)
    assert call.ladder.taxpayer_id is None


def test_what_was_proved_stays_after_a_transfer_to_another_service() -> None:
    call = Proving()
    call.validates(valid=True)
    call.is_with(Relation.SELF)
    for item in (Item.EFIN, Item.BIRTH_DATE, Item.ADDRESS, Item.PHONE):
        call.answers(item)
    call.case = replace(CALL, queues=("data_change", "efin"))
    assert call.stands_on(Rung.FULL)
    assert call.ladder.service == "forgotten_efin"
    assert call.ladder.services_proved == ("data_change",)
    assert call.ladder.next_item is Item.EMAIL  # the other service asks for more
    call.answers(Item.EMAIL)
    assert set(call.ladder.services_proved) == {"data_change", "forgotten_efin"}
    call.asks_for("token")
    assert call.stands_on(Rung.FULL)


def test_an_item_that_the_register_does_not_hold_is_asked_once_and_costs_no_wrong_answer() -> None:
    call = Proving()
    call.validates(valid=True)
    call.is_with(Relation.SELF)
    before = call.ladder.wrong_left
    call.answers(Item.EMAIL, Outcome.NOT_HELD)
    assert call.ladder.wrong_left == before
    with pytest.raises(ProofRefused) as refused:
        call.answers(Item.EMAIL)
    assert _word(refused) == "not_held"


def test_nothing_follows_once_the_proof_was_given_up() -> None:
    call = Proving()
    call.validates(valid=True)
    call.gives_up(Closing.REFUSED)
    acts: list[Callable[[], None]] = [
        lambda: call.is_with(Relation.SELF),
        lambda: call.validates(valid=True),
        call.gives_up,
    ]
    for act in acts:
        with pytest.raises(ProofRefused) as refused:
            act()
        assert _word(refused) == "closed"
    assert call.stands_on(Rung.CONFIRMED)  # what was proved stays


def test_an_outbound_call_is_proved_by_the_receiver_and_the_name() -> None:
    case = replace(CALL, direction=Direction.OUTBOUND, holder=Holder.PERSON, taxpayer_id="listed", queues=())
    call = Proving(case)
    assert call.stands_on(Rung.KEYED)
    with pytest.raises(ProofRefused) as refused:
        call.answers(Item.NAME)
    assert _word(refused) == "receiver_first"
    call.is_with(Relation.FAMILY)
    with pytest.raises(ProofRefused) as refused:
        call.answers(Item.NAME)
    assert _word(refused) == "not_entitled"
    call.is_with(Relation.SELF)
    with pytest.raises(ProofRefused) as refused:
        call.answers(Item.PHONE)
    assert _word(refused) == "name_first"
    call.answers(Item.NAME)
    assert call.stands_on(Rung.CONFIRMED)
    call.answers(Item.PHONE)
    call.answers(Item.ADDRESS)
    assert call.stands_on(Rung.FULL)
    with pytest.raises(ProofRefused) as refused:
        call.validates(valid=True)
    assert _word(refused) == "validation_outbound"


def test_the_lighter_rules_of_outbound_calls_cannot_be_chosen_on_an_inbound_one() -> None:
    call = Proving()
    assert "outbound" not in call.ladder.services
    with pytest.raises(ProofRefused) as refused:
        call.asks_for("outbound")
    assert _word(refused) == "no_such_service"


# ---- Whatever is done, in whatever order

Act = tuple[str, dict[str, Any]]
_ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(
        st.just("validates"),
        st.fixed_dictionaries(
            {
                "valid": st.booleans(),
                "whose": st.sampled_from(["caller", "other"]),
                "holder": st.sampled_from(list(Holder)),
            }
        ),
    ),
    st.tuples(
        st.just("answers"),
        st.fixed_dictionaries(
            {
                "item": st.sampled_from(list(Item)),
                "outcome": st.sampled_from([Outcome.MATCHED, Outcome.NOT_MATCHED, Outcome.NOT_HELD]),
            }
        ),
    ),
    st.tuples(st.just("is_with"), st.fixed_dictionaries({"relation": st.sampled_from(list(Relation))})),
    st.tuples(
        st.just("asks_for"), st.fixed_dictionaries({"service": st.sampled_from([*TABLES.services(), "x"])})
    ),
    st.tuples(st.just("gives_up"), st.fixed_dictionaries({})),
)
# Chance alone seldom climbs to the top: a good way up, with anything before, within and after it.
_GOOD_WAY: list[Act] = [
    ("validates", {"valid": True}),
    ("is_with", {"relation": Relation.SELF}),
    *(("answers", {"item": item}) for item in Item),
]
_ANYTHING = st.lists(_ACTS.filter(lambda act: act[0] != "gives_up"), max_size=12)
_SEQUENCES = st.builds(
    lambda cut, way, before, within, after: [*before, *way[:cut], *within, *way[cut:], *after],
    st.integers(0, len(_GOOD_WAY)),
    st.sampled_from([[], _GOOD_WAY]),
    _ANYTHING,
    _ANYTHING,
    st.lists(_ACTS, max_size=12),
)
_CASES = st.builds(
    ProofCase,
    call_id=st.just("c" * 32),
    on=st.sampled_from([date(2025, 6, 3), date(2026, 6, 3)]),
    may_climb=st.booleans(),
    queues=st.lists(st.sampled_from(["efin", "token", "data_change", "kup_information"]), max_size=2).map(
        tuple
    ),
    taxpayer_id=st.sampled_from([None, "keyed"]),
    direction=st.sampled_from(list(Direction)),
    holder=st.sampled_from(list(Holder)),
)


def _enough(call: Proving) -> bool:
    """Whether the acts as such prove some service in full, worked out apart from the ladder."""
    done = {(act.kind, act.detail) for act in call.acts if act.outcome is not Outcome.NOT_MATCHED}
    matched = {
        Item(act.detail) for act in call.acts if act.kind is ActKind.ITEM and act.outcome is Outcome.MATCHED
    }
    holder = call.ladder.holder
    if holder is None or (ActKind.RECEIVER, ENTITLED[holder].value) not in done:
        return False
    if call.case.direction is Direction.OUTBOUND:
        named = Item.NAME in matched
        services = {"outbound", *(detail for kind, detail in done if kind is ActKind.SERVICE)}
    else:
        named = (ActKind.VALIDATION, "caller") in done
        services = {TABLES.service_for(queue) for queue in call.case.queues or ("",)}
        services |= {detail for kind, detail in done if kind is ActKind.SERVICE}
    asked = [TABLES.asked(service, holder, call.case.on) for service in services]
    return named and any(
        set(one.all_of) <= matched and len(matched & set(one.some_of)) >= one.count for one in asked
    )


@settings(max_examples=asks(150), deadline=None)
@given(case=_CASES, acts=_SEQUENCES)
def test_no_order_of_acts_climbs_without_the_items_or_beyond_the_attempts(
    case: ProofCase, acts: list[Act]
) -> None:
    call = Proving(case)
    rung = call.ladder.rung
    for name, arguments in acts:
        try:
            getattr(call, name)(**arguments)
        except ProofRefused:
            continue
        assert call.ladder.rung >= rung  # it never falls
        rung = call.ladder.rung
        if not case.may_climb:
            assert rung is Rung.ANONYMOUS
            assert call.ladder.standing.taxpayer_id is None
        if rung >= Rung.CONFIRMED and case.direction is Direction.INBOUND:
            assert any(
                act.kind is ActKind.VALIDATION and act.detail == "caller" and act.outcome is Outcome.MATCHED
                for act in call.acts
            )
        assert (rung is Rung.FULL) == (case.may_climb and _enough(call))
    kinds = [act.kind for act in call.acts]
    assert kinds.count(ActKind.VALIDATION) <= LIMITS.validations
    for item in Item:
        tries = [act for act in call.acts if act.kind is ActKind.ITEM and act.detail == item.value]
        assert len(tries) <= LIMITS.tries_per_item
        assert [act.outcome for act in tries].count(Outcome.MATCHED) <= 1
    wrong = [act for act in call.acts if act.kind is ActKind.ITEM and act.outcome is Outcome.NOT_MATCHED]
    assert len(wrong) <= LIMITS.wrong_per_call
    assert kinds.count(ActKind.CLOSED) <= 1
