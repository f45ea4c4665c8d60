"""The time after a call: when it ends, ended early, extended once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from acd.states import WRAP_UP


@dataclass(frozen=True, slots=True)
class WrapUp:
    """One wrap-up; times in seconds on the axis the caller of these functions uses."""

    began: float
    ends: float
    state: str = WRAP_UP.start

    @classmethod
    def begin(cls, now: float, seconds: float) -> WrapUp:
        """Begin one. Raises ValueError when `seconds` is negative."""
        if seconds < 0:
            raise ValueError(f"wrap-up of {seconds:g} s. Remedy: 0 or more")
        return cls(now, now + seconds)

    def extended(self, now: float, seconds: float) -> WrapUp:
        """Return it with more time, or unchanged when it was extended before or is over."""
        current = self.at(now)
        if current.state != WRAP_UP.start or seconds <= 0:
            return current
        return replace(current, ends=current.ends + seconds, state=WRAP_UP.after(current.state, "extend"))

    def ended(self, now: float) -> WrapUp:
        """Return it ended by the agent, at `now` if the time was not up before."""
        current = self.at(now)
        if current.state == "over":
            return current
        return replace(current, ends=now, state=WRAP_UP.after(current.state, "end"))

    def at(self, now: float) -> WrapUp:
        """Return it as it stands at a moment."""
        if self.state != "over" and now >= self.ends:
            return replace(self, state=WRAP_UP.after(self.state, "time_up"))
        return self

    @property
    def seconds(self) -> float:
        """How long it lasts, or lasted."""
        return self.ends - self.began
