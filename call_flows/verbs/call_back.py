"""`call_back`: keep the place of a caller who waits, and ring them instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.step import Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

BOOK = "book_callback"
BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack(Step):
    """Books a callback to a number; by `booked` the call has left the line and kept its place."""

    verb: ClassVar[str] = "call_back"

    fact: str  # the number
    booked: str
    refused: str

    @classmethod
    def compile(cls, text: StepText) -> CallBack:
        """Read `call_back`: the number's name, `booked` and `refused`."""
        text.refuse_unused({"call_back", BOOKED, "refused"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            fact=text.word("call_back"),
            booked=text.target(BOOKED),
            refused=text.target("refused"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `booked` and `refused`."""
        return {BOOKED: self.booked, "refused": self.refused}

    def needs(self) -> frozenset[str]:
        """Return the number."""
        return frozenset({self.fact})

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Booking(call, self)


class _Booking(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: CallBack) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        self.call.look_up(BOOK, {"number": self.call.facts[self.step.fact]})

    def looked_up(self, answer: str, facts: Mapping[str, str]) -> None:
        if answer == BOOKED:
            self.call.leave_for_callback()
        self.call.go(self.step.booked if answer == BOOKED else self.step.refused)
