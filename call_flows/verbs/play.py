"""`play`: say something and go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.step import Step, Visit

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import Spoken, StepText


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayStep(Step):
    """Plays prompts. A key ends them early, unless they must be heard in full."""

    verb: ClassVar[str] = "play"

    prompts: tuple[Spoken, ...]
    then: str
    # Also set where no later step could use a key: a key must not cut off a farewell.
    uninterrupted: bool

    @classmethod
    def compile(cls, text: StepText) -> PlayStep:
        """Read `play`, `then` and optionally `uninterrupted: true`."""
        text.refuse_unused({"play", "then", "uninterrupted"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            prompts=text.prompts("play"),
            then=text.target("then"),
            uninterrupted=text.flag("uninterrupted"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `then`."""
        return {"then": self.then}

    def said(self) -> tuple[Spoken, ...]:
        """Return the prompts."""
        return self.prompts

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Playing(call, self)


class _Playing(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: PlayStep) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        if self.call.keys and not self.step.uninterrupted:
            self.call.go(self.step.then)
        else:
            self.call.play(*self.step.prompts)

    def keys_waiting(self) -> None:
        if not self.step.uninterrupted:
            self.call.stop_playing()
            self.call.go(self.step.then)

    def playback_ended(self, ok: bool) -> None:
        self.call.go(self.step.then)
