"""What the page of alarms and states of recordings stands on, out of keeping."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from recording.alarms import DISK_WORDS
from recording.recordings import Recording
from service.recording_keeping_part import KeepingSide
from storage.recording_destruction import Destruction, NotDestroyed
from web.app import Area
from web.oversight_port import NotEnded, OversightPort, Overview, RoomLeft, StateCount, Wish
from web.oversight_routes import add_oversight_routes


class KeptOverview:
    """A `web.oversight_port.OverviewSource` of what keeping counted last."""

    def __init__(self, side: KeepingSide) -> None:
        self._side = side

    def overview(self) -> Overview:
        """Return it."""
        figures, places = self._side.part.figures, self._side.disk.places
        return Overview(
            counted_at=None if figures is None else figures.at,
            states=[]
            if figures is None
            else [StateCount(one.state, one.count, one.oldest) for one in figures.states],
            due=0 if figures is None else figures.due,
            unfinished=0 if figures is None else figures.unfinished,
            rooms=[
                RoomLeft(one.names, one.space.percent, one.space.free, DISK_WORDS.get(one.level.value, ""))
                for one in places
            ],
            checked_at=self._side.part.checked_at,
        )


class DestructionForPages:
    """A `web.oversight_port.Ends`."""

    def __init__(self, destruction: Destruction) -> None:
        self._destruction = destruction

    async def wishes(self) -> Sequence[Wish]:
        """Return what waits for a second person, the oldest first."""
        return [Wish(one.recording_id, one.at, one.reason, one.by) for one in await self._destruction.asked()]

    async def ask(self, recording_id: str, reason: str, by: str) -> None:
        """Ask for a destruction outside the table."""
        try:
            await self._destruction.ask(recording_id, reason, by)
        except NotDestroyed as error:
            raise NotEnded(error.why) from error

    async def deny(self, recording_id: str, by: str) -> None:
        """Withdraw or turn down what was asked."""
        try:
            await self._destruction.deny(recording_id, by)
        except NotDestroyed as error:
            raise NotEnded(error.why) from error

    async def destroy(self, recording_id: str, reason: str, by: str) -> Recording:
        """Destroy a recording."""
        try:
            return await self._destruction.destroy(recording_id, reason, by)
        except NotDestroyed as error:
            raise NotEnded(error.why) from error


def make_oversight_area(side: KeepingSide) -> Area:
    """Return the area `/pengawasan-rekaman`."""
    keeping = side.keeping
    port = OversightPort(
        side.alarms,
        keeping.holds,
        DestructionForPages(keeping.destruction),
        KeptOverview(side),
        keeping.table,
    )
    return partial(add_oversight_routes, port=port)
