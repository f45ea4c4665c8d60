"""What a call driver stands on, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.call_log import CallLog
from domain.clock import Clock
from domain.telephony import CallControl
from domain.waiting_room import WaitingRoom
from ivr.callbacks import Bookings
from ivr.look_ups import LookUps
from ivr.observer import CallObserver
from ivr.outbound import DialedCalls, Unheard


class Sounds(Protocol):
    """Where phrases become sounds (`prompts.library.Library`)."""

    def sounds(self, name: str, language: str, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return Asterisk sound names; raises PromptError."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside the rules that a call needs."""

    control: CallControl
    log: CallLog
    look_ups: LookUps
    room: WaitingRoom
    sounds: Sounds
    clock: Clock
    observer: CallObserver
    bookings: Bookings | None = None  # None: callers are not called back
    dialed: DialedCalls = field(default_factory=Unheard)
