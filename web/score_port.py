"""What the routes of scores need from the rest of the service."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from domain.staff import StaffStore
from recording.persons import NobodyRestricted, RestrictedRecordings
from recording.ports import RecordingBook
from recording.quality.blind import BlindWork
from recording.quality.forms import QualityForms
from recording.quality.scores import Scores
from recording.recordings import Recording


@dataclass(frozen=True, slots=True)
class ScorePort:
    """Given to `add_score_routes`."""

    scores: Scores
    forms: QualityForms
    recordings: RecordingBook
    blind: BlindWork
    people: StaffStore
    record: Callable[[Recording, str], Awaitable[Mapping[str, str]]]
    """What is seen of an agent's (staff number) part in a call: `recording.quality.forms_suggest.SEEN`."""
    appeal_until: Callable[[datetime], date]
    """The last day on which a score of that time can be appealed."""
    safe_key: Callable[[str], str]
    """The key (base64) by which a session's pages seal what they could not send: `Interactions.safe_key`."""
    work: Path
    """A folder of ours, for workbooks while they are made."""
    restricted: RestrictedRecordings = field(default_factory=NobodyRestricted)
