"""An agent's own state as the agent's page sees it: made from the floor's views, of one agent only.

Nothing in it names anybody: neither the agent nor a colleague, nor the caller.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from acd.floor_views import AgentView, TalkView

OWN, THIRD = "own", "third"  # parts in a call
WANTED, RINGING, TALKING = "wanted", "ringing", "talking"  # what a third party does

_THIRD_TALKS = frozenset({"consulting", "talking"})
_OF_STATE = attrgetter(
    "run", "declared", "observed", "reason", "limit_seconds", "over_limit", "account", "phones"
)
_OF_CALL = attrgetter("call_id", "queue", "language", "phase", "part", "third")


@dataclass(frozen=True, slots=True)
class OwnCall:
    """The call that the agent is offered, talks on, or writes the note of."""

    call_id: str
    queue: str
    language: str  # "id" or "en"; empty until an agent has answered
    phase: str  # acd.states.OBSERVED while there is a call; or "conference"
    part: str  # "own", or "third": a colleague's call, on which this agent is asked
    seconds: float  # since the caller was first joined with an agent; 0 before
    third: str  # of a consultation or conference: "wanted", "ringing", "talking"; else empty


@dataclass(frozen=True, slots=True)
class OwnState:
    """An agent's own state at one moment; times in seconds.

    `number` rises with every state that a `run` of the service tells: of two the page keeps the newer one.
    """

    run: str
    number: int
    declared: str  # acd.states.DECLARED
    observed: str  # acd.states.OBSERVED
    reason: str  # of a pause, by its name
    seconds: float  # in this state (declared, observed and reason together)
    limit_seconds: float | None  # of the pause's reason
    over_limit: bool
    wrap_up_left: float | None  # until the time for the note ends
    rejoin_left: float | None  # until the talk of a line that died is no longer kept
    account: str  # the phone signed in with
    phones: tuple[str, ...]  # accounts that can be reached
    call: OwnCall | None


@dataclass(frozen=True, slots=True)
class FloorLook:
    """One look at the floor, indexed."""

    agents: Mapping[str, AgentView]
    talks: Mapping[str, TalkView]

    @classmethod
    def of(cls, agents: Iterable[AgentView], talks: Iterable[TalkView]) -> "FloorLook":
        """Index views."""
        return cls({view.agent: view for view in agents}, {talk.call_id: talk for talk in talks})

    def state(self, agent: str, run: str, number: int) -> OwnState | None:
        """Return an agent's own state; None: the floor's tables do not have this agent."""
        view = self.agents.get(agent)
        if view is None:
            return None
        return OwnState(
            run=run,
            number=number,
            declared=view.declared,
            observed=view.observed,
            reason=view.reason,
            seconds=view.seconds,
            limit_seconds=view.limit_seconds,
            over_limit=view.over_limit,
            wrap_up_left=view.wrap_up_left,
            rejoin_left=view.rejoin_left,
            account=view.account,
            phones=view.phones,
            call=self._call(view) if view.call_id else None,
        )

    def _call(self, view: AgentView) -> OwnCall:
        talk = self.talks.get(view.call_id)
        is_third = talk is not None and talk.third == view.agent
        has_it = talk is not None and talk.agent == view.agent
        in_conference = (is_third or has_it) and talk is not None and talk.phase == "conference"
        return OwnCall(
            call_id=view.call_id,
            queue=view.queue,
            language=talk.language if talk else "",
            phase="conference" if in_conference and view.observed == "talking" else view.observed,
            part=THIRD if is_third else OWN,
            seconds=talk.seconds if talk and has_it else 0.0,
            third=self._third(talk) if talk and has_it else "",
        )

    def _third(self, talk: TalkView) -> str:
        if talk.phase not in ("consulting", "conference"):
            return ""
        third = self.agents.get(talk.third)
        if third is None:
            return WANTED
        return TALKING if third.observed in _THIRD_TALKS else RINGING


def tells_news(before: OwnState | None, now: OwnState | None) -> bool:
    """Whether a state tells a page more than that time passed. Durations that shrank have begun anew."""
    if before is None or now is None:
        return before is not now
    return (
        _without_time(before) != _without_time(now)
        or now.seconds < before.seconds
        or (now.wrap_up_left or 0.0) > (before.wrap_up_left or 0.0)
    )


def _without_time(state: OwnState) -> tuple[object, ...]:
    """Return what does not change by itself. Asked of every open page after every change on the floor."""
    call = None if state.call is None else _OF_CALL(state.call)
    return _OF_STATE(state), state.wrap_up_left is None, state.rejoin_left is None, call
