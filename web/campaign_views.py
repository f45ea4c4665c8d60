"""Campaigns in the words of whoever asks."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fastapi import Request

from desk.working_days import office_day
from dialer.campaigns import MOVES, Campaign, CampaignRefused, CampaignState, SwitchChange
from dialer.campaigns_text import to_plain
from dialer.dry_run import CALLED
from dialer.leads import Lead, LeadState
from dialer.lists import ListState, TaxpayerList
from dialer.reasons import WhyNot
from dialer.retry import Refusal
from web.campaign_door import CampaignDoor, LeadCounts
from web.campaign_jobs import DryState
from web.campaign_models import (
    ActView,
    CampaignDetail,
    CampaignView,
    DryRunView,
    ExampleView,
    LeadsView,
    ListUse,
    ReasonView,
    SwitchView,
    WhyView,
)
from web.permissions import Permission
from web.visitor import Visitor

ACTS: Mapping[CampaignState, str] = {
    CampaignState.RUNNING: "start",
    CampaignState.PAUSED: "pause",
    CampaignState.STOPPED: "stop",
    CampaignState.FINISHED: "finish",
}
"""What leads to each state."""

EXAMPLES = 3  # of each reason
_MADE = re.compile(r"([0-9]+) leads, ([0-9]+) of them control")

Names = Mapping[str, str]


def switch_view(change: SwitchChange | None, names: Names) -> SwitchView:
    """Return the kill switch."""
    if change is None:
        return SwitchView(thrown=False, reason="", who="", at=None)
    who = names.get(change.who, change.who)
    return SwitchView(thrown=change.thrown, reason=change.reason, who=who, at=change.at)


def leads_view(ready: int, done: int, control: int) -> LeadsView:
    """Return how far a campaign is."""
    return LeadsView(ready=ready, done=done, control=control, share=done / (ready + done) if done else 0.0)


class CampaignWords:
    """Campaigns in the words of whoever asks."""

    def __init__(self, door: CampaignDoor, request: Request, visitor: Visitor) -> None:
        self.door, self.visitor = door, visitor
        self._texts = door.shared.render.texts
        self.language = door.shared.render.language(request)
        self.now = door.shared.clock.now()

    def say(self, name: str, **values: object) -> str:
        """Return a text."""
        return self._texts.say(self.language, name, **values)

    def options(self, family: str, values: Iterable[str]) -> list[tuple[str, str]]:
        """Return values with their words, for a choice."""
        return [(str(value), self.say(f"{family}.{value}")) for value in values]

    def code(self, code: str) -> str:
        """Return an outcome, a disposition, or a reason not to dial, in words."""
        disposition = self.door.port.tables.dispositions.at(self.now).dispositions.get(code)
        if disposition is not None:
            return disposition.words(self.language)
        for family in ("outbound_outcome", "campaigns_done"):
            if f"{family}.{code}" in self._texts:
                return self.say(f"{family}.{code}")
        return self.why(code) if code else self.say("campaigns.not_yet")

    def question(self, question: str) -> str:
        """Return a survey's question in words; one of a flow of one's own by its name."""
        name = f"campaigns_question.{question}"
        return self.say(name) if name in self._texts else question

    def why(self, why: str) -> str:
        """Return a `WhyNot` in words."""
        if why == CALLED:
            return self.say("campaigns.would_be_called")
        name = f"outbound_why.{why}"
        return self.say(name) if name in self._texts else why

    def refused(self, error: CampaignRefused) -> str:
        """Return what is wrong with a definition."""
        name = f"campaigns_refused.{error.word}"
        return self.say(name if name in self._texts else "campaigns_refused.other", value=error.value)

    def campaign(self, one: Campaign, names: Names, counts: LeadCounts | None) -> CampaignView:
        """Return a campaign as a list has it."""
        definition = one.definition
        return CampaignView(
            campaign_id=one.campaign_id,
            title=definition.title,
            kind=definition.kind,
            pacing=definition.pacing,
            state=one.state,
            version=one.version,
            starts_on=definition.starts_on,
            ends_on=definition.ends_on,
            lists=len(one.lists),
            leads=None
            if counts is None
            else leads_view(counts[LeadState.READY], counts[LeadState.DONE], counts[LeadState.CONTROL]),
            created_by=names.get(one.created_by, one.created_by),
            changed_at=one.changed_at,
        )

    def detail(
        self,
        one: Campaign,
        counts: LeadCounts,
        known: Sequence[TaxpayerList],
        history: Sequence[tuple[datetime, str, str]],
        names: Names,
        switch: SwitchChange | None,
    ) -> CampaignDetail:
        """Return a campaign with everything about it."""
        may = self.visitor.reach
        may_run = may(Permission.CAMPAIGN_RUN) is not None
        return CampaignDetail(
            overview=self.campaign(one, names, counts),
            definition=to_plain(one.definition),
            lists=self._lists(one, known),
            choices=self._choices(one, known),
            history=[self._act(*row, names) for row in reversed(history)],
            moves=[ACTS[state] for state in ACTS if state in MOVES[one.state]] if may_run else [],
            may_manage=may(Permission.CAMPAIGN_MANAGE) is not None,
            may_run=may_run,
            may_results=may(Permission.CAMPAIGN_RESULTS) is not None,
            switch=switch_view(switch, names),
        )

    def reasons(self, counts: Mapping[WhyNot, int] | Mapping[str, int]) -> list[ReasonView]:
        """Return each `WhyNot` with its words, the most frequent first."""
        found = sorted(counts.items(), key=lambda one: -one[1])
        return [ReasonView(reason=why, words=self.why(why), leads=leads) for why, leads in found]

    def ends(self, counts: Mapping[str, int]) -> list[ReasonView]:
        """Return why leads are done, with the words of outcomes and dispositions."""
        found = sorted(counts.items(), key=lambda one: -one[1])
        return [ReasonView(reason=code, words=self.code(code), leads=leads) for code, leads in found]

    def dry_run(self, one: Campaign, state: DryState | None, examples: Sequence[ExampleView]) -> DryRunView:
        """Return a dry run, under way or done."""
        report = None if state is None else state.report
        over = state is not None and state.at is not None
        word = "none" if state is None else "done" if report else "failed" if over else "running"
        return DryRunView(
            campaign_id=one.campaign_id,
            title=one.definition.title,
            state=word,  # type: ignore[arg-type] # one of its four words
            judged=0 if state is None else state.judged,
            at=None if state is None else state.at,
            day=None if report is None else report.day,
            leads=0 if report is None else report.leads,
            called=0 if report is None else report.called,
            reasons=[] if report is None else self.reasons(report.refused),
            done=[] if report is None else self.ends(report.done),
            examples=list(examples),
        )

    def example(self, lead: Lead, reason: str) -> ExampleView:
        """Return a lead by what is not personal."""
        contact = lead.contact
        return ExampleView(
            lead_id=lead.lead_id,
            list_id=contact.list_id,
            row=contact.row,
            zone=contact.zone,
            reason=reason,
            words=self.why(reason),
        )

    def standing(self, lead: Lead, refusal: Refusal | None) -> WhyView:
        """Return how one lead stands."""
        contact = lead.contact
        why = str(refusal.why) if refusal is not None else ""
        words = self.why(why) if why else self.code(lead.reason)
        if lead.state is LeadState.READY and refusal is None:
            words = self.say("campaigns.may_be_dialled")
        return WhyView(
            lead_id=lead.lead_id,
            list_id=contact.list_id,
            row=contact.row,
            zone=contact.zone,
            state=lead.state,
            attempts=lead.attempts,
            last=self.code(lead.reason),
            may_be_dialled=lead.state is LeadState.READY and refusal is None,
            why=why,
            words=words,
            until=None if refusal is None else refusal.until,
        )

    def _lists(self, one: Campaign, known: Sequence[TaxpayerList]) -> list[ListUse]:
        by_id = {found.list_id: found for found in known}
        adding = self.door.lists.of(one.campaign_id)
        failed = self.door.lists.failed(one.campaign_id)
        wanted = [*one.lists, *sorted((adding | failed.keys()) - set(one.lists))]
        found = []
        for list_id in wanted:
            error = failed.get(list_id)
            problem = "" if error is None else self.say("campaigns.leads_not_made")
            if isinstance(error, CampaignRefused):
                problem = self.refused(error)
            found.append(_use(list_id, by_id.get(list_id), list_id in adding, problem))
        return found

    def _choices(self, one: Campaign, known: Sequence[TaxpayerList]) -> list[ListUse]:
        taken = {*one.lists, *self.door.lists.of(one.campaign_id)}
        today = office_day(self.now)
        return [
            _use(found.list_id, found, False, "")
            for found in known
            if found.state is ListState.APPROVED
            and found.list_id not in taken
            and found.order.expires_on >= today
        ]

    def _act(self, at: datetime, who: str, what: str, names: Names) -> ActView:
        """Return a line of the record of changes; `what` begins with a word that the catalogue has."""
        verb, _, rest = what.partition(":")
        name = f"campaigns_act.{verb.split(' from ')[0].replace(' ', '_')}"
        told = what if name not in self._texts else self.say(name)
        if verb == "changed":
            told += ": " + ", ".join(self._field(field) for field in rest.split())
        elif (counts := _MADE.search(rest)) is not None:
            told += ": " + self.say("campaigns.leads_made", leads=counts[1], control=counts[2])
        return ActView(at=at, who=names.get(who, who), words=told)

    def _field(self, field: str) -> str:
        name = f"campaigns_field.{field}"
        return self.say(name) if name in self._texts else field


def _use(list_id: str, found: TaxpayerList | None, adding: bool, problem: str) -> ListUse:
    return ListUse(
        list_id=list_id,
        title="" if found is None else found.order.title,
        unit="" if found is None else found.order.unit,
        accepted=0 if found is None else found.counts.accepted,
        expires_on=None if found is None else found.order.expires_on,
        adding=adding,
        problem=problem,
    )
