"""The port through which rules act on agents' legs, bridges and callers on hold.

Commands are sent in order and not awaited; what comes of them is told as events. A verb on a leg or
bridge that is gone does nothing. Every id is chosen by this system before the thing exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.telephony import NORMAL_CLEARING


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """A leg as Asterisk shows it after a (re)connect."""

    leg: str
    args: tuple[str, ...]  # the application's arguments, as given to `ring`
    up: bool  # answered
    bridge: str | None  # the bridge it is in


class LegControl(Protocol):
    """What can be done to legs and bridges."""

    def ring(
        self, leg: str, account: str, args: Sequence[str], seconds: float, *, quick: bool = False
    ) -> None:
        """Call a phone by its SIP account, for so many seconds; `leg` becomes the channel's id.

        `args` stay with the leg as long as it lives (no personal data) and come back with `leg_up` and
        after a restart. `quick` asks the phone to answer by itself. The outcome is told as `leg_up` or
        `leg_gone`.
        """
        ...

    def hang_up(self, leg: str, cause: int = NORMAL_CLEARING) -> None:
        """Hang up a leg with a Q.850 cause."""
        ...

    def open_bridge(self, bridge: str) -> None:
        """Make a mixing bridge; one that exists stays as it is."""
        ...

    def join(self, bridge: str, leg: str) -> None:
        """Put an answered leg into a bridge; it leaves the one it was in."""
        ...

    def part(self, bridge: str, leg: str) -> None:
        """Take a leg out of a bridge; it stays with the application."""
        ...

    def close_bridge(self, bridge: str) -> None:
        """End a bridge; legs inside stay with the application."""
        ...

    def start_music(self, leg: str, announced: str = "") -> None:
        """Play music on hold to a leg; with a language (`id`, `en`) after a word that they are connected."""
        ...

    def stop_music(self, leg: str) -> None:
        """Stop it."""
        ...

    def play(self, leg: str, playback: str, sounds: Sequence[str]) -> None:
        """Play sounds to a leg (names as in `domain.telephony.CallControl.play`)."""
        ...

    def snoop(self, leg: str, target: str, *, whisper: bool) -> None:
        """Make a leg that hears `target` both ways; with `whisper` only `target` hears what it says."""
        ...
