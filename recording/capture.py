"""The rules of capture: what one call's recording does because of talks, holds, keys, proofs and time.

Pure: told what happens and when (`now`: monotonic seconds; `at`: the same moment, UTC), it returns orders.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from recording.capture_marks import OpenMarks, Seen
from recording.capture_orders import (
    Anew,
    Announce,
    Begin,
    Calm,
    End,
    Hush,
    Lose,
    Note,
    Order,
    Started,
    Warn,
)
from recording.policies import Policies, Policy
from recording.recordings import LATE_GAP, AlarmKind, Mark, MarkKind, Mode, Recording, Silence
from recording.states import State

START_WITHIN = 2.0  # seconds from the wish to record until an alarm
TRY_AGAIN = 2.0  # seconds between two orders while the talk goes on
NOTICE_TRIES = 2
SETTLED = 0.1  # seconds until a bridge mixes, or does not, after somebody entered or left it
TOGETHER = 1.0  # seconds until a new voice is taken to be with the caller, unless that is told
LATE = 0.5  # seconds without sound at the beginning that are stated as missing
NOTICE = "recording_notice"  # the prompt


class Stage(StrEnum):
    """How far a call's recording is."""

    IDLE = "idle"  # nothing to record yet, or not wanted
    NOTICE = "notice"  # the notice plays in the talk
    ORDERED = "ordered"  # Asterisk was asked
    RUNNING = "running"
    FAILED = "failed"  # the order failed; it is given again while the talk goes on
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of a call beside what the floor sees."""

    direction: str = "in"
    campaign_id: str = ""
    heard: str = ""  # the language in which its flow said the notice to the end, or empty


@dataclass(frozen=True, slots=True)
class Voice:
    """Where the packets come from that a caller hears: an agent's phone, or Asterisk's mixing of several."""

    agent: str
    mixed: bool


class Course:
    """One call's recording, from the first talk to the end of the call. Every method returns orders."""

    def __init__(self, call_id: str, whose: Whose, number: int = 1) -> None:
        self.call_id, self.whose, self.number = call_id, whose, number
        self.stage = Stage.IDLE
        self.recording: Recording | None = None
        self.seen: Seen | None = None
        self._policy: Policy | None = None
        self._rules: Policies | None = None
        self._asked = False  # somebody wants it recorded
        self._heard = whose.heard
        self._notice_failed = 0
        self._marks: OpenMarks | None = None
        self._waiting: dict[Silence, float] = {}  # silences asked for before there is sound, with their ends
        self._wanted_at = math.inf  # since when there should be sound
        self._again_at = math.inf
        self._warned = False
        self._over_at = math.nan
        self._new_id = ""
        self._announced_at: datetime | None = None  # when the notice was ordered
        self._voice: Voice | None = None  # whom Asterisk's recorder hears
        self._mixed: bool | None = None  # more than two are in the talk's bridge, if that was told
        self._taken_up = False  # by this process, and nothing was seen of the call yet
        self._anew_at = math.inf
        self._anew_since = math.nan  # since when it may be deaf to the other side

    # -- looked at --------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """Return what the agent's page shows (`recording.ports.SilenceControl.status`)."""
        if self.stage is Stage.RUNNING and self._marks:
            return "silenced" if self._marks.silent else "recording"
        if self._warned or self.stage is Stage.FAILED:
            return "trouble"
        demanded = self._policy is not None and self._policy.mode is Mode.ON_DEMAND and not self._asked
        return "on_demand" if demanded and self.stage is Stage.IDLE else "off"

    @property
    def wake_at(self) -> float:
        """When `time` is to be told at the latest (monotonic seconds; infinity: never)."""
        silence = self._marks.wake_at if self._marks else math.inf
        alarm = self._wanted_at + START_WITHIN if not self._warned else math.inf
        return min(silence, alarm, self._again_at, self._anew_at)

    @property
    def over(self) -> bool:
        """Whether nothing will follow any more."""
        return self.stage is Stage.OVER

    def records(self, recording_id: str) -> bool:
        """Whether this recording is the course's."""
        return self.recording is not None and self.recording.recording_id == recording_id

    def is_of(self, channel: str) -> bool:
        """Whether the recording, if there is one, is of this leg. Else `end` this course and take `next`."""
        return self.recording is None or self.recording.channel == channel

    def next(self) -> Course:
        """Return the course of the same call on another leg: its recording has the next number."""
        fresh = Course(self.call_id, replace(self.whose, heard=self._heard), self.number + 1)
        fresh._asked = self._asked
        return fresh

    # -- the talk ---------------------------------------------------------------------------------

    def follow(
        self, seen: Seen, policy: Policy, rules: Policies, new_id: str, now: float, at: datetime
    ) -> list[Order]:
        """The call is seen like this from now on. `new_id`: of the recording, should one begin."""
        if self.over:
            return []
        if self.seen and self.seen.phase is MarkKind.CONFERENCE and seen.phase is not self.seen.phase:
            self._mixed = None  # who left its bridge is not told
        self.seen, self._policy, self._rules, self._new_id = seen, policy, rules, new_id
        if self.stage is Stage.RUNNING and self._marks and self.recording:
            self._new_voice(seen, now)
            marks = self._marks.follow(seen, now)
            return [*self._note(marks), *self._keep_to_policy(now)]
        if self.stage is Stage.NOTICE and not seen.talking:
            self.stage = Stage.IDLE  # the caller did not hear it to its end
        return self._begin(now, at)

    def among(self, mixed: bool, now: float, *, arrived: bool) -> list[Order]:
        """The caller's leg is in the talk's bridge; `mixed`: more than one other there, `arrived`: now."""
        self._mixed = mixed
        if self.stage is not Stage.RUNNING or self.seen is None:
            return []
        if arrived and math.isfinite(self._anew_at):
            self._voice = self._voice_of(self.seen)
            return self._record_anew()
        self._new_voice(self.seen, now)
        return []

    def ask(self, now: float, at: datetime) -> tuple[bool, list[Order]]:
        """Somebody wants it recorded. False: it cannot be."""
        if self.seen is None or self._policy is None or self.over or self._policy.mode is Mode.NEVER:
            return False, []
        self._asked = True
        return True, [*self._begin(now, at), *self._keep_to_policy(now)]

    def announced(self, ok: bool, now: float, at: datetime) -> list[Order]:
        """The notice that played in the talk came to its end, or could not be played."""
        if self.stage is not Stage.NOTICE or self.seen is None:
            return []
        self.stage = Stage.IDLE
        if ok:
            self._heard = self.seen.language
            return self._begin(now, at)
        self._notice_failed += 1
        if self._notice_failed < NOTICE_TRIES:
            return self._begin(now, at)
        # Nobody is recorded who was not told (UU 27/2022).
        recording = self._planned(at)
        self.stage, self._warned = Stage.FAILED, True
        return [Lose(recording, "notice"), Warn(AlarmKind.NOTICE, recording.recording_id)]

    def end(self, now: float, cause: str = "", *, alive: bool = False) -> list[Order]:
        """The call is over; `alive`: its leg may live on. Idempotent."""
        if self.over:
            return []
        stage, self.stage = self.stage, Stage.OVER
        self._again_at = self._wanted_at = self._anew_at = math.inf
        self._over_at = now
        if stage is Stage.RUNNING:
            return self._stop(now, cause, alive)
        if stage is Stage.FAILED and self.recording and self._notice_failed < NOTICE_TRIES:
            return [Lose(self.recording, "not_started"), Warn(AlarmKind.LOST, self.recording.recording_id)]
        if self.recording is None and self._announced_at is not None:
            # It ended within the notice: nothing that was to be recorded was missed, so nobody is alarmed.
            return [Lose(self._planned(self._announced_at), "notice_cut")]
        return []  # an order that is under way is answered first

    # -- what came of orders ----------------------------------------------------------------------

    def started(self, now: float) -> list[Order]:
        """Asterisk records since `now`."""
        recording = self.recording
        if recording is None or self._marks or self.seen is None:
            return []
        late = now - self._wanted_at if math.isfinite(self._wanted_at) else 0.0
        late_ms = round(late * 1000) if late > LATE else 0
        self._marks = marks = OpenMarks(now)
        self._voice = self._voice_of(self.seen)
        first = [Mark(MarkKind.NOTICE, 0, 0, f"{NOTICE} {self._heard}"), *marks.follow(self.seen, now)]
        if late_ms:
            first.append(Mark(MarkKind.GAP, 0, 0, f"{LATE_GAP}{late_ms}"))
        orders: list[Order] = [Started(recording.recording_id, late_ms)]
        if self.over:
            return [*orders, *self._note(first), *self._stop(max(now, self._over_at), "", alive=False)]
        self.stage, self._again_at, self._wanted_at = Stage.RUNNING, math.inf, math.inf
        for why, until in self._waiting.items():
            first += marks.hush(why, now, until)
        orders += self._note(first)
        if marks.silent:
            orders.append(Hush(recording.channel, on=True))
        if self._warned:
            self._warned = False
            orders.append(Calm(AlarmKind.NOT_STARTED, recording.recording_id))
        return [*orders, *self._keep_to_policy(now)]

    def not_started(self, cause: str, now: float) -> list[Order]:
        """The order failed."""
        recording = self.recording
        if recording is None or self._marks:
            return []
        if self.over:
            return [Lose(recording, cause), Warn(AlarmKind.LOST, recording.recording_id, cause)]
        self.stage, self._again_at = Stage.FAILED, now + TRY_AGAIN
        if self._warned:
            return []
        self._warned = True
        return [Warn(AlarmKind.NOT_STARTED, recording.recording_id, cause)]

    def time(self, now: float) -> list[Order]:
        """Time passed."""
        orders: list[Order] = []
        if self._marks and self.stage is Stage.RUNNING:
            orders += self._quiet(self._marks.time(now))
            if self._anew_at <= now:
                orders += self._record_anew()
        if self.recording and not self._warned and self._wanted_at + START_WITHIN <= now:
            self._warned = True
            orders.append(Warn(AlarmKind.NOT_STARTED, self.recording.recording_id, "no_answer"))
        if self.stage is Stage.FAILED and self._again_at <= now and self.recording:
            self.stage, self._again_at = Stage.ORDERED, math.inf
            orders.append(Begin(self.recording, again=True))
        return orders

    # -- silence ----------------------------------------------------------------------------------

    def silence(self, why: Silence, on: bool, now: float) -> tuple[bool, list[Order]]:
        """Begin or end silence. False: the call is not being recorded."""
        if self._rules is None or self.stage not in (
            Stage.NOTICE,
            Stage.ORDERED,
            Stage.FAILED,
            Stage.RUNNING,
        ):
            return False, []
        rules = self._rules.silence
        lasts = {Silence.PROOF: rules.proof_s, Silence.AGENT: rules.agent_s, Silence.KEYS: rules.keys_after_s}
        until = now + lasts.get(why, math.inf)
        if self._marks is None:
            self._waiting.pop(why, None)
            if on:
                self._waiting[why] = until
            return True, []
        before = rules.keys_before_ms if why is Silence.KEYS else 0
        marks = self._marks.hush(why, now, until, before) if on else self._marks.speak(why, now)
        return True, self._quiet(marks)

    # -- after a restart --------------------------------------------------------------------------

    @classmethod
    def found(
        cls, recording: Recording, marks: Sequence[Mark], rules: Policies, now: float, at: datetime
    ) -> tuple[Course, list[Order]]:
        """Return the course of a recording that Asterisk went on with while nobody was there."""
        course = cls(recording.call_id, Whose(recording.direction, recording.campaign_id), recording.number)
        began = now - max(0.0, (at - (recording.started_at or recording.planned_at)).total_seconds())
        course.stage, course.recording, course._rules = Stage.RUNNING, recording, rules
        course._marks, silence = OpenMarks(began), rules.silence
        notice = next((mark.detail for mark in marks if mark.kind is MarkKind.NOTICE), "")
        course._heard = notice.partition(" ")[2]
        course._asked = recording.mode is Mode.ON_DEMAND
        course._taken_up = True
        limits = {
            Silence.PROOF: now + silence.proof_s,
            Silence.AGENT: now + silence.agent_s,
            Silence.POLICY: math.inf,
        }
        orders = course._note(course._marks.take_up(marks, now, limits))
        return course, [*orders, Hush(recording.channel, on=course._marks.silent)]

    # -- inside -----------------------------------------------------------------------------------

    @property
    def _wanted(self) -> bool:
        return self._policy is not None and (self._asked or self._policy.wants(self.call_id))

    def _voice_of(self, seen: Seen) -> Voice:
        mixed = seen.phase is MarkKind.CONFERENCE if self._mixed is None else self._mixed
        return Voice(seen.agent, mixed)

    def _new_voice(self, seen: Seen, now: float) -> None:
        """Let it be recorded anew soon if the caller hears other packets than before."""
        if seen.phase is MarkKind.WAITING:
            self._voice, self._taken_up = None, False
        if not seen.talking or self._marks is None:
            return
        before, self._voice = self._voice, self._voice_of(seen)
        staying = self._taken_up or (before is not None and before.mixed != self._voice.mixed)
        self._taken_up = False
        if self._voice != before:
            if not math.isfinite(self._anew_at):
                self._anew_since = now
            self._anew_at = now + (SETTLED if staying else TOGETHER)

    def _record_anew(self) -> list[Order]:
        self._anew_at = math.inf
        if self.stage is not Stage.RUNNING or self._marks is None or self.recording is None:
            return []
        recording = self.recording
        return [Anew(recording.recording_id, recording.channel, self._marks.began, self._anew_since)]

    def _begin(self, now: float, at: datetime) -> list[Order]:
        """Begin if there is a talk to be recorded and nothing was begun."""
        seen = self.seen
        if self.stage is not Stage.IDLE or seen is None or not seen.talking or not self._wanted:
            return []
        if not self._heard:
            self.stage, self._announced_at = Stage.NOTICE, at
            return [Announce(self.call_id, seen.language)]
        recording = self._planned(at)
        self.stage, self._wanted_at = Stage.ORDERED, now
        return [Begin(recording)]

    def _planned(self, at: datetime) -> Recording:
        assert self.seen is not None and self._policy is not None  # noqa: S101 - `follow` set both
        seen, whose = self.seen, self.whose
        self.recording = Recording(
            recording_id=self._new_id,
            call_id=self.call_id,
            number=self.number,
            channel=seen.channel,
            direction=whose.direction,
            queue=seen.queue,
            campaign_id=whose.campaign_id,
            agent=seen.agent,
            language=seen.language,
            mode=self._policy.mode,
            state=State.PLANNED,
            planned_at=at,
        )
        return self.recording

    def _keep_to_policy(self, now: float) -> list[Order]:
        """Silence a queue that is not recorded, to which a call was transferred that is."""
        if self.stage is not Stage.RUNNING or self._marks is None:
            return []
        if self._wanted:
            return self._quiet(self._marks.speak(Silence.POLICY, now))
        return self._quiet(self._marks.hush(Silence.POLICY, now, math.inf))

    def _quiet(self, marks: Sequence[Mark]) -> list[Order]:
        """Return the orders for marks of silence that began or ended."""
        if not marks or self._marks is None or self.recording is None:
            return []
        # Asterisk is told each time: an order that got lost is made good by the next one.
        return [Hush(self.recording.channel, on=self._marks.silent), *self._note(marks)]

    def _note(self, marks: Sequence[Mark]) -> list[Order]:
        return [Note(self.recording.recording_id, tuple(marks))] if marks and self.recording else []

    def _stop(self, now: float, cause: str, alive: bool) -> list[Order]:
        assert self.recording is not None and self._marks is not None  # noqa: S101 - it runs
        expected = self._marks.ms(now)
        closed = self._note(self._marks.close(now))
        recording = self.recording
        return [*closed, End(recording.recording_id, recording.channel, expected, alive, cause)]
