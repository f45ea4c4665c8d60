"""`choose`: branch on what is already known, without asking again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.known import LANGUAGES
from call_flows.step import Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

LANGUAGE = "language"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Step):
    """Branches on the caller's language or on the last answer of a look-up."""

    verb: ClassVar[str] = "choose"

    by: str
    answers: Mapping[str, str]  # value → step
    otherwise: str  # also when it was never asked

    @classmethod
    def compile(cls, text: StepText) -> Choose:
        """Read `choose`, an exit per value, and `otherwise` for all the rest."""
        look_ups = {name: shape for name, shape in text.known.look_ups.items() if shape.verb == "look_up"}
        by = text.one_of("choose", {LANGUAGE, *look_ups})
        values = set(LANGUAGES) if by == LANGUAGE else set(look_ups[by].answers) if by else set()
        if by:
            text.refuse_unused({"choose", "otherwise", *values})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            by=by,
            answers={value: text.target(value) for value in sorted(values) if text.has(value)},
            otherwise=text.target("otherwise"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return the values and `otherwise`."""
        return {**self.answers, "otherwise": self.otherwise}

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Branching(call, self)


class _Branching(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: Choose) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        by = self.step.by
        value = self.call.language if by == LANGUAGE else self.call.facts.get(by, "")
        self.call.go(self.step.answers.get(value, self.step.otherwise))
