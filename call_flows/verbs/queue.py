"""`queue`: wait for an agent, with music, the place in line, and a word now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.called import CAMPAIGN, CAMPAIGN_QUEUE
from call_flows.line import PROMPTS, Line
from call_flows.session import AFTER_TALK, ANSWERED
from call_flows.step import CONVERSATION, Step, Visit
from call_flows.step_text import Spoken
from domain.calls import EventKind
from domain.waiting_room import TalkEnd

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

LONGEST_WAIT = 3600  # seconds
PLACE_IN_LINE = "place_in_line"
CALLBACK_OFFER = "callback_offer"
CALLBACK_KEY = "1"  # as the prompt says
CALLBACK_FROM = 1  # messages that are said before the callback is offered
OFFER = Spoken(("callback_offer",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Step):
    """Lets the call wait in a named queue, up to a limit."""

    verb: ClassVar[str] = "queue"

    queue: str
    announce: tuple[Spoken, ...]  # empty: nothing, as all that is optional here
    returned: tuple[Spoken, ...]  # instead of the announcement, after a talk that broke off
    transferred: tuple[Spoken, ...]  # the same, after an agent sent the call on
    music: tuple[Spoken, ...]
    messages: tuple[Spoken, ...]  # one each time, in turn
    every: int  # seconds between messages; 0 if there are none
    tell_place: bool
    limit: int  # seconds
    callback: str  # the step where a callback is booked, or nothing
    answered: str
    after_talk: str  # the `queue` step to wait at again after a talk, or nothing: this one
    closed: str
    otherwise: str  # the limit was reached

    @classmethod
    def compile(cls, text: StepText) -> Queue:
        """Read the step's fields; see call_flows/README.md."""
        text.refuse_unused(set(_FIELDS))
        answered = text.node("answered")
        messages = _optional(text, "messages")
        tell_place, callback = text.flag("tell_place"), text.has("callback")
        if (tell_place or callback) and not (messages and text.has("announce")):
            remedy = "Write `announce:` and `messages:` too, or leave it out"
            text.problem(text.table, "the place and the callback are told with what is said anyway", remedy)
        text.require_prompts([*(PROMPTS if tell_place else ()), *(OFFER.names if callback else ())])
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            queue=text.word("queue"),
            announce=_optional(text, "announce"),
            returned=text.prompts("returned", default="talk_broken"),
            transferred=text.prompts("transferred", default="talk_transferred"),
            music=_optional(text, "music"),
            messages=tuple(_one_by_one(messages)),
            every=text.duration("every", 600) if messages else 0,
            tell_place=tell_place,
            limit=text.duration("limit", LONGEST_WAIT),
            callback=text.target("callback") if callback else "",
            answered=text.resolve(answered, frozenset({CONVERSATION})) if answered else "",
            after_talk=text.target(AFTER_TALK) if text.has(AFTER_TALK) else "",
            closed=text.target("closed"),
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `answered`, `closed`, `otherwise`, and `callback` and `after_talk` if they are written."""
        written = {"callback": self.callback, AFTER_TALK: self.after_talk}
        return {**self.silent_exits(), **{word: target for word, target in written.items() if target}}

    def silent_exits(self) -> Mapping[str, str]:
        """Return `answered`, `closed` and `otherwise`."""
        return {ANSWERED: self.answered, "closed": self.closed, "otherwise": self.otherwise}

    def needs(self) -> frozenset[str]:
        """Return which queue the campaign's is, where it is the campaign's."""
        return frozenset({CAMPAIGN_QUEUE}) if self.queue == CAMPAIGN else frozenset()

    def said(self) -> tuple[Spoken, ...]:
        """Return all that is heard while waiting; of the place, the step itself brings the values."""
        offer = (OFFER,) if self.callback else ()
        return (*self.announce, *self.returned, *self.transferred, *self.music, *self.messages, *offer)

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Waiting(call, self)


_FIELDS = (
    *("queue", "announce", "returned", "transferred", "music", "messages", "every", "tell_place"),
    *("limit", "callback", "answered", AFTER_TALK, "closed", "otherwise"),
)


def _optional(text: StepText, key: str) -> tuple[Spoken, ...]:
    return text.prompts(key) if text.has(key) else ()


def _one_by_one(spoken: tuple[Spoken, ...]) -> list[Spoken]:
    return [Spoken((name,), part.language) for part in spoken for name in part.names]


class _Waiting(Visit):
    __slots__ = ("announcing", "asking", "limit_timer", "message_due", "place", "step")

    def __init__(self, call: CallSession, step: Queue) -> None:
        super().__init__(call)
        self.step = step
        self.announcing = False  # what is said on entering still plays; the place comes after it
        self.message_due = False
        self.asking = ""  # the look-up that is asked
        self.place: Mapping[str, str] = {}  # its last answer's facts
        self.limit_timer: str | None = None

    @property
    def line(self) -> Line:
        """The call's stay in line."""
        assert self.call.line is not None  # noqa: S101 - `begin` entered the room
        return self.call.line

    # ---- What happens

    def begin(self) -> None:
        self.call.keys.clear()
        if self.call.waits:
            self._stay_on()
            return
        how, queue = self.call.came_back() or (None, "")
        self.call.enter_room(queue or self.step.queue)
        said = {TalkEnd.RETURNED: self.step.returned, TalkEnd.TRANSFERRED: self.step.transferred}
        announce = self.step.announce if how is None else said[how]
        self._start_timers(self.step.limit)
        # A returned call was told its place just now.
        if self.step.tell_place and how is not TalkEnd.RETURNED:
            self.announcing = True
            self.call.play(*announce)
        else:
            self.call.play(*announce, *self.step.music)

    def keys_waiting(self) -> None:
        keys, wanted = list(self.call.keys), self.step.callback
        self.call.keys.clear()
        if not (wanted and self.line.offered and CALLBACK_KEY in keys):
            return
        data = {"menu": self.step.name, "key": CALLBACK_KEY, "target": wanted}
        self.call.record(EventKind.CHOSE, data)
        # What was typed behind the key answers the next question; before it, nothing had been asked.
        self.call.keys.extend(keys[keys.index(CALLBACK_KEY) + 1 :])
        self.call.stop_playing()
        self.call.cancel_timers()
        self.call.go(wanted)

    def playback_ended(self, ok: bool) -> None:
        if self.announcing:
            self.announcing = False
            self._ask(PLACE_IN_LINE)
        # Music that cannot be played would be tried again without end; the next message is soon enough.
        elif ok:
            self.call.play(*self.step.music, recorded=False)

    def timer_fired(self, timer: str) -> None:
        if timer == self.limit_timer:
            self._give_up()
            return
        self.announcing = False
        self.message_due = True
        self.call.start_timer(self.step.every)
        if self.step.tell_place:
            self._ask(PLACE_IN_LINE)
        elif not self._ask_for_callback():
            self._say(offered=False)

    def looked_up(self, answer: str, facts: Mapping[str, str]) -> None:
        if self.asking == PLACE_IN_LINE:
            self.place = facts if answer == "waiting" else {}
            if not self._ask_for_callback():
                self._say(offered=False)
        else:
            self._say(offered=answer == "possible")

    # ---- What is done about it

    def _stay_on(self) -> None:
        """Come back from a step beside the line."""
        waited = (self.call.now - self.line.since).total_seconds()
        if waited >= self.step.limit:
            self._give_up()
            return
        self._start_timers(self.step.limit - waited)
        self.call.play(*self.step.music)

    def _start_timers(self, limit: float) -> None:
        self.limit_timer = self.call.start_timer(limit)
        if self.step.every:
            self.call.start_timer(self.step.every)

    def _give_up(self) -> None:
        self.call.stop_playing()
        self.call.cancel_timers()
        self.call.leave_room("limit")
        self.call.go(self.step.otherwise)

    def _ask(self, name: str) -> None:
        self.asking = name
        self.call.look_up(name, {})

    def _ask_for_callback(self) -> bool:
        if self.message_due and self.step.callback and self.line.messages >= CALLBACK_FROM:
            self._ask(CALLBACK_OFFER)
            return True
        return False

    def _say(self, *, offered: bool) -> None:
        """Say what is due, then music again."""
        spoken: list[Spoken] = []
        if self.message_due:
            spoken.append(self.step.messages[self.line.messages % len(self.step.messages)])
            self.line.messages += 1
        values, self.place = self.place, {}
        if values:
            told = self.line.tell(int(values["place"]), int(values["minutes"]), self.call.now)
            spoken.extend(Spoken((name,)) for name in told)
        if offered:
            spoken.append(OFFER)
        self.line.offered = self.line.offered or offered
        self.message_due = False
        self.call.play(*spoken, *self.step.music, values=values)
