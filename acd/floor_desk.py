"""What agents declare, by themselves or through a supervisor: sign in, ready, pause, wrap-up, sign out."""

from __future__ import annotations

from acd.floor_state import SYSTEM, FloorState
from acd.floor_talks import Talks
from acd.people import Person
from acd.requests import Refused
from domain.floor_log import SupervisionRow

AT_WORK_WITH_A_CALL = ("joining", "talking", "holding", "consulting", "rejoining", "wrap_up")
OVER_LIMIT = "pause_over_limit"  # what people are told


class Desks:
    """Grants what is declared. Methods raise Refused."""

    def __init__(self, state: FloorState, talks: Talks) -> None:
        self.state, self.talks = state, talks

    def sign_in(self, agent: str, account: str, by: str) -> None:
        """Begin work with a phone; signed in already: change the phone, if nothing is on it."""
        person = self._known(agent)
        chosen = account or next(iter(person.phones), "")
        if person.declared in ("ready", "paused") and (not account or account == person.account):
            return
        if chosen not in person.phones:
            raise Refused("no_phone", "The phone cannot be reached. Switch it on and let it register.")
        if person.observed not in ("idle", "phone_gone", *AT_WORK_WITH_A_CALL):
            raise Refused("busy", "The phone is in use.")
        elsewhere = any(self.state.legs[leg].account != chosen for leg in person.legs)
        if elsewhere and chosen != person.account and person.account:
            raise Refused("busy", "A call is on the other phone.")
        person.account = chosen
        if person.observed == "phone_gone":
            self.state.observe(person, "phone_seen")
        self.state.declare(person, "sign_in", by)

    def ready(self, agent: str, by: str) -> None:
        """Take calls; a wrap-up is over."""
        person = self._signed_in(agent)
        if person.observed == "wrap_up":
            self.talks.end_wrap_up(person, "end")
        self.state.declare(person, "ready", by)

    def pause(self, agent: str, reason: str, by: str) -> None:
        """Take no calls."""
        person = self._signed_in(agent)
        if reason not in self.state.book.reasons:
            raise Refused("unknown_reason", f"There is no pause reason `{reason[:40]}`.")
        self.state.declare(person, "pause", by, reason)

    def sign_out(self, agent: str, by: str) -> None:
        """End work, at once or after the call."""
        person = self._signed_in(agent)
        later = person.observed in AT_WORK_WITH_A_CALL
        self.state.declare(person, "sign_out_later" if later else "sign_out", by)

    def end_wrap_up(self, agent: str) -> None:
        """Be done with the note early."""
        self.talks.end_wrap_up(self._writing(agent), "end")

    def extend_wrap_up(self, agent: str) -> None:
        """Take more time for the note, once a call."""
        state, person = self.state, self._writing(agent)
        if person.wrap_up is None:
            return
        longer = person.wrap_up.extended(state.now, state.rules.extension_seconds)
        if longer == person.wrap_up:
            raise Refused("extended_before", "The time for the note was extended before.")
        person.wrap_up = longer
        state.wake(longer.ends, "wrap_up", person.number)

    def force(self, agent: str, to: str, reason: str, by: str) -> None:
        """Declare for an agent, on record."""
        if to == "ready":
            self.ready(agent, by)
        elif to == "paused":
            self.pause(agent, reason, by)
        elif to == "signed_out":
            self.sign_out(agent, by)
        else:
            raise Refused("bad_state", "The state is none of ready, paused, signed_out.")
        detail = f"{to} {reason}".strip()
        self.state.write(SupervisionRow(self.state.at, by, "force", agent, "", detail))

    # -- phones ---------------------------------------------------------------------------------

    def phone_seen(self, agent: str, account: str) -> None:
        """A phone can be reached."""
        person = self.state.person(agent)
        self.state.accounts[account] = agent
        person.phones[account] = None
        if person.observed == "phone_gone" and person.phone():
            self.state.observe(person, "phone_seen")

    def phone_lost(self, agent: str, account: str) -> None:
        """A phone cannot be reached; what is on it lives until its own end is told."""
        state, person = self.state, self.state.person(agent)
        person.phones.pop(account, None)
        state.dirty[agent] = None
        if person.phone() or any(state.legs[leg].up for leg in person.legs):
            return
        if person.observed == "wrap_up":
            self.talks.end_wrap_up(person, "phone_lost")
        elif person.observed != "busy_otherwise":
            state.observe(person, "phone_lost")

    def own_call(self, agent: str, leg: str) -> None:
        """An agent is on a call of their own: while nothing else is on the phone, that is what they do."""
        person = self.state.person(agent)
        person.own[leg] = None
        self.state.dirty[agent] = None

    def own_call_over(self, agent: str, leg: str) -> None:
        """A call of their own is over."""
        person = self.state.person(agent)
        person.own.pop(leg, None)
        listens = any(watch.supervisor == agent for watch in self.state.watches.values())
        if person.observed == "busy_otherwise" and not person.own and not listens:
            self.state.observe(person, "call_ended")
        self.state.dirty[agent] = None

    # -- time -----------------------------------------------------------------------------------

    def pause_over_limit(self, person: Person) -> None:
        """Tell an agent of a pause that is over its limit, and put it on record; once a pause.

        Who supervises them sees it as long as it lasts: `AgentView.over_limit`, an alarm of the wallboard.
        """
        state, limit = self.state, self.state.limit_of(person)
        if limit is None or person.told_over or person.paused_at + limit > state.now:
            return
        person.told_over = True
        state.tell(person.number, OVER_LIMIT)
        detail = f"{OVER_LIMIT} {person.reason}"
        state.write(SupervisionRow(state.at, SYSTEM, "alarm", person.number, "", detail))

    # -- who ------------------------------------------------------------------------------------

    def _known(self, agent: str) -> Person:
        if agent not in self.state.book.agents:
            raise Refused("unknown_agent", "There is no such agent.")
        return self.state.person(agent)

    def _signed_in(self, agent: str) -> Person:
        person = self._known(agent)
        if person.declared == "signed_out":
            raise Refused("not_signed_in", "Sign in first.")
        return person

    def _writing(self, agent: str) -> Person:
        person = self._known(agent)
        if person.observed != "wrap_up":
            raise Refused("not_now", "Only during the wrap-up.")
        return person
