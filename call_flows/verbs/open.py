"""`open`: branch on whether there is anybody to talk to at this hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.look_ups import LookUpShape
from call_flows.problems import did_you_mean
from call_flows.step import Step, Visit
from call_flows.verbs.look_up import Asking

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Step):
    """Asks the look-up `PLACE_hours`; its answer `open` leaves by `then`, any other by its own name."""

    verb: ClassVar[str] = "open"

    shape: LookUpShape
    answers: Mapping[str, str]  # answer → step

    @classmethod
    def compile(cls, text: StepText) -> Open:
        """Read `open`, `then`, and an exit for each way of being closed."""
        shapes = {
            name.removesuffix("_hours"): shape
            for name, shape in text.known.look_ups.items()
            if name.endswith("_hours")
        }
        place = text.word("open")
        shape = shapes.get(place) or LookUpShape("", "", {})
        if place and place not in shapes:
            text.problem(text.table, f"no opening hours are known for `{place}`", did_you_mean(place, shapes))
        answers = {}
        if shape.answers:
            ways = [answer for answer in shape.answers if answer != OPEN]
            text.refuse_unused({"open", "then", *ways})
            answers = {OPEN: text.target("then"), **{way: text.target(way) for way in ways}}
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            shape=shape,
            answers=answers,
        )

    def exits(self) -> Mapping[str, str]:
        """Return `open` and each way of being closed."""
        return self.answers

    def drops(self) -> frozenset[str]:
        """Return the facts of an earlier asking."""
        return self.shape.gives()

    def gives(self, exit_word: str) -> frozenset[str]:
        """Return the facts that come with an answer."""
        return frozenset(self.shape.answers.get(exit_word, ()))

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return Asking(call, self.shape, self.answers)
