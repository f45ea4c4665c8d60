"""How much room is left where recordings are written, and what is no longer begun when it gets short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import msgspec

from recording.alarms import DISK_WORDS
from recording.policies import Policies, Policy
from recording.ports import Alarms
from recording.recordings import AlarmKind, Mode

_BACK = 1.0  # per cent above a level before it counts as left: room that comes and goes is one alarm
_NEVER = Policy(Mode.NEVER)


class Level(IntEnum):
    """How short room is; each level's word is in `recording.alarms.DISK_WORDS`."""

    ENOUGH = 0
    LOW = 15  # per cent left
    SHORT = 8  # sample and on-demand recordings are not begun
    CRITICAL = 3  # recordings will be lost


@dataclass(frozen=True, slots=True)
class Space:
    """The room of one file system."""

    free: int  # bytes that we may still use
    total: int  # bytes that we could have in all
    device: int  # the same for places on one file system

    @property
    def percent(self) -> float:
        """What is left of all."""
        return 100.0 * self.free / self.total if self.total else 0.0


class Room(Protocol):
    """Asks the file system."""

    def space(self, path: Path) -> Space:
        """Return the room at a place. Raises OSError: it is not there."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place and its room."""

    names: Sequence[str]  # words: spool, store, records; several on one file system
    space: Space
    level: Level


class DiskWatch:
    """Looks at the places that recordings need, raises and clears alarms."""

    def __init__(self, places: Mapping[str, Path], room: Room, alarms: Alarms) -> None:
        self._paths = dict(places)
        self._room = room
        self._alarms = alarms
        self._levels: dict[str, Level] = {}
        self._fresh = True
        self.places: Sequence[Place] = ()

    @property
    def worst(self) -> Level:
        """The shortest level of all places."""
        found = [place.level for place in self.places if place.level]
        return min(found, default=Level.ENOUGH)

    async def look(self) -> None:
        """Look at every place."""
        places = self._look()
        for place in places:
            name = place.names[0]
            if self._fresh or self._levels.get(name) is not place.level:
                await self._tell(name, place.level)
            self._levels[name] = place.level
        self._fresh = False
        self.places = places

    def narrowed(self, policies: Policies) -> Policies:
        """Return what is recorded now: where room is short, nothing that need not be."""
        if self.worst not in (Level.SHORT, Level.CRITICAL):
            return policies
        return msgspec.structs.replace(
            policies,
            inbound=_narrowed(policies.inbound),
            outbound=_narrowed(policies.outbound),
            queues={name: _narrowed(row) for name, row in policies.queues.items()},
            kinds={name: _narrowed(row) for name, row in policies.kinds.items()},
            campaigns={name: _narrowed(row) for name, row in policies.campaigns.items()},
        )

    def _look(self) -> list[Place]:
        spaces: dict[int, Space] = {}
        names: dict[int, list[str]] = {}
        for name, path in self._paths.items():
            try:
                space = self._room.space(path)
            except OSError:  # a place that is not there is another alarm's matter
                continue
            spaces[space.device] = space
            names.setdefault(space.device, []).append(name)
        return [
            Place(tuple(names[device]), space, level(space.percent, self._before(names[device][0])))
            for device, space in spaces.items()
        ]

    def _before(self, name: str) -> Level:
        return self._levels.get(name, Level.ENOUGH)

    async def _tell(self, name: str, now: Level) -> None:
        for percent, word in DISK_WORDS.items():
            detail = f"{name}:{word}"
            if now and percent == now.value:
                await self._alarms.raise_alarm(AlarmKind.DISK, "", detail)
            else:
                await self._alarms.clear(AlarmKind.DISK, "", detail)


def level(percent: float, before: Level = Level.ENOUGH) -> Level:
    """Return the level at so much room; a level is left only when there is clearly more."""
    for each in (Level.CRITICAL, Level.SHORT, Level.LOW):
        reached = before is not Level.ENOUGH and before.value <= each.value
        if percent <= each.value + (_BACK if reached else 0.0):
            return each
    return Level.ENOUGH


def _narrowed(policy: Policy) -> Policy:
    return policy if policy.mode in (Mode.ALWAYS, Mode.NEVER) else _NEVER
