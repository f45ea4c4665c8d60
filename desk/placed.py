"""Calls that we placed, as their proof needs them: whom each was placed to."""

from dataclasses import dataclass, replace
from typing import Protocol

from call_flows.called import CALLED
from desk.card import CallStory, Tree
from desk.proof import Direction, Holder


@dataclass(frozen=True, slots=True)
class PlacedTo:
    """Whom a call was placed to."""

    number: str  # masked
    holder: Holder  # what kind of taxpayer it is
    taxpayer_id: str | None  # None: the register does not know the taxpayer, or does not answer


class PlacedCalls(Protocol):
    """Knows the calls that we placed."""

    async def placed_to(self, call_id: str) -> PlacedTo | None:
        """Return whom a call was placed to; None: it is none of ours. Raises desk.card.StoryUnavailable."""
        ...


class NonePlaced:
    """Where nobody is called."""

    async def placed_to(self, call_id: str) -> PlacedTo | None:
        """Return None."""
        del call_id
        return None


def is_placed(story: CallStory) -> bool:
    """Whether we placed a call, by what stands in the place of a dialled number."""
    return story.dialled.startswith(CALLED)


def with_placed(story: CallStory, to: PlacedTo) -> CallStory:
    """Return the story of a call that we placed. What was keyed in it names nobody else."""
    return replace(
        story,
        dialled=to.number,
        tree=Tree.NONE,
        direction=Direction.OUTBOUND,
        taxpayer_id=to.taxpayer_id,
        holder=to.holder,
    )
