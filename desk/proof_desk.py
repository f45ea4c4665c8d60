"""Acts on the proof of a call: judged by the ladder, compared by the register, durable, then answered.

The order is always the same: may it be tried → compare → the audit row → the act → the answer. What was
answered goes to the register and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass

from desk.card import CallStories, CallStory, StoryUnavailable
from desk.proof import (
    CALLER,
    ActKind,
    Closing,
    Direction,
    Holder,
    Outcome,
    ProofAct,
    ProofConflict,
    ProofRefused,
    ProofRules,
    Proofs,
    ProofsUnavailable,
    Refusal,
    Relation,
)
from desk.proof_ladder import Ladder
from desk.standing import Standing, StandingUnavailable
from domain.answers import readable_npwp
from domain.audit import AuditRow, AuditTrail
from domain.clock import Clock
from domain.directory import ProofItem, Taxpayer, TaxpayerRecords
from domain.npwp import check_npwp

_ATTEMPTS = 5  # at a place among acts that are kept at the same time


class NothingKeyed(Exception):
    """The number that was keyed is to be validated, but none was found by the register."""


@dataclass(frozen=True, slots=True)
class CallProof:
    """A call's story and its ladder."""

    story: CallStory
    ladder: Ladder


class ProvedStandings:
    """A `desk.standing.Standings`, and the ladder itself, from the record of a call."""

    def __init__(self, stories: CallStories, proofs: Proofs, rules: ProofRules) -> None:
        self._stories = stories
        self._proofs = proofs
        self._rules = rules

    async def proof(self, call_id: str) -> CallProof:
        """Return a call's story and ladder. Raises StandingUnavailable; KeyError: no such call."""
        try:
            story = await self._stories.story(call_id)
            acts = await self._proofs.acts(call_id)
        except (StoryUnavailable, ProofsUnavailable) as error:
            raise StandingUnavailable(str(error)) from error
        return CallProof(story, Ladder(story.case, acts, self._rules))

    async def standing(self, call_id: str) -> Standing:
        """Return where a call stands. Raises StandingUnavailable; KeyError: no such call."""
        return (await self.proof(call_id)).ladder.standing


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An act to be kept."""

    kind: ActKind
    detail: str
    outcome: Outcome = Outcome.NOTED
    taxpayer_id: str | None = None
    holder: Holder | None = None


_AUDITED = {
    ActKind.VALIDATION: "npwp_validated",
    ActKind.ITEM: "proof_item_checked",
    ActKind.RECEIVER: "proof_receiver_noted",
    ActKind.SERVICE: "proof_service_chosen",
    ActKind.CLOSED: "proof_closed",
}


class ProofDesk:
    """What an agent does about the proof of a call.

    Every method returns the proof as it is then, and raises ProofRefused, ProofsUnavailable,
    StandingUnavailable, AuditUnavailable; KeyError: no such call. `who` is a staff_id.
    """

    def __init__(
        self,
        standings: ProvedStandings,
        proofs: Proofs,
        register: TaxpayerRecords,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._standings = standings
        self._proofs = proofs
        self._register = register
        self._audit = audit
        self._clock = clock

    async def validate(
        self, call_id: str, who: str, npwp: str, name: str, whose: str = CALLER
    ) -> tuple[CallProof, Outcome]:
        """Check number and name together; an empty `npwp` is the one that was keyed.

        Raises also DirectoryUnavailable, AnswerUnreadable, NothingKeyed; these count as no validation.
        """
        proof = await self._standings.proof(call_id)
        proof.ladder.check_validation(whose)
        taxpayer = await self._named(proof, npwp, name)
        wanted = _Wanted(ActKind.VALIDATION, whose, Outcome.NOT_MATCHED)
        if taxpayer is not None:
            wanted = _Wanted(ActKind.VALIDATION, whose, Outcome.MATCHED)
            if whose == CALLER:  # of others nothing is kept, and nothing follows
                holder = Holder.PERSON if taxpayer.resident_person else Holder.COMPANY
                wanted = _Wanted(ActKind.VALIDATION, whose, Outcome.MATCHED, taxpayer.taxpayer_id, holder)
        kept = await self._keep(proof, who, wanted, lambda ladder: ladder.check_validation(whose))
        return kept, wanted.outcome

    async def check_item(
        self, call_id: str, who: str, item: ProofItem, answer: str
    ) -> tuple[CallProof, Outcome]:
        """Compare an answer with the register.

        Raises also DirectoryUnavailable and AnswerUnreadable; these count as no try.
        """
        proof = await self._standings.proof(call_id)
        proof.ladder.check_item(item)
        subject = proof.ladder.subject
        if subject is None:
            raise ProofRefused(Refusal.NAME_FIRST)
        same = await self._register.matches(subject, item, answer)
        outcome = {True: Outcome.MATCHED, False: Outcome.NOT_MATCHED, None: Outcome.NOT_HELD}[same]
        wanted = _Wanted(ActKind.ITEM, item.value, outcome, subject, proof.ladder.holder)
        kept = await self._keep(proof, who, wanted, lambda ladder: ladder.check_item(item))
        return kept, outcome

    async def note_receiver(self, call_id: str, who: str, relation: Relation) -> CallProof:
        """Note who is on the line, as they say themselves."""
        return await self._note(call_id, who, ActKind.RECEIVER, relation.value, Ladder.check_receiver)

    async def choose_service(self, call_id: str, who: str, service: str) -> CallProof:
        """Choose for which service items are asked from now on."""
        return await self._note(
            call_id, who, ActKind.SERVICE, service, lambda ladder: ladder.check_service(service)
        )

    async def close(self, call_id: str, who: str, closing: Closing) -> CallProof:
        """Give the proof up, for the rest of the call."""
        return await self._note(call_id, who, ActKind.CLOSED, closing.value, Ladder.check_closing)

    async def _named(self, proof: CallProof, npwp: str, name: str) -> Taxpayer | None:
        """Return the taxpayer who has this number and this name, or None."""
        if npwp.strip():
            taxpayer = await self._find(readable_npwp(npwp))
        else:
            keyed = proof.story.taxpayer_id if proof.story.case.direction is Direction.INBOUND else None
            if keyed is None:
                raise NothingKeyed
            taxpayer = await self._register.by_id(keyed)
        # The name is compared in any case, so that a number nobody has takes no less time.
        subject = "" if taxpayer is None else taxpayer.taxpayer_id
        same = await self._register.matches(subject, ProofItem.NAME, name)
        return taxpayer if same else None

    async def _find(self, npwp: str) -> Taxpayer | None:
        for candidate in check_npwp(npwp).candidates:
            taxpayer = await self._register.find(candidate)
            if taxpayer is not None:
                return taxpayer
        return None

    async def _note(
        self, call_id: str, who: str, kind: ActKind, detail: str, check: Callable[[Ladder], None]
    ) -> CallProof:
        proof = await self._standings.proof(call_id)
        check(proof.ladder)
        wanted = _Wanted(kind, detail, taxpayer_id=proof.ladder.taxpayer_id, holder=proof.ladder.holder)
        return await self._keep(proof, who, wanted, check)

    async def _keep(
        self, proof: CallProof, who: str, wanted: _Wanted, check: Callable[[Ladder], None]
    ) -> CallProof:
        """Keep an act durably; return the proof with it. What came in between is judged anew."""
        await self._record(proof, who, wanted)
        for _ in range(_ATTEMPTS):
            check(proof.ladder)
            act = self._act(proof, who, wanted)
            try:
                await self._proofs.append(act)
            except ProofConflict:
                proof = await self._standings.proof(proof.story.call_id)
                continue
            ladder = proof.ladder
            return CallProof(proof.story, Ladder(ladder.case, (*ladder.acts, act), ladder.rules))
        raise ProofsUnavailable("too many acts of this call at the same time; try again")

    def _act(self, proof: CallProof, who: str, wanted: _Wanted) -> ProofAct:
        return ProofAct(
            call_id=proof.story.call_id,
            seq=len(proof.ladder.acts) + 1,
            at=self._clock.now(),
            by=who,
            kind=wanted.kind,
            detail=wanted.detail,
            outcome=wanted.outcome,
            taxpayer_id=wanted.taxpayer_id,
            holder=wanted.holder,
        )

    async def _record(self, proof: CallProof, who: str, wanted: _Wanted) -> None:
        subject = wanted.taxpayer_id
        await self._audit.record(
            AuditRow(
                at=self._clock.now(),
                who=who,
                act=_AUDITED[wanted.kind],
                subject="" if subject is None else f"taxpayer:{subject}",
                why=f"call:{proof.story.call_id}",
                outcome=wanted.outcome.value,
                data={"detail": wanted.detail},
            )
        )
