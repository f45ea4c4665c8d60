"""What the agent's page is answered, beside its state."""

from dataclasses import dataclass

from domain.accounts import AccountKind
from web.desk_state import OwnState
from web.desk_targets import TransferTarget


@dataclass(frozen=True, slots=True)
class PauseChoice:
    """A reason to pause."""

    reason: str
    label: str
    limit_seconds: float | None  # None: no limit


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """A phone of the agent's that can be reached."""

    account: str
    kind: AccountKind | None
    chosen: bool  # signed in with


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the page needs after it was loaded."""

    state: OwnState
    call_label: str  # what staff call the queue of the call; empty without a call
    pauses: tuple[PauseChoice, ...]
    reasons: dict[str, str]  # what every reason is called, those of the system too
    phones: tuple[PhoneChoice, ...]
    phone_tab: str  # the name of the page that has the phone; empty: none that is open


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a call may be sent."""

    targets: tuple[TransferTarget, ...]
