"""`look_up`: ask something that only the service knows, and branch on the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.look_ups import LookUpShape
from call_flows.step import Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks(Step):
    """A step that asks a declared look-up and leaves by its answer."""

    shape: LookUpShape
    answers: Mapping[str, str]  # answer → step

    def exits(self) -> Mapping[str, str]:
        """Return the answers."""
        return self.answers

    def needs(self) -> frozenset[str]:
        """Return the look-up's arguments."""
        return frozenset(self.shape.takes)

    def drops(self) -> frozenset[str]:
        """Return the facts of an earlier asking."""
        return self.shape.gives()

    def gives(self, exit_word: str) -> frozenset[str]:
        """Return the facts that come with an answer."""
        return frozenset(self.shape.answers.get(exit_word, ()))

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Asking(call, self.shape, self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Asks):
    """Asks a declared look-up; every answer it may give has an exit of that name."""

    verb: ClassVar[str] = "look_up"

    @classmethod
    def compile(cls, text: StepText) -> Ask:
        """Read `look_up` and an exit for each declared answer."""
        asked_here = {name for name, shape in text.known.look_ups.items() if shape.verb == cls.verb}
        name = text.one_of("look_up", asked_here)
        shape = text.known.look_ups.get(name) or LookUpShape(name, "", {})
        if shape.answers:
            text.refuse_unused({"look_up", *shape.answers})
        answers = {answer: text.target(answer) for answer in shape.answers}
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            shape=shape,
            answers=answers,
        )


class _Asking(Visit):
    """Waits for a look-up; keys pressed meanwhile wait too."""

    __slots__ = ("exits", "shape")

    def __init__(self, call: CallSession, shape: LookUpShape, exits: Mapping[str, str]) -> None:
        super().__init__(call)
        self.shape = shape
        self.exits = exits

    def begin(self) -> None:
        """Ask, and forget what an earlier asking had answered."""
        for fact in (self.shape.name, *self.shape.gives()):
            self.call.facts.pop(fact, None)
        self.call.look_up(self.shape.name, {fact: self.call.facts[fact] for fact in self.shape.takes})

    def looked_up(self, answer: str, facts: Mapping[str, str]) -> None:
        """Leave by the answer. An answer that was never declared ends the call with an apology."""
        promised = self.shape.answers.get(answer)
        if promised is None or not facts.keys() >= set(promised):
            self.call.fail()
            return
        self.call.facts.update({fact: facts[fact] for fact in promised})
        self.call.facts[self.shape.name] = answer
        self.call.go(self.exits[answer])
