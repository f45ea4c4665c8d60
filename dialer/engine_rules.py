"""The engine's rules: told what happens and the time, it says what is to be done. No clock, no I/O.

Every method returns commands; `dialer.engine_decisions` is asked after each of them. All times are monotonic
seconds.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dialer.attempts import DialOutcome
from dialer.campaigns import Campaign, CampaignState
from dialer.engine_lines import (
    ACTIVE,
    UNANSWERED,
    Bar,
    Cancel,
    Command,
    Desk,
    KeepAnswer,
    KeepEnd,
    KeepJoined,
    Line,
    LookUp,
    Place,
    Stage,
)
from dialer.engine_states import ENGINE
from dialer.leads import Lead
from dialer.outcomes import Outcomes, plain
from dialer.pacing.view import Pacer
from dialer.ports import LineEnd
from dialer.reasons import WhyNot

FLOW_SAYS_WITHIN = 2.0  # seconds after an answered channel is gone
LOOK_AGAIN = 2.0  # seconds between two looks at a doubtful dial
OVERDUE = 15.0  # seconds beyond the ring time without a word, after which a dial is looked up
STUCK = 60.0  # seconds that preparing a dial may take
SILENT_TALK = 60.0  # seconds without a word, after which an answered call is looked up
DRY_PAUSE = 3.0  # seconds until a campaign without due leads is asked again
_RUNS_ON = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})  # what rings goes on ringing

# What only the far end or the network says, also where the SIP code was lost on the way: we hang up with 16.
_NEVER_OURS = frozenset(
    {DialOutcome.BUSY, DialOutcome.REJECTED, DialOutcome.NOT_IN_SERVICE, DialOutcome.MOVED}
)


class EngineRules:
    """All decisions of one engine. Its state can be rebuilt from the record and from Asterisk."""

    def __init__(
        self,
        new_pacer: Callable[[Campaign], Pacer],
        outcomes: Outcomes,
        most_lines: int,
        new_id: Callable[[], str],
    ) -> None:
        self._new_pacer, self._outcomes = new_pacer, outcomes
        self._most_lines, self._new_id = most_lines, new_id
        self.state = ENGINE.start
        self.bars: set[Bar] = set()
        self.desks: dict[str, Desk] = {}
        self.lines: dict[str, Line] = {}

    # ---- The engine itself

    def back(self, now: float) -> list[Command]:
        """Asterisk can be commanded, and the role is ours."""
        if self.state != "starting":
            return []
        self._move("back")
        return [LookUp()]

    def lost(self, now: float) -> list[Command]:
        """One of both is lost: what rings would be answered into nothing."""
        self._move("lost")
        return self.cancel(self.lines.values())

    def looked_up(self, now: float) -> list[Command]:
        """Every unfinished attempt was looked up once."""
        if self.state != "looking_up":
            return []
        self._move("bar" if self.bars else "looked_up")
        return self._silent()

    def bar(self, why: Bar, now: float) -> list[Command]:
        """Nothing may be dialled, and what rings is cancelled."""
        self.bars.add(why)
        if self.state not in {"looking_up", "running"}:
            return []
        self._move("bar")
        return [*self.cancel(self.lines.values()), *self._silent()]

    def clear(self, why: Bar, now: float) -> list[Command]:
        """It is not barred by this any more."""
        self.bars.discard(why)
        if self.bars or self.state not in {"cancelling", "paused"}:
            return []
        self._move("clear")
        return [LookUp()]

    def why_not(self) -> WhyNot | None:
        """Return why nothing is dialled at all, or None."""
        if Bar.KILL_SWITCH in self.bars:
            return WhyNot.KILL_SWITCH
        return None if self.state == "running" else WhyNot.ENGINE_NOT_READY

    # ---- Campaigns and leads

    def ordered(self, campaigns: Iterable[Campaign], now: float) -> list[Command]:
        """These campaigns run or are paused; all others are stopped."""
        known = {one.campaign_id: one for one in campaigns if one.state in _RUNS_ON}
        for campaign_id, campaign in known.items():
            desk = self.desks.get(campaign_id)
            if desk is None:
                self.desks[campaign_id] = Desk(campaign, self._new_pacer(campaign))
            elif desk.campaign != campaign:
                if _pace(desk.campaign) != _pace(campaign):
                    desk.pacer = self._new_pacer(campaign)
                desk.campaign = campaign
        stopped = self.desks.keys() - known.keys()
        for campaign_id in stopped:
            del self.desks[campaign_id]
        return self.cancel(line for line in self.lines.values() if line.campaign_id in stopped)

    def leased(self, campaign_id: str, leads: Sequence[Lead], now: float) -> list[Command]:
        """These leads are ours for a while; none: there are none due."""
        desk = self.desks.get(campaign_id)
        if desk is None:
            return []
        desk.fetching = False
        if not leads:
            desk.dry_until = now + DRY_PAUSE
        elif not desk.leads:
            desk.leased = now
        desk.leads.extend(leads)
        return []

    # ---- One dial

    def may_send(self, attempt_id: str) -> WhyNot | None:
        """Return why a dial that is being prepared must not be sent now, or None. Asked right before it."""
        line = self.lines.get(attempt_id)
        if (why := self.why_not()) is not None:
            return why
        if line is None or line.cancelled:
            return WhyNot.NO_AGENT
        desk = self.desks.get(line.campaign_id)
        runs = desk is not None and desk.campaign.state is CampaignState.RUNNING
        return None if runs else WhyNot.CAMPAIGN_NOT_RUNNING

    def sent(self, attempt_id: str, now: float) -> list[Command]:
        """Asterisk took the order."""
        line = self.lines.get(attempt_id)
        if line is None:
            return []
        if line.stage is Stage.PREPARING:
            line.stage = Stage.RINGING
        line.sent = line.sent or now
        line.heard = now
        if (desk := self.desks.get(line.campaign_id)) is not None:
            desk.pacer.dialled(now)
        # Cancelled while the order was on its way.
        return [Cancel(attempt_id)] if line.cancelled and line.stage is Stage.RINGING else []

    def not_sent(self, attempt_id: str, why: str, now: float) -> list[Command]:
        """It was refused, or could not be put on record; certainly nothing was sent."""
        line = self.lines.pop(attempt_id, None)
        if line is not None and (desk := self.desks.get(line.campaign_id)) is not None:
            desk.refused[why] += 1
        return self._silent()

    def doubted(self, attempt_id: str, now: float) -> list[Command]:
        """The order had no answer: it counts as sent, and is looked up."""
        commands = self.sent(attempt_id, now)
        if (line := self.lines.get(attempt_id)) is not None and line.stage is Stage.RINGING:
            line.doubtful = True
            commands.append(LookUp(frozenset({attempt_id})))
        return commands

    def found(self, line: Line) -> list[Command]:
        """It lives in Asterisk: one that nobody knew any more, or one in doubt."""
        known = self.lines.setdefault(line.attempt_id, line)
        known.doubtful, known.heard = line.doubtful, line.heard
        if known.stage is not Stage.RINGING:
            return []
        if known.cancelled:
            return [Cancel(known.attempt_id)]  # the first word may have been lost
        return self.cancel([known]) if self.bars or known.campaign_id not in self.desks else []

    def rings(self, attempt_id: str, now: float) -> list[Command]:
        """The far end rings."""
        if (line := self.lines.get(attempt_id)) is not None:
            line.heard, line.doubtful = now, False
        return []

    def answered(self, attempt_id: str, amd: str, now: float) -> list[Command]:
        """The far end answered, and the call is in the application."""
        line = self.lines.get(attempt_id)
        if line is None or line.stage not in UNANSWERED:
            return []
        line.stage, line.answered, line.heard, line.doubtful = Stage.WAITING, now, now, False
        if (desk := self.desks.get(line.campaign_id)) is not None:
            desk.pacer.dial_ended(now, now - line.began, live=True)
        return [KeepAnswer(attempt_id, amd)]

    def joined(self, attempt_id: str, agent: str, now: float) -> list[Command]:
        """An agent was joined with it."""
        line = self.lines.get(attempt_id)
        if line is None or line.joined:
            return []
        line.stage, line.joined, line.heard = Stage.JOINED, agent, now
        return [KeepJoined(attempt_id, agent)]

    def over(self, attempt_id: str, how: DialOutcome, now: float) -> list[Command]:
        """Its flow came to an end."""
        line = self.lines.get(attempt_id)
        if line is None or line.how is not None:
            return []
        line.how, line.heard = how, now
        desk = self.desks.get(line.campaign_id)
        if how is DialOutcome.ABANDONED and desk is not None:
            desk.pacer.abandoned(now)
        return self._finish(line, now) if line.end is not None else []

    def ended(self, told: LineEnd, now: float) -> list[Command]:
        """Its channel is gone."""
        line = self.lines.get(told.attempt_id)
        if line is None or line.end is not None:
            return []
        line.end, line.ended = plain(told), now
        in_flow = line.stage in {Stage.WAITING, Stage.JOINED}
        if not in_flow:
            return self._finish(line, now)
        line.stage = Stage.GONE
        return self._finish(line, now) if line.how is not None or line.joined else []

    def crossed(self, end: KeepEnd, told: LineEnd) -> KeepEnd:
        """Return the end of a call that we cancelled as the ledger tells it: both may have ended it."""
        outcome = self._never_came(told, cancelled=True)
        if outcome is DialOutcome.CANCELLED:
            return end
        return replace(end, outcome=outcome, sip_code=max(told.sip_code, 0), cause=told.cause)

    def flagged(self, attempt_id: str, now: float) -> list[Command]:
        """Neither Asterisk nor its ledger knows what became of it."""
        line = self.lines.pop(attempt_id, None)
        if line is None:
            return []
        keep = KeepEnd(attempt_id, line.campaign_id, line.lead_id, None, lead=line.lead)
        return [keep, *self._silent()]

    def place(self, desk: Desk, leads: Sequence[Lead], now: float, agent: str = "") -> Place:
        """Begin dials; from here on each takes a line."""
        dials = []
        for lead in leads:
            attempt_id = self._new_id()
            ring = desk.campaign.definition.ring_seconds
            line = Line(attempt_id, desk.campaign.campaign_id, lead.lead_id, now, ring, agent)
            line.lead, line.heard = lead, now
            self.lines[attempt_id] = line
            dials.append((attempt_id, lead, agent))
        return Place(desk.campaign.campaign_id, tuple(dials))

    def room(self) -> int:
        """Return how many lines more there may be."""
        return self._most_lines - sum(line.stage in ACTIVE for line in self.lines.values())

    def cancel(self, lines: Iterable[Line]) -> list[Command]:
        """Let these not be answered any more."""
        commands: list[Command] = []
        for line in lines:
            if line.stage in UNANSWERED and not line.cancelled:
                line.cancelled = True
                if line.stage is Stage.RINGING:
                    commands.append(Cancel(line.attempt_id))
        return commands

    # ---- What follows

    def _finish(self, line: Line, now: float) -> list[Command]:
        """Say what a dial came to that is over."""
        assert line.end is not None  # noqa: S101 - asked only then
        outcome, end = self._outcome(line, line.end), line.end
        del self.lines[line.attempt_id]
        if not line.answered and (desk := self.desks.get(line.campaign_id)) is not None:
            live = outcome in self._outcomes.live
            desk.pacer.dial_ended(now, now - line.began, live=live, cancelled=line.cancelled)
        keep = KeepEnd(
            line.attempt_id,
            line.campaign_id,
            line.lead_id,
            outcome,
            max(end.sip_code, 0),
            end.cause,
            line.lead,
        )
        return [keep, *self._silent()]

    def _outcome(self, line: Line, end: LineEnd) -> DialOutcome:
        if line.how is not None:
            return line.how
        if line.joined:
            return DialOutcome.TALKED
        if line.answered:
            return DialOutcome.ANSWERED_LATE if line.cancelled else DialOutcome.HUNG_UP_EARLY
        return self._never_came(end, line.cancelled)

    def _never_came(self, end: LineEnd, cancelled: bool) -> DialOutcome:
        """Return what became of a call that never came into the application."""
        if end.answered:  # nobody spoke with them
            if (own := self._outcomes.said_by_dialplan(end.sip_code)) is not None:
                return own
            return DialOutcome.ANSWERED_LATE if cancelled else DialOutcome.ABANDONED
        found = self._outcomes.unanswered(end.sip_code, end.cause)
        # What the far end itself said before our cancelling reached it stays true.
        own_word = (end.sip_code >= 300 and end.sip_code != 487) or found in _NEVER_OURS
        return DialOutcome.CANCELLED if cancelled and not own_word and not end.by_far_end else found

    def watch(self, now: float) -> list[Command]:
        """See to dials of which nothing is heard; asked every tick."""
        commands: list[Command] = []
        look = set()
        for line in list(self.lines.values()):
            quiet = now - line.heard
            if line.stage is Stage.PREPARING and quiet > STUCK:
                del self.lines[line.attempt_id]  # the last look before sending refuses it
            elif line.stage is Stage.GONE and now - line.ended > FLOW_SAYS_WITHIN:
                commands += self._finish(line, now)
            elif (
                (line.doubtful and quiet > LOOK_AGAIN)
                or (line.stage is Stage.RINGING and quiet > line.ring + OVERDUE)
                or (line.stage in {Stage.WAITING, Stage.JOINED} and quiet > SILENT_TALK)
            ):
                line.heard = now
                look.add(line.attempt_id)
        if look and self.state != "starting":
            commands.append(LookUp(frozenset(look)))
        return commands

    def _silent(self) -> list[Command]:
        if self.state == "cancelling" and not any(line.stage in UNANSWERED for line in self.lines.values()):
            self._move("silent")
        return []

    def _move(self, event: str) -> None:
        self.state = ENGINE.after(self.state, event)


def _pace(campaign: Campaign) -> tuple[object, ...]:
    """Return what a pacer is made for: whatever else changes, it keeps what it has learnt and counted."""
    one = campaign.definition
    return one.pacing, one.abandon_limit, one.least_team, one.ring_seconds
