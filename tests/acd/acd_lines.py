"""Channels and callers as the world around the floor has them."""

from __future__ import annotations

from dataclasses import dataclass, field

from acd.happenings import CallEntered, CallGone, CallHandedOver, Happening, LegGone, LegJoined, LegUp


@dataclass
class Channel:
    """A leg as Asterisk has it."""

    name: str
    args: tuple[str, ...]
    account: str = ""
    up: bool = False
    bridge: str | None = None
    music: bool = False
    rings_until: float = float("inf")
    quick: bool = False


@dataclass
class Caller:
    """A call as its flow has it."""

    call_id: str
    queue: str
    language: str
    since: float
    outbound: tuple[int, str, bool] = (0, "", False)  # priority, only, quick
    state: str = "waiting"  # waiting, talking, booked (to be called back), gone
    told: list[str] = field(default_factory=list)
    own: str = field(init=False)  # the queue of its flow, whatever agents choose later

    def __post_init__(self) -> None:
        self.own = self.queue


def subject(happening: Happening) -> str:
    """Return the leg or call that something is about: of one of these the order is certain."""
    if isinstance(happening, LegUp | LegGone | LegJoined):
        return happening.leg
    if isinstance(happening, CallEntered | CallGone | CallHandedOver):
        return happening.call_id
    return ""
