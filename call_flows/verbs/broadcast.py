"""`broadcast`: say what supervisors have switched on for everybody, if anything, and go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.step import Step, Visit
from call_flows.step_text import Spoken

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

ANNOUNCEMENT = "announcement"  # the look-up; its answer `on` names the prompt as the fact `announced`
_BOTH = ("id", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Step):
    """Asks for the announcement in force and plays it in the languages named, or in the caller's.

    Which prompt it is, nobody knows before; one that cannot be played is passed over. A key ends it and is
    kept for the next question, as with `play`.
    """

    verb: ClassVar[str] = "broadcast"

    languages: tuple[str | None, ...]
    then: str

    @classmethod
    def compile(cls, text: StepText) -> Broadcast:
        """Read `broadcast` (`both_languages` or `chosen_language`) and `then`."""
        text.refuse_unused({"broadcast", "then"})
        how = text.one_of("broadcast", {"both_languages", "chosen_language"})
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            languages=_BOTH if how == "both_languages" else (None,),
            then=text.target("then"),
        )

    def exits(self) -> Mapping[str, str]:
        """Return `then`."""
        return {"then": self.then}

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Announcing(call, self)


class _Announcing(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: Broadcast) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        self.call.look_up(ANNOUNCEMENT, {})

    def looked_up(self, answer: str, facts: Mapping[str, str]) -> None:
        prompt = facts.get("announced", "")
        if answer != "on" or not prompt or self.call.keys:
            self.call.go(self.step.then)
            return
        self.call.play(*[Spoken((prompt,), language) for language in self.step.languages])

    def keys_waiting(self) -> None:
        self.call.stop_playing()
        self.call.go(self.step.then)

    def playback_ended(self, ok: bool) -> None:
        self.call.go(self.step.then)
