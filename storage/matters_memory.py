"""The book of matters in memory, for tests and for trials; under the same tests as the real one."""

from collections.abc import Callable, Sequence

from desk.history import OpenMatter
from desk.matters import (
    CodeTaken,
    Matter,
    MatterChanged,
    MatterEvent,
    MattersUnavailable,
    Moved,
    WorkFilter,
    as_open_matter,
)


class MemoryMatters:
    """A `desk.matters.MatterBook` in memory. While `broken` is set, every method is refused."""

    def __init__(self) -> None:
        self.broken = False
        self._matters: dict[str, Matter] = {}
        self._trails: dict[str, list[MatterEvent]] = {}

    async def open(self, moved: Moved) -> Matter:
        """Keep a new matter; return it, or the one that was opened under this id before."""
        self._check()
        known = self._matters.get(moved.matter.matter_id)
        if known is not None:
            if not known.same_origin(moved.matter):
                raise MatterChanged
            return known
        self._insert(moved)
        return moved.matter

    async def change(self, moved: Moved, *also: Moved) -> Matter:
        """Keep a step, and what comes of it, all or none."""
        self._check()
        steps = [moved, *(one for one in also if not one.is_new)]
        for step in steps:
            known = self._matters.get(step.matter.matter_id)
            if known is None or known.version != step.matter.version - 1:
                raise MatterChanged
        for one in also:
            if one.is_new:
                self._insert(one)
        for step in steps:
            self._matters[step.matter.matter_id] = step.matter
            self._trails[step.matter.matter_id].append(step.event)
        return moved.matter

    async def get(self, matter_id: str) -> Matter:
        """Return a matter. Raises KeyError: there is none."""
        self._check()
        return self._matters[matter_id]

    async def by_code(self, code: str) -> Matter | None:
        """Return the matter with a code."""
        return next(iter(self._those(lambda matter: matter.code == code)), None)

    async def trail(self, matter_id: str) -> Sequence[MatterEvent]:
        """Return every step, first to last."""
        self._check()
        return list(self._trails.get(matter_id, []))

    async def about_taxpayer(self, taxpayer_id: str) -> Sequence[Matter]:
        """Return what is open for a taxpayer, newest first."""
        return self._newest(lambda one: one.taxpayer_id == taxpayer_id and one.closed_at is None)

    async def of_call(self, call_id: str) -> Sequence[Matter]:
        """Return what was opened in a call, newest first."""
        return self._newest(lambda one: one.call_id == call_id)

    async def work(self, wanted: WorkFilter) -> Sequence[Matter]:
        """Return a list of work, those due first in front; closed ones newest first."""
        found = self._those(wanted.fits)
        if wanted.closed:
            found.sort(key=lambda one: (-(one.closed_at or one.since).timestamp(), one.matter_id))
        else:
            found.sort(key=_by_due)
        return found[: wanted.most]

    async def matters_of(self, taxpayer_id: str) -> Sequence[OpenMatter]:
        """Return a taxpayer's open matters, for the card."""
        return [as_open_matter(one) for one in await self.about_taxpayer(taxpayer_id)]

    def matters(self) -> Sequence[Matter]:
        """Return everything."""
        return self._those(lambda _: True)

    def trails(self) -> Sequence[Sequence[MatterEvent]]:
        """Return every trail."""
        self._check()
        return list(self._trails.values())

    def _insert(self, moved: Moved) -> None:
        if any(one.code == moved.matter.code for one in self._matters.values()):
            raise CodeTaken
        self._matters[moved.matter.matter_id] = moved.matter
        self._trails[moved.matter.matter_id] = [moved.event]

    def _newest(self, fits: Callable[[Matter], bool]) -> list[Matter]:
        return sorted(self._those(fits), key=lambda one: (one.opened_at, one.matter_id), reverse=True)

    def _those(self, fits: Callable[[Matter], bool]) -> list[Matter]:
        self._check()
        return [matter for matter in self._matters.values() if fits(matter)]

    def _check(self) -> None:
        if self.broken:
            raise MattersUnavailable("the book is broken")


def _by_due(matter: Matter) -> tuple[bool, str, bool, float, str]:
    due = matter.due_at
    return (
        matter.due_on is None,
        "" if matter.due_on is None else matter.due_on.isoformat(),
        due is None,
        0.0 if due is None else due.timestamp(),
        matter.matter_id,
    )
