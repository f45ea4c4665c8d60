"""What the call driver tells whoever counts."""

from typing import Protocol

from domain.calls import EndReason


class CallObserver(Protocol):
    """Counts what happens to calls. Called often and on the event loop: return at once."""

    def call_started(self) -> None:
        """A call came in."""
        ...

    def call_ended(self, reason: EndReason, seconds: float) -> None:
        """A call ended after so many seconds (monotonic) under this process's control."""
        ...

    def prompt_played(self, name: str, language: str) -> None:
        """A prompt began."""
        ...

    def key_pressed(self) -> None:
        """A caller pressed a key."""
        ...

    def looked_up(self, name: str, answer: str, seconds: float) -> None:
        """A look-up was answered."""
        ...

    def queued(self, queue: str) -> None:
        """A call began to wait."""
        ...

    def recovered(self, calls: int) -> None:
        """Control of so many calls was regained after a restart or a lost connection."""
        ...

    def record_failed(self) -> None:
        """A row of the call record could not be written; the call went on."""
        ...

    def call_failed(self) -> None:
        """A call met an internal error and was ended with an apology or at once."""
        ...
