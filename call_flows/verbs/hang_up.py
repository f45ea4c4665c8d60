"""`hang_up`: end the call, saying on the record why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from call_flows.step import Step, Visit
from domain.calls import EndReason

if TYPE_CHECKING:
    from call_flows.session import CallSession
    from call_flows.step_text import StepText

# The other reasons are facts that no flow can declare.
REASONS = {
    reason.value: reason
    for reason in (
        EndReason.COMPLETED,
        EndReason.WAIT_EXPIRED,
        EndReason.CALLBACK,
        EndReason.CLOSED,
        EndReason.ABANDONED,
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUpStep(Step):
    """Ends the call."""

    verb: ClassVar[str] = "hang_up"

    reason: EndReason

    @classmethod
    def compile(cls, text: StepText) -> HangUpStep:
        """Read `hang_up`: the reason."""
        text.refuse_unused({"hang_up"})
        reason = text.one_of("hang_up", set(REASONS))
        return cls(
            name=text.full_name,
            file=text.table.file,
            line=text.table.line,
            reason=REASONS.get(reason, EndReason.COMPLETED),
        )

    def exits(self) -> Mapping[str, str]:
        """Return nothing: this is an end."""
        return {}

    def visit(self, call: CallSession) -> Visit:
        """Return one call's stay in this step."""
        return _Ending(call, self)


class _Ending(Visit):
    __slots__ = ("step",)

    def __init__(self, call: CallSession, step: HangUpStep) -> None:
        super().__init__(call)
        self.step = step

    def begin(self) -> None:
        self.call.hang_up(self.step.reason)
