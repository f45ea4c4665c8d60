"""`open`: branch on whether there is anybody to talk to at this hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.look_ups import LookUpShape
from call_flows.problems import did_you_mean
from call_flows.verbs.look_up import Asks

if TYPE_CHECKING:
    from call_flows.step_text import StepText

OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Open(Asks):
    """Asks the look-up `PLACE_hours`; its answer `open` leaves by `then`, any other by its own name."""

    verb: ClassVar[str] = "open"

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
