"""The one path of every dial: gate, intent, the last look, sending. Nothing is ever sent twice."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any, Protocol

from dialer.attempts import Attempt, AttemptsUnavailable, NotAllowed
from dialer.campaigns import Campaign
from dialer.engine_leads import soon
from dialer.engine_lines import Bar, Command, Place
from dialer.engine_ports import EnginePorts
from dialer.engine_rules import EngineRules
from dialer.leads import Lead, LeadsUnavailable
from dialer.ports import Dial
from dialer.reasons import WhyNot
from dialer.retry import Refusal


class Doing(Protocol):
    """The engine, as its parts use it."""

    def do(self, commands: Collection[Command]) -> None:
        """Do what the rules say."""
        ...

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let work go on by itself."""
        ...

    def write(self, attempt_id: str, work: Callable[[], Any]) -> None:
        """Put something of an attempt on record, until it is there."""
        ...


class Dialling:
    """Takes dials that were decided from the gate to Asterisk."""

    def __init__(self, ports: EnginePorts, rules: EngineRules, role: str, holder: str, engine: Doing) -> None:
        self._ports, self._rules, self._engine = ports, rules, engine
        self._role, self._holder = role, holder
        self._waiting: dict[str, list[tuple[str, Lead, str]]] = {}  # by campaign, for the gate

    async def all(self, place: Place) -> None:
        """Dial these; what is refused goes back with its reason.

        One question to the gate at a time for each campaign: what is decided meanwhile shares the next.
        """
        waiting = self._waiting.get(place.campaign_id)
        if waiting is not None:
            waiting += place.dials
            return
        waiting = self._waiting[place.campaign_id] = list(place.dials)
        while waiting:
            some, waiting[:] = tuple(waiting), []
            await self._some(Place(place.campaign_id, some))
            if waiting:
                await self._ports.sleep(BETWEEN)
        del self._waiting[place.campaign_id]

    async def _some(self, place: Place) -> None:
        desk = self._rules.desks.get(place.campaign_id)
        if desk is None:  # stopped meanwhile
            for attempt_id, _, _ in place.dials:
                self._refuse(attempt_id, WhyNot.CAMPAIGN_NOT_RUNNING)
            return
        campaign = desk.campaign
        refused: list[tuple[Lead, Refusal]] = []
        verdicts = await self._judge(campaign, [lead for _, lead, _ in place.dials])
        for attempt_id, lead, agent in place.dials:
            verdict = verdicts.get(lead.lead_id, _UNASKED)
            if verdict is None:
                self._engine.spawn(self._alone(campaign, attempt_id, lead, agent))
                continue
            self._refuse(attempt_id, verdict.why)
            if verdict is not _UNASKED:
                refused.append((lead, verdict))
        await self._put_off(refused)

    async def for_agent(self, place: Place) -> str:
        """Dial one for an agent, who is kept free for it. Raises NotAllowed.

        Goes on when nobody waits for the answer any more.
        """
        ((attempt_id, _, agent),) = place.dials
        definition = self._rules.desks[place.campaign_id].campaign.definition
        seconds = definition.ring_seconds + _TO_BE_JOINED
        if not self._ports.floor.keep(agent, attempt_id, seconds):
            raise NotAllowed(self._refuse(attempt_id, WhyNot.NO_AGENT))
        why = await asyncio.shield(asyncio.ensure_future(self._for_agent(place)))
        if why is not None:
            self._ports.floor.release(attempt_id)
            raise NotAllowed(why)
        return attempt_id

    async def _for_agent(self, place: Place) -> str | None:
        ((attempt_id, lead, agent),) = place.dials
        campaign = self._rules.desks[place.campaign_id].campaign
        verdicts = await self._judge(campaign, [lead])
        verdict = verdicts.get(lead.lead_id, _UNASKED)
        if verdict is None:
            return await self._send(campaign, attempt_id, lead, agent)
        if verdict is not _UNASKED:
            await self._put_off([(lead, verdict)])
        return self._refuse(attempt_id, verdict.why)

    async def _judge(self, campaign: Campaign, leads: list[Lead]) -> Mapping[int, Refusal | None]:
        killed = Bar.KILL_SWITCH in self._rules.bars
        try:
            return await self._ports.leads.judge(campaign, leads, self._ports.clock.now(), killed=killed)
        except LeadsUnavailable:
            return {}

    async def _alone(self, campaign: Campaign, attempt_id: str, lead: Lead, agent: str) -> None:
        why = await self._send(campaign, attempt_id, lead, agent)
        if why is not None:
            await self._put_off([(lead, soon(lead, why, self._ports.clock.now()))])

    async def _send(self, campaign: Campaign, attempt_id: str, lead: Lead, agent: str) -> str | None:
        """Put on record and send; return why it was not sent."""
        ports, rules = self._ports, self._rules
        now = ports.clock.now()
        limits, began = ports.leads.limits(campaign, now), ports.leads.day_began(lead, now)
        try:
            await ports.attempts.intend(self._attempt(campaign, attempt_id, lead, agent), limits, began)
        except NotAllowed as refused:
            return self._refuse(attempt_id, refused.reason)
        except AttemptsUnavailable:
            # It may be on record all the same: an intent without a dial is closed by the next look-up.
            return self._refuse(attempt_id, WhyNot.ENGINE_NOT_READY)
        why = rules.may_send(attempt_id)
        if why is None:
            try:
                sending = await ports.attempts.sending(attempt_id, ports.clock.now(), self._holder)
            except AttemptsUnavailable:
                sending = False
            why = rules.may_send(attempt_id) if sending else WhyNot.ENGINE_NOT_READY
        if why is None:
            return await self._place(campaign, attempt_id, lead, agent)
        return self._take_back(attempt_id, why)

    async def _place(self, campaign: Campaign, attempt_id: str, lead: Lead, agent: str) -> str | None:
        ports, rules = self._ports, self._rules
        try:
            placed = await ports.lines.place(_dial(campaign, attempt_id, lead, agent))
        except TimeoutError:
            at = ports.clock.now()
            self._engine.write(attempt_id, lambda: ports.attempts.doubted(attempt_id, at))
            self._engine.do(rules.doubted(attempt_id, ports.clock.monotonic()))
            return None
        if not placed:
            return self._take_back(attempt_id, WhyNot.NO_LINE)
        ports.observer.dialled()
        self._engine.do(rules.sent(attempt_id, ports.clock.monotonic()))
        return None

    def _take_back(self, attempt_id: str, why: str) -> str:
        """An attempt on record that was certainly not sent."""
        at = self._ports.clock.now()
        self._engine.write(attempt_id, lambda: self._ports.attempts.not_sent(attempt_id, why, at))
        return self._refuse(attempt_id, why)

    def _refuse(self, attempt_id: str, why: str) -> str:
        self._ports.observer.refused(why)
        self._engine.do(self._rules.not_sent(attempt_id, why, self._ports.clock.monotonic()))
        return why

    async def _put_off(self, refused: list[tuple[Lead, Refusal]]) -> None:
        if not refused:
            return
        try:
            await self._ports.leads.put_off(refused, self._ports.clock.now())
        except LeadsUnavailable:
            return  # their leases run out

    def _attempt(self, campaign: Campaign, attempt_id: str, lead: Lead, agent: str) -> Attempt:
        contact = lead.contact
        return Attempt(
            attempt_id=attempt_id,
            campaign_id=campaign.campaign_id,
            lead_id=lead.lead_id,
            taxpayer_key=contact.taxpayer_key,
            number_key=contact.number_keys[lead.number],
            number=contact.person.numbers[lead.number],
            mode=campaign.definition.pacing.value,
            agent=agent,
            engine=self._role,
            version=campaign.version,
            ordinal=lead.attempts + 1,
            zone=contact.zone.value,
            intended_at=self._ports.clock.now(),
        )


BETWEEN = 0.05  # seconds between two questions to the gate of a campaign that dials that fast
_TO_BE_JOINED = 10.0  # seconds beyond the ring time for which an agent is kept for their call
_UNASKED = Refusal(WhyNot.ENGINE_NOT_READY, None)  # the records could not be asked


def _dial(campaign: Campaign, attempt_id: str, lead: Lead, agent: str) -> Dial:
    definition = campaign.definition
    return Dial(
        attempt_id=attempt_id,
        number=lead.contact.person.numbers[lead.number],
        seconds=definition.ring_seconds,
        flow=definition.flow,
        queue=f"{definition.skill}/{definition.tier}",
        agent=agent,
        zone=lead.contact.zone.value,
        amd=definition.amd,
    )
