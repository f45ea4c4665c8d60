"""`queue`: wait for an agent, with music and a word now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.step import CONVERSATION, Step, Visit
from domain.calls import EventKind

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken, StepText

LONGEST_WAIT = 3600  # seconds
ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Step):
    """Lets the call wait in a named queue, up to a limit."""

    verb: ClassVar[str] = "queue"

    queue: str
    announce: tuple[Spoken, ...]
    music: tuple[Spoken, ...]
    messages: tuple[Spoken, ...]  # one each time, in turn
    every: int  # seconds between messages
    limit: int  # seconds
    answered: str
    closed: str
    otherwise: str  # the limit was reached

    @classmethod
    def compile(cls, text: StepText) -> Queue:
        """Read the step's fields; see call_flows/README.md."""
        text.refuse_unused(set(_FIELDS))
        answered = text.node("answered")
        messages = text.prompts("messages")
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            queue=text.word("queue"),
            announce=text.prompts("announce"),
            music=text.prompts("music"),
            messages=tuple(_one_by_one(messages)),
            every=text.duration("every", 600),
            limit=text.duration("limit", LONGEST_WAIT),
            answered=text.resolve(answered, frozenset({CONVERSATION})) if answered else "",
            closed=text.target("closed"),
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `answered`, `closed` and `otherwise`."""
        return {ANSWERED: self.answered, "closed": self.closed, "otherwise": self.otherwise}

    def said(self) -> tuple[Spoken, ...]:
        """Return all that is heard while waiting."""
        return (*self.announce, *self.music, *self.messages)

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Waiting(call, self)


_FIELDS = (
    *("queue", "announce", "music", "messages", "every", "limit"),
    *("answered", "closed", "otherwise"),
)


def _one_by_one(spoken: tuple[Spoken, ...]) -> list[Spoken]:
    return [type(part)((name,), part.language) for part in spoken for name in part.names]


class _Waiting(Visit):
    __slots__ = ("limit_timer", "message_timer", "messages_said", "queue", "step")

    def __init__(self, call: CallSession, step: Queue) -> None:
        super().__init__(call)
        self.step = step
        self.queue = step.queue  # or another, to which an agent sent the call
        self.messages_said = 0
        self.message_timer: str | None = None
        self.limit_timer: str | None = None

    def begin(self) -> None:
        self.call.keys.clear()
        again = self.call.came_back()
        self.queue = again[1] if again and again[1] else self.step.queue
        self.call.enter_room(self.queue)
        self.call.play(*self.step.announce, *self.step.music)
        self.limit_timer = self.call.start_timer(self.step.limit)
        self.message_timer = self.call.start_timer(self.step.every)

    def keys_waiting(self) -> None:
        self.call.keys.clear()

    def playback_ended(self, ok: bool) -> None:
        # Music that cannot be played would be tried again without end; the next message is soon enough.
        if ok:
            self.call.play(*self.step.music, recorded=False)

    def timer_fired(self, timer: str) -> None:
        if timer == self.limit_timer:
            self.call.stop_playing()
            self.call.cancel_timers()
            self.call.leave_room("limit")
            self.call.go(self.step.otherwise)
            return
        message = self.step.messages[self.messages_said % len(self.step.messages)]
        self.messages_said += 1
        self.call.play(message, *self.step.music)
        self.message_timer = self.call.start_timer(self.step.every)

    def room_left(self, how: str) -> None:
        self.call.stop_playing()
        self.call.cancel_timers()
        self.call.record(EventKind.DEQUEUED, {"queue": self.queue, "how": how})
        self.call.go(self.step.answered if how == ANSWERED else self.step.closed)
