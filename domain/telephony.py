"""The port through which rules act on a caller's leg.

Commands are sent in order and not awaited: results come back as events (a playback ends, a leg is
gone). A verb on a leg that is gone does nothing.
"""

from collections.abc import Sequence
from typing import Protocol

NORMAL_CLEARING = 16  # Q.850


class CallControl(Protocol):
    """What can be done to a caller's leg."""

    def answer(self, channel: str) -> None:
        """Answer the leg."""
        ...

    def play(self, channel: str, playback: str, sounds: Sequence[str]) -> None:
        """Play sounds one after the other as one playback; its end is reported by its id.

        A sound is a name below Asterisk's sounds folder, without ending, e.g. `kring/id/welcome`.
        """
        ...

    def stop(self, playback: str) -> None:
        """Stop a playback; its end is still reported."""
        ...

    def hang_up(self, channel: str, cause: int = NORMAL_CLEARING) -> None:
        """Hang up the leg with a Q.850 cause."""
        ...

    async def is_playing(self, playback: str) -> bool:
        """Return whether a playback is still going on; False also when nobody can tell."""
        ...
