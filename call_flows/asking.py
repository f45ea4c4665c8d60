"""A step that asks for one key: it waits, asks again, and gives up after so many tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from call_flows.step import TOO_EARLY, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken


class Question(Protocol):
    """What such a step says, and how long it waits."""

    @property
    def prompts(self) -> tuple[Spoken, ...]:
        """Return the question."""
        ...

    @property
    def silence(self) -> tuple[Spoken, ...]:
        """Return what is said before it after silence."""
        ...

    @property
    def wait(self) -> int:
        """Return how many seconds a key may take after the question."""
        ...

    @property
    def tries(self) -> int:
        """Return how often it is asked."""
        ...

    @property
    def otherwise(self) -> str:
        """Return where the call goes then."""
        ...


Q = TypeVar("Q", bound=Question)


class Asking(Visit, Generic[Q]):
    """One call's stay in such a step. The verb says what a key means (`keys_waiting`)."""

    __slots__ = ("asked_in_vain", "began", "step", "timer")

    def __init__(self, call: CallSession, step: Q) -> None:
        super().__init__(call)
        self.step = step
        self.asked_in_vain = 0
        self.began = call.now
        self.timer: str | None = None

    def playback_ended(self, ok: bool) -> None:
        """Wait for a key from now on."""
        self.timer = self.call.start_timer(self.step.wait)

    def timer_fired(self, timer: str) -> None:
        """Ask again after silence, unless it was asked often enough."""
        if not self.in_vain():
            self.call.play(*self.step.silence, *self.step.prompts)

    def too_early(self) -> bool:
        """Return whether nobody can have heard the question yet."""
        return (self.call.now - self.began).total_seconds() < TOO_EARLY

    def in_vain(self) -> bool:
        """Count a try that came to nothing; True: it was the last, and the call goes on elsewhere."""
        self.asked_in_vain += 1
        if self.asked_in_vain < self.step.tries:
            return False
        self.call.go(self.step.otherwise)
        return True
