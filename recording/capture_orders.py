"""What the rules of capture want done. A driver performs these in order, against ports."""

from __future__ import annotations

from dataclasses import dataclass

from recording.recordings import AlarmKind, Mark, Recording


@dataclass(frozen=True, slots=True)
class Announce:
    """Play the notice to caller and agent; its end is told as `Course.announced`."""

    call_id: str
    language: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Put it on record, then let Asterisk record; told as `Course.started` or `not_started`."""

    recording: Recording
    again: bool = False  # it is on record; the order failed before


@dataclass(frozen=True, slots=True)
class Started:
    """Put on record that it runs. `late_ms`: talk that is missing before its beginning."""

    recording_id: str
    late_ms: int


@dataclass(frozen=True, slots=True)
class Anew:
    """Let Asterisk record on into files of their own; `began`: the recording's beginning (monotonic).

    What decodes for a leg's MixMonitors keeps to the packets of the first voice that it heard, and drops
    those of most others (seen on 22.10.1; asterisk issue 507). It is made anew once nothing records the leg.
    From `since` (monotonic: when the voice changed) until it is, audio may be missing: a GAP.
    """

    recording_id: str
    channel: str
    began: float
    since: float


@dataclass(frozen=True, slots=True)
class Hush:
    """Let Asterisk write silence on both sides, or sound again."""

    channel: str
    on: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Add marks to the record."""

    recording_id: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class End:
    """Let Asterisk stop if the leg lives (`alive`), and put the end on record."""

    recording_id: str
    channel: str
    expected_ms: int
    alive: bool
    cause: str = ""  # why it ended other than by the call's end, a word


@dataclass(frozen=True, slots=True)
class Lose:
    """Put on record that nothing was recorded."""

    recording: Recording
    cause: str


@dataclass(frozen=True, slots=True)
class Warn:
    """Raise an alarm."""

    kind: AlarmKind
    recording_id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Calm:
    """What was raised is over."""

    kind: AlarmKind
    recording_id: str


Order = Announce | Begin | Started | Anew | Hush | Note | End | Lose | Warn | Calm
