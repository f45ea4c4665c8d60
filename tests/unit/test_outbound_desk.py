"""An agent's outbound work in the service: contacts kept, dialled, skipped; how dials end is told."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.attempts import DialOutcome
from dialer.campaigns import CampaignState, Pacing
from dialer.leads import LeadState
from dialer.ports import LineEnd
from dialer.reasons import WhyNot
from service.outbound_dials import EarOfAgents
from tests.unit.outbound_stage import CAMPAIGN, ENGINE, Stage
from tests.unit.outbound_world import LEAD, TEN
from tests.web.page_parts import COLLEAGUE, OWN
from web.outbound_port import DialStep, OutboundUnavailable, Refusal, WorkRefused

MINUTE = timedelta(minutes=1)
STAFF = "s" * 32


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds, for as long as a busy machine needs."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.01)


async def kept(stage: Stage) -> int:
    found = await stage.work.next_lead(OWN)
    assert found is not None
    return found.lead.lead_id


async def refused(what: object) -> str:
    with pytest.raises(WorkRefused) as why:
        await what  # type: ignore[misc]
    return why.value.word


async def test_an_agent_works_for_running_campaigns_of_their_skill(stage: Stage) -> None:
    urgent = replace(CAMPAIGN, campaign_id="u" * 32, definition=replace(CAMPAIGN.definition, priority=5))
    paused = replace(CAMPAIGN, campaign_id="p" * 32, state=CampaignState.PAUSED)
    robot = replace(
        CAMPAIGN, campaign_id="r" * 32, definition=replace(CAMPAIGN.definition, pacing=Pacing.AGENTLESS)
    )
    stage.campaigns.rows = [CAMPAIGN, paused, urgent, robot]
    assert [one.campaign_id for one in await stage.work.campaigns_of(OWN)] == ["u" * 32, CAMPAIGN.campaign_id]
    assert await stage.work.campaigns_of(COLLEAGUE) == []
    assert await stage.work.campaigns_of("90000009") == ()


async def test_one_contact_is_kept_for_the_agent_alone(stage: Stage) -> None:
    first = await kept(stage)
    assert await kept(stage) == first
    assert stage.leads.leased == {7: ENGINE}
    stage.leads.rows.clear()
    stage.work.kept(OWN)
    stage.clock.passed = 11 * MINUTE  # kept for 10
    assert stage.work.kept(OWN) is None
    assert await stage.work.next_lead(OWN) is None


async def test_nobody_is_shown_to_whoever_is_not_free(stage: Stage) -> None:
    stage.floor.change(OWN, declared="paused")
    assert await refused(stage.work.next_lead(OWN)) == Refusal.NOT_FREE
    stage.floor.change(OWN, declared="ready", observed="talking", call_id="x" * 32)
    assert await refused(stage.work.next_lead(OWN)) == Refusal.NOT_FREE
    assert stage.leads.leased == {}


async def test_nobody_is_shown_outside_the_callees_hours(stage: Stage) -> None:
    stage.clock.passed = timedelta(hours=5, minutes=30)  # 15.30 WIB, but 16.30 WITA
    assert await stage.work.next_lead(OWN) is None


async def test_a_contact_goes_back_when_the_agent_pauses(stage: Stage) -> None:
    await kept(stage)
    stage.floor.change(OWN, declared="paused")
    await until(lambda: stage.leads.released)
    assert stage.leads.released == [(7, LEAD.due_at, "")]
    assert stage.work.kept(OWN) is None


async def test_a_contact_that_is_kept_is_dialled_for_this_agent(stage: Stage) -> None:
    assert await refused(stage.work.dial(OWN, 7)) == Refusal.NOT_YOURS
    lead_id = await kept(stage)
    assert await refused(stage.work.dial(COLLEAGUE, lead_id)) == Refusal.NOT_YOURS
    await stage.work.dial(OWN, lead_id)
    assert stage.placed == [(OWN, lead_id)]
    news = stage.work.dialling(OWN)
    assert news is not None
    assert (news.step, news.lead_id) == (DialStep.DIALLING, lead_id)
    assert await refused(stage.work.dial(OWN, lead_id)) == Refusal.DIALLING
    assert stage.told == [OWN]


async def test_what_is_not_the_contacts_fault_leaves_it_with_the_agent(stage: Stage) -> None:
    lead_id = await kept(stage)
    stage.refuses = WhyNot.ENGINE_NOT_READY
    assert await refused(stage.work.dial(OWN, lead_id)) == WhyNot.ENGINE_NOT_READY
    assert stage.work.dialling(OWN) is None
    stage.refuses = ""
    await stage.work.dial(OWN, lead_id)
    assert stage.placed == [(OWN, lead_id)]


async def test_a_contact_that_the_gate_refuses_is_let_go_with_why(stage: Stage) -> None:
    lead_id = await kept(stage)
    stage.refuses = WhyNot.SOLVED
    await stage.work.dial(OWN, lead_id)
    news = stage.work.dialling(OWN)
    assert news is not None
    assert (news.step, news.outcome) == (DialStep.ENDED, "solved")
    assert stage.work.kept(OWN) is None
    assert stage.leads.leased == {}
    assert await stage.work.next_lead(OWN) is None  # not shown again at once


async def test_every_step_of_a_dial_is_told(stage: Stage) -> None:
    engine = Silent()
    ear = EarOfAgents(engine, stage.dials)
    await stage.work.dial(OWN, await kept(stage))
    attempt_id = next(iter(stage.attempts.rows))
    ear.rings(attempt_id)
    assert (news := stage.work.dialling(OWN)) is not None
    assert news.step is DialStep.RINGING
    assert stage.work.kept(OWN) is not None  # the name is still there to greet with
    stage.ends(attempt_id, DialOutcome.BUSY)
    ear.ended(LineEnd(attempt_id, 17, 486, answered=False))
    await until(lambda: (now := stage.work.dialling(OWN)) is not None and now.step is DialStep.ENDED)
    assert (news := stage.work.dialling(OWN)) is not None
    assert news.outcome == "busy"
    assert len(stage.told) == 3
    assert engine.heard == ["rings", "ended"]


async def test_what_is_told_before_the_engine_answers_is_not_lost(stage: Stage) -> None:
    await kept(stage)
    stage.dials.asks(OWN, 7)
    stage.attempt(number=5)
    stage.dials.rings(f"{5:032x}")
    stage.dials.granted(OWN, f"{5:032x}")
    assert (news := stage.work.dialling(OWN)) is not None
    assert news.step is DialStep.RINGING


async def test_a_call_that_comes_takes_the_place_of_the_dial(stage: Stage) -> None:
    await stage.work.dial(OWN, await kept(stage))
    stage.has(next(iter(stage.attempts.rows)), "talking")
    assert stage.work.dialling(OWN) is None
    assert stage.work.kept(OWN) is None


async def test_a_skip_is_on_record_and_the_contact_comes_again_later(stage: Stage) -> None:
    lead_id = await kept(stage)
    assert await refused(stage.work.skip(OWN, STAFF, lead_id, "no_reason")) == Refusal.NO_SUCH_REASON
    await stage.work.skip(OWN, STAFF, lead_id, "acquainted")
    assert stage.leads.released == [(7, TEN + 15 * MINUTE, "acquainted")]
    assert [(row.agent, row.by, row.reason) for row in stage.record.skips] == [(OWN, STAFF, "acquainted")]
    assert await stage.work.next_lead(OWN) is None


async def test_whoever_a_campaign_does_not_mean_is_not_shown_again(stage: Stage) -> None:
    await stage.work.skip(OWN, STAFF, await kept(stage), "out_of_scope")
    lead_id, after, attempted = stage.leads.settled[0]
    assert (lead_id, after.state, after.reason, attempted) == (7, LeadState.DONE, "out_of_scope", False)


async def test_own_promises_come_first_also_of_campaigns_that_dial_by_themselves(stage: Stage) -> None:
    stage.pacing(Pacing.PROGRESSIVE)
    assert await stage.work.next_lead(OWN) is None
    stage.promise()
    assert [due.lead_id for due in await stage.work.callbacks_of(OWN)] == [7]
    assert await kept(stage) == 7


async def test_a_promise_for_later_is_listed_and_not_shown_yet(stage: Stage) -> None:
    stage.promise(after=30 * MINUTE)
    assert [due.due_at for due in await stage.work.callbacks_of(OWN)] == [TEN + 30 * MINUTE]
    assert await stage.work.next_lead(OWN) is None
    stage.promise(after=90 * MINUTE)
    assert await stage.work.callbacks_of(OWN) == []


async def test_of_a_campaign_that_dials_by_itself_no_other_lead_is_taken(stage: Stage) -> None:
    stage.pacing(Pacing.PREDICTIVE)
    stage.promise()
    stage.leads.rows[8] = replace(LEAD, lead_id=8, promised=True, due_at=TEN - MINUTE)  # anyone's, first
    assert await stage.work.next_lead(OWN) is None
    assert stage.leads.released == [(8, TEN - MINUTE, "")]


async def test_while_leads_cannot_be_read_nothing_is_kept(stage: Stage) -> None:
    stage.leads.down = True
    with pytest.raises(OutboundUnavailable):
        await stage.work.next_lead(OWN)
    assert stage.work.kept(OWN) is None


class Silent:
    """An engine that hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def rings(self, attempt_id: str) -> None:
        self.heard.append("rings")

    def answered(self, attempt_id: str, amd: str = "") -> None:
        self.heard.append("answered")

    def joined(self, attempt_id: str, agent: str) -> None:
        self.heard.append("joined")

    def over(self, attempt_id: str, how: DialOutcome) -> None:
        self.heard.append("over")

    def ended(self, end: LineEnd) -> None:
        self.heard.append("ended")

    def lost(self) -> None:
        self.heard.append("lost")

    def back(self) -> None:
        self.heard.append("back")
