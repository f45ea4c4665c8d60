"""`collect`: let the caller key in a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.checks import Check
from call_flows.reading import Many, Text
from call_flows.step import Step, Visit
from domain.calls import EventKind

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken, StepText

MOST_DIGITS = 30
LONGEST_WAIT = 60  # seconds to the first digit or between two
LONGEST_ENTRY = 180  # seconds for one attempt


def last_four(fact: str) -> str:
    """Return the name of the fact that holds only the last four digits of a keyed number."""
    return f"{fact}_last4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect(Step):
    """Takes digits up to `#`; `*` starts over; tries are counted over the whole call."""

    verb: ClassVar[str] = "collect"
    takes_keys: ClassVar[bool] = True

    prompts: tuple[Spoken, ...]
    fact: str
    lengths: frozenset[int]
    first: int
    between: int
    total: int
    tries: int
    check: Check
    silence: tuple[Spoken, ...]
    too_short: tuple[Spoken, ...]
    wrong: tuple[Spoken, ...]
    started_over: tuple[Spoken, ...]
    then: str
    otherwise: str

    @classmethod
    def compile(cls, text: StepText) -> Collect:
        """Read the step's fields; see call_flows/README.md."""
        text.refuse_unused(set(_FIELDS))
        checks = text.known.checks
        check = text.one_of("check", set(checks)) if text.has("check") else ""
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            prompts=text.prompts("collect"),
            fact=text.word("as"),
            lengths=_lengths(text),
            first=text.duration("first", LONGEST_WAIT),
            between=text.duration("between", LONGEST_WAIT),
            total=text.duration("total", LONGEST_ENTRY),
            tries=text.count("tries", most=5),
            check=checks[check] if check else _anything,
            silence=text.prompts("silence"),
            too_short=text.prompts("too_short"),
            wrong=text.prompts("wrong"),
            started_over=text.prompts("started_over"),
            then=text.target("then"),
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `then` and `otherwise`."""
        return {"then": self.then, "otherwise": self.otherwise}

    def silent_exits(self) -> Mapping[str, str]:
        """Return `otherwise`."""
        return {"otherwise": self.otherwise}

    def said(self) -> tuple[Spoken, ...]:
        """Return the request and every remark."""
        return (*self.prompts, *self.silence, *self.too_short, *self.wrong, *self.started_over)

    def gives(self, exit_word: str) -> frozenset[str]:
        """Return the number and its last four digits, once they were taken."""
        return frozenset({self.fact, last_four(self.fact)}) if exit_word == "then" else frozenset()

    def drops(self) -> frozenset[str]:
        """Return the number of an earlier attempt."""
        return frozenset({self.fact, last_four(self.fact)})

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Collecting(call, self)


_FIELDS = (
    *("collect", "as", "digits", "check", "first", "between", "total", "tries"),
    *("silence", "too_short", "wrong", "started_over", "then", "otherwise"),
)


def _anything(digits: str) -> str | None:
    return digits


def _lengths(text: StepText) -> frozenset[int]:
    node = text.node("digits")
    if node is None:
        return frozenset({1})
    lengths: set[int] = set()
    for item in node.items if isinstance(node, Many) else (node,):
        least, _, most = item.value.partition("-") if isinstance(item, Text) else ("", "", "")
        most = most or least
        if least.isdecimal() and most.isdecimal() and 1 <= int(least) <= int(most) <= MOST_DIGITS:
            lengths.update(range(int(least), int(most) + 1))
        else:
            remedy = f"Write how many, as `16`, `15-16` or `[15, 16, 22]`; at most {MOST_DIGITS}"
            text.problem(item, "`digits:` is not a number of digits", remedy)
    return frozenset(lengths or {1})


class _Collecting(Visit):
    __slots__ = ("digits", "step", "timer", "total_timer")

    def __init__(self, call: CallSession, step: Collect) -> None:
        super().__init__(call)
        self.step = step
        self.digits: list[str] = []
        self.timer: str | None = None
        self.total_timer: str | None = None

    def begin(self) -> None:
        for fact in self.step.drops():
            self.call.facts.pop(fact, None)
        if self.call.tries[self.step.name] >= self.step.tries:
            self.call.go(self.step.otherwise)
        elif self.call.keys:
            self.keys_waiting()
        else:
            self.call.play(*self.step.prompts)

    def keys_waiting(self) -> None:
        self.call.stop_playing()
        self.call.cancel_timer(self.timer)
        remark: tuple[Spoken, ...] = ()
        while self.call.keys:
            key = self.call.keys.popleft()
            if key == "*":
                self.digits.clear()
                remark = self.step.started_over
            elif key != "#":
                self.digits.append(key)
                remark = ()
            else:
                problem = self._conclude()
                if problem is None:
                    return
                remark = (*problem, *self.step.prompts)
        if remark:
            self.call.play(*remark)
        else:
            self._start_total()
            self.timer = self.call.start_timer(self.step.between)

    def playback_ended(self, ok: bool) -> None:
        self._start_total()
        self.timer = self.call.start_timer(self.step.first)

    def timer_fired(self, timer: str) -> None:
        self.call.stop_playing()
        if timer != self.timer:
            self.total_timer = None
        self.call.cancel_timer(self.timer)
        problem = self._conclude()
        if problem is not None:
            self.call.play(*problem, *self.step.prompts)

    def _start_total(self) -> None:
        if self.total_timer is None:
            self.total_timer = self.call.start_timer(self.step.total)

    def _conclude(self) -> tuple[Spoken, ...] | None:
        """End this attempt: leave the step, or return what is to be remarked."""
        self.call.cancel_timer(self.total_timer)
        self.total_timer = None
        digits = "".join(self.digits)
        self.digits.clear()
        self.call.tries[self.step.name] += 1
        result, taken = self._judge(digits)
        data = {"step": self.step.name, "digits": str(len(digits)), "result": result}
        if taken is not None:
            last4 = taken[-4:]
            self.call.facts[self.step.fact] = taken
            self.call.facts[last_four(self.step.fact)] = last4
            data["masked"] = "*" * (len(taken) - len(last4)) + last4
            self.call.record(EventKind.COLLECTED, data, {self.step.fact: taken})
            self.call.go(self.step.then)
            return None
        self.call.record(EventKind.COLLECTED, data)
        if self.call.tries[self.step.name] >= self.step.tries:
            self.call.go(self.step.otherwise)
            return None
        return {"silence": self.step.silence, "too_short": self.step.too_short}.get(result, self.step.wrong)

    def _judge(self, digits: str) -> tuple[str, str | None]:
        if not digits:
            return "silence", None
        if len(digits) < min(self.step.lengths):
            return "too_short", None
        taken = self.step.check(digits) if len(digits) in self.step.lengths else None
        return ("wrong", None) if taken is None else ("taken", taken)
