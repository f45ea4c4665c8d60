"""Where a call stands on the ladder, and which act is allowed next. Pure."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from desk.proof import (
    CALLER,
    ENTITLED,
    OTHER,
    OUTBOUND_SERVICE,
    ActKind,
    Asked,
    Closing,
    Direction,
    Holder,
    Limits,
    Outcome,
    ProofAct,
    ProofCase,
    ProofRefused,
    ProofRules,
    Refusal,
    Relation,
)
from desk.standing import Rung, Standing
from domain.directory import ProofItem


class Ladder:
    """A call's proof: what is given, the acts so far, and the tables. Never changes."""

    def __init__(self, case: ProofCase, acts: Sequence[ProofAct], rules: ProofRules) -> None:
        self.case = case
        self.acts = tuple(acts)
        self.rules = rules

    # -- what is proved -----------------------------------------------------------------------

    @cached_property
    def confirmation(self) -> ProofAct | None:
        """The act by which number and name were confirmed; None before."""
        if not self.case.may_climb:
            return None
        if self.case.direction is Direction.INBOUND:
            own = self._of(ActKind.VALIDATION, CALLER)
            return next((act for act in own if act.outcome is Outcome.MATCHED), None)
        if self.entitlement is None:
            return None
        return self.matched.get(ProofItem.NAME)

    @cached_property
    def taxpayer_id(self) -> str | None:
        """Whom the call is about, as far as is known."""
        if not self.case.may_climb:
            return None
        if self.case.direction is Direction.INBOUND and self.confirmation is not None:
            return self.confirmation.taxpayer_id
        return self.case.taxpayer_id

    @cached_property
    def holder(self) -> Holder | None:
        """What kind of taxpayer it is; inbound: known once confirmed."""
        if self.case.direction is Direction.OUTBOUND:
            return self.case.holder
        return None if self.confirmation is None else self.confirmation.holder

    @cached_property
    def entitlement(self) -> ProofAct | None:
        """The act by which somebody entitled was on the line; None before."""
        if self.holder is None:
            return None
        wanted = ENTITLED[self.holder].value
        return next(iter(self._of(ActKind.RECEIVER, wanted)), None)

    @cached_property
    def matched(self) -> dict[ProofItem, ProofAct]:
        """The items that were proved, each with who and when."""
        return {
            ProofItem(act.detail): act
            for act in self._of(ActKind.ITEM)
            if act.outcome is Outcome.MATCHED and act.taxpayer_id == self.subject
        }

    @property
    def subject(self) -> str | None:
        """The taxpayer whom items are about; without asking whether the name is confirmed (outbound)."""
        outbound = self.case.direction is Direction.OUTBOUND
        return self.case.taxpayer_id if outbound else self.taxpayer_id

    @cached_property
    def services_proved(self) -> tuple[str, ...]:
        """The services whose every item is proved."""
        if self.confirmation is None or self.entitlement is None or self.holder is None:
            return ()
        matched = frozenset(self.matched)
        return tuple(
            service
            for service in self._services_chosen
            if self.rules.asked(service, self.holder, self.case.on).met_by(matched)
        )

    @property
    def rung(self) -> Rung:
        """The rung that the call stands on. It never falls."""
        if not self.case.may_climb:
            return Rung.ANONYMOUS
        if self.confirmation is not None:
            return Rung.FULL if self.services_proved else Rung.CONFIRMED
        return Rung.KEYED if self.taxpayer_id is not None else Rung.ANONYMOUS

    @property
    def standing(self) -> Standing:
        """The ladder as others see it."""
        proved = frozenset(self.services_proved)
        return Standing(self.case.call_id, self.rung, self.taxpayer_id, self.case.may_climb, proved)

    # -- what is asked ------------------------------------------------------------------------

    @cached_property
    def service(self) -> str:
        """The service that items are asked for."""
        return self._services_chosen[-1]

    @property
    def services(self) -> tuple[str, ...]:
        """The services that may be chosen."""
        outbound = self.case.direction is Direction.OUTBOUND
        return tuple(one for one in self.rules.services() if outbound or one != OUTBOUND_SERVICE)

    @property
    def asked(self) -> Asked | None:
        """The items that the service asks for; None until it is known who is asked."""
        if self.holder is None:
            return None
        found = self.rules.asked(self.service, self.holder, self.case.on)
        if self.case.direction is Direction.OUTBOUND:
            return Asked((ProofItem.NAME, *found.all_of), found.some_of, found.count)
        return found

    @cached_property
    def limits(self) -> Limits:
        """How often may be tried."""
        return self.rules.limits(self.case.on)

    @property
    def validations_left(self) -> int:
        """How many NPWP validations are left, of whomever."""
        return max(0, self.limits.validations - len(self._of(ActKind.VALIDATION)))

    @property
    def wrong_left(self) -> int:
        """How many answers may still be wrong."""
        wrong = [act for act in self._of(ActKind.ITEM) if act.outcome is Outcome.NOT_MATCHED]
        return max(0, self.limits.wrong_per_call - len(wrong))

    def tries_left(self, item: ProofItem) -> int:
        """How often an item may still be asked."""
        tries = Counter(act.detail for act in self._of(ActKind.ITEM))
        return max(0, self.limits.tries_per_item - tries[item.value])

    @property
    def closed(self) -> Closing | None:
        """Why nothing more is asked, if so."""
        acts = self._of(ActKind.CLOSED)
        return Closing(acts[0].detail) if acts else None

    @property
    def receiver(self) -> Relation | None:
        """Who is on the line now."""
        acts = self._of(ActKind.RECEIVER)
        return Relation(acts[-1].detail) if acts else None

    def unheld(self, item: ProofItem) -> bool:
        """Whether the register was found not to hold an item."""
        return any(act.outcome is Outcome.NOT_HELD for act in self._of(ActKind.ITEM, item.value))

    @property
    def next_item(self) -> ProofItem | None:
        """The item to ask for next; None if no further one can be asked or is needed."""
        asked = self.asked
        if asked is None or asked.met_by(frozenset(self.matched)):
            return None
        enough = len(set(self.matched) & set(asked.some_of)) >= asked.count
        wanted = asked.all_of if enough else asked.items
        return next((item for item in wanted if self.can_ask(item)), None)

    def can_ask(self, item: ProofItem) -> bool:
        """Whether an item may be asked now."""
        try:
            self.check_item(item)
        except ProofRefused:
            return False
        return True

    # -- what is allowed ----------------------------------------------------------------------

    def check_validation(self, whose: str) -> None:
        """Raise ProofRefused unless number and name may be validated, the caller's own or another's."""
        if not self.validations_left:
            raise ProofRefused(Refusal.VALIDATIONS_USED)
        if whose == OTHER:
            return
        self._check_open()
        if self.case.direction is Direction.OUTBOUND:
            raise ProofRefused(Refusal.VALIDATION_OUTBOUND)
        if self.confirmation is not None:
            raise ProofRefused(Refusal.ALREADY_CONFIRMED)

    def check_item(self, item: ProofItem) -> None:
        """Raise ProofRefused unless an item may be asked now."""
        self._check_open()
        asked = self.asked
        if asked is None or (self.case.direction is Direction.INBOUND and self.confirmation is None):
            raise ProofRefused(Refusal.NAME_FIRST)
        if self.entitlement is None or self.receiver is not Relation(self.entitlement.detail):
            raise ProofRefused(Refusal.RECEIVER_FIRST if self.receiver is None else Refusal.NOT_ENTITLED)
        if item not in asked.items:
            raise ProofRefused(Refusal.NOT_ASKED)
        outbound = self.case.direction is Direction.OUTBOUND
        if outbound and item is not ProofItem.NAME and ProofItem.NAME not in self.matched:
            raise ProofRefused(Refusal.NAME_FIRST)
        if item in self.matched:
            raise ProofRefused(Refusal.ALREADY_MATCHED)
        if self.unheld(item):
            raise ProofRefused(Refusal.NOT_HELD)
        if not self.tries_left(item):
            raise ProofRefused(Refusal.ITEM_USED_UP)
        if not self.wrong_left:
            raise ProofRefused(Refusal.CALL_USED_UP)

    def check_receiver(self) -> None:
        """Raise ProofRefused unless it may be noted who is on the line."""
        self._check_open()
        if self.holder is None:
            raise ProofRefused(Refusal.NAME_FIRST)

    def check_service(self, service: str) -> None:
        """Raise ProofRefused unless items may be asked for this service."""
        self._check_open()
        if service not in self.services:
            raise ProofRefused(Refusal.NO_SUCH_SERVICE)

    def check_closing(self) -> None:
        """Raise ProofRefused unless the proof can be given up."""
        self._check_open()

    def _check_open(self) -> None:
        if not self.case.may_climb:
            raise ProofRefused(Refusal.NO_NPWP_LINE)
        if self.closed is not None:
            raise ProofRefused(Refusal.CLOSED)

    # -- helpers ------------------------------------------------------------------------------

    @property
    def _services_chosen(self) -> tuple[str, ...]:
        """The services for which items were asked, first to last."""
        queued = [self.rules.service_for(queue) for queue in self.case.queues or ("",)]
        chosen = [act.detail for act in self._of(ActKind.SERVICE)]
        if self.case.direction is Direction.OUTBOUND:
            queued = [OUTBOUND_SERVICE]
        known = set(self.services)  # a service may have left the tables since
        latest_last = dict.fromkeys(reversed([one for one in (*queued, *chosen) if one in known]))
        return tuple(reversed(latest_last))

    def _of(self, kind: ActKind, detail: str | None = None) -> list[ProofAct]:
        return [act for act in self.acts if act.kind is kind and detail in (None, act.detail)]
