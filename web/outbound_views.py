"""What an agent sees of campaigns and contacts: names and fields as far as needed, numbers masked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from acd.states import can_be_offered
from desk.standing import Rung
from desk.working_days import office_day
from dialer.campaigns import Campaign, Pacing
from dialer.disposed import NO_DISPOSITION, Disposed
from dialer.disposition_desk import DispositionRefused, Wish
from dialer.dispositions import Disposition, Flag
from dialer.leads import Lead
from domain.clock import Clock
from domain.masking import mask
from web.floor_port import FloorPort
from web.outbound_models import (
    CallbackView,
    CampaignView,
    ContactView,
    DialView,
    DispositionView,
    FieldView,
    GivenView,
    MissingView,
    NumberView,
    OfferedView,
    PastView,
    PreviewView,
    SkipView,
    WorkView,
)
from web.outbound_port import Called, DialNews, DueCallback, OutboundPort, PastAttempt, Preview
from web.outbound_words import OutboundWords, mask_name

_COMES_BY_ITSELF = frozenset({Pacing.PROGRESSIVE, Pacing.PREDICTIVE})
_SUGGESTED = timedelta(hours=2)  # from now: the callback that a form proposes
_GRID = timedelta(minutes=15)
_PROMISED_IN = timedelta(days=7)


class OutboundViews:
    """Views for one visitor in one language."""

    def __init__(self, port: OutboundPort, floor: FloorPort, clock: Clock, words: OutboundWords) -> None:
        self._port, self._floor, self._words = port, floor, words
        self._now = clock.now()

    async def work(self, agent: str) -> WorkView:
        """Return an agent's outbound work. Raises web.outbound_port.OutboundUnavailable."""
        desk = self._port.desk
        campaigns = await desk.campaigns_of(agent)
        callbacks = await desk.callbacks_of(agent)
        since = self._now - self._port.rules.at(self._now).late
        missing = await desk.undisposed([agent], since)
        free, kept = self.is_free(agent), desk.kept(agent)
        news = desk.dialling(agent)
        return WorkView(
            campaigns=[self._campaign(one) for one in campaigns],
            free=free,
            previews=any(one.definition.pacing is Pacing.PREVIEW for one in campaigns) or bool(callbacks),
            waiting=free and any(one.definition.pacing in _COMES_BY_ITSELF for one in campaigns),
            preview=None if kept is None else self.preview(kept),
            dial=None if news is None else self._dial(news),
            callbacks=[self._callback(one) for one in callbacks],
            missing=self.missing(missing, campaigns),
            skips=self.skips(),
        )

    def is_free(self, agent: str) -> bool:
        """Whether an agent is ready and has nothing on the phone."""
        views = (one for one in self._floor.agents() if one.agent == agent)
        return any(can_be_offered(one.declared, one.observed) for one in views)

    def preview(self, kept: Preview) -> PreviewView:
        """Return the contact that is kept: masked until the agent asked to see it."""
        lead, definition, words = kept.lead, kept.campaign.definition, self._words
        contact = lead.contact
        name = contact.person.name
        return PreviewView(
            lead_id=lead.lead_id,
            title=definition.title,
            kind=self._kind(kept.campaign),
            name=name if kept.revealed else mask_name(name),
            group=words.group(contact.group),
            zone=words.zone(contact.zone),
            local_time=words.local(self._now, contact.zone, "%H.%M"),
            revealed=kept.revealed,
            fields=self._fields(kept.campaign, lead) if kept.revealed else [],
            promised_at=lead.due_at if lead.promised else None,
            attempts=lead.attempts,
            past=self._past(kept.past),
            until=kept.until,
        )

    def contact(self, called: Called, rung: Rung, language: str) -> ContactView:
        """Return whom a call is with."""
        definition, words = called.campaign.definition, self._words
        contact = called.lead.contact
        needed = Rung.FULL if definition.needs_poro else Rung.CONFIRMED
        code = f"{called.code[:3]} {called.code[3:]}"
        return ContactView(
            call_id=called.call_id,
            placed=called.placed,
            language="en" if language == "en" else "id",
            title=definition.title,
            kind=self._kind(called.campaign),
            name=contact.person.name,
            npwp=mask(contact.person.npwp),
            group=words.group(contact.group),
            zone=words.zone(contact.zone),
            local_time=words.local(self._now, contact.zone, "%H.%M"),
            numbers=[
                NumberView(masked=mask(number), dialled=index == called.number)
                for index, number in enumerate(contact.person.numbers)
            ],
            fields=self._fields(called.campaign, called.lead),
            open=called.placed and rung >= needed,
            code=code,
            say=words.both("outbound.code_say", code=code),
            attempts=called.lead.attempts,
            past=self._past(called.past),
        )

    def disposition(
        self, called: Called, given: Sequence[Disposed], agent: str, *, live: bool
    ) -> DispositionView:
        """Return the disposition of a call: what counts, what can be chosen, what is suggested."""
        rules, zone = self._port.dispositions, called.lead.contact.zone
        offered = rules.offered(called.campaign.definition, self._now)
        last = given[-1] if given else None
        at = self._suggested(called, agent)
        here = at.astimezone(zone.shown_in)
        today = office_day(self._now)
        return DispositionView(
            call_id=called.call_id,
            placed=called.placed,
            needed=called.placed and last is None,
            may_change=rules.may_change(last, self._now, live=live),
            given=None if last is None else self._given(called, given, offered),
            offered=[
                OfferedView(
                    code=code,
                    words=row.words(self._words.language),
                    digit=row.digit,
                    flags=sorted(flag.value for flag in row.flags),
                )
                for code, row in offered.items()
            ],
            zone=self._words.zone(zone),
            window=self._words.window(called.campaign.definition.window, zone),
            day=here.date(),
            clock=f"{here:%H:%M}",
            promised_on=today + _PROMISED_IN,
            latest_promise=today + timedelta(days=self._port.rules.at(self._now).promise),
        )

    def missing(self, rows: Sequence[Disposed], campaigns: Sequence[Campaign]) -> list[MissingView]:
        """Return calls without a disposition."""
        titles = {one.campaign_id: one.definition.title for one in campaigns}
        names = {one.agent: one.on_air_name for one in self._floor.agents()} if rows else {}
        return [
            MissingView(
                call_id=row.call_id,
                at=row.at,
                campaign=titles.get(row.campaign_id, ""),
                who=names.get(row.agent, ""),
            )
            for row in rows
        ]

    def skips(self) -> list[SkipView]:
        """Return the reasons to skip a contact."""
        rows = self._port.rules.at(self._now).skips
        return [
            SkipView(reason=name, words=row.words(self._words.language), digit=row.digit)
            for name, row in rows.items()
        ]

    def _campaign(self, campaign: Campaign) -> CampaignView:
        pacing = campaign.definition.pacing
        return CampaignView(title=campaign.definition.title, kind=self._kind(campaign), pacing=pacing)

    def _kind(self, campaign: Campaign) -> str:
        return self._port.kinds.at(self._now)[campaign.definition.kind].words(self._words.language)

    def _fields(self, campaign: Campaign, lead: Lead) -> list[FieldView]:
        """Return the fields that the campaign shows, and no others."""
        given = lead.contact.person.fields
        return [
            FieldView(name=name, label=self._words.field(name), value=given[name])
            for name in campaign.definition.fields
            if given.get(name)
        ]

    def _past(self, past: Sequence[PastAttempt]) -> list[PastView]:
        return [
            PastView(
                at=one.at,
                outcome=self._words.outcome(one.outcome) if one.outcome else "",
                disposition=self._code(one.disposition) if one.disposition else "",
            )
            for one in past
        ]

    def _code(self, code: str) -> str:
        row = self._port.dispositions.known(code, self._now)
        return self._words.outcome(code) if row is None else row.words(self._words.language)

    def _callback(self, due: DueCallback) -> CallbackView:
        return CallbackView(
            lead_id=due.lead_id,
            title=due.title,
            name=mask_name(due.name),
            at=self._words.local(due.due_at, due.zone, "%d.%m. %H.%M"),
            late=due.due_at < self._now,
        )

    def _dial(self, news: DialNews) -> DialView:
        step, say = news.step, self._words.say
        words = self._words.outcome(news.outcome) if news.outcome else say(f"outbound.dial_{step.value}")
        seconds = max(0, round((self._now - news.since).total_seconds()))
        return DialView(step=step, words=words, seconds=seconds)

    def _given(
        self, called: Called, given: Sequence[Disposed], offered: Mapping[str, Disposition]
    ) -> GivenView:
        row = given[-1]
        talked = called.talked(row.agent, row.by)
        found = self._port.dispositions.consequences(talked, row, given[:-1])
        names = {code: one.words(self._words.language) for code, one in offered.items()}
        return GivenView(
            code=row.code,
            words=self._words.disposition(row, names),
            at=row.at,
            follows=[]
            if row.code == NO_DISPOSITION
            else self._words.follows(found, called.lead.contact.zone),
        )

    def _suggested(self, called: Called, agent: str) -> datetime:
        """Return a time for a callback that would be granted."""
        later = self._now + _SUGGESTED
        at = later + (_GRID - (later - datetime.min.replace(tzinfo=later.tzinfo)) % _GRID)
        offered = self._port.dispositions.offered(called.campaign.definition, self._now)
        code = next((code for code, row in offered.items() if row.has(Flag.CALLBACK)), "")
        if not code:
            return at
        try:
            self._port.dispositions.give(called.talked(agent, ""), Wish(code, at), (), self._now)
        except DispositionRefused as refused:
            return refused.nearest or at
        return at
