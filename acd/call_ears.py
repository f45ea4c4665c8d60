"""Who is told how each call with an agent goes on: seen in talk, hold, consultation, waiting again, over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from acd.actions import Action, EndTalk, Write
from acd.floor_views import CallerView
from domain.floor_log import EntryRow, LegRow
from domain.waiting_room import TalkEnd

log = logging.getLogger(__name__)

T = TypeVar("T")


class CallEar(Protocol):
    """Is told of calls from their first talk on. Called on the event loop: return at once."""

    def call_seen(self, view: CallerView) -> None:
        """A call is like this now; told at least whenever that changed."""
        ...

    def call_over(self, call_id: str) -> None:
        """The call is over for agents, or its leg is gone. Told once."""
        ...


class CallEars:
    """Notes which calls the floor's actions are about, and tells the ears what became of them."""

    def __init__(self, look: Callable[[str], CallerView | None]) -> None:
        """`look` returns a call as it is, or None: it is not in the room."""
        self._look = look
        self._ears: list[CallEar] = []
        self._told: dict[str, CallerView] = {}

    def add(self, ear: CallEar) -> None:
        """Tell an ear from now on."""
        self._ears.append(ear)

    def saw(self, actions: Sequence[Action]) -> None:
        """Tell of the calls that these actions of the floor are about; the floor is done with its event."""
        if not self._ears:
            return
        calls: dict[str, EndTalk | None] = {}
        for action in actions:
            if type(action) is Write and isinstance(action.row, LegRow | EntryRow):
                calls.setdefault(action.row.call_id)
            elif type(action) is EndTalk:
                calls[action.call_id] = action
        for call_id, end in calls.items():
            if end is not None and end.how not in (TalkEnd.RETURNED, TalkEnd.TRANSFERRED):
                self.over(call_id)
            else:
                self._seen(call_id, end)

    def remind(self, last: CallerView) -> None:
        """Tell of a call that an ear found after a restart; `last`: how it was, if its flow has it now."""
        found = self._look(last.call_id)
        view = replace(last, agent="", third="", phase="waiting") if found is None else found
        self._told[last.call_id] = view if view.leg else replace(view, leg=last.leg)
        for ear in self._ears:
            _safely(ear.call_seen, self._told[last.call_id])

    def over(self, call_id: str) -> None:
        """A call is over. Idempotent."""
        if self._told.pop(call_id, None) is not None:
            for ear in self._ears:
                _safely(ear.call_over, call_id)

    def _seen(self, call_id: str, back: EndTalk | None) -> None:
        view, last = self._look(call_id), self._told.get(call_id)
        if back is not None and last is not None:  # its flow has it for a moment
            view = replace(last, agent="", third="", phase="waiting", queue=back.queue or last.queue)
        if view is None or view == last or (last is None and not view.agent):
            return
        self._told[call_id] = view
        for ear in self._ears:
            _safely(ear.call_seen, view)


def _safely(ear: Callable[[T], None], what: T) -> None:
    try:
        ear(what)
    except Exception:
        # Whoever listens must not stop the floor.
        log.exception("an ear of the floor's calls failed")
