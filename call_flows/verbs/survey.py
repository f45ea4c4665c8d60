"""`survey`: ask one question that is answered by a mark, and keep the mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.asking import Asking, Question
from call_flows.step import Visit
from call_flows.verbs.menu import LONGEST_WAIT
from domain.calls import EventKind

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

MOST_MARK = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey(Question):
    """Takes one key from 1 to `most` as the mark; any other is asked again, silence leaves by `otherwise`."""

    verb: ClassVar[str] = "survey"

    fact: str  # under which the mark is known, and the question on the record
    most: int  # the best mark
    then: str

    @classmethod
    def compile(cls, text: StepText) -> Survey:
        """Read the step's fields; see call_flows/README.md."""
        text.refuse_unused({"survey", "as", "most", "wait", "tries", "silence", "wrong", "then", "otherwise"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            prompts=text.prompts("survey"),
            fact=text.word("as"),
            most=text.count("most", most=MOST_MARK),
            wait=text.duration("wait", LONGEST_WAIT),
            tries=text.count("tries", most=5),
            silence=text.prompts("silence", default="no_key"),
            wrong=text.prompts("wrong", default="wrong_key"),
            then=text.target("then"),
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `then` and `otherwise`."""
        return {"then": self.then, "otherwise": self.otherwise}

    def gives(self, exit_word: str) -> frozenset[str]:
        """Return the mark, once it was given."""
        return frozenset({self.fact}) if exit_word == "then" else frozenset()

    def drops(self) -> frozenset[str]:
        """Return the mark of an earlier asking."""
        return frozenset({self.fact})

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Marking(call, self)


class _Marking(Asking[Survey]):
    __slots__ = ()

    def begin(self) -> None:
        self.call.facts.pop(self.step.fact, None)
        self.call.keys.clear()
        self.call.play(*self.step.prompts)

    def keys_waiting(self) -> None:
        # A key struck twice, or typed ahead, is no answer to a question that nobody has heard.
        if self.too_early():
            self.call.keys.clear()
            return
        self.call.stop_playing()
        self.call.cancel_timer(self.timer)
        mark = self.call.keys.popleft()
        self.call.keys.clear()
        if mark.isdecimal() and 1 <= int(mark) <= self.step.most:
            self.call.facts[self.step.fact] = mark
            self.call.record(EventKind.SURVEYED, {"question": self.step.fact, "mark": mark})
            self.call.go(self.step.then)
        elif not self.in_vain():
            self.call.play(*self.step.wrong, *self.step.prompts)
