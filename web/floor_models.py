"""What the floor's API answers, for its description: the floor's own views and what goes with them."""

from dataclasses import dataclass

from pydantic import BaseModel, Field

from acd.explain import NotTaken, RingView
from acd.floor_views import AgentView, QueueView, TalkView


@dataclass(frozen=True, kw_only=True)
class AgentRow(AgentView):
    """An agent, for those who may see staff numbers."""

    key: str  # by which GET /api/floor/events speaks of them


class AgentRows(BaseModel):
    """Agents of the own reach; times in seconds."""

    agents: list[AgentRow]


class QueueRows(BaseModel):
    """Queues; times in seconds."""

    queues: list[QueueView]


class TalkRows(BaseModel):
    """Talks of the agents of the own reach; times in seconds."""

    talks: list[TalkView]


class LendingNow(BaseModel):
    """What inbound lends to outbound work, and why."""

    text: str = Field(description="for a person to read")


class AgentAfter(BaseModel):
    """An agent after a request."""

    agent: AgentRow | None


class CallExplained(BaseModel):
    """Why a call is where it is (`acd.explain.Explanation`); times in seconds."""

    call: str
    queue: str
    language: str
    skill: str
    state: str = Field(description="waiting, offered or claimed")
    waited: float
    priority: int
    ahead: int = Field(description="calls of the same queue, language and priority in front")
    ring: int = Field(description="the widest that is open; of an offer the one that admitted the agent")
    agent: str | None = Field(description="who is offered the call; of the own reach only")
    rings: list[RingView]
    not_taken: list[NotTaken] = Field(description="free agents of the own reach, and why not they")
    text: str = Field(description="the same for a person to read")
