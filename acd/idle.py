"""Shares idle time evenly: in which order free agents are chosen.

At each moment the idle time that passes is due to all agents on duty alike. Who has had more of it
than was due is chosen first. As it grows alike for all who are free, the order among them stays as it
was when each became free: a number for `Matcher.free(agent, now, order)`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Agent:
    idle: float = 0.0  # seconds, until last taken
    due: float = 0.0  # seconds, until last off duty
    free_since: float | None = None
    meter: float = 0.0  # what the meter showed when the agent came on duty


class IdleShares:
    """Idle time had and due, by agent. Every call costs O(1); all times on one monotonic axis."""

    def __init__(self) -> None:
        self._agents: dict[str, _Agent] = {}
        self._on_duty: set[str] = set()
        self._free = 0
        self._meter = 0.0  # seconds of idle time due to whoever was on duty all the time
        self._at = 0.0

    def on_duty(self, agent: str, now: float) -> None:
        """Note that an agent is there to take calls, free or not. Idempotent."""
        if agent not in self._on_duty:
            self._pass(now)
            self._on_duty.add(agent)
            self._agents.setdefault(agent, _Agent()).meter = self._meter

    def off_duty(self, agent: str, now: float) -> None:
        """Note that an agent left or paused; a free one is taken. Idempotent."""
        if agent in self._on_duty:
            self.taken(agent, now)
            self._pass(now)
            self._on_duty.remove(agent)
            entry = self._agents[agent]
            entry.due += self._meter - entry.meter

    def free(self, agent: str, now: float) -> float:
        """Note that an agent on duty is idle from now on; return the order, less is chosen earlier.

        Raises KeyError: never on duty.
        """
        self._pass(now)
        entry = self._agents[agent]
        if entry.free_since is None:
            entry.free_since = now
            self._free += 1
        # Due less had, both as of now less what passes meanwhile for all alike.
        due = entry.due - entry.meter  # and the meter, which is the same for all
        return due - (entry.idle - entry.free_since)

    def taken(self, agent: str, now: float) -> None:
        """Note that an agent is idle no more. Idempotent. Raises KeyError: never on duty."""
        entry = self._agents[agent]
        if entry.free_since is not None:
            self._pass(now)
            entry.idle += now - entry.free_since
            entry.free_since = None
            self._free -= 1

    def had_and_due(self, agent: str, now: float) -> tuple[float, float]:
        """Return the idle seconds an agent has had, and those of an even share of the same hours."""
        self._pass(now)
        entry = self._agents[agent]
        running = 0.0 if entry.free_since is None else now - entry.free_since
        passing = self._meter - entry.meter if agent in self._on_duty else 0.0
        return entry.idle + running, entry.due + passing

    def _pass(self, now: float) -> None:
        if self._on_duty:
            self._meter += self._free / len(self._on_duty) * (now - self._at)
        self._at = now
