"""Blind work: who scores a recording anew without knowing what others said of it, and why.

Whoever has an assignment for a recording sees no other score of it, nor what an appeal says of it, until
their own score is final and, in a round of calibration, the round is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from recording.quality.scores import Kind, Score


class BlindUnavailable(Exception):
    """Who is to score blind cannot be told at the moment: no score may be shown or opened."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A score that somebody is to give blind."""

    kind: Kind  # RESCORE, ARBITER or CALIBRATION
    of: str  # the appeal or round that asks for it
    form: str = ""  # the form to be used, as it was for the first score; empty: chosen as for a review
    form_version: int = 0
    reminds_of: str = ""  # for `Score.reminds_of`: the score that is scored anew; never shown to who scores


class BlindWork(Protocol):
    """Asked by the piece of the review page that scores. Every method raises BlindUnavailable."""

    async def assignment(self, staff_id: str, recording_id: str) -> Kind | None:
        """Return the kind of score that somebody is to give of a recording; None: an ordinary review."""
        ...

    async def details(self, staff_id: str, recording_id: str) -> Assignment | None:
        """Return the assignment with its form; None: there is none."""
        ...

    async def hides(self, staff_id: str, recording_id: str) -> bool:
        """Whether other people's scores of this recording are kept from somebody.

        True while they have an assignment, and after it until the appeal or round is over.
        """
        ...

    async def hidden(self, staff_id: str) -> frozenset[str]:
        """Return every recording for which `hides` is true: lists and figures leave them out."""
        ...

    async def scored(self, score: Score) -> None:
        """A blind score became final: the appeal or round goes on. Idempotent."""
        ...
