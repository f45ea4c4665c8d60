"""`speak`: set the language of everything said from here on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.known import LANGUAGES
from call_flows.step import Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(Step):
    """Sets the caller's language."""

    verb: ClassVar[str] = "speak"

    language: str
    then: str

    @classmethod
    def compile(cls, text: StepText) -> Speak:
        """Read `speak` and `then`."""
        text.refuse_unused({"speak", "then"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            language=text.one_of("speak", set(LANGUAGES)),
            then=text.target("then"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `then`."""
        return {"then": self.then}

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Setting(call, self)


class _Setting(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: Speak) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        self.call.language = self.step.language
        self.call.go(self.step.then)
