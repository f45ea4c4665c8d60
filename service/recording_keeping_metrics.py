"""What the service counts of kept recordings. Labels are words: never a recording, never a person."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from recording.disk import Place
from recording.recordings import AlarmKind
from recording.states import State


class KeepingMetrics:
    """The metrics of alarms, states, room and destruction."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._raised = Counter(
            "kring_recording_alarms_total", "Alarms about recordings raised.", ["kind"], registry=registry
        )
        self._open = Gauge(
            "kring_recording_alarms_open", "Alarms about recordings now.", ["kind"], registry=registry
        )
        self._unwritten = Gauge(
            "kring_recording_alarms_unwritten", "Alarms that could not be written yet.", registry=registry
        )
        self._states = Gauge("kring_recordings", "Recordings by state.", ["state"], registry=registry)
        self._room = Gauge(
            "kring_recording_disk_free_ratio", "Room left of all, by place.", ["place"], registry=registry
        )
        self._destroyed = Counter(
            "kring_recordings_destroyed_total", "Recordings destroyed by the table.", registry=registry
        )
        self._due = Gauge(
            "kring_recordings_due", "Recordings whose time is over and that are still there.",
            registry=registry,
        )  # fmt: skip
        self._checked = Gauge(
            "kring_recording_check_timestamp_seconds",
            "When manifest, files and store were checked last.",
            registry=registry,
        )
        for kind in AlarmKind:
            self._raised.labels(kind.value)
            self._open.labels(kind.value)

    def raised(self, kind: AlarmKind) -> None:
        """An alarm is new."""
        self._raised.labels(kind.value).inc()

    def alarms(self, counts: Mapping[AlarmKind, int], unwritten: int) -> None:
        """So many of each kind are open."""
        for kind in AlarmKind:
            self._open.labels(kind.value).set(counts.get(kind, 0))
        self._unwritten.set(unwritten)

    def states(self, counts: Mapping[State, int], due: int) -> None:
        """So many recordings are in each state; `due`: are to be destroyed."""
        for state in State:
            self._states.labels(state.value).set(counts.get(state, 0))
        self._due.set(due)

    def room(self, places: Sequence[Place]) -> None:
        """So much room is left."""
        for place in places:
            for name in place.names:
                self._room.labels(name).set(round(place.space.percent / 100, 4))

    def destroyed(self, count: int) -> None:
        """So many were destroyed."""
        self._destroyed.inc(count)

    def checked(self, at: float) -> None:
        """Everything was checked at a time (seconds since 1970)."""
        self._checked.set(at)
