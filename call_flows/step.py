"""What every verb is made of: a compiled step, shared by all calls, and one call's visit to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken, StepText
    from domain.waiting_room import TalkEnd

CONVERSATION = "conversation"
"""The exit `answered: conversation`: an agent has the call, and the flow has no more to say."""

KEEP_WAITING = "keep_waiting"
"""The exit of a step beside the line: back to the `queue` step where the call waits all the while."""

TOO_EARLY = 1.0
"""Seconds. A key pressed sooner after a question began is no answer to one that was not expected."""

OUTSIDE = frozenset({CONVERSATION, KEEP_WAITING})
"""Exits that name no step."""


class Visit:
    """One call's stay in one step. What a verb does not care for is left as it is."""

    __slots__ = ("call",)

    def __init__(self, call: CallSession) -> None:
        self.call = call

    def begin(self) -> None:
        """Act on entering the step."""

    def keys_waiting(self) -> None:
        """Act on a key: `call.keys` holds it, and keeps it for a later step unless it is taken out."""

    def playback_ended(self, ok: bool) -> None:
        """Act on the end of what this step played last; not told when the step itself stopped it."""

    def timer_fired(self, timer: str) -> None:
        """Act on a timer of this step."""

    def looked_up(self, answer: str, facts: Mapping[str, str]) -> None:
        """Act on a look-up's answer."""

    def talk_over(self, how: TalkEnd, queue: str) -> None:
        """Act on the end of a talk with an agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(ABC):
    """A step of a flow, compiled and linked."""

    verb: ClassVar[str]
    takes_keys: ClassVar[bool] = False  # it uses up keys: typed ahead, they wait for such a step

    name: str  # flow.step
    file: str
    line: int

    @classmethod
    @abstractmethod
    def compile(cls, text: StepText) -> Step:
        """Read the step. Mistakes are noted in `text.problems`."""

    @abstractmethod
    def exits(self) -> Mapping[str, str]:
        """Return where the step can lead: the word on the arrow → `flow.step` or CONVERSATION."""

    @abstractmethod
    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""

    def silent_exits(self) -> Mapping[str, str]:
        """Return the exits that are taken without any help of the caller."""
        return self.exits()

    def said(self) -> tuple[Spoken, ...]:
        """Return every prompt the step may play."""
        return ()

    def needs(self) -> frozenset[str]:
        """Return the facts that must be known on entering, besides those its prompts speak."""
        return frozenset()

    def gives(self, exit_word: str) -> frozenset[str]:
        """Return the facts that are known after leaving by an exit."""
        return frozenset()

    def drops(self) -> frozenset[str]:
        """Return the facts that are forgotten on entering."""
        return frozenset()
