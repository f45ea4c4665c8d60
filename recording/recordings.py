"""A recording as data: whose call, how far it is, what was marked in it, what became of its bytes.

Nothing here is personal but agents' staff numbers and, by way of its id, the call. Offsets are whole
milliseconds from the beginning of the audio, both sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recording.states import State

RATE = 8000  # Hz: what the trunk carries
SIDES = ("caller", "agent")  # left and right of what is stored
LATE_GAP = "late "  # detail of a GAP at 0: so many milliseconds of talk are missing before the beginning
AWAY_GAP = "service_away "  # so many milliseconds have no marks, but their audio


class Mode(StrEnum):
    """How a queue or campaign is recorded."""

    ALWAYS = "always"
    SAMPLE = "sample"  # a share of the calls, chosen by the call's id
    ON_DEMAND = "on_demand"  # when the agent or a supervisor asks for it
    NEVER = "never"


class MarkKind(StrEnum):
    """What is marked in a recording. Each but NOTICE begins and ends."""

    NOTICE = "notice"  # the spoken notice was played to its end; detail: prompt and language
    TALK = "talk"  # an agent and the caller are together; detail: staff number
    HOLD = "hold"  # the caller hears music
    CONSULT = "consult"  # the caller hears music while the agent asks a colleague
    CONFERENCE = "conference"  # a third party is in the talk; detail: staff number
    WAITING = "waiting"  # between two agents: the call was transferred or broke off; detail: queue
    SILENCED = "silenced"  # both sides are silence; detail: why (`Silence`)
    GAP = "gap"  # audio that should be there is missing; detail: the cause


class Silence(StrEnum):
    """Why a part is silence."""

    PROOF = "proof"  # an answer that proves ownership (PORO)
    KEYS = "keys"  # digits are being keyed
    AGENT = "agent"  # the agent asked for it
    POLICY = "policy"  # the queue that the call was transferred to is not recorded


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a recording, or with `until_ms` None one that has not ended (at the end: with the audio)."""

    kind: MarkKind
    from_ms: int
    until_ms: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording's row. Times are aware, UTC; what is not known yet is None or empty."""

    recording_id: str  # 32 hex digits, random: names the plain files, the stored object and the page
    call_id: str
    number: int  # 1, 2, … within the call
    channel: str  # Asterisk's id of the caller's leg, which is recorded
    direction: str  # "in" or "out"
    queue: str  # of the first talk: a queue, or skill/tier
    campaign_id: str  # empty inbound
    agent: str  # staff number of the first agent
    language: str
    mode: Mode
    state: State
    planned_at: datetime
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    expected_ms: int = 0  # from start to stop on the monotonic clock; an estimate after a restart
    audio_ms: int = 0  # found in the files
    lost_ms: int = 0  # missing beyond what a crash explains is an alarm too
    cause: str = ""  # why it is LOST, or why something is missing: a word
    digest: str = ""  # SHA-256 of the two-channel 16-bit audio that was coded, hex
    object_key: str = ""  # in the sound store
    object_bytes: int = 0
    coding: str = ""  # "flac" or "opus"
    key_version: int = 0
    wrapped_key: bytes = b""  # the recording's own key, under the master key of that version
    sealed_at: datetime | None = None
    keep_until: datetime | None = None  # by the retention table; None: not sealed yet
    destroyed_at: datetime | None = None

    @property
    def audible(self) -> bool:
        """Whether there is something to listen to."""
        return self.state in (State.SEALED, State.HELD)


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured in the sound: milliseconds, and for `peaks` 8-bit levels per 100 ms and side."""

    caller_ms: int  # the caller speaks
    agent_ms: int
    silence_ms: int  # neither
    overlap_ms: int  # both
    longest_silence_ms: int
    turns: int  # how often the speaker changed
    interruptions: int  # how often one began while the other spoke on
    agent_pace: float  # syllables a second of the agent's speech, by peaks of energy; an estimate
    caller_pace: float


class AlarmKind(StrEnum):
    """What supervisors and administrators are told about recordings."""

    NOT_STARTED = "not_started"  # expected, and not started within 2 s
    TOO_SHORT = "too_short"  # less audio than talk
    LOST = "lost"
    DISK = "disk"  # 15, 8, 3 % left; detail: the level
    KEYS = "keys"  # the key file is missing or a version of it
    STORE = "store"  # the store or the folder cannot be used
    UNSEALED = "unsealed"  # plain audio is older than it may be
    STRAY_FILE = "stray_file"  # a file without a row
    MISSING_OBJECT = "missing_object"  # a row without its object
    TAMPERED = "tampered"  # an object or the manifest was changed; detail: where
    NOTICE = "notice"  # the notice could not be played
    PERSON_REQUEST = "person_request"  # the clock of a person's request ends soon, or is over


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something about recordings that a person has to know. One of a kind and subject is open at a time."""

    alarm_id: int
    kind: AlarmKind
    recording_id: str  # or empty
    detail: str  # a word, never personal
    raised_at: datetime
    cleared_at: datetime | None = None
    seen_by: str = ""  # staff_id of who took note of it
