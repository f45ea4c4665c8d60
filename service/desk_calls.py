"""What happens when an agent dials a code, or presses one during a talk: the request, and a prompt.

The agent is whoever the leg's account belongs to; nothing that is dialled can name another. A caller's
keys never come here, and a staff number that is pressed is kept nowhere.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from acd.floor_rules import PauseReason
from acd.floor_views import AgentView
from acd.requests import Actor, Refused, Role
from service.dial_codes import DialCodes, KeyCollector, Wish, request_of
from web.floor_port import FloorPort

log = logging.getLogger(__name__)

PLAYBACK_PREFIX = "desk-"  # of the playbacks that belong here
LONGEST_CALL = 10.0  # seconds; then a call of a dialled code is hung up whatever became of its prompt
IN_A_CALL = frozenset({"joining", "talking", "holding", "consulting"})

REFUSED = "desk_refused"
UNKNOWN = "desk_unknown_code"
AFTER_CALL = "desk_after_call"
# What a refusal's word is told as, where there is something better to say than no.
REFUSALS: Mapping[str, str] = {"no_talk": "desk_no_call"}
UNTIL_AFTER_CALL = frozenset({"pause", "sign_out"})


class DeskPhones(Protocol):
    """What can be done to the leg of an agent's phone (`domain.telephony.CallControl`)."""

    def answer(self, channel: str) -> None:
        """Answer the leg."""
        ...

    def play(self, channel: str, playback: str, sounds: Sequence[str]) -> None:
        """Play sounds as one playback; its end is told as `DeskCalls.playback_ended`."""
        ...

    def hang_up(self, channel: str) -> None:
        """Hang up the leg."""
        ...


class DeskFloor(FloorPort, Protocol):
    """The floor as the desk calls need it (`acd.driver.FloorDriver`)."""

    def own_call(self, agent: str, leg: str) -> None:
        """An agent's phone is on a call of their own: nothing is offered meanwhile."""
        ...

    def own_call_over(self, agent: str, leg: str) -> None:
        """That call is over."""
        ...


CallLater = Callable[[float, Callable[[], None]], object]
Say = Callable[[str], Sequence[str]]  # a prompt's name → its sounds


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the desk calls stand on."""

    phones: DeskPhones
    floor: DeskFloor
    agent_of: Callable[[str], str | None]  # account in force → staff number
    say: Say
    monotonic: Callable[[], float]  # seconds
    call_later: CallLater  # (seconds, function), on the event loop


class DeskCalls:
    """Agents' phones as a way to make requests."""

    def __init__(self, parts: DeskParts, codes: DialCodes) -> None:
        self._parts = parts
        self._codes = codes
        self._ending: dict[str, str] = {}  # playback → the leg that is hung up after it
        self._keys: dict[str, KeyCollector] = {}  # by leg
        self._callers: dict[str, str] = {}  # leg → staff number of who dialled
        self._played = 0

    def adopt(self, reasons: Sequence[PauseReason]) -> None:
        """Take a changed table of pause reasons."""
        self._codes = self._codes.with_reasons(reasons)

    def dialled(self, leg: str, account: str, code: str) -> None:
        """An agent's phone dialled a code: answer, do it, say so, hang up."""
        parts = self._parts
        parts.phones.answer(leg)
        agent, wish = parts.agent_of(account), self._codes.dialled(code)
        if agent is None:  # revoked a moment ago
            parts.phones.hang_up(leg)
            return
        # Before anything else: whatever goes wrong, the phone does not stay off the hook.
        parts.call_later(LONGEST_CALL, lambda: parts.phones.hang_up(leg))
        prompt = UNKNOWN if wish is None else self._perform(wish, agent, account)
        self._callers[leg] = agent
        parts.floor.own_call(agent, leg)
        self._ending[self._play(leg, prompt or REFUSED)] = leg

    def pressed(self, leg: str, account: str, key: str) -> None:
        """An agent pressed a key during a talk, on a leg that this system rang for them."""
        collector = self._keys.setdefault(leg, KeyCollector(self._codes))
        keys = collector.press(key, self._parts.monotonic())
        agent = self._parts.agent_of(account)
        if keys is None or agent is None:
            return
        try:
            wish = self._codes.pressed(keys)
        except Refused:
            wish = None
        prompt = UNKNOWN if wish is None else self._perform(wish, agent, account)
        if prompt is not None:
            self._play(leg, prompt)

    def playback_ended(self, playback: str) -> None:
        """A playback (`PLAYBACK_PREFIX`) came to its end, played or not."""
        leg = self._ending.pop(playback, None)
        if leg is not None:
            self._parts.phones.hang_up(leg)

    def gone(self, leg: str) -> None:
        """A leg of an agent's phone is gone."""
        self._keys.pop(leg, None)
        if (agent := self._callers.pop(leg, None)) is not None:
            self._parts.floor.own_call_over(agent, leg)
        for playback in [playback for playback, ending in self._ending.items() if ending == leg]:
            del self._ending[playback]

    def _perform(self, wish: Wish, agent: str, account: str) -> str | None:
        """Make the request; return the prompt that tells what came of it, if there is one."""
        before = self._view(agent)
        request = request_of(
            wish, agent, account, holding=before is not None and before.observed == "holding"
        )
        try:
            self._parts.floor.request(Actor(agent, Role.AGENT), request)
        except Refused as refused:
            log.info("refused on the phone", extra={"account": account, "word": refused.word})
            return REFUSALS.get(refused.word, REFUSED)
        if before is not None and before.observed in IN_A_CALL and wish.name in UNTIL_AFTER_CALL:
            return AFTER_CALL
        if wish.name == "hold" and before is not None and before.observed == "holding":
            return None  # the caller is heard again: nothing may speak over them
        return self._codes.prompt(wish.name)

    def _view(self, agent: str) -> AgentView | None:
        return next((view for view in self._parts.floor.agents() if view.agent == agent), None)

    def _play(self, leg: str, prompt: str) -> str:
        self._played += 1
        playback = f"{PLAYBACK_PREFIX}{leg}-{self._played}"
        self._parts.phones.play(leg, playback, self._parts.say(prompt))
        return playback
