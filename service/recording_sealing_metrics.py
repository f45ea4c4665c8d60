"""What the service counts of sealing. Labels are outcomes and words of alarms."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from service.recording_jobs import Did, Failed


class SealingMetrics:
    """The metrics of sealing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ends = Counter(
            "kring_recordings_ended_total", "Recordings sealed or lost.", ["outcome"], registry=registry
        )
        self._audio = Counter("kring_recordings_sealed_seconds_total", "Audio sealed.", registry=registry)
        self._cpu = Counter("kring_sealing_cpu_seconds_total", "CPU time of sealing.", registry=registry)
        self._failures = Counter(
            "kring_sealing_failures_total", "Tries to seal that failed.", ["what"], registry=registry
        )
        self._restarts = Counter(
            "kring_sealing_restarts_total", "Times the sealing process was started again.", registry=registry
        )
        self._waiting = Gauge(
            "kring_recordings_waiting", "Recordings that wait to be sealed.", registry=registry
        )
        self._oldest = Gauge(
            "kring_plain_audio_oldest_seconds", "Age of the oldest plain audio of a stopped recording.",
            registry=registry,
        )  # fmt: skip

    def did(self, told: Did) -> None:
        """A recording came to its end."""
        self._ends.labels(told.outcome).inc()
        self._audio.inc(told.audio_ms / 1000)
        self._cpu.inc(told.cpu_seconds)

    def failed(self, told: Failed) -> None:
        """A try failed."""
        self._failures.labels(told.what).inc()

    def restarted(self) -> None:
        """The process ended by itself and was started again."""
        self._restarts.inc()

    def waiting(self, count: int, oldest: float) -> None:
        """So many recordings wait; the oldest plain audio of a stopped one is `oldest` seconds old."""
        self._waiting.set(count)
        self._oldest.set(oldest)
