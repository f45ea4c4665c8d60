"""A step that asks for one key: it waits, asks again, and gives up after so many tries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from call_flows.step import TOO_EARLY, Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Step):
    """Such a step. The verb says what a key means."""

    takes_keys: ClassVar[bool] = True

    prompts: tuple[Spoken, ...]
    wait: int  # seconds that a key may take after the question
    tries: int  # how often it is asked
    silence: tuple[Spoken, ...]  # said before it after silence
    wrong: tuple[Spoken, ...]  # said before it after a key that is no answer
    otherwise: str  # where the call goes when it was asked in vain

    def silent_exits(self) -> Mapping[str, str]:
        """Return `otherwise`."""
        return {"otherwise": self.otherwise}

    def said(self) -> tuple[Spoken, ...]:
        """Return the question and both reminders."""
        return (*self.prompts, *self.silence, *self.wrong)


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
